//! The runtime: one script's global, its event loop, and the way in for the program around it.

mod builder;
mod load;

pub use builder::RuntimeBuilder;

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use crossing::browser::Client;
use crossing_agent::Agent;
use rquickjs::context::EvalOptions;
use rquickjs::convert::List;
use rquickjs::function::IntoArgs;
use rquickjs::promise::{Promise, PromiseState};
use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, FromJs, Function, Object, Persistent, Value};

use crate::error::{Error, ScriptError};
use crate::host::{Consumer, Host, StopReason};
use crate::limits::Limits;
use crate::network::{Network, NetworkEvent};
use crate::output::Output;
use crate::page::{Document, Page};
use crate::runtime_handle::RuntimeHandle;
use crate::watchdog::Watchdog;
use crate::xhr::InFlightXhr;
use crate::{fetch, prelude, xhr};

/// A script's global, with the network behind it: a worker's, or for a [`Page`](crate::Page) a window's.
///
/// It stays on the thread that made it, and blocks that thread while a script runs; its conversations go on whenever the
/// script waits. So it must not be used inside an asynchronous runtime, but for such as `tokio::task::spawn_blocking` gives.
pub struct Runtime {
    /// What the event loop calls. It must go before the engine does.
    hooks: Option<Persistent<Object<'static>>>,
    pub(crate) host: Rc<Host>,
    pub(crate) watchdog: Option<Watchdog>,
    /// Whether there was not even memory to say that there is none.
    is_exhausted: Rc<Cell<bool>>,
    context: Context,
    engine: rquickjs::Runtime,
}

