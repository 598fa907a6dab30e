//! Checks the methods and header names that a grant lists.

use super::Report;
use crate::headers::{self, HeaderName, Value};
use crate::method;
use crate::server::diagnostic::Diagnostic;
use crate::server::grant::Grant;
use crate::server::lists::normalize;
use crate::server::problem::Problem;

/// A grant's lists of methods and names.
pub(super) fn listed_values(grant: &Grant) -> [Listed<'_>; 3] {
    let name = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    [
        Listed {
            key: "allow_methods",
            texts: &grant.allow_methods,
            same: |a, b| normalize(a) == normalize(b),
            judge: judge_method,
        },
        Listed { key: "allow_headers", texts: &grant.allow_headers, same: name, judge: judge_request_header },
        Listed {
            key: "expose_headers",
            texts: &grant.expose_headers,
            same: name,
            judge: judge_exposed_header,
        },
    ]
}

/// Whether a list holds the `*`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Star {
    Present,
    Absent,
}

/// One of a grant's lists of methods or names.
pub(super) struct Listed<'l> {
    key: &'static str,
    texts: &'l [String],
    /// Whether two entries say the same.
    same: fn(&str, &str) -> bool,
    /// What is wrong with an entry that is no `*` and stands here for the first time.
    judge: fn(&str, Star) -> Option<Problem>,
}

impl Listed<'_> {
    pub(super) fn check(&self, grant: usize, report: &mut Report) {
        let star = if self.texts.iter().any(|text| text == "*") { Star::Present } else { Star::Absent };
        for (nth, text) in self.texts.iter().enumerate() {
            let again = self.texts[..nth].iter().any(|before| (self.same)(before, text));
            let problem = match text.as_str() {
                _ if again => Some(Problem::Duplicate),
                "*" => None,
                text => (self.judge)(text, star),
            };
            if let Some(problem) = problem {
                let path = format!("grant[{grant}].{}[{nth}]", self.key);
                report.add(Diagnostic::new(problem, path).about(text).suggest(corrected_name(problem, text)));
            }
        }
    }
}

/// What to write instead of a method or a name.
fn corrected_name(problem: Problem, name: &str) -> Option<String> {
    match problem {
        Problem::MethodCase => Some(name.to_ascii_uppercase()),
        Problem::MethodInvalid | Problem::RequestHeaderInvalid | Problem::ExposeHeaderInvalid => {
            let trimmed = name.trim_matches(|c: char| c.is_ascii_whitespace() || c == ':' || c == ',');
            headers::grammar::is_token(trimmed.as_bytes()).then(|| trimmed.to_owned())
        }
        _ => Some("take it out".to_owned()),
    }
}

fn judge_method(name: &str, star: Star) -> Option<Problem> {
    let normal = normalize(name);
    if !headers::grammar::is_token(name.as_bytes()) {
        Some(Problem::MethodInvalid)
    } else if method::is_forbidden(name.as_bytes()) {
        Some(Problem::MethodForbidden)
    } else if method::is_safelisted(&normal) {
        Some(Problem::MethodSafelisted)
    } else if star == Star::Present {
        Some(Problem::Redundant)
    } else if normal.bytes().any(|b| b.is_ascii_lowercase()) {
        Some(Problem::MethodCase)
    } else {
        None
    }
}

fn judge_request_header(name: &str, star: Star) -> Option<Problem> {
    let Some(parsed) = header_name(name) else { return Some(Problem::RequestHeaderInvalid) };
    if is_cors_response_header(&parsed) {
        Some(Problem::RequestHeaderIsResponse)
    } else if headers::request::is_forbidden(&parsed, &Value::from_static("")) {
        Some(Problem::RequestHeaderForbidden)
    } else if star == Star::Present && !headers::request::is_non_wildcard(name) {
        Some(Problem::Redundant)
    } else {
        None
    }
}

fn judge_exposed_header(name: &str, star: Star) -> Option<Problem> {
    let Some(parsed) = header_name(name) else { return Some(Problem::ExposeHeaderInvalid) };
    match parsed.as_str() {
        "origin" | "access-control-request-method" | "access-control-request-headers" => {
            Some(Problem::ExposeHeaderIsRequest)
        }
        "access-control-allow-methods" | "access-control-allow-headers" | "access-control-max-age" => {
            Some(Problem::ExposeHeaderPreflight)
        }
        _ if headers::response::is_forbidden(&parsed) => Some(Problem::ExposeHeaderForbidden),
        _ if headers::response::is_safelisted(&parsed) => Some(Problem::ExposeHeaderSafelisted),
        _ if star == Star::Present => Some(Problem::Redundant),
        _ => None,
    }
}

fn header_name(name: &str) -> Option<HeaderName> {
    if headers::grammar::is_token(name.as_bytes()) {
        HeaderName::from_bytes(name.as_bytes()).ok()
    } else {
        None
    }
}

fn is_cors_response_header(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "access-control-allow-origin"
            | "access-control-allow-credentials"
            | "access-control-allow-methods"
            | "access-control-allow-headers"
            | "access-control-max-age"
            | "access-control-expose-headers"
    )
}
