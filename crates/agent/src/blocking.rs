//! An agent for blocking programs.

use std::sync::Arc;

use bytes::Bytes;
use crossing::browser::{Client, Request};
use tokio::runtime::{Builder, Runtime};

use crate::agent::Agent;
use crate::error::TransportError;
use crate::outcome::Outcome;
use crate::request_body::RequestBody;
use crate::response_body::Body;

/// An [`Agent`] with its own runtime, for blocking programs. It must not be used inside another runtime.
///
/// ```
/// use axum::{Router, routing::get};
/// use crossing::browser::Request;
/// use crossing_agent::{Agent, BlockingAgent, client};
///
/// let app = Router::new().route("/", get(|| async { "hello" }));
/// let agent = BlockingAgent::new(Agent::in_process().host("a.example", app).build()?)?;
/// let request = Request::builder("https://a.example/".parse()?).build()?;
/// let outcome = agent.fetch(&client("https://a.example")?, request, ());
/// assert_eq!(agent.bytes(outcome.result?.body)?, "hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct BlockingAgent {
    agent: Agent,
    runtime: Runtime,
}

impl BlockingAgent {
    /// Takes the agent.
    ///
    /// # Errors
    /// When the machine has no more resources for a runtime.
    pub fn new(agent: Agent) -> std::io::Result<BlockingAgent> {
        Ok(BlockingAgent { agent, runtime: Builder::new_current_thread().enable_all().build()? })
    }

    /// The agent.
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// As [`Agent::fetch`].
    pub fn fetch(&self, client: &Arc<Client>, request: Request, body: impl Into<RequestBody>) -> Outcome {
        self.runtime.block_on(self.agent.fetch(client, request, body))
    }

    /// As [`Body::bytes`].
    ///
    /// # Errors
    /// When the body breaks off, takes too long or is too large.
    pub fn bytes(&self, body: Body) -> Result<Bytes, TransportError> {
        self.runtime.block_on(body.bytes())
    }
}
