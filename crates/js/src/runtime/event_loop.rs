//! The event loop.

use std::time::Instant;

use rquickjs::{CatchResultExt, CaughtError, Ctx};

use super::Runtime;
use crate::error::Error;
use crate::execution::StopReason;
use crate::host::{Consumer, FetchEvent};
use crate::network::{FetchId, NetworkEvent};

impl Runtime {
    /// Runs the event loop until nothing is pending: no timer, no fetch. A page is loaded first.
    ///
    /// # Errors
    /// The limit that has ended it, or the first error since the last call that was not caught.
    pub fn run_until_idle(&mut self) -> Result<(), Error> {
        self.run_jobs()?;
        self.load_page()?;
        while self.host.is_pending() {
            self.turn()?;
        }
        match self.host.output.borrow_mut().take_errors().into_iter().next() {
            Some(error) => Err(Error::Uncaught(error)),
            None => Ok(()),
        }
    }

    /// One turn of the [event loop](https://html.spec.whatwg.org/multipage/webappapis.html#event-loop-processing-model):
    /// the timers that are due, else the next event of the network, for which it waits; a [`RuntimeHandle`](crate::RuntimeHandle) ends the wait.
    ///
    /// # Errors
    /// When a limit or a [`RuntimeHandle`](crate::RuntimeHandle) has ended the script.
    pub fn turn(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let mut ran = false;
        loop {
            // In a statement of its own: the timer's function may set timers.
            let due = self.host.timers.borrow_mut().take_due(now);
            let Some(id) = due else { break };
            ran = true;
            self.task(|this, ctx| this.hooks()?.call(ctx, "timer", (id,)))?;
        }
        let due = self.host.next_due(now);
        let until = if ran || due.is_some_and(|due| due <= now) {
            Some(now)
        } else {
            [due, self.host.execution.deadline()].into_iter().flatten().min()
        };
        // An event that was received already comes before a timeout.
        if let Some((id, event)) = self.host.fetches.next_event(until) {
            return self.deliver(id, event);
        }
        let Some((id, consumer)) = self.host.fetches.take_timed_out() else { return self.check_stop() };
        self.handle_event(&*consumer, id, FetchEvent::TimedOut)
    }

    fn deliver(&mut self, id: FetchId, event: NetworkEvent) -> Result<(), Error> {
        let Some(consumer) = self.host.fetches.consumer(id, &event) else { return self.check_stop() };
        if consumer.splits_upload_end(&event) {
            self.handle_event(&*consumer, id, FetchEvent::UploadEnded)?;
        }
        self.handle_event(&*consumer, id, FetchEvent::Network(event))?;
        self.run_ready_scripts()
    }

    fn handle_event(&mut self, consumer: &dyn Consumer, id: FetchId, event: FetchEvent) -> Result<(), Error> {
        self.task(|this, ctx| consumer.handle(ctx, &this.host, this.hooks()?, id, event))
    }

    /// Calls hooks as a task, and then the microtasks.
    pub(super) fn task(
        &mut self,
        call: impl for<'js> FnOnce(&Self, &Ctx<'js>) -> rquickjs::Result<()>,
    ) -> Result<(), Error> {
        self.context.with(|ctx| {
            let called = call(self, &ctx);
            if let Err(error) = called.catch(&ctx) {
                self.report(&ctx, error);
            }
        });
        if self.host.fetches.wants_collection() {
            self.engine.run_gc();
        }
        self.run_jobs()
    }

    /// Performs a [microtask checkpoint](https://html.spec.whatwg.org/multipage/webappapis.html#perform-a-microtask-checkpoint).
    pub(super) fn run_jobs(&mut self) -> Result<(), Error> {
        loop {
            self.check_stop()?;
            match self.engine.execute_pending_job() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => error.0.with(|ctx| {
                    let error = CaughtError::from_error(&ctx, rquickjs::Error::Exception);
                    self.report(&ctx, error);
                }),
            }
        }
        let suspected = self.host.microtasks.take_checkpoint_request()
            && self.context.with(|ctx| self.checkpoint(&ctx, "checkpoint").unwrap_or_default());
        if suspected || self.is_exhausted.get() {
            if self.is_exhausted.take() || self.is_memory_full() {
                return Err(self.out_of_memory());
            }
            self.context.with(|ctx| self.checkpoint::<()>(&ctx, "reportErrors"));
        }
        self.check_stop()
    }

    pub(super) fn check_stop(&self) -> Result<(), Error> {
        match self.host.execution.stop_reason() {
            None => Ok(()),
            Some(StopReason::Interrupted) => {
                self.host.execution.resume();
                Err(Error::Interrupted)
            }
            Some(StopReason::TimeOver) => Err(Error::TimeOver(self.host.execution.limits)),
            Some(StopReason::TooManyRequests) => Err(Error::TooManyRequests(self.host.execution.limits)),
        }
    }
}
