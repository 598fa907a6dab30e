//! What is counted, under the names that Envoy's statistics show.

use crossing::server::{Decision, Verdict, requests_private_network};
use crossing::{Exchange, Reason};

use crate::envoy::{Counter, Loading, Stream};
use crate::view::Request;

/// The counters of one filter. What is frequent has no label: a label costs Envoy more than a decision costs us.
#[derive(Debug)]
pub(crate) struct Counters {
    requests_not_cors: Option<Counter>,
    requests_same_origin: Option<Counter>,
    requests_granted: Option<Counter>,
    requests_refused: Option<Counter>,
    requests_reported: Option<Counter>,
    preflights_granted: Option<Counter>,
    preflights_refused: Option<Counter>,
    preflights_for_private_network: Option<Counter>,
}

/// The label of a refusal.
const REASON: Option<&str> = Some("reason");

impl Counters {
    pub(crate) fn define(loading: &Loading) -> Counters {
        Counters {
            requests_not_cors: loading.counter("requests_not_cors", None),
            requests_same_origin: loading.counter("requests_same_origin", None),
            requests_granted: loading.counter("requests_granted", None),
            requests_refused: loading.counter("requests_refused", REASON),
            requests_reported: loading.counter("requests_reported", REASON),
            preflights_granted: loading.counter("preflights_granted", None),
            preflights_refused: loading.counter("preflights_refused", REASON),
            preflights_for_private_network: loading.counter("preflights_for_private_network", None),
        }
    }

    /// Counts a decision.
    pub(crate) fn decided(&self, stream: &Stream<'_>, request: &Request<'_>, decision: &Decision) {
        let preflight = decision.exchange() == Exchange::Preflight;
        let (counter, reason) = match decision.verdict() {
            Verdict::NotCors => (self.requests_not_cors, None),
            Verdict::SameOrigin => (self.requests_same_origin, None),
            Verdict::Granted { .. } if preflight => (self.preflights_granted, None),
            Verdict::Granted { .. } => (self.requests_granted, None),
            Verdict::Refused(reason) if preflight => (self.preflights_refused, Some(reason)),
            Verdict::Refused(reason) => (self.requests_refused, Some(reason)),
        };
        count(stream, counter, reason);
        if let Some(reason) = decision.reported() {
            count(stream, self.requests_reported, Some(reason));
        }
        if preflight && requests_private_network(request) {
            count(stream, self.preflights_for_private_network, None);
        }
    }
}

fn count(stream: &Stream<'_>, counter: Option<Counter>, reason: Option<Reason>) {
    if let Some(counter) = counter {
        stream.count(counter, reason.map(Reason::code));
    }
}
