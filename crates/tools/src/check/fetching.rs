//! Sends a check's request, or replays it over recorded responses.

use std::sync::Arc;

use crossing::browser::{Client, Profile, Settings, Tracing};
use crossing_agent::{Agent, AgentBuilder, Limits, Recording};

use super::replay::Replay;
use super::request::Plan;
use crate::conversation::{FetchRecord, ask};

/// The largest body that is read to its end, in bytes.
const LARGEST_BODY: u64 = 256 << 20;

/// Asks with the rules of one profile, until the answer is not "allowed".
pub(super) async fn ask_as(
    profile: Profile,
    plan: &Plan,
) -> Result<Vec<FetchRecord>, Box<dyn std::error::Error>> {
    ask_over(agent(profile, plan).build()?, plan, plan.repeat).await
}

/// Asks once, of answers that were recorded.
pub(super) async fn ask_recorded(
    profile: Profile,
    plan: &Plan,
    replay: Replay,
) -> Result<FetchRecord, Box<dyn std::error::Error>> {
    let told = ask_over(agent(profile, plan).transport(replay.clone()).build()?, plan, 1).await?;
    let mut told = told.into_iter().next().ok_or("nothing was asked")?;
    told.assume(replay.assumed());
    Ok(told)
}

async fn ask_over(
    agent: Agent,
    plan: &Plan,
    times: u32,
) -> Result<Vec<FetchRecord>, Box<dyn std::error::Error>> {
    for cookie in &plan.cookies {
        agent.cookies(|jar| jar.add(plan.request.url(), cookie))?;
    }
    if let Some((user, password)) = &plan.user {
        agent.add_password(plan.request.url(), user, password);
    }
    let page = Arc::new(Client::new(plan.page.clone()));
    let mut all = Vec::new();
    for _ in 0..times {
        let told = ask(&agent, &page, plan.request.clone(), plan.body.clone()).await;
        let failed = told.error().is_some();
        all.push(told);
        if failed {
            break;
        }
    }
    Ok(all)
}

fn agent(profile: Profile, plan: &Plan) -> AgentBuilder {
    let limits =
        Limits::default().connect(plan.timeout).head(plan.timeout).total(plan.timeout).body(LARGEST_BODY);
    let settings = Settings { profile, tracing: Tracing::On, ..crossing_agent::default_settings() };
    let builder = Agent::builder().settings(settings).limits(limits).recording(Recording::On);
    plan.network.apply(builder)
}
