//! From wishes to a runtime.

use std::fmt;

use crossing::browser::Client;
use crossing::{Origin, OriginError};
use crossing_agent::{Agent, BuildError as AgentError};
use url::Url;

use crate::conversation::Conversation;
use crate::limits::Limits;
use crate::message::Message;
use crate::runtime::Runtime;

pub(crate) type Hear = dyn FnMut(Message);
pub(crate) type Watch = dyn FnMut(&Conversation);

/// Makes a [`Runtime`].
pub struct RuntimeBuilder {
    pub(crate) address: String,
    pub(crate) origin: Option<String>,
    pub(crate) client: Option<Client>,
    pub(crate) agent: Option<Agent>,
    pub(crate) limits: Limits,
    pub(crate) hear: Box<Hear>,
    pub(crate) watch: Box<Watch>,
}

impl RuntimeBuilder {
    pub(crate) fn new(address: &str) -> RuntimeBuilder {
        RuntimeBuilder {
            address: address.to_owned(),
            origin: None,
            client: None,
            agent: None,
            limits: Limits::default(),
            hear: Box::new(|_| {}),
            watch: Box::new(|_| {}),
        }
    }

    /// Another origin than the address's own: `null` is an opaque one, as a sandboxed frame has it.
    #[must_use]
    pub fn origin(mut self, origin: &str) -> Self {
        self.origin = Some(origin.to_owned());
        self
    }

    /// The page with all that belongs to it: policies, embedder, referrer policy. Its address is the page's own.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Who fetches; a new agent over sockets, unless told otherwise.
    ///
    /// ```
    /// use crossing_agent::Agent;
    /// use crossing_js::Runtime;
    /// use http::{Request, Response};
    ///
    /// let api = tower::service_fn(async |_: Request<crossing_agent::RequestBody>| {
    ///     Ok::<_, std::convert::Infallible>(Response::new(String::from("secret")))
    /// });
    /// let agent = Agent::in_process().host("api.example", api).build()?;
    /// let mut runtime = Runtime::builder("https://app.example/").agent(agent).build()?;
    /// runtime.run("fetch('https://api.example/').catch((error) => { self.said = error.name; })")?;
    /// assert_eq!(runtime.evaluate("said")?, "TypeError", "the api shares nothing with other origins");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn agent(mut self, agent: Agent) -> Self {
        self.agent = Some(agent);
        self
    }

    /// What the script may use up.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Hears the console, and the errors that nobody caught.
    #[must_use]
    pub fn on_message(mut self, hear: impl FnMut(Message) + 'static) -> Self {
        self.hear = Box::new(hear);
        self
    }

    /// Sees each fetch when its head or its failure is there: also what the script is not told.
    #[must_use]
    pub fn on_conversation(mut self, watch: impl FnMut(&Conversation) + 'static) -> Self {
        self.watch = Box::new(watch);
        self
    }

    /// The page that asks.
    pub(crate) fn page(&mut self) -> Result<Client, BuildError> {
        let address = Url::parse(&self.address).map_err(|error| BuildError::Address {
            text: self.address.clone(),
            problem: error.to_string(),
        })?;
        let mut client = match self.client.take() {
            Some(client) => client,
            None => Client::at(address.clone()),
        };
        client.url.get_or_insert(address);
        if let Some(origin) = &self.origin {
            client.origin = Origin::parse(origin).map_err(BuildError::Origin)?;
            client.top_level_origin = client.origin.clone();
        }
        Ok(client)
    }

    /// The runtime.
    ///
    /// # Errors
    /// When the address or the origin is none, or the machine has no more resources.
    pub fn build(self) -> Result<Runtime, BuildError> {
        Runtime::new(self)
    }
}

impl fmt::Debug for RuntimeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeBuilder").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Why there is no runtime.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The page's address is no URL.
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The origin is none.
    Origin(OriginError),
    /// There is no agent.
    Agent(AgentError),
    /// The machine has no more threads.
    Thread(std::io::Error),
    /// The script engine could not be started.
    Engine(String),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Address { text, problem } => {
                write!(f, "'{text}' is not a URL: {problem}; write it whole, as in https://app.example.com/")
            }
            BuildError::Origin(error) => error.fmt(f),
            BuildError::Agent(error) => error.fmt(f),
            BuildError::Thread(error) => write!(f, "no thread for the network: {error}"),
            BuildError::Engine(problem) => write!(f, "the script engine did not start: {problem}"),
        }
    }
}

impl std::error::Error for BuildError {}
