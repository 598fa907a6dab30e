//! Answers that were given before, given again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossing::browser::Connection;
use crossing::headers::names;
use crossing::{Exchange, HeaderList, HeaderName, Reason, ResponseHead, Value};
use crossing_agent::{IncomingBody, RequestBody, SendFuture, Transport, TransportError, WireExchange};
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
pub(crate) struct Replay(Arc<Mutex<Tape>>);

#[derive(Default)]
struct Tape {
    answers: Vec<Recorded>,
    /// Which answers are to a request, in order.
    to: HashMap<Asked, Vec<usize>>,
    /// Which were given, in order. Each is given once; the last of its kind for ever.
    given: Vec<usize>,
    is_given: Vec<bool>,
    /// Where a preflight was taken for granted, because the request after it was answered.
    assumed: Vec<Url>,
}

/// What an answer is to.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Asked {
    preflight: bool,
    method: String,
    url: String,
}

impl Asked {
    fn new(kind: Exchange, method: &str, url: &Url) -> Asked {
        // What never goes over the wire does not count.
        let place = &url[url::Position::BeforeHost..url::Position::AfterQuery];
        let url = format!("{}://{place}", url.scheme());
        Asked { preflight: kind == Exchange::Preflight, method: method.to_owned(), url }
    }
}

impl Replay {
    pub(crate) fn new(recorded: Vec<Recorded>) -> Replay {
        let mut tape = Tape { is_given: vec![false; recorded.len()], ..Tape::default() };
        for (at, one) in recorded.iter().enumerate() {
            tape.to.entry(Asked::new(one.kind, &one.method, &one.url)).or_default().push(at);
        }
        tape.answers = recorded;
        Replay(Arc::new(Mutex::new(tape)))
    }

    /// Whether the answer at this place was given.
    pub(crate) fn given(&self, at: usize) -> bool {
        self.lock().is_given.get(at).copied().unwrap_or(false)
    }

    /// How many answers were given.
    pub(crate) fn mark(&self) -> usize {
        self.lock().given.len()
    }

    /// Takes back what was given since, for the next profile.
    pub(crate) fn rewind(&self, mark: usize) {
        let mut tape = self.lock();
        let mark = mark.min(tape.given.len());
        let since = tape.given.split_off(mark);
        for at in since {
            tape.is_given[at] = false;
        }
    }

    /// Where preflights were taken for granted since this was asked last.
    pub(crate) fn assumed(&self) -> Vec<Url> {
        std::mem::take(&mut self.lock().assumed)
    }

    fn lock(&self) -> MutexGuard<'_, Tape> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer's head, and the length of its body.
    fn find(&self, request: &http::Request<RequestBody>) -> Option<(ResponseHead, usize)> {
        let preflight = request.method() == http::Method::OPTIONS
            && request.headers().contains_key(&names::ACCESS_CONTROL_REQUEST_METHOD);
        let kind = if preflight { Exchange::Preflight } else { Exchange::Request };
        let url = Url::parse(&request.uri().to_string()).ok()?;
        let mut tape = self.lock();
        let found = tape.find(&Asked::new(kind, request.method().as_str(), &url));
        match found {
            None if preflight => tape.assume(request, url).map(|head| (head, 0)),
            found => found,
        }
    }
}

impl Tape {
    fn find(&mut self, asked: &Asked) -> Option<(ResponseHead, usize)> {
        let fits = self.to.get(asked)?;
        let fresh = fits.iter().find(|at| !self.is_given[**at]);
        let at = *fresh.or_else(|| fits.last())?;
        if !std::mem::replace(&mut self.is_given[at], true) {
            self.given.push(at);
        }
        self.answers.get(at).map(|one| (one.head.clone(), one.length))
    }

    /// A preflight must have been granted where the request after it was answered: no browser would have sent that.
    fn assume(&mut self, preflight: &http::Request<RequestBody>, url: Url) -> Option<ResponseHead> {
        let get = |name: &HeaderName| preflight.headers().get(name).and_then(|value| value.to_str().ok());
        let method = get(&names::ACCESS_CONTROL_REQUEST_METHOD)?;
        self.to.get(&Asked::new(Exchange::Request, method, &url))?;
        let mut headers = HeaderList::new();
        for (name, value) in [
            (names::ACCESS_CONTROL_ALLOW_ORIGIN, get(&http::header::ORIGIN)),
            (names::ACCESS_CONTROL_ALLOW_CREDENTIALS, Some("true")),
            (names::ACCESS_CONTROL_ALLOW_METHODS, Some(method)),
            (names::ACCESS_CONTROL_ALLOW_HEADERS, get(&names::ACCESS_CONTROL_REQUEST_HEADERS)),
        ] {
            if let Some(value) = value.and_then(|value| Value::new(value).ok()) {
                headers.append(name, value);
            }
        }
        self.assumed.push(url);
        Some(ResponseHead::new(http::StatusCode::NO_CONTENT, headers))
    }
}

impl Transport for Replay {
    fn send(&self, request: http::Request<RequestBody>, _: Connection) -> SendFuture<'_> {
        let found = self.find(&request);
        Box::pin(async move {
            let Some(found) = found else {
                let what = format!("no answer to {} {} was recorded", request.method(), request.uri());
                return Err(TransportError::new(Reason::NotRecorded, what));
            };
            let (head, length) = found;
            let body = Full::new(Bytes::from(vec![0; length])).map_err(|never| match never {});
            let mut response = http::Response::new(IncomingBody::new(body));
            *response.status_mut() = head.status;
            for (name, value) in head.headers.iter() {
                if let Some(value) = value.to_http() {
                    response.headers_mut().append(name, value);
                }
            }
            Ok(response)
        })
    }
}
