//! A policy as every exporter looks at it: grants with their origins as regular expressions, and their headers as texts.

use crossing::server::{Enforcement, Existing, Grant, Policy, PreflightStatus, pattern_regex};

use super::loss::{Loss, Weight};

/// What is exported.
pub(super) struct Plan {
    pub(super) grants: Vec<Entry>,
    pub(super) preflight_status: u16,
    pub(super) existing: Existing,
    /// What no exporter can say.
    pub(super) losses: Vec<Loss>,
    /// The first grant is for everybody, without credentials: nothing varies.
    pub(super) constant: bool,
}

/// A grant.
pub(super) struct Entry {
    /// Anchored; `.*` for everybody.
    pub(super) allow: Vec<String>,
    pub(super) deny: Vec<String>,
    pub(super) everybody: bool,
    pub(super) credentials: bool,
    pub(super) methods: List,
    pub(super) headers: List,
    pub(super) expose: Option<String>,
    pub(super) max_age: Option<i64>,
    pub(super) timing: bool,
    pub(super) embedding: Option<&'static str>,
}

/// `allow_methods` or `allow_headers`.
pub(super) enum List {
    /// Nothing is listed.
    None,
    /// These.
    Text(String),
    /// `*`: with credentials what was asked for, else `*`.
    Star {
        /// Whether `authorization` stands beside it.
        authorization: bool,
    },
}

impl Plan {
    pub(super) fn of(policy: &Policy) -> Plan {
        let mut losses = Vec::new();
        let grants: Vec<Entry> = policy
            .grants()
            .iter()
            .enumerate()
            .map(|(nth, grant)| Entry::of(nth, grant, &mut losses))
            .collect();
        match policy.enforcement() {
            Enforcement::Off => {}
            Enforcement::Report => losses.push(Loss::new(
                "enforcement",
                Weight::Differs,
                "Nothing is reported of requests that enforcement would refuse.",
            )),
            Enforcement::On => losses.push(Loss::new(
                "enforcement",
                Weight::Loosens,
                "Requests that the policy does not grant reach the application: enforcement needs to know the server's own origin.",
            )),
        }
        losses.push(Loss::new(
            "refused-preflights",
            Weight::Differs,
            "A preflight for a method or a header that is not granted is answered with the lists, not with 403; browsers refuse by them.",
        ));
        let constant = grants
            .first()
            .is_some_and(|grant| grant.everybody && grant.deny.is_empty() && !grant.credentials);
        Plan {
            grants,
            preflight_status: match policy.preflight_status() {
                PreflightStatus::Ok => 200,
                PreflightStatus::NoContent => 204,
            },
            existing: policy.existing(),
            losses,
            constant,
        }
    }
}

impl Entry {
    fn of(nth: usize, grant: &Grant, losses: &mut Vec<Loss>) -> Entry {
        let mut regexes = |key: &str, patterns: &mut dyn Iterator<Item = &str>, weight| {
            let mut all = Vec::new();
            for pattern in patterns {
                match pattern_regex(pattern) {
                    Some(regex) => all.push(regex),
                    None => losses.push(Loss::new(
                        "ports",
                        weight,
                        format!("grant[{nth}].{key}: {pattern} names too many ports for a regular expression, and is left out."),
                    )),
                }
            }
            all
        };
        let allow = regexes("allow_origins", &mut grant.origins(), Weight::Tightens);
        let deny = regexes("deny_origins", &mut grant.denied_origins(), Weight::Loosens);
        let credentials = grant.allows_credentials();
        let exposes_all = grant.exposed_headers().any(|name| name == "*");
        if exposes_all && credentials {
            losses.push(Loss::new(
                "expose-all",
                Weight::Tightens,
                format!("grant[{nth}].expose_headers: with credentials * stands for the response's real headers, which cannot be listed; none is exposed."),
            ));
        }
        let expose = grant.exposed_headers().filter(|name| *name != "*").collect::<Vec<_>>().join(", ");
        Entry {
            everybody: allow.iter().any(|regex| regex == ".*"),
            allow,
            deny,
            credentials,
            methods: List::of(grant.methods(), false),
            headers: List::of(grant.headers(), true),
            expose: match (exposes_all, credentials) {
                (true, false) => Some("*".to_owned()),
                _ => (!expose.is_empty()).then_some(expose),
            },
            max_age: grant.seconds(),
            timing: grant.allows_timing(),
            embedding: grant.embedding().map(|policy| policy.as_str()),
        }
    }
}

impl List {
    fn of<'p>(names: impl Iterator<Item = &'p str>, lower: bool) -> List {
        let names: Vec<String> = names
            .map(|name| match lower {
                true => name.to_ascii_lowercase(),
                false => normalized(name),
            })
            .collect();
        if names.iter().any(|name| name == "*") {
            return List::Star { authorization: names.iter().any(|name| name == "authorization") };
        }
        if names.is_empty() { List::None } else { List::Text(names.join(", ")) }
    }
}

/// `get` means `GET`; `patch` stays what it is.
fn normalized(method: &str) -> String {
    let upper = method.to_ascii_uppercase();
    match upper.as_str() {
        "DELETE" | "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT" => upper,
        _ => method.to_owned(),
    }
}
