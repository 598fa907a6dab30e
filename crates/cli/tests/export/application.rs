//! The application behind the servers. It has an opinion about CORS, which must not count.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossing::{HeaderList, ResponseHead, Value};
use http::StatusCode;

use crate::support::scripted::{Answer, serve};

/// What it answers to everything.
const HEADERS: [(&str, &str); 8] = [
    ("content-type", "text/plain"),
    ("vary", "accept"),
    ("x-a", "1"),
    ("x-b", "2"),
    ("access-control-allow-origin", "https://evil.test"),
    ("access-control-expose-headers", "x-evil"),
    ("timing-allow-origin", "https://evil.test"),
    ("cross-origin-resource-policy", "cross-origin"),
];

/// Its answer, before anybody edits it.
pub(crate) fn head() -> ResponseHead {
    let line = |(name, value): (&str, &str)| (name.parse().unwrap(), Value::new(value).unwrap());
    ResponseHead::new(StatusCode::OK, HEADERS.into_iter().map(line).collect::<HeaderList>())
}

/// Whether a header is its own, and not its server's.
pub(crate) fn sends(name: &str) -> bool {
    name.starts_with("x-") && HEADERS.iter().any(|(known, _)| *known == name)
}

/// It, on a port of its own.
pub(crate) struct Application {
    pub(crate) port: u16,
    preflights: Arc<AtomicUsize>,
}

impl Application {
    pub(crate) fn start() -> Application {
        let preflights = Arc::new(AtomicUsize::new(0));
        let seen = preflights.clone();
        let port = serve(move |asked| {
            seen.fetch_add(
                usize::from(asked.is_preflight() && asked.get("origin").is_some()),
                Ordering::Relaxed,
            );
            let status = if asked.target == "/missing" { 404 } else { 200 };
            HEADERS.into_iter().fold(Answer::new(status), |answer, (name, value)| answer.with(name, value))
        });
        Application { port, preflights }
    }

    /// How many preflights came through to it.
    pub(crate) fn preflights(&self) -> usize {
        self.preflights.load(Ordering::Relaxed)
    }
}
