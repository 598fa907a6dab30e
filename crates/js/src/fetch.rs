//! The native half of `fetch()`: a request of the core from the prelude's words, and its response in the prelude's.

use crossing::Value as HeaderValue;
use crossing::browser::{
    Body, BodyAccess, CacheMode, CredentialsMode, Mode, RedirectMode, Referrer, ReferrerPolicy, Request,
    Response,
};
use rquickjs::convert::List;
use rquickjs::{Array, Ctx, Exception, IntoJs, Object, Result, Value};
use url::Url;

use crate::host::{Consumer, Host};
use crate::network::FetchId;
use crate::network::Upload;
use crate::values::{byte_string, optional_bytes, to_byte_string};

/// Begins what the prelude describes.
pub(crate) fn begin<'js>(ctx: &Ctx<'js>, host: &Host, asked: &Object<'js>) -> Result<FetchId> {
    let body = optional_bytes(ctx, asked.get("body")?)?;
    let request = Box::new(request(ctx, asked, body.as_ref().map(Vec::len))?);
    let begun = match (request.body(), body) {
        (Body::Stream, _) => host.begin_streamed(request),
        (_, body) => {
            let upload = body.map_or(Upload::Empty, |body| Upload::Bytes(body.into()));
            host.begin(request, upload, Consumer::Fetch)
        }
    };
    begun.ok_or_else(|| Exception::throw_range(ctx, "too many requests"))
}

fn request<'js>(ctx: &Ctx<'js>, asked: &Object<'js>, length: Option<usize>) -> Result<Request> {
    let text = |key: &str| asked.get::<_, String>(key);
    let url = Url::parse(&text("url")?).map_err(|error| Exception::throw_type(ctx, &error.to_string()))?;
    let mut builder = Request::builder(url).method(&text("method")?);
    for line in asked.get::<_, Array<'js>>("headers")?.iter::<List<(String, String)>>() {
        let List((name, value)) = line?;
        builder = builder.header(&name, byte_string(&value));
    }
    if let Some(length) = length {
        // The type that a body brings is among the headers already, unless the guard of `no-cors` took it away.
        let dropped = match text("mode")?.as_str() {
            "no-cors" => asked.get::<_, Option<String>>("droppedType")?,
            _ => None,
        };
        let content_type = dropped.and_then(|it| HeaderValue::new(byte_string(&it)).ok());
        builder = builder.body(length as u64, content_type);
    }
    if asked.get::<_, Option<bool>>("streamed")?.unwrap_or(false) {
        builder = builder.stream();
    }
    if let Some(integrity) = asked.get::<_, Option<String>>("integrity")? {
        builder = builder.integrity(&integrity);
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
            "" => Referrer::None,
            "about:client" => Referrer::Client,
            url => Url::parse(url).map_or(Referrer::Client, Referrer::Url),
        });
    if let Some(policy) = ReferrerPolicy::from_token(&text("referrerPolicy")?) {
        builder = builder.referrer_policy(policy);
    }
    builder.build().map_err(|error| Exception::throw_type(ctx, &error.to_string()))
}

/// The response in the prelude's words.
pub(crate) fn head<'js>(ctx: &Ctx<'js>, response: &Response) -> Result<Value<'js>> {
    let headers: Vec<List<(String, String)>> = response
        .headers
        .iter()
        .map(|(name, value)| List((name.as_str().to_owned(), to_byte_string(value.as_bytes()))))
        .collect();
    // A list, and no object: a script may have put setters on the prototype of all objects.
    let parts = (
        response.kind.as_str(),
        u32::from(response.status),
        to_byte_string(&response.status_text),
        response.url().map_or_else(String::new, String::from),
        response.redirected(),
        response.body == BodyAccess::Readable,
        headers,
    );
    List(parts).into_js(ctx)
}
