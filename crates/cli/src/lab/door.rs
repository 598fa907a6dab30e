//! The door: who may come in, and what they get. Loopback only; requests under another name (DNS rebinding) and from other
//! sites are refused.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use tokio::net::TcpListener;

use super::live::Live;
use super::{api, assets};

/// The largest body that is read, in bytes.
pub(super) const LARGEST_BODY: usize = 256 << 10;
/// How long a head may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a body may take.
const PATIENCE_WITH_BODY: Duration = Duration::from_secs(10);

pub(super) type Reply = Response<Full<Bytes>>;

/// What the lab knows.
pub(super) struct Lab {
    /// `http://127.0.0.1:4700`
    pub(super) origin: String,
    hosts: [String; 2],
    pub(super) live: Arc<Live>,
}

/// Why somebody gets nothing: a status and a sentence.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

#[derive(Serialize)]
struct RefusalDocument<'a> {
    error: &'a str,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Refusal {
        Refusal { status, message: message.into() }
    }
}

impl Lab {
    /// A lab at this port, with live origins at others.
    pub(super) async fn new(port: u16) -> io::Result<Lab> {
        let origin = format!("http://127.0.0.1:{port}");
        let live = Live::open(&origin).await?;
        Ok(Lab { origin, hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")], live })
    }

    /// What the page may load, and from where.
    fn content_security_policy(&self) -> String {
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {}; \
             frame-src {}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            self.live.servers().join(" "),
            self.live.page()
        )
    }
}

/// Lets people in, one connection after another.
pub(super) async fn open(listener: TcpListener, lab: Arc<Lab>) {
    serve(listener, move |request| answer(lab.clone(), request)).await;
}

/// Serves a listener with a function, for as long as it lasts.
pub(super) async fn serve<F, R>(listener: TcpListener, answer: F)
where
    F: Fn(Request<Incoming>) -> R + Clone + Send + 'static,
    R: Future<Output = Reply> + Send + 'static,
{
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            // Out of descriptors, most likely: some will come free.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let answer = answer.clone();
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request| {
                let reply = answer(request);
                async move { Ok::<_, Infallible>(reply.await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .serve_connection(TokioIo::new(socket), service);
            // A browser that hangs up is no event.
            let _ = connection.await;
        });
    }
}

async fn answer(lab: Arc<Lab>, request: Request<Incoming>) -> Reply {
    let reply = match try_answer(&lab, request).await {
        Ok(reply) => reply,
        Err(refusal) => json(refusal.status, &RefusalDocument { error: &refusal.message }),
    };
    guarded(&lab, reply)
}

async fn try_answer(lab: &Lab, request: Request<Incoming>) -> Result<Reply, Refusal> {
    let (head, body) = request.into_parts();
    lab.admit(&head.method, &head.headers)?;
    let path = head.uri.path();
    if host_of(&head.headers) == Some(lab.hosts[1].as_bytes()) {
        // One name for everything, so that the page and its live origins are of one site.
        let to = format!("{}{}", lab.origin, head.uri.path_and_query().map_or("/", |path| path.as_str()));
        let mut reply = Reply::default();
        *reply.status_mut() = StatusCode::TEMPORARY_REDIRECT;
        reply.headers_mut().insert(header::LOCATION, value(&to));
        return Ok(reply);
    }
    match (&head.method, assets::find(path)) {
        (&Method::GET | &Method::HEAD, Some(asset)) => {
            let mut reply = Response::new(Full::from(asset.bytes));
            reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
            Ok(reply)
        }
        (_, Some(_)) => Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this is read with GET")),
        (method, None) => {
            let body = if *method == Method::POST { whole(&head.headers, body).await? } else { Bytes::new() };
            api::answer(lab, method, path, &body).await
        }
    }
}

impl Lab {
    /// Whether a request is the page's own, or a person's who opens it.
    fn admit(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        let forbidden = |message: String| Refusal::new(StatusCode::FORBIDDEN, message);
        match host_of(headers) {
            Some(host) if self.hosts.iter().any(|known| known.as_bytes() == host) => {}
            _ => {
                let known = &self.hosts[0];
                return Err(forbidden(format!(
                    "the lab answers to the name {known} only, and Host names another"
                )));
            }
        }
        let origin = headers.get(header::ORIGIN);
        match origin {
            Some(origin) if origin.as_bytes() != self.origin.as_bytes() => {
                return Err(forbidden(
                    "Origin names another origin than the lab's: pages of others get nothing".to_owned(),
                ));
            }
            None if !matches!(*method, Method::GET | Method::HEAD) => {
                return Err(forbidden("a request that does something needs the lab's own Origin".to_owned()));
            }
            _ => {}
        }
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let navigates = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
        if matches!(site, Some(b"cross-site" | b"same-site")) && !navigates {
            return Err(forbidden(
                "Sec-Fetch-Site says that a page of others asks: it gets nothing".to_owned(),
            ));
        }
        Ok(())
    }
}

pub(super) fn host_of(headers: &HeaderMap) -> Option<&[u8]> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.as_bytes();
    hosts.next().is_none().then_some(host)
}

/// The body of a request that sends JSON.
async fn whole(headers: &HeaderMap, body: Incoming) -> Result<Bytes, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json"));
    }
    let read = Limited::new(body, LARGEST_BODY).collect();
    match tokio::time::timeout(PATIENCE_WITH_BODY, read).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body has more than {} KiB", LARGEST_BODY >> 10),
        )),
        Ok(Err(_)) => Err(Refusal::new(StatusCode::BAD_REQUEST, "the body breaks off")),
        Err(_) => Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body takes too long")),
    }
}

/// A JSON document.
pub(super) fn json(status: StatusCode, document: &impl Serialize) -> Reply {
    let text = serde_json::to_vec(document).unwrap_or_default();
    let mut reply = Response::new(Full::from(text));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

/// The headers that keep the page to itself.
fn guarded(lab: &Lab, mut reply: Reply) -> Reply {
    let policy = lab.content_security_policy();
    let lines: [(HeaderName, &str); 6] = [
        (header::CONTENT_SECURITY_POLICY, &policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, text) in lines {
        reply.headers_mut().insert(name, value(text));
    }
    reply
}

/// A value of our own making.
pub(super) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
