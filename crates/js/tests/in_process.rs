//! Scripts against an application in this process: what front-end code sees, and what it does not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use bytes::Bytes;
use crossing_agent::{Agent, RequestBody};
use crossing_js::{Conversation, Runtime};
use http::{HeaderMap, Method, Request, Response, StatusCode};

const PAGE: &str = "https://app.example/start";

/// Shares `/shared` with everybody, `/private` with the page and its cookies, and nothing else.
async fn api(request: Request<RequestBody>) -> Result<Response<http_body::Full>, Infallible> {
    let origin = request.headers().get("origin").cloned();
    let mut response = Response::new(http_body::Full::from(Bytes::from_static(b"{\"hello\":\"world\"}")));
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("x-hidden", "1".parse().unwrap());
    headers.insert("x-shown", "2".parse().unwrap());
    match (request.uri().path(), origin) {
        ("/shared", _) => {
            headers.insert("access-control-allow-origin", "*".parse().unwrap());
            headers.insert("access-control-expose-headers", "x-shown".parse().unwrap());
        }
        ("/private", Some(origin)) => {
            headers.insert("access-control-allow-origin", origin);
            headers.insert("access-control-allow-credentials", "true".parse().unwrap());
            headers.insert("access-control-allow-methods", "PUT".parse().unwrap());
            headers.insert("set-cookie", "sid=1; Secure; SameSite=None".parse().unwrap());
        }
        _ => {}
    }
    if request.method() == Method::OPTIONS {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    Ok(response)
}

/// A body that is there as a whole.
mod http_body {
    pub(super) type Full = http_body_util::Full<bytes::Bytes>;
}

/// Runs the script; gives the value of `self.result`, and what went over the wire.
fn play(source: &str) -> (String, Vec<String>) {
    let agent = Agent::in_process().host("api.example", tower::service_fn(api)).build().unwrap();
    let wire: Rc<RefCell<Vec<String>>> = Rc::default();
    let heard = wire.clone();
    let mut runtime = Runtime::builder(PAGE)
        .agent(agent)
        .on_conversation(move |conversation: &Conversation| {
            for exchange in &conversation.exchanges {
                let line = format!("{} {}", exchange.request.method, exchange.request.url.path());
                heard.borrow_mut().push(line);
            }
        })
        .build()
        .unwrap();
    runtime.run(source).unwrap();
    let result = runtime.evaluate("JSON.stringify(self.result)").unwrap();
    drop(runtime);
    (result, wire.take())
}

#[test]
fn fetch_sees_what_was_shared_and_no_more() {
    let (result, wire) = play(
        "fetch('https://api.example/shared').then(async (r) => {
           self.result = [r.type, r.status, r.headers.get('x-shown'), r.headers.get('x-hidden'), await r.json()];
         });",
    );
    assert_eq!(result, r#"["cors",200,"2",null,{"hello":"world"}]"#);
    assert_eq!(wire, ["GET /shared"]);
}

