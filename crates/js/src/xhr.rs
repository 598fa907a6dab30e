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
use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::convert::Coerced;
use rquickjs::function::{Constructor, Opt};
use rquickjs::{
    Array, Class, Ctx, Exception, Function, IntoJs, JsLifetime, Object, Persistent, Result, Value,
};

use crate::host::{Consumer, Host};
use crate::listeners::Listeners;
use crate::natives::Natives;
use crate::network::{FetchId, News, RequestBodySent};
use crate::upload::Upload;
use crate::values::{ByteString, UsvString, buffer, byte_string, optional_bytes, throw_dom, to_byte_string};

/// One object's native half.
pub(crate) struct XhrCell {
    inner: RefCell<Inner>,
    /// Whether the script has seen nothing of the news that came last: then what follows may come in the same task.
    unseen: Cell<bool>,
}

struct Inner {
    xhr: Xhr,
    body: Bytes,
    fetch: Option<FetchId>,
}

impl XhrCell {
    fn new(global: Global) -> XhrCell {
        let inner = Inner { xhr: Xhr::new(global), body: Bytes::new(), fetch: None };
        XhrCell { inner: RefCell::new(inner), unseen: Cell::default() }
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

    /// News that needs no task of its own.
    fn more_news(&self, host: &Host) -> Option<News> {
        let id = self.inner.borrow().fetch.filter(|_| self.unseen.get())?;
        let news = host.more_news_of(id, |news| !(tells_of_body(news) && self.tells_upload()))?;
        // The last news ends the conversation.
        host.consumer(id, &news);
        Some(news)
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

/// What the prelude holds of an object: its native half, who listens, and what was made for it.
pub(crate) struct Handle<'js> {
    cell: Rc<XhrCell>,
    listeners: Class<'js, Listeners<'js>>,
    /// `upload`, if a script has asked for it: before that, nobody listens.
    upload: RefCell<Option<(Object<'js>, Class<'js, Listeners<'js>>)>>,
    /// The [response object](https://xhr.spec.whatwg.org/#response-object), if a script has asked for it.
    response: RefCell<Option<Value<'js>>>,
}

impl<'js> Trace<'js> for Handle<'js> {
    fn trace<'a>(&self, tracer: Tracer<'a, 'js>) {
        self.listeners.trace(tracer);
        if let Some((upload, listeners)) = &*self.upload.borrow() {
            upload.trace(tracer);
            listeners.trace(tracer);
        }
        self.response.borrow().trace(tracer);
    }
}

#[allow(unsafe_code, reason = "the engine's way to say that a type changes nothing but its lifetime")]
// SAFETY: `Changed` is the type itself with another lifetime.
unsafe impl<'js> JsLifetime<'js> for Handle<'js> {
    type Changed<'to> = Handle<'to>;
}

impl<'js> JsClass<'js> for Handle<'js> {
    const NAME: &'static str = "XMLHttpRequest's native half";
    type Mutable = Readable;

    /// No script sees one.
    fn prototype(_ctx: &Ctx<'js>) -> Result<Option<Object<'js>>> {
        Ok(None)
    }

    fn constructor(_ctx: &Ctx<'js>) -> Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// An object whose conversation goes on: it is kept alive, and is told of the news.
#[derive(Clone)]
pub(crate) struct Flying {
    pub(crate) cell: Rc<XhrCell>,
    handle: Persistent<Class<'static, Handle<'static>>>,
    object: Persistent<Object<'static>>,
}

impl Flying {
    /// Dispatches what the news has brought.
    pub(crate) fn drive<'js>(self, ctx: &Ctx<'js>, host: &Host, fire: Function<'js>) -> Result<()> {
        let (native, object) = (self.handle.restore(ctx)?, self.object.restore(ctx)?);
        Driven { native, object, fire }.drive(ctx, host)
    }
}

/// An object, and the function of the prelude that fires events at it.
struct Driven<'js> {
    native: Class<'js, Handle<'js>>,
    object: Object<'js>,
    fire: Function<'js>,
}

/// Why an object goes no further.
enum Halt {
    Threw(XhrError),
    TooManyRequests,
}

impl<'js> Driven<'js> {
    /// Dispatches what the last call has brought, as far as somebody hears it.
    fn drive(&self, ctx: &Ctx<'js>, host: &Host) -> Result<()> {
        let mut halt = None;
        loop {
            match self.next_event(ctx, host) {
                Ok(Some(event)) => self.dispatch(&event)?,
                Ok(None) => break,
                // The exception of a synchronous request; what else it has brought comes first.
                Err(reason) => halt = Some(reason),
            }
        }
        match halt {
            None => Ok(()),
            Some(Halt::Threw(error)) => Err(throw(ctx, error)),
            Some(Halt::TooManyRequests) => Err(Exception::throw_range(ctx, "too many requests")),
        }
    }

