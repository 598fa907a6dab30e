//! What the natives and the event loop share.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossing::Time;
use crossing::browser::{Client, Request};
use crossing_agent::Agent;
use rquickjs::{Ctx, Result};

use crate::blob_store::BlobStore;
use crate::environment::Environment;
use crate::execution::{Execution, StopReason};
use crate::fetches::Fetches;
use crate::hooks::Hooks;
use crate::limits::Limits;
use crate::microtasks::Microtasks;
use crate::network::{FetchId, Network, NetworkEvent, Upload};
use crate::output::Output;
use crate::page::Document;
use crate::timers::Timers;

/// Takes the events of one fetch, in tasks of the event loop.
pub(crate) trait Consumer {
    /// Whether the end of the upload, which this event implies, gets a task before that of the event.
    fn splits_upload_end(&self, _event: &NetworkEvent) -> bool {
        false
    }

    fn handle(&self, ctx: &Ctx<'_>, host: &Host, hooks: &Hooks, id: FetchId, event: FetchEvent)
    -> Result<()>;
}

/// What happens to a fetch.
pub(crate) enum FetchEvent {
    Network(NetworkEvent),
    /// The request's body has been sent, as the next event implies.
    UploadEnded,
    TimedOut,
}

pub(crate) struct Host {
    pub(crate) environment: Environment,
    pub(crate) execution: Execution,
    pub(crate) microtasks: Microtasks,
    pub(crate) fetches: Fetches<Rc<dyn Consumer>>,
    pub(crate) timers: RefCell<Timers>,
    pub(crate) blobs: RefCell<BlobStore>,
    pub(crate) output: Rc<RefCell<Output>>,
}

impl Host {
    pub(crate) fn new(
        (agent, network): (Agent, Network),
        client: Arc<Client>,
        limits: Limits,
        output: Output,
        document: Option<Document>,
    ) -> Host {
        let output = Rc::new(RefCell::new(output));
        Host {
            environment: Environment { client, agent, document },
            execution: Execution::new(limits),
            microtasks: Microtasks::default(),
            fetches: Fetches::new(network, output.clone()),
            timers: RefCell::default(),
            blobs: RefCell::default(),
            output,
        }
    }

    /// Begins a fetch; `None` if there have been too many.
    pub(crate) fn begin_fetch(
        &self,
        request: Box<Request>,
        upload: Upload,
        consumer: Rc<dyn Consumer>,
    ) -> Option<FetchId> {
        if self.fetches.begun() >= self.execution.limits.requests {
            self.execution.stop(StopReason::TooManyRequests);
            return None;
        }
        Some(if request.url().scheme() == "blob" {
            let events = self.blobs.borrow().respond(&request);
            self.fetches.begin_local(events, consumer)
        } else {
            self.fetches.begin(request, upload, consumer)
        })
    }

    /// Sets when the consumer of a fetch gives it up, by the script's clock.
    pub(crate) fn set_fetch_deadline(&self, id: FetchId, due: Option<Time>) {
        self.fetches.set_timeout(id, due.map(|due| due.since(self.execution.now())));
    }

    /// Calls back a script: see [`Microtasks::call_back`].
    pub(crate) fn call_back<T>(&self, ctx: &Ctx<'_>, callback: impl FnOnce() -> T) -> T {
        self.microtasks.call_back(ctx, &self.execution, callback)
    }

    /// Whether a timer or a fetch is pending.
    pub(crate) fn is_pending(&self) -> bool {
        self.fetches.is_pending() || self.timers.borrow_mut().next_due().is_some()
    }

    /// When the next timer or timeout is due, if the script does nothing but wait from now on.
    pub(crate) fn next_due(&self, now: Instant) -> Option<Instant> {
        let timer = self.timers.borrow_mut().next_due();
        [timer, self.fetches.next_timeout(now)].into_iter().flatten().min()
    }

    pub(crate) fn set_timer(&self, id: u32, after: Duration) {
        if let Some(due) = Instant::now().checked_add(after) {
            self.timers.borrow_mut().set(id, due);
        }
    }
}
