//! `crossing conform`: the conformance suite, played in our own browser and in real ones.

use std::io::IsTerminal as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossing::browser::Profile;
use crossing_conform::{Engine, OwnPlayer, Player, Random, RandomReport};
use crossing_conformance::{BrowserSuite, Difference, Report};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::ConformArgs;
use crate::output::{self, Exit};
use crossing_tools::text::visible_lines;

/// What `--json` prints.
#[derive(Serialize)]
struct Document {
    engines: Vec<EngineDocument>,
}

#[derive(Serialize)]
struct EngineDocument {
    engine: &'static str,
    version: String,
    /// Of random cases: with it, they come again.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
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
    if let Err(error) = end_browsers_when_told_to_stop() {
        return output::cannot_tell(&format!("no signal can be waited for: {error}"));
    }
    if let Some(count) = args.random {
        if args.browser == "own" {
            return output::cannot_tell(
                "random cases compare a browser with our own: name it with --browser",
            );
        }
        return random(args, count);
    }
    if args.seed.is_some() {
        return output::cannot_tell("--seed says which random cases: give --random, too");
    }
    if args.profile.is_some() && args.browser != "own" {
        return output::cannot_tell("--profile is for --browser own: the others are what they are");
    }
    let suite = match suite(args) {
        Ok(suite) => suite,
        Err(message) => return output::cannot_tell(&visible_lines(&message)),
    };
    let mut document = Document { engines: Vec::new() };
    let mut exit = Exit::Yes;
    for name in names(&args.browser) {
        let (engine, version, report) = match played(args, &suite, name) {
            Ok(played) => played,
            Err(message) => {
                exit = output::cannot_tell(&visible_lines(&format!("{name}: {message}")));
                continue;
            }
        };
        if !report.is_green() && exit == Exit::Yes {
            exit = Exit::No;
        }
        if args.json {
            document.engines.push(told(engine, version, report));
        } else {
            print(&format!("{engine} ({version})\n{report}\n"));
        }
    }
    if args.json {
        output::print_json(&document);
    }
    exit
}

/// The scenarios that are asked for.
fn suite(args: &ConformArgs) -> Result<BrowserSuite, String> {
    let mut suite = match &args.scenarios {
        Some(directory) => loaded(directory)?,
        None => BrowserSuite::embedded().map_err(|error| error.to_string())?,
    };
    if let Some(text) = &args.only {
        suite.scenarios.retain(|scenario| scenario.id.contains(text.as_str()));
        suite.divergences.retain(|known| known.scenario.contains(text.as_str()));
        if suite.scenarios.is_empty() {
            return Err(format!("no scenario's name contains '{text}'"));
        }
    }
    Ok(suite)
}

fn loaded(directory: &Path) -> Result<BrowserSuite, String> {
    let wrong = |what: &str| format!("--scenarios '{}': {what}", directory.display());
    if !directory.is_dir() {
        return Err(wrong("not a directory; give the repository's scenarios/"));
    }
    let suite = BrowserSuite::load(directory).map_err(|error| wrong(&error.to_string()))?;
    match suite.scenarios.is_empty() {
        true => Err(wrong("there is no scenario in it")),
        false => Ok(suite),
    }
}

/// The most disagreements that are cut down before a run gives up.
const MOST_DISAGREEMENTS: usize = 12;

/// Says on a terminal how far a run is.
fn progress(report: &RandomReport) {
    if std::io::stderr().is_terminal() {
        let told = format!("{} played, {} agree", report.played, report.agree);
        output::complain(&told);
    }
}