    fn dispatch(&self, event: &Event) -> Result<()> {
        let target = match event.target {
            Target::Xhr => Some((self.object.clone(), self.native.borrow().listeners.clone())),
            Target::Upload => self.native.borrow().upload.borrow().clone(),
        };
        let Some((target, listeners)) = target else { return Ok(()) };
        self.fire.call((target, listeners, event.kind as u32, event.loaded as f64, event.total as f64))
    }

    fn is_heard(&self, event: &Event) -> bool {
        let native = self.native.borrow();
        match event.target {
            Target::Xhr => native.listeners.borrow().hears(event.kind),
            Target::Upload => {
                native.upload.borrow().as_ref().is_some_and(|(_, them)| them.borrow().hears(event.kind))
            }
        }
    }

    /// Does what is next until there is an event that somebody hears.
    fn next_event(&self, ctx: &Ctx<'js>, host: &Host) -> std::result::Result<Option<Event>, Halt> {
        let native = self.native.borrow();
        let cell = &native.cell;
        loop {
            let action = cell.inner.borrow_mut().xhr.poll();
            match action {
                None => match cell.more_news(host) {
                    Some(news) => cell.hear(news, host.now()),
                    None => return Ok(None),
                },
                Some(Action::Dispatch(event)) if self.is_heard(&event) => {
                    cell.unseen.set(false);
                    return Ok(Some(event));
                }
                Some(Action::Dispatch(_)) => {}
                Some(Action::Fetch(request)) => self.begin(ctx, host, request)?,
                Some(Action::FetchAndWait(request)) => {
                    self.begin(ctx, host, request)?;
                    let outcome = cell.wait(host);
                    let completed = cell.inner.borrow_mut().xhr.complete(outcome);
                    completed.map_err(Halt::Threw)?;
                }
                Some(Action::Cancel) => cell.cancel(host),
            }
        }
    }

    fn begin(&self, ctx: &Ctx<'js>, host: &Host, request: Box<Request>) -> std::result::Result<(), Halt> {
        let cell = self.native.borrow().cell.clone();
        let body = cell.inner.borrow().body.clone();
        let upload = match (request.body(), cell.tells_upload()) {
            (Body::Null, _) => Upload::Nothing,
            (_, true) => Upload::Told(body),
            (_, false) => Upload::Quiet(body),
        };
        let flying = Flying {
            cell: cell.clone(),
            handle: Persistent::save(ctx, self.native.clone()),
            object: Persistent::save(ctx, self.object.clone()),
        };
        let id = host.begin(request, upload, Consumer::Xhr(flying)).ok_or(Halt::TooManyRequests)?;
        cell.inner.borrow_mut().fetch = Some(id);
        host.set_timeout(id, cell.deadline());
        Ok(())
    }
}

type Native<'js> = Class<'js, Handle<'js>>;

/// The natives of an `XMLHttpRequest`. Those that may bring events take the object and the function that fires them, too.
pub(crate) fn natives<'js>(ctx: &Ctx<'js>, host: &Rc<Host>) -> Result<Object<'js>> {
    let natives = Natives { object: Object::new(ctx.clone())?, ctx };
    let of = host.clone();
    natives.add("make", move |ctx: Ctx<'js>, listeners: Class<'js, Listeners<'js>>| {
        let cell = Rc::new(XhrCell::new(of.global()));
        let (upload, response) = (RefCell::default(), RefCell::default());
        Class::instance(ctx, Handle { cell, listeners, upload, response })
    })?;
    let of = host.clone();
    natives.add(
        "open",
        move |ctx: Ctx<'js>,
              native: Native<'js>,
              object: Object<'js>,
              fire: Function<'js>,
              given: Array<'js>| {
            open(&ctx, &of, &native, &given)?;
            Driven { native, object, fire }.drive(&ctx, &of)
        },
    )?;
    let of = host.clone();
    natives.add(
        "send",
        move |ctx: Ctx<'js>,
              native: Native<'js>,
              object: Object<'js>,
              fire: Function<'js>,
              body: Opt<Object<'js>>| {
            send(&ctx, &of, &native, body.0.as_ref())?;
            Driven { native, object, fire }.drive(&ctx, &of)
        },
    )?;
    let of = host.clone();
    natives.add(
        "abort",
        move |ctx: Ctx<'js>, native: Native<'js>, object: Object<'js>, fire: Function<'js>| {
            native.borrow().change(Xhr::abort);
            native.borrow().response.take();
            Driven { native, object, fire }.drive(&ctx, &of)
        },
    )?;
    natives.object.set("events", EventKind::ALL.map(EventKind::as_str).to_vec())?;
    settings(&natives, host)?;
    response(&natives)?;
    Ok(natives.object)
}

