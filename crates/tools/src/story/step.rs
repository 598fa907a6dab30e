//! The steps of a fetch.

use crossing::browser::{CredentialsMode, Hidden, Mode, Request};
use crossing::{Exchange, Reason};
use serde::Serialize;
use url::Url;

use super::decision::Decision;
use super::header_line::{HeaderLine, request_lines};
use super::rule::Rule;
use super::serialize;

/// One step of a fetch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Step {
    /// The script makes a request.
    #[serde(rename = "ask")]
    Request {
        /// The method.
        method: String,
        /// The URL.
        #[serde(serialize_with = "serialize::text")]
        url: Url,
        /// The mode.
        #[serde(serialize_with = "serialize::mode")]
        mode: Mode,
        /// The credentials mode.
        #[serde(serialize_with = "serialize::credentials")]
        credentials: CredentialsMode,
        /// The headers that the script set.
        headers: Vec<HeaderLine>,
    },
    /// The browser decides.
    #[serde(rename = "think")]
    Decide {
        /// The rule.
        rule: Rule,
        /// What it decides.
        #[serde(flatten)]
        decision: Decision,
    },
    /// The browser sends a request.
    Send {
        /// A preflight or the request itself.
        #[serde(serialize_with = "serialize::exchange")]
        exchange: Exchange,
        /// The method.
        method: String,
        /// The URL.
        #[serde(serialize_with = "serialize::text")]
        url: Url,
        /// The server's origin.
        server: String,
        /// All headers.
        headers: Vec<HeaderLine>,
    },
    /// The server responds.
    #[serde(rename = "answer")]
    Respond {
        /// To a preflight or to the request itself.
        #[serde(serialize_with = "serialize::exchange")]
        exchange: Exchange,
        /// The server's origin.
        server: String,
        /// The status code.
        status: u16,
        /// The usual reason phrase of the status; empty if there is none.
        phrase: &'static str,
        /// All headers.
        headers: Vec<HeaderLine>,
    },
    /// The browser refuses the request or the response, or the network fails.
    Block {
        /// The reason.
        #[serde(serialize_with = "serialize::reason")]
        reason: Reason,
        /// At a preflight or at the request itself.
        #[serde(serialize_with = "serialize::exchange")]
        exchange: Exchange,
        /// The value that the reason is about.
        about: Option<String>,
    },
    /// The script gets a response.
    Deliver {
        /// The rule that filters it.
        rule: Rule,
        /// What the script can read.
        response: DeliveredResponse,
    },
    /// The script gets an error without details. After [`Step::Deliver`]: the body of the response broke off.
    Error {
        /// [`Rule::Error`].
        rule: Rule,
    },
}

/// A response as a script gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveredResponse {
    /// The response type, such as `cors`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status code; 0 for an opaque response.
    pub status: u16,
    /// The headers that the script can read.
    pub headers: Vec<HeaderLine>,
    /// The headers that are withheld.
    pub hidden: Vec<HiddenHeader>,
    /// The body, if the script can read it and it was recorded.
    pub body: Option<String>,
}

/// A header that is withheld from the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HiddenHeader {
    /// Its name.
    pub name: String,
    /// Why it is withheld.
    #[serde(serialize_with = "serialize::hidden")]
    pub rule: Hidden,
}

impl Step {
    /// The step with which a fetch begins.
    pub fn request(request: &Request) -> Step {
        Step::Request {
            method: request.method().to_string(),
            url: request.url().clone(),
            mode: request.mode(),
            credentials: request.credentials(),
            headers: request_lines(request.headers()),
        }
    }
}
