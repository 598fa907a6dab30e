//! The state of one `XMLHttpRequest`: the core's state machine, and the fetch under it.

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use crossing::Time;
use crossing::browser::xhr::{Global, Outcome, Xhr};

use crate::host::Host;
use crate::network::{FetchId, NetworkEvent, RequestBodySent};

/// One object's native half.
pub(crate) struct XhrCell {
    pub(super) inner: RefCell<Inner>,
    /// Whether the last event has not reached a listener: then the next one may be handled in the same task.
    pub(super) unseen: Cell<bool>,
}

pub(super) struct Inner {
    pub(super) xhr: Xhr,
    pub(super) body: Bytes,
    pub(super) fetch: Option<FetchId>,
}

impl XhrCell {
    pub(super) fn new(global: Global) -> XhrCell {
        let inner = Inner { xhr: Xhr::new(global), body: Bytes::new(), fetch: None };
        XhrCell { inner: RefCell::new(inner), unseen: Cell::default() }
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.inner.borrow().xhr.deadline()
    }

    pub(super) fn time_out(&self) {
        self.inner.borrow_mut().xhr.timed_out();
    }

    /// Whether the progress of the upload is reported to listeners.
    pub(super) fn reports_upload(&self) -> bool {
        self.inner.borrow().xhr.reports_upload()
    }

    pub(super) fn upload_ended(&self) {
        self.inner.borrow_mut().xhr.request_body_sent();
    }

    /// Passes an event to the state machine; its actions are polled.
    pub(super) fn receive(&self, event: NetworkEvent, now: Time) {
        self.unseen.set(true);
        let inner = &mut *self.inner.borrow_mut();
        match event {
            NetworkEvent::Head(response, _) => inner.xhr.responded(*response),
            NetworkEvent::Chunk(bytes) => inner.xhr.body_bytes(&bytes, now),
            NetworkEvent::End => {
                inner.fetch = None;
                inner.xhr.body_ended();
            }
            NetworkEvent::Failed(_) => {
                inner.fetch = None;
                inner.xhr.failed();
            }
            NetworkEvent::UploadProgress(bytes) => inner.xhr.request_bytes_sent(bytes, now),
            NetworkEvent::UploadEnded => inner.xhr.request_body_sent(),
            NetworkEvent::UploadChunkWanted | NetworkEvent::Conversation(_) | NetworkEvent::Wakeup => {}
        }
    }

    /// The next event, if it was received already and does not need a separate task.
    pub(super) fn received_event(&self, host: &Host) -> Option<NetworkEvent> {
        let id = self.inner.borrow().fetch.filter(|_| self.unseen.get())?;
        let is_wanted = |event: &NetworkEvent| !(ends_upload(event) && self.reports_upload());
        let event = host.fetches.received_event_of(id, is_wanted)?;
        // After the last event the fetch is no longer in flight.
        host.fetches.consumer(id, &event);
        Some(event)
    }

    pub(super) fn cancel(&self, host: &Host) {
        if let Some(id) = self.inner.borrow_mut().fetch.take() {
            host.fetches.cancel(id);
        }
    }

    /// Blocks until the fetch has ended.
    pub(super) fn wait(&self, host: &Host) -> Outcome {
        let Some(id) = self.inner.borrow().fetch else { return Outcome::Failed };
        let due = self.deadline().and_then(|due| host.execution.instant(due));
        let until = [due, host.execution.deadline()].into_iter().flatten().min();
        let mut head = None;
        let mut body = Vec::new();
        let outcome = loop {
            match host.fetches.next_event_of(id, until, || host.execution.stop_reason().is_some()) {
                Some(NetworkEvent::Head(response, _)) => head = Some(response),
                Some(NetworkEvent::Chunk(bytes)) => body.extend_from_slice(&bytes),
                Some(NetworkEvent::End) => {
                    break head
                        .map_or(Outcome::Failed, |head| Outcome::Response(head, std::mem::take(&mut body)));
                }
                Some(NetworkEvent::Failed(_)) => break Outcome::Failed,
                Some(
                    NetworkEvent::UploadProgress(_)
                    | NetworkEvent::UploadEnded
                    | NetworkEvent::UploadChunkWanted
                    | NetworkEvent::Conversation(_)
                    | NetworkEvent::Wakeup,
                ) => {}
                None => break Outcome::TimedOut,
            }
        };
        self.cancel(host);
        outcome
    }
}

/// Whether the event implies that the request's body has been sent.
pub(super) fn ends_upload(event: &NetworkEvent) -> bool {
    matches!(event, NetworkEvent::Head(_, RequestBodySent::Yes) | NetworkEvent::Failed(RequestBodySent::Yes))
}