impl<'js> Handle<'js> {
    fn read<T>(&self, look: impl FnOnce(&Xhr) -> T) -> T {
        look(&self.cell.inner.borrow().xhr)
    }

    fn change<T>(&self, act: impl FnOnce(&mut Xhr) -> T) -> T {
        act(&mut self.cell.inner.borrow_mut().xhr)
    }
}

/// What the script gave to `open()`.
fn open<'js>(ctx: &Ctx<'js>, host: &Host, native: &Native<'js>, given: &Array<'js>) -> Result<()> {
    let count = given.len();
    if count < 2 {
        let message = format!("open: 2 arguments required, but {count} given");
        return Err(Exception::throw_type(ctx, &message));
    }
    let (ByteString(method), UsvString(url)) = (given.get(0)?, given.get(1)?);
    let asynchronous = count == 2 || given.get::<Coerced<bool>>(2)?.0;
    let text = |at| if at < count { given.get::<Option<UsvString>>(at) } else { Ok(None) };
    let open = Open {
        timing: if asynchronous { Timing::Asynchronous } else { Timing::Synchronous },
        username: text(3)?.map(|it| it.0),
        password: text(4)?.map(|it| it.0),
    };
    let native = native.borrow();
    native.change(|xhr| xhr.open(&method, &url, host.base(), open)).map_err(|error| throw(ctx, error))?;
    native.response.take();
    Ok(())
}

fn send<'js>(ctx: &Ctx<'js>, host: &Host, native: &Native<'js>, body: Option<&Object<'js>>) -> Result<()> {
    let (bytes, body) = match body {
        None => (None, None),
        Some(body) => {
            let bytes = optional_bytes(ctx, body.get("bytes")?)?;
            let content_type: Option<String> = body.get("type")?;
            let is_text = body.get::<_, String>("kind")? == "text";
            let body = bytes.as_ref().map(|bytes| XhrBody {
                length: bytes.len() as u64,
                content_type: content_type.and_then(|it| HeaderValue::new(byte_string(&it)).ok()),
                kind: if is_text { XhrBodyKind::Text } else { XhrBodyKind::Bytes },
            });
            (bytes, body)
        }
    };
    let native = native.borrow();
    let is_heard = native.upload.borrow().as_ref().is_some_and(|(_, listeners)| listeners.borrow().any());
    let listeners = if is_heard { UploadListeners::Some } else { UploadListeners::None };
    native.change(|xhr| xhr.send(body, listeners, host.now())).map_err(|error| throw(ctx, error))?;
    native.cell.inner.borrow_mut().body = bytes.unwrap_or_default().into();
    native.response.take();
    Ok(())
}

/// What a script may say between the calls.
fn settings<'js>(natives: &Natives<'_, 'js>, host: &Rc<Host>) -> Result<()> {
    natives.add("upload", |native: Native<'js>| {
        native.borrow().upload.borrow().as_ref().map(|(upload, _)| upload.clone())
    })?;
    natives.add(
        "setUpload",
        |native: Native<'js>, upload: Object<'js>, listeners: Class<'js, Listeners<'js>>| {
            native.borrow().upload.replace(Some((upload.clone(), listeners)));
            upload
        },
    )?;
    natives.add(
        "setRequestHeader",
        |ctx: Ctx<'js>, native: Native<'js>, ByteString(name): ByteString, ByteString(value): ByteString| {
            let set = native.borrow().change(|xhr| xhr.set_request_header(&name, &byte_string(&value)));
            set.map_err(|error| throw(&ctx, error))
        },
    )?;
    natives
        .add("timeout", |native: Native<'js>| native.borrow().read(|xhr| xhr.timeout().as_millis() as f64))?;
    let of = host.clone();
    natives.add("setTimeout", move |ctx: Ctx<'js>, native: Native<'js>, milliseconds: f64| {
        let cell = &native.borrow().cell;
        let inner = &mut *cell.inner.borrow_mut();
        let set = inner.xhr.set_timeout(Duration::from_millis(milliseconds as u64));
        set.map_err(|error| throw(&ctx, error))?;
        if let Some(id) = inner.fetch {
            of.set_timeout(id, inner.xhr.deadline());
        }
        Ok::<_, rquickjs::Error>(())
    })?;
    natives
        .add("withCredentials", |native: Native<'js>| native.borrow().read(|xhr| xhr.with_credentials()))?;
    natives.add("setWithCredentials", |ctx: Ctx<'js>, native: Native<'js>, include: bool| {
        let set = native.borrow().change(|xhr| xhr.set_with_credentials(include));
        set.map_err(|error| throw(&ctx, error))
    })?;
    natives.add("responseType", |native: Native<'js>| {
        native.borrow().read(|xhr| xhr.response_type().as_str())
    })?;
    natives.add("setResponseType", |ctx: Ctx<'js>, native: Native<'js>, UsvString(name): UsvString| {
        let Some(kind) = ResponseType::from_name(&name) else { return Ok(()) };
        native.borrow().change(|xhr| xhr.set_response_type(kind)).map_err(|error| throw(&ctx, error))
    })?;
    natives.add("overrideMimeType", |ctx: Ctx<'js>, native: Native<'js>, UsvString(mime): UsvString| {
        native.borrow().change(|xhr| xhr.override_mime_type(&mime)).map_err(|error| throw(&ctx, error))
    })
}

