//! The native half of `fetch()`: makes a request of the core from the prelude's parts, and hands its response to the prelude.

use std::rc::Rc;

use crossing::Value as HeaderValue;
use crossing::browser::{Body, BodyAccess, Referrer, Request, Response};
use rquickjs::convert::List;
use rquickjs::{Array, Ctx, Exception, IntoJs, Object, Result, Value};
use url::Url;

use crate::hooks::Hooks;
use crate::host::{Consumer, FetchEvent, Host};
use crate::network::{FetchId, NetworkEvent, Upload};
use crate::values::{buffer, byte_string, optional_bytes, to_byte_string};

/// Begins a fetch with these parts.
pub(crate) fn begin<'js>(ctx: &Ctx<'js>, host: &Host, parts: &Object<'js>) -> Result<FetchId> {
    let body = optional_bytes(ctx, parts.get("body")?)?;
    let request = Box::new(request(ctx, parts, body.as_ref().map(Vec::len))?);
    let (chunks, upload) = match (request.body(), body) {
        (Body::Stream, _) => {
            let (chunks, upload) = Upload::stream();
            (Some(chunks), upload)
        }
        (_, None) => (None, Upload::Empty),
        (_, Some(body)) => (None, Upload::Bytes(body.into())),
    };
    let id = host
        .begin_fetch(request, upload, Rc::new(FetchConsumer))
        .ok_or_else(|| Exception::throw_range(ctx, "too many requests"))?;
    if let Some(chunks) = chunks {
        host.fetches.set_upload(id, chunks);
    }
    Ok(id)
}

/// Hands the events of a `fetch()` to the prelude.
struct FetchConsumer;

impl Consumer for FetchConsumer {
    fn handle(
        &self,
        ctx: &Ctx<'_>,
        _host: &Host,
        hooks: &Hooks,
        id: FetchId,
        event: FetchEvent,
    ) -> Result<()> {
        let nothing = || Value::new_undefined(ctx.clone());
        let FetchEvent::Network(event) = event else { return Ok(()) };
        let (kind, value) = match event {
            NetworkEvent::Head(response, _) => ("head", head(ctx, &response)?),
            NetworkEvent::Chunk(bytes) => ("chunk", buffer(ctx, bytes)?),
            NetworkEvent::End => ("end", nothing()),
            NetworkEvent::UploadChunkWanted => ("wanted", nothing()),
            NetworkEvent::UploadProgress(_) | NetworkEvent::UploadEnded => return Ok(()),
            NetworkEvent::Failed(_) | NetworkEvent::Conversation(_) | NetworkEvent::Wakeup => {
                ("failed", nothing())
            }
        };
        hooks.call(ctx, "fetch", (id, kind, value))
    }
}

fn request<'js>(ctx: &Ctx<'js>, parts: &Object<'js>, length: Option<usize>) -> Result<Request> {
    let text = |key: &str| parts.get::<_, String>(key);
    let url = Url::parse(&text("url")?).map_err(|error| Exception::throw_type(ctx, &error.to_string()))?;
    let mut builder = Request::builder(url).method(&text("method")?);
    for line in parts.get::<_, Array<'js>>("headers")?.iter::<List<(String, String)>>() {
        let List((name, value)) = line?;
        builder = builder.header(&name, byte_string(&value));
    }
    if let Some(length) = length {
        // The type that a body brings is among the headers already, unless the guard of `no-cors` took it away.
        let dropped = match text("mode")?.as_str() {
            "no-cors" => parts.get::<_, Option<String>>("droppedType")?,
            _ => None,
        };
        let content_type = dropped.and_then(|it| HeaderValue::new(byte_string(&it)).ok());
        builder = builder.body(length as u64, content_type);
    }
    if parts.get::<_, Option<bool>>("streamed")?.unwrap_or(false) {
        builder = builder.stream();
    }
    if let Some(integrity) = parts.get::<_, Option<String>>("integrity")? {
        builder = builder.integrity(&integrity);
    }
    builder = builder
        .mode(text("mode")?.parse().unwrap_or_default())
        .credentials(text("credentials")?.parse().unwrap_or_default())
        .redirect(text("redirect")?.parse().unwrap_or_default())
        .cache(text("cache")?.parse().unwrap_or_default())
        .referrer(match text("referrer")?.as_str() {
            "" => Referrer::None,
            "about:client" => Referrer::Client,
            url => Url::parse(url).map_or(Referrer::Client, Referrer::Url),
        });
    if let Ok(policy) = text("referrerPolicy")?.parse() {
        builder = builder.referrer_policy(policy);
    }
    builder.build().map_err(|error| Exception::throw_type(ctx, &error.to_string()))
}

/// The response, as the prelude takes it.
fn head<'js>(ctx: &Ctx<'js>, response: &Response) -> Result<Value<'js>> {
    let headers: Vec<List<(String, String)>> = response
        .headers
        .iter()
        .map(|(name, value)| List((name.as_str().to_owned(), to_byte_string(value.as_bytes()))))
        .collect();
    // A list, and no object: a script may have put setters on the prototype of all objects.
    let fields = (
        response.kind.as_str(),
        u32::from(response.status),
        to_byte_string(&response.status_text),
        response.url().map_or_else(String::new, String::from),
        response.redirected(),
        response.body == BodyAccess::Readable,
        headers,
    );
    List(fields).into_js(ctx)
}
