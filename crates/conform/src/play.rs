//! A scenario, played step by step in whichever tab is free; and many cases side by side in one page.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crossing_testkit::{Ended, Observed, Scenario, Script, Servers, Step};
use serde_json::{Value, json};

use crate::naming::Naming;
use crate::page::{LIMIT, documents, seen, told};
use crate::rig::{RigError, Tab};
use crate::share::Job;
use crate::stage::{Connections, Document, Entry, Part};

/// How long a page may take, beyond its request's own limit.
pub(crate) const PAGE: Duration = Duration::from_secs(20 + LIMIT);

/// A scenario that is being played.
#[derive(Debug)]
pub(crate) struct Play<'a> {
    scenario: &'a Scenario,
    steps: Vec<Step>,
    observed: Vec<Observed>,
    naming: Option<Naming>,
    due: Instant,
}

impl<'a> Play<'a> {
    pub(crate) fn new(scenario: &'a Scenario) -> Play<'a> {
        Play { scenario, steps: scenario.steps(), observed: Vec::new(), naming: None, due: Instant::now() }
    }
}

impl Job for Play<'_> {
    type Seen = Vec<Observed>;

    fn due(&self) -> Instant {
        self.due
    }

    fn reset(&mut self) {
        *self = Play::new(self.scenario);
    }

    fn step(&mut self, tab: &Tab) -> Result<Option<Vec<Observed>>, RigError> {
        let at = self.observed.len();
        let Some(step) = self.steps.get(at) else { return Ok(Some(std::mem::take(&mut self.observed))) };
        let stage = &tab.rig.stage;
        let mut hops = Vec::new();
        let naming = match self.naming {
            Some(naming) => naming,
            None => {
                let naming = tab.rig.naming();
                hops = self::hops(self.scenario);
                let parts = vec![part("/", &self.scenario.server)];
                stage.put(naming, Entry { parts, ..Entry::default() });
                naming
            }
        };
        self.naming = Some(naming);
        if let Some(servers) = &step.server {
            stage.with(naming, |entry| entry.parts = vec![part("/", servers)]);
        }
        let page = step.page.as_ref().unwrap_or(&self.scenario.page);
        let case = json!([told(&step.request, naming, step.expect.timing.is_some())]);
        let (first, documents) = documents(page, &json!([case]), &tab.home(), naming)?;
        let start = stage.with(naming, |entry| {
            entry.documents.extend(documents);
            chain(&mut entry.documents, hops, &first)
        });
        let report = tab.visit(naming.outward(&start), PAGE)?;
        let mut seen = seen(&report, naming)?;
        let Some(end) = seen.pop().and_then(|mut case| case.pop()) else {
            return Err(RigError::BadReport(report));
        };
        let wire = stage.with(naming, |entry| std::mem::take(&mut entry.parts[0].sent));
        let next = self.steps.get(at + 1);
        let cookies = match next.is_none() && !step.expect.cookies.is_empty() {
            true => Some(jar(tab, step.expect.cookies.keys(), naming)?),
            false => None,
        };
        self.observed.push(Observed { end, wire: Some(wire), cookies });
        match next {
            Some(next) => {
                self.due = Instant::now() + Duration::from_secs(next.after);
                Ok(None)
            }
            None => {
                stage.take(naming);
                Ok(Some(std::mem::take(&mut self.observed)))
            }
        }
    }
}

/// Scenarios of one page, played side by side, told apart by their paths: `/k0/`, `/k1/` and so on.
#[derive(Debug)]
pub(crate) struct Batch<'a>(pub(crate) &'a [Scenario]);

impl Job for Batch<'_> {
    /// For each scenario, what was seen of its steps.
    type Seen = Vec<Vec<Observed>>;

    fn due(&self) -> Instant {
        Instant::now()
    }

    fn reset(&mut self) {}

    fn step(&mut self, tab: &Tab) -> Result<Option<Self::Seen>, RigError> {
        play_batch(tab, self.0).map(Some)
    }
}

