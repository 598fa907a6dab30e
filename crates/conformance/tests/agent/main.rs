//! The browser scenarios on the agent, over real sockets: http and TLS on loopback, with a virtual clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod server;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossing::browser::{Profile, Prompts, UserPassword};
use crossing_agent::{Agent, RequestBody, ResolveOverride, StreamedUploads, VirtualClock};
use crossing_conformance::translate::{client, delivered, request, settings};
use crossing_conformance::{
    BrowserSuite, Ended, Observed, Outcome, Played, RequestBody as Body, Scenario, Script,
};
use server::Stage;
use url::Url;

/// Every port that a scenario names; each leads to the one server, which is told the name by `Host`.
const PORTS: [u16; 8] = [80, 443, 2, 3000, 8080, 8443, 10081, 65535];

#[test]
fn the_agent_does_what_all_browsers_do() {
    let suite = BrowserSuite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stage = Arc::new(Mutex::new(Stage::default()));
    let address = runtime.block_on(server::open(stage.clone()));
    let report = suite.run("consensus", |scenario| {
        runtime
            .block_on(play(scenario, address, &stage))
            .unwrap_or_else(|error| panic!("{} ({}): {error}", scenario.id, scenario.place))
    });
    assert!(report.is_green(), "\n{report}");
    println!("{report}");
}

async fn play(scenario: &Scenario, address: SocketAddr, stage: &Mutex<Stage>) -> Result<Played, String> {
    let steps = scenario.steps();
    let servers = steps.iter().filter_map(|step| step.server.as_ref()).chain([&scenario.server]);
    if servers.flat_map(|servers| &servers.0).any(|server| server.fails.is_some()) {
        return Ok(Played::Unsupported("a server that is there cannot be absent"));
    }
    let clock = VirtualClock::default();
    let types = scenario.person.as_ref().and_then(|person| person.types.clone());
    let mut builder = Agent::builder()
        .settings(settings(&scenario.settings, Profile::consensus())?)
        .clock(clock.clone())
        .prompt(move |_| types.clone().map(|it| UserPassword { user: it.user, password: it.password }))
        .streamed_uploads(StreamedUploads::AnyVersion)
        .dangerously_accept_any_certificate();
    for port in PORTS {
        builder = builder.resolve(ResolveOverride::new("*", port, address));
    }
    if scenario.settings.http_cache {
        builder = builder.http_cache(1 << 20);
    }
    let agent = builder.build().map_err(|error| error.to_string())?;
    for (host, list) in &scenario.cookies {
        let url = format!("https://{host}/").parse::<Url>().map_err(|error| format!("{host}: {error}"))?;
        for pair in list.split("; ") {
            agent.cookies(|jar| jar.add(&url, pair)).map_err(|error| error.to_string())?;
        }
    }
    for (origin, login) in &scenario.auth {
        let url = origin.parse::<Url>().map_err(|error| format!("{origin}: {error}"))?;
        agent.add_password(&url, &login.user, &login.password);
    }
    stage.lock().unwrap().script = Script::new(&scenario.server);
    let mut seen = Vec::new();
    for step in steps {
        clock.advance(Duration::from_secs(step.after));
        if let Some(servers) = &step.server {
            stage.lock().unwrap().script = Script::new(servers);
        }
        let prompts = if scenario.person.is_some() { Prompts::Interactive } else { Prompts::Unavailable };
        let page = Arc::new(client(step.page.as_ref().unwrap_or(&scenario.page), prompts)?);
        let end = match request(&step.request, &page)?.build() {
            Err(error) => Ended::without_response(Outcome::Refused, Some(error.to_string())),
            Ok(request) => {
                let body = match &step.request.body {
                    None => RequestBody::from(()),
                    Some(Body::Source { text, .. }) => RequestBody::from(text.clone()),
                    Some(Body::Stream { text }) => RequestBody::stream(RequestBody::from(text.clone())),
                };
                match agent.fetch(&page, request, body).await.result {
                    Ok(fetched) => {
                        let end = delivered(&fetched.response);
                        // A response enters the HTTP cache when it has come as a whole.
                        fetched.body.bytes().await.map_err(|error| error.to_string())?;
                        end
                    }
                    Err(error) => {
                        let code = error.failure.reason.code().to_owned();
                        Ended::without_response(Outcome::Fail, Some(code))
                    }
                }
            }
        };
        let mut stage = stage.lock().unwrap();
        if let Some(problem) = stage.problem.take() {
            return Err(problem);
        }
        seen.push(Observed {
            end,
            wire: Some(std::mem::take(&mut stage.sent)),
            cookies: Some(cookies(&agent)),
        });
    }
    Ok(Played::Seen(seen))
}

fn cookies(agent: &Agent) -> BTreeMap<String, String> {
    let mut by_host: BTreeMap<String, String> = BTreeMap::new();
    agent.cookies(|jar| {
        for cookie in jar.iter() {
            let list = by_host.entry(cookie.domain.clone()).or_default();
            let separator = if list.is_empty() { "" } else { "; " };
            let (name, value) =
                (String::from_utf8_lossy(&cookie.name), String::from_utf8_lossy(&cookie.value));
            list.push_str(&format!("{separator}{name}={value}"));
        }
    });
    by_host
}
