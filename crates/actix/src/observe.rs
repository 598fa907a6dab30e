//! Telling of decisions: one event and one counter each, behind features that change nothing else.

use crossing::server::Decision;

use crate::Value;

#[cfg(not(any(feature = "tracing", feature = "metrics")))]
#[inline]
pub(crate) fn decided(_: &Decision<Value>) {}

#[cfg(any(feature = "tracing", feature = "metrics"))]
pub(crate) fn decided(decision: &Decision<Value>) {
    let exchange = decision.exchange().as_str();
    let (verdict, basis) = (decision.verdict().as_str(), decision.verdict().basis());
    #[cfg(feature = "tracing")]
    {
        tracing::debug!(target: "crossing", exchange, verdict, basis, "CORS decision");
        if let Some(reason) = decision.reported() {
            tracing::warn!(target: "crossing", reason = reason.code(), "would be refused, if the policy were enforced");
        }
    }
    #[cfg(feature = "metrics")]
    {
        metrics::counter!("cors_decisions_total", "exchange" => exchange, "verdict" => verdict, "basis" => basis)
            .increment(1);
        if let Some(reason) = decision.reported() {
            metrics::counter!("cors_reported_total", "reason" => reason.code()).increment(1);
        }
        if decision.asks_private_network() {
            metrics::counter!("cors_private_network_requests_total").increment(1);
        }
    }
}
