//! Makes an agent.

use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use crossing::Value;
use crossing::browser::{Challenge, PreflightCache, Settings, Tracing, UserPassword};
use tower_service::Service;

use crate::agent::{Agent, AgentState, PasswordPrompt};
use crate::clock::{Clock, SystemClock, VirtualClock};
use crate::content_coding;
use crate::cookies::CookieJar;
use crate::error::{BoxError, BuildError};
use crate::http_cache::HttpCache;
use crate::limits::Limits;
use crate::options::{Recording, StreamedUploads};
use crate::request_body::RequestBody;
use crate::transport::{InProcessHosts, ResolveOverride, SocketOptions, Sockets, Transport, Trust};

/// The settings of an agent that is built without [`AgentBuilder::settings`]: its own `User-Agent`, and every content coding that
/// it can decode.
pub fn default_settings() -> Settings {
    Settings {
        user_agent: Some(Value::from_static(concat!("crossing/", env!("CARGO_PKG_VERSION")))),
        accept_encoding: Some(Value::from_static(content_coding::ACCEPTED)),
        ..Settings::default()
    }
}

impl Agent {
    /// Begins an agent over sockets.
    pub fn builder() -> AgentBuilder {
        AgentBuilder::new()
    }

    /// Begins an agent that reaches nothing but the [hosts](AgentBuilder::host) it is given: no port, no socket. Its clock
    /// stands still (give it a [`VirtualClock`](crate::VirtualClock) to advance), and it records and traces.
    pub fn in_process() -> AgentBuilder {
        AgentBuilder::in_process()
    }
}

/// Makes an [`Agent`].
///
/// ```
/// use axum::Router;
/// use crossing::browser::Profile;
/// use crossing_agent::{Agent, VirtualClock, default_settings};
///
/// let mut settings = default_settings();
/// settings.profile = Profile::firefox();
/// let clock = VirtualClock::default();
/// let agent = Agent::in_process()
///     .settings(settings)
///     .clock(clock.clone())
///     .host("api.example.com", Router::new())
///     .host("cdn.example.com:8443", Router::new())
///     .build()?;
/// assert_eq!(agent.settings().profile.name, "firefox");
/// # Ok::<(), crossing_agent::BuildError>(())
/// ```
pub struct AgentBuilder {
    settings: Settings,
    clock: Box<dyn Clock>,
    limits: Limits,
    recording: Recording,
    streamed_uploads: StreamedUploads,
    sockets: SocketOptions,
    network: Network,
    hosts: InProcessHosts,
    prompt: Option<Box<PasswordPrompt>>,
    http_cache: Option<usize>,
}

/// The transport for the hosts that are not in this process.
enum Network {
    Sockets,
    Custom(Box<dyn Transport>),
    None,
}

impl AgentBuilder {
    pub(crate) fn in_process() -> AgentBuilder {
        let mut builder = AgentBuilder::new().clock(VirtualClock::default()).recording(Recording::On);
        builder.settings.tracing = Tracing::On;
        builder.network = Network::None;
        builder
    }

    pub(crate) fn new() -> AgentBuilder {
        AgentBuilder {
            settings: default_settings(),
            clock: Box::new(SystemClock::new()),
            limits: Limits::default(),
            recording: Recording::default(),
            streamed_uploads: StreamedUploads::default(),
            sockets: SocketOptions::default(),
            network: Network::Sockets,
            hosts: InProcessHosts::default(),
            prompt: None,
            http_cache: None,
        }
    }

    /// The settings of the browser; begin with [`default_settings`].
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The limits of a fetch.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The clock of the caches and the cookies.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Whether the exchanges are recorded.
    #[must_use]
    pub fn recording(mut self, recording: Recording) -> Self {
        self.recording = recording;
        self
    }

    /// Over which versions of HTTP a streamed body is sent.
    #[must_use]
    pub fn streamed_uploads(mut self, streamed_uploads: StreamedUploads) -> Self {
        self.streamed_uploads = streamed_uploads;
        self
    }

    /// Connects to another address than the name's own.
    #[must_use]
    pub fn resolve(mut self, host_override: ResolveOverride) -> Self {
        self.sockets.overrides.push(host_override);
        self
    }

    /// Trusts the authorities of this PEM file, and no others.
    #[must_use]
    pub fn ca_file(mut self, file: impl AsRef<Path>) -> Self {
        self.sockets.trust = Trust::File(file.as_ref().to_owned());
        self
    }

    /// Accepts any certificate of a server: an attacker on the network can read and change everything.
    #[must_use]
    pub fn dangerously_accept_any_certificate(mut self) -> Self {
        self.sockets.trust = Trust::DangerouslyAny;
        self
    }

    /// Sends over this transport; the options that concern sockets are without effect.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.network = Network::Custom(Box::new(transport));
        self
    }

    /// Answers for `host`, or for `host:port`, with a service in this process: an axum `Router`, or any tower service.
    #[must_use]
    pub fn host<S, B>(mut self, host: &str, service: S) -> Self
    where
        S: Service<http::Request<RequestBody>, Response = http::Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.hosts.add(host, service);
        self
    }

    /// Stores at most `bytes` of responses in memory; without this there is no HTTP cache.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use axum::{Router, routing::get};
    /// use crossing_agent::Agent;
    ///
    /// let app = Router::new().route("/", get(|| async { ([("cache-control", "max-age=60")], "fresh") }));
    /// let agent = Agent::in_process().host("a.example", app).http_cache(1 << 20).build()?;
    /// let page = agent.page("https://a.example")?;
    ///
    /// page.get("/").send().await?.text().await?;
    /// assert!(page.get("/").send().await?.exchanges.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn http_cache(mut self, bytes: usize) -> Self {
        self.http_cache = Some(bytes);
        self
    }

    /// Returns the user and the password for a challenge where a page may prompt for them
    /// ([`Client::prompts`](crossing::browser::Client::prompts)); a fetch prompts at most three times. Without this such
    /// a fetch fails with [`Reason::AuthPrompt`](crossing::Reason::AuthPrompt).
    #[must_use]
    pub fn prompt(
        mut self,
        ask: impl Fn(&Challenge) -> Option<UserPassword> + Send + Sync + 'static,
    ) -> Self {
        self.prompt = Some(Box::new(ask));
        self
    }

    /// The agent.
    ///
    /// # Errors
    /// When the file of authorities cannot be read.
    pub fn build(self) -> Result<Agent, BuildError> {
        let network = match self.network {
            Network::Sockets => Some(Box::new(Sockets::new(self.sockets, self.limits.connect)?) as _),
            Network::Custom(transport) => Some(transport),
            Network::None => None,
        };
        let transport = match network {
            Some(network) if self.hosts.is_empty() => network,
            network => Box::new(self.hosts.with_fallback(network)),
        };
        let mut settings = self.settings;
        if self.http_cache.is_some() {
            settings.http_cache = crossing::browser::HttpCache::Present;
        }
        Ok(Agent(Arc::new(AgentState {
            settings: Arc::new(settings),
            transport,
            passwords: Mutex::default(),
            prompt: self.prompt,
            http_cache: self.http_cache.map(|bytes| Arc::new(Mutex::new(HttpCache::new(bytes)))),
            cookies: Mutex::new(CookieJar::new()),
            preflights: Mutex::new(PreflightCache::new()),
            clock: self.clock,
            limits: self.limits,
            recording: self.recording,
            streamed_uploads: self.streamed_uploads,
        })))
    }
}
