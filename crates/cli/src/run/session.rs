//! Runs a job in this process.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crossing::browser::{Client, Profile, Prompts, Settings, Tracing};
use crossing::{Reason, Value};
use crossing_agent::{Agent, Recording};
use crossing_js::{
    ConsoleLevel, Conversation, ConversationEnd, Error, Limits, Opened, Page, Runtime, RuntimeBuilder,
};
use url::Url;

use super::job::{Item, Job, Location, TraceLevel};
use super::line_sink::{LineSink, Stream};
use super::run_error::RunError;
use crate::output::Exit;

/// The size of the HTTP cache, in bytes.
const HTTP_CACHE: usize = 64 << 20;

struct Script {
    name: String,
    source: String,
}

/// Runs the job with this agent.
pub(super) fn run(job: Job, agent: Agent, sink: LineSink) -> Exit {
    let report = |error: &RunError| {
        sink.write_line(Stream::Err, &format!("crossing: {error}"));
        Exit::Unknown
    };
    let (scripts, mut runtime) = match prepare(job, agent, sink) {
        Ok(prepared) => prepared,
        Err(error) => return report(&error),
    };
    let ran = scripts.iter().try_for_each(|script| runtime.run_script(&script.name, &script.source));
    match ran.and_then(|()| runtime.run_until_idle()) {
        Ok(()) => Exit::Yes,
        // The runtime has reported it already.
        Err(Error::Uncaught(_)) => Exit::No,
        Err(error @ Error::TimeOver(_)) => report(&RunError::Script(error)),
        Err(error) => {
            report(&RunError::Script(error));
            Exit::No
        }
    }
}

/// The agent of a job. Nothing is read from the disk after this.
pub(super) fn agent(job: &Job) -> Result<Agent, RunError> {
    let settings = Settings {
        profile: Profile::from_name(&job.profile).unwrap_or_default(),
        accept_language: Some(Value::from_static("en")),
        tracing: Tracing::Off,
        ..crossing_agent::default_settings()
    };
    // A fetch before the script starts may take as long as the script, and no longer.
    let (time, most) = (timeout(job), crossing_agent::Limits::default());
    let (connect, head, total) = (most.connect.min(time), most.head.min(time), most.total.min(time));
    let limits = most.connect(connect).head(head).total(total).body(job.max_body);
    let builder = Agent::builder().settings(settings).limits(limits);
    let mut builder = builder.recording(Recording::On).http_cache(HTTP_CACHE);
    for text in &job.resolve {
        builder = builder.resolve(text.parse().map_err(RunError::ResolveFlag)?);
    }
    if let Some(file) = &job.cacert {
        builder = builder.ca_file(file);
    }
    builder.build().map_err(|error| RunError::Script(Error::Agent(error)))
}

fn timeout(job: &Job) -> Duration {
    Duration::try_from_secs_f64(job.timeout).unwrap_or(Duration::MAX)
}

/// A function that writes lines.
pub(super) trait WriteLine: Fn(Stream, &str) + Clone + 'static {}
impl<F: Fn(Stream, &str) + Clone + 'static> WriteLine for F {}

/// A runtime within these limits, which writes its console, its errors and its conversations. The trace level may change
/// while it runs.
pub(super) fn runtime_builder(
    agent: Agent,
    limits: Limits,
    trace_level: Rc<Cell<TraceLevel>>,
    write_line: impl WriteLine,
) -> RuntimeBuilder {
    let [console, uncaught, notice] = [(); 3].map(|()| write_line.clone());
    Runtime::builder()
        .agent(agent)
        .limits(limits)
        .on_console(move |level, line| {
            let stream = if level == ConsoleLevel::Log { Stream::Out } else { Stream::Err };
            console(stream, line);
        })
        .on_uncaught(move |error| uncaught(Stream::Err, error.to_string().trim_end()))
        .on_notice(move |text| notice(Stream::Err, &format!("crossing: {text}")))
        .on_conversation(move |conversation| {
            if let Some(text) = trace_text(&conversation, trace_level.get()) {
                write_line(Stream::Err, &text);
            }
        })
}

