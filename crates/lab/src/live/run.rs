//! A run: one state with its origins mapped to live ones, and the requests that they received.

use std::sync::{Mutex, PoisonError};

use crossing::{HeaderList, Origin, Value};
use http::header::{COOKIE, LOCATION, ORIGIN, REFERER, SET_COOKIE};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde::Serialize;
use url::Url;

use super::{HOSTS, LiveOrigin, LiveOrigins};
use crate::setup::Setup;
use crate::state::{ScriptRequest, State};

/// The query parameter that names the run of a request.
pub(super) const TOKEN: &str = "lab";
/// The prefix of a run's cookie names, so that they cannot collide with other cookies of this machine.
pub(super) const COOKIE_PREFIX: &str = "crossing-lab-";
/// Replaces the target of a redirect out of the lab. Browsers block this port, so no other server gets a request.
const BLOCKED_URL: &str = "http://127.0.0.1:9/";
/// The most requests that are recorded.
const MAX_RECEIVED: usize = 200;
/// The longest sum of all pauses of a run, in seconds.
const MAX_WAIT: u64 = 30;

pub(crate) struct LiveRun {
    pub(crate) token: String,
    pub(crate) state: State,
    pub(crate) setup: Setup,
    mappings: Vec<OriginMapping>,
    received: Mutex<Vec<ReceivedRequest>>,
}

/// An origin of the state, and the live one that it is mapped to.
#[derive(Clone, Serialize)]
pub(crate) struct OriginMapping {
    pub(crate) symbolic: String,
    pub(crate) live: String,
    #[serde(skip)]
    origin: LiveOrigin,
}

impl OriginMapping {
    pub(super) fn is_server(&self) -> bool {
        self.origin != LiveOrigin::Page
    }
}

/// A request that a live origin received, with the state's origins, and the status of the response.
#[derive(Clone)]
pub(crate) struct ReceivedRequest {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderList,
    pub(crate) status: StatusCode,
}

/// Why a browser cannot do what the state describes.
#[derive(Serialize)]
pub(crate) struct Unsupported {
    pub(crate) code: &'static str,
    pub(crate) about: String,
}

impl Unsupported {
    fn new(code: &'static str) -> Unsupported {
        Unsupported { code, about: String::new() }
    }
}

impl LiveRun {
    pub(super) fn new(live: &LiveOrigins, token: String, state: &State) -> Result<LiveRun, Unsupported> {
        let setup = Setup::parse(state).map_err(|_| Unsupported::new("mistakes"))?;
        let mappings = mappings(live, state, &setup)?;
        if state.page.never_referrer || state.page.mixed_content {
            return Err(Unsupported::new("setting"));
        }
        if state.requests.iter().map(|request| request.after).sum::<u64>() > MAX_WAIT {
            return Err(Unsupported::new("waits"));
        }
        let run = LiveRun { token, state: state.clone(), setup, mappings, received: Mutex::default() };
        for scheduled in &run.setup.requests {
            let origin = Origin::from_url(scheduled.request.url());
            if run.mapping_of(&origin).is_none() {
                return Err(Unsupported { code: "server", about: origin.to_string() });
            }
        }
        Ok(run)
    }

    pub(crate) fn mappings(&self) -> &[OriginMapping] {
        &self.mappings
    }

    fn mapping_of(&self, origin: &Origin) -> Option<&OriginMapping> {
        self.mappings.iter().find(|mapping| mapping.symbolic == origin.as_str())
    }

    /// The requests of the script, with live URLs.
    pub(crate) fn requests(&self) -> Vec<ScriptRequest> {
        let requests = self.state.requests.iter().zip(&self.setup.requests).map(|(request, scheduled)| {
            let url = self.live_url(scheduled.request.url());
            let url = url.map_or_else(|| request.url.clone(), String::from);
            ScriptRequest { url, ..request.clone() }
        });
        requests.collect()
    }

    /// Maps a URL of the state to a live one.
    fn live_url(&self, url: &Url) -> Option<Url> {
        let to = Url::parse(&self.mapping_of(&Origin::from_url(url))?.live).ok()?;
        let mut url = url.clone();
        url.set_scheme(to.scheme()).ok()?;
        url.set_host(to.host_str()).ok()?;
        url.set_port(to.port()).ok()?;
        url.query_pairs_mut().append_pair(TOKEN, &self.token);
        Some(url)
    }

    /// Replaces every live origin in a text by the state's.
    pub(crate) fn symbolic(&self, text: &str) -> String {
        let mappings = self.mappings.iter();
        mappings.fold(text.to_owned(), |text, mapping| text.replace(&mapping.live, &mapping.symbolic))
    }

