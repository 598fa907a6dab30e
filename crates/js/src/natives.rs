//! The natives: what the prelude cannot do by itself. They work on text and bytes; the prelude converts.

use std::rc::Rc;
use std::time::Duration;

use crossing::browser::Client;
use crossing::headers::{HeaderList, HeaderName, MimeType, Value as HeaderValue, request as rules};
use crossing::method;
use rquickjs::convert::List;
use rquickjs::function::Opt;
use rquickjs::{Ctx, Exception, Object, Result, TypedArray, Value};

use crate::blob_store::Blob;
use crate::host::Host;
use crate::native_object::NativeObject;
use crate::network::UploadChunk;
use crate::output::ConsoleLevel;
use crate::values::{buffer, byte_string, bytes_of};
use crate::{encoding, fetch, listeners, proxy, url, xhr};

/// The object of natives that the prelude is given.
pub(crate) fn object<'js>(ctx: &Ctx<'js>, host: &Rc<Host>) -> Result<Object<'js>> {
    let natives = NativeObject { object: Object::new(ctx.clone())?, ctx };
    page(&natives, &host.environment.client)?;
    document(&natives, host)?;
    time(&natives, host)?;
    console(&natives, host)?;
    network(&natives, host)?;
    headers(&natives)?;
    natives.object.set("listeners", listeners::natives(ctx, host)?)?;
    natives.object.set("xhr", xhr::natives(ctx, host)?)?;
    natives.add("proxyTarget", proxy::target)?;
    natives.add("urlParse", url::parse)?;
    let shared = host.clone();
    natives.add("urlHref", move |input: String| url::href(shared.environment.base(), &input))?;
    natives.add("urlSet", url::set)?;
    natives.add("formParse", url::form_parse)?;
    natives.add("formSerialize", url::form_serialize)?;
    natives.add("isByteString", |text: rquickjs::String<'js>| {
        text.to_string().is_ok_and(|text| text.chars().all(|char| char <= '\u{ff}'))
    })?;
    natives.add("utf8Encode", encoding::utf8_encode)?;
    natives.add("utf8Decode", encoding::utf8_decode)?;
    natives.add("latin1Decode", encoding::latin1_decode)?;
    natives.add("latin1Encode", encoding::latin1_encode)?;
    natives.add("encodingName", encoding::encoding_name)?;
    natives.add("decoder", encoding::decoder)?;
    natives.add("random", random)?;
    Ok(natives.object)
}

fn page(natives: &NativeObject<'_, '_>, client: &Client) -> Result<()> {
    let url = client.url.as_ref().map_or("about:blank", |url| url.as_str());
    natives.object.set("userAgent", concat!("crossing/", env!("CARGO_PKG_VERSION")))?;
    natives.object.set("url", url)?;
    natives.object.set("origin", client.origin.as_str())
}

fn document(natives: &NativeObject<'_, '_>, host: &Rc<Host>) -> Result<()> {
    natives.object.set("base", host.environment.base().map_or("about:blank", |base| base.as_str()))?;
    let Some(document) = &host.environment.document else { return Ok(()) };
    natives.object.set("title", document.markup.title.as_str())?;
    let jar = host.clone();
    natives.add("cookies", move || jar.environment.agent.document_cookie(&jar.environment.client))?;
    let jar = host.clone();
    natives.add("setCookie", move |line: String| {
        jar.environment.agent.set_document_cookie(&jar.environment.client, &line)
    })?;
    let page = host.clone();
    natives.add("elementById", move |id: String| {
        page.environment.document.as_ref().and_then(|it| it.element(&id))
    })?;
    let page = host.clone();
    natives.add("element", move |number: usize| {
        let element =
            page.environment.document.as_ref().and_then(|it| it.markup.elements.get(number).cloned())?;
        let attributes: Vec<_> = element.attributes.into_iter().map(List).collect();
        Some(List((element.name, attributes, element.text)))
    })?;
    let notices = host.clone();
    natives.add("notice", move |text: String| notices.output.borrow_mut().notice(&text))
}

fn time(natives: &NativeObject<'_, '_>, host: &Rc<Host>) -> Result<()> {
    let clock = host.clone();
    natives.add("now", move || clock.execution.now().0.as_secs_f64() * 1000.0)?;
    let timers = host.clone();
    natives.add("setTimer", move |id: u32, milliseconds: f64| {
        timers.set_timer(id, Duration::from_secs_f64(milliseconds.clamp(0.0, 4e9) / 1000.0));
    })?;
    let timers = host.clone();
    natives.add("clearTimer", move |id: u32| timers.timers.borrow_mut().clear(id))
}

