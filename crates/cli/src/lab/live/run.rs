//! A run: one state with its names given to the live origins, and what came over the wire.

use std::sync::{Mutex, PoisonError};

use crossing::{HeaderList, Origin, Value};
use http::header::{COOKIE, LOCATION, ORIGIN, REFERER, SET_COOKIE};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde::Serialize;
use url::Url;

use super::{HOSTS, Live, Part};
use crate::lab::state::{Ask, Plan, State};

/// The parameter that says to which run a request belongs.
pub(super) const TOKEN: &str = "lab";
/// Begins the names of a run's cookies, so that they meet no others of this machine.
pub(super) const COOKIES: &str = "crossing-lab-";
/// Where a redirect leads that leads out of the lab: no browser asks this port, and nobody else is asked.
const NOWHERE: &str = "http://127.0.0.1:9/";
/// How much of a run is kept.
const MOST_HEARD: usize = 200;
/// How long a run may wait in all, in seconds.
const LONGEST_WAIT: u64 = 30;

/// A run.
pub(in crate::lab) struct Run {
    pub(in crate::lab) token: String,
    pub(in crate::lab) state: State,
    pub(in crate::lab) plan: Plan,
    names: Vec<Name>,
    heard: Mutex<Vec<Heard>>,
}

/// An origin of the state, and the live one that stands for it.
#[derive(Clone, Serialize)]
pub(in crate::lab) struct Name {
    pub(in crate::lab) symbolic: String,
    pub(in crate::lab) live: String,
    #[serde(skip)]
    part: Part,
}

/// A request as it came over the wire, in the state's names, and the status of its answer.
#[derive(Clone)]
pub(in crate::lab) struct Heard {
    pub(in crate::lab) method: Method,
    pub(in crate::lab) url: Url,
    pub(in crate::lab) headers: HeaderList,
    pub(in crate::lab) status: StatusCode,
}

/// Why a browser cannot be asked this.
#[derive(Serialize)]
pub(in crate::lab) struct Obstacle {
    pub(in crate::lab) code: &'static str,
    pub(in crate::lab) about: String,
}

impl Obstacle {
    fn new(code: &'static str) -> Obstacle {
        Obstacle { code, about: String::new() }
    }
}

impl Run {
    pub(super) fn new(live: &Live, token: String, state: &State) -> Result<Run, Obstacle> {
        let plan = state.plan().map_err(|_| Obstacle::new("mistakes"))?;
        let names = names(live, state, &plan)?;
        if state.page.never_referrer || state.page.mixed_content {
            return Err(Obstacle::new("setting"));
        }
        if state.asks.iter().map(|ask| ask.after).sum::<u64>() > LONGEST_WAIT {
            return Err(Obstacle::new("waits"));
        }
        let run = Run { token, state: state.clone(), plan, names, heard: Mutex::default() };
        for ask in &run.plan.asks {
            let origin = Origin::of(ask.request.url());
            if run.name(|name| name.symbolic == origin.as_str()).is_none() {
                return Err(Obstacle { code: "server", about: origin.to_string() });
            }
        }
        Ok(run)
    }

    pub(in crate::lab) fn names(&self) -> &[Name] {
        &self.names
    }

    pub(super) fn is_server(&self, name: &Name) -> bool {
        name.part != Part::Page
    }

    fn name(&self, is_it: impl Fn(&Name) -> bool) -> Option<&Name> {
        self.names.iter().find(|name| is_it(name))
    }

    /// The asks, with live URLs.
    pub(in crate::lab) fn asks(&self) -> Vec<Ask> {
        let asks = self.state.asks.iter().zip(&self.plan.asks).map(|(ask, planned)| {
            let url = self.live_url(planned.request.url());
            Ask { url: url.map_or_else(|| ask.url.clone(), String::from), ..ask.clone() }
        });
        asks.collect()
    }

    /// The live URL that stands for one of the state's.
    fn live_url(&self, url: &Url) -> Option<Url> {
        let origin = Origin::of(url);
        let name = self.name(|name| name.symbolic == origin.as_str())?;
        let to = Url::parse(&name.live).ok()?;
        let mut url = url.clone();
        url.set_scheme(to.scheme()).ok()?;
        url.set_host(to.host_str()).ok()?;
        url.set_port(to.port()).ok()?;
        url.query_pairs_mut().append_pair(TOKEN, &self.token);
        Some(url)
    }

