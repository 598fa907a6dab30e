//! A policy, read by others: what each grant says, and its patterns as regular expressions.

use super::grant::{CrossOriginResourcePolicy, Grant};
use super::pattern::{Label, Pattern, Ports, Shape};
use super::policy::{Enforcement, Existing, Policy, PreflightStatus};
use super::wire::LABEL_LIMIT;

/// The most ports that a pattern spells out in a regular expression.
const MOST_PORTS: u32 = 64;

impl Grant {
    /// `allow_origins`, as they were written.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.allow_origins.iter()
    }

    /// `deny_origins`, as they were written.
    pub fn denied_origins(&self) -> impl Iterator<Item = &str> {
        self.deny_origins.iter()
    }

    /// `allow_credentials`
    pub fn allows_credentials(&self) -> bool {
        self.allow_credentials
    }

    /// `allow_methods`, as they were written.
    pub fn methods(&self) -> impl Iterator<Item = &str> {
        self.allow_methods.iter().map(String::as_str)
    }

    /// `allow_headers`, as they were written.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.allow_headers.iter().map(String::as_str)
    }

    /// `expose_headers`, as they were written.
    pub fn exposed_headers(&self) -> impl Iterator<Item = &str> {
        self.expose_headers.iter().map(String::as_str)
    }

    /// `max_age`, in seconds.
    pub fn seconds(&self) -> Option<i64> {
        self.max_age
    }

    /// `timing_allow_origin`
    pub fn allows_timing(&self) -> bool {
        self.timing_allow_origin
    }

    /// `cross_origin_resource_policy`
    pub fn embedding(&self) -> Option<CrossOriginResourcePolicy> {
        self.cross_origin_resource_policy
    }
}

impl Policy {
    /// `preflight_status`
    pub fn preflight_status(&self) -> PreflightStatus {
        self.0.settings.preflight_status
    }

    /// `existing`
    pub fn existing(&self) -> Existing {
        self.0.settings.existing
    }

    /// `enforcement`
    pub fn enforcement(&self) -> Enforcement {
        self.0.settings.enforcement
    }

    /// `debug`
    pub fn debug(&self) -> bool {
        self.0.settings.debug
    }
}

/// A pattern of origins as a regular expression, anchored at both ends, in what PCRE, RE2 and Go's `regexp` have in
/// common; `.*` for `*`. `None` for what is no pattern, and for one with more than 64 ports.
///
/// Among the texts that a browser can send as `Origin`, it matches exactly those that the pattern names; but for hosts of
/// more than 253 bytes, which no DNS has, and which it does not count.
pub fn pattern_regex(pattern: &str) -> Option<String> {
    match Pattern::parse(pattern).ok()? {
        Pattern::Any => Some(".*".to_owned()),
        Pattern::Null => Some("^null$".to_owned()),
        Pattern::Exact(exact) => Some(format!("^{}$", escaped(exact.text))),
        Pattern::Shape(shape) => shape.regex(),
    }
}

impl Shape {
    fn regex(&self) -> Option<String> {
        let any = format!("[a-z0-9_-]{{1,{LABEL_LIMIT}}}");
        let labels = self.labels.iter().map(|label| match label {
            Label::Text(text) => escaped(text),
            Label::Any => any.clone(),
            Label::Digits { before, after } => {
                let most = LABEL_LIMIT - before.len() - after.len();
                format!("{}[0-9]{{1,{most}}}{}", escaped(before), escaped(after))
            }
        });
        let labels = labels.collect::<Vec<_>>().join("\\.");
        let deep = if self.deep { format!("(?:{any}\\.)+") } else { String::new() };
        Some(format!("^{}://{deep}{labels}{}$", escaped(&self.scheme), self.ports.regex(&self.scheme)?))
    }
}

impl Ports {
    fn regex(&self, scheme: &str) -> Option<String> {
        match self {
            Ports::One(None) => Some(String::new()),
            Ports::One(Some(port)) => Some(format!(":{port}")),
            Ports::Any => Some("(?::[1-9][0-9]{0,4})?".to_owned()),
            Ports::Set(ranges) => {
                let count: u32 = ranges.iter().map(|(from, to)| u32::from(to - from) + 1).sum();
                if count > MOST_PORTS {
                    return None;
                }
                let default = crate::origin::default_port(scheme);
                let ports = ranges.iter().flat_map(|(from, to)| *from..=*to);
                let ports =
                    ports.map(|port| if default == Some(port) { String::new() } else { format!(":{port}") });
                Some(format!("(?:{})", ports.collect::<Vec<_>>().join("|")))
            }
        }
    }
}

/// The text, with what regular expressions take for their own marked as plain.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | ':')) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::pattern_regex;

    #[test]
    fn patterns_become_anchored_expressions() {
        for (pattern, regex) in [
            ("*", ".*"),
            ("null", "^null$"),
            ("https://a.example", "^https://a\\.example$"),
            ("http://[::1]:8080", "^http://\\[::1\\]:8080$"),
            ("https://*.a.example", "^https://(?:[a-z0-9_-]{1,63}\\.)+a\\.example$"),
            ("https://pr-{digits}.a.example", "^https://pr-[0-9]{1,60}\\.a\\.example$"),
            ("http://localhost:*", "^http://localhost(?::[1-9][0-9]{0,4})?$"),
        ] {
            assert_eq!(pattern_regex(pattern).as_deref(), Some(regex));
        }
        assert_eq!(pattern_regex("a.example"), None);
    }
}
