//! What is wrong with a state: where, a code that the page has a text for, and an English message.

use std::fmt;

use crossing::OriginError;
use crossing::browser::RequestError;
use serde::Serialize;

use super::raw_response::RawResponseErrorKind;
use crossing_tools::text::shorten;

/// An error, and its place.
#[derive(Debug)]
pub(super) struct StateError {
    /// The part of the state, such as `servers[0].origin`.
    pub(super) path: String,
    /// The line of a part that has lines, counted from 1.
    pub(super) line: Option<usize>,
    pub(super) kind: StateErrorKind,
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum StateErrorKind {
    Origin(OriginError),
    Url(String),
    /// A text that is none of the values of an enumeration.
    UnknownValue(String),
    Count {
        least: usize,
        most: usize,
    },
    /// An upload listener of `fetch()`.
    FetchUploadListener,
    /// A mode that `XMLHttpRequest` does not have.
    UnsupportedByXhr,
    Request(RequestError),
    /// A header's value with a character that no script can set.
    NotByteString(String),
    /// The policy has errors; lint lists them.
    Policy,
    RawResponse(RawResponseErrorKind),
}

/// An error as the page gets it.
#[derive(Serialize)]
pub(super) struct ErrorDocument {
    path: String,
    line: Option<usize>,
    code: &'static str,
    /// The wrong value, shortened.
    about: String,
    /// The right value, where it is known.
    mended: Option<String>,
    message: String,
}

impl StateError {
    pub(super) fn document(&self) -> ErrorDocument {
        ErrorDocument {
            path: self.path.clone(),
            line: self.line,
            code: self.kind.code(),
            about: shorten(&self.kind.value()),
            mended: match &self.kind {
                StateErrorKind::Origin(error) => error.mended.clone(),
                _ => None,
            },
            message: self.kind.to_string(),
        }
    }
}

impl StateErrorKind {
    /// Every code, so that a test can check that the page has its text.
    #[cfg(test)]
    pub(super) const CODES: &[&str] = &[
        "origin",
        "url",
        "word",
        "count",
        "listener",
        "xhr",
        "method",
        "method-forbidden",
        "header-name",
        "header-value",
        "url-credentials",
        "no-cors-method",
        "body",
        "request",
        "byte-string",
        "policy",
        "raw-status",
        "raw-header",
        "raw-name",
        "raw-value",
        "raw-coding",
    ];

    /// The code that the page has a text for.
    fn code(&self) -> &'static str {
        match self {
            StateErrorKind::Origin(_) => "origin",
            StateErrorKind::Url(_) => "url",
            StateErrorKind::UnknownValue(_) => "word",
            StateErrorKind::Count { .. } => "count",
            StateErrorKind::FetchUploadListener => "listener",
            StateErrorKind::UnsupportedByXhr => "xhr",
            StateErrorKind::Request(error) => match error {
                RequestError::Method(_) => "method",
                RequestError::ForbiddenMethod(_) => "method-forbidden",
                RequestError::HeaderName(_) => "header-name",
                RequestError::HeaderValue(..) => "header-value",
                RequestError::UrlCredentials => "url-credentials",
                RequestError::NoCorsMethod(_) => "no-cors-method",
                RequestError::BodyWithoutMethod(_) => "body",
                _ => "request",
            },
            StateErrorKind::NotByteString(_) => "byte-string",
            StateErrorKind::Policy => "policy",
            StateErrorKind::RawResponse(kind) => kind.code(),
        }
    }

    fn value(&self) -> String {
        use StateErrorKind as Kind;
        match self {
            Kind::Origin(error) => error.text.clone(),
            Kind::UnknownValue(text) | Kind::Url(text) | Kind::NotByteString(text) => text.clone(),
            Kind::Count { least, most } => format!("{least}–{most}"),
            Kind::Request(
                RequestError::Method(text)
                | RequestError::ForbiddenMethod(text)
                | RequestError::HeaderName(text)
                | RequestError::NoCorsMethod(text)
                | RequestError::BodyWithoutMethod(text),
            ) => text.clone(),
            Kind::Request(RequestError::HeaderValue(name, _)) => name.to_string(),
            Kind::RawResponse(kind) => kind.value().to_owned(),
            Kind::FetchUploadListener | Kind::UnsupportedByXhr | Kind::Request(_) | Kind::Policy => {
                String::new()
            }
        }
    }
}

impl fmt::Display for StateErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StateErrorKind::Origin(error) => error.fmt(f),
            StateErrorKind::Url(text) => f.write_str(text),
            StateErrorKind::UnknownValue(text) => {
                write!(f, "'{}' is none of the words that can stand here", shorten(text))
            }
            StateErrorKind::Count { least, most } => write!(f, "there must be {least} to {most}"),
            StateErrorKind::FetchUploadListener => {
                f.write_str("only XMLHttpRequest has a listener for its upload")
            }
            StateErrorKind::UnsupportedByXhr => f.write_str(
                "XMLHttpRequest knows mode cors, redirect follow, and credentials same-origin or include only",
            ),
            StateErrorKind::Request(error) => error.fmt(f),
            StateErrorKind::NotByteString(name) => {
                write!(
                    f,
                    "the value of {} holds a character beyond U+00FF: a script gets a TypeError",
                    shorten(name)
                )
            }
            StateErrorKind::Policy => f.write_str("the policy has errors"),
            StateErrorKind::RawResponse(kind) => kind.fmt(f),
        }
    }
}
