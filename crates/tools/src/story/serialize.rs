//! How values of the core are written into the JSON of a step.

use std::fmt::Display;

use crossing::browser::{CredentialsMode, Hidden, Mode};
use crossing::{Exchange, Reason};
use serde::Serializer;

pub(super) fn text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(super) fn mode<S: Serializer>(mode: &Mode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(mode.as_str())
}

pub(super) fn credentials<S: Serializer>(
    credentials: &CredentialsMode,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(credentials.as_str())
}

pub(super) fn exchange<S: Serializer>(exchange: &Exchange, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(exchange.as_str())
}

pub(super) fn reason<S: Serializer>(reason: &Reason, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(reason.code())
}

pub(super) fn hidden<S: Serializer>(rule: &Hidden, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match rule {
        Hidden::Forbidden => "forbidden",
        Hidden::NotExposed => "not-exposed",
        Hidden::WildcardWithCredentials => "wildcard-with-credentials",
        Hidden::ExposeMalformed => "expose-malformed",
        Hidden::Opaque => "opaque",
    })
}
