//! What an operator hears of decisions, and counts.
#![cfg(all(feature = "tracing", feature = "metrics"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::fmt::Debug;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use crossing_tower::{CorsLayer, Policy};
use http::{Request, Response};
use metrics::{Counter, CounterFn, Gauge, Histogram, Key, KeyName, Recorder, SharedString, Unit};
use tower::{Layer, Service, service_fn};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes each event's fields down.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "crossing"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn ask(policy: &str, request: http::request::Builder) {
    let app = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    let mut service = CorsLayer::new(Policy::from_toml(policy).unwrap()).layer(app);
    let answered = service.call(request.body(()).unwrap());
    match pin!(answered).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => drop(answer.unwrap()),
        Poll::Pending => panic!("the service does not wait"),
    }
}

/// Writes each increment of a counter down.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<Vec<String>>>);

struct Count {
    name: String,
    counts: Counts,
}

impl CounterFn for Count {
    fn increment(&self, by: u64) {
        self.counts.0.lock().unwrap().push(format!("{} {by}", self.name));
    }

    fn absolute(&self, to: u64) {
        panic!("{} is set to {to}", self.name);
    }
}

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &metrics::Metadata<'_>) -> Counter {
        let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
        let name = format!("{}{}", key.name(), labels.collect::<String>());
        Counter::from_arc(Arc::new(Count { name, counts: self.clone() }))
    }

    fn register_gauge(&self, key: &Key, _: &metrics::Metadata<'_>) -> Gauge {
        panic!("{key} is a gauge")
    }

    fn register_histogram(&self, key: &Key, _: &metrics::Metadata<'_>) -> Histogram {
        panic!("{key} is a histogram")
    }
}

/// The events, and what was counted.
fn observed(policy: &str, request: http::request::Builder) -> (Vec<String>, Vec<String>) {
    let (log, counts) = (Log::default(), Counts::default());
    tracing::subscriber::with_default(log.clone(), || {
        metrics::with_local_recorder(&counts, || ask(policy, request));
    });
    let events = log.0.lock().unwrap().clone();
    let counts = counts.0.lock().unwrap().clone();
    (events, counts)
}

const POLICY: &str = "[[grant]]\nallow_origins = [\"https://a.test\"]\n";

#[test]
fn each_decision_is_told_once_and_counted_once() {
    let (events, counters) = observed(POLICY, Request::get("/").header("origin", "https://a.test"));
    assert_eq!(events.len(), 1, "{events:?}");
    for part in ["DEBUG", "exchange=\"request\"", "verdict=\"granted\"", "basis=\"0\""] {
        assert!(events[0].contains(part), "{part} in {events:?}");
    }
    assert_eq!(counters, ["cors_decisions_total exchange=request verdict=granted basis=0 1"]);
}

#[test]
fn a_refusal_is_told_with_its_reason() {
    let request = Request::options("/")
        .header("origin", "https://b.test")
        .header("access-control-request-method", "PUT")
        .header("access-control-request-private-network", "true");
    let (events, counters) = observed(POLICY, request);
    assert!(events[0].contains("verdict=\"refused\" basis=\"origin-not-granted\""), "{events:?}");
    assert_eq!(
        counters,
        [
            "cors_decisions_total exchange=preflight verdict=refused basis=origin-not-granted 1",
            "cors_private_network_requests_total 1",
        ]
    );
}

#[test]
fn what_enforcement_would_refuse_is_a_warning() {
    let policy = format!("enforcement = \"report\"\n{POLICY}");
    let (events, counters) = observed(&policy, Request::get("/").header("origin", "https://b.test"));
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events[1].starts_with("WARN"), "{events:?}");
    assert!(counters.contains(&"cors_reported_total reason=origin-not-granted 1".to_owned()), "{counters:?}");
}
