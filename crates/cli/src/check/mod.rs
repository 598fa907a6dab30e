//! `crossing check`: what a page would experience.

mod advice;
mod cause;
mod decided;
mod drawing;
mod from_har;
mod har_writer;
mod notes;
pub(crate) mod pasted;
pub(crate) mod plan;
mod remedy;
mod replay;
mod report;
pub(crate) mod story;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;

use crossing::browser::{Client, Profile, Settings, Tracing};
use crossing_agent::{Agent, AgentBuilder, Limits, Recording};
use serde::Serialize;

use crate::args::CheckArgs;
use crate::asking::{Told, ask};
use crate::document::{Document, Verdict};
use crate::output::{self, Exit};
use crate::text::{Paint, width};
use har_writer::Secrets;
use plan::{Certificates, Plan, Profiles};
use remedy::Remedy;
pub(crate) use remedy::Server;
use replay::Replay;
use report::Report;

/// The largest body that is read to its end, in bytes.
const LARGEST_BODY: u64 = 256 << 20;

/// How much of standard input is read, in bytes.
const LONGEST_PASTE: u64 = 1 << 20;

/// What `--profile all --json` prints.
#[derive(Serialize)]
struct ByProfile<'a> {
    profiles: BTreeMap<&'static str, &'a Document>,
}

/// Checks, tells, and says with which exit code to end.
pub(crate) async fn run(args: &CheckArgs) -> Exit {
    if let Some(file) = &args.from_har {
        return from_har::run(file, args).await;
    }
    let args = &match from_stdin(args) {
        Ok(args) => args,
        Err(error) => return output::cannot_tell(&format!("standard input: {error}")),
    };
    let plan = match Plan::new(args) {
        Ok(plan) => plan,
        Err(mistake) => return output::cannot_tell(&mistake.to_string()),
    };
    if !plan.dropped.is_empty() {
        output::complain(&format!("left to the browser: {}", plan.dropped.join(", ")));
    }
    let profiles = match &plan.profiles {
        Profiles::One(profile) => std::slice::from_ref(profile),
        Profiles::All => Profile::ALL,
    };
    let mut reports = Vec::with_capacity(profiles.len());
    for profile in profiles {
        match ask_as(*profile, &plan).await {
            Ok(told) => {
                // Only a person reads it.
                let remedy = match told.last().filter(|_| !args.json) {
                    Some(told) => Remedy::find(*profile, &plan, told).await,
                    None => None,
                };
                reports.push(Report::new(*profile, &plan, told, remedy));
            }
            Err(error) => return output::cannot_tell(&error.to_string()),
        }
    }
    tell(args, &plan, &reports);
    if let Some(file) = &args.har {
        let secrets = if args.har_secrets { Secrets::Written } else { Secrets::Hidden };
        if let Err(problem) = har_writer::write(file, &plan, &reports, secrets) {
            return output::cannot_tell(&problem);
        }
    }
    exit(reports.iter())
}

/// `-` stands for what standard input says.
fn from_stdin(args: &CheckArgs) -> io::Result<CheckArgs> {
    let mut args = args.clone();
    if args.url == "-" {
        args.url.clear();
        io::stdin().lock().take(LONGEST_PASTE).read_to_string(&mut args.url)?;
    }
    Ok(args)
}

/// Asks with the rules of one profile, until the answer is not "allowed".
async fn ask_as(profile: Profile, plan: &Plan) -> Result<Vec<Told>, Box<dyn std::error::Error>> {
    ask_over(agent(profile, plan).build()?, plan, plan.repeat).await
}

/// Asks once, of answers that were recorded.
async fn ask_recorded(
    profile: Profile,
    plan: &Plan,
    replay: Replay,
) -> Result<Told, Box<dyn std::error::Error>> {
    let told = ask_over(agent(profile, plan).transport(replay.clone()).build()?, plan, 1).await?;
    let mut told = told.into_iter().next().ok_or("nothing was asked")?;
    told.assume(replay.assumed());
    Ok(told)
}

async fn ask_over(agent: Agent, plan: &Plan, times: u32) -> Result<Vec<Told>, Box<dyn std::error::Error>> {
    for cookie in &plan.cookies {
        agent.cookies(|jar| jar.add(plan.request.url(), cookie))?;
    }
    if let Some((user, password)) = &plan.user {
        agent.add_password(plan.request.url(), user, password);
    }
    let page = Arc::new(Client::new(plan.page.clone()));
    let mut all = Vec::new();
    for _ in 0..times {
        let told = ask(&agent, &page, plan.request.clone(), plan.body.clone()).await;
        let failed = told.error().is_some();
        all.push(told);
        if failed {
            break;
        }
    }
    Ok(all)
}

fn agent(profile: Profile, plan: &Plan) -> AgentBuilder {
    let limits =
        Limits::default().connect(plan.timeout).head(plan.timeout).total(plan.timeout).body(LARGEST_BODY);
    let settings = Settings { profile, tracing: Tracing::On, ..crossing_agent::default_settings() };
    let mut builder = Agent::builder().settings(settings).limits(limits).recording(Recording::On);
    for to in &plan.resolve {
        builder = builder.resolve(to.clone());
    }
    match &plan.certificates {
        Certificates::Platform => builder,
        Certificates::File(file) => builder.ca_file(file),
        Certificates::Any => builder.dangerously_accept_any_certificate(),
    }
}

fn tell(args: &CheckArgs, plan: &Plan, reports: &[Report]) {
    if args.json {
        match (&plan.profiles, reports) {
            (Profiles::One(_), [report]) => output::print_json(&report.document),
            _ => {
                let profiles = reports.iter().map(|report| (report.profile.name, &report.document)).collect();
                output::print_json(&ByProfile { profiles });
            }
        }
    } else {
        let (paint, width) = (Paint::for_stdout(), width());
        let told: Vec<String> = reports.iter().map(|report| report.tell(plan, width, paint)).collect();
        output::print(told.join("\n").as_bytes());
    }
    for report in reports {
        if let Some(why) = report.complaint() {
            output::complain(&why);
        }
    }
}

fn exit<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Exit {
    let verdicts: Vec<Verdict> = reports.into_iter().map(|report| report.document.verdict).collect();
    if verdicts.contains(&Verdict::Unreachable) {
        Exit::Unknown
    } else if verdicts.contains(&Verdict::Blocked) {
        Exit::No
    } else {
        Exit::Yes
    }
}
