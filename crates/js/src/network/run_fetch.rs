//! Runs one fetch, and reports its events.

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

/// How long the last bytes of a request's body are under way before it is told, unless an answer comes: a browser looks
/// at its sockets no oftener.
const UPLOAD_END_DELAY: Duration = Duration::from_millis(100);

/// What every conversation needs.
pub(super) struct NetworkState {
    pub(super) agent: Agent,
    pub(super) client: Arc<Client>,
    pub(super) reports: EventSender,
    pub(super) permits: Semaphore,
}

/// Tells that the request's body has gone out, some time after it has.
struct UploadNotifier(AbortHandle);

impl UploadNotifier {
    fn start(id: FetchId, reports: &EventSender, whole: Arc<Notify>) -> UploadNotifier {
        let reports = reports.clone();
        let telling = async move {
            whole.notified().await;
            sleep(UPLOAD_END_DELAY).await;
            let _ = reports.send((id, NetworkEvent::UploadEnded));
        };
        UploadNotifier(spawn_local(telling).abort_handle())
    }
}

impl Drop for UploadNotifier {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Holds one conversation, and reports.
pub(super) async fn run_fetch(state: &NetworkState, id: FetchId, request: Box<Request>, upload: Upload) {
    let Ok(_permit) = state.permits.acquire().await else { return };
    let report = |news| {
        // A script that has ended is told nothing more.
        let _ = state.reports.send((id, news));
    };
    let (whole, told) = (Arc::new(Notify::new()), matches!(upload, Upload::Observed(_)));
    let body = upload.into_body(id, &state.reports, &whole);
    let notifier = told.then(|| UploadNotifier::start(id, &state.reports, whole));
    let (method, url) = (request.method().clone(), request.url().clone());
    let Outcome { result, trace, exchanges } = state.agent.fetch(&state.client, *request, body).await;
    drop(notifier);
    let answered = exchanges.iter().any(|it| it.kind == Exchange::Request && it.response.is_some());
    let sent = if answered { RequestBodySent::Yes } else { RequestBodySent::No };
    let (asked, at) = (method.clone(), url.clone());
    let tell = |end| {
        report(NetworkEvent::Conversation(Box::new(Conversation { method, url, exchanges, trace, end })))
    };
    let mut fetched = match result {
        Ok(fetched) => fetched,
        Err(error) => {
            tell(ConversationEnd::Failed(error));
            report(NetworkEvent::Failed(sent));
            return;
        }
    };
    tell(ConversationEnd::Responded { kind: fetched.response.kind, status: fetched.response.status });
    report(NetworkEvent::Head(Box::new(fetched.response), RequestBodySent::Yes));
    loop {
        match fetched.body.chunk().await {
            Ok(Some(chunk)) => report(NetworkEvent::Chunk(chunk)),
            Ok(None) => return report(NetworkEvent::End),
            Err(error) => {
                let (reason, exchange) = (error.reason, Exchange::Request);
                let failure = Failure { reason, exchange, subject: None, url: at.clone() };
                let end = ConversationEnd::Failed(NetworkError {
                    failure: Box::new(failure),
                    detail: Some(error.detail),
                });
                let (exchanges, trace) = (Vec::new(), Vec::new());
                let told = Conversation { method: asked, url: at, exchanges, trace, end };
                report(NetworkEvent::Conversation(Box::new(told)));
                return report(NetworkEvent::Failed(RequestBodySent::Yes));
            }
        }
    }
}