#[test]
fn with_credentials_decides_who_may_answer_a_star() {
    for (with, expected) in [("false", r#"["load",200]"#), ("true", r#"["error",0]"#)] {
        let (result, _) = play(&format!(
            "var xhr = new XMLHttpRequest();
             xhr.withCredentials = {with};
             xhr.open('GET', 'https://api.example/shared');
             xhr.onload = xhr.onerror = (event) => {{ self.result = [event.type, xhr.status]; }};
             xhr.send();"
        ));
        assert_eq!(result, expected);
    }
}

#[test]
fn an_upload_listener_brings_a_preflight() {
    let script = |listener: &str| {
        format!(
            "var xhr = new XMLHttpRequest();
             xhr.open('POST', 'https://api.example/private');
             {listener}
             xhr.onloadend = () => {{ self.result = xhr.status; }};
             xhr.send('body');"
        )
    };
    assert_eq!(play(&script("")).1, ["POST /private"]);
    assert_eq!(play(&script("xhr.upload.onload = () => {};")).1, ["OPTIONS /private", "POST /private"]);
}

#[test]
fn events_come_in_order_and_state_is_what_they_say() {
    let (result, _) = play(
        "const log = [];
         var xhr = new XMLHttpRequest();
         xhr.onreadystatechange = () => log.push(xhr.readyState);
         for (const type of ['loadstart', 'progress', 'load', 'loadend']) xhr.addEventListener(type, () => log.push(type));
         xhr.upload.addEventListener('loadend', () => log.push('upload'));
         xhr.open('PUT', 'https://api.example/private');
         xhr.send('x');
         self.result = log;",
    );
    assert_eq!(result, r#"[1,"loadstart","upload",2,3,"progress","progress",4,"load","loadend"]"#);
}

#[test]
fn a_synchronous_request_blocks_and_then_throws_or_answers() {
    let (result, _) = play(
        "const ask = (path) => { const xhr = new XMLHttpRequest(); xhr.open('GET', `https://api.example/${path}`, false); xhr.send(); return xhr; };
         let thrown;
         try { ask('closed'); } catch (error) { thrown = [error.name, error instanceof DOMException]; }
         const xhr = ask('shared');
         self.result = [thrown, xhr.readyState, xhr.getResponseHeader('x-shown'), xhr.getAllResponseHeaders()];",
    );
    assert_eq!(result, r#"[["NetworkError",true],4,"2","content-type: application/json\r\nx-shown: 2\r\n"]"#);
}

#[test]
fn an_aborted_fetch_rejects_with_the_reason() {
    let (result, wire) = play(
        "const controller = new AbortController();
         const first = fetch('https://api.example/shared', { signal: controller.signal });
         controller.abort('enough');
         const late = fetch('https://api.example/shared', { signal: AbortSignal.abort() });
         Promise.allSettled([first, late]).then(([a, b]) => { self.result = [a.reason, b.reason.name]; });",
    );
    assert_eq!(result, r#"["enough","AbortError"]"#);
    assert!(wire.len() <= 1, "{wire:?}");
}

#[test]
fn what_a_script_cannot_ask_for_is_a_type_error() {
    let (result, wire) = play(
        "const tries = [
           () => fetch('https://u:p@api.example/'),
           () => fetch('https://api.example/', { method: 'TRACE' }),
           () => fetch('https://api.example/', { method: 'PUT', mode: 'no-cors' }),
           () => fetch('https://api.example/', { body: 'x' }),
           () => fetch('https://api.example/', { headers: { 'a b': 'c' } }),
           () => fetch('https://api.example/', { mode: 'navigate' }),
           () => fetch('not a url:'.repeat(0) + 'http://'),
           () => fetch(),
         ];
         Promise.allSettled(tries.map((one) => one())).then((all) => { self.result = all.map((one) => one.reason?.constructor.name); });",
    );
    assert_eq!(result, format!("[{}]", [r#""TypeError""#; 8].join(",")));
    assert!(wire.is_empty());
}

#[test]
fn forbidden_headers_are_left_to_the_browser() {
    let (result, _) = play(
        "const xhr = new XMLHttpRequest();
         xhr.open('GET', 'https://api.example/shared');
         for (const name of ['Origin', 'Cookie', 'Host', 'Sec-Fetch-Mode', 'Proxy-X', 'Access-Control-Request-Method']) xhr.setRequestHeader(name, 'x');
         const headers = new Request('https://api.example/', { headers: { Origin: 'x', Cookie: 'y', 'X-Mine': 'z' } }).headers;
         self.result = [...headers];",
    );
    assert_eq!(result, r#"[["x-mine","z"]]"#);
}

#[test]
fn bodies_are_read_once_and_cloned_before() {
    let (result, _) = play(
        "fetch('https://api.example/shared').then(async (r) => {
           const copy = r.clone();
           const text = await r.text();
           const again = await r.text().catch((error) => error.constructor.name);
           const reader = copy.body.getReader();
           const { value, done } = await reader.read();
           self.result = [text.length, again, r.bodyUsed, value.length, done, (await reader.read()).done];
         });",
    );
    assert_eq!(result, r#"[17,"TypeError",true,17,false,true]"#);
}
