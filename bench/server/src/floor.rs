//! The floor: one compare or one hash of the origin, and the headers of the answer from values that are ready.

use std::collections::HashSet;
use std::hint::black_box;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::cases::{APP, Case, HEADERS, METHODS, Origins, Outcome, SUFFIX};

/// What the floor looks at.
#[derive(Clone)]
pub enum Check {
    Nothing,
    Bytes(Vec<u8>),
    Set(HashSet<Vec<u8>>),
    Affixes(&'static str, &'static str),
}

impl Check {
    pub fn of(case: &Case) -> Check {
        match (case.outcome, &case.origins) {
            (Outcome::NotCors, _) | (_, Origins::Everybody) => Check::Nothing,
            (_, Origins::Listed(1)) => Check::Bytes(APP.into()),
            (_, Origins::Listed(_)) => {
                Check::Set(case.origins.list().into_iter().map(String::into_bytes).collect())
            }
            (_, Origins::Subdomains) => Check::Affixes("https://", SUFFIX),
        }
    }

    #[inline]
    pub fn passes(&self, origin: &[u8]) -> bool {
        match self {
            Check::Nothing => true,
            Check::Bytes(bytes) => bytes == origin,
            Check::Set(set) => set.contains(origin),
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
        Outcome::NotCors => matches!(case.origins, Origins::Everybody),
        Outcome::Granted | Outcome::PreflightGranted => true,
        Outcome::Refused | Outcome::PreflightRefused => false,
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
        let vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
        headers.push(("vary", Some(vary.to_owned())));
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

/// The floor on the types of the `http` crate.
pub struct Floor {
    check: Check,
    headers: Vec<(HeaderName, Option<HeaderValue>)>,
    status: Option<StatusCode>,
}

impl Floor {
    pub fn new(case: &Case) -> Floor {
        let value = |text: String| HeaderValue::from_str(&text).expect("a header value");
        let headers = headers(case).into_iter();
        Floor {
            check: Check::of(case),
            headers: headers.map(|(name, text)| (HeaderName::from_static(name), text.map(value))).collect(),
            status: status(case).and_then(|status| StatusCode::from_u16(status).ok()),
        }
    }

    /// The check; and the origin, where the answer repeats it.
    #[inline]
    pub fn check(&self, request: &HeaderMap) -> Option<HeaderValue> {
        if let Check::Nothing = self.check {
            return None;
        }
        let origin = request.get(header::ORIGIN)?;
        black_box(self.check.passes(origin.as_bytes()));
        matches!(self.check, Check::Affixes(..)).then(|| origin.clone())
    }

    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    pub fn header_count(&self) -> usize {
        self.headers.len()
    }

    #[inline]
    pub fn apply(&self, mut origin: Option<HeaderValue>, to: &mut HeaderMap) {
        for (name, value) in &self.headers {
            if let Some(value) = value.clone().or_else(|| origin.take()) {
                to.insert(name, value);
            }
        }
    }
}
