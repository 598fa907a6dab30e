//! Header lines of a story.

use crossing::{HeaderList, HeaderName, Value};
use http::header;
use serde::Serialize;

use crate::report::shown;

/// A header line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeaderLine {
    /// The name, in lower case.
    pub name: String,
    /// The value; a secret is `(present)`.
    pub value: String,
    /// How relevant the header is to CORS.
    #[serde(rename = "weight")]
    pub relevance: Relevance,
}

/// How relevant a header is to CORS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Relevance {
    /// `Origin`, or a header of the protocol.
    #[serde(rename = "cors")]
    Cors,
    /// Another header that helps to understand the exchange.
    #[serde(rename = "told")]
    Notable,
    /// A header that most messages have.
    #[serde(rename = "chore")]
    Routine,
}

impl HeaderLine {
    fn new(name: &HeaderName, value: &Value, is_notable: fn(&HeaderName) -> bool) -> HeaderLine {
        let relevance = if is_cors(name) {
            Relevance::Cors
        } else if is_notable(name) {
            Relevance::Notable
        } else {
            Relevance::Routine
        };
        HeaderLine { name: name.as_str().to_owned(), value: shown(name, value), relevance }
    }
}

pub(super) fn request_lines(headers: &HeaderList) -> Vec<HeaderLine> {
    headers.iter().map(|(name, value)| HeaderLine::new(name, value, is_notable_in_request)).collect()
}

pub(super) fn response_lines(headers: &HeaderList) -> Vec<HeaderLine> {
    headers.iter().map(|(name, value)| HeaderLine::new(name, value, is_notable_in_response)).collect()
}

fn is_cors(name: &HeaderName) -> bool {
    *name == header::ORIGIN || name.as_str().starts_with("access-control-")
}

/// Whether a header is not one that a browser sends with every request.
fn is_notable_in_request(name: &HeaderName) -> bool {
    let routine = [
        header::ACCEPT,
        header::ACCEPT_ENCODING,
        header::ACCEPT_LANGUAGE,
        header::USER_AGENT,
        header::CONTENT_LENGTH,
        header::CACHE_CONTROL,
        header::PRAGMA,
        header::CONNECTION,
        header::HOST,
    ];
    !routine.contains(name) && !name.as_str().starts_with("sec-")
}

fn is_notable_in_response(name: &HeaderName) -> bool {
    let notable = [
        header::ALLOW,
        header::CONTENT_TYPE,
        header::LOCATION,
        header::SET_COOKIE,
        header::VARY,
        header::WWW_AUTHENTICATE,
    ];
    notable.contains(name) || matches!(name.as_str(), "cross-origin-resource-policy" | "timing-allow-origin")
}
