//! `crossing run`: a script, with a browser's `fetch` and `XMLHttpRequest`.

mod source;
mod watch;

use std::time::Duration;

use crossing::browser::{Profile, Settings, Tracing};
use crossing_agent::{Agent, Limits as AgentLimits, Override, Recording};
use crossing_js::{Level, Limits, Message, Runtime, ScriptError};

use crate::args::RunArgs;
use crate::output::{self, Exit};
use source::Source;
use watch::Watch;

/// Runs the script to its end, and says with which exit code to end.
pub(crate) fn run(args: &RunArgs) -> Exit {
    let source = match Source::read(args) {
        Ok(source) => source,
        Err(problem) => return output::cannot_tell(&problem),
    };
    let mut runtime = match runtime(args, &source) {
        Ok(runtime) => runtime,
        Err(problem) => return output::cannot_tell(&problem),
    };
    let run = source.scripts.iter().try_for_each(|script| runtime.start(&script.name, &script.text));
    let result = run.and_then(|()| runtime.settle());
    let uncaught = runtime.uncaught();
    // Requests that are still under way are not waited for.
    match result {
        Ok(()) if uncaught == 0 => Exit::Yes,
        Ok(()) => Exit::No,
        Err(error @ ScriptError::TimeOver(_)) => output::cannot_tell(&error.to_string()),
        Err(error) => {
            output::complain(&error.to_string());
            Exit::No
        }
    }
}

fn runtime(args: &RunArgs, source: &Source) -> Result<Runtime, String> {
    let time = Duration::from_secs_f64(args.timeout);
    let watch = Watch::new(args.trace, &source.address);
    let mut builder = Runtime::builder(&source.address)
        .agent(agent(args, time)?)
        .limits(Limits { time, ..Limits::default() })
        .on_message(say)
        .on_conversation(move |conversation| watch.tell(conversation));
    if let Some(origin) = &source.origin {
        builder = builder.origin(origin);
    }
    builder.build().map_err(|error| error.to_string())
}

fn agent(args: &RunArgs, time: Duration) -> Result<Agent, String> {
    let profile = Profile::from_name(&args.profile).unwrap_or_default();
    let settings = Settings { profile, tracing: Tracing::On, ..crossing_agent::settings() };
    let limits = AgentLimits { total: time, ..AgentLimits::default() };
    let mut builder =
        Agent::builder().settings(settings).limits(limits).recording(Recording::On).http_cache(16 << 20);
    for text in &args.resolve {
        let to: Override = text.parse().map_err(|_| {
            format!("--resolve '{text}' is not HOST:PORT:ADDR; write it as in api.example.com:443:127.0.0.1")
        })?;
        builder = builder.resolve(to);
    }
    if let Some(file) = &args.cacert {
        builder = builder.ca_file(file);
    }
    builder.build().map_err(|error| error.to_string())
}

/// The console: what is said loudly goes to standard error.
fn say(message: Message) {
    match message.level {
        Level::Log | Level::Info | Level::Debug => output::print(format!("{}\n", message.text).as_bytes()),
        Level::Warn | Level::Error | Level::Uncaught => output::complain(&message.text),
    }
}
