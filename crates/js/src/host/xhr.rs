//! `XMLHttpRequest` by number: each function is one of the core's state machine, and [`poll`] does what it asks for.

use std::time::{Duration, Instant};

use bytes::Bytes;
use crossing::browser::Request;
use crossing::browser::xhr::{
    Action, Event, Open, Outcome, ResponseType, State, Target, Timing, UploadListeners, Xhr, XhrBody,
    XhrBodyKind, XhrError,
};
use crossing::headers::Value;
use rquickjs::{Array, ArrayBuffer, Ctx, Object, Result};

use super::{Owner, Shared, byte_string, bytes_of, put, to_byte_string};
use crate::network::News;

/// Looks at one of them.
fn with<T>(host: &Shared, id: u32, look: impl FnOnce(&mut Xhr) -> T) -> Option<T> {
    host.borrow_mut().xhrs.get_mut(&id).map(|object| look(&mut object.xhr))
}

/// The name of what a method throws, if it throws.
fn thrown(result: std::result::Result<(), XhrError>) -> Option<&'static str> {
    result.err().map(XhrError::name)
}

pub(super) fn install<'js>(native: &Object<'js>, host: &Shared) -> Result<()> {
    life(native, host)?;
    calls(native, host)?;
    attributes(native, host)?;
    response(native, host)
}

fn life<'js>(native: &Object<'js>, host: &Shared) -> Result<()> {
    let shared = host.clone();
    put(native, "xhrNew", move || shared.borrow_mut().add_xhr())?;
    let shared = host.clone();
    put(native, "xhrDrop", move |id: u32| drop(shared.borrow_mut().xhrs.remove(&id)))?;
    let shared = host.clone();
    put(native, "xhrIsActive", move |id: u32| {
        shared.borrow().xhrs.get(&id).is_some_and(|object| object.fetch.is_some())
    })?;
    put(native, "xhrMessage", |name: String| {
        let all = [
            XhrError::InvalidState,
            XhrError::Syntax,
            XhrError::Security,
            XhrError::InvalidAccess,
            XhrError::Network,
            XhrError::Timeout,
            XhrError::Abort,
        ];
        all.into_iter().find(|error| error.name() == name).map(|error| error.to_string())
    })?;
    let shared = host.clone();
    put(native, "xhrPoll", move |ctx: Ctx<'js>, id: u32| {
        let Some(event) = poll(&shared, id) else { return Ok(None) };
        let next = Array::new(ctx)?;
        next.set(0, if event.target == Target::Upload { "upload" } else { "xhr" })?;
        next.set(1, event.kind.as_str())?;
        next.set(2, event.loaded as f64)?;
        next.set(3, event.total as f64)?;
        Ok::<_, rquickjs::Error>(Some(next))
    })?;
    let shared = host.clone();
    put(native, "xhrTakeError", move |id: u32| {
        let mut host = shared.borrow_mut();
        host.xhrs.get_mut(&id).and_then(|object| object.error.take()).map(XhrError::name)
    })
}

fn calls<'js>(native: &Object<'js>, host: &Shared) -> Result<()> {
    let shared = host.clone();
    put(
        native,
        "xhrOpen",
        move |id: u32,
              method: String,
              url: String,
              asynchronous: bool,
              username: Option<String>,
              password: Option<String>| {
            let base = shared.borrow().client.url.clone();
            let timing = if asynchronous { Timing::Asynchronous } else { Timing::Synchronous };
            let open = Open { timing, username, password };
            with(&shared, id, |xhr| thrown(xhr.open(&method, &url, base.as_ref(), open))).flatten()
        },
    )?;
    let shared = host.clone();
    put(native, "xhrSetHeader", move |id: u32, name: String, value: String| {
        with(&shared, id, |xhr| thrown(xhr.set_request_header(&name, &byte_string(&value)))).flatten()
    })?;
    let shared = host.clone();
    put(
        native,
        "xhrSend",
        move |id: u32,
              body: Option<ArrayBuffer<'_>>,
              content_type: Option<String>,
              kind: String,
              listens: bool| {
            let body = body.map(|body| Bytes::from(bytes_of(&body)));
            let described = body.as_ref().map(|body| XhrBody {
                length: body.len() as u64,
                content_type: content_type.and_then(|text| Value::new(byte_string(&text)).ok()),
                kind: if kind == "text" { XhrBodyKind::Text } else { XhrBodyKind::Bytes },
            });
            let listeners = if listens { UploadListeners::Some } else { UploadListeners::None };
            let mut host = shared.borrow_mut();
            let now = host.now();
            let object = host.xhrs.get_mut(&id)?;
            let result = object.xhr.send(described, listeners, now);
            if result.is_ok() {
                object.body = body;
            }
            thrown(result)
        },
    )?;
    let shared = host.clone();
    put(native, "xhrAbort", move |id: u32| with(&shared, id, Xhr::abort))?;
    let shared = host.clone();
    put(native, "xhrOverride", move |id: u32, mime: String| {
        with(&shared, id, |xhr| thrown(xhr.override_mime_type(&mime))).flatten()
    })
}

