//! Errors of scripts: their report, and the lack of memory.

use rquickjs::promise::{Promise, PromiseState};
use rquickjs::{CatchResultExt, CaughtError, Ctx, FromJs, Persistent};

use super::Runtime;
use crate::error::{Error, ScriptError};

/// Whether the promise is rejected and no reaction has run. After the microtasks that is so only where one was lost because there
/// was no memory.
pub(super) fn is_rejected<'js>(ctx: &Ctx<'js>, promise: &Persistent<Promise<'static>>) -> bool {
    promise.clone().restore(ctx).is_ok_and(|promise| promise.state() == PromiseState::Rejected)
}

/// The memory that is reserved for a line at the prompt, in bytes.
const PROMPT_MEMORY: usize = 4 << 20;

/// What the engine throws where there is no memory for an exception, as it is described.
const NULL: &str = "null";

/// Whether a hook has failed because there was no memory: not even for the exception.
pub(super) fn is_out_of_memory(error: &CaughtError<'_>) -> bool {
    matches!(error, CaughtError::Value(value) if value.is_null())
}

impl Runtime {
    /// The error of an evaluation. Null is thrown also when there is no memory for an exception.
    pub(super) fn thrown(&self, text: String) -> Error {
        if text == NULL && self.is_memory_full() {
            return self.out_of_memory();
        }
        Error::Uncaught(ScriptError { text })
    }

    /// Discards the timers, with the memory that they hold, and the errors that the lack of memory has caused.
    pub(super) fn out_of_memory(&self) -> Error {
        self.host.timers.take();
        self.context.with(|ctx| {
            for name in ["discardTimers", "discardErrors"] {
                // If there is no memory even for this, it stays.
                let _ = self.call_hook::<_, ()>(&ctx, name, ()).catch(&ctx);
            }
        });
        Error::OutOfMemory(self.host.execution.limits)
    }

    /// Calls a hook that reports errors that were not caught.
    pub(super) fn checkpoint<'js, R: FromJs<'js>>(&self, ctx: &Ctx<'js>, name: &str) -> Option<R> {
        let error = match self.call_hook(ctx, name, ()).catch(ctx) {
            Ok(result) => return Some(result),
            Err(error) => error,
        };
        self.hook_failed(&error);
        None
    }

    /// Handles the failure of a hook.
    pub(super) fn hook_failed(&self, error: &CaughtError<'_>) {
        match error {
            _ if self.host.execution.stop_reason().is_some() => {}
            error if is_out_of_memory(error) => self.is_exhausted.set(true),
            error => self.host.output.borrow_mut().uncaught(error.to_string().trim_end().to_owned()),
        }
    }

    /// Reserves memory for a line at the prompt, even if earlier lines have taken all of it: otherwise the user cannot free it.
    pub(super) fn reserve_memory(&self) {
        let most = self.host.execution.limits.memory;
        if self.memory_taken() + PROMPT_MEMORY > most {
            self.engine.run_gc();
        }
        self.engine.set_memory_limit(most.max(self.memory_taken() + PROMPT_MEMORY));
        self.is_exhausted.set(false);
    }

    /// Whether most of the memory is taken. An allocation that failed does not count any more.
    pub(super) fn is_memory_full(&self) -> bool {
        self.memory_taken() > self.host.execution.limits.memory / 2
    }

    fn memory_taken(&self) -> usize {
        usize::try_from(self.engine.memory_usage().malloc_size).unwrap_or(0)
    }

    /// [Reports an exception](https://html.spec.whatwg.org/multipage/webappapis.html#report-an-exception).
    pub(super) fn report<'js>(&self, ctx: &Ctx<'js>, error: CaughtError<'js>) {
        if self.host.execution.stop_reason().is_some() {
            return;
        }
        let value = match error {
            CaughtError::Exception(exception) => exception.into_value(),
            CaughtError::Value(value) => value,
            CaughtError::Error(error) => return self.host.output.borrow_mut().uncaught(error.to_string()),
        };
        if let Err(error) = self.call_hook::<_, ()>(ctx, "report", (value,)).catch(ctx) {
            self.hook_failed(&error);
        }
    }

    pub(super) fn describe<'js>(&self, ctx: &Ctx<'js>, error: CaughtError<'js>) -> String {
        let value = match error {
            CaughtError::Exception(exception) => exception.into_value(),
            CaughtError::Value(value) => value,
            CaughtError::Error(error) => return error.to_string(),
        };
        self.call_hook::<_, String>(ctx, "describe", (value,)).catch(ctx).unwrap_or_else(
            |error| match error {
                error if is_out_of_memory(&error) => NULL.to_owned(),
                error => error.to_string(),
            },
        )
    }
}
