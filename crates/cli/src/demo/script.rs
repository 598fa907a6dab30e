//! The cases once more, as a script has them: `XMLHttpRequest`, and `fetch` for what it cannot say.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crossing::browser::{
    BodyAccess, Client, CredentialsMode, Event, ForcedPreflight, Mode, RedirectMode, Response, ResponseType,
    Tainting,
};
use crossing::{HeaderList, HeaderName, Value};
use crossing_agent::{Agent, VirtualClock};
use crossing_js::{Conversation, Runtime};
use serde::Deserialize;

use super::case::{Ask, Case};
use crate::asking::{BodyRead, End, Told};

/// What the script saw.
#[derive(Deserialize)]
struct Saw {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Runs one script for each thing that the case asks, in one page.
pub(super) fn play(
    case: &Case,
    agent: Agent,
    client: Client,
    clock: &VirtualClock,
) -> Result<Vec<Told>, String> {
    let seen: Rc<RefCell<Vec<Conversation>>> = Rc::default();
    let watch = seen.clone();
    let address = client.url.as_ref().map_or("about:blank".to_owned(), ToString::to_string);
    let mut runtime = Runtime::builder(&address)
        .client(client)
        .agent(agent)
        .on_conversation(move |conversation| watch.borrow_mut().push(conversation.clone()))
        .build()
        .map_err(|error| error.to_string())?;
    let mut told = Vec::with_capacity(case.asks.len());
    for ask in case.asks {
        clock.advance(Duration::from_secs(ask.after));
        runtime.run_named(case.id, &source(ask)).map_err(|error| error.to_string())?;
        let saw = runtime.evaluate("JSON.stringify(self.saw)").map_err(|error| error.to_string())?;
        let saw: Option<Saw> = serde_json::from_str(&saw).map_err(|error| format!("{error}: {saw}"))?;
        let conversation = seen.borrow_mut().pop().ok_or("the script asked for nothing")?;
        told.push(tell(conversation, saw)?);
    }
    Ok(told)
}

/// The script. What it saw it leaves in `saw`: null for an error.
pub(super) fn source(ask: &Ask) -> String {
    let url = js(&format!("{}/hello", ask.to));
    let body = ask.body.map_or("null".to_owned(), js);
    let is_xhr = ask.mode == Mode::Cors && ask.redirect == RedirectMode::Follow;
    if !is_xhr {
        let mode = match ask.mode {
            Mode::NoCors => "no-cors",
            Mode::SameOrigin => "same-origin",
            Mode::Cors => "cors",
        };
        let redirect = match ask.redirect {
            RedirectMode::Error => "error",
            RedirectMode::Manual => "manual",
            RedirectMode::Follow => "follow",
        };
        return format!(
            "fetch({url}, {{ method: {}, mode: {}, redirect: {} }})\n  \
             .then(async (r) => {{ self.saw = {{ status: r.status, headers: [...r.headers], body: await r.text() }}; }})\n  \
             .catch(() => {{ self.saw = null; }});\n",
            js(ask.method),
            js(mode),
            js(redirect)
        );
    }
    let mut script = format!("var xhr = new XMLHttpRequest();\nxhr.open({}, {url});\n", js(ask.method));
    if ask.credentials == CredentialsMode::Include {
        script.push_str("xhr.withCredentials = true;\n");
    }
    for (name, value) in ask.headers {
        script.push_str(&format!("xhr.setRequestHeader({}, {});\n", js(name), js(value)));
    }
    if ask.preflight == ForcedPreflight::Yes {
        script.push_str("xhr.upload.onprogress = () => {};\n");
    }
    script.push_str(
        "xhr.onload = () => {\n  const lines = xhr.getAllResponseHeaders().split('\\r\\n').filter(Boolean);\n  \
         const headers = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]);\n  \
         self.saw = { status: xhr.status, headers, body: xhr.responseText };\n};\n\
         xhr.onerror = () => { self.saw = null; };\n",
    );
    script.push_str(&format!("xhr.send({body});\n"));
    script
}

/// A string of the script's.
fn js(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What went over the wire, and what the script saw of it.
fn tell(conversation: Conversation, saw: Option<Saw>) -> Result<Told, String> {
    let kind = response_type(&conversation.trace);
    let end = match (saw, conversation.error) {
        (None, Some(error)) => End::Failed(error),
        (None, None) => return Err("the script saw an error where the browser saw none".to_owned()),
        (Some(_), Some(_)) => return Err("the script saw a response where the browser gave none".to_owned()),
        (Some(saw), None) => {
            let mut headers = HeaderList::new();
            for (name, value) in &saw.headers {
                let name = HeaderName::try_from(name.as_str()).map_err(|error| error.to_string())?;
                headers.append(name, Value::new(value).map_err(|error| error.to_string())?);
            }
            let response = Response {
                kind: if saw.status == 0 && kind == ResponseType::Cors {
                    ResponseType::OpaqueRedirect
                } else {
                    kind
                },
                status: saw.status,
                status_text: Vec::new(),
                headers,
                url_list: Vec::new(),
                body: BodyAccess::Readable,
                timing_allowed: false,
            };
            let bytes = saw.body.into_bytes();
            End::Response(response, BodyRead { bytes: bytes.len() as u64, start: bytes })
        }
    };
    Ok(Told { trace: conversation.trace, exchanges: conversation.exchanges, end })
}

/// The response's type, which `XMLHttpRequest` does not show: from how the browser saw the last hop.
fn response_type(trace: &[Event]) -> ResponseType {
    let last = trace.iter().rev().find_map(|event| match event {
        Event::Hop { tainting, .. } => Some(*tainting),
        _ => None,
    });
    match last {
        Some(Tainting::Cors) => ResponseType::Cors,
        Some(Tainting::Opaque) => ResponseType::Opaque,
        _ => ResponseType::Basic,
    }
}
