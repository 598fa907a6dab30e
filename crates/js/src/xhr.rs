//! The native half of an `XMLHttpRequest`: the core's state machine, and the wire under it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use crossing::browser::xhr::{
    Action, Event, EventKind, Global, Open, Outcome, ResponseType, State, Target, Timing, UploadListeners,
    Xhr, XhrBody, XhrBodyKind, XhrError,
};
use crossing::browser::{Body, Request};
use crossing::{Time, Value as HeaderValue};
use rquickjs::convert::List;
use rquickjs::function::Rest;
use rquickjs::{Ctx, Exception, FromJs, Function, IntoJs, Result, Value};

use crate::host::{Consumer, Host};
use crate::network::{FetchId, News, RequestBodySent};
use crate::upload::Upload;
use crate::values::{buffer, byte_string, optional_bytes, throw_dom, to_byte_string};

/// One object's native half.
pub(crate) struct XhrCell {
    /// The number by which the prelude knows it.
    pub(crate) key: u32,
    inner: RefCell<Inner>,
    /// Whether the script has seen nothing of the news that came last: then what follows may come in the same task.
    unseen: Cell<bool>,
}

struct Inner {
    xhr: Xhr,
    body: Bytes,
    fetch: Option<FetchId>,
}

/// The types of events, by the numbers that the prelude is told.
pub(crate) const EVENTS: [EventKind; 8] = [
    EventKind::ReadyStateChange,
    EventKind::LoadStart,
    EventKind::Progress,
    EventKind::Abort,
    EventKind::Error,
    EventKind::Load,
    EventKind::Timeout,
    EventKind::LoadEnd,
];

impl XhrCell {
    pub(crate) fn new(key: u32, global: Global) -> XhrCell {
        let inner = Inner { xhr: Xhr::new(global), body: Bytes::new(), fetch: None };
        XhrCell { key, inner: RefCell::new(inner), unseen: Cell::default() }
    }

    fn deadline(&self) -> Option<Time> {
        self.inner.borrow().xhr.deadline()
    }

    pub(crate) fn time_out(&self) {
        self.inner.borrow_mut().xhr.timed_out();
    }

    /// Whether somebody hears how the request's body gets on.
    pub(crate) fn tells_upload(&self) -> bool {
        self.inner.borrow().xhr.tells_upload()
    }

    /// The request's body has gone out.
    pub(crate) fn body_sent(&self) {
        self.inner.borrow_mut().xhr.request_body_sent();
    }

    /// Reports to the state machine; what that brings is polled.
    pub(crate) fn hear(&self, news: News, now: Time) {
        self.unseen.set(true);
        let inner = &mut *self.inner.borrow_mut();
        match news {
            News::Head(response, _) => inner.xhr.responded(*response),
            News::Chunk(bytes) => inner.xhr.body_bytes(&bytes, now),
            News::End => {
                inner.fetch = None;
                inner.xhr.body_ended();
            }
            News::Failed(_) => {
                inner.fetch = None;
                inner.xhr.failed();
            }
            News::Sent(bytes) => inner.xhr.request_bytes_sent(bytes, now),
            News::BodySent => inner.xhr.request_body_sent(),
            News::Wanted | News::Told(_) | News::Woken => {}
        }
    }

    /// Does what is next until there is an event that somebody hears.
    fn next_event(
        self: &Rc<Self>,
        host: &Host,
        ctx: &Ctx<'_>,
        heard: impl Fn(&Event) -> bool,
    ) -> Result<Option<Event>> {
        loop {
            let action = self.inner.borrow_mut().xhr.poll();
            match action {
                None => match self.more_news(host) {
                    Some(news) => self.hear(news, host.now()),
                    None => return Ok(None),
                },
                Some(Action::Dispatch(event)) if heard(&event) => {
                    self.unseen.set(false);
                    return Ok(Some(event));
                }
                Some(Action::Dispatch(_)) => {}
                Some(Action::Fetch(request)) => self.begin(host, ctx, *request)?,
                Some(Action::FetchAndWait(request)) => {
                    self.begin(host, ctx, *request)?;
                    let outcome = self.wait(host);
                    let completed = self.inner.borrow_mut().xhr.complete(outcome);
                    completed.map_err(|error| throw(ctx, error))?;
                }
                Some(Action::Cancel) => self.cancel(host),
            }
        }
    }

    /// News that needs no task of its own.
    fn more_news(&self, host: &Host) -> Option<News> {
        let id = self.inner.borrow().fetch.filter(|_| self.unseen.get())?;
        let news = host.more_news_of(id, |news| !(tells_of_body(news) && self.tells_upload()))?;
        // The last news ends the conversation.
        host.consumer(id, &news);
        Some(news)
    }

