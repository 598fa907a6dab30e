//! Loading a page: its scripts in their order, and what the page hears of it.

use rquickjs::Value;

use super::Runtime;
use crate::error::Error;
use crate::host::Consumer;
use crate::network::NetworkEvent;
use crate::network::Upload;
use crate::page::{Errors, ScriptAction, Source, Timing, request};

impl Runtime {
    /// Loads the page, if there is one that has not been: [the end](https://html.spec.whatwg.org/multipage/parsing.html#the-end) of
    /// parsing, and all that comes before.
    pub(crate) fn load_page(&mut self) -> Result<(), Error> {
        let host = self.host.clone();
        let Some(document) = host.document.as_ref().filter(|document| !document.begun.replace(true)) else {
            return Ok(());
        };
        let mut deferred = Vec::new();
        let mut asap = Vec::new();
        for number in 0..document.markup.scripts.len() {
            document.read_to(Some(number));
            match document.way(number) {
                ScriptAction::Ignore => {}
                ScriptAction::Refuse(why) => self.notice(number, &why),
                ScriptAction::RunInline => self.run_inline(number)?,
                ScriptAction::Fetch(url, timing) => {
                    self.begin_script(number, url)?;
                    match timing {
                        Timing::Blocking => self.run_external(number)?,
                        Timing::Deferred => deferred.push(number),
                        Timing::Async => asap.push(number),
                    }
                }
            }
        }
        document.read_to(None);
        self.step("interactive")?;
        for number in deferred {
            self.run_external(number)?;
        }
        self.step("DOMContentLoaded")?;
        // What has come from the disk has told nobody.
        for number in asap {
            self.run_external(number)?;
        }
        self.step("complete")?;
        self.step("load")
    }

    /// Hears of an external script; one that runs as soon as possible runs when it has come.
    pub(crate) fn script_news(&mut self, number: usize, news: NetworkEvent) -> Result<(), Error> {
        let host = self.host.clone();
        let Some(document) = &host.document else { return Ok(()) };
        if document.hear(number, news)
            && matches!(document.way(number), ScriptAction::Fetch(_, Timing::Async))
        {
            return self.run_external(number);
        }
        Ok(())
    }

    fn begin_script(&mut self, number: usize, url: url::Url) -> Result<(), Error> {
        let host = self.host.clone();
        let Some(document) = &host.document else { return Ok(()) };
        // A page of the web reaches no file: https://fetch.spec.whatwg.org/#scheme-fetch
        let own_file = host.client.url.as_ref().is_some_and(|own| own.scheme() == "file");
        if url.scheme() == "file" && own_file {
            document.give(number, &url);
            return Ok(());
        }
        match request(document.script(number), url) {
            Ok(request) => {
                document.await_script(number);
                if host.begin(Box::new(request), Upload::Empty, Consumer::Script(number)).is_none() {
                    return self.check_stop();
                }
            }
            Err(error) => self.notice(number, &error.to_string()),
        }
        Ok(())
    }

    fn run_inline(&mut self, number: usize) -> Result<(), Error> {
        let host = self.host.clone();
        let Some(document) = &host.document else { return Ok(()) };
        let nonce = document.script(number).attribute("nonce").unwrap_or_default();
        if !host.client.csp.iter().all(|csp| csp.allows_inline_script(nonce)) {
            let reason = crossing::Reason::CspScript;
            self.notice(number, &format!("{}: {}", reason.code(), reason.message()));
            return Ok(());
        }
        let name = host.client.url.as_ref().map_or("page", |url| url.as_str()).to_owned();
        self.run_source(number, &document.inline(number, name))
    }

    /// Waits for an external script, and runs it.
    fn run_external(&mut self, number: usize) -> Result<(), Error> {
        let host = self.host.clone();
        let Some(document) = &host.document else { return Ok(()) };
        while !document.has_come(number) {
            self.turn()?;
        }
        match document.take(number) {
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
        let element = self.host.document.as_ref().map(|document| document.markup.scripts[number].element);
        let errors = if source.errors == Errors::Muted { "muted" } else { "heard" };
        let name = source.name.clone();
        self.task(|this, ctx| this.hook(ctx, "script", (element, name, errors)))?;
        let ran = self.run_script(&source.name, &source.text);
        self.task(|this, ctx| this.hook(ctx, "script", (Value::new_null(ctx.clone()), "", "")))?;
        ran
    }

    fn step(&mut self, step: &'static str) -> Result<(), Error> {
        self.task(|this, ctx| this.hook(ctx, "page", (step,)))
    }

    fn notice(&self, number: usize, why: &str) {
        let place = match &self.host.document {
            Some(document) => format!("line {}", document.markup.scripts[number].line),
            None => String::new(),
        };
        self.host.output.borrow_mut().notice(&format!("the page's script on {place} is not run: {why}"));
    }
}
