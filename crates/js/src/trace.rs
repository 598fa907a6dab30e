//! What a script's conversations were, for the person and not for the script.

use std::fmt;

use crossing::browser::{Event, ResponseType};
use crossing_agent::{NetworkError, WireExchange};
use http::Method;
use url::Url;

/// A conversation that a script has had: what it asked, what went over the wire, and how it ended.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The request's method.
    pub method: Method,
    /// The URL that was asked for.
    pub url: Url,
    /// What went over the wire, in order.
    pub exchanges: Vec<WireExchange>,
    /// What was decided on the way; empty unless the agent traces it.
    pub trace: Vec<Event>,
    /// How it ended.
    pub end: End,
}

/// How a conversation ended.
#[derive(Clone, Debug)]
pub enum End {
    /// The script got a response, or as much of one as it may have.
    Responded {
        /// How much of it.
        kind: ResponseType,
        /// The status; 0 where it is withheld.
        status: u16,
    },
    /// The script got a network error; here is why.
    Failed(NetworkError),
}

impl Conversation {
    /// What was asked for: the method, and the URL without a password.
    pub fn request(&self) -> String {
        format!("{} {}", self.method, shown(&self.url))
    }
}

impl fmt::Display for Conversation {
    /// The request, its exchanges and its end, a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.request())?;
        for exchange in &self.exchanges {
            let status = exchange.response.as_ref().map_or("-", |head| head.status.as_str());
            write!(f, "\n  {} {} -> {status}", exchange.request.method, shown(&exchange.request.url))?;
        }
        match &self.end {
            End::Responded { kind, status: 0 } => write!(f, "\n  {}: nothing is readable", kind.as_str()),
            End::Responded { kind, status } => write!(f, "\n  {} response, status {status}", kind.as_str()),
            End::Failed(error) => write!(f, "\n  {}: {error}", error.failure.reason.code()),
        }
    }
}

/// A URL for a message: passwords do not belong there.
pub(crate) fn shown(url: &Url) -> String {
    without_userinfo(url).into()
}

pub(crate) fn without_userinfo(url: &Url) -> Url {
    let mut url = url.clone();
    // Neither fails for what has a host, and the rest has no password.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}
