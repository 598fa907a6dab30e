//! Counters, and their text in the format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crossing::server::Decision;
use http::StatusCode;

/// The counters of a gateway. Those of a route survive a reload, as long as its host and path do not change.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    routes: Mutex<BTreeMap<Arc<str>, Arc<RouteMetrics>>>,
    unrouted: [AtomicU64; 5],
    pub(crate) connections: AtomicU64,
    pub(crate) open_connections: AtomicU64,
    pub(crate) reloads: AtomicU64,
    pub(crate) refused_reloads: AtomicU64,
    pub(crate) dropped_log_lines: AtomicU64,
}

/// The counters of a route.
#[derive(Debug, Default)]
pub(crate) struct RouteMetrics {
    statuses: [AtomicU64; 5],
    decisions: Mutex<BTreeMap<(&'static str, &'static str, &'static str), u64>>,
    reported: Mutex<BTreeMap<&'static str, u64>>,
    failures: Mutex<BTreeMap<&'static str, u64>>,
}

impl Metrics {
    /// The counters of a route.
    pub(crate) fn route(&self, name: &Arc<str>) -> Arc<RouteMetrics> {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        routes.entry(name.clone()).or_default().clone()
    }

    /// Counts a request that no route covers.
    pub(crate) fn count_unrouted(&self, status: StatusCode) {
        count_status(&self.unrouted, status);
    }

    /// All counters, in the text format of Prometheus.
    pub(crate) fn render(&self) -> String {
        let mut out = String::new();
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        head(&mut out, "crossing_requests_total", "counter", "Requests, by route and class of status.");
        let none: Arc<str> = "".into();
        let unrouted = std::iter::once((&none, &self.unrouted));
        for (name, statuses) in unrouted.chain(routes.iter().map(|(name, route)| (name, &route.statuses))) {
            for (class, counter) in (1..).zip(statuses) {
                if let count @ 1.. = counter.load(Relaxed) {
                    let _ = writeln!(
                        out,
                        "crossing_requests_total{{route=\"{name}\",status=\"{class}xx\"}} {count}"
                    );
                }
            }
        }
        head(&mut out, "crossing_decisions_total", "counter", "Decisions, by what they rest on.");
        for (name, route) in &routes {
            for ((exchange, verdict, basis), count) in &*lock(&route.decisions) {
                let labels = format!(
                    "route=\"{name}\",exchange=\"{exchange}\",verdict=\"{verdict}\",basis=\"{basis}\""
                );
                let _ = writeln!(out, "crossing_decisions_total{{{labels}}} {count}");
            }
        }
        head(
            &mut out,
            "crossing_reported_total",
            "counter",
            "What enforcement would have refused, by reason.",
        );
        for (name, route) in &routes {
            for (reason, count) in &*lock(&route.reported) {
                let _ =
                    writeln!(out, "crossing_reported_total{{route=\"{name}\",reason=\"{reason}\"}} {count}");
            }
        }
        head(&mut out, "crossing_upstream_failures_total", "counter", "Requests that an upstream failed.");
        for (name, route) in &routes {
            for (error, count) in &*lock(&route.failures) {
                let _ = writeln!(
                    out,
                    "crossing_upstream_failures_total{{route=\"{name}\",error=\"{error}\"}} {count}"
                );
            }
        }
        let plain = [
            ("crossing_connections_total", "counter", "Connections accepted.", &self.connections),
            ("crossing_open_connections", "gauge", "Connections now open.", &self.open_connections),
            (
                "crossing_reloads_total",
                "counter",
                "Times that a changed file came into force.",
                &self.reloads,
            ),
            (
                "crossing_refused_reloads_total",
                "counter",
                "Times that a changed file was refused.",
                &self.refused_reloads,
            ),
            (
                "crossing_dropped_log_lines_total",
                "counter",
                "Lines of the access log that could not be written, or that nobody read in time.",
                &self.dropped_log_lines,
            ),
        ];
        for (name, kind, help, counter) in plain {
            head(&mut out, name, kind, help);
            let _ = writeln!(out, "{name} {}", counter.load(Relaxed));
        }
        out
    }
}

impl RouteMetrics {
    /// Counts a response.
    pub(crate) fn count_response(&self, status: StatusCode) {
        count_status(&self.statuses, status);
    }

    /// Counts a decision of the policy.
    pub(crate) fn count_decision(&self, decision: &Decision) {
        let verdict = decision.verdict();
        let key = (decision.exchange().as_str(), verdict.as_str(), verdict.basis());
        *lock(&self.decisions).entry(key).or_default() += 1;
        if let Some(reason) = decision.reported() {
            *lock(&self.reported).entry(reason.code()).or_default() += 1;
        }
    }

    /// Counts a failure of the upstream. Returns how many of its kind there have been.
    pub(crate) fn count_failure(&self, error: &'static str) -> u64 {
        let mut failures = lock(&self.failures);
        let count = failures.entry(error).or_default();
        *count += 1;
        *count
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn count_status(classes: &[AtomicU64; 5], status: StatusCode) {
    if let Some(counter) = classes.get(usize::from(status.as_u16() / 100).wrapping_sub(1)) {
        counter.fetch_add(1, Relaxed);
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
