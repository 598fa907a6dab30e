//! Runs the cases: each in a new browser, against the same servers.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossing::browser::{Client, ForcedPreflight, Request, Settings, Tracing};
use crossing::{Origin, Value};
use crossing_agent::{Agent, Recording, VirtualClock};

use super::case::{API, Case, CaseRequest, Page, StoredCredentials};
use super::cases::CHAPTERS;
use super::demo_error::DemoError;
use super::driver::Driver;
use super::observation::Observation;
use super::report::{CaseResult, ChapterReport, Report};
use super::script;
use super::servers::Servers;
use crossing_tools::conversation::{FetchRecord, ask};

/// Runs every case.
///
/// # Errors
///
/// If a case cannot run, for example because there is no free port.
pub async fn run(driver: Driver) -> Result<Report, DemoError> {
    let servers = Servers::start().await.map_err(DemoError::Servers)?;
    let mut chapters = Vec::with_capacity(CHAPTERS.len());
    for chapter in CHAPTERS {
        let mut results = Vec::with_capacity(chapter.cases.len());
        for case in chapter.cases {
            results.push(run_case(case, &servers, driver).await?);
        }
        chapters.push(ChapterReport { title: chapter.title, results });
    }
    Ok(Report { chapters })
}

async fn run_case(case: &'static Case, servers: &Servers, driver: Driver) -> Result<CaseResult, DemoError> {
    servers.configure(case).map_err(DemoError::Policy)?;
    let clock = VirtualClock::default();
    let agent = agent(&case.page, servers, &clock)?;
    let client = Client {
        referrer_policy: case.page.referrer_policy,
        ..Client::new(Origin::parse(case.page.origin).map_err(DemoError::Page)?)
    };
    let records = match driver {
        Driver::Core => fetch_all(case, &agent, &Arc::new(client), &clock).await?,
        Driver::Script => {
            // A script blocks its thread, and the servers run on this one.
            let run = tokio::task::spawn_blocking(move || script::run(case, agent, client, &clock));
            run.await.map_err(io::Error::other).map_err(DemoError::Servers)?.map_err(DemoError::Script)?
        }
    };
    Ok(CaseResult {
        case,
        expected: Observation::expected(case),
        observed: Observation::observed(case, &records, &servers.take_received()),
        exchanges: records.iter().flat_map(FetchRecord::exchange_documents).collect(),
    })
}

async fn fetch_all(
    case: &Case,
    agent: &Agent,
    client: &Arc<Client>,
    clock: &VirtualClock,
) -> Result<Vec<FetchRecord>, DemoError> {
    let mut records = Vec::with_capacity(case.requests.len());
    for request in case.requests {
        clock.advance(Duration::from_secs(request.after));
        let body = request.body.map(|body| body.as_bytes().to_vec());
        records.push(ask(agent, client, build(request)?, body).await);
    }
    Ok(records)
}

fn agent(page: &Page, servers: &Servers, clock: &VirtualClock) -> Result<Agent, DemoError> {
    let settings = Settings {
        referrers: page.referrers,
        mixed_content: page.mixed_content,
        tracing: Tracing::On,
        ..crossing_agent::default_settings()
    };
    let mut builder = Agent::builder().settings(settings).clock(clock.clone()).recording(Recording::On);
    for to in servers.overrides() {
        builder = builder.resolve(to);
    }
    let agent = builder.build().map_err(DemoError::Agent)?;
    if page.stored == StoredCredentials::CookieAndPassword {
        let url = API.parse().map_err(DemoError::Url)?;
        agent.add_password(&url, "anna", "secret");
        agent.cookies(|jar| jar.add(&url, "sid=1")).map_err(DemoError::Cookie)?;
    }
    Ok(agent)
}

fn build(request: &CaseRequest) -> Result<Request, DemoError> {
    let url = format!("{}/hello", request.to).parse().map_err(DemoError::Url)?;
    let mut builder = Request::builder(url)
        .method(request.method)
        .mode(request.mode)
        .credentials(request.credentials)
        .redirect(request.redirect);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    if let Some(body) = request.body {
        builder = builder.body(body.len() as u64, Some(Value::from_static("text/plain;charset=UTF-8")));
    }
    if request.preflight == ForcedPreflight::Yes {
        builder = builder.forced_preflight();
    }
    builder.build().map_err(DemoError::Request)
}
