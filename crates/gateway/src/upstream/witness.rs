//! Whom it is told when an upstream fails.

use std::rc::Rc;
use std::sync::Arc;

use super::Failure;
use crate::config::Upstream;
use crate::metrics::RouteMetrics;
use crate::server::Worker;

/// Whom it is told when an upstream fails, be it before its response or within it.
pub(crate) struct Witness {
    worker: Rc<Worker>,
    metrics: Arc<RouteMetrics>,
}

impl Witness {
    pub(crate) fn new(worker: &Rc<Worker>, metrics: &Arc<RouteMetrics>) -> Witness {
        Witness { worker: worker.clone(), metrics: metrics.clone() }
    }

    /// Counts a failure, and tells of it, ever more seldom. A client's fault is neither.
    pub(crate) fn tell(&self, upstream: &Upstream, failure: &Failure) {
        if !failure.is_the_upstreams() {
            return;
        }
        let times = self.metrics.failed(failure.code());
        if times.is_power_of_two() {
            let cause = failure.cause().map_or_else(String::new, |cause| format!(": {cause}"));
            self.worker.shared.log.say(&format!("crossing: {upstream}: {failure}{cause} (times: {times})"));
        }
    }
}
