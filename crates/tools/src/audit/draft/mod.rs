//! The policy that a running server's responses imply, as a start for a migration.

mod implied;
mod writer;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use url::Url;

use super::class::Class;
use super::options::Settings;
use super::origins::candidates;
use super::plan::{Plan, random_word};
use super::probe::{Asker, Exchange, Probe, Shape, Special};
use super::sender::{Pace, Sender, Unanswered, agent};
use super::target::Target;
use implied::Implied;

/// Beyond the safelisted ones; no server lists what nobody uses.
const METHODS: [&str; 3] = ["PUT", "PATCH", "DELETE"];

/// The headers that scripts most often set. One question each: a server may refuse all for one.
const HEADERS: [&str; 8] = [
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "x-api-key",
    "x-csrf-token",
    "x-requested-with",
    "x-xsrf-token",
];

const METHOD: &str = "access-control-request-method";
const NAMES: &str = "access-control-request-headers";

/// The questions that one origin asks.
struct Interview {
    origin: String,
    probes: Vec<Probe>,
}

/// Everything that is asked.
struct Interviews {
    /// The word that no list holds.
    word: String,
    own: Vec<Interview>,
    /// One whom nobody has heard of.
    stranger: Interview,
    /// Origins that a pattern would stand for.
    around: Vec<Probe>,
}

impl Interviews {
    fn new(target: &Target) -> Interviews {
        let word = random_word();
        let of = |origin: &str| interview(target, &word, origin);
        let hints = [Class::Subany, Class::Portany, Class::Subhttp];
        let around = candidates(&target.own, &word).into_iter().filter(|c| hints.contains(&c.class));
        let around = around.map(|candidate| {
            let origin = Some(candidate.origin.clone());
            Probe::new(Shape::Actual, Asker::Candidate(candidate), origin, target.url.clone())
        });
        let null = Probe::new(Shape::Actual, Asker::Null, Some("null".to_owned()), target.url.clone());
        Interviews {
            own: target.own.iter().map(|own| of(own.as_str())).collect(),
            stranger: of(&format!("https://{word}.example")),
            around: around.chain([null]).collect(),
            word,
        }
    }

    fn plan(self) -> Plan {
        let own = self.own.into_iter().flat_map(|interview| interview.probes);
        Plan { basis: own.collect(), trust: self.stranger.probes, apart: self.around }
    }
}

fn interview(target: &Target, word: &str, origin: &str) -> Interview {
    let ask = |shape| Probe::new(shape, Asker::Own, Some(origin.to_owned()), target.url.clone());
    let preflight = || ask(Shape::Special(Special::UnknownAsk));
    let unknown = unknown_method(word);
    let mut probes = vec![ask(Shape::Actual)];
    probes.extend(METHODS.iter().map(|method| preflight().with(METHOD, *method)));
    probes.push(preflight().with(METHOD, unknown));
    let names = HEADERS.iter().map(|name| (*name).to_owned()).chain([unknown_header(word)]);
    probes.extend(names.map(|name| preflight().with(METHOD, "GET").with(NAMES, name)));
    Interview { origin: origin.to_owned(), probes }
}

fn unknown_method(word: &str) -> String {
    format!("X{}", word.to_uppercase())
}

fn unknown_header(word: &str) -> String {
    format!("x-{word}")
}

/// What came back.
struct Findings {
    url: Url,
    requests: usize,
    /// Own origins, with what each is granted; `None` where nothing is.
    own: Vec<(String, Option<Implied>)>,
    stranger: Option<Implied>,
    /// Origins around the own ones, and null, that are granted.
    around: Vec<(String, Class)>,
    preflight_status: Option<u16>,
}

/// A policy that the responses of a server imply: a start, to be reviewed. `Display` writes the policy file, `Serialize` its
/// text as a string.
#[derive(Clone, Debug, Serialize)]
pub struct Draft(String);

