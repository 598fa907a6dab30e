//! What the page asks of the program.

use crossing::Policy;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::compare::Outcome;
use super::door::{Lab, Refusal, Reply, json};
use super::lessons::{self, ChapterDocument};
use super::live::{Name, Obstacle};
use super::mistake::{Mistake, MistakeDocument};
use super::state::{Ask, State};
use super::steps::{self, Step};
use super::{code, compare, live, play, words};
use crate::lint;
use crate::policy_file::Source;

#[derive(Serialize)]
struct LessonsDocument {
    chapters: Vec<ChapterDocument>,
}

/// A play, or why there is none.
#[derive(Serialize)]
struct PlayDocument {
    mistakes: Vec<MistakeDocument>,
    steps: Vec<Step>,
}

/// A run that has begun, or why there can be none.
#[derive(Serialize)]
#[serde(untagged)]
enum LiveDocument {
    Begun {
        run: String,
        frame: String,
        sandboxed: bool,
        cookies: Vec<String>,
        names: Vec<Name>,
        asks: Vec<Ask>,
        signed_in: bool,
    },
    Cannot {
        cannot: Obstacle,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompareQuestion {
    run: String,
    outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeQuestion {
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LintQuestion {
    toml: String,
}

/// Answers a question of the page's.
pub(super) async fn answer(lab: &Lab, method: &Method, path: &str, body: &[u8]) -> Result<Reply, Refusal> {
    match (method.as_str(), path) {
        ("GET", "/api/lessons") => Ok(json(StatusCode::OK, &LessonsDocument { chapters: lessons::all() })),
        ("GET", "/api/words") => Ok(json(StatusCode::OK, &words::all())),
        ("POST", "/api/play") => Ok(json(StatusCode::OK, &play_of(&read(body)?))),
        ("POST", "/api/lint") => Ok(lint_of(&read(body)?)),
        ("POST", "/api/read") => Ok(json(StatusCode::OK, &code::document(&read::<CodeQuestion>(body)?.code))),
        ("POST", "/api/live") => Ok(json(StatusCode::OK, &begin(lab, &read(body)?))),
        ("POST", "/api/compare") => {
            let question: CompareQuestion = read(body)?;
            let run = lab.live.run(&question.run);
            let run = run
                .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "there is no such run; begin another"))?;
            Ok(json(StatusCode::OK, &compare::compare(&run, &question.outcomes)))
        }
        (_, "/api/lessons" | "/api/words") => {
            Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this is read with GET"))
        }
        (_, "/api/play" | "/api/lint" | "/api/read" | "/api/live" | "/api/compare") => {
            Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this is asked with POST"))
        }
        _ => Err(Refusal::new(StatusCode::NOT_FOUND, "there is nothing here")),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal::new(StatusCode::BAD_REQUEST, format!("the body is not what is asked for: {error}"))
    })
}

fn play_of(state: &State) -> PlayDocument {
    match state.plan() {
        Ok(plan) => PlayDocument { mistakes: Vec::new(), steps: steps::steps(&play::play(&plan)) },
        Err(mistakes) => {
            PlayDocument { mistakes: mistakes.iter().map(Mistake::document).collect(), steps: Vec::new() }
        }
    }
}

fn lint_of(question: &LintQuestion) -> Reply {
    let policy = Policy::from_toml(&question.toml);
    let findings = match &policy {
        Ok(policy) => policy.warnings(),
        Err(errors) => errors.diagnostics(),
    };
    let source = Source { name: "policy.toml".to_owned(), text: question.toml.clone() };
    json(StatusCode::OK, &lint::document(&[(&source, findings)]))
}

fn begin(lab: &Lab, state: &State) -> LiveDocument {
    match lab.live.begin(state) {
        Err(cannot) => LiveDocument::Cannot { cannot },
        Ok(run) => LiveDocument::Begun {
            run: run.token.clone(),
            frame: live::address(&lab.live, &run),
            sandboxed: matches!(run.plan.client.origin, crossing::Origin::Opaque),
            cookies: live::cookies(&run),
            names: run.names().to_vec(),
            asks: run.asks(),
            signed_in: run.state.page.signed_in,
        },
    }
}