    fn begin(self: &Rc<Self>, host: &Host, ctx: &Ctx<'_>, request: Request) -> Result<()> {
        let body = self.inner.borrow().body.clone();
        let upload = match (request.body(), self.inner.borrow().xhr.tells_upload()) {
            (Body::Null, _) => Upload::Nothing,
            (_, true) => Upload::Told(body),
            (_, false) => Upload::Quiet(body),
        };
        match host.begin(request, upload, Consumer::Xhr(self.clone())) {
            Some(id) => {
                self.inner.borrow_mut().fetch = Some(id);
                host.set_timeout(id, self.deadline());
                Ok(())
            }
            None => Err(Exception::throw_range(ctx, "too many requests")),
        }
    }

    fn cancel(&self, host: &Host) {
        if let Some(id) = self.inner.borrow_mut().fetch.take() {
            host.cancel(id);
        }
    }

    /// Blocks until the conversation is over.
    fn wait(&self, host: &Host) -> Outcome {
        let Some(id) = self.inner.borrow().fetch else { return Outcome::Failed };
        let due = self.deadline().and_then(|due| host.instant(due));
        let until = [due, host.deadline()].into_iter().flatten().min();
        let mut head = None;
        let mut body = Vec::new();
        let outcome = loop {
            match host.next_news_of(id, until) {
                Some(News::Head(response, _)) => head = Some(response),
                Some(News::Chunk(bytes)) => body.extend_from_slice(&bytes),
                Some(News::End) => {
                    break head
                        .map_or(Outcome::Failed, |head| Outcome::Response(head, std::mem::take(&mut body)));
                }
                Some(News::Failed(_)) => break Outcome::Failed,
                Some(News::Sent(_) | News::BodySent | News::Wanted | News::Told(_) | News::Woken) => {}
                None => break Outcome::TimedOut,
            }
        };
        self.cancel(host);
        outcome
    }
}

/// Whether the news tells that the request's body has gone out.
pub(crate) fn tells_of_body(news: &News) -> bool {
    matches!(news, News::Head(_, RequestBodySent::Yes) | News::Failed(RequestBodySent::Yes))
}

fn throw(ctx: &Ctx<'_>, error: XhrError) -> rquickjs::Error {
    throw_dom(ctx, error.name(), &error.to_string())
}

/// A new native half: a function of an operation and its arguments, which the prelude has converted.
pub(crate) fn native<'js>(ctx: &Ctx<'js>, host: &Rc<Host>, key: u32) -> Result<Function<'js>> {
    let (host, cell) = (host.clone(), Rc::new(XhrCell::new(key, host.global())));
    Function::new(
        ctx.clone(),
        move |ctx: Ctx<'js>, operation: rquickjs::String<'js>, rest: Rest<Value<'js>>| {
            perform(&ctx, &host, &cell, operation.to_cstring()?.as_str(), &Arguments(rest.0))
        },
    )
}

/// The arguments of an operation.
struct Arguments<'js>(Vec<Value<'js>>);

impl<'js> Arguments<'js> {
    fn get<T: FromJs<'js>>(&self, ctx: &Ctx<'js>, index: usize) -> Result<T> {
        T::from_js(ctx, self.0.get(index).cloned().unwrap_or_else(|| Value::new_undefined(ctx.clone())))
    }
}

