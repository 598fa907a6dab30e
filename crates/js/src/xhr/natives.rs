//! The natives of an `XMLHttpRequest`.

use std::rc::Rc;
use std::time::Duration;

use crossing::Value as HeaderValue;
use crossing::browser::xhr::{
    EventKind, Open, ResponseType, State, Timing, UploadListeners, Xhr, XhrBody, XhrBodyKind,
};
use rquickjs::atom::PredefinedAtom;
use rquickjs::convert::Coerced;
use rquickjs::function::Opt;
use rquickjs::{Array, Class, Ctx, Exception, IntoJs, Object, Result, Value};

use super::dispatch::{Dispatch, throw};
use super::native::NativeXhr;
use crate::host::Host;
use crate::listeners::Listeners;
use crate::native_object::NativeObject;
use crate::values::{ByteString, UsvString, buffer, byte_string, optional_bytes, to_byte_string};

type Native<'js> = Class<'js, NativeXhr<'js>>;

/// The natives of an `XMLHttpRequest`. Those that may cause events take the object and the
/// functions that dispatch them, too.
pub(crate) fn natives<'js>(ctx: &Ctx<'js>, host: &Rc<Host>) -> Result<Object<'js>> {
    let natives = NativeObject { object: Object::new(ctx.clone())?, ctx };
    let shared = host.clone();
    natives.add("make", move |ctx: Ctx<'js>, listeners: Class<'js, Listeners<'js>>| {
        Class::instance(ctx, NativeXhr::new(shared.environment.global(), listeners))
    })?;
    with_dispatch(&natives, host, "open", open)?;
    with_dispatch(&natives, host, "send", send)?;
    with_dispatch(&natives, host, "abort", abort)?;
    natives.object.set("events", EventKind::ALL.map(EventKind::as_str).to_vec())?;
    settings(&natives, host)?;
    response(&natives)?;
    Ok(natives.object)
}

/// A call of a script, and its argument.
type Call<'js> = fn(&Ctx<'js>, &Host, &Native<'js>, Option<Object<'js>>) -> Result<()>;

/// A native that does this, and then dispatches the events that it causes.
fn with_dispatch<'js>(
    natives: &NativeObject<'_, 'js>,
    host: &Rc<Host>,
    name: &str,
    call: Call<'js>,
) -> Result<()> {
    let shared = host.clone();
    natives.add(
        name,
        move |ctx: Ctx<'js>,
              native: Native<'js>,
              object: Object<'js>,
              functions: Array<'js>,
              given: Opt<Object<'js>>| {
            call(&ctx, &shared, &native, given.0)?;
            Dispatch { native, object, functions }.run(&ctx, &shared)
        },
    )
}

/// By the arguments that the script gave.
fn open<'js>(ctx: &Ctx<'js>, host: &Host, native: &Native<'js>, given: Option<Object<'js>>) -> Result<()> {
    let Some(given) = given else { return Err(rquickjs::Error::Unknown) };
    let count: u32 = given.get(PredefinedAtom::Length)?;
    if count < 2 {
        let message = format!("open: 2 arguments required, but {count} given");
        return Err(Exception::throw_type(ctx, &message));
    }
    let (ByteString(method), UsvString(url)) = (given.get(0)?, given.get(1)?);
    let asynchronous = count == 2 || given.get::<_, Coerced<bool>>(2)?.0;
    let text = |at: u32| if at < count { given.get::<_, Option<UsvString>>(at) } else { Ok(None) };
    let open = Open {
        timing: if asynchronous { Timing::Asynchronous } else { Timing::Synchronous },
        username: text(3)?.map(|it| it.0),
        password: text(4)?.map(|it| it.0),
    };
    let native = native.borrow();
    native
        .change(|xhr| xhr.open(&method, &url, host.environment.base(), open))
        .map_err(|error| throw(ctx, error))?;
    native.response.take();
    Ok(())
}

fn abort<'js>(_: &Ctx<'js>, _: &Host, native: &Native<'js>, _: Option<Object<'js>>) -> Result<()> {
    let native = native.borrow();
    native.change(Xhr::abort);
    native.response.take();
    Ok(())
}

fn send<'js>(ctx: &Ctx<'js>, host: &Host, native: &Native<'js>, body: Option<Object<'js>>) -> Result<()> {
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
    let has_listeners =
        native.upload.borrow().as_ref().is_some_and(|(_, listeners)| listeners.borrow().has_any());
    let listeners = if has_listeners { UploadListeners::Some } else { UploadListeners::None };
    native
        .change(|xhr| xhr.send(body, listeners, host.execution.now()))
        .map_err(|error| throw(ctx, error))?;
    native.cell.inner.borrow_mut().body = bytes.unwrap_or_default().into();
    native.response.take();
    Ok(())
}

/// The attributes that a script reads and sets before `send`.
fn settings<'js>(natives: &NativeObject<'_, 'js>, host: &Rc<Host>) -> Result<()> {
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
    let shared = host.clone();
    natives.add("setTimeout", move |ctx: Ctx<'js>, native: Native<'js>, milliseconds: f64| {
        let cell = &native.borrow().cell;
        let inner = &mut *cell.inner.borrow_mut();
        let set = inner.xhr.set_timeout(Duration::from_millis(milliseconds as u64));
        set.map_err(|error| throw(&ctx, error))?;
        if let Some(id) = inner.fetch {
            shared.set_fetch_deadline(id, inner.xhr.deadline());
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
        let Ok(kind) = name.parse::<ResponseType>() else { return Ok(()) };
        native.borrow().change(|xhr| xhr.set_response_type(kind)).map_err(|error| throw(&ctx, error))
    })?;
    natives.add("overrideMimeType", |ctx: Ctx<'js>, native: Native<'js>, UsvString(mime): UsvString| {
        native.borrow().change(|xhr| xhr.override_mime_type(&mime)).map_err(|error| throw(&ctx, error))
    })
}

/// The attributes and methods of the response.
fn response<'js>(natives: &NativeObject<'_, 'js>) -> Result<()> {
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
    natives.add("setResponse", |native: Native<'js>, made: Value<'js>| {
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
                // The exception is not for the script.
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
