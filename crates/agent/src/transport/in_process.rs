//! Applications in this process: no port, no socket.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Mutex;

use bytes::Bytes;
use crossing::Reason;
use crossing::browser::Connection;
use http::HeaderValue;
use tower_service::Service;

use super::{IncomingBody, SendFuture, Transport};
use crate::error::{BoxError, TransportError, innermost};
use crate::request_body::RequestBody;
use crate::sync::lock;

type ResponseFuture = Pin<Box<dyn Future<Output = Result<http::Response<IncomingBody>, BoxError>> + Send>>;

/// A service with its type erased.
struct BoxedService(Box<dyn Fn(http::Request<RequestBody>) -> ResponseFuture + Send + Sync>);

/// Hosts that are answered by services in this process.
#[derive(Default)]
pub(crate) struct InProcessHosts {
    /// By host, or by host and port.
    services: BTreeMap<String, BoxedService>,
    /// For all other hosts; without it they do not exist.
    fallback: Option<Box<dyn Transport>>,
}

impl InProcessHosts {
    pub(crate) fn add<S, B>(&mut self, host: &str, service: S)
    where
        S: Service<http::Request<RequestBody>, Response = http::Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let service = Mutex::new(service);
        let answer = move |request| -> ResponseFuture {
            let mut service = lock(&service).clone();
            Box::pin(async move {
                poll_fn(|cx| service.poll_ready(cx)).await.map_err(Into::into)?;
                let response = service.call(request).await.map_err(Into::into)?;
                Ok(response.map(|body| IncomingBody::new(Boxed(Box::pin(body)))))
            })
        };
        self.services.insert(host.to_ascii_lowercase(), BoxedService(Box::new(answer)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    /// Other hosts are asked over this transport.
    pub(crate) fn with_fallback(mut self, fallback: Option<Box<dyn Transport>>) -> InProcessHosts {
        self.fallback = fallback;
        self
    }
}

impl Transport for InProcessHosts {
    fn send(&self, mut request: http::Request<RequestBody>, connection: Connection) -> SendFuture<'_> {
        let authority = request.uri().authority().map(|authority| authority.as_str().to_ascii_lowercase());
        let authority = authority.unwrap_or_default();
        let host = request.uri().host().unwrap_or_default().to_ascii_lowercase();
        let found = self.services.get(&authority).or_else(|| self.services.get(&host));
        let Some(service) = found else {
            if let Some(fallback) = &self.fallback {
                return fallback.send(request, connection);
            }
            let known: Vec<&str> = self.services.keys().map(String::as_str).collect();
            let detail = format!("no application was given for {authority}; there are: {}", known.join(", "));
            return Box::pin(async { Err(TransportError::new(Reason::Dns, detail)) });
        };
        if let Ok(host) = HeaderValue::from_str(&authority) {
            request.headers_mut().insert(http::header::HOST, host);
        }
        // As over HTTP/1.1: path and query in the request line, the host in a header.
        if let Some(path) = request.uri().path_and_query().cloned() {
            *request.uri_mut() = path.into();
        }
        let answer = (service.0)(request);
        Box::pin(async move {
            answer.await.map_err(|error| {
                let words = format!("the application at {host} failed: {}", innermost(&*error));
                TransportError::within(&*error)
                    .cloned()
                    .unwrap_or_else(|| TransportError::new(Reason::BrokenHttp, words))
            })
        })
    }
}

/// A body with its error's type forgotten.
struct Boxed<B>(Pin<Box<B>>);

impl<B> http_body::Body for Boxed<B>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BoxError>>> {
        self.0.as_mut().poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Into::into)))
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0.size_hint()
    }
}
