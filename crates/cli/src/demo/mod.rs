//! `crossing demo`: every rule of CORS, played live.

pub(crate) mod case;
pub(crate) mod cases;
mod observed;
mod script;
pub(crate) mod servers;
mod table;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossing::browser::{Client, Request, RequestError, Settings, Tracing};
use crossing::{Origin, OriginError, Value};
use crossing_agent::{Agent, BuildError, CookieError, Recording, VirtualClock};
use serde::Serialize;

use crate::args::{DemoArgs, Way};
use crate::asking::{Told, ask};
use crate::document::ExchangeDocument;
use crate::output::{self, Exit};
use crate::text::{Paint, width};
use case::{API, Ask, Case, Knows, Page};
use observed::Observed;
use servers::Servers;

/// What `--json` prints.
#[derive(Serialize)]
struct DemoDocument {
    cases: Vec<CaseDocument>,
    ok: usize,
    failed: usize,
}

#[derive(Serialize)]
struct CaseDocument {
    id: &'static str,
    title: &'static str,
    expected: String,
    got: String,
    ok: bool,
    exchanges: Vec<ExchangeDocument>,
}

/// A case that was played.
struct Played {
    case: &'static Case,
    expected: Observed,
    got: Observed,
    exchanges: Vec<ExchangeDocument>,
}

impl Played {
    fn is_as_expected(&self) -> bool {
        self.expected == self.got
    }
}

/// Plays everything, tells, and says with which exit code to end.
pub(crate) async fn run(args: &DemoArgs) -> Exit {
    let chapters = match play_all(args.way()).await {
        Ok(chapters) => chapters,
        Err(obstacle) => return output::cannot_tell(&format!("the demo cannot be played: {obstacle}")),
    };
    let failed = chapters.iter().flat_map(|(_, played)| played).filter(|p| !p.is_as_expected()).count();
    if args.json {
        output::print_json(&document(chapters));
    } else {
        output::print(table::draw(&chapters, width(), Paint::for_stdout()).as_bytes());
    }
    if failed == 0 { Exit::Yes } else { Exit::No }
}

fn document(chapters: Vec<(&str, Vec<Played>)>) -> DemoDocument {
    let played = chapters.into_iter().flat_map(|(_, played)| played);
    let cases: Vec<CaseDocument> = played
        .map(|played| CaseDocument {
            id: played.case.id,
            title: played.case.title,
            expected: played.expected.to_string(),
            got: played.got.to_string(),
            ok: played.is_as_expected(),
            exchanges: played.exchanges,
        })
        .collect();
    let ok = cases.iter().filter(|case| case.ok).count();
    DemoDocument { ok, failed: cases.len() - ok, cases }
}

/// Why a case cannot be played at all.
#[derive(Debug)]
enum Obstacle {
    Servers(io::Error),
    Agent(BuildError),
    Page(OriginError),
    Url(url::ParseError),
    Request(RequestError),
    Cookie(CookieError),
    Policy(crossing::server::PolicyErrors),
    Script(script::Silence),
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Obstacle::Servers(error) => write!(f, "no socket on loopback: {error}"),
            Obstacle::Agent(error) => error.fmt(f),
            Obstacle::Page(error) => error.fmt(f),
            Obstacle::Url(error) => error.fmt(f),
            Obstacle::Request(error) => error.fmt(f),
            Obstacle::Cookie(error) => error.fmt(f),
            Obstacle::Policy(errors) => errors.fmt(f),
            Obstacle::Script(silence) => silence.fmt(f),
        }
    }
}

async fn play_all(way: Way) -> Result<Vec<(&'static str, Vec<Played>)>, Obstacle> {
    let servers = Servers::start().await.map_err(Obstacle::Servers)?;
    let mut chapters = Vec::with_capacity(cases::CHAPTERS.len());
    for chapter in cases::CHAPTERS {
        let mut played = Vec::with_capacity(chapter.cases.len());
        for case in chapter.cases {
            played.push(play(case, &servers, way).await?);
        }
        chapters.push((chapter.title, played));
    }
    Ok(chapters)
}

/// Plays one case, in a browser of its own.
async fn play(case: &'static Case, servers: &Servers, way: Way) -> Result<Played, Obstacle> {
    servers.stage(case).map_err(Obstacle::Policy)?;
    let clock = VirtualClock::default();
    let agent = browser(&case.page, servers, &clock)?;
    let page = Client {
        referrer_policy: case.page.referrer_policy,
        ..Client::new(Origin::parse(case.page.origin).map_err(Obstacle::Page)?)
    };
    let told = match way {
        Way::Core => ask_all(case, &agent, &Arc::new(page), &clock).await?,
        Way::Script => {
            // A script blocks its thread; the servers go on in this one.
            let played = tokio::task::spawn_blocking(move || script::play(case, agent, page, &clock));
            played.await.map_err(io::Error::other).map_err(Obstacle::Servers)?.map_err(Obstacle::Script)?
        }
    };
    Ok(Played {
        case,
        expected: Observed::promised(case),
        got: Observed::seen(case, &told, &servers.heard()),
        exchanges: told.iter().flat_map(|told| told.exchange_documents()).collect(),
    })
}

async fn ask_all(
    case: &Case,
    agent: &Agent,
    page: &Arc<Client>,
    clock: &VirtualClock,
) -> Result<Vec<Told>, Obstacle> {
    let mut told = Vec::with_capacity(case.asks.len());
    for question in case.asks {
        clock.advance(Duration::from_secs(question.after));
        let body = question.body.map(|body| body.as_bytes().to_vec());
        told.push(ask(agent, page, request(question)?, body).await);
    }
    Ok(told)
}

fn browser(page: &Page, servers: &Servers, clock: &VirtualClock) -> Result<Agent, Obstacle> {
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
    let agent = builder.build().map_err(Obstacle::Agent)?;
    if page.knows == Knows::CookieAndPassword {
        let url = API.parse().map_err(Obstacle::Url)?;
        agent.add_password(&url, "anna", "secret");
        agent.cookies(|jar| jar.add(&url, "sid=1")).map_err(Obstacle::Cookie)?;
    }
    Ok(agent)
}

fn request(ask: &Ask) -> Result<Request, Obstacle> {
    let url = format!("{}/hello", ask.to).parse().map_err(Obstacle::Url)?;
    let mut builder = Request::builder(url)
        .method(ask.method)
        .mode(ask.mode)
        .credentials(ask.credentials)
        .redirect(ask.redirect);
    for (name, value) in ask.headers {
        builder = builder.header(name, value);
    }
    if let Some(body) = ask.body {
        builder = builder.body(body.len() as u64, Some(Value::from_static("text/plain;charset=UTF-8")));
    }
    if ask.preflight == crossing::browser::ForcedPreflight::Yes {
        builder = builder.forced_preflight();
    }
    builder.build().map_err(Obstacle::Request)
}
