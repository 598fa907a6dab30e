//! How a fetch ended, and what went over the wire.

use std::fmt;
use std::time::{Duration, SystemTime};

use crossing::browser::{Event, Failure, Response};
use crossing::{Exchange, Reason, RequestHead, ResponseHead};

use crate::response_body::Body;

/// How a fetch ended.
#[derive(Debug)]
pub struct Outcome {
    /// What the script gets: a response, or a network error.
    pub result: Result<Fetched, NetworkError>,
    /// What was decided on the way; empty unless [`Settings::tracing`](crossing::browser::Settings::tracing) is on.
    pub trace: Vec<Event>,
    /// What went over the wire, in order; empty unless [`Recording`](crate::Recording) is on.
    pub exchanges: Vec<WireExchange>,
}

impl Outcome {
    /// Why the script got nothing; `None` if it got a response.
    pub fn reason(&self) -> Option<Reason> {
        self.result.as_ref().err().map(|error| error.failure.reason)
    }
}

/// A response as the script sees it, and its body.
#[derive(Debug)]
pub struct Fetched {
    /// The head, filtered.
    pub response: Response,
    /// The body; empty where it is withheld.
    pub body: Body,
}

/// A [network error](https://fetch.spec.whatwg.org/#concept-network-error), with what the script is not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkError {
    /// Why, where, and about what.
    pub failure: Box<Failure>,
    /// What the transport said: « connection refused (127.0.0.1:81) ».
    pub detail: Option<String>,
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.failure.reason.message())?;
        if let Some(detail) = self.detail.as_ref().or(self.failure.subject.as_ref()) {
            write!(f, " ({detail})")?;
        }
        Ok(())
    }
}

impl std::error::Error for NetworkError {}

/// A request that was sent, and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireExchange {
    /// Preflight, or the request itself.
    pub kind: Exchange,
    /// What was sent. `Host` follows from the URL.
    pub request: RequestHead,
    /// What came back, before any filter; `None` if nothing did.
    pub response: Option<ResponseHead>,
    /// When it was sent, by the machine's clock.
    pub sent: SystemTime,
    /// How long the response's head took; zero if none came.
    pub took: Duration,
}
