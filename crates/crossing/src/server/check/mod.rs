//! Checks what a policy wishes for: every misconfiguration at once.

mod lists;

use super::compile::Origins;
use super::diagnostic::Diagnostic;
use super::grant::{Grant, Texts};
use super::matcher::{GRANT_LIMIT, Grants, Matcher, Side};
use super::origin_error::origin_error;
use super::pattern::{Pattern, Ports};
use super::policy::{PolicyBuilder, Settings};
use super::problem::{Problem, Severity};
use super::wire::WireOrigin;
use crate::headers;
use crate::origin::is_loopback_host;

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

    fn key(&mut self, problem: Problem, grant: usize, key: &str, suggestion: &str) {
        let diagnostic = Diagnostic::new(problem, format!("grant[{grant}].{key}"));
        self.add(diagnostic.suggest(Some(suggestion.to_owned())));
    }

    /// A grant with nothing left but what is shadowed gets one finding.
    fn join_shadowed(&mut self, grants: &[Grant]) {
        let mut shadowed = vec![0; grants.len()];
        let is_of = |diagnostic: &Diagnostic| {
            let at = diagnostic.path.strip_prefix("grant[")?.split(']').next()?.parse::<usize>().ok()?;
            (diagnostic.problem == Problem::ShadowedOrigin).then_some(at)
        };
        for at in self.diagnostics.iter().filter_map(is_of) {
            shadowed[at] += 1;
        }
        let whole = |at: usize| shadowed[at] > 0 && shadowed[at] == grants[at].allow_origins.len();
        self.diagnostics.retain(|diagnostic| !is_of(diagnostic).is_some_and(whole));
        for at in (0..grants.len()).filter(|&at| whole(at)) {
            let diagnostic = Diagnostic::new(Problem::ShadowedGrant, format!("grant[{at}]"));
            self.add(diagnostic.suggest(Some("move it up, or take it out".to_owned())));
        }
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
pub(super) fn policy(builder: &PolicyBuilder, report: &mut Report) -> Matcher {
    let PolicyBuilder { settings, grants, varies_on } = builder;
    if grants.is_empty() {
        let diagnostic = Diagnostic::new(Problem::GrantsMissing, String::new());
        report.add(
            diagnostic.suggest(Some("begin with [[grant]], and say in it who may: allow_origins".to_owned())),
        );
    }
    if grants.len() > GRANT_LIMIT {
        let diagnostic = Diagnostic::new(Problem::TooManyGrants, format!("grant[{GRANT_LIMIT}]"));
        report.add(diagnostic.suggest(Some("join the grants that differ in their origins alone".to_owned())));
        return Matcher::default();
    }
    let mut needed = Needed::default();
    let mut origins = Origins::default();
    let mut without_exceptions: Grants = 0;
    for (at, grant) in grants.iter().enumerate() {
        let before = grants[..at].iter().any(|grant| grant.looked_up);
        if grant.looked_up && (before || !grant.allow_origins.is_empty() || !grant.deny_origins.is_empty()) {
            report.key(Problem::LookedUp, at, "allow_origins", "put the listed origins into another grant");
        }
        if grant.allow_origins.is_empty() && !grant.looked_up {
            report.key(
                Problem::OriginsMissing,
                at,
                "allow_origins",
                r#"allow_origins = ["https://app.example.com"]"#,
            );
        }
        let (needed, origins) = (&mut needed, &mut origins);
        let mut check = OriginCheck { settings, grant, at, needed, origins, without_exceptions, report };
        check.side(&grant.allow_origins, "allow_origins", Side::Allow);
        check.side(&grant.deny_origins, "deny_origins", Side::Deny);
        without_exceptions |= Grants::from(grant.deny_origins.is_empty()) << at;
        for list in lists::listed_values(grant) {
            list.check(at, report);
        }
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
    let matcher = origins.matcher(grants, report);
    report.join_shadowed(grants);
    matcher
}

struct OriginCheck<'c> {
    settings: &'c Settings,
    grant: &'c Grant,
    at: usize,
    needed: &'c mut Needed,
    origins: &'c mut Origins,
    /// The grants before this one that deny nothing.
    without_exceptions: Grants,
    report: &'c mut Report,
}

impl OriginCheck<'_> {
    fn side(&mut self, texts: &Texts, key: &str, side: Side) {
        let star = texts.iter().any(|text| text == "*");
        for (nth, text) in texts.iter().enumerate() {
            let pattern = match Pattern::parse(text) {
                Ok(pattern) => pattern,
                Err(problem) => {
                    self.report.origin(problem, self.at, key, nth, text);
                    continue;
                }
            };
            if side == Side::Allow {
                self.dangers(&pattern, nth, text);
                if self.is_shadowed(&pattern) {
                    self.report.origin(Problem::ShadowedOrigin, self.at, key, nth, text);
                } else if star && pattern != Pattern::Any {
                    self.report.origin(Problem::Redundant, self.at, key, nth, text);
                }
            }
            self.origins.note(&pattern, self.at as u8, nth, side);
        }
    }

    /// Whether one pattern of an earlier grant names all that this one names. What is spelled out is looked at later.
    fn is_shadowed(&self, pattern: &Pattern<'_>) -> bool {
        let covering = match pattern {
            Pattern::Any => self.origins.covering(None),
            Pattern::Shape(shape) => self.origins.covering(Some(shape)),
            Pattern::Exact(_) | Pattern::Null => 0,
        };
        covering & self.without_exceptions != 0
    }

    /// Reports what is dangerous about a pattern, here.
    fn dangers(&mut self, pattern: &Pattern<'_>, nth: usize, text: &str) {
        let credentials = self.grant.allow_credentials;
        let mut found = |problem| self.report.origin(problem, self.at, "allow_origins", nth, text);
        match pattern {
            Pattern::Any if credentials => found(Problem::WildcardCredentials),
            Pattern::Null if self.settings.allow_null_origin => self.needed.null = true,
            Pattern::Null => found(Problem::OriginNull),
            Pattern::Exact(exact) if credentials && is_insecure(exact.scheme, exact.host) => {
                if self.settings.allow_insecure_origins {
                    self.needed.insecure = true;
                } else {
                    found(Problem::InsecureOrigin);
                }
            }
            Pattern::Shape(shape) if credentials => {
                let suffix = shape.literal_suffix();
                if is_insecure(&shape.scheme, &suffix) {
                    if self.settings.allow_insecure_origins {
                        self.needed.insecure = true;
                    } else {
                        found(Problem::InsecureOrigin);
                    }
                }
                if !shape.has_one_host() && crossing_suffix::is_public_suffix(&suffix) {
                    if self.settings.allow_public_suffixes {
                        self.needed.suffix = true;
                    } else {
                        found(Problem::PublicSuffix);
                    }
                }
                if shape.deep && shape.ports == Ports::Any {
                    found(Problem::WildcardPort);
                }
            }
            _ => {}
        }
    }
}

/// Whether others on the network could pass for an origin.
fn is_insecure(scheme: &str, host: &str) -> bool {
    scheme != "https" && !is_loopback_host(host)
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
        Problem::PublicSuffix => {
            Some("name the sites under it, or dangerously_allow_public_suffixes = true".to_owned())
        }
        Problem::OriginWildcard => {
            Some("https://*.example.com for subdomains, https://example.com:* for ports".to_owned())
        }
        Problem::WildcardIp => Some("list the addresses".to_owned()),
        Problem::WildcardPort => Some("name the ports, as in :{3000,8443}".to_owned()),
        Problem::OriginEmpty => Some("take it out".to_owned()),
        Problem::SchemeFile => Some("serve the page over http://localhost, and name that origin".to_owned()),
        Problem::ShadowedOrigin | Problem::Duplicate | Problem::Redundant => Some("take it out".to_owned()),
        _ => {
            let mended = origin_error(&plain)?.mended?;
            WireOrigin::parse(mended.as_bytes())?;
            let (scheme, rest) = mended.split_once("://")?;
            let mended = format!("{scheme}://{prefix}{rest}");
            (mended != text && Pattern::parse(&mended).is_ok()).then_some(mended)
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
