//! A policy as every exporter looks at it: grants, with their origins as regular expressions.

use crossing::server::{Enforcement, Existing, Grant, Policy, PreflightStatus, pattern_regex};

use super::loss::{Loss, Weight, left_out};

/// What is exported.
pub(super) struct Plan {
    /// In order; the first that names an origin decides. What stands behind a grant for everybody is left out.
    pub(super) grants: Vec<Entry>,
    pub(super) preflight_status: u16,
    pub(super) existing: Existing,
    /// What no exporter can say.
    pub(super) losses: Vec<Loss>,
    /// The first grant is for everybody, without credentials: nothing varies.
    pub(super) constant: bool,
    /// The `Cross-Origin-Resource-Policy` of a response that belongs to no grant: the strictest that any grant names.
    pub(super) strictest: Option<&'static str>,
}

/// A grant.
pub(super) struct Entry {
    pub(super) allow: Vec<Origins>,
    pub(super) deny: Vec<Origins>,
    pub(super) everybody: bool,
    pub(super) credentials: bool,
    pub(super) methods: List,
    pub(super) headers: List,
    pub(super) expose: Expose,
    pub(super) max_age: Option<i64>,
    pub(super) timing: bool,
    pub(super) embedding: Option<&'static str>,
}

/// A line of `allow_origins` or `deny_origins`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origins {
    pub(super) pattern: String,
    /// Anchored; `.*` for everybody.
    pub(super) regex: String,
}

/// `allow_methods` or `allow_headers`.
pub(super) enum List {
    /// Nothing is listed.
    None,
    /// These.
    Names(Vec<String>),
    /// `*`: with credentials what was asked for, else `*`.
    Star {
        /// Whether `authorization` stands beside it.
        authorization: bool,
    },
}

/// `expose_headers`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expose {
    Nothing,
    Names(Vec<String>),
    /// `*`, as the protocol has it.
    Star,
    /// `*` with credentials: the names of the response's own headers.
    RealNames,
}

/// A host of more than 253 bytes, which no pattern names: an expression for a host does not count its bytes.
const LONG_HOST: &str = "^[a-z0-9.+-]+://[a-z0-9._-]{254}.*$";

impl Plan {
    pub(super) fn of(policy: &Policy) -> Plan {
        let mut losses = Vec::new();
        let mut grants: Vec<Entry> = policy
            .grants()
            .iter()
            .enumerate()
            .map(|(nth, grant)| Entry::of(nth, grant, left_out(nth, policy.grants().len()), &mut losses))
            .collect();
        let strictest = ["same-origin", "same-site", "cross-origin"]
            .into_iter()
            .find(|policy| grants.iter().any(|grant| grant.embedding == Some(policy)));
        if let Some(last) = grants.iter().position(|grant| grant.everybody && grant.deny.is_empty()) {
            grants.truncate(last + 1);
        }
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
        if policy.debug() {
            losses.push(Loss::new(
                "debug",
                Weight::Differs,
                "A preflight from an origin that is not granted is answered with 403, for debug cannot be said.",
            ));
        }
        let everybody =
            grants.first().filter(|grant| grant.everybody && grant.deny.is_empty() && !grant.credentials);
        Plan {
            constant: everybody.is_some(),
            strictest: everybody.map_or(strictest, |grant| grant.embedding),
            grants,
            preflight_status: match policy.preflight_status() {
                PreflightStatus::Ok => 200,
                PreflightStatus::NoContent => 204,
            },
            existing: policy.existing(),
            losses,
        }
    }

