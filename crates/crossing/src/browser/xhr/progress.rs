//! What the network says: how a fetch goes on, and how it ends.

use std::time::Duration;

use http::header::CONTENT_ENCODING;

use super::{EventKind, State, Target, Task, Timing, UploadListeners, Xhr, XhrError};
use crate::browser::Response;
use crate::headers::response::content_length;
use crate::time::Time;

/// The least time between two `progress` events.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(50);

/// The end of a synchronous fetch.
#[derive(Debug)]
pub enum Outcome {
    /// The response and its whole body.
    Response(Box<Response>, Vec<u8>),
    /// A network error.
    Failed,
    /// It took too long.
    TimedOut,
}

impl Xhr {
    /// So many more bytes of the request's body have gone out.
    pub fn request_bytes_sent(&mut self, bytes: u64, now: Time) {
        self.begin();
        if !self.is_in_flight() || self.upload_complete {
            return;
        }
        self.transmitted = (self.transmitted + bytes).min(self.request_length);
        // What is told of the last bytes is told when the body has gone out.
        if self.transmitted < self.request_length && is_due(&mut self.last_upload_progress, now) {
            self.fire_upload(EventKind::Progress);
        }
    }

    /// The request's body has gone out as a whole.
    pub fn request_body_sent(&mut self) {
        self.begin();
        if !self.is_in_flight() || self.upload_complete {
            return;
        }
        self.upload_complete = true;
        self.transmitted = self.request_length;
        for kind in [EventKind::Progress, EventKind::Load, EventKind::LoadEnd] {
            self.fire_upload(kind);
        }
    }

    fn fire_upload(&mut self, kind: EventKind) {
        if self.upload_listener == UploadListeners::Some {
            self.fire(Target::Upload, kind, self.transmitted, self.request_length);
        }
    }

    /// The response has come: its head, filtered as the browser half delivers it.
    pub fn responded(&mut self, response: Response) {
        self.begin();
        if !self.is_in_flight() {
            return;
        }
        self.response = Some(response);
        self.state = State::HeadersReceived;
        self.fire_state_change();
        self.push(Task::HeadersSeen { generation: self.generation });
    }

    /// Bytes of the response's body have come.
    pub fn body_bytes(&mut self, bytes: &[u8], now: Time) {
        self.begin();
        if !self.is_in_flight() || !matches!(self.state, State::HeadersReceived | State::Loading) {
            return;
        }
        self.received.extend_from_slice(bytes);
        if !is_due(&mut self.last_progress, now) {
            return;
        }
        if self.state == State::HeadersReceived {
            self.state = State::Loading;
        }
        // It tells of the state more often than the state changes: scripts rely on it.
        self.fire_state_change();
        self.fire_progress();
    }

    fn fire_progress(&mut self) {
        let (loaded, total) = self.lengths();
        self.told = Some(loaded);
        self.fire(Target::Xhr, EventKind::Progress, loaded, total);
    }

    /// The response's body is complete.
    pub fn body_ended(&mut self) {
        self.begin();
        if self.is_in_flight()
            && matches!(self.state, State::HeadersReceived | State::Loading)
            && self.has_body()
        {
            self.end_of_body();
        }
    }

    /// The fetch ended in a network error, before the response or within its body.
    pub fn failed(&mut self) {
        self.begin();
        if self.is_in_flight() {
            self.request_error(EventKind::Error);
        }
    }

    /// [`deadline`](Xhr::deadline) has come.
    pub fn timed_out(&mut self) {
        self.begin();
        if self.is_in_flight() {
            self.generation += 1;
            self.push(Task::Cancel);
            self.request_error(EventKind::Timeout);
        }
    }

    /// The end of a synchronous fetch. The events that follow are polled.
    ///
    /// # Errors
    /// What `send()` throws.
    pub fn complete(&mut self, outcome: Outcome) -> Result<(), XhrError> {
        self.begin();
        if !self.send_invoked || self.timing != Timing::Synchronous {
            return Err(XhrError::InvalidState);
        }
        match outcome {
            Outcome::Response(response, body) => {
                self.response = Some(*response);
                self.received = body;
                self.upload_complete = true;
                self.finish();
                Ok(())
            }
            Outcome::Failed => self.throw(XhrError::Network),
            Outcome::TimedOut => self.throw(XhrError::Timeout),
        }
    }

    fn throw(&mut self, error: XhrError) -> Result<(), XhrError> {
        self.end_as_error();
        Err(error)
    }

    pub(super) fn is_in_flight(&self) -> bool {
        self.send_invoked && self.timing == Timing::Asynchronous
    }

    /// The numbers of a `progress` event.
    fn lengths(&self) -> (u64, u64) {
        let headers = self.response.as_ref().map(|response| &response.headers);
        // The length of coded bytes says nothing about the decoded ones, which are counted.
        let plain = headers.filter(|headers| !headers.contains(&CONTENT_ENCODING));
        let total = plain.and_then(content_length).unwrap_or(0);
        (self.received.len() as u64, total)
    }

    /// [Handle response end-of-body](https://xhr.spec.whatwg.org/#handle-response-end-of-body), up to its first event.
    pub(super) fn end_of_body(&mut self) {
        // No browser tells of the same bytes twice, though the standard's steps read so.
        let (loaded, _) = self.lengths();
        if self.told != Some(loaded) {
            self.fire_progress();
        }
        self.push(Task::Finish { generation: self.generation });
    }

    /// The rest of it.
    pub(super) fn finish(&mut self) {
        let (loaded, total) = self.lengths();
        self.state = State::Done;
        self.send_invoked = false;
        self.fire_state_change();
        self.fire(Target::Xhr, EventKind::Load, loaded, total);
        self.fire(Target::Xhr, EventKind::LoadEnd, loaded, total);
    }

    fn end_as_error(&mut self) {
        self.state = State::Done;
        self.send_invoked = false;
        self.response = None;
        self.received.clear();
    }

    /// [The request error steps](https://xhr.spec.whatwg.org/#request-error-steps) of an asynchronous request.
    pub(super) fn request_error(&mut self, kind: EventKind) {
        self.end_as_error();
        if self.timing == Timing::Synchronous {
            return;
        }
        self.fire_state_change();
        self.push(Task::UploadError(kind));
        self.fire(Target::Xhr, kind, 0, 0);
        self.fire(Target::Xhr, EventKind::LoadEnd, 0, 0);
    }
}

/// Whether the interval has passed since this last said yes.
fn is_due(last: &mut Option<Time>, now: Time) -> bool {
    let due = last.is_none_or(|last| now.since(last) >= PROGRESS_INTERVAL);
    if due {
        *last = Some(now);
    }
    due
}
