//! `crossing conform`: the conformance suite, played in our own browser and in real ones.

use crossing::browser::Profile;
use crossing_conform::{Engine, Player};
use crossing_testkit::{BrowserSuite, CoreRunner, Difference, Report};
use serde::Serialize;

use crate::args::ConformArgs;
use crate::output::{self, Exit};

/// What `--json` prints.
#[derive(Serialize)]
struct Document {
    engines: Vec<EngineDocument>,
}

#[derive(Serialize)]
struct EngineDocument {
    engine: &'static str,
    version: String,
    /// How many were played.
    scenarios: usize,
    agree: usize,
    disagree: Vec<DisagreementDocument>,
    /// Divergences that no longer hold.
    stale: Vec<String>,
    /// Those that this engine cannot play.
    not_played: Vec<NotPlayedDocument>,
}

#[derive(Serialize)]
struct DisagreementDocument {
    name: String,
    expected: String,
    got: String,
}

#[derive(Serialize)]
struct NotPlayedDocument {
    name: String,
    reason: &'static str,
}

/// Plays, tells, and says with which exit code to end.
pub(crate) fn run(args: &ConformArgs) -> Exit {
    let mut suite = match BrowserSuite::load(&args.scenarios) {
        Ok(suite) => suite,
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    if let Some(text) = &args.only {
        suite.scenarios.retain(|scenario| scenario.id.contains(text.as_str()));
        suite.divergences.retain(|known| known.scenario.contains(text.as_str()));
    }
    let mut document = Document { engines: Vec::new() };
    let mut exit = Exit::Yes;
    for name in names(&args.browser) {
        let (engine, version, report) = match played(&suite, name) {
            Ok(played) => played,
            Err(message) => {
                exit = output::cannot_tell(&format!("{name}: {message}"));
                continue;
            }
        };
        if !report.is_green() && exit == Exit::Yes {
            exit = Exit::No;
        }
        if args.json {
            document.engines.push(told(engine, version, report));
        } else {
            output::print(format!("{engine} ({version})\n{report}\n").as_bytes());
        }
    }
    if args.json {
        output::print_json(&document);
    }
    exit
}

/// The engines' names that a flag means.
fn names(browser: &str) -> Vec<&str> {
    match browser {
        "all" => ["own"].into_iter().chain(Engine::ALL.map(Engine::name)).collect(),
        name => vec![name],
    }
}

fn played(suite: &BrowserSuite, name: &str) -> Result<(&'static str, String, Report), String> {
    let Some(engine) = Engine::from_name(name) else {
        let runner = CoreRunner::new(Profile::consensus());
        let report = suite.try_run("consensus", |scenario| {
            runner.play(scenario).map_err(|error| format!("{}: {error}", scenario.id))
        })?;
        return Ok(("own", concat!("crossing ", env!("CARGO_PKG_VERSION")).to_owned(), report));
    };
    let mut player = Player::start(engine).map_err(|error| error.to_string())?;
    let report = suite.try_run(engine.name(), |scenario| {
        player.play(scenario).map_err(|error| format!("{}: {error}", scenario.id))
    })?;
    Ok((engine.name(), player.version().to_owned(), report))
}

fn told(engine: &'static str, version: String, report: Report) -> EngineDocument {
    let disagree: Vec<DisagreementDocument> =
        report.disagree.into_iter().map(|(_, name, differences)| disagreement(name, &differences)).collect();
    EngineDocument {
        engine,
        version,
        scenarios: report.agree + disagree.len(),
        agree: report.agree,
        disagree,
        stale: report.stale,
        not_played: report
            .unsupported
            .into_iter()
            .map(|(name, reason)| NotPlayedDocument { name, reason })
            .collect(),
    }
}

fn disagreement(name: String, differences: &[Difference]) -> DisagreementDocument {
    let joined = |side: fn(&Difference) -> &String| {
        let lines: Vec<String> = differences.iter().map(|it| format!("{}: {}", it.about, side(it))).collect();
        lines.join("\n")
    };
    DisagreementDocument { name, expected: joined(|it| &it.expected), got: joined(|it| &it.got) }
}
