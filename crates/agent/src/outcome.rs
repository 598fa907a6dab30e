//! How a fetch ended, and what went over the wire.

use std::fmt;
use std::time::{Duration, SystemTime};

use crossing::browser::{Event, Failure, Response};
use crossing::{Exchange, Reason, RequestHead, ResponseHead};

use crate::response_body::Body;

/// How a fetch ended.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use axum::{Router, routing::get};
/// use crossing::browser::Request;
/// use crossing::{Exchange, Reason};
/// use crossing_agent::{Agent, client};
///
/// let app = Router::new().route("/", get(|| async { "hello" }));
/// let agent = Agent::in_process().host("api.example.com", app).build()?;
/// let request = Request::builder("https://api.example.com/".parse()?).method("DELETE").build()?;
/// let outcome = agent.fetch(&client("https://app.example.com")?, request, ()).await;
///
/// // The server does not implement the preflight, so the request itself is not sent.
/// assert_eq!(outcome.reason(), Some(Reason::PreflightStatus));
/// assert_eq!(outcome.exchanges.len(), 1);
/// assert_eq!(outcome.exchanges[0].kind, Exchange::Preflight);
/// assert!(!outcome.trace.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[non_exhaustive]
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
#[non_exhaustive]
pub struct Fetched {
    /// The head, filtered.
    pub response: Response,
    /// The body; empty where it is withheld.
    pub body: Body,
}

/// A [network error](https://fetch.spec.whatwg.org/#concept-network-error), with the details that the script does not see.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkError {
    /// Why, where, and about what.
    pub failure: Box<Failure>,
    /// What the transport said: « connection refused (127.0.0.1:81) ».
    pub detail: Option<String>,
}

impl NetworkError {
    /// A network error with this failure, and what the transport reported.
    pub fn new(failure: Box<Failure>, detail: Option<String>) -> NetworkError {
        NetworkError { failure, detail }
    }
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

/// A request that was sent, and its response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
