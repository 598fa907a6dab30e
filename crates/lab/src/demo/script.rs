//! The cases as scripts: each request is an `XMLHttpRequest`, or a `fetch()` where only `fetch()` can make it.

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

use super::case::{Case, CaseRequest};
use crossing_tools::conversation::{BodyRead, End, FetchRecord};

/// Makes the request with `XMLHttpRequest`, and reports the result.
const XHR: &str = "
    const xhr = new XMLHttpRequest();
    xhr.open(request.method, request.url);
    xhr.withCredentials = request.credentials === 'include';
    for (const [name, value] of request.headers) xhr.setRequestHeader(name, value);
    if (request.upload) xhr.upload.onprogress = () => {};
    xhr.onerror = () => report(null);
    xhr.onload = () => {
        const lines = xhr.getAllResponseHeaders().split('\\r\\n').slice(0, -1);
        const headers = lines.map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]);
        report({ status: xhr.status, headers, body: xhr.responseText });
    };
    xhr.send(request.body);";

/// Makes the request with `fetch()`, and reports the result.
const FETCH: &str = "
    fetch(request.url, request).then(
        async (response) => report({ status: response.status, headers: [...response.headers], body: await response.text() }),
        () => report(null));";

/// What a script reports; `null` stands for an error.
#[derive(Deserialize)]
struct ScriptResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Why a case cannot run as a script.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScriptError {
    /// The runtime failed.
    Script(Error),
    /// The script reported nothing that can be read.
    NoReport,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScriptError::Script(error) => error.fmt(f),
            ScriptError::NoReport => f.write_str("the script has told nothing"),
        }
    }
}

impl From<Error> for ScriptError {
    fn from(error: Error) -> ScriptError {
        ScriptError::Script(error)
    }
}

/// Runs a case, and blocks until it ends.
pub(super) fn run(
    case: &Case,
    agent: Agent,
    client: Client,
    clock: &VirtualClock,
) -> Result<Vec<FetchRecord>, ScriptError> {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let conversations = Rc::new(RefCell::new(Vec::new()));
    let (console, ended) = (lines.clone(), conversations.clone());
    let mut runtime = Runtime::builder()
        .agent(agent)
        .client(client)
        .on_console(move |_, line| console.borrow_mut().push(line.to_owned()))
        .on_conversation(move |conversation| ended.borrow_mut().push(conversation))
        .build()?;
    let mut records = Vec::with_capacity(case.requests.len());
    for request in case.requests {
        clock.advance(Duration::from_secs(request.after));
        runtime.run_script(case.id, &source(request))?;
        runtime.run_until_idle()?;
        let (Some(line), Some(conversation)) = (lines.borrow_mut().pop(), conversations.borrow_mut().pop())
        else {
            return Err(ScriptError::NoReport);
        };
        let response = serde_json::from_str(&line).map_err(|_| ScriptError::NoReport)?;
        records.push(record(response, conversation));
    }
    Ok(records)
}

fn source(request: &CaseRequest) -> String {
    let options = json!({
        "url": format!("{}/hello", request.to),
        "method": request.method,
        "headers": request.headers,
        "body": request.body,
        "upload": request.preflight == ForcedPreflight::Yes,
        "mode": request.mode.as_str(),
        "credentials": request.credentials.as_str(),
        "redirect": request.redirect.as_str(),
    });
    let is_possible_with_xhr = request.mode == Mode::Cors
        && request.redirect == RedirectMode::Follow
        && request.credentials != CredentialsMode::Omit;
    let code = if is_possible_with_xhr { XHR } else { FETCH };
    format!(
        "{{ const request = {options}; const report = (response) => console.log(JSON.stringify(response)); {code} }}"
    )
}

/// What the script reported, completed by what only the conversation shows.
fn record(response: Option<ScriptResponse>, conversation: Conversation) -> FetchRecord {
    let end = match (response, conversation.end) {
        (None, ConversationEnd::Failed(error)) => End::Failed(error),
        (None, ConversationEnd::Responded { .. }) => {
            response_end(ScriptResponse { status: 0, headers: Vec::new(), body: String::new() }, None)
        }
        (Some(response), ConversationEnd::Responded { kind, .. }) => response_end(response, Some(kind)),
        (Some(response), ConversationEnd::Failed(_)) => response_end(response, None),
    };
    FetchRecord { trace: conversation.trace, exchanges: conversation.exchanges, end, assumed: Vec::new() }
}

/// A response of this type. If script and conversation contradict each other, its status is one that no case expects.
fn response_end(reported: ScriptResponse, kind: Option<ResponseType>) -> End {
    let mut headers = HeaderList::new();
    for (name, value) in &reported.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), Value::new(value)) {
            headers.append(name, value);
        }
    }
    let response = Response {
        kind: kind.unwrap_or(ResponseType::Opaque),
        status: if kind.is_some() { reported.status } else { 999 },
        status_text: Vec::new(),
        headers,
        url_list: Vec::new(),
        body: BodyAccess::Readable,
        timing_allowed: false,
    };
    let body = reported.body.into_bytes();
    End::Response(response, BodyRead { bytes: body.len() as u64, start: body })
}
