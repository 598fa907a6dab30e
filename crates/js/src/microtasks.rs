//! When the microtasks run.

use std::cell::Cell;

use rquickjs::Ctx;

use crate::execution::Execution;

/// Whether microtasks follow a callback, and whether the prelude has work to do after them.
#[derive(Default)]
pub(crate) struct Microtasks {
    /// Whether no script is on the stack while events are dispatched.
    is_stack_empty: Cell<bool>,
    /// Whether the prelude has work to do at the next checkpoint.
    wants_checkpoint: Cell<bool>,
}

impl Microtasks {
    pub(crate) fn request_checkpoint(&self) {
        self.wants_checkpoint.set(true);
    }

    /// Whether a checkpoint was requested since the last call.
    pub(crate) fn take_checkpoint_request(&self) -> bool {
        self.wants_checkpoint.take()
    }

    /// Dispatches events from the event loop, with no script on the stack.
    pub(crate) fn with_empty_stack<T>(&self, dispatch: impl FnOnce() -> T) -> T {
        self.is_stack_empty.set(true);
        let result = dispatch();
        self.is_stack_empty.set(false);
        result
    }

    /// [Calls back](https://webidl.spec.whatwg.org/#call-a-user-objects-operation) a script. After it has returned, and if
    /// no script is left on the stack, the microtasks run
    /// ([clean up after running script](https://html.spec.whatwg.org/multipage/webappapis.html#clean-up-after-running-script)).
    pub(crate) fn call_back<T>(
        &self,
        ctx: &Ctx<'_>,
        execution: &Execution,
        callback: impl FnOnce() -> T,
    ) -> T {
        let is_last = self.is_stack_empty.replace(false);
        let result = callback();
        if is_last {
            while execution.stop_reason().is_none() && ctx.execute_pending_job() {}
            self.is_stack_empty.set(true);
        }
        result
    }
}
