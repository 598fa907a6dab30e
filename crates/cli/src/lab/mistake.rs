//! What is wrong with what was typed into the page: where, a code that the page has words for, and English words.

use std::fmt;

use crossing::OriginError;
use crossing::browser::RequestError;
use serde::Serialize;

use super::raw::RawProblem;
use crate::text::shorten;

/// A mistake, and its place.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) place: Place,
    pub(super) what: Wrong,
}

/// Where a mistake is: a part of the state, and a line of it where it has lines.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) line: Option<usize>,
}

impl Place {
    pub(super) fn of(path: &str) -> Place {
        Place { path: path.to_owned(), line: None }
    }
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum Wrong {
    Origin(OriginError),
    Url(String),
    Word(String),
    Count {
        least: usize,
        most: usize,
    },
    ListenerOfFetch,
    NotWithXhr,
    Request(RequestError),
    /// A header's value with a character that no script can put into one.
    NoByteString(String),
    /// The policy has errors; lint tells which.
    Policy,
    Raw(RawProblem),
}

/// A mistake as the page gets it.
#[derive(Serialize)]
pub(super) struct MistakeDocument {
    path: String,
    line: Option<usize>,
    code: &'static str,
    /// What it is about, shortened.
    about: String,
    /// What would be right, where that is known.
    mended: Option<String>,
    message: String,
}

impl Mistake {
    pub(super) fn document(&self) -> MistakeDocument {
        MistakeDocument {
            path: self.place.path.clone(),
            line: self.place.line,
            code: self.what.code(),
            about: shorten(&self.what.about()),
            mended: match &self.what {
                Wrong::Origin(error) => error.mended.clone(),
                _ => None,
            },
            message: self.what.to_string(),
        }
    }
}

impl Wrong {
    /// Every code, so that a test can ask the page for its words.
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

    /// The code, for which the page has words.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Wrong::Origin(_) => "origin",
            Wrong::Url(_) => "url",
            Wrong::Word(_) => "word",
            Wrong::Count { .. } => "count",
            Wrong::ListenerOfFetch => "listener",
            Wrong::NotWithXhr => "xhr",
            Wrong::Request(error) => match error {
                RequestError::Method(_) => "method",
                RequestError::ForbiddenMethod(_) => "method-forbidden",
                RequestError::HeaderName(_) => "header-name",
                RequestError::HeaderValue(..) => "header-value",
                RequestError::UrlCredentials => "url-credentials",
                RequestError::NoCorsMethod(_) => "no-cors-method",
                RequestError::BodyWithoutMethod(_) => "body",
                _ => "request",
            },
            Wrong::NoByteString(_) => "byte-string",
            Wrong::Policy => "policy",
            Wrong::Raw(problem) => problem.code(),
        }
    }

    fn about(&self) -> String {
        match self {
            Wrong::Origin(error) => error.text.clone(),
            Wrong::Word(text) | Wrong::Url(text) | Wrong::NoByteString(text) => text.clone(),
            Wrong::Count { least, most } => format!("{least}–{most}"),
            Wrong::Request(
                RequestError::Method(text)
                | RequestError::ForbiddenMethod(text)
                | RequestError::HeaderName(text)
                | RequestError::NoCorsMethod(text)
                | RequestError::BodyWithoutMethod(text),
            ) => text.clone(),
            Wrong::Request(RequestError::HeaderValue(name, _)) => name.to_string(),
            Wrong::Raw(problem) => problem.about().to_owned(),
            Wrong::ListenerOfFetch | Wrong::NotWithXhr | Wrong::Request(_) | Wrong::Policy => String::new(),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Origin(error) => error.fmt(f),
            Wrong::Url(text) => f.write_str(text),
            Wrong::Word(text) => write!(f, "'{}' is none of the words that can stand here", shorten(text)),
            Wrong::Count { least, most } => write!(f, "there must be {least} to {most}"),
            Wrong::ListenerOfFetch => f.write_str("only XMLHttpRequest has a listener for its upload"),
            Wrong::NotWithXhr => f.write_str(
                "XMLHttpRequest knows mode cors, redirect follow, and credentials same-origin or include only",
            ),
            Wrong::Request(error) => error.fmt(f),
            Wrong::NoByteString(name) => {
                write!(f, "the value of {} holds a character beyond U+00FF: a script gets a TypeError", shorten(name))
            }
            Wrong::Policy => f.write_str("the policy has errors"),
            Wrong::Raw(problem) => problem.fmt(f),
        }
    }
}
