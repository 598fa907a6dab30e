//! The runtime: one script's global, its event loop, and the way in for the program around it.

mod builder;
mod errors;
mod event_loop;
mod load;

pub use builder::RuntimeBuilder;

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use crossing::browser::Client;
use crossing_agent::Agent;
use rquickjs::context::EvalOptions;
use rquickjs::convert::List;
use rquickjs::function::IntoArgs;
use rquickjs::promise::Promise;
use rquickjs::{CatchResultExt, Context, Ctx, FromJs, Persistent, Value};

use crate::error::Error;
use crate::hooks::Hooks;
use crate::host::Host;
use crate::limits::Limits;
use crate::network::Network;
use crate::output::Output;
use crate::page::{Document, Page};
use crate::prelude;
use crate::runtime_handle::RuntimeHandle;
use crate::watchdog::Watchdog;

use errors::{is_out_of_memory, is_rejected};

/// A script's global, with the network behind it: a worker's, or for a [`Page`](crate::Page) a window's.
///
/// ```
/// use axum::{Router, routing::get};
/// use crossing_agent::Agent;
/// use crossing_js::Runtime;
///
/// let app = Router::new().route("/", get(|| async { ([("access-control-allow-origin", "*")], "hello") }));
/// let agent = Agent::in_process().host("api.example.com", app).build()?;
/// let mut runtime = Runtime::builder().origin("https://app.example.com".parse()?).agent(agent).build()?;
/// assert_eq!(runtime.eval_settled("(await fetch('https://api.example.com/')).text()")?, "'hello'");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
///
/// It stays on the thread that made it, and blocks that thread while a script runs; its fetches make progress
/// whenever the script waits. So it must not be used inside an asynchronous runtime, except on a thread of
/// `tokio::task::spawn_blocking`.
pub struct Runtime {
    /// What the event loop calls. It must go before the engine does.
    hooks: Option<Hooks>,
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
                .map(|hooks| Hooks::new(&ctx, hooks))
                .catch(&ctx)
                .map_err(|error| Error::Start(io::Error::other(format!("the prelude: {error}"))))
        })?;
        // Not before: the prelude must not be interrupted.
        let watched = host.clone();
        engine.set_interrupt_handler(Some(Box::new(move || watched.execution.stop_reason().is_some())));
        let (for_rejections, shared) = (hooks.clone(), host.clone());
        let is_exhausted = Rc::new(Cell::new(false));
        let exhausted = is_exhausted.clone();
        engine.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, handled| {
            shared.microtasks.request_checkpoint();
            let stored =
                for_rejections.call::<_, ()>(&ctx, "rejection", (promise, reason, handled)).catch(&ctx);
            if stored.is_err_and(|error| is_out_of_memory(&error)) {
                exhausted.set(true);
            }
        })));
        Ok(Runtime { hooks: Some(hooks), host, watchdog: None, is_exhausted, context, engine })
    }

    /// Runs a classic script of this name. What it throws is reported to the global, as for a `<script>`; what is not
    /// handled there is reported by [`run_until_idle`](Runtime::run_until_idle).
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
            let printed = value.and_then(|value| self.call_hook(&ctx, "inspect", (value,)));
            printed.catch(&ctx).map_err(|error| self.describe(&ctx, error))
        });
        self.check_stop()?;
        let text: String = text.map_err(|text| self.thrown(text))?;
        self.run_jobs()?;
        Ok(text)
    }

    /// Evaluates a line of a prompt: `await` may stand anywhere, names stay, and a promise is waited for. Gives
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
        self.reserve_memory();
        let begun = self.context.with(|ctx| {
            let mut options = EvalOptions::default();
            options.strict = false;
            options.promise = true;
            options.filename = Some("prompt".to_owned());
            let promise = ctx.eval_with_options::<Promise<'_>, _>(source, options);
            let begun = promise.and_then(|promise| {
                self.call_hook::<_, ()>(&ctx, "settle", (promise.clone(),))?;
                Ok(Persistent::save(&ctx, promise))
            });
            begun.catch(&ctx).map_err(|error| self.describe(&ctx, error))
        });
        self.check_stop()?;
        let promise = begun.map_err(|text| self.thrown(text))?;
        self.run_jobs()?;
        loop {
            let settled = self.context.with(|ctx| {
                let settled =
                    self.call_hook::<_, Option<List<(String, String)>>>(&ctx, "settled", ()).catch(&ctx);
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
            let names = self.call_hook(&ctx, "complete", (path.to_owned(), start.to_owned())).catch(&ctx);
            names.unwrap_or_default()
        })
    }

    /// A handle to this runtime for other threads.
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
        RuntimeHandle::new(self.host.execution.interrupt_flag(), self.host.fetches.event_sender())
    }

    /// Whether a timer or a conversation is still to come.
    pub fn is_pending(&self) -> bool {
        self.host.is_pending()
    }

    fn hooks(&self) -> rquickjs::Result<&Hooks> {
        self.hooks.as_ref().ok_or(rquickjs::Error::Unknown)
    }

    fn call_hook<'js, A, R>(&self, ctx: &Ctx<'js>, name: &str, arguments: A) -> rquickjs::Result<R>
    where
        A: IntoArgs<'js>,
        R: FromJs<'js>,
    {
        self.hooks()?.call(ctx, name, arguments)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.engine.set_host_promise_rejection_tracker(None);
        self.hooks = None;
        // What they hold of the engine must go before it does.
        self.host.fetches.cancel_all();
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("limits", &self.host.execution.limits).finish_non_exhaustive()
    }
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
