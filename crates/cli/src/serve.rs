//! `crossing serve`: the gateway, from its file, until somebody stops it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossing_gateway::config::read_file;
use crossing_gateway::{Config, FileWatch, Gateway};
use crossing_tools::lint::{self, Validity};
use crossing_tools::policy_file::Source;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use crate::args::ServeArgs;
use crate::output::{self, Exit};
use crate::terminal::{stderr_paint, stdout_paint, width};

/// How long a file must be left alone before it is read again: it may be written in pieces.
const SETTLING: Duration = Duration::from_millis(150);
const LONGEST_SETTLING: Duration = Duration::from_secs(1);

/// Reads the file, and serves what it says.
pub(crate) fn run(args: &ServeArgs) -> Exit {
    let source = match Source::read_watched(&args.file) {
        Ok(source) => source,
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    let config = Config::from_toml(&source.text, directory_of(&args.file));
    let findings = match &config {
        Ok(config) => config.warnings.as_slice(),
        Err(errors) => errors.diagnostics(),
    };
    let validity = if config.is_ok() { Validity::Valid } else { Validity::Invalid };
    if args.check && args.json {
        output::print_json(&lint::document(&[(&source, findings)]));
    } else if args.check {
        output::print(lint::text(&source, findings, validity, width(), stdout_paint()).as_bytes());
    } else if !findings.is_empty() {
        output::complain(source.draw(findings, width(), stderr_paint()).trim_end());
    }
    match config {
        Err(_) => output::cannot_tell(&format!("{}: it cannot be served", source.name)),
        Ok(_) if args.check => Exit::Yes,
        Ok(config) => crate::wait_for(serve(args.file.clone(), source, config)),
    }
}

async fn serve(path: PathBuf, source: Source, config: Config) -> Exit {
    let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = signals else {
        return output::cannot_tell("no signal can be waited for");
    };
    let gateway = match Gateway::start(&config) {
        Ok(gateway) => gateway,
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    for address in gateway.addresses() {
        gateway.log(&format!("crossing: listening on {scheme}://{address}"));
    }
    if let Some(address) = gateway.admin_address() {
        gateway.log(&format!("crossing: health and metrics on http://{address}"));
    }
    let mut reloads = Reloads::new(path, source, &config, &gateway);
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            why = reloads.due(&mut hangup) => reloads.reload(&gateway, why),
        }
    }
    gateway.log("crossing: stopping; requests in flight may end");
    tokio::select! {
        stopped = tokio::task::spawn_blocking(move || gateway.stop()) => {
            if stopped.is_err() {
                return output::cannot_tell("a worker ended in disorder");
            }
        }
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Exit::Yes
}

/// Where the paths of a file begin.
fn directory_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Why the file is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// Something near it has changed; perhaps not the file.
    Changed,
    /// Somebody asked for it.
    Asked,
}

/// Reads the file again when it changes.
struct Reloads {
    path: PathBuf,
    /// The file and its certificates, as they are in force or were refused last.
    seen: BTreeMap<PathBuf, Option<Vec<u8>>>,
    watch: Option<FileWatch>,
}

impl Reloads {
    fn new(path: PathBuf, source: Source, config: &Config, gateway: &Gateway) -> Reloads {
        let mut reloads = Reloads { path, seen: BTreeMap::new(), watch: None };
        if reloads.path == Path::new("-") {
            return reloads;
        }
        match FileWatch::new() {
            Ok(watch) => reloads.watch = Some(watch),
            Err(error) => gateway.log(&format!("crossing: changes are not noticed: {error}; send SIGHUP")),
        }
        reloads.watch_files_of(config, gateway);
        reloads.seen.insert(reloads.path.clone(), Some(source.text.into_bytes()));
        reloads
    }

    /// What is known already stays known: a file that has changed since it was read must be read again.
    fn watch_files_of(&mut self, config: &Config, gateway: &Gateway) {
        let certificates = config.tls.iter().flat_map(|tls| &tls.certificates);
        let certificates = certificates.flat_map(|(files, _)| [files.chain.clone(), files.key.clone()]);
        for path in std::iter::once(self.path.clone()).chain(certificates) {
            self.seen.entry(path).or_insert_with_key(|path| read_file(path).ok());
        }
        if let Some(watch) = &self.watch
            && let Err(error) = watch.watch(self.seen.keys().map(PathBuf::as_path))
        {
            gateway.log(&format!("crossing: changes are not noticed: {error}; send SIGHUP"));
        }
    }

    fn contents(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        self.seen.keys().map(|path| (path.clone(), read_file(path).ok())).collect()
    }

    /// Waits until the file should be read again.
    async fn due(&self, hangup: &mut Signal) -> Why {
        let Some(watch) = &self.watch else {
            hangup.recv().await;
            return Why::Asked;
        };
        let settled = async {
            watch.changed().await;
            // Something else in the directory may change all the time.
            let settling = async { while timeout(SETTLING, watch.changed()).await.is_ok() {} };
            let _ = timeout(LONGEST_SETTLING, settling).await;
        };
        tokio::select! {
            _ = hangup.recv() => Why::Asked,
            () = settled => Why::Changed,
        }
    }

    /// A file that cannot be served changes nothing, and is told of.
    fn reload(&mut self, gateway: &Gateway, why: Why) {
        if self.path == Path::new("-") {
            return gateway.log("crossing: standard input cannot be read again");
        }
        let contents = self.contents();
        if why == Why::Changed && contents == self.seen {
            return;
        }
        self.seen = contents;
        let refuse = |message: &str| {
            gateway.log(&format!("crossing: {message}; what was in force stays in force"));
        };
        let source = match Source::read_watched(&self.path) {
            Ok(source) => source,
            Err(error) => {
                gateway.count_refused_reload();
                return refuse(&error.to_string());
            }
        };
        let config = Config::from_toml(&source.text, directory_of(&self.path));
        let findings = match &config {
            Ok(config) => config.warnings.as_slice(),
            Err(errors) => errors.diagnostics(),
        };
        if !findings.is_empty() {
            gateway.log(source.draw(findings, width(), stderr_paint()).trim_end());
        }
        match config {
            Err(_) => {
                gateway.count_refused_reload();
                refuse(&format!("{}: it cannot be served", source.name));
            }
            Ok(config) => match gateway.reload(&config) {
                Ok(()) => {
                    self.seen.insert(self.path.clone(), Some(source.text.into_bytes()));
                    self.watch_files_of(&config, gateway);
                    gateway.log(&format!("crossing: {} is in force", source.name));
                }
                Err(error) => refuse(&format!("{}: {error}", source.name)),
            },
        }
    }
}
