//! Checks what a policy wishes for: every misconfiguration at once.

use super::compile::Origins;
use super::diagnostic::Diagnostic;
use super::grant::{Grant, Texts};
use super::lists::normalize;
use super::matcher::{GRANT_LIMIT, Matcher, Side};
use super::pattern::{Pattern, Ports, Shape};
use super::policy::{PolicyBuilder, Settings};
use super::problem::{Problem, Severity};
use super::wire::WireOrigin;
use crate::headers::{self, HeaderName, Value};
use crate::method;
use crate::origin::{Origin, is_loopback_host};

/// The longest time that a browser keeps a preflight, in seconds.
const MAX_AGE_LIMIT: i64 = 86_400;
/// The shortest of the browsers' own limits, in seconds.
const MAX_AGE_CAP: i64 = 600;

/// Findings as they come up.
#[derive(Default)]
pub(super) struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    pub(super) fn add(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn origin(&mut self, problem: Problem, grant: usize, key: &str, nth: usize, text: &str) {
        let path = format!("grant[{grant}].{key}[{nth}]");
        self.add(Diagnostic::new(problem, path).about(text).suggest(suggestion(problem, text)));
    }

    fn item(
        &mut self,
        problem: Problem,
        grant: usize,
        key: &str,
        nth: usize,
        text: &str,
        try_this: Option<String>,
    ) {
        let path = format!("grant[{grant}].{key}[{nth}]");
        self.add(Diagnostic::new(problem, path).about(text).suggest(try_this));
    }

    fn key(&mut self, problem: Problem, grant: usize, key: &str) {
        self.add(Diagnostic::new(problem, format!("grant[{grant}].{key}")));
    }

    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

/// Which dangerous wishes something made use of.
#[derive(Default)]
struct Needed {
    null: bool,
    insecure: bool,
    suffix: bool,
}

/// Checks a policy, and lays out its origins.
pub(super) fn policy(wish: &PolicyBuilder, report: &mut Report) -> Matcher {
    let PolicyBuilder { settings, grants, varies_on } = wish;
    if grants.is_empty() {
        report.add(Diagnostic::new(Problem::GrantsMissing, String::new()));
    }
    if grants.len() > GRANT_LIMIT {
        report.add(Diagnostic::new(Problem::TooManyGrants, format!("grant[{GRANT_LIMIT}]")));
        return Matcher::default();
    }
    let mut needed = Needed::default();
    let mut origins = Origins::default();
    for (at, grant) in grants.iter().enumerate() {
        let before = grants[..at].iter().any(|grant| grant.looked_up);
        if grant.looked_up && (before || !grant.allow_origins.is_empty() || !grant.deny_origins.is_empty()) {
            report.key(Problem::LookedUp, at, "allow_origins");
        }
        if grant.allow_origins.is_empty() && !grant.looked_up {
            report.key(Problem::OriginsMissing, at, "allow_origins");
        }
        let mut check =
            OriginCheck { settings, grant, at, needed: &mut needed, origins: &mut origins, report };
        check.side(&grant.allow_origins, "allow_origins", Side::Allow);
        check.side(&grant.deny_origins, "deny_origins", Side::Deny);
        methods(grant, at, report);
        request_headers(grant, at, report);
        expose_headers(grant, at, report);
        max_age(grant, at, report);
    }
    for (nth, name) in varies_on.iter().enumerate() {
        if !headers::grammar::is_token(name.as_bytes()) {
            report
                .add(Diagnostic::new(Problem::RequestHeaderInvalid, format!("varies_on[{nth}]")).about(name));
        }
    }
    for (wished, needed, key) in [
        (settings.allow_null_origin, needed.null, "dangerously_allow_null_origin"),
        (settings.allow_insecure_origins, needed.insecure, "dangerously_allow_insecure_origins"),
        (settings.allow_public_suffixes, needed.suffix, "dangerously_allow_public_suffixes"),
    ] {
        if wished && !needed {
            let diagnostic = Diagnostic::new(Problem::NeedlessDangerously, key.to_owned());
            report.add(diagnostic.suggest(Some("take it out".to_owned())));
        }
    }
    origins.matcher(grants, report)
}

struct OriginCheck<'c> {
    settings: &'c Settings,
    grant: &'c Grant,
    at: usize,
    needed: &'c mut Needed,
    origins: &'c mut Origins,
    report: &'c mut Report,
}