fn perform<'js>(
    ctx: &Ctx<'js>,
    host: &Rc<Host>,
    cell: &Rc<XhrCell>,
    operation: &str,
    arguments: &Arguments<'js>,
) -> Result<Value<'js>> {
    let throws = |error| throw(ctx, error);
    match operation {
        "poll" => return poll(ctx, host, cell, arguments),
        "response" => return response_object(ctx, cell),
        _ => {}
    }
    let inner = &mut *cell.inner.borrow_mut();
    let xhr = &mut inner.xhr;
    match operation {
        "open" => {
            let (method, url): (String, String) = (arguments.get(ctx, 0)?, arguments.get(ctx, 1)?);
            let asynchronous: bool = arguments.get(ctx, 2)?;
            let open = Open {
                timing: if asynchronous { Timing::Asynchronous } else { Timing::Synchronous },
                username: arguments.get(ctx, 3)?,
                password: arguments.get(ctx, 4)?,
            };
            xhr.open(&method, &url, host.base(), open).map_err(throws)?;
        }
        "setRequestHeader" => {
            let (name, value): (String, String) = (arguments.get(ctx, 0)?, arguments.get(ctx, 1)?);
            xhr.set_request_header(&name, &byte_string(&value)).map_err(throws)?;
        }
        "send" => {
            let bytes = optional_bytes(ctx, arguments.get(ctx, 0)?)?;
            let content_type: Option<String> = arguments.get(ctx, 1)?;
            let kind = if arguments.get(ctx, 2)? { XhrBodyKind::Text } else { XhrBodyKind::Bytes };
            let listeners =
                if arguments.get(ctx, 3)? { UploadListeners::Some } else { UploadListeners::None };
            let body = bytes.as_ref().map(|bytes| XhrBody {
                length: bytes.len() as u64,
                content_type: content_type.and_then(|it| HeaderValue::new(byte_string(&it)).ok()),
                kind,
            });
            xhr.send(body, listeners, host.now()).map_err(throws)?;
            inner.body = bytes.unwrap_or_default().into();
        }
        "abort" => xhr.abort(),
        "timeout" => return (xhr.timeout().as_millis() as f64).into_js(ctx),
        "setTimeout" => {
            let milliseconds: f64 = arguments.get(ctx, 0)?;
            xhr.set_timeout(Duration::from_millis(milliseconds as u64)).map_err(throws)?;
            if let Some(id) = inner.fetch {
                host.set_timeout(id, xhr.deadline());
            }
        }
        "withCredentials" => return xhr.with_credentials().into_js(ctx),
        "setWithCredentials" => xhr.set_with_credentials(arguments.get(ctx, 0)?).map_err(throws)?,
        "responseType" => return xhr.response_type().as_str().into_js(ctx),
        "setResponseType" => {
            let name: String = arguments.get(ctx, 0)?;
            if let Some(kind) = ResponseType::from_name(&name) {
                xhr.set_response_type(kind).map_err(throws)?;
            }
        }
        "overrideMimeType" => {
            let mime: String = arguments.get(ctx, 0)?;
            xhr.override_mime_type(&mime).map_err(throws)?;
        }
        "readyState" => return (xhr.ready_state() as u32).into_js(ctx),
        "status" => return u32::from(xhr.status()).into_js(ctx),
        "statusText" => return to_byte_string(xhr.status_text()).into_js(ctx),
        "responseURL" => return xhr.response_url().into_js(ctx),
        "getResponseHeader" => {
            let name: String = arguments.get(ctx, 0)?;
            return xhr.response_header(&name).map(|value| to_byte_string(&value)).into_js(ctx);
        }
        "getAllResponseHeaders" => return to_byte_string(&xhr.all_response_headers()).into_js(ctx),
        "responseText" => return xhr.response_text().map_err(throws)?.into_js(ctx),
        "finalMimeType" => return xhr.final_mime_type().to_string().into_js(ctx),
        _ => return Err(Exception::throw_internal(ctx, operation)),
    }
    Ok(Value::new_undefined(ctx.clone()))
}

/// The next event, of the types whose bits are set for the object and for its upload; else whether the object waits for news.
fn poll<'js>(
    ctx: &Ctx<'js>,
    host: &Rc<Host>,
    cell: &Rc<XhrCell>,
    arguments: &Arguments<'js>,
) -> Result<Value<'js>> {
    let heard: [u32; 2] = [arguments.get(ctx, 0)?, arguments.get(ctx, 1)?];
    let number = |event: &Event| EVENTS.iter().position(|kind| *kind == event.kind).unwrap_or_default();
    let is_heard =
        |event: &Event| heard[usize::from(event.target == Target::Upload)] >> number(event) & 1 == 1;
    match cell.next_event(host, ctx, is_heard)? {
        None => cell.inner.borrow().fetch.is_some().into_js(ctx),
        Some(event) => {
            let (upload, number) = (event.target == Target::Upload, number(&event));
            List((upload, number, event.loaded as f64, event.total as f64)).into_js(ctx)
        }
    }
}

/// What a response object is made of: the bytes, or for `json` the text; `null` where there is none.
fn response_object<'js>(ctx: &Ctx<'js>, cell: &XhrCell) -> Result<Value<'js>> {
    let inner = cell.inner.borrow();
    let xhr = &inner.xhr;
    if xhr.ready_state() != State::Done || xhr.status() == 0 {
        return Ok(Value::new_null(ctx.clone()));
    }
    match xhr.response_type() {
        ResponseType::Json if xhr.has_response_object() => xhr.json_text().into_js(ctx),
        ResponseType::Json => Ok(Value::new_null(ctx.clone())),
        _ => buffer(ctx, xhr.received_bytes()),
    }
}
