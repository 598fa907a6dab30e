//! A grant as lines of headers, each with its occasion.

use super::plan::{Entry, Expose, List};

/// A header of a response.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) value: Value,
    pub(super) when: When,
}

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// The request's header of this name.
    Asked(&'static str),
    /// The names of the response's own headers.
    RealNames,
}

/// Which responses have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Always,
    Preflight,
    /// A preflight that does not name `Authorization`, for which `*` never stands.
    PreflightWithoutAuthorization,
    /// Every other one.
    Response,
}

/// The CORS response headers that an application may have set itself.
pub(super) const CORS_NAMES: [&str; 6] = [
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Max-Age",
    "Access-Control-Expose-Headers",
];

/// Whether a list of request headers names `Authorization`; letters of either case.
pub(super) const NAMES_AUTHORIZATION: &str = "(?i)^(?:.*,)?[ \\t]*authorization[ \\t]*(?:,.*)?$";

/// The request's headers that values are made of.
pub(super) const ORIGIN: &str = "Origin";
pub(super) const METHOD: &str = "Access-Control-Request-Method";
pub(super) const HEADERS: &str = "Access-Control-Request-Headers";

impl Entry {
    /// What `Access-Control-Allow-Origin` says.
    pub(super) fn allow_origin(&self) -> Value {
        match self.everybody && !self.credentials {
            true => Value::Text("*".to_owned()),
            false => Value::Asked(ORIGIN),
        }
    }

    /// Every header that the grant's responses have.
    pub(super) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut add = |name, value: Option<Value>, when| {
            lines.extend(value.map(|value| Line { name, value, when }));
        };
        let text = |text: &str| Value::Text(text.to_owned());
        let listed = |list: &List| match list {
            List::Names(names) => Some(Value::Text(names.join(", "))),
            _ => None,
        };
        add("Access-Control-Allow-Origin", Some(self.allow_origin()), When::Always);
        add("Access-Control-Allow-Credentials", self.credentials.then(|| text("true")), When::Always);
        let methods = match &self.methods {
            List::Star { .. } if self.credentials => Some(Value::Asked(METHOD)),
            List::Star { .. } => Some(text("*")),
            list => listed(list),
        };
        add("Access-Control-Allow-Methods", methods, When::Preflight);
        let (headers, when) = match &self.headers {
            List::Star { authorization } => {
                let value = match (self.credentials, authorization) {
                    (true, _) => Value::Asked(HEADERS),
                    (false, true) => text("*, authorization"),
                    (false, false) => text("*"),
                };
                let when = if *authorization { When::Preflight } else { When::PreflightWithoutAuthorization };
                (Some(value), when)
            }
            list => (listed(list), When::Preflight),
        };
        add("Access-Control-Allow-Headers", headers, when);
        let max_age = self.max_age.map(|seconds| Value::Text(seconds.to_string()));
        add("Access-Control-Max-Age", max_age, When::Preflight);
        let expose = match &self.expose {
            Expose::Nothing => None,
            Expose::Names(names) => Some(Value::Text(names.join(", "))),
            Expose::Star => Some(text("*")),
            Expose::RealNames => Some(Value::RealNames),
        };
        add("Access-Control-Expose-Headers", expose, When::Response);
        add("Timing-Allow-Origin", self.timing.then(|| self.allow_origin()), When::Response);
        add("Cross-Origin-Resource-Policy", self.embedding.map(text), When::Response);
        lines
    }
}
