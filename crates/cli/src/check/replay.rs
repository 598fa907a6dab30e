//! Answers that were given before, given again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossing::browser::Connection;
use crossing::headers::names;
use crossing::{Exchange, Reason, ResponseHead};
use crossing_agent::{IncomingBody, RequestBody, Sending, Transport, TransportError, WireExchange};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use url::Url;

/// An answer, and to what it was given.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) kind: Exchange,
    pub(crate) method: String,
    pub(crate) url: Url,
    pub(crate) head: ResponseHead,
    /// How long the body was, in bytes; what was in it, no page's fate depends on.
    pub(crate) length: usize,
}

impl Recorded {
    /// What was recorded of an exchange; its body was not.
    pub(crate) fn of(exchange: &WireExchange) -> Option<Recorded> {
        let mut head = exchange.response.clone()?;
        // What is given again is not coded.
        head.headers.delete(&http::header::CONTENT_ENCODING);
        Some(Recorded {
            kind: exchange.kind,
            method: exchange.request.method.to_string(),
            url: exchange.request.url.clone(),
            head,
            length: 0,
        })
    }
}

/// A transport that reaches nothing but what was recorded. Its clones share what was given.
#[derive(Clone)]
pub(crate) struct Replay {
    /// Each is given once; the last of its kind for ever.
    answers: Arc<Mutex<Vec<(Recorded, Given)>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    No,
    Yes,
}

impl Replay {
    pub(crate) fn new(recorded: Vec<Recorded>) -> Replay {
        let answers = recorded.into_iter().map(|one| (one, Given::No)).collect();
        Replay { answers: Arc::new(Mutex::new(answers)) }
    }

    /// Whether the answer at this place was given.
    pub(crate) fn given(&self, at: usize) -> bool {
        self.lock().get(at).is_some_and(|(_, given)| *given == Given::Yes)
    }

    /// Takes back what was given since, for the next profile.
    pub(crate) fn rewind(&self, to: &[bool]) {
        for ((_, given), known) in self.lock().iter_mut().zip(to) {
            *given = if *known { Given::Yes } else { Given::No };
        }
    }

    /// Which answers were given.
    pub(crate) fn marks(&self) -> Vec<bool> {
        self.lock().iter().map(|(_, given)| *given == Given::Yes).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Recorded, Given)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, request: &http::Request<RequestBody>) -> Option<Recorded> {
        let mut answers = self.lock();
        let preflight = request.method() == http::Method::OPTIONS
            && request.headers().contains_key(&names::ACCESS_CONTROL_REQUEST_METHOD);
        let kind = if preflight { Exchange::Preflight } else { Exchange::Request };
        let url = Url::parse(&request.uri().to_string()).ok()?;
        let fits = |one: &Recorded| {
            one.kind == kind && one.method == request.method().as_str() && same(&one.url, &url)
        };
        let fresh = answers.iter().position(|(one, given)| *given == Given::No && fits(one));
        let at = fresh.or_else(|| answers.iter().rposition(|(one, _)| fits(one)))?;
        let (one, given) = answers.get_mut(at)?;
        *given = Given::Yes;
        Some(one.clone())
    }
}

/// The same address; what never goes over the wire does not count.
fn same(one: &Url, other: &Url) -> bool {
    one[url::Position::BeforeHost..url::Position::AfterQuery]
        == other[url::Position::BeforeHost..url::Position::AfterQuery]
        && one.scheme() == other.scheme()
}

impl Transport for Replay {
    fn send(&self, request: http::Request<RequestBody>, _: Connection) -> Sending<'_> {
        let found = self.find(&request);
        Box::pin(async move {
            let Some(found) = found else {
                let what = format!("no answer to {} {} was recorded", request.method(), request.uri());
                return Err(TransportError::new(Reason::Connection, what));
            };
            let body = Full::new(Bytes::from(vec![0; found.length])).map_err(|never| match never {});
            let mut response = http::Response::new(IncomingBody::new(body));
            *response.status_mut() = found.head.status;
            for (name, value) in found.head.headers.iter() {
                if let Some(value) = value.to_http() {
                    response.headers_mut().append(name, value);
                }
            }
            Ok(response)
        })
    }
}
