//! The script, its host, and the loop that lets time and answers come in.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossing_agent::Agent;
use rquickjs::context::EvalOptions;
use rquickjs::{ArrayBuffer, Context, Ctx, Function, Object, Persistent, Value};

use crate::builder::{BuildError, RuntimeBuilder};
use crate::error::ScriptError;
use crate::host::{self, Host, Owner, Shared, response_object};
use crate::limits::Limits;
use crate::network::{Network, News};
use crate::prelude;

/// A worker-like global scope, in which scripts run one after another. See the [crate's documentation](crate).
pub struct Runtime {
    // Dropped in this order: what the engine holds must go before the engine.
    entry: Persistent<Object<'static>>,
    context: Context,
    engine: rquickjs::Runtime,
    host: Shared,
    limits: Limits,
}

impl Runtime {
    /// Begins a runtime for a page at this address, which need not exist.
    pub fn builder(address: &str) -> RuntimeBuilder {
        RuntimeBuilder::new(address)
    }

    pub(crate) fn new(mut wish: RuntimeBuilder) -> Result<Runtime, BuildError> {
        let client = Arc::new(wish.page()?);
        let agent = match wish.agent.take() {
            Some(agent) => agent,
            None => Agent::builder().build().map_err(BuildError::Agent)?,
        };
        let user_agent =
            agent.settings().user_agent.as_ref().map_or_else(String::new, |value| value.to_text());
        let limits = wish.limits;
        let network = Network::new(agent, client.clone(), limits.concurrent).map_err(BuildError::Thread)?;
        let host = Host::new(client, network, user_agent, limits, wish.hear, wish.watch);
        let host = Rc::new(RefCell::new(host));
        let wrong = |error: rquickjs::Error| BuildError::Engine(error.to_string());
        let engine = rquickjs::Runtime::new().map_err(wrong)?;
        engine.set_memory_limit(limits.memory);
        engine.set_max_stack_size(limits.stack);
        let until = host.borrow().until;
        engine.set_interrupt_handler(Some(Box::new(move || Instant::now() >= until)));
        let context = Context::full(&engine).map_err(wrong)?;
        let entry = context.with(|ctx| begin(&ctx, &host)).map_err(BuildError::Engine)?;
        let tracked = entry.clone();
        engine.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, handled| {
            let call = || -> rquickjs::Result<()> {
                let entry = tracked.clone().restore(&ctx)?;
                entry.get::<_, Function<'_>>("rejection")?.call((promise, reason, handled))
            };
            // It only fills a map; should memory be out, the script ends anyway.
            let _ = call();
        })));
        Ok(Runtime { entry, context, engine, host, limits })
    }

    /// Runs a classic script and all that it begins, until nothing is left that could happen: no timer, no request.
    ///
    /// # Errors
    /// When the script throws, or uses up its time or its memory. What it has begun goes on with the next call.
    pub fn run(&mut self, source: &str) -> Result<(), ScriptError> {
        self.run_named("script", source)
    }

    /// As [`run`](Runtime::run); errors name the script by `name`.
    ///
    /// # Errors
    /// As [`run`](Runtime::run).
    pub fn run_named(&mut self, name: &str, source: &str) -> Result<(), ScriptError> {
        self.start(name, source)?;
        self.settle()
    }

    /// Runs a classic script to its last statement. What it has begun waits for [`settle`](Runtime::settle).
    ///
    /// # Errors
    /// As [`run`](Runtime::run).
    pub fn start(&mut self, name: &str, source: &str) -> Result<(), ScriptError> {
        let result =
            self.context.with(|ctx| eval(&ctx, name, source).map(|_| ()).map_err(|()| self.caught(&ctx)));
        let checked = self.checkpoint();
        result.and(checked)
    }

    /// The value of an expression, as `console.log` would show it. A promise is waited for.
    ///
    /// # Errors
    /// As [`run`](Runtime::run), and when the promise is rejected.
    pub fn evaluate(&mut self, source: &str) -> Result<String, ScriptError> {
        let value = self.context.with(|ctx| match eval(&ctx, "script", source) {
            Ok(value) => Ok(Persistent::save(&ctx, value)),
            Err(()) => Err(self.caught(&ctx)),
        })?;
        self.checkpoint()?;
        let is_promise = self
            .context
            .with(|ctx| value.clone().restore(&ctx).is_ok_and(|value| value.as_promise().is_some()));
        if is_promise {
            let waited = self.context.with(|ctx| {
                value.clone().restore(&ctx).ok().and_then(|value| {
                    value
                        .as_promise()
                        .map(|promise| promise.state() == rquickjs::promise::PromiseState::Pending)
                })
            });
            if waited == Some(true) {
                self.settle()?;
            }
        }
        self.context.with(|ctx| {
            let value = value.restore(&ctx).map_err(|_| self.caught(&ctx))?;
            let value = match value.as_promise() {
                None => value,
                Some(promise) => match promise.result::<Value<'_>>() {
                    Some(Ok(value)) => value,
                    Some(Err(_)) => return Err(self.caught(&ctx)),
                    None => return Ok("a promise that nothing will ever settle".to_owned()),
                },
            };
            self.word(&ctx, "inspect", value)
        })
    }

    /// Lets timers and answers come in until nothing is left that could happen.
    ///
    /// # Errors
    /// When the time or the memory is used up.
    pub fn settle(&mut self) -> Result<(), ScriptError> {
        loop {
            if self.is_time_over() {
                return Err(ScriptError::TimeOver(self.limits.time));
            }
            let late = self.host.borrow().due_xhr();
            if let Some(id) = late {
                self.inform(id, |object, _| object.xhr.timed_out())?;
                continue;
            }
            let timer = self.host.borrow_mut().due_timer();
            if let Some(timer) = timer {
                self.enter("timerDue", |_, function| function.call((timer,)))?;
            }
            let news = {
                let mut host = self.host.borrow_mut();
                match host.backlog.pop_front() {
                    Some(news) => Some(news),
                    None if timer.is_some() => host.network.wait(Duration::ZERO),
                    None if host.is_idle() => return Ok(()),
                    None => {
                        let until = host.next_due().map_or(host.until, |due| due.min(host.until));
                        host.network.wait(until.saturating_duration_since(Instant::now()))
                    }
                }
            };
            if let Some((fetch, news)) = news {
                self.take(fetch, news)?;
            }
        }
    }

    /// How many errors nobody has caught so far.
    pub fn uncaught(&self) -> usize {
        self.host.borrow().uncaught
    }

    fn is_time_over(&self) -> bool {
        Instant::now() >= self.host.borrow().until
    }

    /// Hands on what the network says.
    fn take(&mut self, fetch: u32, news: News) -> Result<(), ScriptError> {
        let owner = {
            let mut host = self.host.borrow_mut();
            if let News::Told(conversation) = &news {
                (host.watch)(conversation);
                return Ok(());
            }
            match &news {
                News::End | News::Failed => host.fetches.remove(&fetch),
                _ => host.fetches.get(&fetch).copied(),
            }
        };
        match owner {
            // It was cancelled while this was on its way.
            None => Ok(()),
            Some(Owner::Xhr(id)) => self.tell_xhr(id, news),
            Some(Owner::Prelude) => self.tell_prelude(fetch, news),
        }
    }

    fn tell_prelude(&mut self, fetch: u32, news: News) -> Result<(), ScriptError> {
        self.enter("networkEvent", |ctx, function| match news {
            News::Head(response) => function.call((fetch, "head", response_object(ctx, &response)?)),
            News::Chunk(bytes) => {
                function.call((fetch, "chunk", ArrayBuffer::new(ctx.clone(), bytes.to_vec())?))
            }
            News::End => function.call((fetch, "end")),
            News::Failed => function.call((fetch, "failed")),
            News::Told(_) => Ok(()),
        })
    }

    fn tell_xhr(&mut self, id: u32, news: News) -> Result<(), ScriptError> {
        match news {
            News::Head(response) => {
                // Whoever answers has heard the whole question.
                self.inform(id, |object, _| object.xhr.request_body_sent())?;
                self.inform(id, |object, _| object.xhr.responded(*response))
            }
            News::Chunk(bytes) => self.inform(id, |object, now| object.xhr.body_bytes(&bytes, now)),
            News::End => self.inform(id, |object, _| {
                object.fetch = None;
                object.xhr.body_ended();
            }),
            News::Failed => self.inform(id, |object, _| {
                object.fetch = None;
                object.xhr.failed();
            }),
            News::Told(_) => Ok(()),
        }
    }

    /// Tells an `XMLHttpRequest`, and dispatches the events that follow.
    fn inform(
        &mut self,
        id: u32,
        tell: impl FnOnce(&mut host::XhrObject, crossing::Time),
    ) -> Result<(), ScriptError> {
        {
            let mut host = self.host.borrow_mut();
            let now = host.now();
            if let Some(object) = host.xhrs.get_mut(&id) {
                tell(object, now);
            }
        }
        self.enter("xhrNews", |_, function| function.call((id,)))
    }

    /// Calls a function of the prelude's, and does what microtasks have gathered.
    fn enter<F>(&mut self, name: &str, call: F) -> Result<(), ScriptError>
    where
        F: for<'js> FnOnce(&Ctx<'js>, Function<'js>) -> rquickjs::Result<()>,
    {
        let result = self.context.with(|ctx| {
            let entered = self.function(&ctx, name).and_then(|function| call(&ctx, function));
            entered.map_err(|_| self.caught(&ctx))
        });
        let checked = self.checkpoint();
        result.and(checked)
    }

    fn function<'js>(&self, ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Function<'js>> {
        self.entry.clone().restore(ctx)?.get(name)
    }

    /// [Perform a microtask checkpoint](https://html.spec.whatwg.org/multipage/webappapis.html#perform-a-microtask-checkpoint),
    /// and report the rejections that are left.
    fn checkpoint(&mut self) -> Result<(), ScriptError> {
        loop {
            match self.engine.execute_pending_job() {
                Ok(true) if !self.is_time_over() => {}
                Ok(true) => return Err(ScriptError::TimeOver(self.limits.time)),
                Ok(false) => break,
                Err(job) => {
                    let error = self.context.with(|ctx| self.caught(&ctx));
                    drop(job);
                    return Err(error);
                }
            }
        }
        self.context.with(|ctx| {
            let reported = self.function(&ctx, "reportRejections").and_then(|function| function.call(()));
            reported.map_err(|_| self.caught(&ctx))
        })
    }

    /// What was thrown, as a person reads it.
    fn caught(&self, ctx: &Ctx<'_>) -> ScriptError {
        let value = ctx.catch();
        if self.is_time_over() {
            return ScriptError::TimeOver(self.limits.time);
        }
        let message = value.as_object().and_then(|error| error.get::<_, String>("message").ok());
        // Without memory there is no error object either.
        if value.is_null() || message.as_deref() == Some("out of memory") {
            return ScriptError::OutOfMemory(self.limits.memory);
        }
        match self.word(ctx, "describe", value) {
            Ok(text) => ScriptError::Exception(format!("Uncaught {text}")),
            Err(error) => error,
        }
    }

    /// What a function of the prelude's says about a value.
    fn word<'js>(&self, ctx: &Ctx<'js>, function: &str, value: Value<'js>) -> Result<String, ScriptError> {
        let said = self.function(ctx, function).and_then(|function| function.call((value,)));
        said.map_err(|_| {
            ctx.catch();
            if self.is_time_over() {
                ScriptError::TimeOver(self.limits.time)
            } else {
                ScriptError::Exception("Uncaught error that cannot be shown".to_owned())
            }
        })
    }
}

/// Makes the global scope.
fn begin(ctx: &Ctx<'_>, host: &Shared) -> Result<Persistent<Object<'static>>, String> {
    let make = || -> rquickjs::Result<Persistent<Object<'static>>> {
        let mut options = EvalOptions::default();
        options.filename = Some(prelude::NAME.to_owned());
        let prelude: Function<'_> = ctx.eval_with_options(prelude::source(), options)?;
        let entry: Object<'_> = prelude.call((host::native(ctx, host)?,))?;
        Ok(Persistent::save(ctx, entry))
    };
    make().map_err(|error| {
        let thrown = ctx.catch();
        thrown.as_exception().map_or_else(|| error.to_string(), ToString::to_string)
    })
}

/// Runs a classic script; what it throws is left to be caught.
fn eval<'js>(ctx: &Ctx<'js>, name: &str, source: &str) -> Result<Value<'js>, ()> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(name.replace('\0', ""));
    ctx.eval_with_options(source, options).map_err(|_| ())
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("limits", &self.limits).finish_non_exhaustive()
    }
}
