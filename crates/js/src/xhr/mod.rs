//! The native half of an `XMLHttpRequest`: the core's state machine, and the wire under it.

mod drive;
mod handle;
mod natives;

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use crossing::Time;
use crossing::browser::xhr::{Global, Outcome, Xhr};

pub(crate) use drive::Flying;
pub(crate) use natives::natives;

use crate::host::Host;
use crate::network::{FetchId, News, RequestBodySent};

/// One object's native half.
pub(crate) struct XhrCell {
    inner: RefCell<Inner>,
    /// Whether the script has seen nothing of the news that came last: then what follows may come in the same task.
    unseen: Cell<bool>,
}

struct Inner {
    xhr: Xhr,
    body: Bytes,
    fetch: Option<FetchId>,
}

impl XhrCell {
    fn new(global: Global) -> XhrCell {
        let inner = Inner { xhr: Xhr::new(global), body: Bytes::new(), fetch: None };
        XhrCell { inner: RefCell::new(inner), unseen: Cell::default() }
    }

    fn deadline(&self) -> Option<Time> {
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

    /// Reports to the state machine; what that brings is polled.
    pub(crate) fn hear(&self, news: News, now: Time) {
        self.unseen.set(true);
        let inner = &mut *self.inner.borrow_mut();
        match news {
            News::Head(response, _) => inner.xhr.responded(*response),
            News::Chunk(bytes) => inner.xhr.body_bytes(&bytes, now),
            News::End => {
                inner.fetch = None;
                inner.xhr.body_ended();
            }
            News::Failed(_) => {
                inner.fetch = None;
                inner.xhr.failed();
            }
            News::Sent(bytes) => inner.xhr.request_bytes_sent(bytes, now),
            News::BodySent => inner.xhr.request_body_sent(),
            News::Wanted | News::Told(_) | News::Woken => {}
        }
    }

    /// News that needs no task of its own.
    fn more_news(&self, host: &Host) -> Option<News> {
        let id = self.inner.borrow().fetch.filter(|_| self.unseen.get())?;
        let news = host.more_news_of(id, |news| !(tells_of_body(news) && self.tells_upload()))?;
        // The last news ends the conversation.
        host.consumer(id, &news);
        Some(news)
    }

    fn cancel(&self, host: &Host) {
        if let Some(id) = self.inner.borrow_mut().fetch.take() {
            host.cancel(id);
        }
    }

    /// Blocks until the conversation is over.
    fn wait(&self, host: &Host) -> Outcome {
        let Some(id) = self.inner.borrow().fetch else { return Outcome::Failed };
        let due = self.deadline().and_then(|due| host.instant(due));
        let until = [due, host.deadline()].into_iter().flatten().min();
        let mut head = None;
        let mut body = Vec::new();
        let outcome = loop {
            match host.next_news_of(id, until) {
                Some(News::Head(response, _)) => head = Some(response),
                Some(News::Chunk(bytes)) => body.extend_from_slice(&bytes),
                Some(News::End) => {
                    break head
                        .map_or(Outcome::Failed, |head| Outcome::Response(head, std::mem::take(&mut body)));
                }
                Some(News::Failed(_)) => break Outcome::Failed,
                Some(News::Sent(_) | News::BodySent | News::Wanted | News::Told(_) | News::Woken) => {}
                None => break Outcome::TimedOut,
            }
        };
        self.cancel(host);
        outcome
    }
}

/// Whether the news tells that the request's body has gone out.
pub(crate) fn tells_of_body(news: &News) -> bool {
    matches!(news, News::Head(_, RequestBodySent::Yes) | News::Failed(RequestBodySent::Yes))
}
