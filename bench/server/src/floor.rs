//! The floor: one compare or one hash of the origin, and the headers of the answer from values that are ready.

use std::collections::HashMap;

use crate::cases::{Case, HEADERS, METHODS, Origins, Outcome};

pub enum Check {
    Nothing,
    Bytes(Vec<u8>),
    Set(HashMap<Vec<u8>, usize>),
    Affixes(&'static str, &'static str),
}

impl Check {
    pub fn set(origins: Vec<String>) -> Check {
        Check::Set(origins.into_iter().enumerate().map(|(nth, origin)| (origin.into_bytes(), nth)).collect())
    }

    #[inline]
    pub fn passes(&self, origin: &[u8]) -> bool {
        match self {
            Check::Nothing => true,
            Check::Bytes(bytes) => bytes == origin,
            Check::Set(set) => set.contains_key(origin),
            Check::Affixes(before, after) => {
                origin.starts_with(before.as_bytes()) && origin.ends_with(after.as_bytes())
            }
        }
    }
}

/// Headers, ready; `None` for an origin that is taken from the request.
pub fn headers(case: &Case) -> Vec<(&'static str, Option<String>)> {
    let mut headers = Vec::new();
    let granted = match case.outcome {
        Outcome::Granted | Outcome::PreflightGranted => true,
        Outcome::NotCors | Outcome::Refused | Outcome::PreflightRefused => false,
    };
    if granted {
        let origin = match case.origins {
            Origins::Everybody => Some("*".to_owned()),
            Origins::Subdomains => None,
            Origins::Listed(_) => case.origin.clone(),
        };
        headers.push(("access-control-allow-origin", origin));
        if case.credentials {
            headers.push(("access-control-allow-credentials", Some("true".to_owned())));
        }
    }
    if case.outcome == Outcome::PreflightGranted {
        headers.push(("access-control-allow-methods", Some(METHODS.join(", "))));
        headers.push(("access-control-allow-headers", Some(HEADERS.join(", "))));
        headers.push(("access-control-max-age", Some("600".to_owned())));
    }
    if case.is_preflight() {
        headers.push(("content-length", Some("0".to_owned())));
        headers.push((
            "vary",
            Some("Origin, Access-Control-Request-Method, Access-Control-Request-Headers".to_owned()),
        ));
    } else if !matches!(case.origins, Origins::Everybody) {
        headers.push(("vary", Some("Origin".to_owned())));
    }
    headers
}

/// The status of an answer in the application's place.
pub fn status(case: &Case) -> Option<u16> {
    match case.outcome {
        Outcome::PreflightGranted => Some(200),
        Outcome::PreflightRefused => Some(403),
        Outcome::NotCors | Outcome::Granted | Outcome::Refused => None,
    }
}
