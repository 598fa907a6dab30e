//! Where an engine or a profile is known to go another way.

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
    /// Why no switch of the engine's profile expresses it, if none does.
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
    #[serde(default)]
    divergence: Vec<Divergence>,
}

pub(crate) fn read(source: &Source) -> Result<Vec<Divergence>, LoadError> {
    Ok(source.parse::<File>()?.divergence)
}
