//! The documents that `--json` prints. Their keys are stable.
//!
//! Values of `Authorization`, `Proxy-Authorization` and `Cookie` are told as present and not printed, and so is what a
//! `Set-Cookie` sets, and what a header holds whose name speaks of a token or a key.

use crossing::browser::Response;
use crossing::{Exchange, HeaderList, HeaderName, Reason, Value};
use crossing_agent::{NetworkError, WireExchange};
use serde::Serialize;

use crate::text::shorten;

/// What stands for a value that is a secret.
const PRESENT: &str = "(present)";

/// The document of a check.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Document {
    /// Whether the script gets the response.
    pub verdict: Verdict,
    /// `None` when allowed.
    pub reason: Option<ReasonDocument>,
    /// What went over the wire, in order.
    pub exchanges: Vec<ExchangeDocument>,
    /// What the script gets; `None` unless allowed.
    pub response: Option<ResponseDocument>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The script gets the response.
    Allowed,
    /// The browser refuses or withholds.
    Blocked,
    /// Not known: the network failed.
    Unreachable,
}

/// A row of the table of reasons.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ReasonDocument {
    /// The stable code.
    pub code: &'static str,
    /// Who can fix it: `page`, `server`, `network`, `browser` or `user`.
    pub fault: &'static str,
    /// What happened.
    pub message: String,
    /// How to fix it.
    pub fix: &'static str,
    /// The rule's place in the standard.
    pub spec: &'static str,
    /// Chromium's name for it.
    pub chromium: Option<&'static str>,
    /// Firefox's name for it.
    pub firefox: Option<&'static str>,
}

/// One request, and the answer to it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ExchangeDocument {
    /// `preflight` or `request`.
    pub kind: &'static str,
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers that were sent; secrets are replaced by `(present)`.
    pub request_headers: Vec<Line>,
    /// `None` when no response came.
    pub status: Option<u16>,
    /// The headers that came back; secrets are replaced by `(present)`.
    pub response_headers: Vec<Line>,
}

/// What a script gets.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ResponseDocument {
    /// The response type: `basic`, `cors`, `opaque`, …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status that the script sees.
    pub status: u16,
    /// The headers that the script sees.
    pub headers: Vec<Line>,
    /// The length of the body, in bytes.
    pub body_bytes: u64,
}

/// A header line: a name in lower case, and a value.
pub type Line = (String, String);

impl ReasonDocument {
    /// The row itself.
    pub fn of(reason: Reason, exchange: Exchange) -> ReasonDocument {
        ReasonDocument {
            code: reason.code(),
            fault: reason.fault().as_str(),
            message: reason.message().to_owned(),
            fix: reason.fix(),
            spec: reason.spec(),
            chromium: reason.chromium(exchange),
            firefox: reason.firefox(),
        }
    }

    /// Who can mend it, in words.
    pub fn whose(&self) -> &'static str {
        match self.fault {
            "page" => "the page's to mend",
            "server" => "the server's to mend",
            "network" => "the network's to mend",
            "user" => "the person's to settle",
            _ => "the browser's rule; nobody can lift it",
        }
    }

    /// The row, and after its sentence what it was about.
    pub fn new(error: &NetworkError) -> ReasonDocument {
        let failure = &error.failure;
        let about = error.detail.as_ref().or(failure.subject.as_ref()).filter(|about| !about.is_empty());
        let mut row = ReasonDocument::of(failure.reason, failure.exchange);
        if let Some(about) = about {
            row.message.push_str(&format!(" ({})", shorten(about)));
        }
        row
    }
}

impl ExchangeDocument {
    /// The document of an exchange.
    pub fn new(exchange: &WireExchange) -> ExchangeDocument {
        let answer = exchange.response.as_ref();
        ExchangeDocument {
            kind: exchange.kind.as_str(),
            method: exchange.request.method.to_string(),
            url: exchange.request.url.to_string(),
            request_headers: lines(&exchange.request.headers),
            status: answer.map(|head| head.status.as_u16()),
            response_headers: answer.map(|head| lines(&head.headers)).unwrap_or_default(),
        }
    }
}

impl ResponseDocument {
    /// The document of a response whose body has this length.
    pub fn new(response: &Response, body_bytes: u64) -> ResponseDocument {
        ResponseDocument {
            kind: response.kind.as_str(),
            status: response.status,
            headers: lines(&response.headers),
            body_bytes,
        }
    }
}

/// The lines of a header list, secrets told as present.
pub fn lines(headers: &HeaderList) -> Vec<Line> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), shown(name, value))).collect()
}

/// A header's value, unless it is a secret.
pub fn shown(name: &HeaderName, value: &Value) -> String {
    let text = value.to_text();
    match name.as_str() {
        "cookie" => PRESENT.to_owned(),
        "authorization" | "proxy-authorization" => match text.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {PRESENT}"),
            None => PRESENT.to_owned(),
        },
        "set-cookie" => {
            let (pair, attributes) = text.split_at(text.find(';').unwrap_or(text.len()));
            match pair.split_once('=') {
                Some((cookie, _)) => format!("{cookie}={PRESENT}{attributes}"),
                None => format!("{PRESENT}{attributes}"),
            }
        }
        "location" => without_password(text),
        name if is_secret(name) => PRESENT.to_owned(),
        _ => text,
    }
}

/// Whether a header of an application's own is one for keys and tokens, by its name.
fn is_secret(name: &str) -> bool {
    let words: Vec<&str> = name.split(['-', '_']).collect();
    let is = |word: &str| words.contains(&word);
    !name.starts_with("access-control-")
        && (["token", "secret", "password", "apikey", "jwt"].into_iter().any(is)
            || is("key") && (is("api") || is("access") || is("subscription")))
}

/// A URL's text with its password told as present.
pub fn without_password(text: String) -> String {
    let Some(start) = text.find("//").map(|at| at + 2) else { return text };
    let end = text[start..].find(['/', '?', '#']).map_or(text.len(), |at| start + at);
    let Some(at) = text[start..end].rfind('@').map(|at| start + at) else { return text };
    match text[start..at].find(':') {
        Some(colon) => format!("{}:{PRESENT}{}", &text[..start + colon], &text[at..]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_as_present() {
        for (name, value, told) in [
            ("authorization", "Basic dTpw", "Basic (present)"),
            ("authorization", "token", "(present)"),
            ("proxy-authorization", "Bearer abc", "Bearer (present)"),
            ("cookie", "sid=1; b=2", "(present)"),
            ("set-cookie", "sid=1; Path=/; Secure", "sid=(present); Path=/; Secure"),
            ("set-cookie", "sid", "(present)"),
            ("location", "https://me:pw@a.test/x@y:z", "https://me:(present)@a.test/x@y:z"),
            ("location", "//me:pw@a.test", "//me:(present)@a.test"),
            ("location", "/x?at=me:pw@a.test", "/x?at=me:pw@a.test"),
            ("location", "https://a.test:8080/@", "https://a.test:8080/@"),
            ("origin", "https://a.test", "https://a.test"),
            ("x-api-key", "k", "(present)"),
            ("x-auth-token", "t", "(present)"),
            ("x-goog-api-key", "k", "(present)"),
            ("x-keyboard", "k", "k"),
            ("sec-websocket-key", "k", "k"),
            ("access-control-request-headers", "x-api-key", "x-api-key"),
        ] {
            let name = HeaderName::from_static(name);
            assert_eq!(shown(&name, &Value::new(value).unwrap()), told);
        }
    }
}
