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

use super::job::{Item, Job, Place, Telling};
use super::mistake::Mistake;
use super::voice::{Stream, Voice};
use crate::output::Exit;

/// The largest HTTP cache, in bytes.
const HTTP_CACHE: usize = 64 << 20;

/// A script to run.
struct Script {
    name: String,
    source: String,
}

/// Runs the job with this browser, tells, and says with which exit code to end.
pub(super) fn run(job: Job, agent: Agent, voice: Voice) -> Exit {
    let mistaken = |mistake: &Mistake| {
        voice.say(Stream::Err, &format!("crossing: {mistake}"));
        Exit::Unknown
    };
    let (scripts, mut runtime) = match prepare(job, agent, voice) {
        Ok(prepared) => prepared,
        Err(mistake) => return mistaken(&mistake),
    };
    let ran = scripts.iter().try_for_each(|script| runtime.run_script(&script.name, &script.source));
    match ran.and_then(|()| runtime.run_until_idle()) {
        Ok(()) => Exit::Yes,
        // It has been told already.
        Err(Error::Uncaught(_)) => Exit::No,
        Err(error @ Error::TimeOver(_)) => mistaken(&Mistake::Run(error)),
        Err(error) => {
            mistaken(&Mistake::Run(error));
            Exit::No
        }
    }
}

/// The browser of a job. Nothing is read from the disk after this.
pub(super) fn agent(job: &Job) -> Result<Agent, Mistake> {
    let settings = Settings {
        profile: Profile::from_name(&job.profile).unwrap_or_default(),
        accept_language: Some(Value::from_static("en")),
        tracing: Tracing::Off,
        ..crossing_agent::default_settings()
    };
    // What is fetched before the script begins takes no longer than the script may.
    let (time, most) = (time(job), crossing_agent::Limits::default());
    let limits = crossing_agent::Limits {
        connect: most.connect.min(time),
        head: most.head.min(time),
        total: most.total.min(time),
        body: job.body,
    };
    let builder = Agent::builder().settings(settings).limits(limits);
    let mut builder = builder.recording(Recording::On).http_cache(HTTP_CACHE);
    for text in &job.resolve {
        builder = builder.resolve(text.parse().map_err(Mistake::Resolve)?);
    }
    if let Some(file) = &job.cacert {
        builder = builder.ca_file(file);
    }
    builder.build().map_err(|error| Mistake::Run(Error::Agent(error)))
}

fn time(job: &Job) -> Duration {
    Duration::try_from_secs_f64(job.seconds).unwrap_or(Duration::MAX)
}

/// Whoever says lines.
pub(super) trait Say: Fn(Stream, &str) + Clone + 'static {}
impl<F: Fn(Stream, &str) + Clone + 'static> Say for F {}

/// A runtime that says what it has to say, within these limits.
pub(super) fn telling(
    agent: Agent,
    limits: Limits,
    telling: Rc<Cell<Telling>>,
    say: impl Say,
) -> RuntimeBuilder {
    let [console, uncaught, notice] = [(); 3].map(|()| say.clone());
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
            if let Some(text) = told(&conversation, telling.get()) {
                say(Stream::Err, &text);
            }
        })
}

fn prepare(job: Job, agent: Agent, voice: Voice) -> Result<(Vec<Script>, Runtime), Mistake> {
    let limits = Limits { time: time(&job), ..Limits::default() };
    let builder =
        telling(agent.clone(), limits, Rc::new(Cell::new(job.telling)), move |stream, line: &str| {
            voice.say(stream, line)
        });
    let builder = builder.on_unresponsive(move || {
        voice.say(Stream::Err, &format!("crossing: {}", Error::TimeOver(limits)));
        std::process::exit(2);
    });
    let mut client = client(&job.place)?;
    let (mut scripts, mut pages, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let alone = job.items.len() == 1;
    for item in job.items {
        match item {
            Item::Script { name, source } => scripts.push(Script { name, source }),
            Item::Page { html, files } => {
                let own = client.clone().unwrap_or_else(|| Client::new(crossing::Origin::Opaque));
                let mut page = Page::new(own, &html);
                for (url, text) in files {
                    page = page.file(parsed(&url)?, text.into_bytes());
                }
                pages.push(page);
            }
            Item::Address(address) => {
                let hear = |conversation: Conversation| {
                    if job.telling == Telling::Everything {
                        voice.say(Stream::Err, &conversation.to_string());
                    }
                };
                match crossing_js::open(&agent, &parsed(&address)?, hear).map_err(Mistake::Open)? {
                    Opened::Page(_) if !alone => return Err(Mistake::PageAmongScripts(address)),
                    Opened::Page(_) if client.is_some() => return Err(Mistake::PageElsewhere(address)),
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
    Ok((scripts, builder.build().map_err(Mistake::Run)?))
}

/// Where a script believes to be, if that has been said.
pub(super) fn client(place: &Place) -> Result<Option<Client>, Mistake> {
    Ok(match place {
        Place::Own(None) => None,
        Place::Own(Some(url)) => Some(Client::at(parsed(url)?)),
        Place::Url(url) => Some(Client::at(address(url)?)),
        Place::Prompting(url) => Some(Client { prompts: Prompts::Person, ..Client::at(address(url)?) }),
        Place::Origin(origin) => Some(Client::new(crossing::Origin::parse(origin).map_err(Mistake::Origin)?)),
    })
}

/// What `--url` says.
fn address(text: &str) -> Result<Url, Mistake> {
    Url::parse(text).map_err(|error| Mistake::Url(text.to_owned(), error))
}

fn parsed(address: &str) -> Result<Url, Mistake> {
    Url::parse(address).map_err(|error| Mistake::Address(address.to_owned(), error))
}

/// What the person is told of a conversation: all of it, or why it has failed, which the script may not know.
fn told(conversation: &Conversation, telling: Telling) -> Option<String> {
    match (&conversation.end, telling) {
        (ConversationEnd::Failed(error), Telling::Everything)
            if error.failure.reason == Reason::BodyTooLarge =>
        {
            Some(format!("{conversation}\n  fix: {}", fix(error.failure.reason)))
        }
        (_, Telling::Everything) => Some(conversation.to_string()),
        (ConversationEnd::Responded { .. }, Telling::Failures) => None,
        (ConversationEnd::Failed(error), Telling::Failures) => {
            let reason = error.failure.reason;
            let asked = conversation.request();
            Some(format!("crossing: {asked}: {}: {error}\n  fix: {}", reason.code(), fix(reason)))
        }
    }
}

fn fix(reason: Reason) -> &'static str {
    match reason {
        Reason::BodyTooLarge => "Raise the limit with --max-body.",
        reason => reason.fix(),
    }
}