impl Runtime {
    pub(crate) fn start(
        agent: Agent,
        client: Client,
        limits: Limits,
        output: Output,
        page: Option<Page>,
    ) -> Result<Runtime, Error> {
        let client = Arc::new(client);
        let network = Network::new(agent.clone(), client.clone()).map_err(Error::Start)?;
        let document = page.map(Document::new);
        let host = Rc::new(Host::new((agent, network), client, limits, output, document));
        let engine = rquickjs::Runtime::new().map_err(refused)?;
        engine.set_memory_limit(limits.memory);
        engine.set_max_stack_size(limits.stack);
        let context = Context::full(&engine).map_err(refused)?;
        let hooks = context.with(|ctx| {
            prelude::run(&ctx, &host)
                .map(|hooks| Persistent::save(&ctx, hooks))
                .catch(&ctx)
                .map_err(|error| Error::Start(io::Error::other(format!("the prelude: {error}"))))
        })?;
        // Not before: the prelude is no script that may be ended.
        let watched = host.clone();
        engine.set_interrupt_handler(Some(Box::new(move || watched.stop_reason().is_some())));
        let (for_rejections, of) = (hooks.clone(), host.clone());
        let is_exhausted = Rc::new(Cell::new(false));
        let exhausted = is_exhausted.clone();
        engine.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, handled| {
            of.wants_checkpoint.set(true);
            let hook = for_rejections
                .clone()
                .restore(&ctx)
                .and_then(|hooks| hooks.get::<_, Function<'_>>("rejection"));
            let told = hook.and_then(|hook| hook.call::<_, ()>((promise, reason, handled))).catch(&ctx);
            if told.is_err_and(|error| is_for_want_of_memory(&error)) {
                exhausted.set(true);
            }
        })));
        Ok(Runtime { hooks: Some(hooks), host, watchdog: None, is_exhausted, context, engine })
    }

    /// Runs a classic script of this name. What it throws is reported to the global, as for a `<script>`; what is not
    /// handled there is told by [`run_until_idle`](Runtime::run_until_idle).
    ///
    /// # Errors
    /// When a limit has ended it.
    pub fn run_script(&mut self, name: &str, source: &str) -> Result<(), Error> {
        self.context.with(|ctx| {
            let ran = evaluate::<Value<'_>>(&ctx, name, source).catch(&ctx);
            if let Err(error) = ran {
                self.report(&ctx, error);
            }
        });
        self.run_jobs()
    }

    /// Evaluates a script, and gives the value of its last expression as a console prints it. A promise is not waited for;
    /// [`eval_settled`](Runtime::eval_settled) does that.
    ///
    /// ```
    /// use crossing_js::{Error, Runtime};
    ///
    /// let mut runtime = Runtime::builder().origin("https://app.example.com".parse()?).build()?;
    /// assert_eq!(runtime.eval("({ origin, at: [1, 'two'] })")?, "{ origin: 'https://app.example.com', at: [1, 'two'] }");
    /// match runtime.eval("nowhere") {
    ///     Err(Error::Uncaught(error)) => assert!(error.text.starts_with("ReferenceError: nowhere is not defined")),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What it throws, or the limit that has ended it.
    pub fn eval(&mut self, source: &str) -> Result<String, Error> {
        let text = self.context.with(|ctx| {
            let value = evaluate::<Value<'_>>(&ctx, "eval", source);
            let printed = value.and_then(|value| self.hook(&ctx, "inspect", (value,)));
            printed.catch(&ctx).map_err(|error| self.describe(&ctx, error))
        });
        self.check_stop()?;
        let text: String = text.map_err(|text| self.thrown(text))?;
        self.run_jobs()?;
        Ok(text)
    }

    /// Evaluates what somebody has typed at a prompt: `await` may stand anywhere, names stay, and a promise is waited for. Gives
    /// its value as a console prints it.
    ///
    /// ```
    /// let mut runtime = crossing_js::Runtime::builder().build()?;
    /// assert_eq!(runtime.eval_settled("const late = new Promise((done) => setTimeout(done, 1, 'yes')); late")?, "'yes'");
    /// assert_eq!(runtime.eval_settled("(await late).length")?, "3");
    /// # Ok::<(), crossing_js::Error>(())
    /// ```
    ///
    /// # Errors
    /// What it throws, or the limit or the [`RuntimeHandle`] that has ended it.
    pub fn eval_settled(&mut self, source: &str) -> Result<String, Error> {
        self.give_room();
        let begun = self.context.with(|ctx| {
            let mut options = EvalOptions::default();
            options.strict = false;
            options.promise = true;
            options.filename = Some("prompt".to_owned());
            let promise = ctx.eval_with_options::<Promise<'_>, _>(source, options);
            let begun = promise.and_then(|promise| {
                self.hook::<_, ()>(&ctx, "settle", (promise.clone(),))?;
                Ok(Persistent::save(&ctx, promise))
            });
            begun.catch(&ctx).map_err(|error| self.describe(&ctx, error))
        });
        self.check_stop()?;
        let promise = begun.map_err(|text| self.thrown(text))?;
        self.run_jobs()?;
        loop {
            let settled = self.context.with(|ctx| {
                let settled = self.hook::<_, Option<List<(String, String)>>>(&ctx, "settled", ()).catch(&ctx);
                settled.map_err(|error| self.describe(&ctx, error))
            });
            match settled.map_err(|text| self.thrown(text))? {
                Some(List((kind, text))) if kind == "error" => return Err(self.thrown(text)),
                Some(List((_, text))) => return Ok(text),
                None if self.context.with(|ctx| is_rejected(&ctx, &promise)) => {
                    return Err(self.out_of_memory());
                }
                None if !self.host.is_pending() => return Ok("Promise { <pending> }".to_owned()),
                None => self.turn()?,
            }
        }
    }

    /// The names with which an expression may go on: after `path`, a chain of names (empty for the global), those that begin
    /// with `start`. Getters on the way are called.
    pub fn completions(&mut self, path: &str, start: &str) -> Vec<String> {
        self.context.with(|ctx| {
            let names = self.hook(&ctx, "complete", (path.to_owned(), start.to_owned())).catch(&ctx);
            names.unwrap_or_default()
        })
    }

    /// A hand on this runtime for other threads.
    ///
    /// ```
    /// use crossing_js::{Error, Runtime};
    ///
    /// let mut runtime = Runtime::builder().build()?;
    /// let handle = runtime.handle();
    /// std::thread::spawn(move || handle.interrupt());
    /// assert!(matches!(runtime.eval("for (;;);"), Err(Error::Interrupted)));
    /// assert_eq!(runtime.eval("1 + 1")?, "2");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn handle(&self) -> RuntimeHandle {
        self.host.runtime_handle()
    }

    /// Whether a timer or a conversation is still to come.
    pub fn is_pending(&self) -> bool {
        self.host.is_pending()
    }

    /// Lets the script go on until nothing is pending: no timer, no conversation. A page is loaded first.
    ///
    /// # Errors
    /// The limit that has ended it, or the first error since the last call that nobody has caught.
    pub fn run_until_idle(&mut self) -> Result<(), Error> {
        self.run_jobs()?;
        self.load_page()?;
        while self.host.is_pending() {
            self.turn()?;
        }
        match self.host.take_errors().into_iter().next() {
            Some(error) => Err(Error::Uncaught(error)),
            None => Ok(()),
        }
    }

    /// One turn of the [event loop](https://html.spec.whatwg.org/multipage/webappapis.html#event-loop-processing-model):
    /// the timers that are due, else the next news of the network, for which it waits; a [`RuntimeHandle`] ends the wait.
    ///
    /// # Errors
    /// When a limit or a [`RuntimeHandle`] has ended the script.
    pub fn turn(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let mut ran = false;
        loop {
            // In a statement of its own: the timer's function may set timers.
            let due = self.host.timers.borrow_mut().take_due(now);
            let Some(id) = due else { break };
            ran = true;
            self.task(|this, ctx| this.hook(ctx, "timer", (id,)))?;
        }
        let due = self.host.next_due(now);
        let until = if ran || due.is_some_and(|due| due <= now) {
            Some(now)
        } else {
            [due, self.host.deadline()].into_iter().flatten().min()
        };
        // What has come already is heard before what is late is given up.
        if let Some((id, news)) = self.host.next_news(until) {
            return self.deliver(id, news);
        }
        let Some(xhr) = self.host.take_late() else { return self.check_stop() };
        xhr.cell.time_out();
        self.drive(xhr)
    }

    fn deliver(&mut self, id: u32, news: NetworkEvent) -> Result<(), Error> {
        match self.host.consumer(id, &news) {
            None => self.check_stop(),
            Some(Consumer::Script(number)) => self.script_news(number, news),
            Some(Consumer::Xhr(xhr)) => {
                if xhr::tells_of_body(&news) && xhr.cell.tells_upload() {
                    xhr.cell.body_sent();
                    self.drive(xhr.clone())?;
                }
                xhr.cell.hear(news, self.host.now());
                self.drive(xhr)
            }
            Some(Consumer::Fetch) => self.task(|this, ctx| {
                let (kind, value) = match news {
                    NetworkEvent::Head(response, _) => ("head", fetch::head(ctx, &response)?),
                    NetworkEvent::Chunk(bytes) => ("chunk", crate::values::buffer(ctx, bytes)?),
                    NetworkEvent::End => ("end", Value::new_undefined(ctx.clone())),
                    NetworkEvent::UploadChunkWanted => ("wanted", Value::new_undefined(ctx.clone())),
                    NetworkEvent::UploadProgress(_) | NetworkEvent::UploadEnded => return Ok(()),
                    NetworkEvent::Failed(_) | NetworkEvent::Conversation(_) | NetworkEvent::Wakeup => {
                        ("failed", Value::new_undefined(ctx.clone()))
                    }
                };
                this.hook(ctx, "fetch", (id, kind, value))
            }),
        }
    }

    /// Dispatches what has come for an `XMLHttpRequest`.
    fn drive(&mut self, xhr: InFlightXhr) -> Result<(), Error> {
        self.task(|this, ctx| {
            let fire = this.hook_named(ctx, "fireXhr")?;
            this.host.with_empty_stack(|| xhr.drive(ctx, &this.host, fire))
        })
    }

    /// Calls hooks as a task, and then the microtasks.
    pub(crate) fn task(
        &mut self,
        call: impl for<'js> FnOnce(&Self, &Ctx<'js>) -> rquickjs::Result<()>,
    ) -> Result<(), Error> {
        self.context.with(|ctx| {
            let called = call(self, &ctx);
            if let Err(error) = called.catch(&ctx) {
                self.report(&ctx, error);
            }
        });
        if self.host.wants_collection() {
            self.engine.run_gc();
        }
        self.run_jobs()
    }

    /// Performs a [microtask checkpoint](https://html.spec.whatwg.org/multipage/webappapis.html#perform-a-microtask-checkpoint).
    pub(crate) fn run_jobs(&mut self) -> Result<(), Error> {
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
        let suspected = self.host.wants_checkpoint.take()
            && self.context.with(|ctx| self.checkpoint(&ctx, "checkpoint").unwrap_or_default());
        if suspected || self.is_exhausted.get() {
            if self.is_exhausted.take() || self.is_memory_full() {
                return Err(self.out_of_memory());
            }
            self.context.with(|ctx| self.checkpoint::<()>(&ctx, "tell"));
        }
        self.check_stop()
    }

    /// What an evaluation has thrown: null also for want of memory.
    fn thrown(&self, text: String) -> Error {
        if text == NULL && self.is_memory_full() {
            return self.out_of_memory();
        }
        Error::Uncaught(ScriptError { text })
    }

    /// Forgets the timers, with the memory that they hold, and what has failed for want of it.
    fn out_of_memory(&self) -> Error {
        self.host.timers.take();
        self.context.with(|ctx| {
            for name in ["forgetTimers", "forgetUntold"] {
                // If there is no memory even for this, it stays.
                let _ = self.hook::<_, ()>(&ctx, name, ()).catch(&ctx);
            }
        });
        Error::OutOfMemory(self.host.limits)
    }

    /// Calls a hook that tells what nobody has caught.
    fn checkpoint<'js, R: FromJs<'js>>(&self, ctx: &Ctx<'js>, name: &str) -> Option<R> {
        let error = match self.hook(ctx, name, ()).catch(ctx) {
            Ok(result) => return Some(result),
            Err(error) => error,
        };
        self.could_not_tell(&error);
        None
    }

    /// One of our own hooks has failed.
    fn could_not_tell(&self, error: &CaughtError<'_>) {
        match error {
            _ if self.host.stop_reason().is_some() => {}
            error if is_for_want_of_memory(error) => self.is_exhausted.set(true),
            error => self.host.uncaught(error.to_string().trim_end().to_owned()),
        }
    }

    /// Lets whoever types have some memory, even if what was typed before has taken it all: how else to let go of it?
    fn give_room(&self) {
        let most = self.host.limits.memory;
        if self.memory_taken() + ROOM > most {
            self.engine.run_gc();
        }
        self.engine.set_memory_limit(most.max(self.memory_taken() + ROOM));
        self.is_exhausted.set(false);
    }

    /// Whether most of the memory is taken. What has failed for want of it has been given back by now.
    fn is_memory_full(&self) -> bool {
        self.memory_taken() > self.host.limits.memory / 2
    }

    fn memory_taken(&self) -> usize {
        usize::try_from(self.engine.memory_usage().malloc_size).unwrap_or(0)
    }

    pub(crate) fn check_stop(&self) -> Result<(), Error> {
        match self.host.stop_reason() {
            None => Ok(()),
            Some(StopReason::Interrupted) => {
                self.host.resume();
                Err(Error::Interrupted)
            }
            Some(StopReason::TimeOver) => Err(Error::TimeOver(self.host.limits)),
            Some(StopReason::TooManyRequests) => Err(Error::TooManyRequests(self.host.limits)),
        }
    }

    pub(crate) fn hook<'js, A, R>(&self, ctx: &Ctx<'js>, name: &str, arguments: A) -> rquickjs::Result<R>
    where
        A: IntoArgs<'js>,
        R: FromJs<'js>,
    {
        self.hook_named(ctx, name)?.call(arguments)
    }

    fn hook_named<'js>(&self, ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Function<'js>> {
        let Some(hooks) = self.hooks.clone() else { return Err(rquickjs::Error::Unknown) };
        hooks.restore(ctx)?.get(name)
    }

    /// [EventSender an exception](https://html.spec.whatwg.org/multipage/webappapis.html#report-an-exception).
    fn report<'js>(&self, ctx: &Ctx<'js>, error: CaughtError<'js>) {
        if self.host.stop_reason().is_some() {
            return;
        }
        let value = match error {
            CaughtError::Exception(exception) => exception.into_value(),
            CaughtError::Value(value) => value,
            CaughtError::Error(error) => return self.host.uncaught(error.to_string()),
        };
        if let Err(error) = self.hook::<_, ()>(ctx, "report", (value,)).catch(ctx) {
            self.could_not_tell(&error);
        }
    }

    fn describe<'js>(&self, ctx: &Ctx<'js>, error: CaughtError<'js>) -> String {
        let value = match error {
            CaughtError::Exception(exception) => exception.into_value(),
            CaughtError::Value(value) => value,
            CaughtError::Error(error) => return error.to_string(),
        };
        self.hook::<_, String>(ctx, "describe", (value,)).catch(ctx).unwrap_or_else(|error| match error {
            error if is_for_want_of_memory(&error) => NULL.to_owned(),
            error => error.to_string(),
        })
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.engine.set_host_promise_rejection_tracker(None);
        self.hooks = None;
        // What they hold of the engine must go before it does.
        self.host.forget_all();
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("limits", &self.host.limits).finish_non_exhaustive()
    }
}

/// Whether nobody has heard yet that it is rejected. After the microtasks that is so only where one was lost for want of memory.
fn is_rejected<'js>(ctx: &Ctx<'js>, promise: &Persistent<Promise<'static>>) -> bool {
    promise.clone().restore(ctx).is_ok_and(|promise| promise.state() == PromiseState::Rejected)
}

/// How much memory a line has that is typed, in bytes.
const ROOM: usize = 4 << 20;

/// What the engine throws where there is no room for an exception, as it is described.
const NULL: &str = "null";

/// Whether one of our own hooks has failed so: there was no room for the exception itself.
fn is_for_want_of_memory(error: &CaughtError<'_>) -> bool {
    matches!(error, CaughtError::Value(value) if value.is_null())
}

fn refused(error: rquickjs::Error) -> Error {
    Error::Start(io::Error::other(error.to_string()))
}

fn evaluate<'js, V: FromJs<'js>>(ctx: &Ctx<'js>, name: &str, source: &str) -> rquickjs::Result<V> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(name.to_owned());
    ctx.eval_with_options(source, options)
}
