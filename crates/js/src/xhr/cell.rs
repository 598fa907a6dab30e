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
    /// Whether the script has seen nothing of the news that came last: then what follows may come in the same task.
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

    pub(crate) fn time_out(&self) {
        self.inner.borrow_mut().xhr.timed_out();
    }

    /// Whether somebody hears how the request's body gets on.
    pub(crate) fn tells_upload(&self) -> bool {
        self.inner.borrow().xhr.tells_upload()
    }

    /// The request's body has gone out.
    pub(crate) fn body_sent(&self) {
        self.inner.borrow_mut().xhr.request_body_sent();
    }

    /// EventSender to the state machine; what that brings is polled.
    pub(crate) fn hear(&self, news: NetworkEvent, now: Time) {
        self.unseen.set(true);
        let inner = &mut *self.inner.borrow_mut();
        match news {
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

    /// NetworkEvent that needs no task of its own.
    pub(super) fn more_news(&self, host: &Host) -> Option<NetworkEvent> {
        let id = self.inner.borrow().fetch.filter(|_| self.unseen.get())?;
        let news = host.more_news_of(id, |news| !(tells_of_body(news) && self.tells_upload()))?;
        // The last news ends the conversation.
        host.consumer(id, &news);
        Some(news)
    }

    pub(super) fn cancel(&self, host: &Host) {
        if let Some(id) = self.inner.borrow_mut().fetch.take() {
            host.cancel(id);
        }
    }

    /// Blocks until the conversation is over.
    pub(super) fn wait(&self, host: &Host) -> Outcome {
        let Some(id) = self.inner.borrow().fetch else { return Outcome::Failed };
        let due = self.deadline().and_then(|due| host.instant(due));
        let until = [due, host.deadline()].into_iter().flatten().min();
        let mut head = None;
        let mut body = Vec::new();
        let outcome = loop {
            match host.next_news_of(id, until) {
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

/// Whether the news tells that the request's body has gone out.
pub(crate) fn tells_of_body(news: &NetworkEvent) -> bool {
    matches!(news, NetworkEvent::Head(_, RequestBodySent::Yes) | NetworkEvent::Failed(RequestBodySent::Yes))
}
