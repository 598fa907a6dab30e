//! A probe: one request, and what it is for.

use crossing::{HeaderList, HeaderName, RequestHead, ResponseHead, Value};
use http::{Method, StatusCode};
use url::Url;

use super::origins::Candidate;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The request itself: GET.
    Actual,
    /// The same as HEAD.
    Head,
    /// A preflight for it.
    Preflight,
    /// A GET for what is not there.
    Error,
    /// A GET of where a redirect leads on the same host.
    Hop,
    /// Something else, of its own kind.
    Special(Special),
}

/// Probes of a kind of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    /// A preflight for a method and a header that nobody has.
    UnknownAsk,
    /// A preflight for DELETE.
    DeleteAsk,
    /// An origin with an encoded line break.
    Injection,
    /// A WebSocket handshake.
    WebSocket,
    /// A callback's name in the query.
    Jsonp,
    /// Flash's policy file.
    Crossdomain,
    /// Silverlight's.
    ClientAccess,
    /// A POST as a form sends it.
    Post,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// Nobody says.
    Nobody,
    /// A page that is meant to be allowed.
    Own,
    /// Another such page.
    OtherOwn,
    /// A page that nobody has heard of, one of two.
    Stranger(u8),
    /// An opaque origin.
    Null,
    /// An origin that nobody meant to allow.
    Candidate(Candidate),
}

/// A request to send.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) shape: Shape,
    pub(crate) asker: Asker,
    pub(crate) origin: Option<String>,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<&'static str>,
}

/// An answer's head, and the body where the probe wants it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) head: ResponseHead,
    pub(crate) body: Vec<u8>,
}

/// A probe that was sent and answered.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) probe: Probe,
    pub(crate) answer: Answer,
}

/// What the program calls itself.
const USER_AGENT: &str = concat!("crossing-audit/", env!("CARGO_PKG_VERSION"));

impl Probe {
    pub(crate) fn new(shape: Shape, asker: Asker, origin: Option<String>, url: Url) -> Probe {
        let method = match shape {
            Shape::Preflight | Shape::Special(Special::UnknownAsk | Special::DeleteAsk) => Method::OPTIONS,
            Shape::Head => Method::HEAD,
            Shape::Special(Special::Post) => Method::POST,
            _ => Method::GET,
        };
        let mut probe = Probe { shape, asker, origin, method, url, headers: Vec::new(), body: None };
        if shape == Shape::Preflight {
            probe.headers.push(("access-control-request-method", "GET".to_owned()));
        }
        probe
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Probe {
        self.headers.push((name, value.into()));
        self
    }

    /// Whether the body is worth reading.
    pub(crate) fn wants_body(&self) -> bool {
        use Special::{ClientAccess, Crossdomain, Jsonp};
        matches!(self.shape, Shape::Special(Crossdomain | ClientAccess | Jsonp))
    }

    /// The head as it is sent. What cannot stand in a header line is left out; no probe has such.
    pub(crate) fn head(&self) -> RequestHead {
        let mut headers = HeaderList::new();
        let mut add = |name: &'static str, value: &str| {
            if let Ok(value) = Value::new(value) {
                headers.append(HeaderName::from_static(name), value);
            }
        };
        add("user-agent", USER_AGENT);
        add("accept", "*/*");
        if let Some(origin) = &self.origin {
            add("origin", origin);
        }
        for (name, value) in &self.headers {
            add(name, value);
        }
        RequestHead { method: self.method.clone(), url: self.url.clone(), headers }
    }
}

/// What an answer says to an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// No `Access-Control-Allow-Origin`.
    Missing,
    /// `*`.
    Everybody,
    /// The very origin that asked.
    This,
    /// Anything else.
    Other(String),
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.head.status
    }

    /// A header's lines, combined.
    pub(crate) fn get(&self, name: &'static str) -> Option<String> {
        self.head.headers.get(&HeaderName::from_static(name)).map(|value| value.to_text())
    }

    /// How many lines of this name there are.
    pub(crate) fn count(&self, name: &'static str) -> usize {
        self.head.headers.lines(&HeaderName::from_static(name)).count()
    }

    /// The members of a list header, in lower case.
    pub(crate) fn list(&self, name: &'static str) -> Vec<String> {
        let value = self.get(name).unwrap_or_default();
        let members = value.split(',').map(|member| member.trim().to_ascii_lowercase());
        members.filter(|member| !member.is_empty()).collect()
    }

    pub(crate) fn grant(&self, origin: Option<&str>) -> Grant {
        match self.get("access-control-allow-origin") {
            None => Grant::Missing,
            Some(value) if value == "*" => Grant::Everybody,
            Some(value) if Some(value.as_str()) == origin => Grant::This,
            Some(value) => Grant::Other(value),
        }
    }

    /// Whether the answer goes to requests with credentials.
    pub(crate) fn credentials(&self) -> bool {
        self.get("access-control-allow-credentials").as_deref() == Some("true")
    }

    /// Whether caches know that `Origin` matters.
    pub(crate) fn varies_on(&self, name: &str) -> bool {
        self.list("vary").iter().any(|member| member == name || member == "*")
    }
}

impl Exchange {
    pub(crate) fn origin(&self) -> Option<&str> {
        self.probe.origin.as_deref()
    }

    pub(crate) fn grant(&self) -> Grant {
        self.answer.grant(self.origin())
    }

    /// Whether a browser would go on with this: the origin is granted, and a preflight has an ok status.
    pub(crate) fn grants_this(&self) -> bool {
        let preflight = self.probe.method == Method::OPTIONS;
        self.grant() == Grant::This && (!preflight || self.answer.status().is_success())
    }
}
