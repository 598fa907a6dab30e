//! Makes a runtime.

use crossing::Origin;
use crossing::browser::{Client, Profile, Settings};
use crossing_agent::{Agent, Recording};
use url::Url;

use super::Runtime;
use crate::conversation::Conversation;
use crate::error::{Error, ScriptError};
use crate::limits::Limits;
use crate::output::{ConsoleLevel, Output};
use crate::page::Page;
use crate::watchdog::Watchdog;

impl Runtime {
    /// Begins a runtime.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }
}

/// Makes a [`Runtime`]: its client, its browser, its limits, and the callbacks of the program.
///
/// ```
/// use std::time::Duration;
///
/// use axum::{Router, routing::get};
/// use crossing::browser::{Client, ReferrerPolicy};
/// use crossing_agent::Agent;
/// use crossing_js::{Conversation, Error, ConsoleLevel, Limits, Runtime};
///
/// // Any transport will do; here a service in this process answers.
/// let agent = Agent::in_process().host("api.example.com", Router::new().route("/", get(|| async { "not shared" }))).build()?;
/// let page = Client { referrer_policy: ReferrerPolicy::NoReferrer, ..Client::at("https://app.example.com/page".parse()?) };
///
/// let mut runtime = Runtime::builder()
///     .client(page)
///     .agent(agent)
///     .limits(Limits::default().time(Duration::from_secs(1)))
///     .on_console(|level, line| assert_eq!((level, line), (ConsoleLevel::Log, "Failed to fetch")))
///     .on_conversation(|conversation: Conversation| {
///         assert_eq!(conversation.request(), "GET https://api.example.com/");
///         assert_eq!(conversation.exchanges.len(), 1);
///         assert!(conversation.to_string().contains("acao-missing"));
///     })
///     .build()?;
/// runtime.run_script("app.js", "fetch('https://api.example.com/').catch((error) => console.log(error.message))")?;
/// runtime.run_until_idle()?;
/// assert!(matches!(runtime.eval("for (;;);"), Err(Error::TimeOver(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct RuntimeBuilder {
    client: Option<Client>,
    agent: Option<Agent>,
    profile: Profile,
    limits: Limits,
    output: Output,
    page: Option<Page>,
    watchdog: Option<Box<dyn FnOnce() + Send>>,
}

impl RuntimeBuilder {
    /// The script's origin, at whose root it is; without this or an address it is of an opaque origin.
    #[must_use]
    pub fn origin(mut self, origin: Origin) -> Self {
        self.client = Some(Client::new(origin));
        self
    }

    /// The script's address: `location`, and the base of relative URLs.
    #[must_use]
    pub fn url(mut self, url: Url) -> Self {
        self.client = Some(Client::at(url));
        self
    }

    /// The page that asks, with policies of its own.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// A page: then the global is a window, of the page's own client, and the page's scripts run with the first
    /// [`run_until_idle`](Runtime::run_until_idle).
    #[must_use]
    pub fn page(mut self, page: Page) -> Self {
        self.page = Some(page);
        self
    }

    /// The browser: its cookies, its caches, its connections. By default it uses sockets. Give it
    /// [`Recording::On`]: without it, [conversations](RuntimeBuilder::on_conversation) lack their exchanges, and no `upload` reports
    /// that the body of a refused request was sent.
    #[must_use]
    pub fn agent(mut self, agent: Agent) -> Self {
        self.agent = Some(agent);
        self
    }

    /// Whose rules hold where browsers differ. Without effect on an agent that is given.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// How long it may run, and how much it may take.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Called on another thread, when a second after the script's [time](Limits::time) the runtime is still there: a few of
    /// the engine's own loops cannot be interrupted. All that a program can do then is to end.
    #[must_use]
    pub fn on_unresponsive(mut self, act: impl FnOnce() + Send + 'static) -> Self {
        self.watchdog = Some(Box::new(act));
        self
    }

    /// Called for each line of the console.
    #[must_use]
    pub fn on_console(mut self, callback: impl FnMut(ConsoleLevel, &str) + 'static) -> Self {
        self.output.console = Some(Box::new(callback));
        self
    }

    /// Called for each exception that is not caught, when it is thrown.
    #[must_use]
    pub fn on_uncaught(mut self, callback: impl FnMut(&ScriptError) + 'static) -> Self {
        self.output.uncaught = Some(Box::new(callback));
        self
    }

    /// Called with notices for the user: for example, which script of the page is not run, and why.
    #[must_use]
    pub fn on_notice(mut self, callback: impl FnMut(&str) + 'static) -> Self {
        self.output.notice = Some(Box::new(callback));
        self
    }

    /// Called for each fetch, when its response was received or it has failed; once more, without its exchanges, where the
    /// response's body breaks off.
    #[must_use]
    pub fn on_conversation(mut self, callback: impl FnMut(Conversation) + 'static) -> Self {
        self.output.conversations = Some(Box::new(callback));
        self
    }

    /// The runtime.
    ///
    /// # Errors
    /// When the engine, the agent or the network cannot be started.
    pub fn build(self) -> Result<Runtime, Error> {
        let agent = match self.agent {
            Some(agent) => agent,
            None => {
                let settings = Settings { profile: self.profile, ..crossing_agent::default_settings() };
                Agent::builder().settings(settings).recording(Recording::On).build().map_err(Error::Agent)?
            }
        };
        let own = self.page.as_ref().map(|page| page.client.clone()).or(self.client);
        let client = own.unwrap_or_else(|| Client::new(Origin::Opaque));
        let watchdog = self
            .watchdog
            .map(|act| Watchdog::watch(self.limits.time, act))
            .transpose()
            .map_err(Error::Start)?;
        let mut runtime = Runtime::start(agent, client, self.limits, self.output, self.page)?;
        runtime.watchdog = watchdog;
        Ok(runtime)
    }
}

impl std::fmt::Debug for RuntimeBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuntimeBuilder")
            .field("client", &self.client)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
