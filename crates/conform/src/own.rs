//! Our own browser: each step is a script, run by `crossing-js` over the agent and real sockets.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crossing::browser::{Profile, Prompts, UserPassword};
use crossing_agent::{Agent, Recording, ResolveOverride, StreamedUploads, VirtualClock};
use crossing_conformance::translate::{client, settings};
use crossing_conformance::{BrowserSuite, Observed, Report, Scenario};
use crossing_js::Runtime;
use serde_json::json;
use url::Url;

use crate::certificate::Authority;
use crate::naming::Naming;
use crate::page::{script, seen, told};
use crate::play::part;
use crate::rig_error::RigError;
use crate::server::open;
use crate::stage::{Entry, Stage};

/// Every port that a scenario names; each leads to the one server, which is told the name by `Host`.
const PORTS: [u16; 8] = [80, 443, 2, 3000, 8080, 8443, 10081, 65535];

/// Plays scenarios as scripts in our own browser.
#[derive(Debug)]
pub struct OwnPlayer {
    stage: Arc<Stage>,
    address: SocketAddr,
    profile: Profile,
}

impl OwnPlayer {
    /// Opens the servers.
    ///
    /// # Errors
    /// No port can be had.
    pub fn start(profile: Profile) -> Result<OwnPlayer, RigError> {
        let authority = Arc::new(Authority::new().map_err(RigError::Start)?);
        let stage = Arc::new(Stage::new(Vec::new()));
        let address = open(Arc::clone(&stage), &authority).map_err(RigError::Start)?;
        Ok(OwnPlayer { stage, address, profile })
    }

    /// Plays a suite's scenarios and compares.
    ///
    /// # Errors
    /// A scenario is none, or no script can be run.
    pub fn play(&self, suite: &BrowserSuite) -> Result<Report, RigError> {
        suite.try_run(self.profile.name, |scenario| {
            let played = self.play_one(scenario);
            played.map_err(|problem| {
                RigError::Scenario(format!("{} ({}): {problem}", scenario.id, scenario.place))
            })
        })
    }

    fn play_one(&self, scenario: &Scenario) -> Result<crossing_conformance::Played, String> {
        let clock = VirtualClock::default();
        let agent = self.agent(scenario, &clock)?;
        let naming = Naming::SYMBOLIC;
        self.stage.put(naming, Entry { parts: vec![part("/", &scenario.server)], ..Entry::default() });
        let mut observed = Vec::new();
        for (at, step) in scenario.steps().into_iter().enumerate() {
            clock.advance(Duration::from_secs(step.after));
            if let Some(servers) = &step.server {
                self.stage.with(naming, |entry| entry.parts = vec![part("/", servers)]);
            }
            let prompts = if scenario.person.is_some() { Prompts::Interactive } else { Prompts::Unavailable };
            let mut page = client(step.page.as_ref().unwrap_or(&scenario.page), prompts)?;
            page.document = if scenario.one_page { 0 } else { at as u64 };
            let heard = Rc::new(RefCell::new(String::new()));
            let hears = Rc::clone(&heard);
            let mut runtime = Runtime::builder()
                .client(page)
                .agent(agent.clone())
                .on_console(move |_, line| line.clone_into(&mut hears.borrow_mut()))
                .build()
                .map_err(|error| error.to_string())?;
            let plan = json!({ "cases": [[told(&step.request, naming, false)]], "console": true });
            runtime.run_script("page.js", &script(&plan)).map_err(|error| error.to_string())?;
            runtime.run_until_idle().map_err(|error| error.to_string())?;
            let mut ends = seen(&heard.borrow(), naming).map_err(|error| error.to_string())?;
            let end = ends.pop().and_then(|mut case| case.pop()).ok_or("the script reported nothing")?;
            let wire = self.stage.with(naming, |entry| std::mem::take(&mut entry.parts[0].sent));
            observed.push(Observed { end, wire: Some(wire), cookies: Some(cookies(&agent)) });
        }
        Ok(crossing_conformance::Played::Seen(observed))
    }

    /// A browser as the scenario begins with it.
    fn agent(&self, scenario: &Scenario, clock: &VirtualClock) -> Result<Agent, String> {
        let types = scenario.person.as_ref().and_then(|person| person.types.clone());
        let mut builder = Agent::builder()
            .settings(settings(&scenario.settings, self.profile)?)
            .clock(clock.clone())
            .recording(Recording::On)
            .streamed_uploads(StreamedUploads::AnyVersion)
            .prompt(move |_| types.clone().map(|it| UserPassword { user: it.user, password: it.password }))
            .dangerously_accept_any_certificate();
        for port in PORTS {
            builder = builder.resolve(ResolveOverride::new("*", port, self.address));
        }
        if scenario.settings.http_cache {
            builder = builder.http_cache(1 << 20);
        }
        let agent = builder.build().map_err(|error| error.to_string())?;
        for (host, list) in &scenario.cookies {
            let url =
                format!("https://{host}/").parse::<Url>().map_err(|error| format!("{host}: {error}"))?;
            for pair in list.split("; ") {
                agent.cookies(|jar| jar.add(&url, pair)).map_err(|error| error.to_string())?;
            }
        }
        for (origin, login) in &scenario.auth {
            let url = origin.parse::<Url>().map_err(|error| format!("{origin}: {error}"))?;
            agent.add_password(&url, &login.user, &login.password);
        }
        Ok(agent)
    }
}

fn cookies(agent: &Agent) -> BTreeMap<String, String> {
    let mut by_host: BTreeMap<String, String> = BTreeMap::new();
    agent.cookies(|jar| {
        for cookie in jar.iter() {
            let list = by_host.entry(cookie.domain.clone()).or_default();
            let separator = if list.is_empty() { "" } else { "; " };
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            list.push_str(&format!("{separator}{}={}", text(&cookie.name), text(&cookie.value)));
        }
    });
    by_host
}
