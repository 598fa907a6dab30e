//! What a browser did, beside what we say that it does: the same facts of both, and whether they are the same.

use std::collections::BTreeMap;

use crossing::browser::{Event, Profile};
use crossing::{HeaderList, HeaderName};
use http::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::live::Run;
use super::play::{Moment, What, play};
use super::state::{ProfileName, State};

/// What the browser's script saw of one ask: a response, or an error and nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    response: Option<SeenByBrowser>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenByBrowser {
    /// `XMLHttpRequest` does not tell it.
    #[serde(rename = "type")]
    kind: Option<String>,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Ours and the browser's, side by side.
#[derive(Serialize)]
pub(super) struct Comparison {
    agrees: bool,
    /// The profiles that say what the browser did.
    profiles: Vec<&'static str>,
    wire: Pair<Vec<WireLine>>,
    script: Vec<Pair<Sight>>,
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

/// A request that went over the wire, and what CORS looks at in it.
#[derive(Clone, PartialEq, Eq, Serialize)]
struct WireLine {
    method: String,
    url: String,
    status: Option<u16>,
    headers: Vec<(&'static str, String)>,
}

/// What a script sees.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "saw", rename_all = "kebab-case")]
enum Sight {
    Error,
    Response {
        #[serde(rename = "type")]
        kind: String,
        status: u16,
        headers: BTreeMap<String, String>,
        body: String,
    },
}

/// Everything that is the same or not.
#[derive(Clone, PartialEq, Eq)]
struct Account {
    wire: Vec<WireLine>,
    script: Vec<Sight>,
}

/// What the browser must do by this state's rules, beside what it did.
pub(super) fn compare(run: &Run, outcomes: &[Outcome]) -> Comparison {
    let ours = account(&run.state);
    let browsers = of_browser(run, outcomes, &ours);
    let agreeing = Profile::ALL.iter().filter(|profile| {
        let state = State { profile: ProfileName(profile.name.to_owned()), ..run.state.clone() };
        account(&state) == browsers
    });
    let profiles = agreeing.map(|profile| profile.name).collect();
    Comparison {
        agrees: ours == browsers,
        profiles,
        script: ours
            .script
            .iter()
            .zip(&browsers.script)
            .map(|(a, b)| Pair::new(a.clone(), b.clone()))
            .collect(),
        wire: Pair::new(ours.wire, browsers.wire),
    }
}

/// What we say. A state that has become a run has been understood before.
fn account(state: &State) -> Account {
    let moments = state.plan().map(|plan| play(&plan)).unwrap_or_default();
    let secrets = Secrets::of(state);
    let mut wire: Vec<WireLine> = Vec::new();
    for Moment { what, .. } in &moments {
        match what {
            What::Told(Event::Sent(_, head)) => {
                wire.push(WireLine::new(&head.method, &head.url, &head.headers, secrets));
            }
            What::Told(Event::Received(_, head)) => {
                if let Some(line) = wire.last_mut() {
                    line.status = Some(head.status.as_u16());
                }
            }
            _ => {}
        }
    }
    // What nobody has heard is not compared.
    wire.retain(|line| line.status.is_some());
    let script = moments.iter().filter_map(|moment| match &moment.what {
        What::Failed(_) => Some(Sight::Error),
        What::Delivered(response, body) => Some(Sight::Response {
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
    Account { wire, script: script.collect() }
}

fn of_browser(run: &Run, outcomes: &[Outcome], ours: &Account) -> Account {
    let secrets = Secrets::of(&run.state);
    let wire = run.heard().into_iter().map(|heard| WireLine {
        status: Some(heard.status.as_u16()),
        ..WireLine::new(&heard.method, &heard.url, &heard.headers, secrets)
    });
    let script = (0..ours.script.len()).map(|at| {
        match outcomes.get(at).and_then(|outcome| outcome.response.as_ref()) {
            None => Sight::Error,
            Some(seen) => Sight::Response {
                kind: seen.kind.clone().unwrap_or_else(|| match &ours.script[at] {
                    Sight::Response { kind, .. } => kind.clone(),
                    Sight::Error => String::new(),
                }),
                status: seen.status,
                headers: readable(
                    seen.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), run.symbolic(value))),
                ),
                body: seen.body.clone(),
            },
        }
    });
    Account { wire: wire.collect(), script: script.collect() }
}

/// Headers by name. `Date` is the live server's own doing.
fn readable(headers: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    headers.filter(|(name, _)| name != "date").collect()
}

/// Whether `Authorization` may be compared: no page can give a browser the password that ours has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrets {
    Compared,
    CookiesAlone,
}

impl Secrets {
    fn of(state: &State) -> Secrets {
        if state.page.signed_in { Secrets::CookiesAlone } else { Secrets::Compared }
    }
}

/// What is compared by its value.
const BY_VALUE: [&str; 3] = ["origin", "access-control-request-method", "access-control-request-headers"];

impl WireLine {
    fn new(method: &Method, url: &Url, headers: &HeaderList, secrets: Secrets) -> WireLine {
        let text =
            |name: &'static str| headers.get(&HeaderName::from_static(name)).map(|value| value.to_text());
        let mut told: Vec<(&'static str, String)> =
            BY_VALUE.iter().filter_map(|name| Some((*name, text(name)?))).collect();
        let by_presence = match secrets {
            Secrets::Compared => &["referer", "cookie", "authorization"][..],
            Secrets::CookiesAlone => &["referer", "cookie"],
        };
        told.extend(
            by_presence
                .iter()
                .filter(|name| text(name).is_some())
                .map(|name| (*name, "(present)".to_owned())),
        );
        let mut url = url.clone();
        url.set_fragment(None);
        WireLine { method: method.to_string(), url: url.to_string(), status: None, headers: told }
    }
}
