//! A client's request, turned into one for an upstream.

use http::header::TRANSFER_ENCODING;
use http::{HeaderValue, Request};
use http_body::Body as _;
use hyper::upgrade::OnUpgrade;

use crate::drain_on_drop::DrainOnDrop;
use crate::hop_by_hop;
use crate::path::origin_form;
use crate::request_context::RequestContext;
use crate::upstream::{Progress, RequestBody};

/// A request for an upstream.
pub(crate) struct UpstreamRequest {
    pub(crate) request: Request<RequestBody>,
    /// The state of the client's body, if there is one.
    pub(crate) progress: Option<Progress>,
    /// The client's end of a WebSocket.
    pub(crate) client_upgrade: Option<OnUpgrade>,
}

impl UpstreamRequest {
    pub(crate) fn new(context: &RequestContext<'_>, mut request: Request<DrainOnDrop>) -> UpstreamRequest {
        let client_upgrade =
            hop_by_hop::is_websocket_handshake(&request).then(|| hyper::upgrade::on(&mut request));
        let (mut head, incoming) = request.into_parts();
        hop_by_hop::prepare_request(&mut head.headers, head.version, context.host, context.client);
        if client_upgrade.is_some() {
            hop_by_hop::set_websocket_upgrade(&mut head.headers);
        }
        let (body, progress) = if incoming.is_end_stream() {
            (RequestBody::Empty, None)
        } else {
            if incoming.size_hint().exact().is_none() {
                // For every method: without it, hyper does not send the body of a GET.
                head.headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
            }
            let progress = Progress::new();
            let limit = context.config.limits.body_bytes.unwrap_or(u64::MAX);
            (RequestBody::client(incoming, limit, progress.clone()), Some(progress))
        };
        let mut request = Request::new(body);
        *request.method_mut() = head.method;
        *request.uri_mut() = origin_form(head.uri);
        *request.headers_mut() = head.headers;
        UpstreamRequest { request, progress, client_upgrade }
    }
}
