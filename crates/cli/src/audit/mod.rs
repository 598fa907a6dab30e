//! `crossing audit`: what is wrong with servers, seen from outside.

mod class;
mod draft;
mod evidence;
mod findings;
mod judge;
mod origins;
mod plan;
mod probe;
mod report;
mod run;
mod sarif;
mod sender;
mod settings;
mod severity;
mod target;

pub(crate) use judge::is_public_name;
pub(crate) use target::AddressSpace;

use crate::args::AuditArgs;
use crate::output::{self, Exit};
use crate::text::{Paint, width};
use plan::Plan;
use report::Audited;
use settings::Settings;
use severity::Severity;

/// Audits, tells, and says with which exit code to end.
pub(crate) async fn run(args: &AuditArgs) -> Exit {
    let settings = match Settings::new(args) {
        Ok(settings) => settings,
        Err(mistake) => return output::cannot_tell(&mistake),
    };
    if args.draft_policy {
        return draft::run(&settings, args.dry_run).await;
    }
    if args.dry_run {
        tell_plans(args, &settings);
        return Exit::Yes;
    }
    let audited = match run::all(&settings).await {
        Ok(audited) => audited,
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    for one in &audited {
        one.complain();
    }
    if args.sarif {
        output::print_json(&sarif::log(&audited));
    } else if args.json {
        output::print_json(&report::document(&audited));
    } else {
        output::print(report::tell(&audited, width(), Paint::for_stdout()).as_bytes());
    }
    exit(&audited)
}

fn exit(audited: &[Audited]) -> Exit {
    let found = audited.iter().flat_map(|one| &one.findings).any(|finding| finding.severity > Severity::Info);
    if found {
        Exit::No
    } else if audited.iter().any(|one| one.problem.is_some()) {
        Exit::Unknown
    } else {
        Exit::Yes
    }
}

fn tell_plans(args: &AuditArgs, settings: &Settings) {
    let plans: Vec<Plan> =
        settings.targets.iter().map(|target| Plan::new(target, settings.repeat, settings.safety)).collect();
    if args.json {
        output::print_json(&report::dry_document(&plans));
    } else {
        output::print(report::dry(&plans, settings).as_bytes());
    }
}
