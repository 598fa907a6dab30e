//! The cases as scripts: each ask is an `XMLHttpRequest`, or a `fetch()` where only that can ask so.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use crossing::browser::{
    BodyAccess, Client, CredentialsMode, ForcedPreflight, Mode, RedirectMode, Response, ResponseType,
};
use crossing::{HeaderList, HeaderName, Value};
use crossing_agent::{Agent, VirtualClock};
use crossing_js::{Conversation, ConversationEnd, Error, Runtime};
use serde::Deserialize;
use serde_json::json;

use super::case::{Ask, Case};
use crate::asking::{BodyRead, End, Told};

/// Asks with `XMLHttpRequest`, and tells what it sees.
const XHR: &str = "
    const xhr = new XMLHttpRequest();
    xhr.open(ask.method, ask.url);
    xhr.withCredentials = ask.credentials === 'include';
    for (const [name, value] of ask.headers) xhr.setRequestHeader(name, value);
    if (ask.upload) xhr.upload.onprogress = () => {};
    xhr.onerror = () => tell(null);
    xhr.onload = () => {
        const lines = xhr.getAllResponseHeaders().split('\\r\\n').slice(0, -1);
        const headers = lines.map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]);
        tell({ status: xhr.status, headers, body: xhr.responseText });
    };
    xhr.send(ask.body);";

/// The same with `fetch()`.
const FETCH: &str = "
    fetch(ask.url, ask).then(
        async (response) => tell({ status: response.status, headers: [...response.headers], body: await response.text() }),
        () => tell(null));";

/// What a script tells that it sees; nothing of an error.
#[derive(Deserialize)]
struct Sight {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Why a case cannot be played as a script.
#[derive(Debug)]
pub(super) enum Silence {
    Script(Error),
    /// The script has told nothing, or not once.
    Untold,
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Silence::Script(error) => error.fmt(f),
            Silence::Untold => f.write_str("the script has told nothing"),
        }
    }
}

impl From<Error> for Silence {
    fn from(error: Error) -> Silence {
        Silence::Script(error)
    }
}

/// Plays a case, and blocks meanwhile.
pub(super) fn play(
    case: &Case,
    agent: Agent,
    client: Client,
    clock: &VirtualClock,
) -> Result<Vec<Told>, Silence> {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let conversations = Rc::new(RefCell::new(Vec::new()));
    let (said, held) = (lines.clone(), conversations.clone());
    let mut runtime = Runtime::builder()
        .agent(agent)
        .client(client)
        .on_console(move |_, line| said.borrow_mut().push(line.to_owned()))
        .on_conversation(move |conversation| held.borrow_mut().push(conversation))
        .build()?;
    let mut told = Vec::with_capacity(case.asks.len());
    for ask in case.asks {
        clock.advance(Duration::from_secs(ask.after));
        runtime.run_script(case.id, &script(ask))?;
        runtime.run_until_idle()?;
        let (Some(line), Some(conversation)) = (lines.borrow_mut().pop(), conversations.borrow_mut().pop())
        else {
            return Err(Silence::Untold);
        };
        let sight = serde_json::from_str(&line).map_err(|_| Silence::Untold)?;
        told.push(tell(sight, conversation));
    }
    Ok(told)
}

fn script(ask: &Ask) -> String {
    let asked = json!({
        "url": format!("{}/hello", ask.to),
        "method": ask.method,
        "headers": ask.headers,
        "body": ask.body,
        "upload": ask.preflight == ForcedPreflight::Yes,
        "mode": match ask.mode { Mode::Cors => "cors", Mode::NoCors => "no-cors", Mode::SameOrigin => "same-origin" },
        "credentials": match ask.credentials {
            CredentialsMode::Omit => "omit",
            CredentialsMode::SameOrigin => "same-origin",
            CredentialsMode::Include => "include",
        },
        "redirect": match ask.redirect {
            RedirectMode::Follow => "follow",
            RedirectMode::Error => "error",
            RedirectMode::Manual => "manual",
        },
    });
    let plain = ask.mode == Mode::Cors
        && ask.redirect == RedirectMode::Follow
        && ask.credentials != CredentialsMode::Omit;
    let how = if plain { XHR } else { FETCH };
    format!("{{ const ask = {asked}; const tell = (seen) => console.log(JSON.stringify(seen)); {how} }}")
}

/// What the script has seen; of the conversation only what no script is told.
fn tell(sight: Option<Sight>, conversation: Conversation) -> Told {
    let end = match (sight, conversation.end) {
        (None, ConversationEnd::Failed(error)) => End::Failed(error),
        (None, ConversationEnd::Responded { .. }) => {
            seen(Sight { status: 0, headers: Vec::new(), body: String::new() }, None)
        }
        (Some(sight), ConversationEnd::Responded { kind, .. }) => seen(sight, Some(kind)),
        (Some(sight), ConversationEnd::Failed(_)) => seen(sight, None),
    };
    Told { trace: conversation.trace, exchanges: conversation.exchanges, end, assumed: Vec::new() }
}

/// A response of this type; where script and conversation contradict each other, of one that no case promises.
fn seen(sight: Sight, kind: Option<ResponseType>) -> End {
    let mut headers = HeaderList::new();
    for (name, value) in &sight.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), Value::new(value)) {
            headers.append(name, value);
        }
    }
    let response = Response {
        kind: kind.unwrap_or(ResponseType::Opaque),
        status: if kind.is_some() { sight.status } else { 999 },
        status_text: Vec::new(),
        headers,
        url_list: Vec::new(),
        body: BodyAccess::Readable,
        timing_allowed: false,
    };
    let body = sight.body.into_bytes();
    End::Response(response, BodyRead { bytes: body.len() as u64, start: body })
}
