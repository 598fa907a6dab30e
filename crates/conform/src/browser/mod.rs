//! Browsers: found, started with a fresh profile, and ended with all their children.

mod chromium;
mod firefox;
mod process;
mod watch;
mod webkit;

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::certificate::Authority;
use crate::rig_error::RigError;
use process::{Group, Starting, starting};

/// A browser's engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKit, in WebKitGTK's MiniBrowser.
    WebKit,
}

impl Engine {
    /// All of them.
    pub const ALL: [Engine; 3] = [Engine::Chromium, Engine::Firefox, Engine::WebKit];

    /// Its name, as in a profile.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Chromium => "chromium",
            Engine::Firefox => "firefox",
            Engine::WebKit => "webkit",
        }
    }

    /// The engine of this name.
    pub fn from_name(name: &str) -> Option<Engine> {
        Engine::ALL.into_iter().find(|engine| engine.name() == name)
    }

    fn program(self) -> Result<PathBuf, RigError> {
        let (names, package): (&[&str], _) = match self {
            Engine::Chromium => (&["chromium", "chromium-browser", "google-chrome"], "chromium"),
            Engine::Firefox => (&["firefox-esr", "firefox"], "firefox-esr"),
            Engine::WebKit => (&["MiniBrowser"], "libwebkit2gtk-4.1-0"),
        };
        let found = names.iter().find_map(|name| find(name));
        found.ok_or_else(|| RigError::Missing { program: names[0].to_owned(), package })
    }

    /// What the browser says of its version, if it does so in this time: `Chromium 156.0.8078.108`.
    pub(crate) fn version(self, patience: Duration) -> Result<String, RigError> {
        let program = self.program()?;
        let starting = starting();
        let scratch = Scratch::new(&starting)?;
        let mut command = match self {
            Engine::WebKit => webkit::command(&program, scratch.path(), &["--version"])?,
            _ => {
                let mut command = Command::new(&program);
                command.arg("--version");
                command
            }
        };
        let said = scratch.path().join("said");
        command.env("HOME", scratch.path()).stdout(File::create(&said).map_err(RigError::Start)?);
        command.stderr(Stdio::null());
        let mut group = Group::start(starting, command, scratch.path()).map_err(RigError::Start)?;
        let began = Instant::now();
        while !group.has_ended() {
            if began.elapsed() > patience {
                return Err(RigError::NoVersion { after: patience });
            }
            sleep(Duration::from_millis(20));
        }
        let mut text = Vec::new();
        // What cannot be read has said nothing.
        let _ = File::open(&said).and_then(|said| said.take(MOST_BYTES).read_to_end(&mut text));
        let text = String::from_utf8_lossy(&text);
        let number = |line: &&str| line.bytes().any(|byte| byte.is_ascii_digit());
        let line = text.lines().find(number).unwrap_or_default();
        Ok(line.split(" built on").next().unwrap_or_default().trim().to_owned())
    }
}

/// Ends every browser that this program has started, and removes its files: for a program that is told to stop, and whose
/// destructors will not run.
pub fn end_browsers() {
    process::end_all();
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    let ours = Scratch::prefix();
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&ours)) {
        // A file that a dying process still writes is left to the system's own cleaning.
        let _ = fs::remove_dir_all(entry.path());
    }
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let more = ["/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1", "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1"];
    let dirs = std::env::split_paths(&path).chain(more.iter().map(PathBuf::from));
    dirs.map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// A directory for one run; it goes when this goes.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// It is made for a start, so that none comes after an end.
    fn new(_: &Starting<'_>) -> Result<Scratch, RigError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("{}{count}", Scratch::prefix()));
        fs::create_dir(&dir).map_err(|error| RigError::Scratch { directory: dir.clone(), error })?;
        Ok(Scratch(dir))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// How the names of all of this program's begin.
    fn prefix() -> String {
        format!("crossing-conform-{}-", std::process::id())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A file that a dying process still writes is left to the system's own cleaning.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running browser. It ends when this goes.
#[derive(Debug)]
pub(crate) struct Browser {
    // In this order: first the processes end, then their files go.
    group: Group,
    scratch: Scratch,
}

impl Browser {
    /// Starts a browser that reaches everything through the proxy at `address`, and opens `url`.
    pub(crate) fn launch(
        engine: Engine,
        address: SocketAddr,
        authority: &Authority,
        url: &str,
    ) -> Result<Browser, RigError> {
        let program = engine.program()?;
        let starting = starting();
        let scratch = Scratch::new(&starting)?;
        let mut command = match engine {
            Engine::Chromium => chromium::command(&program, scratch.path(), address, authority, url)?,
            Engine::Firefox => firefox::command(&program, scratch.path(), address, authority, url)?,
            Engine::WebKit => {
                let proxy = format!("--proxy=http://{address}");
                // An ignored host that no page asks for stands in place of the default, which is loopback.
                let arguments = [
                    proxy.as_str(),
                    "--ignore-host=nobody.conform",
                    "--ignore-tls-errors",
                    "--cookies-policy=always",
                    "--javascript-can-open-windows-automatically=true", // the first page opens the other tabs
                    url,
                ];
                webkit::command(&program, scratch.path(), &arguments)?
            }
        };
        for (variable, dir) in [
            ("HOME", "home"),
            ("TMPDIR", "tmp"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_DATA_HOME", "data"),
        ] {
            let dir = scratch.path().join(dir);
            fs::create_dir_all(&dir).map_err(RigError::Start)?;
            command.env(variable, dir);
        }
        command
            .env("LANG", "en_US.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("http_proxy")
            .env_remove("https_proxy");
        let said = File::create(scratch.path().join("said")).map_err(RigError::Start)?;
        command.stdout(said.try_clone().map_err(RigError::Start)?).stderr(said);
        let group = Group::start(starting, command, scratch.path()).map_err(RigError::Start)?;
        Ok(Browser { group, scratch })
    }

    /// Whether its main process has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.group.has_ended()
    }

    /// How its main process has ended; `None` also where nobody knows.
    pub(crate) fn status(&mut self) -> Option<ExitStatus> {
        self.group.status()
    }

    /// The last lines that it wrote.
    pub(crate) fn said(&self) -> String {
        let text = last(&self.scratch.path().join("said")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(MOST_LINES)..].join("\n")
    }
}

/// How much of what a browser wrote is of interest.
const MOST_LINES: usize = 12;
const MOST_BYTES: u64 = 8 << 10;

/// The last bytes of a file.
fn last(file: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(file)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MOST_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
