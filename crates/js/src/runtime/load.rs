//! Loading a page: its scripts in their order, and the events of the page.

use std::rc::Rc;

use rquickjs::{Ctx, Value};

use super::Runtime;
use crate::error::Error;
use crate::hooks::Hooks;
use crate::host::{Consumer, FetchEvent, Host};
use crate::network::{FetchId, Upload};
use crate::page::{Errors, ScriptAction, Source, Timing, request};

/// Hands the events of a page's script to the document.
struct ScriptConsumer(usize);

impl Consumer for ScriptConsumer {
    fn handle(
        &self,
        _ctx: &Ctx<'_>,
        host: &Host,
        _hooks: &Hooks,
        _id: FetchId,
        event: FetchEvent,
    ) -> rquickjs::Result<()> {
        if let (Some(document), FetchEvent::Network(event)) = (&host.environment.document, event) {
            document.receive(self.0, event);
        }
        Ok(())
    }
}

impl Runtime {
    /// Loads the page, if there is one that has not been: [the end](https://html.spec.whatwg.org/multipage/parsing.html#the-end) of
    /// parsing, and all that comes before.
    pub(super) fn load_page(&mut self) -> Result<(), Error> {
        let host = self.host.clone();
        let Some(document) =
            host.environment.document.as_ref().filter(|document| !document.begun.replace(true))
        else {
            return Ok(());
        };
        let mut deferred = Vec::new();
        let mut asynchronous = Vec::new();
        for number in 0..document.markup.scripts.len() {
            document.read_to(Some(number));
            match document.action(number) {
                ScriptAction::Ignore => {}
                ScriptAction::Refuse(why) => self.notice(number, &why),
                ScriptAction::RunInline => self.run_inline(number)?,
                ScriptAction::Fetch(url, timing) => {
                    self.begin_script(number, url)?;
                    match timing {
                        Timing::Blocking => self.run_external(number)?,
                        Timing::Deferred => deferred.push(number),
                        Timing::Async => asynchronous.push(number),
                    }
                }
            }
        }
        document.read_to(None);
        self.fire_load_step("interactive")?;
        for number in deferred {
            self.run_external(number)?;
        }
        self.fire_load_step("DOMContentLoaded")?;
        // A script from the disk has no events.
        for number in asynchronous {
            self.run_external(number)?;
        }
        self.fire_load_step("complete")?;
        self.fire_load_step("load")
    }

    /// Runs the asynchronous scripts that have been loaded.
    pub(super) fn run_ready_scripts(&mut self) -> Result<(), Error> {
        let host = self.host.clone();
        let Some(document) = &host.environment.document else { return Ok(()) };
        while let Some(number) = document.take_ready() {
            self.run_external(number)?;
        }
        Ok(())
    }

    fn begin_script(&mut self, number: usize, url: url::Url) -> Result<(), Error> {
        let host = self.host.clone();
        let Some(document) = &host.environment.document else { return Ok(()) };
        // A page of the web reaches no file: https://fetch.spec.whatwg.org/#scheme-fetch
        let own_file = host.environment.client.url.as_ref().is_some_and(|own| own.scheme() == "file");
        if url.scheme() == "file" && own_file {
            document.load_file(number, &url);
            return Ok(());
        }
        match request(document.script(number), url) {
            Ok(request) => {
                document.await_script(number);
                if host
                    .begin_fetch(Box::new(request), Upload::Empty, Rc::new(ScriptConsumer(number)))
                    .is_none()
                {
                    return self.check_stop();
                }
            }
            Err(error) => self.notice(number, &error.to_string()),
        }
        Ok(())
    }

    fn run_inline(&mut self, number: usize) -> Result<(), Error> {
        let host = self.host.clone();
        let Some(document) = &host.environment.document else { return Ok(()) };
        let nonce = document.script(number).attribute("nonce").unwrap_or_default();
        if !host.environment.client.csp.iter().all(|csp| csp.allows_inline_script(nonce)) {
            let reason = crossing::Reason::CspScript;
            self.notice(number, &format!("{}: {}", reason.code(), reason.message()));
            return Ok(());
        }
        let name = host.environment.client.url.as_ref().map_or("page", |url| url.as_str()).to_owned();
        self.run_source(number, &document.inline(number, name))
    }

    /// Waits for an external script, and runs it.
    fn run_external(&mut self, number: usize) -> Result<(), Error> {
        let host = self.host.clone();
        let Some(document) = &host.environment.document else { return Ok(()) };
        while !document.is_loaded(number) {
            self.turn()?;
        }
        match document.take_source(number) {
            Ok(source) => self.run_source(number, &source),
            Err(why) => {
                if let Some(why) = why {
                    self.notice(number, &why);
                }
                Ok(())
            }
        }
    }

    fn run_source(&mut self, number: usize, source: &Source) -> Result<(), Error> {
        let element =
            self.host.environment.document.as_ref().map(|document| document.markup.scripts[number].element);
        let errors = if source.errors == Errors::Muted { "muted" } else { "reported" };
        let name = source.name.clone();
        self.task(|this, ctx| this.hooks()?.call(ctx, "script", (element, name, errors)))?;
        let ran = self.run_script(&source.name, &source.text);
        self.task(|this, ctx| this.hooks()?.call(ctx, "script", (Value::new_null(ctx.clone()), "", "")))?;
        ran
    }

    fn fire_load_step(&mut self, step: &'static str) -> Result<(), Error> {
        self.task(|this, ctx| this.hooks()?.call(ctx, "page", (step,)))
    }

    fn notice(&self, number: usize, why: &str) {
        let place = match &self.host.environment.document {
            Some(document) => format!("line {}", document.markup.scripts[number].line),
            None => String::new(),
        };
        self.host.output.borrow_mut().notice(&format!("the page's script on {place} is not run: {why}"));
    }
}