impl OriginCheck<'_> {
    fn side(&mut self, texts: &Texts, key: &str, side: Side) {
        for (nth, text) in texts.iter().enumerate() {
            let pattern = match Pattern::parse(text) {
                Ok(pattern) => pattern,
                Err(problem) => {
                    self.report.origin(problem, self.at, key, nth, text);
                    continue;
                }
            };
            if side == Side::Allow {
                for problem in self.dangers(&pattern, texts) {
                    self.report.origin(problem, self.at, key, nth, text);
                }
                if let Pattern::Shape(shape) = &pattern {
                    let earlier = self.origins.covering(shape) & ((1 << self.at) - 1);
                    if earlier != 0 {
                        self.report.origin(Problem::ShadowedOrigin, self.at, key, nth, text);
                    }
                }
            }
            self.origins.note(&pattern, self.at as u8, nth, side);
        }
    }

    /// What is dangerous about a pattern, here.
    fn dangers(&mut self, pattern: &Pattern<'_>, beside: &Texts) -> Vec<Problem> {
        let mut found = Vec::new();
        let credentials = self.grant.allow_credentials;
        match pattern {
            Pattern::Any if credentials => found.push(Problem::WildcardCredentials),
            Pattern::Any => {}
            Pattern::Null if self.settings.allow_null_origin => self.needed.null = true,
            Pattern::Null => found.push(Problem::OriginNull),
            Pattern::Exact(exact) => {
                if credentials && exact.scheme != "https" && !is_loopback_host(exact.host) {
                    self.insecure(&mut found);
                }
            }
            Pattern::Shape(shape) => self.shape_dangers(shape, &mut found),
        }
        if !matches!(pattern, Pattern::Any) && beside.iter().any(|text| text == "*") {
            found.push(Problem::Redundant);
        }
        found
    }

    fn shape_dangers(&mut self, shape: &Shape, found: &mut Vec<Problem>) {
        if !self.grant.allow_credentials {
            return;
        }
        let suffix = shape.literal_suffix();
        if *shape.scheme != *"https" && !is_loopback_host(&suffix) {
            self.insecure(found);
        }
        if !shape.has_one_host() {
            if crossing_suffix::is_public_suffix(&suffix) {
                if self.settings.allow_public_suffixes {
                    self.needed.suffix = true;
                } else {
                    found.push(Problem::PublicSuffix);
                }
            }
            if shape.deep && shape.ports == Ports::Any {
                found.push(Problem::WildcardPort);
            }
        }
    }

    fn insecure(&mut self, found: &mut Vec<Problem>) {
        if self.settings.allow_insecure_origins {
            self.needed.insecure = true;
        } else {
            found.push(Problem::InsecureOrigin);
        }
    }
}

/// What was probably meant.
fn suggestion(problem: Problem, text: &str) -> Option<String> {
    let (prefix, plain) = match text.split_once("://*.") {
        Some((scheme, rest)) => ("*.", format!("{scheme}://{rest}")),
        None => ("", text.to_owned()),
    };
    match problem {
        Problem::OriginNull => Some("\"*\", which shares without credentials".to_owned()),
        Problem::WildcardCredentials => Some("list the origins, or leave allow_credentials out".to_owned()),
        Problem::InsecureOrigin => Some("https://, or dangerously_allow_insecure_origins = true".to_owned()),
        Problem::SchemeFile => Some("serve the page over http://localhost, and name that origin".to_owned()),
        Problem::ShadowedOrigin | Problem::Duplicate | Problem::Redundant => Some("take it out".to_owned()),
        _ => {
            let mended = Origin::parse(&plain).err()?.mended?;
            WireOrigin::parse(mended.as_bytes())?;
            let (scheme, rest) = mended.split_once("://")?;
            let mended = format!("{scheme}://{prefix}{rest}");
            (mended != text && Pattern::parse(&mended).is_ok()).then_some(mended)
        }
    }
}

