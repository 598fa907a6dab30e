//! Runs one fetch, and events its events.

use std::sync::Arc;
use std::time::Duration;

use crossing::Exchange;
use crossing::browser::{Client, Failure, Request};
use crossing_agent::{Agent, NetworkError, Outcome};
use tokio::sync::{Notify, Semaphore};
use tokio::task::{AbortHandle, spawn_local};
use tokio::time::sleep;

use super::event::{EventSender, FetchId, NetworkEvent, RequestBodySent};
use super::upload::Upload;
use crate::conversation::{Conversation, ConversationEnd};

/// How long after the last bytes of a request's body the end of the upload is reported, unless a response is received before: a
/// browser does not poll its sockets more often.
const UPLOAD_END_DELAY: Duration = Duration::from_millis(100);

/// The state that all fetches share.
pub(super) struct NetworkState {
    pub(super) agent: Agent,
    pub(super) client: Arc<Client>,
    pub(super) events: EventSender,
    pub(super) permits: Semaphore,
}

/// Reports the end of the upload, some time after the last byte was sent.
struct UploadNotifier(AbortHandle);

impl UploadNotifier {
    fn start(id: FetchId, events: &EventSender, whole: Arc<Notify>) -> UploadNotifier {
        let events = events.clone();
        let notify = async move {
            whole.notified().await;
            sleep(UPLOAD_END_DELAY).await;
            let _ = events.send((id, NetworkEvent::UploadEnded));
        };
        UploadNotifier(spawn_local(notify).abort_handle())
    }
}

impl Drop for UploadNotifier {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs one fetch, and reports its events.
pub(super) async fn run_fetch(state: &NetworkState, id: FetchId, request: Box<Request>, upload: Upload) {
    let Ok(_permit) = state.permits.acquire().await else { return };
    let report = |event| {
        // A script that has ended receives nothing more.
        let _ = state.events.send((id, event));
    };
    let (whole, observed) = (Arc::new(Notify::new()), matches!(upload, Upload::Observed(_)));
    let body = upload.into_body(id, &state.events, &whole);
    let notifier = observed.then(|| UploadNotifier::start(id, &state.events, whole));
    let (method, url) = (request.method().clone(), request.url().clone());
    let Outcome { result, trace, exchanges, .. } = state.agent.fetch(&state.client, *request, body).await;
    drop(notifier);
    let answered = exchanges.iter().any(|it| it.kind == Exchange::Request && it.response.is_some());
    let sent = if answered { RequestBodySent::Yes } else { RequestBodySent::No };
    let (again_method, again_url) = (method.clone(), url.clone());
    let report_end = |end| {
        report(NetworkEvent::Conversation(Box::new(Conversation { method, url, exchanges, trace, end })))
    };
    let mut fetched = match result {
        Ok(fetched) => fetched,
        Err(error) => {
            report_end(ConversationEnd::Failed(error));
            report(NetworkEvent::Failed(sent));
            return;
        }
    };
    report_end(ConversationEnd::Responded { kind: fetched.response.kind, status: fetched.response.status });
    report(NetworkEvent::Head(Box::new(fetched.response), RequestBodySent::Yes));
    loop {
        match fetched.body.chunk().await {
            Ok(Some(chunk)) => report(NetworkEvent::Chunk(chunk)),
            Ok(None) => return report(NetworkEvent::End),
            Err(error) => {
                let (reason, exchange) = (error.reason, Exchange::Request);
                let failure = Failure { reason, exchange, subject: None, url: again_url.clone() };
                let end = ConversationEnd::Failed(NetworkError::new(Box::new(failure), Some(error.detail)));
                let (exchanges, trace) = (Vec::new(), Vec::new());
                let conversation =
                    Conversation { method: again_method, url: again_url, exchanges, trace, end };
                report(NetworkEvent::Conversation(Box::new(conversation)));
                return report(NetworkEvent::Failed(RequestBodySent::Yes));
            }
        }
    }
}