fn play_batch(tab: &Tab, scenarios: &[Scenario]) -> Result<Vec<Vec<Observed>>, RigError> {
    let Some(first) = scenarios.first() else { return Ok(Vec::new()) };
    let naming = tab.rig.naming();
    let mut entry = Entry::default();
    let mut cases = Vec::new();
    for (at, scenario) in scenarios.iter().enumerate() {
        entry.parts.push(part(&format!("/k{at}/"), &scenario.server));
        let tell = |step: &Step| {
            let mut told = told(&step.request, naming, false);
            told["mark"] = Value::from(format!("{}mark/{}/{at}", tab.home(), naming.0));
            told
        };
        cases.push(scenario.steps().iter().map(tell).collect::<Vec<_>>());
    }
    let (start, documents) = documents(&first.page, &json!(cases), &tab.home(), naming)?;
    entry.documents.extend(documents);
    tab.rig.stage.put(naming, entry);
    let report = tab.visit(naming.outward(&start), Duration::from_secs(60))?;
    let seen = seen(&report, naming)?;
    if seen.len() != scenarios.len() {
        return Err(RigError::BadReport(report));
    }
    let parts = tab.rig.stage.take(naming).parts;
    let observed = seen.into_iter().zip(parts).map(|(ends, part)| {
        let mut sent = part.sent.into_iter();
        let mut begun = 0;
        let marks = part.marks.into_iter().chain([usize::MAX]);
        let cut = |(end, mark): (Ended, usize)| {
            let wire = sent.by_ref().take(mark.saturating_sub(begun)).collect();
            begun = mark;
            Observed { end, wire: Some(wire), cookies: None }
        };
        ends.into_iter().zip(marks).map(cut).collect()
    });
    Ok(observed.collect())
}

/// The cookies that the browser has for some hosts.
fn jar<'a>(
    tab: &Tab,
    hosts: impl Iterator<Item = &'a String>,
    naming: Naming,
) -> Result<BTreeMap<String, String>, RigError> {
    let hops = hosts.map(|host| Hop { host: host.clone(), path: "/jar", headers: Vec::new() }).collect();
    let start = tab.rig.stage.with(naming, |entry| chain(&mut entry.documents, hops, &tab.home()));
    tab.visit(naming.outward(&start), Duration::from_secs(20))?;
    Ok(tab.rig.stage.with(naming, |entry| std::mem::take(&mut entry.jar)))
}

fn part(path: &str, servers: &Servers) -> Part {
    // A browser asks again on a new connection where an old one breaks: then each request has its own.
    let each = servers.0.iter().any(|server| server.fails.is_some());
    let connections = if each { Connections::One } else { Connections::Kept };
    Part {
        connections,
        path: path.to_owned(),
        script: Script::new(servers),
        sent: Vec::new(),
        marks: Vec::new(),
        problem: None,
    }
}

/// A place on the way to the page.
struct Hop {
    host: String,
    path: &'static str,
    headers: Vec<(String, String)>,
}

/// What has to be there before the first step: cookies, and hosts that want https.
fn hops(scenario: &Scenario) -> Vec<Hop> {
    let mut hops = Vec::new();
    for (host, list) in &scenario.cookies {
        let line = |pair: &str| ("set-cookie".to_owned(), format!("{pair}; SameSite=None; Secure; Path=/"));
        hops.push(Hop {
            host: host.clone(),
            path: "/cookies",
            headers: list.split("; ").map(line).collect(),
        });
    }
    let page = scenario.page.url.strip_prefix("http://");
    // A page that nobody asks for stays as it is.
    for host in scenario.settings.hsts.iter().filter(|host| Some(host.trim_start_matches("*.")) != page) {
        let (host, more) = match host.strip_prefix("*.") {
            Some(host) => (host, "; includeSubDomains"),
            None => (host.as_str(), ""),
        };
        let line = ("strict-transport-security".to_owned(), format!("max-age=600{more}"));
        hops.push(Hop { host: host.to_owned(), path: "/hsts", headers: vec![line] });
    }
    hops
}

/// Redirects through all hops to `goal`; returns where to begin.
fn chain(documents: &mut BTreeMap<String, Document>, hops: Vec<Hop>, goal: &str) -> String {
    hops.into_iter().rev().fold(goal.to_owned(), |next, hop| {
        let url = format!("https://{}/conform{}", hop.host, hop.path);
        let mut headers = hop.headers;
        headers.push(("location".to_owned(), next));
        headers.push(("cache-control".to_owned(), "no-store".to_owned()));
        documents.insert(url.clone(), Document { status: 303, headers, body: String::new() });
        url
    })
}
