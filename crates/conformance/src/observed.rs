//! What a runner saw.

use std::collections::BTreeMap;

use crate::schema::{BodyKind, Outcome, TimingAccess};

/// What became of a scenario.
#[derive(Clone, Debug)]
pub enum Played {
    /// It was played; one observation for each step.
    Seen(Vec<Observed>),
    /// This runner cannot play it, and says why.
    Unsupported(&'static str),
}

/// What was seen of one step. What a runner cannot see is `None`, and is not compared.
#[derive(Clone, Debug)]
pub struct Observed {
    /// How it ended for the script.
    pub end: Ended,
    /// What went over the wire.
    pub wire: Option<Vec<Sent>>,
    /// The cookies that are there afterwards, by host.
    pub cookies: Option<BTreeMap<String, String>>,
}

/// How a fetch ended for the script.
#[derive(Clone, Debug)]
pub struct Ended {
    /// With a response, or without.
    pub outcome: Outcome,
    /// The code of the reason; or an exception's text.
    pub reason: Option<String>,
    /// The response's type.
    pub kind: Option<String>,
    /// The status.
    pub status: Option<u16>,
    /// The URL.
    pub url: Option<String>,
    /// Whether there was a redirect.
    pub redirected: Option<bool>,
    /// The readable headers: lower-case names, values combined.
    pub headers: BTreeMap<String, String>,
    /// Whether there is a body.
    pub body: Option<BodyKind>,
    /// Whether the script sees precise times.
    pub timing: Option<TimingAccess>,
}

impl Ended {
    /// An end without a response.
    pub fn without_response(outcome: Outcome, reason: Option<String>) -> Ended {
        Ended {
            outcome,
            reason,
            kind: None,
            status: None,
            url: None,
            redirected: None,
            headers: BTreeMap::new(),
            body: None,
            timing: None,
        }
    }
}

/// A request that went over the wire.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The symbolic URL.
    pub url: String,
    /// The header lines: lower-case names; bytes as characters up to U+00FF.
    pub headers: Vec<(String, String)>,
    /// The body, if the runner knows it.
    pub body: Option<String>,
}

impl Sent {
    /// The value of a header, its lines joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let lines: Vec<&str> =
            self.headers.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }
}
