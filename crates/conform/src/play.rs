//! A scenario, played step by step in whichever tab is free; and many cases side by side in one page.

use std::collections::BTreeMap;
use std::time::Duration;

use crossing_conformance::{Ended, Observed, Scenario, Script, Servers, Step};
use serde_json::{Value, json};

use crate::naming::Naming;
use crate::page::{documents, seen, told};
use crate::rig::Tab;
use crate::rig_error::RigError;
use crate::share::Job;
use crate::stage::{Connections, Document, Entry, Part};

/// A scenario, played step by step, each step on a page of its own. All in one tab: the cache for preflights may be the
/// tab's.
#[derive(Debug)]
pub(crate) struct Play<'a>(pub(crate) &'a Scenario);

impl Job for Play<'_> {
    type Seen = Vec<Observed>;

    fn play(&self, tab: &Tab) -> Result<Vec<Observed>, RigError> {
        let scenario = self.0;
        if scenario.one_page {
            let mut seen = play_batch(tab, std::slice::from_ref(scenario), |_| "/".to_owned())?;
            return Ok(seen.pop().unwrap_or_default());
        }
        let stage = &tab.rig.stage;
        let naming = tab.rig.naming();
        let mut hops = hops(scenario);
        stage.put(naming, Entry { parts: vec![part("/", &scenario.server)], ..Entry::default() });
        let mut observed = Vec::new();
        let steps = scenario.steps();
        for (at, step) in steps.iter().enumerate() {
            std::thread::sleep(Duration::from_secs(step.after));
            if let Some(servers) = &step.server {
                stage.with(naming, |entry| entry.parts = vec![part("/", servers)]);
            }
            let page = step.page.as_ref().unwrap_or(&scenario.page);
            let case = json!([told(&step.request, naming, step.expect.timing.is_some())]);
            let (first, documents) = documents(page, &json!([case]), &tab.home(), naming)?;
            let start = stage.with(naming, |entry| {
                entry.documents.extend(documents);
                chain(&mut entry.documents, std::mem::take(&mut hops), &first)
            });
            let report = tab.visit(naming.outward(&start))?;
            let mut seen = seen(&report, naming)?;
            let Some(end) = seen.pop().and_then(|mut case| case.pop()) else {
                return Err(RigError::BadReport(report));
            };
            let wire = stage.with(naming, |entry| std::mem::take(&mut entry.parts[0].sent));
            let cookies = match at + 1 == steps.len() && !step.expect.cookies.is_empty() {
                true => Some(jar(tab, step.expect.cookies.keys(), naming)?),
                false => None,
            };
            observed.push(Observed { end, wire: Some(wire), cookies });
        }
        stage.take(naming);
        Ok(observed)
    }
}

/// Scenarios of one page, played side by side, told apart by their paths: `/k0/`, `/k1/` and so on.
#[derive(Debug)]
pub(crate) struct Batch<'a>(pub(crate) &'a [Scenario]);

impl Job for Batch<'_> {
    /// For each scenario, what was seen of its steps.
    type Seen = Vec<Vec<Observed>>;

    fn play(&self, tab: &Tab) -> Result<Self::Seen, RigError> {
        play_batch(tab, self.0, |at| format!("/k{at}/"))
    }
}

/// Each scenario has its own path, which `path_of` tells.
fn play_batch(
    tab: &Tab,
    scenarios: &[Scenario],
    path_of: impl Fn(usize) -> String,
) -> Result<Vec<Vec<Observed>>, RigError> {
    let Some(first) = scenarios.first() else { return Ok(Vec::new()) };
    let naming = tab.rig.naming();
    let mut entry = Entry::default();
    let mut cases = Vec::new();
    for (at, scenario) in scenarios.iter().enumerate() {
        entry.parts.push(part(&path_of(at), &scenario.server));
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
    let report = tab.visit(naming.outward(&start))?;
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
    tab.visit(naming.outward(&start))?;
    Ok(tab.rig.stage.with(naming, |entry| std::mem::take(&mut entry.jar)))
}

pub(crate) fn part(path: &str, servers: &Servers) -> Part {
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