fn console(natives: &NativeObject<'_, '_>, host: &Rc<Host>) -> Result<()> {
    let console = host.clone();
    natives.add("print", move |level: String, text: String| {
        let level = match level.as_str() {
            "error" => ConsoleLevel::Error,
            "warn" => ConsoleLevel::Warning,
            _ => ConsoleLevel::Log,
        };
        console.output.borrow_mut().console(level, &text);
    })?;
    let errors = host.clone();
    natives.add("uncaught", move |text: String| errors.output.borrow_mut().uncaught(text))?;
    let shared = host.clone();
    natives.add("requestCheckpoint", move || shared.microtasks.request_checkpoint())
}

fn network<'js>(natives: &NativeObject<'_, 'js>, host: &Rc<Host>) -> Result<()> {
    let shared = host.clone();
    natives.add("fetch", move |ctx: Ctx<'js>, parts: Object<'js>| fetch::begin(&ctx, &shared, &parts))?;
    let shared = host.clone();
    natives.add("storeBlob", move |url: String, bytes: TypedArray<'js, u8>, kind: String| {
        shared.blobs.borrow_mut().insert(url, Blob { bytes: bytes_of(&bytes).into(), kind });
    })?;
    let shared = host.clone();
    natives.add("revokeBlob", move |url: String| {
        shared.blobs.borrow_mut().remove(&url);
    })?;
    let shared = host.clone();
    natives.add("cancel", move |id: u32| shared.fetches.cancel(id))?;
    let shared = host.clone();
    natives.add("sendUploadChunk", move |id: u32, bytes: Option<TypedArray<'js, u8>>| {
        let chunk = bytes.map_or(UploadChunk::End, |bytes| UploadChunk::Bytes(bytes_of(&bytes).into()));
        shared.fetches.send_chunk(id, chunk);
    })
}

/// What the core knows of headers and methods.
fn headers(natives: &NativeObject<'_, '_>) -> Result<()> {
    natives.add("isToken", |text: String| {
        !text.is_empty() && http::Method::from_bytes(text.as_bytes()).is_ok()
    })?;
    natives.add("isForbiddenMethod", |name: String| method::is_forbidden(name.as_bytes()))?;
    natives.add("isSafelistedMethod", |name: String| method::is_safelisted(&name))?;
    natives.add("normalizeMethod", |name: String| {
        http::Method::from_bytes(name.as_bytes()).map_or(name, |parsed| method::normalize(parsed).to_string())
    })?;
    natives.add("isForbiddenRequestHeader", |name: String, value: String| {
        header(&name, &value).is_some_and(|(name, value)| rules::is_forbidden(&name, &value))
    })?;
    natives.add("isNoCorsSafelisted", |name: String, value: String, before: Opt<String>| {
        // Joined as lines of one header are: the space at the end counts.
        let mut lines = HeaderList::new();
        for text in before.0.iter().chain([&value]) {
            let Some((name, value)) = header(&name, text) else { return false };
            lines.append(name, value);
        }
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return false };
        lines.get(&name).is_some_and(|value| rules::is_no_cors_safelisted(&name, &value))
    })?;
    natives.add("isForbiddenResponseHeader", |name: String| {
        HeaderName::from_bytes(name.as_bytes())
            .is_ok_and(|name| crossing::headers::response::is_forbidden(&name))
    })?;
    natives
        .add("mimeType", |text: String| MimeType::parse(&byte_string(&text)).map(|mime| mime.to_string()))?;
    natives.add("mimeParameter", |text: String, name: String| {
        MimeType::parse(&byte_string(&text)).and_then(|mime| mime.parameter(&name).map(str::to_owned))
    })
}

/// `count` random bytes.
fn random<'js>(ctx: Ctx<'js>, count: u32) -> Result<Value<'js>> {
    let mut bytes = vec![0; count as usize];
    match getrandom::getrandom(&mut bytes) {
        Ok(()) => buffer(&ctx, bytes),
        Err(error) => Err(Exception::throw_internal(&ctx, &error.to_string())),
    }
}

fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    Some((name, HeaderValue::new(byte_string(value)).ok()?))
}
