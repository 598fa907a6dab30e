//! Where an engine or a profile is known to go another way.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::load::{LoadError, Source};
use crate::schema::Expect;

/// A known divergence: on this engine the scenario ends otherwise, for this reason.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergence {
    /// The scenario: `cors-check/a_name`.
    pub scenario: String,
    /// The engine or profile: `standard`, `chromium`, `firefox`, `webkit`.
    pub on: String,
    /// Why.
    pub reason: String,
    /// Which step, counted from 1.
    #[serde(default = "first")]
    pub step: usize,
    /// The version on which it was seen.
    pub seen: Option<String>,
    /// If no switch of the engine's profile expresses it: the name of the cause.
    pub without_switch: Option<String>,
    /// What is to be seen there, in place of the keys of the scenario's own expectation.
    pub expect: Expect,
}

fn first() -> usize {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What no switch expresses, and why.
    #[serde(default)]
    cause: BTreeMap<String, String>,
    #[serde(default)]
    divergence: Vec<Divergence>,
}

/// The causes, by name, and the divergences.
pub(crate) fn read(source: &Source) -> Result<(BTreeMap<String, String>, Vec<Divergence>), LoadError> {
    let File { cause, divergence } = source.parse()?;
    let named: BTreeSet<&String> = divergence.iter().filter_map(|it| it.without_switch.as_ref()).collect();
    let problem = match cause.keys().find(|name| !named.contains(name)) {
        Some(name) => Some(format!("no divergence has the cause {name}")),
        None => named
            .iter()
            .find(|name| !cause.contains_key(**name))
            .map(|name| format!("there is no cause {name}")),
    };
    match problem {
        Some(problem) => Err(source.error(0, problem)),
        None => Ok((cause, divergence)),
    }
}
