//! One request: which route, what its policy says, and the answer.

use std::borrow::Cow;
use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use crossing_tower::Cors;
use http::header::HOST;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use tower_service::Service;

use crate::access_log::Entry;
use crate::answer::{Asked, answer, plain};
use crate::body::Body;
use crate::client::Client;
use crate::client_body::ClientBody;
use crate::config::AccessLog;
use crate::server::Worker;
use crate::site::{Told, Watched};

/// Answers a request, whatever it is.
pub(crate) async fn handle(
    worker: &Rc<Worker>,
    client: &Client,
    request: Request<Incoming>,
) -> Response<Body> {
    let site = worker.shared.site.load_full();
    let logged = (site.access_log != AccessLog::Off).then(|| (Instant::now(), Entry::of(client, &request)));
    let told = Cell::new(Told::default());
    let request = ClientBody::of(request);
    let host = host_of(&request).map_err(|problem| (StatusCode::BAD_REQUEST, problem));
    let found = host.as_ref().map_err(|problem| *problem).and_then(|host| {
        let name = host_name(host).ok_or((StatusCode::BAD_REQUEST, "the host is no host"))?;
        let found = site.find(&name, request.uri().path());
        found.map(|found| (host, found)).ok_or((StatusCode::NOT_FOUND, "there is nothing here"))
    });
    let response = match found {
        Err((status, problem)) => {
            worker.shared.metrics.unrouted(status);
            plain(status, problem)
        }
        Ok((host, (route, clear))) => {
            let asked = Asked { worker, site: &site, route, clear, client, host };
            let inner = ServiceFn(|request| async move { Ok(answer(asked, request).await) });
            let Ok(response) = Cors::new(inner, Watched { route, client, basis: &told }).call(request).await;
            route.metrics.responded(response.status());
            response
        }
    };
    if let Some((began, entry)) = logged {
        let line = entry.line(site.access_log, began, told.get(), response.status());
        worker.shared.log.access(line, &worker.shared.metrics);
    }
    response
}

/// The host that a request is for: one, and no more than one.
/// <https://httpwg.org/specs/rfc9112.html#section-3.2>
fn host_of(request: &Request<ClientBody>) -> Result<HeaderValue, &'static str> {
    let mut lines = request.headers().get_all(HOST).into_iter();
    let (first, second) = (lines.next(), lines.next());
    if second.is_some() {
        return Err("there is more than one Host");
    }
    match (request.uri().authority(), first) {
        (Some(authority), _) => HeaderValue::from_str(authority.as_str()).map_err(|_| "the host is no host"),
        (None, Some(host)) => Ok(host.clone()),
        (None, None) if request.version() == Version::HTTP_10 => Ok(HeaderValue::from_static("")),
        (None, None) => Err("there is no Host"),
    }
}

/// The host as routes name it: in lower case, without port and brackets. `None` for what is no host, and for what has a user or
/// a password before it.
fn host_name(host: &HeaderValue) -> Option<Cow<'_, str>> {
    let text = host.to_str().ok()?;
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let addressed = name.len() + port.len() < text.len();
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte) || addressed && byte == b':';
    let numbered = port.is_empty() || port.strip_prefix(':')?.bytes().all(|byte| byte.is_ascii_digit());
    if !(numbered && name.bytes().all(fits)) {
        return None;
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    Some(if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    })
}

/// A function as a service.
struct ServiceFn<F>(F);

impl<F, R, Fut, T> Service<R> for ServiceFn<F>
where
    F: FnMut(R) -> Fut,
    Fut: Future<Output = Result<T, Infallible>>,
{
    type Response = T;
    type Error = Infallible;
    type Future = Fut;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Fut {
        (self.0)(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_perhaps_a_port() {
        let cases = [
            ("api.test", Some("api.test")),
            ("API.test.:80", Some("api.test")),
            ("api.test:", Some("api.test")),
            ("a_b~c%20-", Some("a_b~c%20-")),
            ("[::1]", Some("::1")),
            ("[::1]:80", Some("::1")),
            ("", Some("")),
            ("api.test:abc", None),
            ("api.test:80:80", None),
            ("api.test:-1", None),
            ("u:p@api.test", None),
            ("u@api.test", None),
            ("api.test@evil", None),
            ("[::1", None),
            ("[::1]80", None),
            ("::1", None),
            ("a]b", None),
            ("a/b", None),
            ("a b", None),
            ("a, b", None),
        ];
        for (host, expected) in cases {
            let value = HeaderValue::from_static(host);
            assert_eq!(host_name(&value).as_deref(), expected, "{host}");
        }
    }
}