/// Plays random cases.
fn random(args: &ConformArgs, count: u32) -> Exit {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seed = args.seed.unwrap_or_else(now);
    let mut document = Document { engines: Vec::new() };
    let mut exit = Exit::Yes;
    for name in names(&args.browser) {
        let Some(engine) = Engine::from_name(name) else { continue };
        let profile = Profile::from_name(name).unwrap_or_default();
        let random = Random { count: count as usize, seed, profile, most: MOST_DISAGREEMENTS };
        let played = Player::start(engine, Duration::from_secs(args.patience)).and_then(|mut player| {
            let report = random.run(&mut player, progress);
            tell_notes(name, &player);
            Ok((player.version().to_owned(), report?))
        });
        let (version, report) = match played {
            Ok(played) => played,
            Err(error) => {
                exit = output::cannot_tell(&visible_lines(&format!("{name}: {error}")));
                continue;
            }
        };
        if !report.disagree.is_empty() && exit == Exit::Yes {
            exit = Exit::No;
        }
        if !args.json {
            for it in &report.disagree {
                let lines = it.differences.iter().flat_map(|it| {
                    let side = |sign, text: &str| {
                        text.lines().map(|l| format!("  {sign} {l}\n")).collect::<String>()
                    };
                    [format!("  {}\n", it.about), side("-", &it.expected), side("+", &it.got)]
                });
                print(&format!("{}\n{}{}\n", it.name, it.scenario, lines.collect::<String>()));
            }
            let told = format!(
                "{name} ({version}), seed {seed}: {} cases, {} requests, {} agree, {} not (- ours, + seen)\n",
                report.played,
                report.requests,
                report.agree,
                report.played - report.agree
            );
            print(&told);
            if report.again > 0 {
                let told = format!(
                    "{name}: {} of them agree only when they are played once more, alone",
                    report.again
                );
                output::complain(&told);
            }
        }
        document.engines.push(EngineDocument {
            engine: engine.name(),
            version,
            seed: Some(seed),
            scenarios: report.played,
            agree: report.agree,
            disagree: report
                .disagree
                .into_iter()
                .map(|it| disagreement(format!("{}\n{}", it.name, it.scenario), &it.differences))
                .collect(),
            stale: Vec::new(),
            not_played: Vec::new(),
        });
    }
    if args.json {
        output::print_json(&document);
    }
    exit
}

/// A browser is a process group of its own, which Ctrl-C in a terminal does not reach: it must not stay behind.
fn end_browsers_when_told_to_stop() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
            let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else { return };
            let which = tokio::select! {
                _ = interrupt.recv() => SignalKind::interrupt(),
                _ = terminate.recv() => SignalKind::terminate(),
                _ = hangup.recv() => SignalKind::hangup(),
            };
            crossing_conform::end_browsers();
            // As a shell tells of a program that a signal has ended.
            std::process::exit(128 + which.as_raw_value());
        });
    })?;
    Ok(())
}

/// The engines' names that a flag means.
fn names(browser: &str) -> Vec<&str> {
    match browser {
        "all" => ["own"].into_iter().chain(Engine::ALL.map(Engine::name)).collect(),
        name => vec![name],
    }
}

fn played(
    args: &ConformArgs,
    suite: &BrowserSuite,
    name: &str,
) -> Result<(&'static str, String, Report), String> {
    let Some(engine) = Engine::from_name(name) else {
        let profile = args.profile.as_deref().and_then(Profile::from_name).unwrap_or_default();
        let player = OwnPlayer::start(profile).map_err(|error| error.to_string())?;
        // A browser may do what no switch expresses: there ours goes as the scenario says.
        let mut suite = suite.clone();
        suite.divergences.retain(|it| it.without_switch.is_none());
        let report = player.play(&suite).map_err(|error| error.to_string())?;
        return Ok(("own", concat!("crossing ", env!("CARGO_PKG_VERSION")).to_owned(), report));
    };
    let mut player =
        Player::start(engine, Duration::from_secs(args.patience)).map_err(|error| error.to_string())?;
    let report = player.play(suite);
    tell_notes(name, &player);
    let report = report.map_err(|error| error.to_string())?;
    Ok((engine.name(), player.version().to_owned(), report))
}

/// Writes to standard output. A browser may have said anything.
fn print(text: &str) {
    output::print(visible_lines(text).as_bytes());
}

/// What went wrong on the way and was mended.
fn tell_notes(name: &str, player: &Player) {
    for note in player.notes() {
        output::complain(&visible_lines(&format!("{name}: {note}")));
    }
}

fn told(engine: &'static str, version: String, report: Report) -> EngineDocument {
    let disagree: Vec<DisagreementDocument> =
        report.disagree.into_iter().map(|(_, name, differences)| disagreement(name, &differences)).collect();
    EngineDocument {
        engine,
        version,
        seed: None,
        scenarios: report.agree + disagree.len(),
        agree: report.agree,
        disagree,
        stale: report.stale.into_iter().map(|(name, what)| format!("{name} {what}")).collect(),
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
