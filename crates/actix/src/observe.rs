//! Telling of decisions: one event and one counter each, behind features that change nothing else.

use crossing::server::Decision;
#[cfg(feature = "metrics")]
use crossing::{Exchange, server::requests_private_network};

use crate::view::{Request, Value};

#[cfg(not(any(feature = "tracing", feature = "metrics")))]
#[inline]
pub(crate) fn decided(_: &Request<'_>, _: &Decision<Value>) {}

#[cfg(any(feature = "tracing", feature = "metrics"))]
#[cfg_attr(not(feature = "metrics"), allow(unused_variables, reason = "nothing of it is told"))]
pub(crate) fn decided(request: &Request<'_>, decision: &Decision<Value>) {
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
        if decision.exchange() == Exchange::Preflight && requests_private_network(request) {
            metrics::counter!("cors_private_network_requests_total").increment(1);
        }
    }
}