    /// What a response varies on, and what an answer to `OPTIONS` does; nothing if all are answered alike.
    pub(super) fn vary(&self) -> Option<(&'static str, &'static str)> {
        let varies = ("Origin", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
        (!self.constant).then_some(varies)
    }

    /// The methods that are listed, of all grants.
    pub(super) fn methods(&self) -> impl Iterator<Item = &str> {
        self.grants.iter().flat_map(|grant| grant.methods.names()).map(String::as_str)
    }

    /// The loss, where the names of a response's headers cannot be listed.
    pub(super) fn expose_all(&self) -> Option<Loss> {
        let nth = self.grants.iter().position(|grant| grant.expose == Expose::RealNames)?;
        Some(Loss::new(
            "expose-all",
            Weight::Tightens,
            format!(
                "grant[{nth}].expose_headers: with credentials * stands for the response's real headers, which cannot be listed; none is exposed."
            ),
        ))
    }

    /// The loss, where what the application says itself cannot be looked at.
    pub(super) fn replaced(&self, server: &str) -> Option<Loss> {
        (self.existing == Existing::Respect).then(|| {
            Loss::new(
                "existing",
                Weight::Differs,
                format!("What the application says of CORS itself is replaced: {server} cannot look at it before it adds its own."),
            )
        })
    }
}

impl Entry {
    fn of(nth: usize, grant: &Grant, left_out: Weight, losses: &mut Vec<Loss>) -> Entry {
        let mut origins = |key: &str, patterns: &mut dyn Iterator<Item = &str>, weight| {
            let mut all = Vec::new();
            for pattern in patterns {
                match pattern_regex(pattern) {
                    Some(regex) => all.push(Origins { pattern: pattern.to_owned(), regex }),
                    None => losses.push(Loss::new(
                        "ports",
                        weight,
                        format!("grant[{nth}].{key}: {pattern} names too many ports for a regular expression, and is left out."),
                    )),
                }
            }
            all
        };
        let allow = origins("allow_origins", &mut grant.origins(), left_out);
        let deny = origins("deny_origins", &mut grant.denied_origins(), Weight::Loosens);
        Entry {
            everybody: allow.iter().any(Origins::is_everybody),
            allow,
            deny,
            credentials: grant.allows_credentials(),
            methods: List::of(grant.methods().map(normalized)),
            headers: List::of(grant.headers().map(str::to_ascii_lowercase)),
            expose: Expose::of(grant),
            max_age: grant.seconds(),
            timing: grant.allows_timing(),
            embedding: grant.embedding().map(|policy| policy.as_str()),
        }
    }

    /// The origins that the grant spells out.
    pub(super) fn exact(&self) -> impl Iterator<Item = &str> {
        self.allow.iter().filter(|origins| origins.is_exact()).map(|origins| origins.pattern.as_str())
    }

    /// Expressions for the other ones; none for everybody.
    pub(super) fn shapes(&self) -> impl Iterator<Item = &str> {
        self.allow
            .iter()
            .filter(|origins| !origins.is_exact() && !origins.is_everybody())
            .map(|origins| origins.regex.as_str())
    }

    /// Expressions for what the grant does not name, whatever `allow` says.
    pub(super) fn denied(&self) -> impl Iterator<Item = &str> {
        let long = self.shapes().next().filter(|_| !self.everybody).map(|_| LONG_HOST);
        self.deny.iter().map(|origins| origins.regex.as_str()).chain(long)
    }
}

impl Origins {
    pub(super) fn is_everybody(&self) -> bool {
        self.pattern == "*"
    }

    /// One origin, spelled out.
    pub(super) fn is_exact(&self) -> bool {
        !self.pattern.contains(['*', '{'])
    }
}

impl List {
    fn of(names: impl Iterator<Item = String>) -> List {
        let mut all: Vec<String> = Vec::new();
        for name in names {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        if all.iter().any(|name| name == "*") {
            return List::Star { authorization: all.iter().any(|name| name == "authorization") };
        }
        if all.is_empty() { List::None } else { List::Names(all) }
    }

    /// The names that are listed; none beside `*`.
    pub(super) fn names(&self) -> &[String] {
        match self {
            List::Names(names) => names,
            List::None | List::Star { .. } => &[],
        }
    }
}

impl Expose {
    fn of(grant: &Grant) -> Expose {
        let names: Vec<String> = grant.exposed_headers().map(str::to_owned).collect();
        match (names.iter().any(|name| name == "*"), grant.allows_credentials()) {
            (true, true) => Expose::RealNames,
            (true, false) => Expose::Star,
            (false, _) if names.is_empty() => Expose::Nothing,
            (false, _) => Expose::Names(names),
        }
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
