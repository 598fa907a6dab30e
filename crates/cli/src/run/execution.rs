//! What the command line asks for: a job, and where it runs.

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use crossing::browser::Client;
use crossing_js::Page;
use url::Url;

use super::job::{Item, Job, Location, TraceLevel};
use super::run_error::RunError;
use crate::args::RunArgs;

/// A job, and where it runs.
pub(super) enum Execution {
    /// At a prompt.
    Prompt(Job),
    /// In this process: the user named every script.
    InProcess(Job),
    /// In a sandboxed child process: some code is untrusted.
    Sandboxed(Job),
}

#[derive(PartialEq)]
enum Trust {
    Trusted,
    Untrusted,
}

impl Execution {
    /// Reads the flags, and the files that they name.
    pub(super) fn from_args(args: &RunArgs) -> Result<Execution, RunError> {
        let mut job = Job {
            items: Vec::new(),
            location: Location::Found(None),
            profile: args.profile.clone(),
            resolve: args.resolve.clone(),
            cacert: args.cacert.as_deref().map(absolute),
            timeout: args.timeout,
            max_body: args.max_body << 20,
            trace_level: if args.trace { TraceLevel::All } else { TraceLevel::Failures },
        };
        if let Some(url) = &args.url {
            job.location =
                if args.prompts { Location::UrlWithPrompts(url.clone()) } else { Location::Url(url.clone()) };
        }
        if let Some(origin) = &args.origin {
            job.location = Location::Origin(origin.clone());
        }
        if let Some(code) = &args.eval {
            job.items.push(Item::Script { name: "-e".to_owned(), source: code.clone() });
            return Ok(Execution::InProcess(job));
        }
        if args.targets.is_empty() && io::stdin().is_terminal() {
            return Ok(Execution::Prompt(job));
        }
        let mut trust = Trust::Trusted;
        let standard_input = ["-".to_owned()];
        let targets = if args.targets.is_empty() { &standard_input[..] } else { &args.targets };
        for target in targets {
            if add(&mut job, target, targets.len() == 1)? == Trust::Untrusted {
                trust = Trust::Untrusted;
            }
        }
        if trust == Trust::Trusted {
            return Ok(Execution::InProcess(job));
        }
        // The child process has no environment variables.
        let authorities = std::env::var_os("SSL_CERT_FILE").map(|file| absolute(Path::new(&file)));
        job.cacert = job.cacert.or(authorities);
        Ok(Execution::Sandboxed(job))
    }
}

/// Adds a target to the job. A page must be the only one.
fn add(job: &mut Job, target: &str, is_alone: bool) -> Result<Trust, RunError> {
    if target == "-" {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map_err(RunError::Stdin)?;
        let source = text("standard input", bytes)?;
        job.items.push(Item::Script { name: "standard input".to_owned(), source });
        return Ok(Trust::Untrusted);
    }
    let path = match target.split_once("://") {
        Some(("file", _)) => {
            let url = Url::parse(target).map_err(|error| RunError::Target(target.to_owned(), error))?;
            url.to_file_path().map_err(|()| RunError::NoSuchFile(target.to_owned()))?
        }
        Some(_) => {
            let url = Url::parse(target).map_err(|error| RunError::Target(target.to_owned(), error))?;
            job.items.push(Item::Url(url.into()));
            return Ok(Trust::Untrusted);
        }
        None => PathBuf::from(target),
    };
    let source = read(target, &path)?;
    let own = Url::from_file_path(absolute(&path)).ok();
    if job.items.is_empty() && matches!(job.location, Location::Found(_)) {
        job.location = Location::Found(own.map(String::from));
    }
    if !is_page(&path) {
        job.items.push(Item::Script { name: target.to_owned(), source });
        return Ok(Trust::Trusted);
    }
    if !is_alone {
        return Err(RunError::PageAmongScripts(target.to_owned()));
    }
    let files = script_files(&job.location, &path, &source);
    job.items.push(Item::Page { html: source, files });
    // Its scripts may come from anywhere.
    Ok(Trust::Untrusted)
}

fn is_page(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    ["html", "htm"].iter().any(|page| extension.eq_ignore_ascii_case(page))
}

fn read(name: &str, path: &Path) -> Result<String, RunError> {
    match std::fs::read(path) {
        Ok(bytes) => text(name, bytes),
        Err(_) if path.is_dir() => Err(RunError::Directory(name.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(RunError::NoSuchFile(name.to_owned())),
        Err(error) => Err(RunError::File(name.to_owned(), error)),
    }
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, RunError> {
    String::from_utf8(bytes)
        .map(|text| text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
        .map_err(|error| RunError::NotText(name.to_owned(), error.utf8_error().valid_up_to()))
}

/// The script files of a page from the disk, in its directory or below. The child process that runs them reads no files.
fn script_files(location: &Location, page: &Path, html: &str) -> Vec<(String, String)> {
    let Location::Found(Some(own)) = location else { return Vec::new() };
    let Ok(own) = Url::parse(own) else { return Vec::new() };
    let Some(directory) = page.canonicalize().ok().and_then(|page| Some(page.parent()?.to_owned())) else {
        return Vec::new();
    };
    let read = |url: Url| {
        let file = url.to_file_path().ok()?.canonicalize().ok()?;
        let text = std::fs::read_to_string(file.starts_with(&directory).then_some(file)?).ok()?;
        Some((url.into(), text))
    };
    Page::new(Client::at(own), html).file_scripts().into_iter().filter_map(read).collect()
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