/// What a script may ask of the response.
fn response<'js>(natives: &Natives<'_, 'js>) -> Result<()> {
    natives.add("readyState", |native: Native<'js>| native.borrow().read(|xhr| xhr.ready_state() as u32))?;
    natives.add("status", |native: Native<'js>| native.borrow().read(|xhr| u32::from(xhr.status())))?;
    natives.add("statusText", |native: Native<'js>| {
        native.borrow().read(|xhr| to_byte_string(xhr.status_text()))
    })?;
    natives.add("responseURL", |native: Native<'js>| native.borrow().read(Xhr::response_url))?;
    natives.add("getResponseHeader", |native: Native<'js>, ByteString(name): ByteString| {
        native.borrow().read(|xhr| xhr.response_header(&name)).map(|value| to_byte_string(&value))
    })?;
    natives.add("getAllResponseHeaders", |native: Native<'js>| {
        to_byte_string(&native.borrow().read(Xhr::all_response_headers))
    })?;
    natives.add("responseText", response_text)?;
    natives.add("response", response_object)?;
    natives.add("receivedBytes", |ctx: Ctx<'js>, native: Native<'js>| {
        buffer(&ctx, native.borrow().read(|xhr| xhr.received_bytes().to_vec()))
    })?;
    natives.add("keepResponse", |native: Native<'js>, made: Value<'js>| {
        native.borrow().response.replace(Some(made.clone()));
        made
    })?;
    natives.add("finalMimeType", |native: Native<'js>| {
        native.borrow().read(|xhr| xhr.final_mime_type().to_string())
    })
}

fn response_text<'js>(ctx: Ctx<'js>, native: Native<'js>) -> Result<String> {
    native.borrow().read(Xhr::response_text).map_err(|error| throw(&ctx, error))
}

/// [`response`](https://xhr.spec.whatwg.org/#the-response-attribute): text, or what was made of the bytes, which stays the
/// same; `undefined` for what the prelude has still to make, a blob.
fn response_object<'js>(ctx: Ctx<'js>, native: Native<'js>) -> Result<Value<'js>> {
    let handle = native.borrow();
    let (kind, state, status) = handle.read(|xhr| (xhr.response_type(), xhr.ready_state(), xhr.status()));
    if matches!(kind, ResponseType::Default | ResponseType::Text) {
        return response_text(ctx.clone(), native.clone())?.into_js(&ctx);
    }
    if state != State::Done || status == 0 {
        return Ok(Value::new_null(ctx));
    }
    if let Some(made) = &*handle.response.borrow() {
        return Ok(made.clone());
    }
    let made = match kind {
        ResponseType::Json => match handle.read(|xhr| xhr.has_response_object().then(|| xhr.json_text())) {
            Some(text) => ctx.json_parse(text).unwrap_or_else(|_| {
                // It is no exception of the script's.
                ctx.catch();
                Value::new_null(ctx.clone())
            }),
            None => Value::new_null(ctx.clone()),
        },
        ResponseType::ArrayBuffer => buffer(&ctx, handle.read(|xhr| xhr.received_bytes().to_vec()))?,
        ResponseType::Blob => return Ok(Value::new_undefined(ctx)),
        ResponseType::Default | ResponseType::Text | ResponseType::Document => Value::new_null(ctx.clone()),
    };
    handle.response.replace(Some(made.clone()));
    Ok(made)
}

/// Whether the news tells that the request's body has gone out.
pub(crate) fn tells_of_body(news: &News) -> bool {
    matches!(news, News::Head(_, RequestBodySent::Yes) | News::Failed(RequestBodySent::Yes))
}

fn throw(ctx: &Ctx<'_>, error: XhrError) -> rquickjs::Error {
    throw_dom(ctx, error.name(), &error.to_string())
}