fn attributes<'js>(native: &Object<'js>, host: &Shared) -> Result<()> {
    let shared = host.clone();
    put(native, "xhrState", move |id: u32| with(&shared, id, |xhr| xhr.ready_state() as u8))?;
    let shared = host.clone();
    put(native, "xhrTimeout", move |id: u32| with(&shared, id, |xhr| xhr.timeout().as_millis() as f64))?;
    let shared = host.clone();
    put(native, "xhrSetTimeout", move |id: u32, milliseconds: f64| {
        let timeout = Duration::from_millis(milliseconds as u64);
        with(&shared, id, |xhr| thrown(xhr.set_timeout(timeout))).flatten()
    })?;
    let shared = host.clone();
    put(native, "xhrCredentials", move |id: u32| with(&shared, id, |xhr| xhr.with_credentials()))?;
    let shared = host.clone();
    put(native, "xhrSetCredentials", move |id: u32, include: bool| {
        with(&shared, id, |xhr| thrown(xhr.set_with_credentials(include))).flatten()
    })?;
    let shared = host.clone();
    put(native, "xhrType", move |id: u32| with(&shared, id, |xhr| xhr.response_type().as_str()))?;
    let shared = host.clone();
    put(native, "xhrSetType", move |id: u32, word: String| {
        let kind = ResponseType::from_name(&word)?;
        with(&shared, id, |xhr| thrown(xhr.set_response_type(kind))).flatten()
    })
}

fn response<'js>(native: &Object<'js>, host: &Shared) -> Result<()> {
    let shared = host.clone();
    put(native, "xhrUrl", move |id: u32| with(&shared, id, |xhr| xhr.response_url()))?;
    let shared = host.clone();
    put(native, "xhrStatus", move |id: u32| with(&shared, id, |xhr| xhr.status()))?;
    let shared = host.clone();
    put(native, "xhrStatusText", move |id: u32| with(&shared, id, |xhr| to_byte_string(xhr.status_text())))?;
    let shared = host.clone();
    put(native, "xhrHeader", move |id: u32, name: String| {
        with(&shared, id, |xhr| xhr.response_header(&name).map(|value| to_byte_string(&value))).flatten()
    })?;
    let shared = host.clone();
    put(native, "xhrHeaders", move |id: u32| {
        with(&shared, id, |xhr| to_byte_string(&xhr.all_response_headers()))
    })?;
    let shared = host.clone();
    put(native, "xhrText", move |id: u32| with(&shared, id, |xhr| xhr.response_text().ok()).flatten())?;
    let shared = host.clone();
    put(native, "xhrHasObject", move |id: u32| with(&shared, id, |xhr| xhr.has_response_object()))?;
    let shared = host.clone();
    put(native, "xhrJson", move |id: u32| with(&shared, id, |xhr| xhr.json_text()))?;
    let shared = host.clone();
    put(native, "xhrMime", move |id: u32| with(&shared, id, |xhr| xhr.final_mime_type().to_string()))?;
    let shared = host.clone();
    put(native, "xhrBytes", move |ctx: Ctx<'js>, id: u32| {
        let bytes = with(&shared, id, |xhr| xhr.received_bytes().to_vec()).unwrap_or_default();
        ArrayBuffer::new(ctx, bytes)
    })
}

/// The next event; what else is to be done on the way there is done.
fn poll(shared: &Shared, id: u32) -> Option<Event> {
    loop {
        let action = with(shared, id, Xhr::poll)??;
        match action {
            Action::Dispatch(event) => return Some(event),
            Action::Fetch(request) => start(shared, id, request),
            Action::FetchAndWait(request) => start_and_wait(shared, id, request),
            Action::Cancel => {
                let mut host = shared.borrow_mut();
                let fetch = host.xhrs.get_mut(&id).and_then(|object| object.fetch.take());
                if let Some(fetch) = fetch {
                    host.cancel(fetch);
                }
            }
        }
    }
}

fn start(shared: &Shared, id: u32, request: Box<Request>) {
    let mut host = shared.borrow_mut();
    let body = host.xhrs.get_mut(&id).and_then(|object| object.body.take());
    let body = body.filter(|_| request.body() != crossing::browser::Body::Null);
    let fetch = host.start(Owner::Xhr(id), request, body);
    if let Some(object) = host.xhrs.get_mut(&id) {
        object.fetch = fetch;
        if fetch.is_none() {
            object.xhr.failed();
        }
    }
}

/// Begins the fetch of a synchronous request, and blocks until it is over.
fn start_and_wait(shared: &Shared, id: u32, request: Box<Request>) {
    start(shared, id, request);
    let mut host = shared.borrow_mut();
    let Some(object) = host.xhrs.get_mut(&id) else { return };
    let (fetch, timeout) = (object.fetch.take(), object.xhr.timeout());
    let limit = if timeout.is_zero() { None } else { Instant::now().checked_add(timeout) };
    let until = limit.unwrap_or(host.until).min(host.until);
    let (mut head, mut body) = (None, Vec::new());
    let outcome = loop {
        let Some(fetch) = fetch else { break Outcome::Failed };
        let left = until.saturating_duration_since(Instant::now());
        let Some((of, news)) = host.network.wait(left) else {
            host.cancel(fetch);
            break if limit.is_some_and(|limit| limit <= Instant::now()) {
                Outcome::TimedOut
            } else {
                Outcome::Failed
            };
        };
        match news {
            News::Told(conversation) => (host.watch)(&conversation),
            news if of != fetch => host.backlog.push_back((of, news)),
            News::Head(response) => head = Some(response),
            News::Chunk(bytes) => body.extend_from_slice(&bytes),
            News::Failed => break Outcome::Failed,
            News::End => match head.take() {
                Some(response) => break Outcome::Response(response, body),
                None => break Outcome::Failed,
            },
        }
    };
    if let Some(fetch) = fetch {
        host.fetches.remove(&fetch);
    }
    if let Some(object) = host.xhrs.get_mut(&id) {
        object.error = object.xhr.complete(outcome).err();
        debug_assert!(object.xhr.ready_state() == State::Done || object.error.is_some());
    }
}
