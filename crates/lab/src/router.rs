//! Routes the requests of the page: the embedded files, and the API.

use std::sync::Arc;

use http::header::{self, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};

use super::guard::Guard;
use super::http_error::HttpError;
use super::http_server::{BODY_TIMEOUT, HttpResponse, MAX_BODY, header_value};
use super::live::LiveOrigins;
use super::{api, assets};

pub(super) struct Router {
    pub(super) guard: Guard,
    pub(super) live: Arc<LiveOrigins>,
}

impl Router {
    pub(super) async fn respond(self: Arc<Router>, request: Request<Incoming>) -> HttpResponse {
        let response = self.route(request).await.unwrap_or_else(HttpError::into_response);
        self.guard.isolate(response)
    }

    async fn route(&self, request: Request<Incoming>) -> Result<HttpResponse, HttpError> {
        let (head, body) = request.into_parts();
        self.guard.admit(&head.method, &head.headers)?;
        let path = head.uri.path();
        if self.guard.is_alias(&head.headers) {
            let target = head.uri.path_and_query().map_or("/", |path| path.as_str());
            return Ok(redirect(&format!("{}{target}", self.guard.origin)));
        }
        match (&head.method, assets::find(path)) {
            (&Method::GET | &Method::HEAD, Some(asset)) => {
                let mut response = Response::new(Full::from(asset.bytes));
                let content_type = HeaderValue::from_static(asset.content_type);
                response.headers_mut().insert(header::CONTENT_TYPE, content_type);
                Ok(response)
            }
            (_, Some(_)) => Err(HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "this is read with GET")),
            (method, None) => {
                let body = match *method {
                    Method::POST => read_json(&head.headers, body).await?,
                    _ => Bytes::new(),
                };
                api::respond(&self.live, method, path, &body)
            }
        }
    }
}

fn redirect(to: &str) -> HttpResponse {
    let mut response = HttpResponse::default();
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(header::LOCATION, header_value(to));
    response
}

/// Reads the body of a request whose `Content-Type` is JSON.
async fn read_json(headers: &HeaderMap, body: Incoming) -> Result<Bytes, HttpError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(HttpError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json"));
    }
    let read = Limited::new(body, MAX_BODY).collect();
    match tokio::time::timeout(BODY_TIMEOUT, read).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(HttpError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body has more than {} KiB", MAX_BODY >> 10),
        )),
        Ok(Err(_)) => Err(HttpError::new(StatusCode::BAD_REQUEST, "the body breaks off")),
        Err(_) => Err(HttpError::new(StatusCode::REQUEST_TIMEOUT, "the body takes too long")),
    }
}