fn prepare(job: Job, agent: Agent, sink: LineSink) -> Result<(Vec<Script>, Runtime), RunError> {
    let limits = Limits::default().time(timeout(&job));
    let trace_level = Rc::new(Cell::new(job.trace_level));
    let builder = runtime_builder(agent.clone(), limits, trace_level, move |stream, line: &str| {
        sink.write_line(stream, line);
    });
    let builder = builder.on_unresponsive(move || {
        sink.write_line(Stream::Err, &format!("crossing: {}", Error::TimeOver(limits)));
        std::process::exit(2);
    });
    let mut client = client(&job.location)?;
    let (mut scripts, mut pages, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let is_alone = job.items.len() == 1;
    for item in job.items {
        match item {
            Item::Script { name, source } => scripts.push(Script { name, source }),
            Item::Page { html, files } => {
                let client = client.clone().unwrap_or_else(|| Client::new(crossing::Origin::Opaque));
                let mut page = Page::new(client, &html);
                for (url, text) in files {
                    page = page.file(target_url(&url)?, text.into_bytes());
                }
                pages.push(page);
            }
            Item::Url(url) => {
                let trace = |conversation: Conversation| {
                    if job.trace_level == TraceLevel::All {
                        sink.write_line(Stream::Err, &conversation.to_string());
                    }
                };
                match crossing_js::open(&agent, &target_url(&url)?, trace).map_err(RunError::Open)? {
                    Opened::Page(_) if !is_alone => return Err(RunError::PageAmongScripts(url)),
                    Opened::Page(_) if client.is_some() => return Err(RunError::PageElsewhere(url)),
                    Opened::Page(page) => pages.push(*page),
                    Opened::Script { url, source } => {
                        scripts.push(Script { name: url.to_string(), source });
                        found.push(url);
                    }
                }
            }
        }
    }
    if client.is_none() {
        client = found.into_iter().next().map(Client::at);
    }
    let builder = client.into_iter().fold(builder, RuntimeBuilder::client);
    let builder = pages.into_iter().fold(builder, RuntimeBuilder::page);
    Ok((scripts, builder.build().map_err(RunError::Script)?))
}

/// The client of a script, if the location names one.
pub(super) fn client(location: &Location) -> Result<Option<Client>, RunError> {
    Ok(match location {
        Location::Found(None) => None,
        Location::Found(Some(url)) => Some(Client::at(target_url(url)?)),
        Location::Url(url) => Some(Client::at(flag_url(url)?)),
        Location::UrlWithPrompts(url) => {
            Some(Client { prompts: Prompts::Interactive, ..Client::at(flag_url(url)?) })
        }
        Location::Origin(origin) => {
            Some(Client::new(crossing::Origin::parse(origin).map_err(RunError::OriginFlag)?))
        }
    })
}

/// The value of `--url`.
fn flag_url(text: &str) -> Result<Url, RunError> {
    Url::parse(text).map_err(|error| RunError::UrlFlag(text.to_owned(), error))
}

fn target_url(text: &str) -> Result<Url, RunError> {
    Url::parse(text).map_err(|error| RunError::Target(text.to_owned(), error))
}

/// The text about a conversation: the whole of it, or why it failed, which the script cannot see.
fn trace_text(conversation: &Conversation, level: TraceLevel) -> Option<String> {
    match (&conversation.end, level) {
        (ConversationEnd::Failed(error), TraceLevel::All) if error.failure.reason == Reason::BodyTooLarge => {
            Some(format!("{conversation}\n  fix: {}", fix(error.failure.reason)))
        }
        (_, TraceLevel::All) => Some(conversation.to_string()),
        (ConversationEnd::Responded { .. }, TraceLevel::Failures) => None,
        (ConversationEnd::Failed(error), TraceLevel::Failures) => {
            let reason = error.failure.reason;
            let request = conversation.request();
            Some(format!("crossing: {request}: {}: {error}\n  fix: {}", reason.code(), fix(reason)))
        }
    }
}

fn fix(reason: Reason) -> &'static str {
    match reason {
        Reason::BodyTooLarge => "Raise the limit with --max-body.",
        reason => reason.fix(),
    }
}
