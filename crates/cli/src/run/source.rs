//! From the command line to a job.

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use crossing::browser::Client;
use crossing_js::Page;
use url::Url;

use super::job::{Item, Job, Place, Telling};
use super::mistake::Mistake;
use crate::args::RunArgs;

/// What the command line asks for.
pub(super) enum Asked {
    /// A prompt.
    Prompt(Job),
    /// What whoever typed the command has named: it runs here.
    Own(Job),
    /// What others have written: it runs in a process of its own.
    Foreign(Job),
}

/// Whose a thing is.
#[derive(PartialEq)]
enum Whose {
    Own,
    Foreign,
}

/// Reads the command line, and the files that it names.
pub(super) fn asked(args: &RunArgs) -> Result<Asked, Mistake> {
    let mut job = Job {
        items: Vec::new(),
        place: Place::Own(None),
        profile: args.profile.clone(),
        resolve: args.resolve.clone(),
        cacert: args.cacert.as_deref().map(absolute),
        seconds: args.timeout,
        body: args.max_body << 20,
        telling: if args.trace { Telling::Everything } else { Telling::Failures },
    };
    if let Some(url) = &args.url {
        job.place = if args.prompts { Place::Prompting(url.clone()) } else { Place::Url(url.clone()) };
    }
    if let Some(origin) = &args.origin {
        job.place = Place::Origin(origin.clone());
    }
    if let Some(code) = &args.eval {
        job.items.push(Item::Script { name: "-e".to_owned(), source: code.clone() });
        return Ok(Asked::Own(job));
    }
    if args.targets.is_empty() && io::stdin().is_terminal() {
        return Ok(Asked::Prompt(job));
    }
    let mut whose = Whose::Own;
    let standard_input = ["-".to_owned()];
    let targets = if args.targets.is_empty() { &standard_input[..] } else { &args.targets };
    for target in targets {
        if add(&mut job, target, targets.len() == 1)? == Whose::Foreign {
            whose = Whose::Foreign;
        }
    }
    if whose == Whose::Own {
        return Ok(Asked::Own(job));
    }
    // The environment's word does not reach a process without one.
    let authorities = std::env::var_os("SSL_CERT_FILE").map(|file| absolute(Path::new(&file)));
    job.cacert = job.cacert.or(authorities);
    Ok(Asked::Foreign(job))
}

fn add(job: &mut Job, target: &str, alone: bool) -> Result<Whose, Mistake> {
    if target == "-" {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map_err(Mistake::Stdin)?;
        let source = text("standard input", bytes)?;
        job.items.push(Item::Script { name: "standard input".to_owned(), source });
        return Ok(Whose::Foreign);
    }
    let path = match target.split_once("://") {
        Some(("file", _)) => {
            let url = Url::parse(target).map_err(|error| Mistake::Address(target.to_owned(), error))?;
            url.to_file_path().map_err(|()| Mistake::NoSuchFile(target.to_owned()))?
        }
        Some(_) => {
            let url = Url::parse(target).map_err(|error| Mistake::Address(target.to_owned(), error))?;
            job.items.push(Item::Address(url.into()));
            return Ok(Whose::Foreign);
        }
        None => PathBuf::from(target),
    };
    let source = read(target, &path)?;
    let own = Url::from_file_path(absolute(&path)).ok();
    if job.items.is_empty() && matches!(job.place, Place::Own(_)) {
        job.place = Place::Own(own.map(String::from));
    }
    if !is_page(&path) {
        job.items.push(Item::Script { name: target.to_owned(), source });
        return Ok(Whose::Own);
    }
    if !alone {
        return Err(Mistake::PageAmongScripts(target.to_owned()));
    }
    let files = beside(&job.place, &path, &source);
    job.items.push(Item::Page { html: source, files });
    // Its scripts may come from anywhere.
    Ok(Whose::Foreign)
}

fn is_page(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    ["html", "htm"].iter().any(|page| extension.eq_ignore_ascii_case(page))
}

fn read(name: &str, path: &Path) -> Result<String, Mistake> {
    match std::fs::read(path) {
        Ok(bytes) => text(name, bytes),
        Err(_) if path.is_dir() => Err(Mistake::Directory(name.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Mistake::NoSuchFile(name.to_owned())),
        Err(error) => Err(Mistake::File(name.to_owned(), error)),
    }
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, Mistake> {
    String::from_utf8(bytes)
        .map(|text| text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
        .map_err(|error| Mistake::NotText(name.to_owned(), error.utf8_error().valid_up_to()))
}

/// The scripts of a page from the disk that stand in its directory, or below it. The process in which they run reads no
/// file itself.
fn beside(place: &Place, page: &Path, html: &str) -> Vec<(String, String)> {
    let Place::Own(Some(own)) = place else { return Vec::new() };
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
