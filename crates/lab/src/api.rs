//! The API of the page: JSON in, JSON out.

use crossing::Policy;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::comparison::{self, BrowserOutcome};
use super::http_error::HttpError;
use super::http_server::{HttpResponse, json};
use super::lessons::{self, ChapterDocument};
use super::live::{LiveOrigins, OriginMapping, Unsupported};
use super::setup::Setup;
use super::simulation::simulate;
use super::state::{ScriptRequest, State};
use super::state_error::{ErrorDocument, StateError};
use super::steps::{self, Step};
use super::{live, script, translations};
use crossing_tools::lint;
use crossing_tools::policy_file::Source;

#[derive(Serialize)]
struct LessonsDocument {
    chapters: Vec<ChapterDocument>,
}

/// The steps of a simulation, or why the state cannot be simulated.
#[derive(Serialize)]
struct PlayDocument {
    mistakes: Vec<ErrorDocument>,
    steps: Vec<Step>,
}

/// A run that has begun, or why the browser cannot do it.
#[derive(Serialize)]
#[serde(untagged)]
enum LiveDocument {
    Begun {
        run: String,
        frame: String,
        sandboxed: bool,
        cookies: Vec<String>,
        names: Vec<OriginMapping>,
        asks: Vec<ScriptRequest>,
        signed_in: bool,
    },
    Unsupported {
        cannot: Unsupported,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompareRequest {
    run: String,
    outcomes: Vec<BrowserOutcome>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadRequest {
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LintRequest {
    toml: String,
}

/// Responds to a request for a path under `/api/`.
pub(super) fn respond(
    live: &LiveOrigins,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Result<HttpResponse, HttpError> {
    match (method.as_str(), path) {
        ("GET", "/api/lessons") => Ok(ok(&LessonsDocument { chapters: lessons::all() })),
        ("GET", "/api/words") => Ok(ok(&translations::all())),
        ("POST", "/api/play") => Ok(ok(&play(&parse(body)?))),
        ("POST", "/api/lint") => Ok(lint(&parse(body)?)),
        ("POST", "/api/read") => Ok(ok(&script::document(&parse::<ReadRequest>(body)?.code))),
        ("POST", "/api/live") => Ok(ok(&begin_run(live, &parse(body)?))),
        ("POST", "/api/compare") => compare(live, &parse(body)?),
        (_, "/api/lessons" | "/api/words") => {
            Err(HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "this is read with GET"))
        }
        (_, "/api/play" | "/api/lint" | "/api/read" | "/api/live" | "/api/compare") => {
            Err(HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "this is asked with POST"))
        }
        _ => Err(HttpError::new(StatusCode::NOT_FOUND, "there is nothing here")),
    }
}

fn ok(document: &impl Serialize) -> HttpResponse {
    json(StatusCode::OK, document)
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, HttpError> {
    serde_json::from_slice(body).map_err(|error| {
        HttpError::new(StatusCode::BAD_REQUEST, format!("the body is not what is asked for: {error}"))
    })
}

fn play(state: &State) -> PlayDocument {
    match Setup::parse(state) {
        Ok(setup) => PlayDocument { mistakes: Vec::new(), steps: steps::steps(&simulate(&setup)) },
        Err(errors) => {
            PlayDocument { mistakes: errors.iter().map(StateError::document).collect(), steps: Vec::new() }
        }
    }
}

fn lint(request: &LintRequest) -> HttpResponse {
    let policy = Policy::from_toml(&request.toml);
    let findings = match &policy {
        Ok(policy) => policy.warnings(),
        Err(errors) => errors.diagnostics(),
    };
    let source = Source { name: "policy.toml".to_owned(), text: request.toml.clone() };
    ok(&lint::document(&[(&source, findings)]))
}

fn begin_run(live: &LiveOrigins, state: &State) -> LiveDocument {
    match live.begin(state) {
        Err(cannot) => LiveDocument::Unsupported { cannot },
        Ok(run) => LiveDocument::Begun {
            run: run.token.clone(),
            frame: live::frame_url(live, &run),
            sandboxed: matches!(run.setup.client.origin, crossing::Origin::Opaque),
            cookies: live::cookie_urls(&run),
            names: run.mappings().to_vec(),
            asks: run.requests(),
            signed_in: run.state.page.signed_in,
        },
    }
}

fn compare(live: &LiveOrigins, request: &CompareRequest) -> Result<HttpResponse, HttpError> {
    let run = live
        .run(&request.run)
        .ok_or_else(|| HttpError::new(StatusCode::NOT_FOUND, "there is no such run; begin another"))?;
    Ok(ok(&comparison::compare(&run, &request.outcomes)))
}
