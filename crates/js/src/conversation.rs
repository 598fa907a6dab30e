//! What a script's conversations were, for the person and not for the script.

use std::fmt;

use crossing::browser::{Event, ResponseType};
use crossing_agent::{NetworkError, WireExchange};
use http::Method;
use url::Url;

use crate::redact::display_url;

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
    pub end: ConversationEnd,
}

/// How a conversation ended.
#[derive(Clone, Debug)]
pub enum ConversationEnd {
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
        format!("{} {}", self.method, display_url(&self.url))
    }
}

impl fmt::Display for Conversation {
    /// The request, its exchanges and its end, a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.request())?;
        for exchange in &self.exchanges {
            let status = exchange.response.as_ref().map_or("-", |head| head.status.as_str());
            write!(f, "\n  {} {} -> {status}", exchange.request.method, display_url(&exchange.request.url))?;
        }
        match &self.end {
            ConversationEnd::Responded { kind, status: 0 } => {
                write!(f, "\n  {}: nothing is readable", kind.as_str())
            }
            ConversationEnd::Responded { kind, status } => {
                write!(f, "\n  {} response, status {status}", kind.as_str())
            }
            ConversationEnd::Failed(error) => write!(f, "\n  {}: {error}", error.failure.reason.code()),
        }
    }
}
