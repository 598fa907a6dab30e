//! Plays scenarios in a browser.

use std::collections::BTreeMap;
use std::time::Duration;

use crossing_testkit::{
    BodyKind, CacheMode, Credentials, EmbedderPolicy, Ended, Mode, NetworkFailure, Observed, Outcome, Page,
    Played, Redirect, Request, RequestBody, Scenario, Script, Servers, Step, TimingAccess,
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::browser::Engine;
use crate::naming::Naming;
use crate::rig::{Rig, RigError};
use crate::server::RIG;
use crate::stage::{Connections, Document, Entry, Part};

/// How long one request may take, in seconds.
const LIMIT: u64 = 6;
/// The longest time that is waited for a cache to forget, in seconds.
const PATIENCE: u64 = 8;
const SCRIPT: &str = include_str!("page.js");

/// Plays scenarios in one browser, one after another.
#[derive(Debug)]
pub struct Player {
    rig: Rig,
    engine: Engine,
    count: u32,
    /// Whether the page of the scenario before posted nothing.
    was_silent: bool,
}

/// What a page saw of one request.
#[derive(Debug, Deserialize)]
struct Seen {
    outcome: String,
    r#type: Option<String>,
    status: Option<u16>,
    url: Option<String>,
    redirected: Option<bool>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
    timing: Option<String>,
}

impl Player {
    /// Starts the browser.
    ///
    /// # Errors
    /// It is not there, or does not start.
    pub fn start(engine: Engine) -> Result<Player, RigError> {
        Ok(Player { rig: Rig::start(engine)?, engine, count: 0, was_silent: false })
    }

    /// What the browser says of its version.
    pub fn version(&self) -> &str {
        &self.rig.version
    }

    /// Plays a scenario. If its page posts nothing, that is told as no step seen, and a fresh browser takes over; a second
    /// time in a row it is an error.
    ///
    /// # Errors
    /// The browser ended or fell silent, or the scenario is not one.
    pub fn play(&mut self, scenario: &Scenario) -> Result<Played, RigError> {
        if let Some(why) = cannot(scenario) {
            return Ok(Played::Unsupported(why));
        }
        if self.engine == Engine::WebKit && !scenario.settings.hsts.is_empty() {
            return Ok(Played::Unsupported(
                "a host whose certificate is only tolerated cannot ask for https",
            ));
        }
        match self.play_once(scenario) {
            Err(RigError::NoReport { .. }) if !self.was_silent => {
                self.was_silent = true;
                self.rig = Rig::start(self.engine)?;
                Ok(Played::Seen(Vec::new()))
            }
            played => {
                self.was_silent = false;
                played
            }
        }
    }

    fn play_once(&mut self, scenario: &Scenario) -> Result<Played, RigError> {
        self.count += 1;
        let naming = Naming(self.count);
        let mut entry = Entry::default();
        entry.parts.push(part("/", &scenario.server));
        self.rig.stage.put(naming, entry);
        let mut hops = hops(scenario);
        let mut observed = Vec::new();
        let steps = scenario.steps();
        for (at, step) in steps.iter().enumerate() {
            if let Some(servers) = &step.server {
                self.rig.stage.with(|entry| entry.parts = vec![part("/", servers)]);
            }
            let page = step.page.as_ref().unwrap_or(&scenario.page);
            let case = json!([told(&step.request, step.after, naming, step.expect.timing.is_some())]);
            let (first, documents) = documents(page, &json!([case]), naming)?;
            let start = self.rig.stage.with(|entry| {
                entry.documents.extend(documents);
                chain(&mut entry.documents, std::mem::take(&mut hops), &first, naming)
            });
            let limit = Duration::from_secs(20 + LIMIT + step.after);
            let report = self.rig.visit(naming.outward(&start), limit)?;
            let mut seen = seen(&report, naming)?;
            let Some(end) = seen.pop().and_then(|mut case| case.pop()) else {
                return Err(RigError::BadReport(report));
            };
            let wire = self.rig.stage.with(|entry| std::mem::take(&mut entry.parts[0].sent));
            let cookies = match at + 1 == steps.len() && !step.expect.cookies.is_empty() {
                true => Some(self.jar(step.expect.cookies.keys(), naming)?),
                false => None,
            };
            observed.push(Observed { end, wire: Some(wire), cookies });
        }
        Ok(Played::Seen(observed))
    }

    /// Plays scenarios of one page side by side, told apart by their paths: `/k0/`, `/k1/` and so on. One observation
    /// for each.
    ///
    /// # Errors
    /// As for [`play`](Player::play).
    pub(crate) fn play_batch(&mut self, scenarios: &[Scenario]) -> Result<Vec<Vec<Observed>>, RigError> {
        let Some(first) = scenarios.first() else { return Ok(Vec::new()) };
        self.count += 1;
        let naming = Naming(self.count);
        let mut entry = Entry::default();
        let mut cases = Vec::new();
        for (at, scenario) in scenarios.iter().enumerate() {
            entry.parts.push(part(&format!("/k{at}/"), &scenario.server));
            let tell = |step: &Step| {
                let mut told = told(&step.request, 0, naming, false);
                told["mark"] = Value::from(format!("https://{RIG}/mark/{at}"));
                told
            };
            cases.push(scenario.steps().iter().map(tell).collect::<Vec<_>>());
        }
        let (start, documents) = documents(&first.page, &json!(cases), naming)?;
        entry.documents.extend(documents);
        self.rig.stage.put(naming, entry);
        let report = self.rig.visit(naming.outward(&start), Duration::from_secs(60))?;
        let seen = seen(&report, naming)?;
        if seen.len() != scenarios.len() {
            return Err(RigError::BadReport(report));
        }
        let parts = self.rig.stage.with(|entry| std::mem::take(&mut entry.parts));
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
        &mut self,
        hosts: impl Iterator<Item = &'a String>,
        naming: Naming,
    ) -> Result<BTreeMap<String, String>, RigError> {
        let hops = hosts.map(|host| Hop { host: host.clone(), path: "/jar", headers: Vec::new() }).collect();
        let home = format!("https://{RIG}/");
        let start = self.rig.stage.with(|entry| chain(&mut entry.documents, hops, &home, naming));
        self.rig.visit(naming.outward(&start), Duration::from_secs(20))?;
        Ok(self.rig.stage.with(|entry| std::mem::take(&mut entry.jar)))
    }
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

/// Why a browser cannot play it.
fn cannot(scenario: &Scenario) -> Option<&'static str> {
    let steps = scenario.steps();
    let servers = steps.iter().filter_map(|step| step.server.as_ref()).chain([&scenario.server]);
    let failures: Vec<NetworkFailure> =
        servers.flat_map(|servers| &servers.0).filter_map(|it| it.fails).collect();
    let settings = &scenario.settings;
    if failures.iter().any(|failure| matches!(failure, NetworkFailure::Timeout)) {
        Some("how long a browser waits is its own affair")
    } else if page_is_upgraded(scenario) {
        Some("the page itself would be asked for over https")
    } else if scenario.person.is_some() {
        Some("nobody types a password into a browser without a window")
    } else if asks_for_a_password(scenario) {
        Some("a browser asks somebody for the password")
    } else if !scenario.auth.is_empty() {
        Some("a browser learns passwords from a person only")
    } else if steps.iter().any(|step| matches!(step.request.body, Some(RequestBody::Stream { .. }))) {
        Some("no engine streams a request's body over HTTP/1.1")
    } else if settings.permit_mixed_content || settings.no_referrers {
        Some("a setting that the browser does not have")
    } else if settings.accept_language.is_some() || settings.user_agent.is_some() {
        Some("the browser has a language and a name of its own")
    } else if steps.iter().any(|step| step.after > PATIENCE) {
        Some("nobody waits so long")
    } else {
        None
    }
}

/// Whether a server challenges a request that takes credentials along.
fn asks_for_a_password(scenario: &Scenario) -> bool {
    let challenges = |servers: &Servers| {
        let mut lines = servers.0.iter().filter(|it| it.status == Some(401)).flat_map(|it| &it.headers);
        lines.any(|(name, _)| name.0.eq_ignore_ascii_case("www-authenticate"))
    };
    scenario.steps().iter().any(|step| {
        step.request.credentials == Credentials::Include
            && challenges(step.server.as_ref().unwrap_or(&scenario.server))
    })
}

/// Whether a page is of a host that wants https, and is not.
fn page_is_upgraded(scenario: &Scenario) -> bool {
    let Some(host) = scenario.page.url.strip_prefix("http://") else { return false };
    scenario.settings.hsts.iter().any(|known| known.trim_start_matches("*.") == host)
        && scenario.steps().iter().any(|step| step.request.url.contains(host))
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
fn chain(documents: &mut BTreeMap<String, Document>, hops: Vec<Hop>, goal: &str, _naming: Naming) -> String {
    hops.into_iter().rev().fold(goal.to_owned(), |next, hop| {
        let url = format!("https://{}/conform{}", hop.host, hop.path);
        let mut headers = hop.headers;
        headers.push(("location".to_owned(), next));
        headers.push(("cache-control".to_owned(), "no-store".to_owned()));
        documents.insert(url.clone(), Document { status: 303, headers, body: String::new() });
        url
    })
}

/// The documents that make up a page, and the symbolic URL to begin at.
pub(crate) fn documents(
    page: &Page,
    cases: &Value,
    naming: Naming,
) -> Result<(String, Vec<(String, Document)>), RigError> {
    let report = format!("https://{RIG}/");
    let plan = json!({ "cases": cases, "report": report });
    let inner = html(&plan);
    if page.url == "null" {
        let top = "https://top.test/".to_owned();
        let plan = json!({ "frame": { "srcdoc": inner }, "report": report });
        let document = Document { status: 200, headers: headers(page), body: html(&plan) };
        return Ok((top.clone(), vec![(top, document)]));
    }
    let url = normal(&page.url)?;
    let document = Document { status: 200, headers: headers(page), body: inner };
    let mut documents = vec![(without_secrets(&url), document)];
    let Some(top) = &page.top else { return Ok((url.into(), documents)) };
    let top = normal(top)?;
    let plan = json!({ "frame": { "src": naming.outward(url.as_str()) }, "report": report });
    let wrapper = Document { status: 200, headers: headers(&Page::default()), body: html(&plan) };
    documents.push((without_secrets(&top), wrapper));
    Ok((top.into(), documents))
}

fn normal(url: &str) -> Result<Url, RigError> {
    url.parse().map_err(|error| RigError::Scenario(format!("{url}: {error}")))
}

fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    // Both fail only for URLs that have no host.
    let _ = (url.set_username(""), url.set_password(None));
    url.into()
}

fn headers(page: &Page) -> Vec<(String, String)> {
    let mut headers = vec![
        ("content-type".to_owned(), "text/html;charset=utf-8".to_owned()),
        ("cache-control".to_owned(), "no-store".to_owned()),
    ];
    if let Some(policy) = &page.referrer_policy {
        headers.push(("referrer-policy".to_owned(), policy.clone()));
    }
    for policy in &page.csp {
        // The page's own script has to run under any policy.
        let script = if policy.contains("default-src") { "; script-src 'unsafe-inline'" } else { "" };
        headers.push(("content-security-policy".to_owned(), format!("{policy}{script}")));
    }
    let embedder = match page.embedder_policy {
        EmbedderPolicy::UnsafeNone => return headers,
        EmbedderPolicy::Credentialless => "credentialless",
        EmbedderPolicy::RequireCorp => "require-corp",
    };
    headers.push(("cross-origin-embedder-policy".to_owned(), embedder.to_owned()));
    headers
}

fn html(plan: &Value) -> String {
    // No `<` of the plan can end the script.
    let plan = plan.to_string().replace('<', "\\u003c");
    format!(
        "<!doctype html><meta charset=utf-8><link rel=icon href=\"data:,\"><script>const plan = {plan};\n{SCRIPT}</script>"
    )
}

/// A request, in the page's words.
pub(crate) fn told(request: &Request, after: u64, naming: Naming, timing: bool) -> Value {
    let mut init = serde_json::Map::new();
    let mut set = |name: &str, value: &str| {
        init.insert(name.to_owned(), Value::from(value));
    };
    if let Some(method) = &request.method {
        set("method", method);
    }
    match request.credentials {
        Credentials::SameOrigin => {}
        Credentials::Omit => set("credentials", "omit"),
        Credentials::Include => set("credentials", "include"),
    }
    match request.mode {
        Mode::Cors => {}
        Mode::NoCors => set("mode", "no-cors"),
        Mode::SameOrigin => set("mode", "same-origin"),
    }
    match request.redirect {
        Redirect::Follow => {}
        Redirect::Error => set("redirect", "error"),
        Redirect::Manual => set("redirect", "manual"),
    }
    match request.cache {
        CacheMode::Default => {}
        CacheMode::NoStore => set("cache", "no-store"),
        CacheMode::Reload => set("cache", "reload"),
        CacheMode::NoCache => set("cache", "no-cache"),
        CacheMode::ForceCache => set("cache", "force-cache"),
        CacheMode::OnlyIfCached => set("cache", "only-if-cached"),
    }
    match request.referrer.as_deref() {
        None => {}
        Some("no-referrer") => set("referrer", ""),
        Some(url) => set("referrer", &naming.outward(url)),
    }
    if let Some(policy) = &request.referrer_policy {
        set("referrerPolicy", policy);
    }
    let headers: Vec<(String, String)> =
        request.headers.iter().map(|(name, value)| (name.0.clone(), naming.outward(&value.0))).collect();
    let body = match &request.body {
        Some(RequestBody::Source { text, kind }) => json!({ "text": text, "type": kind }),
        _ => Value::Null,
    };
    json!({
        "url": naming.outward(&request.url), "init": init, "headers": headers, "body": body, "wait": after,
        "limit": LIMIT, "timing": timing, "xhr": request.upload_listener || request.url_credentials,
        "listener": request.upload_listener,
    })
}

/// What a page reported: for each case, what became of its steps.
pub(crate) fn seen(report: &str, naming: Naming) -> Result<Vec<Vec<Ended>>, RigError> {
    let cases: Vec<Vec<Seen>> =
        serde_json::from_str(report).map_err(|error| RigError::BadReport(format!("{error}: {report}")))?;
    Ok(cases.into_iter().map(|steps| steps.into_iter().map(|seen| ended(seen, naming)).collect()).collect())
}

fn ended(seen: Seen, naming: Naming) -> Ended {
    let outcome = match seen.outcome.as_str() {
        "ok" => Outcome::Ok,
        "refused" => Outcome::Refused,
        _ => Outcome::Fail,
    };
    let mut end = Ended::without_response(outcome, None);
    if seen.outcome == "hang" {
        end.reason = Some("no end within the time".to_owned());
    }
    end.kind = seen.r#type;
    end.status = seen.status;
    end.url = seen.url.map(|url| naming.inward(&url));
    end.redirected = seen.redirected;
    end.headers = seen.headers.into_iter().map(|(name, value)| (name, naming.inward(&value))).collect();
    end.body = match seen.body.as_deref() {
        Some("readable" | "broken") => Some(BodyKind::Readable),
        Some("null") => Some(BodyKind::Null),
        Some(_) => Some(BodyKind::Withheld),
        None => None,
    };
    end.timing = match seen.timing.as_deref() {
        Some("allowed") => Some(TimingAccess::Allowed),
        Some(_) => Some(TimingAccess::Withheld),
        None => None,
    };
    end
}
