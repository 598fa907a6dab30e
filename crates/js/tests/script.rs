//! Scripts over an application in this process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use axum::Router;
use axum::http::{HeaderMap, Method};
use axum::routing::{any, get};
use crossing_agent::Agent;
use crossing_js::{Error, Limits, Runtime};

fn app() -> Router {
    let shared = [("access-control-allow-origin", "*")];
    Router::new()
        .route("/shared", get(move || async move { (shared, "for everybody") }))
        .route("/bare", get(|| async { "for its own pages" }))
        .route(
            "/echo",
            any(move |method: Method, headers: HeaderMap, body: String| async move {
                let kind = headers
                    .get("content-type")
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or("-")
                    .to_owned();
                let grants = [("access-control-allow-origin", "*"), ("access-control-allow-headers", "*")];
                (grants, format!("{method} {kind} {body}"))
            }),
        )
}

fn runtime_within(limits: Limits) -> Runtime {
    let agent = Agent::in_process().host("api.test", app()).build().unwrap();
    let origin = "https://app.test".parse().unwrap();
    Runtime::builder().origin(origin).agent(agent).limits(limits).build().unwrap()
}

/// Runs a script to its end, and gives what it has put into `seen`.
fn seen(script: &str) -> String {
    let mut runtime = runtime_within(Limits::default());
    runtime.run_script("test.js", "var seen = [];").unwrap();
    runtime.run_script("test.js", script).unwrap();
    runtime.run_until_idle().unwrap();
    runtime.eval("seen.join(' ')").unwrap().trim_matches('\'').to_owned()
}

#[test]
fn an_xhr_of_another_origin_is_readable_where_it_is_shared() {
    let script = "
        for (const path of ['shared', 'bare']) {
            const xhr = new XMLHttpRequest();
            xhr.open('GET', 'https://api.test/' + path);
            xhr.onloadend = () => seen.push(path, xhr.status, xhr.responseText);
            xhr.send();
        }";
    let seen = seen(script);
    assert!(seen.contains("shared 200 for everybody"), "{seen}");
    assert!(seen.contains("bare 0 "), "{seen}");
}

#[test]
fn a_synchronous_xhr_blocks_and_throws() {
    let script = "
        const xhr = new XMLHttpRequest();
        xhr.open('POST', 'https://api.test/echo', false);
        xhr.send('ja');
        seen.push(xhr.responseText);
        xhr.open('GET', 'https://api.test/bare', false);
        try { xhr.send(); } catch (error) { seen.push(error.name, error.code, error instanceof DOMException); }";
    assert_eq!(seen(script), "POST text/plain;charset=UTF-8 ja NetworkError 19 true");
}

#[test]
fn timers_microtasks_and_news_come_in_their_order() {
    let script = "
        setTimeout(() => seen.push('timer 2'), 2);
        setTimeout(() => { seen.push('timer 0'); queueMicrotask(() => seen.push('its microtask')); }, 0);
        setTimeout(() => seen.push('timer 0b'), 0);
        Promise.resolve().then(() => seen.push('microtask'));
        seen.push('script');";
    assert_eq!(seen(script), "script microtask timer 0 its microtask timer 0b timer 2");
}

#[test]
fn what_nobody_catches_is_told() {
    for (script, said) in [
        ("throw new TypeError('no')", "TypeError: no"),
        ("Promise.reject(new Error('never'))", "(in promise) Error: never"),
        ("setTimeout(() => { throw 1 })", "1"),
        ("(", "SyntaxError"),
    ] {
        let mut runtime = runtime_within(Limits::default());
        runtime.run_script("test.js", script).unwrap();
        match runtime.run_until_idle() {
            Err(Error::Uncaught(error)) => assert!(error.text.starts_with(said), "{script}: {error}"),
            other => panic!("{script}: {other:?}"),
        }
    }
}

#[test]
fn fetch_is_readable_where_it_is_shared_and_rejects_elsewhere() {
    let script = "
        (async () => {
            const shared = await fetch('https://api.test/shared');
            seen.push(shared.type, shared.status, await shared.text(), shared.bodyUsed);
            await fetch('https://api.test/bare').catch((error) => seen.push(error.name));
            const opaque = await fetch('https://api.test/bare', { mode: 'no-cors' });
            seen.push(opaque.type, opaque.status, (await opaque.text()).length);
        })()";
    assert_eq!(seen(script), "cors 200 for everybody true TypeError opaque 0 0");
}

#[test]
fn each_kind_of_body_brings_its_type() {
    let script = "
        (async () => {
            const bodies = ['a', new URLSearchParams('b=1'), new Blob(['c'], { type: 'text/x-c' }), new Uint8Array([100])];
            for (const body of bodies) {
                seen.push(await (await fetch('https://api.test/echo', { method: 'POST', body })).text() + ';');
            }
            const form = new FormData();
            form.append('e', 'f');
            const echoed = await (await fetch('https://api.test/echo', { method: 'POST', body: form })).text();
            seen.push(/multipart.form-data; boundary=(\\S+) --\\1/.test(echoed));
        })()";
    assert_eq!(
        seen(script),
        "POST text/plain;charset=UTF-8 a; POST application/x-www-form-urlencoded;charset=UTF-8 b=1; \
         POST text/x-c c; POST - d; true"
    );
}
