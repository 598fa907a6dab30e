//! Compares what the user's browser did with the simulation: the requests on the wire, and what the script got.

use std::collections::BTreeMap;

use crossing::browser::{Event, Profile};
use crossing::{HeaderList, HeaderName};
use http::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::live::LiveRun;
use super::setup::Setup;
use super::simulation::{Occurrence, simulate};
use super::state::{ProfileName, State};

/// What the script got for one request in the browser; `None` is an error, of which the script gets no details.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BrowserOutcome {
    response: Option<BrowserResponse>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BrowserResponse {
    /// `None` for `XMLHttpRequest`, which has no response type.
    #[serde(rename = "type")]
    kind: Option<String>,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// The simulation and the browser, side by side.
#[derive(Serialize)]
pub(super) struct Comparison {
    agrees: bool,
    /// The profiles whose simulation equals what the browser did.
    profiles: Vec<&'static str>,
    wire: Pair<Vec<WireRequest>>,
    script: Vec<Pair<ScriptResult>>,
}

#[derive(Serialize)]
struct Pair<T> {
    same: bool,
    ours: T,
    browser: T,
}

impl<T: PartialEq> Pair<T> {
    fn new(ours: T, browser: T) -> Pair<T> {
        Pair { same: ours == browser, ours, browser }
    }
}

/// A request on the wire, and its headers that CORS depends on.
#[derive(Clone, PartialEq, Eq, Serialize)]
struct WireRequest {
    method: String,
    url: String,
    status: Option<u16>,
    headers: Vec<(&'static str, String)>,
}

/// What a script gets.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "saw", rename_all = "kebab-case")]
enum ScriptResult {
    Error,
    Response {
        #[serde(rename = "type")]
        kind: String,
        status: u16,
        headers: BTreeMap<String, String>,
        body: String,
    },
}

/// Everything that is compared.
#[derive(Clone, PartialEq, Eq)]
struct Observation {
    wire: Vec<WireRequest>,
    script: Vec<ScriptResult>,
}

/// Compares the run with the simulation of its state.
pub(super) fn compare(run: &LiveRun, outcomes: &[BrowserOutcome]) -> Comparison {
    let ours = simulated(&run.state);
    let browser = observed(run, outcomes, &ours);
    let agreeing = Profile::ALL.iter().filter(|profile| {
        let state = State { profile: ProfileName(profile.name.to_owned()), ..run.state.clone() };
        simulated(&state) == browser
    });
    let profiles = agreeing.map(|profile| profile.name).collect();
    Comparison {
        agrees: ours == browser,
        profiles,
        script: ours
            .script
            .iter()
            .zip(&browser.script)
            .map(|(a, b)| Pair::new(a.clone(), b.clone()))
            .collect(),
        wire: Pair::new(ours.wire, browser.wire),
    }
}

/// What the simulation says. The state of a run has been parsed before, so parsing it cannot fail here.
fn simulated(state: &State) -> Observation {
    let timeline = Setup::parse(state).map(|setup| simulate(&setup)).unwrap_or_default();
    let compared = ComparedHeaders::new(state);
    let mut wire: Vec<WireRequest> = Vec::new();
    for entry in &timeline {
        match &entry.occurrence {
            Occurrence::Traced(Event::Sent(_, head)) => {
                wire.push(WireRequest::new(&head.method, &head.url, &head.headers, compared));
            }
            Occurrence::Traced(Event::Received(_, head)) => {
                if let Some(line) = wire.last_mut() {
                    line.status = Some(head.status.as_u16());
                }
            }
            _ => {}
        }
    }
    // A request that no server received is not compared.
    wire.retain(|line| line.status.is_some());
    let script = timeline.iter().filter_map(|entry| match &entry.occurrence {
        Occurrence::Failed(_) => Some(ScriptResult::Error),
        Occurrence::Delivered(response, body) => Some(ScriptResult::Response {
            kind: response.kind.as_str().to_owned(),
            status: response.status,
            headers: readable(
                response
                    .headers
                    .sort_and_combine()
                    .iter()
                    .map(|(name, value)| (name.as_str().to_owned(), value.to_text())),
            ),
            body: body.clone(),
        }),
        _ => None,
    });
    Observation { wire, script: script.collect() }
}

/// What the browser did. A response type that the script cannot see is taken from the simulation.
fn observed(run: &LiveRun, outcomes: &[BrowserOutcome], ours: &Observation) -> Observation {
    let compared = ComparedHeaders::new(&run.state);
    let wire = run.received().into_iter().map(|request| WireRequest {
        status: Some(request.status.as_u16()),
        ..WireRequest::new(&request.method, &request.url, &request.headers, compared)
    });
    let script = (0..ours.script.len()).map(|at| {
        match outcomes.get(at).and_then(|outcome| outcome.response.as_ref()) {
            None => ScriptResult::Error,
            Some(response) => ScriptResult::Response {
                kind: response.kind.clone().unwrap_or_else(|| match &ours.script[at] {
                    ScriptResult::Response { kind, .. } => kind.clone(),
                    ScriptResult::Error => String::new(),
                }),
                status: response.status,
                headers: readable(
                    response
                        .headers
                        .iter()
                        .map(|(name, value)| (name.to_ascii_lowercase(), run.symbolic(value))),
                ),
                body: response.body.clone(),
            },
        }
    });
    Observation { wire: wire.collect(), script: script.collect() }
}

/// Headers by name, without `Date`, which only the live server adds.
fn readable(headers: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    headers.filter(|(name, _)| name != "date").collect()
}

/// Which request headers are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ComparedHeaders {
    All,
    /// The simulated browser has a password, which no page can give to the user's browser.
    WithoutAuthorization,
}

impl ComparedHeaders {
    fn new(state: &State) -> ComparedHeaders {
        if state.page.signed_in { ComparedHeaders::WithoutAuthorization } else { ComparedHeaders::All }
    }
}

/// The headers that are compared by value. The others are compared by presence.
const BY_VALUE: [&str; 3] = ["origin", "access-control-request-method", "access-control-request-headers"];

impl WireRequest {
    fn new(method: &Method, url: &Url, headers: &HeaderList, compared: ComparedHeaders) -> WireRequest {
        let text =
            |name: &'static str| headers.get(&HeaderName::from_static(name)).map(|value| value.to_text());
        let mut lines: Vec<(&'static str, String)> =
            BY_VALUE.iter().filter_map(|name| Some((*name, text(name)?))).collect();
        let by_presence = match compared {
            ComparedHeaders::All => &["referer", "cookie", "authorization"][..],
            ComparedHeaders::WithoutAuthorization => &["referer", "cookie"],
        };
        lines.extend(
            by_presence
                .iter()
                .filter(|name| text(name).is_some())
                .map(|name| (*name, "(present)".to_owned())),
        );
        let mut url = url.clone();
        url.set_fragment(None);
        WireRequest { method: method.to_string(), url: url.to_string(), status: None, headers: lines }
    }
}
