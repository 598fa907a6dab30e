//! Counting and logging the failures of upstreams.

use std::rc::Rc;
use std::sync::Arc;

use super::Failure;
use crate::config::Upstream;
use crate::log::Log;
use crate::metrics::RouteMetrics;

/// Reports an upstream's failures, before its response and within the body.
pub(crate) struct FailureReporter {
    log: Rc<Log>,
    metrics: Arc<RouteMetrics>,
}

impl FailureReporter {
    pub(crate) fn new(log: &Rc<Log>, metrics: &Arc<RouteMetrics>) -> FailureReporter {
        FailureReporter { log: log.clone(), metrics: metrics.clone() }
    }

    /// Counts a failure, and logs the first, second, fourth, eighth … of its kind. A failure of the client is ignored.
    pub(crate) fn report(&self, upstream: &Upstream, failure: &Failure) {
        if !failure.is_upstream_fault() {
            return;
        }
        let times = self.metrics.count_failure(failure.code());
        if times.is_power_of_two() {
            let cause = failure.cause().map_or_else(String::new, |cause| format!(": {cause}"));
            self.log.message(&format!("crossing: {upstream}: {failure}{cause} (times: {times})"));
        }
    }
}
