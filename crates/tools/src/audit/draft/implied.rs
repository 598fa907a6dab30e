//! What one origin's answers say that it is granted: never more than was seen.

use std::collections::BTreeSet;

use crossing::HeaderName;
use crossing::headers::grammar::delta_seconds;

use super::{METHOD, NAMES, unknown_header, unknown_method};
use crate::audit::probe::{Exchange, Grant, Shape};

const ALLOW_METHODS: &str = "access-control-allow-methods";
const ALLOW_HEADERS: &str = "access-control-allow-headers";
const EXPOSE_HEADERS: &str = "access-control-expose-headers";

/// No browser keeps a preflight longer, in seconds.
const LONGEST_MAX_AGE: u64 = 86_400;

/// A list as a policy has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Whatever is asked for is granted.
    pub(super) any: bool,
    pub(super) named: BTreeSet<String>,
}

impl Names {
    /// Names of headers are the same in any case; those of methods are not.
    fn lower_case(self) -> Names {
        Names { any: self.any, named: self.named.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }
}

/// What a grant would say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Implied {
    pub(super) credentials: bool,
    pub(super) methods: Names,
    pub(super) headers: Names,
    pub(super) expose: Names,
    pub(super) max_age: Option<u64>,
    pub(super) timing: bool,
    pub(super) embedding: Option<String>,
}

/// Whether a preflight's answer lets a browser go on.
pub(super) fn grants_preflight(exchange: &Exchange) -> bool {
    exchange.probe.shape != Shape::Actual
        && exchange.answer.status().is_success()
        && matches!(exchange.grant(), Grant::This | Grant::Everybody)
}

impl Implied {
    /// `None` where the answer itself is not shared.
    pub(super) fn from(answers: &[Exchange], word: &str) -> Option<Implied> {
        let actual = answers.iter().find(|exchange| exchange.probe.shape == Shape::Actual)?;
        if !matches!(actual.grant(), Grant::This | Grant::Everybody) {
            return None;
        }
        let preflights: Vec<&Exchange> =
            answers.iter().filter(|exchange| grants_preflight(exchange)).collect();
        // Where the two disagree, a request with credentials that is preflighted fails: so it is not granted.
        let credentials =
            with_credentials(actual) && preflights.iter().all(|answer| with_credentials(answer));
        Some(Implied {
            credentials,
            methods: asked_for(&preflights, METHOD, ALLOW_METHODS, &unknown_method(word), credentials),
            headers: asked_for(&preflights, NAMES, ALLOW_HEADERS, &unknown_header(word), credentials)
                .lower_case(),
            expose: list(actual, EXPOSE_HEADERS, credentials).lower_case(),
            max_age: preflights.iter().find_map(|answer| max_age(answer)),
            timing: timing(actual),
            embedding: actual.answer.get("cross-origin-resource-policy"),
        })
    }
}

fn with_credentials(exchange: &Exchange) -> bool {
    exchange.grant() == Grant::This && exchange.answer.credentials()
}

/// The members of a list; `*` is a wildcard without credentials alone.
fn list(exchange: &Exchange, name: &'static str, credentials: bool) -> Names {
    let value = exchange.answer.get(name).unwrap_or_default();
    let members = value.split(',').map(str::trim).filter(|member| !member.is_empty());
    let any = !credentials && members.clone().any(|member| member == "*");
    Names { any, named: members.filter(|member| *member != "*").map(str::to_owned).collect() }
}

/// What all preflights together grant. A list may hold what was asked for alone, or everything.
fn asked_for(
    preflights: &[&Exchange],
    asked: &str,
    granted: &'static str,
    unknown: &str,
    credentials: bool,
) -> Names {
    let mut all = Names::default();
    for exchange in preflights {
        let list = list(exchange, granted, credentials);
        let of_it = exchange.probe.headers.iter().any(|(name, value)| *name == asked && value == unknown);
        all.any |= list.any || of_it && list.named.iter().any(|name| name.eq_ignore_ascii_case(unknown));
        all.named.extend(list.named.into_iter().filter(|name| !name.eq_ignore_ascii_case(unknown)));
    }
    all
}

fn max_age(exchange: &Exchange) -> Option<u64> {
    let name = HeaderName::from_static("access-control-max-age");
    let seconds = delta_seconds(&exchange.answer.head.headers, &name).ok()??;
    Some(seconds.min(LONGEST_MAX_AGE))
}

fn timing(exchange: &Exchange) -> bool {
    let value = exchange.answer.get("timing-allow-origin").unwrap_or_default();
    value.split(',').map(str::trim).any(|member| member == "*" || Some(member) == exchange.origin())
}