fn methods(grant: &Grant, at: usize, report: &mut Report) {
    const KEY: &str = "allow_methods";
    let list = &grant.allow_methods;
    let star = list.iter().any(|method| method == "*");
    for (nth, name) in list.iter().enumerate() {
        let mut find = |problem, try_this| report.item(problem, at, KEY, nth, name, try_this);
        let out = || Some("take it out".to_owned());
        if list[..nth].iter().any(|before| normalize(before) == normalize(name)) {
            find(Problem::Duplicate, out());
        } else if name == "*" {
        } else if !headers::grammar::is_token(name.as_bytes()) {
            find(Problem::MethodInvalid, None);
        } else if method::is_forbidden(name.as_bytes()) {
            find(Problem::MethodForbidden, out());
        } else if method::is_safelisted(&normalize(name)) {
            find(Problem::MethodSafelisted, out());
        } else if star {
            find(Problem::Redundant, out());
        } else if normalize(name).bytes().any(|b| b.is_ascii_lowercase()) {
            find(Problem::MethodCase, Some(name.to_ascii_uppercase()));
        }
    }
}

fn request_headers(grant: &Grant, at: usize, report: &mut Report) {
    const KEY: &str = "allow_headers";
    let list = &grant.allow_headers;
    let star = list.iter().any(|name| name == "*");
    for (nth, name) in list.iter().enumerate() {
        let mut find = |problem, try_this| report.item(problem, at, KEY, nth, name, try_this);
        let out = || Some("take it out".to_owned());
        if list[..nth].iter().any(|before| before.eq_ignore_ascii_case(name)) {
            find(Problem::Duplicate, out());
            continue;
        }
        if name == "*" {
            continue;
        }
        let Some(parsed) = header_name(name) else {
            find(Problem::RequestHeaderInvalid, None);
            continue;
        };
        if is_cors_response_header(&parsed) {
            find(Problem::RequestHeaderIsResponse, out());
        } else if headers::request::is_forbidden(&parsed, &Value::from_static("")) {
            find(Problem::RequestHeaderForbidden, out());
        } else if star && !headers::request::is_non_wildcard(name) {
            find(Problem::Redundant, out());
        }
    }
}

fn expose_headers(grant: &Grant, at: usize, report: &mut Report) {
    const KEY: &str = "expose_headers";
    let list = &grant.expose_headers;
    let star = list.iter().any(|name| name == "*");
    for (nth, name) in list.iter().enumerate() {
        let mut find = |problem, try_this| report.item(problem, at, KEY, nth, name, try_this);
        let out = || Some("take it out".to_owned());
        if list[..nth].iter().any(|before| before.eq_ignore_ascii_case(name)) {
            find(Problem::Duplicate, out());
            continue;
        }
        if name == "*" {
            continue;
        }
        let Some(parsed) = header_name(name) else {
            find(Problem::ExposeHeaderInvalid, None);
            continue;
        };
        match parsed.as_str() {
            "origin" | "access-control-request-method" | "access-control-request-headers" => {
                find(Problem::ExposeHeaderIsRequest, out());
            }
            "access-control-allow-methods" | "access-control-allow-headers" | "access-control-max-age" => {
                find(Problem::ExposeHeaderPreflight, out());
            }
            _ if headers::response::is_forbidden(&parsed) => find(Problem::ExposeHeaderForbidden, out()),
            _ if headers::response::is_safelisted(&parsed) => find(Problem::ExposeHeaderSafelisted, out()),
            _ if star => find(Problem::Redundant, out()),
            _ => {}
        }
    }
}

fn max_age(grant: &Grant, at: usize, report: &mut Report) {
    let (problem, suggestion) = match grant.max_age {
        Some(seconds) if seconds < 0 => (Problem::MaxAgeNegative, "0"),
        Some(seconds) if seconds > MAX_AGE_LIMIT => (Problem::MaxAgeTooLarge, "86400"),
        Some(seconds) if seconds > MAX_AGE_CAP => (Problem::MaxAgeCapped, "600"),
        _ => return,
    };
    let subject = grant.max_age.unwrap_or_default().to_string();
    let diagnostic = Diagnostic::new(problem, format!("grant[{at}].max_age"));
    report.add(diagnostic.about(&subject).suggest(Some(suggestion.to_owned())));
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
