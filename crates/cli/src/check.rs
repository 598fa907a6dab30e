//! `crossing check`: what happens when a page requests a URL.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use crossing::browser::Profile;
use crossing_tools::check::{Check, CheckOptions, Checked, Patch, Profiles, Recording, Secrets, read_har};
use crossing_tools::report::Verdict;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::CheckArgs;
use crate::network;
use crate::output::{self, Exit};
use crate::terminal::{stdout_paint, width};

/// How much of standard input is read, in bytes.
const LONGEST_PASTE: u64 = 1 << 20;

/// Checks, prints, and returns the exit code.
pub(crate) async fn run(args: &CheckArgs) -> Exit {
    let options = match options(args) {
        Ok(options) => options,
        Err(message) => return output::cannot_tell(&message),
    };
    if let Some(file) = &args.from_har {
        return judge(file, args, &options).await;
    }
    let check = match Check::new(&options) {
        Ok(check) => check,
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    if !check.ignored().is_empty() {
        output::complain(&format!("left to the browser: {}", check.ignored().join(", ")));
    }
    let checked = match check.run().await {
        Ok(checked) => checked,
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    match args.json {
        true => output::print_json(&checked),
        false => output::print(checked.text(width(), stdout_paint()).as_bytes()),
    }
    checked.problems().for_each(|problem| output::complain(&problem));
    if let Some(file) = &args.har
        && let Err(problem) = write_har(file, args, &checked)
    {
        return output::cannot_tell(&problem);
    }
    exit(checked.verdict())
}

fn options(args: &CheckArgs) -> Result<CheckOptions, String> {
    let mut options = CheckOptions::new(args.url.clone());
    if args.url == "-" && args.from_har.is_none() {
        options.url.clear();
        let read = io::stdin().lock().take(LONGEST_PASTE).read_to_string(&mut options.url);
        read.map_err(|error| format!("standard input: {error}"))?;
    }
    options.from.clone_from(&args.from);
    options.method.clone_from(&args.method);
    options.headers.clone_from(&args.headers);
    options.body.clone_from(&args.body);
    options.credentials = keyword(args.credentials.as_deref());
    options.mode = keyword(args.mode.as_deref());
    options.redirect = keyword(args.redirect.as_deref());
    options.referrer_policy = keyword(args.referrer_policy.as_deref());
    options.cookies.clone_from(&args.cookies);
    options.user.clone_from(&args.user);
    options.profiles = Profile::from_name(&args.profile).map_or(Profiles::All, Profiles::One);
    options.repeat = args.repeat;
    options.network = network::network(&args.resolve, args.cacert.as_deref(), args.insecure)?;
    options.timeout = Duration::from_secs_f64(args.timeout);
    options.server = args.server;
    // A recording's document depends on it no more than a check's, but its text may show one request in full.
    options.patch = if args.json { Patch::Skip } else { Patch::Find };
    Ok(options)
}

/// The value of a keyword, which the command line has checked.
fn keyword<T: FromStr>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| text.parse().ok())
}

fn write_har(file: &Path, args: &CheckArgs, checked: &Checked) -> Result<(), String> {
    let secrets = if args.har_secrets { Secrets::Written } else { Secrets::Hidden };
    let text = checked.har(secrets).map_err(|error| error.to_string())?;
    std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}

/// Judges recorded traffic.
async fn judge(file: &Path, args: &CheckArgs, options: &CheckOptions) -> Exit {
    let wrong = |problem: String| output::cannot_tell(&format!("{}: {problem}", file.display()));
    let har = match read(file) {
        Ok(har) => har,
        Err(problem) => return wrong(problem),
    };
    let recording = match Recording::judge(&har, options).await {
        Ok(recording) => recording,
        Err(error) => return wrong(error.to_string()),
    };
    match args.json {
        true => output::print_json(&recording),
        false => output::print(recording.text(width(), stdout_paint()).as_bytes()),
    }
    recording.problems().for_each(|problem| output::complain(&problem));
    let assumed = recording.assumed_preflights();
    if assumed > 0 {
        output::complain(&format!(
            "crossing: {}: the preflights of {assumed} requests are not recorded, and taken for granted",
            file.display()
        ));
    }
    exit(recording.verdict())
}

/// Reads the file, with a progress bar on a terminal.
fn read(file: &Path) -> Result<crossing_tools::har::Har, String> {
    let file = File::open(file).map_err(|error| error.to_string())?;
    let bar = ProgressBar::new(file.metadata().map_or(0, |metadata| metadata.len()));
    let style = ProgressStyle::with_template(" {bar:30} {bytes} of {total_bytes}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let har = read_har(BufReader::new(bar.wrap_read(file))).map_err(|error| error.to_string());
    bar.finish_and_clear();
    har
}

fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Allowed => Exit::Yes,
        Verdict::Blocked => Exit::No,
        Verdict::Unreachable => Exit::Unknown,
    }
}