impl fmt::Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why there is no draft.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DraftError {
    /// There is not exactly one URL.
    NotOneUrl,
    /// A request failed.
    Failed {
        /// The URL.
        url: Url,
        /// Why.
        problem: String,
    },
    /// None of the origins that were tried is granted.
    NothingGranted {
        /// The URL.
        url: Url,
        /// The origins that were tried.
        tried: Vec<String>,
    },
}

impl fmt::Display for DraftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DraftError::NotOneUrl => {
                f.write_str("--draft-policy takes one URL: a policy is for one resource")
            }
            DraftError::Failed { url, problem } => write!(f, "{url}: {problem}"),
            DraftError::NothingGranted { url, tried } => write!(
                f,
                "{url} grants nobody who was tried: {}, and one whom nobody has heard of\n\
                 An origin that it is meant for is named with --own.",
                tried.join(", ")
            ),
        }
    }
}

impl std::error::Error for DraftError {}

fn target(settings: &Settings) -> Result<&Target, DraftError> {
    match settings.targets.as_slice() {
        [target] => Ok(target),
        _ => Err(DraftError::NotOneUrl),
    }
}

/// The requests that a draft needs.
pub(super) fn plan(settings: &Settings) -> Result<Plan, DraftError> {
    Ok(Interviews::new(target(settings)?).plan())
}

/// Sends them, and writes the policy.
pub(super) async fn write(settings: &Settings) -> Result<Draft, DraftError> {
    let target = target(settings)?;
    let asked = ask(settings, target, Interviews::new(target)).await;
    let findings = asked.map_err(|problem| DraftError::Failed { url: target.url.clone(), problem })?;
    writer::policy(&findings).map(Draft).ok_or_else(|| DraftError::NothingGranted {
        url: findings.url.clone(),
        tried: findings.own.iter().map(|(origin, _)| origin.clone()).collect(),
    })
}

async fn ask(settings: &Settings, target: &Target, interviews: Interviews) -> Result<Findings, String> {
    let agent = agent(settings).map_err(|error| error.to_string())?;
    let mut sender = Sender {
        agent,
        pace: Pace::new(settings.rate),
        left: settings.most,
        unsent: 0,
        listener: Arc::new(|_| {}),
    };
    let mut requests = 0;
    let mut preflight_status = None;
    let mut own = Vec::new();
    for interview in interviews.own {
        let answers = send(&mut sender, &interview.probes).await?;
        requests += answers.len();
        let implied = Implied::from(&answers, &interviews.word);
        let granted = answers.iter().find(|exchange| implied::grants_preflight(exchange));
        preflight_status = preflight_status.or(granted.map(|exchange| exchange.answer.status().as_u16()));
        own.push((interview.origin, implied));
    }
    let answers = send(&mut sender, &interviews.stranger.probes).await?;
    let stranger = Implied::from(&answers, &interviews.word);
    requests += answers.len();
    let answers = send(&mut sender, &interviews.around).await?;
    requests += answers.len();
    let around = answers.iter().filter(|exchange| exchange.grants_this()).filter_map(|exchange| {
        let class = match &exchange.probe.asker {
            Asker::Candidate(candidate) => candidate.class,
            _ => Class::Null,
        };
        Some((exchange.origin()?.to_owned(), class))
    });
    let around = around.collect();
    if sender.unsent > 0 {
        return Err(format!("{} questions were not asked; --max-requests allows more", sender.unsent));
    }
    Ok(Findings { url: target.url.clone(), requests, own, stranger, around, preflight_status })
}

/// Sends all of them. A draft from half of the answers would not say what is granted: the first failure ends it.
async fn send(sender: &mut Sender, probes: &[Probe]) -> Result<Vec<Exchange>, String> {
    let mut answers = Vec::new();
    for probe in probes {
        if let Some(answer) = sender.send(probe).await {
            answers.push(answer.map_err(Unanswered::into_text)?);
        }
    }
    Ok(answers)
}
