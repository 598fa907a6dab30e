//! The fetches of a script, for the program that runs it.

use std::fmt;

use crossing::browser::{Event, ResponseType};
use crossing_agent::{NetworkError, WireExchange};
use http::Method;
use url::Url;

use crate::redact::display_url;

/// A fetch of a script: the request, what was sent and received, and how it ended.
///
/// ```
/// use axum::Router;
/// use crossing_agent::Agent;
/// use crossing_js::{Conversation, ConversationEnd, Runtime};
///
/// let agent = Agent::in_process().host("api.example.com", Router::new()).build()?;
/// let mut runtime = Runtime::builder()
///     .origin("https://app.example.com".parse()?)
///     .agent(agent)
///     .on_conversation(|conversation: Conversation| {
///         assert_eq!(conversation.request(), "GET https://api.example.com/");
///         assert!(matches!(conversation.end, ConversationEnd::Failed(error) if error.failure.reason.code() == "acao-missing"));
///     })
///     .build()?;
/// runtime.run_script("app.js", "fetch('https://api.example.com/').catch(() => {})")?;
/// runtime.run_until_idle()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Conversation {
    /// The request's method.
    pub method: Method,
    /// The URL that was asked for.
    pub url: Url,
    /// What was sent and received, in order.
    pub exchanges: Vec<WireExchange>,
    /// What was decided on the way; empty unless the agent traces it.
    pub trace: Vec<Event>,
    /// How it ended.
    pub end: ConversationEnd,
}

/// How a fetch of a script ended.
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