    /// A live text in the state's names.
    pub(in crate::lab) fn symbolic(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, name| text.replace(&name.live, &name.symbolic))
    }

    /// A text of the state's in live names.
    fn live(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, name| text.replace(&name.symbolic, &name.live))
    }

    /// The state's origin that a part stands for.
    pub(super) fn origin_of(&self, part: Part) -> Option<Origin> {
        Origin::parse(&self.name(|name| name.part == part)?.symbolic).ok()
    }

    /// The state's URL that was asked for at a part.
    pub(super) fn symbolic_url(&self, part: Part, path_and_query: &str) -> Option<Url> {
        let mut url = Url::parse(&format!("{}{path_and_query}", self.origin_of(part)?)).ok()?;
        let rest: Vec<&str> =
            url.query().unwrap_or_default().split('&').filter(|pair| !is_token(pair)).collect();
        let rest = rest.join("&");
        url.set_query((!rest.is_empty()).then_some(rest.as_str()));
        Some(url)
    }

    /// The request's headers in the state's names, without what belongs to the machine and not to the run.
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

    /// An answer's header line in live names.
    pub(super) fn live_line(&self, asked: &Url, name: &HeaderName, value: &Value) -> String {
        let text = value.to_text();
        match *name {
            LOCATION => match asked.join(&text) {
                Ok(to) if matches!(to.scheme(), "http" | "https") => {
                    self.live_url(&to).map_or_else(|| NOWHERE.to_owned(), String::from)
                }
                _ => self.live(&text),
            },
            SET_COOKIE => format!("{COOKIES}{text}"),
            _ => self.live(&text),
        }
    }

    pub(super) fn hear(&self, heard: Heard) {
        let mut all = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST_HEARD {
            all.push(heard);
        }
    }

    /// What came over the wire so far.
    pub(in crate::lab) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Which live origin stands for which of the state's. Longer names come first, so that none is taken for a part of
/// another.
fn names(live: &Live, state: &State, plan: &Plan) -> Result<Vec<Name>, Obstacle> {
    let page = &plan.client.origin;
    let mut names = Vec::new();
    if let Origin::Tuple(origin) = page {
        names.push(Name { symbolic: origin.as_str().to_owned(), live: live.page(), part: Part::Page });
    }
    for server in &state.servers {
        let Ok(origin) = Origin::parse(&server.origin) else { continue };
        if names.iter().any(|name| name.symbolic == origin.as_str()) {
            continue;
        }
        let at = names.iter().filter(|name| name.part != Part::Page).count();
        if at > 1 {
            return Err(Obstacle::new("servers"));
        }
        let host = if page.schemelessly_same_site(&origin) { HOSTS[0] } else { HOSTS[1] };
        let part = Part::Server(at);
        names.push(Name { symbolic: origin.to_string(), live: live.origin(part, host), part });
    }
    let scheme = |name: &Name| name.symbolic.split(':').next().map(str::to_owned);
    let first = names.first().and_then(scheme);
    if names.iter().any(|name| scheme(name) != first || !name.symbolic.starts_with("http")) {
        return Err(Obstacle::new("scheme"));
    }
    names.sort_by_key(|name| std::cmp::Reverse(name.symbolic.len()));
    Ok(names)
}

/// Of a `Cookie` line what belongs to runs, without the beginning that says so.
fn own_cookies(line: &str) -> Option<String> {
    let own: Vec<&str> = line.split("; ").filter_map(|pair| pair.strip_prefix(COOKIES)).collect();
    (!own.is_empty()).then(|| own.join("; "))
}

fn is_token(pair: &str) -> bool {
    pair.split('=').next() == Some(TOKEN)
}

/// The token in a query.
pub(super) fn token_in(query: &str) -> Option<&str> {
    query.split('&').find(|pair| is_token(pair))?.split_once('=').map(|(_, token)| token)
}
