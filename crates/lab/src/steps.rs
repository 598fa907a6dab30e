//! The steps of a simulation, as the page draws them: those of its fetches, and what happens between and behind them.
//! They contain no words; the page has them.

use crossing::Exchange;
use crossing::browser::Failure;
use crossing::server::{Explanation, Rule, Verdict};
use crossing_tools::story::{self, StoryBuilder};
use serde::Serialize;

use super::simulation::{CacheEntry, Occurrence, TimelineEntry};

/// One step.
#[derive(Serialize)]
pub(super) struct Step {
    /// The index of the request that it belongs to.
    ask: usize,
    /// Seconds since the simulation began.
    at: u64,
    cache: Vec<CacheEntry>,
    #[serde(flatten)]
    kind: StepKind,
}

#[derive(Serialize)]
#[serde(untagged)]
enum StepKind {
    Fetch(story::Step),
    Simulation(SimulationStep),
}

/// A step that no browser can observe.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum SimulationStep {
    Wait {
        seconds: u64,
    },
    /// The policy of a server decides.
    Decide {
        exchange: &'static str,
        server: String,
        decision: PolicyDecision,
    },
    #[serde(rename = "nobody")]
    NoServer {
        server: String,
    },
}

/// What a policy decided, and why.
#[derive(Serialize)]
struct PolicyDecision {
    verdict: &'static str,
    reason: Option<&'static str>,
    rule: Option<RuleLine>,
    /// The value that no rule matches.
    asked: Option<String>,
    /// The rule that is most similar to it.
    nearest: Option<RuleLine>,
    difference: Option<String>,
}

#[derive(Serialize)]
struct RuleLine {
    path: String,
    text: String,
}

/// The steps of a simulation.
pub(super) fn steps(timeline: &[TimelineEntry]) -> Vec<Step> {
    let mut story = StoryBuilder::new();
    let mut steps = Vec::new();
    for (at, entry) in timeline.iter().enumerate() {
        let kinds = kinds(&mut story, &entry.occurrence, &timeline[at + 1..]);
        steps.extend(kinds.into_iter().map(|kind| Step {
            ask: entry.request,
            at: entry.at.as_secs(),
            cache: entry.cache.clone(),
            kind,
        }));
    }
    steps
}

fn kinds(story: &mut StoryBuilder, occurrence: &Occurrence, rest: &[TimelineEntry]) -> Vec<StepKind> {
    let step = match occurrence {
        Occurrence::Waited(pause) => SimulationStep::Wait { seconds: pause.as_secs() },
        Occurrence::NoServer(origin) => SimulationStep::NoServer { server: origin.to_string() },
        Occurrence::Responded(exchange, origin, response) => match &response.explanation {
            Some(explanation) => SimulationStep::decide(*exchange, origin.to_string(), explanation),
            None => return Vec::new(),
        },
        Occurrence::Requested(request) => return vec![StepKind::Fetch(story::Step::request(request))],
        Occurrence::Traced(event) => {
            let subject = next_failure(rest).and_then(|failure| failure.subject.as_deref());
            return story.event(event, subject).into_iter().map(StepKind::Fetch).collect();
        }
        Occurrence::Delivered(response, body) => {
            return vec![StepKind::Fetch(story.deliver(response, Some(body)))];
        }
        Occurrence::Failed(_) => {
            return vec![StepKind::Fetch(story::Step::Error { rule: story::Rule::Error })];
        }
    };
    vec![StepKind::Simulation(step)]
}

/// The failure with which the current fetch, or the next one that fails, ends.
fn next_failure(rest: &[TimelineEntry]) -> Option<&Failure> {
    rest.iter().find_map(|entry| match &entry.occurrence {
        Occurrence::Failed(failure) => Some(failure.as_ref()),
        _ => None,
    })
}

impl SimulationStep {
    fn decide(exchange: Exchange, server: String, explanation: &Explanation) -> SimulationStep {
        let line = |rule: &Rule| RuleLine { path: rule.path.clone(), text: rule.text.clone() };
        let miss = explanation.miss.as_ref();
        let decision = PolicyDecision {
            verdict: explanation.verdict.as_str(),
            reason: match explanation.verdict {
                Verdict::Refused(reason) => Some(reason.code()),
                _ => None,
            },
            rule: explanation.rule.as_ref().map(line),
            asked: miss.map(|miss| miss.asked.clone()),
            nearest: miss.and_then(|miss| miss.rule.as_ref()).map(line),
            difference: miss.map(|miss| miss.difference.clone()),
        };
        SimulationStep::Decide { exchange: exchange.as_str(), server, decision }
    }
}
