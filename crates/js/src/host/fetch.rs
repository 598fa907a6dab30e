//! Fetches, and what the core says about methods, headers and types.

use bytes::Bytes;
use crossing::browser::{
    BodyAccess, CacheMode, CredentialsMode, Mode, RedirectMode, Referrer, ReferrerPolicy, Request,
    RequestBuilder, Response,
};
use crossing::headers::{MimeType, Value, request as rules, response as response_rules};
use crossing::{HeaderName, method};
use http::Method;
use rquickjs::{Array, ArrayBuffer, Ctx, Object, Result};
use url::Url;

use super::{Owner, Shared, byte_string, bytes_of, put, to_byte_string};

pub(super) fn install<'js>(native: &Object<'js>, host: &Shared) -> Result<()> {
    words(native)?;
    let shared = host.clone();
    put(native, "fetchStart", move |ctx: Ctx<'js>, options: Object<'js>, body: Option<ArrayBuffer<'js>>| {
        use rquickjs::IntoJs;
        let body = body.map(|body| Bytes::from(bytes_of(&body)));
        match request(&options, body.as_ref())? {
            Ok(request) => {
                let mut host = shared.borrow_mut();
                match host.start(Owner::Prelude, Box::new(request), body) {
                    Some(id) => id.into_js(&ctx),
                    None => host.too_many().into_js(&ctx),
                }
            }
            Err(problem) => problem.into_js(&ctx),
        }
    })?;
    let shared = host.clone();
    put(native, "fetchCancel", move |id: u32| shared.borrow_mut().cancel(id))
}

/// The request that the script describes; or what is wrong with it.
fn request(options: &Object<'_>, body: Option<&Bytes>) -> Result<std::result::Result<Request, String>> {
    let text = |name: &str| options.get::<_, String>(name);
    let url = match Url::parse(&text("url")?) {
        Ok(url) => url,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let mut builder = Request::builder(url).method(&text("method")?);
    for pair in options.get::<_, Vec<Vec<String>>>("headers")? {
        if let [name, value] = pair.as_slice() {
            builder = builder.header(name, byte_string(value));
        }
    }
    builder = builder
        .mode(match text("mode")?.as_str() {
            "no-cors" => Mode::NoCors,
            "same-origin" => Mode::SameOrigin,
            _ => Mode::Cors,
        })
        .credentials(match text("credentials")?.as_str() {
            "omit" => CredentialsMode::Omit,
            "include" => CredentialsMode::Include,
            _ => CredentialsMode::SameOrigin,
        })
        .redirect(match text("redirect")?.as_str() {
            "error" => RedirectMode::Error,
            "manual" => RedirectMode::Manual,
            _ => RedirectMode::Follow,
        })
        .cache(match text("cache")?.as_str() {
            "no-store" => CacheMode::NoStore,
            "reload" => CacheMode::Reload,
            "no-cache" => CacheMode::NoCache,
            "force-cache" => CacheMode::ForceCache,
            "only-if-cached" => CacheMode::OnlyIfCached,
            _ => CacheMode::Default,
        })
        .referrer(match text("referrer")?.as_str() {
            "about:client" => Referrer::Client,
            "no-referrer" => Referrer::None,
            url => Url::parse(url).map_or(Referrer::Client, Referrer::Url),
        });
    if let Some(policy) = ReferrerPolicy::from_token(&text("referrerPolicy")?) {
        builder = builder.referrer_policy(policy);
    }
    let is_stream = options.get("isStream")?;
    Ok(with_body(builder, body, is_stream).build().map_err(|error| error.to_string()))
}

fn with_body(builder: RequestBuilder, body: Option<&Bytes>, is_stream: bool) -> RequestBuilder {
    match body {
        // A streaming body brings a preflight, although it is sent as a whole here.
        Some(body) if is_stream => builder.forced_preflight().body(body.len() as u64, None),
        Some(body) => builder.body(body.len() as u64, None),
        None => builder,
    }
}

/// A response's head, for the script.
pub(crate) fn response_object<'js>(ctx: &Ctx<'js>, response: &Response) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("type", response.kind.as_str())?;
    object.set("url", response.url().map_or_else(String::new, String::from))?;
    object.set("redirected", response.redirected())?;
    object.set("status", response.status)?;
    object.set("statusText", to_byte_string(&response.status_text))?;
    let headers = Array::new(ctx.clone())?;
    for (nth, (name, value)) in response.headers.iter().enumerate() {
        headers.set(nth, vec![name.as_str().to_owned(), to_byte_string(value.as_bytes())])?;
    }
    object.set("headers", headers)?;
    object.set("body", if response.body == BodyAccess::Readable { "readable" } else { "none" })?;
    Ok(object)
}

/// A name and a value, if they are such.
fn header(name: &str, value: &str) -> Option<(HeaderName, Value)> {
    Some((HeaderName::from_bytes(name.as_bytes()).ok()?, Value::new(byte_string(value)).ok()?))
}

/// What the core says about the words of a request and a response.
fn words<'js>(native: &Object<'js>) -> Result<()> {
    put(native, "methodOf", |name: String| {
        let parsed = Method::from_bytes(name.as_bytes()).ok()?;
        (!method::is_forbidden(name.as_bytes())).then(|| method::normalize(parsed).to_string())
    })?;
    put(native, "isHeaderName", |name: String| HeaderName::from_bytes(name.as_bytes()).is_ok())?;
    put(native, "isHeaderValue", |value: String| Value::new(byte_string(&value)).is_ok())?;
    put(native, "guardAdmits", |guard: String, name: String, value: String| {
        let Some((name, value)) = header(&name, &value) else { return false };
        match guard.as_str() {
            "request" | "request-no-cors" => !rules::is_forbidden(&name, &value),
            "response" => !response_rules::is_forbidden(&name),
            _ => true,
        }
    })?;
    put(native, "noCorsSafelisted", |name: String, value: String| {
        header(&name, &value).is_some_and(|(name, value)| rules::is_no_cors_safelisted(&name, &value))
    })?;
    put(native, "isNoCorsName", |name: String| {
        let names = ["accept", "accept-language", "content-language", "content-type", "range"];
        names.contains(&name.to_ascii_lowercase().as_str())
    })?;
    put(native, "mimeType", |text: Option<String>| Some(mime(text)?.to_string()))?;
    put(native, "mimeEssence", |text: Option<String>| Some(mime(text)?.essence()))?;
    put(native, "mimeParameter", |text: Option<String>, name: String| {
        mime(text)?.parameter(&name).map(str::to_owned)
    })
}

fn mime(text: Option<String>) -> Option<MimeType> {
    MimeType::parse(&byte_string(&text?))
}
