//! What the script's layer stands on: functions over bytes and numbers, without a rule of their own.

mod encoding;
mod fetch;
mod state;
mod timers;
mod url;
mod xhr;

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::{ArrayBuffer, Ctx, Function, IntoJs, Object, Result, Value, function::IntoJsFunc};

pub(crate) use fetch::response_object;
pub(crate) use state::{Host, Object as XhrObject, Owner};

use crate::message::{Level, Message};

/// The host's state, as its functions share it.
pub(crate) type Shared = Rc<RefCell<Host>>;

/// A function of the host's, put where the prelude finds it.
fn put<'js, P, F>(native: &Object<'js>, name: &str, function: F) -> Result<()>
where
    F: IntoJsFunc<'js, P> + 'js,
{
    native.set(name, Function::new(native.ctx().clone(), function)?)
}

/// All of them.
pub(crate) fn native<'js>(ctx: &Ctx<'js>, host: &Shared) -> Result<Object<'js>> {
    let native = Object::new(ctx.clone())?;
    console(&native, host)?;
    page(&native, host)?;
    timers::install(&native, host)?;
    encoding::install(&native)?;
    url::install(&native)?;
    fetch::install(&native, host)?;
    xhr::install(&native, host)?;
    Ok(native)
}

fn console<'js>(native: &Object<'js>, host: &Shared) -> Result<()> {
    let shared = host.clone();
    put(native, "print", move |level: String, text: String| {
        (shared.borrow_mut().hear)(Message { level: Level::from_name(&level), text });
    })?;
    let shared = host.clone();
    put(native, "uncaught", move |text: String| {
        let mut host = shared.borrow_mut();
        host.uncaught += 1;
        (host.hear)(Message { level: Level::Uncaught, text });
    })
}

fn page<'js>(native: &Object<'js>, host: &Shared) -> Result<()> {
    let shared = host.clone();
    put(native, "location", move |ctx: Ctx<'js>| -> Result<Value<'js>> {
        let host = shared.borrow();
        match &host.client.url {
            Some(address) => {
                let parts = url::parts(&ctx, address)?;
                // A page may have another origin than its address: a sandboxed frame has an opaque one.
                parts.set("origin", host.client.origin.as_str())?;
                parts.into_js(&ctx)
            }
            None => Ok(Value::new_null(ctx)),
        }
    })?;
    let shared = host.clone();
    put(native, "userAgent", move || shared.borrow().user_agent.clone())?;
    let shared = host.clone();
    put(native, "isSecureContext", move || shared.borrow().client.origin.is_potentially_trustworthy())
}

/// The bytes of a buffer of the script's.
pub(crate) fn bytes_of(buffer: &ArrayBuffer<'_>) -> Vec<u8> {
    let Some(raw) = buffer.as_raw() else { return Vec::new() };
    #[allow(unsafe_code, reason = "the engine lends its memory as a pointer only")]
    // SAFETY: the engine says where the buffer's bytes are and how many; no script runs before they are copied, on this
    // one thread, so that nobody moves, frees or changes them.
    let bytes = unsafe { raw.as_ref() };
    bytes.to_vec()
}

/// A byte string of the script's: one character a byte.
pub(crate) fn byte_string(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
}

/// Bytes as a byte string.
pub(crate) fn to_byte_string(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
