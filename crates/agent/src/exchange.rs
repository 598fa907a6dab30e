//! One HTTP exchange without a page and without the rules of a browser.

use crossing::browser::Connection;
use crossing::{RequestHead, ResponseHead};
use tokio::time::timeout_at;

use crate::agent::Agent;
use crate::content_coding::Decoder;
use crate::error::TransportError;
use crate::limits::deadline_after;
use crate::options::StreamedUploads;
use crate::request_body::RequestBody;
use crate::response_body::{Body, ReceivedBody};
use crate::transport::send;

impl Agent {
    /// Sends one request unchanged, and returns its response unchecked: there is no cookie, no preflight and no redirect, and only
    /// the `Host` header is added.
    ///
    /// A browser does not send such a request; a probe does, which sets `Origin` itself.
    ///
    /// # Errors
    /// When there is no response; the error has the reason.
    pub async fn exchange(
        &self,
        head: RequestHead,
        body: impl Into<RequestBody>,
    ) -> Result<(ResponseHead, Body), TransportError> {
        let limits = &self.0.limits;
        let (until, whole) = (deadline_after(limits.head), deadline_after(limits.total));
        let (transport, streamed) = (&*self.0.transport, StreamedUploads::AnyVersion);
        let sending = send(transport, &head, body.into(), Connection::Pooled, streamed);
        let (head, body) = timeout_at(until.min(whole), sending)
            .await
            .map_err(|_| TransportError::timeout("response", limits.head.min(limits.total)))??;
        let decoder = Decoder::from_headers(&head.headers).map(Box::new);
        let body = Body::new(ReceivedBody { body, decoder, cache_writer: None }, limits, whole);
        Ok((head, body))
    }
}
