//! Sends a check's request, or replays it over recorded responses.

use std::fmt;
use std::sync::Arc;

use crossing::browser::{Client, Profile, Settings, Tracing};
use crossing_agent::{Agent, AgentBuilder, BuildError, CookieError, Limits, Recording};

use super::replay::Replay;
use super::request::Plan;
use crate::conversation::{FetchRecord, ask};

/// The largest body that is read to its end, in bytes.
const LARGEST_BODY: u64 = 256 << 20;

/// Why a check cannot send its request.
#[derive(Debug)]
#[non_exhaustive]
pub enum SetupError {
    /// The agent cannot be built.
    Agent(BuildError),
    /// A cookie cannot be stored.
    Cookie(CookieError),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::Agent(error) => error.fmt(f),
            SetupError::Cookie(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SetupError {}

/// Sends the request under the rules of one profile, until a result is not "allowed".
pub(super) async fn ask_as(profile: Profile, plan: &Plan) -> Result<Vec<FetchRecord>, SetupError> {
    let (agent, page) = set_up(agent(profile, plan), plan)?;
    let mut all = Vec::new();
    for _ in 0..plan.repeat {
        let record = ask(&agent, &page, plan.request.clone(), plan.body.clone()).await;
        let failed = record.error().is_some();
        all.push(record);
        if failed {
            break;
        }
    }
    Ok(all)
}

/// Sends the request once, to recorded responses.
pub(super) async fn ask_recorded(
    profile: Profile,
    plan: &Plan,
    replay: Replay,
) -> Result<FetchRecord, SetupError> {
    let (agent, page) = set_up(agent(profile, plan).transport(replay.clone()), plan)?;
    let mut record = ask(&agent, &page, plan.request.clone(), plan.body.clone()).await;
    record.assume(replay.assumed());
    Ok(record)
}

/// An agent with the plan's cookies and password, and the page that requests.
fn set_up(builder: AgentBuilder, plan: &Plan) -> Result<(Agent, Arc<Client>), SetupError> {
    let agent = builder.build().map_err(SetupError::Agent)?;
    for cookie in &plan.cookies {
        agent.cookies(|jar| jar.add(plan.request.url(), cookie)).map_err(SetupError::Cookie)?;
    }
    if let Some((user, password)) = &plan.user {
        agent.add_password(plan.request.url(), user, password);
    }
    Ok((agent, Arc::new(Client::new(plan.page.clone()))))
}

fn agent(profile: Profile, plan: &Plan) -> AgentBuilder {
    let limits =
        Limits::default().connect(plan.timeout).head(plan.timeout).total(plan.timeout).body(LARGEST_BODY);
    let settings = Settings { profile, tracing: Tracing::On, ..crossing_agent::default_settings() };
    let builder = Agent::builder().settings(settings).limits(limits).recording(Recording::On);
    plan.network.apply(builder)
}
