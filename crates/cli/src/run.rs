//! `crossing run`: scripts, with a browser's `fetch` and `XMLHttpRequest`.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossing::browser::{Client, Profile, Prompts, Settings, Tracing};
use crossing::{Origin, OriginError, Value};
use crossing_agent::{Agent, Override, OverrideError, Recording};
use crossing_js::{Builder, Conversation, Error, Level, Limits, Runtime};
use url::Url;

use crate::args::RunArgs;
use crate::output::{self, Exit};

/// The largest HTTP cache, in bytes.
const HTTP_CACHE: usize = 64 << 20;

/// A script to run.
struct Script {
    name: String,
    source: String,
}

/// Runs, tells, and says with which exit code to end.
pub(crate) fn run(args: &RunArgs) -> Exit {
    let (scripts, mut runtime) = match prepare(args) {
        Ok(prepared) => prepared,
        Err(mistake) => return output::cannot_tell(&mistake.to_string()),
    };
    let ran = scripts.iter().try_for_each(|script| runtime.run_script(&script.name, &script.source));
    match ran.and_then(|()| runtime.run_until_idle()) {
        Ok(()) => Exit::Yes,
        // It has been told already.
        Err(Error::Uncaught(_)) => Exit::No,
        Err(error @ Error::TimeOver(_)) => output::cannot_tell(&error.to_string()),
        Err(error) => {
            output::complain(&format!("crossing: {error}"));
            Exit::No
        }
    }
}

fn prepare(args: &RunArgs) -> Result<(Vec<Script>, Runtime), Mistake> {
    let scripts = scripts(args)?;
    let builder = place(Runtime::builder(), args)?;
    let time = Duration::try_from_secs_f64(args.timeout).unwrap_or(Duration::MAX);
    let limits = Limits { time, ..Limits::default() };
    let mut builder = builder
        .agent(agent(args)?)
        .limits(limits)
        .on_overrun(move || {
            output::complain(&format!("crossing: {}", Error::TimeOver(limits)));
            std::process::exit(2);
        })
        .on_console(say)
        .on_uncaught(|error| output::complain(&error.to_string()));
    if args.trace {
        builder = builder.on_conversation(trace);
    }
    Ok((scripts, builder.build().map_err(Mistake::Start)?))
}

fn scripts(args: &RunArgs) -> Result<Vec<Script>, Mistake> {
    if let Some(code) = &args.eval {
        return Ok(vec![Script { name: "-e".to_owned(), source: code.clone() }]);
    }
    let read = |file: &PathBuf| match std::fs::read_to_string(file) {
        Ok(source) => Ok(Script { name: file.display().to_string(), source }),
        Err(error) => Err(Mistake::File(file.clone(), error)),
    };
    args.files.iter().map(read).collect()
}

/// Where the script believes to be: at `--url`, at the root of `--origin`, or at its own file.
fn place(builder: Builder, args: &RunArgs) -> Result<Builder, Mistake> {
    if let Some(url) = &args.url {
        let url = Url::parse(url).map_err(|error| Mistake::Url(url.clone(), error))?;
        let prompts = if args.prompts { Prompts::Person } else { Prompts::Nobody };
        return Ok(builder.client(Client { prompts, ..Client::at(url) }));
    }
    if let Some(origin) = &args.origin {
        return Ok(builder.origin(Origin::parse(origin).map_err(Mistake::Origin)?));
    }
    let file = args.files.first().and_then(|file| Url::from_file_path(absolute(file)).ok());
    Ok(file.into_iter().fold(builder, Builder::url))
}

fn absolute(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}

fn agent(args: &RunArgs) -> Result<Agent, Mistake> {
    let settings = Settings {
        profile: Profile::from_name(&args.profile).unwrap_or_default(),
        accept_language: Some(Value::from_static("en")),
        tracing: Tracing::Off,
        ..crossing_agent::settings()
    };
    let mut builder = Agent::builder().settings(settings).recording(Recording::On).http_cache(HTTP_CACHE);
    for text in &args.resolve {
        let to: Override = text.parse().map_err(Mistake::Resolve)?;
        builder = builder.resolve(to);
    }
    if let Some(file) = &args.cacert {
        builder = builder.ca_file(file);
    }
    builder.build().map_err(|error| Mistake::Start(Error::Agent(error)))
}

/// The console: what is logged goes to standard output, warnings and errors to standard error.
fn say(level: Level, line: &str) {
    match level {
        Level::Log => output::print(format!("{line}\n").as_bytes()),
        Level::Warning | Level::Error => output::complain(line),
    }
}

fn trace(conversation: Conversation) {
    // Nobody is left to be told if that fails.
    let _ = writeln!(io::stderr().lock(), "{conversation}");
}

/// Why nothing is run.
enum Mistake {
    File(PathBuf, io::Error),
    Url(String, url::ParseError),
    Origin(OriginError),
    Resolve(OverrideError),
    Start(Error),
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mistake::File(file, error) => write!(f, "{}: {error}", file.display()),
            Mistake::Url(url, error) => write!(f, "--url '{}': {error}", crate::text::shorten(url)),
            Mistake::Origin(error) => write!(f, "--origin: {error}"),
            Mistake::Resolve(error) => write!(f, "--resolve: {error}"),
            Mistake::Start(error) => error.fmt(f),
        }
    }
}
