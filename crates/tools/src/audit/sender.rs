//! Sends probes, politely: not too many, not too fast.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossing_agent::{Agent, BuildError, Limits, TransportError};
use http::StatusCode;
use tokio::time::{Instant, sleep_until};

use super::options::Settings;
use super::probe::{Answer, Exchange, Probe};
use super::progress::{Listener, Progress};

/// The largest body that is read, in bytes.
const LARGEST_BODY: u64 = 64 << 10;

/// How many requests go out a second, over all targets.
#[derive(Clone)]
pub(crate) struct Pace {
    gap: Duration,
    next: Arc<Mutex<Option<Instant>>>,
}

impl Pace {
    pub(crate) fn new(per_second: f64) -> Pace {
        Pace { gap: Duration::from_secs_f64(1.0 / per_second), next: Arc::default() }
    }

    /// Waits for the next turn.
    async fn turn(&self) {
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let turn = next.map_or(now, |next| next.max(now));
            *next = Some(turn + self.gap);
            turn
        };
        sleep_until(turn).await;
    }
}

/// The client that sends the requests.
pub(crate) fn agent(settings: &Settings) -> Result<Agent, BuildError> {
    let timeout = settings.timeout;
    let limits = Limits::default().connect(timeout).head(timeout).total(timeout).body(LARGEST_BODY);
    let builder = Agent::builder().limits(limits);
    settings.network.apply(builder).build()
}

/// Why a probe has no answer of the application's.
pub(crate) enum Unanswered {
    /// The network failed, or a proxy answered in the application's place.
    Failed(String),
    /// The server wants fewer requests: it gets no more.
    HeldOff(String),
}

impl Unanswered {
    pub(crate) fn into_text(self) -> String {
        match self {
            Unanswered::Failed(text) | Unanswered::HeldOff(text) => text,
        }
    }

    fn by(status: StatusCode) -> Option<Unanswered> {
        match status.as_u16() {
            429 => Some(Unanswered::HeldOff(format!(
                "the server wants fewer requests ({status}); --rate asks more slowly"
            ))),
            502..=504 => Some(Unanswered::Failed(format!(
                "a proxy answered in the application's place ({status}): the application is down or slow"
            ))),
            _ => None,
        }
    }
}

/// Sends the probes of one target.
pub(crate) struct Sender {
    pub(crate) agent: Agent,
    pub(crate) pace: Pace,
    pub(crate) left: u32,
    /// Probes for which no request was left.
    pub(crate) unsent: usize,
    pub(crate) listener: Listener,
}

impl Sender {
    /// Sends one; `None` when the number of requests is used up.
    pub(crate) async fn send(&mut self, probe: &Probe) -> Option<Result<Exchange, Unanswered>> {
        let Some(left) = self.left.checked_sub(1) else {
            self.unsent += 1;
            return None;
        };
        self.left = left;
        self.pace.turn().await;
        let answer = self.ask(probe).await;
        (self.listener)(Progress::Sent);
        Some(match answer {
            Err(error) => Err(Unanswered::Failed(error.detail)),
            Ok(answer) => match Unanswered::by(answer.status()) {
                Some(unanswered) => Err(unanswered),
                None => Ok(Exchange { probe: probe.clone(), answer }),
            },
        })
    }

    async fn ask(&self, probe: &Probe) -> Result<Answer, TransportError> {
        let (head, body) = self.agent.exchange(probe.head(), probe.body.map(str::as_bytes)).await?;
        let short = crossing::headers::response::content_length(&head.headers)
            .is_some_and(|length| length <= LARGEST_BODY);
        // A short body is read so that the connection can be used again; an endless one is not waited for.
        let body = if probe.wants_body() || short {
            body.bytes().await.map(|bytes| bytes.to_vec()).unwrap_or_default()
        } else {
            Vec::new()
        };
        Ok(Answer { head, body })
    }
}