    /// Replaces every origin of the state in a text by the live one.
    fn live(&self, text: &str) -> String {
        let mappings = self.mappings.iter();
        mappings.fold(text.to_owned(), |text, mapping| text.replace(&mapping.symbolic, &mapping.live))
    }

    /// The origin of the state that is mapped to a live one.
    pub(super) fn symbolic_origin(&self, origin: LiveOrigin) -> Option<Origin> {
        Origin::parse(&self.mappings.iter().find(|mapping| mapping.origin == origin)?.symbolic).ok()
    }

    /// The URL of the state for a target that a live origin received.
    pub(super) fn symbolic_url(&self, origin: LiveOrigin, path_and_query: &str) -> Option<Url> {
        let mut url = Url::parse(&format!("{}{path_and_query}", self.symbolic_origin(origin)?)).ok()?;
        let rest: Vec<&str> =
            url.query().unwrap_or_default().split('&').filter(|pair| !is_token(pair)).collect();
        let rest = rest.join("&");
        url.set_query((!rest.is_empty()).then_some(rest.as_str()));
        Some(url)
    }

    /// The headers of a request with the state's origins, and without the cookies that are not the run's.
    pub(super) fn symbolic_headers(&self, headers: &HeaderMap) -> HeaderList {
        let mut list = HeaderList::new();
        for (name, value) in headers {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            let text = match *name {
                ORIGIN | REFERER => self.symbolic(&text),
                COOKIE => match own_cookies(&text) {
                    Some(cookies) => cookies,
                    None => continue,
                },
                _ => text,
            };
            if let Ok(value) = Value::new(text) {
                list.append(name.clone(), value);
            }
        }
        list
    }

    /// The value of a response header with the live origins.
    pub(super) fn live_header(&self, requested: &Url, name: &HeaderName, value: &Value) -> String {
        let text = value.to_text();
        match *name {
            LOCATION => match requested.join(&text) {
                Ok(to) if matches!(to.scheme(), "http" | "https") => {
                    self.live_url(&to).map_or_else(|| BLOCKED_URL.to_owned(), String::from)
                }
                _ => self.live(&text),
            },
            SET_COOKIE => format!("{COOKIE_PREFIX}{text}"),
            _ => self.live(&text),
        }
    }

    pub(super) fn record(&self, request: ReceivedRequest) {
        let mut all = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MAX_RECEIVED {
            all.push(request);
        }
    }

    /// The requests received so far.
    pub(crate) fn received(&self) -> Vec<ReceivedRequest> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Maps the state's origins to live ones. Longer origins come first, because one may be a prefix of another.
fn mappings(live: &LiveOrigins, state: &State, setup: &Setup) -> Result<Vec<OriginMapping>, Unsupported> {
    let page = &setup.client.origin;
    let mut mappings = Vec::new();
    if let Origin::Tuple(origin) = page {
        let symbolic = origin.as_str().to_owned();
        mappings.push(OriginMapping { symbolic, live: live.page(), origin: LiveOrigin::Page });
    }
    for server in &state.servers {
        let Ok(symbolic) = Origin::parse(&server.origin) else { continue };
        if mappings.iter().any(|mapping: &OriginMapping| mapping.symbolic == symbolic.as_str()) {
            continue;
        }
        let at = mappings.iter().filter(|mapping| mapping.is_server()).count();
        if at > 1 {
            return Err(Unsupported::new("servers"));
        }
        let host = if page.schemelessly_same_site(&symbolic) { HOSTS[0] } else { HOSTS[1] };
        let origin = LiveOrigin::Server(at);
        let live = live.serialise(origin, host);
        mappings.push(OriginMapping { symbolic: symbolic.to_string(), live, origin });
    }
    let scheme = |mapping: &OriginMapping| mapping.symbolic.split(':').next().map(str::to_owned);
    let first = mappings.first().and_then(scheme);
    if mappings.iter().any(|mapping| scheme(mapping) != first || !mapping.symbolic.starts_with("http")) {
        return Err(Unsupported::new("scheme"));
    }
    mappings.sort_by_key(|mapping| std::cmp::Reverse(mapping.symbolic.len()));
    Ok(mappings)
}

/// The cookies of runs in a `Cookie` header, without their prefix.
fn own_cookies(line: &str) -> Option<String> {
    let own: Vec<&str> = line.split("; ").filter_map(|pair| pair.strip_prefix(COOKIE_PREFIX)).collect();
    (!own.is_empty()).then(|| own.join("; "))
}

fn is_token(pair: &str) -> bool {
    pair.split('=').next() == Some(TOKEN)
}

/// The token of the run in a query.
pub(super) fn token_in(query: &str) -> Option<&str> {
    query.split('&').find(|pair| is_token(pair))?.split_once('=').map(|(_, token)| token)
}
