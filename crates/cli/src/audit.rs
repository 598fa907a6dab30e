//! `crossing audit`: misconfigurations of servers.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::net::IpAddr;
use std::time::Duration;

use crossing_tools::audit::{Audit, AuditOptions, DraftError, Posts, Progress, Severity};
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::AuditArgs;
use crate::network;
use crate::output::{self, Exit};
use crate::terminal::{stdout_paint, width};

/// How much of standard input is read, in bytes.
const LONGEST_LIST: u64 = 4 << 20;

/// Audits, prints, and returns the exit code.
pub(crate) async fn run(args: &AuditArgs) -> Exit {
    let audit = match options(args).and_then(|options| Audit::new(&options).map_err(|e| e.to_string())) {
        Ok(audit) => audit,
        Err(message) => return output::cannot_tell(&message),
    };
    if args.draft_policy {
        return draft(args, &audit).await;
    }
    if args.dry_run {
        match args.json {
            true => output::print_json(&audit.dry_run()),
            false => output::print(audit.dry_run().to_string().as_bytes()),
        }
        return Exit::Yes;
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template(" {bar:30} {pos}/{len} requests, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let report = match audit.run(move |progress| show(&bar, progress)).await {
        Ok(report) => report,
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    report.problems().for_each(|problem| output::complain(&problem));
    if args.sarif {
        output::print_json(&report.sarif());
    } else if args.json {
        output::print_json(&report);
    } else {
        output::print(report.text(width(), stdout_paint()).as_bytes());
    }
    match report.worst() {
        Some(worst) if worst > Severity::Info => Exit::No,
        _ if report.is_complete() => Exit::Yes,
        _ => Exit::Unknown,
    }
}

fn options(args: &AuditArgs) -> Result<AuditOptions, String> {
    let mut options = AuditOptions::new(listed(&args.urls)?);
    options.own.clone_from(&args.own);
    options.posts = if args.post { Posts::Send } else { Posts::Skip };
    options.rate = args.rate;
    options.max_requests = args.max_requests;
    options.repeat = args.repeat;
    options.jobs = args.jobs as usize;
    options.network = network::network(&args.resolve, args.cacert.as_deref(), args.insecure)?;
    options.addresses = args.resolve.iter().filter_map(|text| address(text)).collect::<BTreeMap<_, _>>();
    options.timeout = Duration::from_secs_f64(args.timeout);
    if options.urls.is_empty() {
        return Err("standard input names no address".to_owned());
    }
    Ok(options)
}

/// The URLs that were given, and those of standard input for `-`.
fn listed(urls: &[String]) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for url in urls {
        if url != "-" {
            all.push(url.clone());
            continue;
        }
        let mut text = String::new();
        let read = io::stdin().lock().take(LONGEST_LIST).read_to_string(&mut text);
        read.map_err(|error| format!("standard input: {error}"))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        all.extend(lines.map(str::to_owned));
    }
    Ok(all)
}

/// Host and address of a `--resolve`, to know in which address space the host lies.
fn address(text: &str) -> Option<(String, IpAddr)> {
    let (host, rest) = text.split_once(':')?;
    let (_, address) = rest.split_once(':')?;
    Some((host.to_ascii_lowercase(), address.trim_matches(['[', ']']).parse().ok()?))
}

/// Only a terminal shows the bar.
fn show(bar: &ProgressBar, progress: Progress) {
    match progress {
        Progress::Planned(count) => bar.set_length(count),
        Progress::More(count) => bar.inc_length(count),
        Progress::Fewer(count) => bar.dec_length(count),
        Progress::Sent => bar.inc(1),
        Progress::Done => bar.finish_and_clear(),
    }
}

async fn draft(args: &AuditArgs, audit: &Audit) -> Exit {
    let result = match args.dry_run {
        true => audit.draft_dry_run().map(|dry_run| dry_run.to_string()),
        false => audit.draft_policy().await.map(|draft| draft.to_string()),
    };
    match result {
        Ok(text) => {
            output::print(text.as_bytes());
            Exit::Yes
        }
        Err(error @ DraftError::NothingGranted { .. }) => {
            output::complain(&format!("crossing: {error}"));
            Exit::No
        }
        Err(error) => output::cannot_tell(&error.to_string()),
    }
}
