//! `crossing conform` with browsers that are none: whatever goes wrong is said, and nothing stays behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::Duration;

use support::process::Directory;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");

/// The first pages of all tabs are asked for, as a browser would, through the proxy that it was told of.
const OPENS: &str = r#"
for word in "$@"; do case $word in --proxy-server=*) proxy=${word#*=};; esac; done
for tab in 0 1 2 3 4 5 6 7; do curl --silent --insecure --proxy "$proxy" "https://rig$tab.conform/" >/dev/null & done
"#;

/// Makes a `chromium` of a shell script.
fn browser(directory: &Directory, script: &str) {
    let file = directory.write("chromium", &format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs `crossing conform --browser chromium` where `chromium` is this script; also, whether any process that the script
/// started is still there.
fn conform(script: &str) -> (Output, bool) {
    let directory = Directory::new();
    let pids = directory.path().join("pids");
    let version = "case \"$*\" in *--version*) echo Chromium 999.0; exit;; esac";
    let pids_of = format!("echo $$ >>{0}; setsid sleep 600 & echo $! >>{0}", pids.display());
    browser(&directory, &format!("{version}\n{pids_of}\n{script}"));
    let output = run(&format!("{}:/usr/bin:/bin", directory.path().display()));
    let started = std::fs::read_to_string(&pids).unwrap();
    assert!(started.lines().count() >= 2, "{started}");
    let left = started.lines().any(is_running);
    (output, left)
}

fn run(path: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_crossing"))
        .args(["conform", "--browser", "chromium", "--only", "cors-check/", "--patience", "3"])
        .args(["--scenarios", SCENARIOS])
        .env("PATH", path)
        .output()
        .unwrap()
}

/// A process that has ended and that nobody has asked about yet does not run.
fn is_running(pid: &str) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid).join("status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

/// What it complained of; it could not tell whether the browser agrees, and so it says.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_browser_that_is_not_there_is_named_with_its_package() {
    let nowhere = Directory::new();
    let complaint = complaint(&run(&nowhere.path().display().to_string()));
    assert!(complaint.contains("chromium is not there; install it"), "{complaint}");
    assert!(complaint.contains("apt-get install chromium"), "{complaint}");
}

#[test]
fn a_browser_that_does_not_start_is_quoted() {
    let (output, left) = conform("echo no display >&2; exit 1");
    let complaint = complaint(&output);
    assert!(complaint.contains("it ended") && complaint.contains("no display"), "{complaint}");
    assert!(!left);
}

#[test]
fn how_a_browser_ended_is_told_also_of_one_that_said_nothing() {
    for (script, says) in [
        ("exit 3", "it ended half-way (exit status: 3); it said nothing\n"),
        ("kill -s SEGV $$", "it ended half-way (signal: 11 (SIGSEGV)"),
        ("echo no display >&2; exit 1", "it ended half-way (exit status: 1); it said:\nno display\n"),
    ] {
        let complaint = complaint(&conform(script).0);
        assert!(complaint.contains(says), "{complaint}");
    }
}

#[test]
fn what_a_browser_says_is_shown_and_not_obeyed() {
    let complaint =
        complaint(&conform(r"printf '\033[2J\007red\r\n'; head -c 100000 /dev/urandom; exit 1").0);
    assert!(!complaint.contains(|c: char| c.is_control() && c != '\n'), "{complaint:?}");
}

#[test]
fn a_browser_that_opens_nothing_is_given_up() {
    let (output, left) = conform("echo still thinking; sleep 600");
    let complaint = complaint(&output);
    assert!(complaint.contains("did not open the first page"), "{complaint}");
    assert!(complaint.contains("still thinking"), "{complaint}");
    assert!(!left);
}

#[test]
fn a_browser_that_ends_half_way_is_started_once_more_and_no_more() {
    let (output, left) = conform(&format!("{OPENS}\nsleep 2; echo out of memory; exit 9"));
    let complaint = complaint(&output);
    assert!(complaint.contains("it ended half-way") && complaint.contains("out of memory"), "{complaint}");
    assert!(complaint.contains("started once more"), "{complaint}");
    assert!(!left);
}

#[test]
fn a_browser_whose_pages_report_nothing_is_given_up() {
    let (output, left) = conform(&format!("{OPENS}\nsleep 600"));
    let complaint = complaint(&output);
    assert!(complaint.contains("posted nothing"), "{complaint}");
    assert!(!left);
}

#[test]
fn a_browser_that_never_says_its_version_is_given_up() {
    let directory = Directory::new();
    let pid = directory.path().join("pid");
    browser(&directory, &format!("echo Chromium 999.0; echo $$ >{}; exec sleep 600", pid.display()));
    let complaint = complaint(&run(&format!("{}:/usr/bin:/bin", directory.path().display())));
    assert!(complaint.contains("asked for its --version, and has not ended after 3 s"), "{complaint}");
    assert!(!is_running(std::fs::read_to_string(&pid).unwrap().trim()));
}

#[test]
fn a_directory_for_its_files_that_is_not_there_is_named_and_not_made() {
    let directory = Directory::new();
    let nowhere = directory.path().join("nowhere");
    browser(&directory, "");
    let output = Command::new(env!("CARGO_BIN_EXE_crossing"))
        .args(["conform", "--browser", "chromium", "--scenarios", SCENARIOS])
        .env("PATH", directory.path())
        .env("TMPDIR", &nowhere)
        .output()
        .unwrap();
    let complaint = complaint(&output);
    assert!(
        complaint.contains(&nowhere.display().to_string()) && complaint.contains("TMPDIR"),
        "{complaint}"
    );
    assert!(!nowhere.exists());
}

#[test]
fn no_browser_and_no_file_is_left_when_the_run_is_told_to_stop() {
    let mut run = Running::start();
    run.signal("-TERM");
    assert_eq!(run.child.wait().unwrap().code(), Some(143));
    assert_eq!(run.started().lines().count(), 2);
    assert_eq!(run.files_left(), 0);
    run.ends();
}

#[test]
fn no_browser_and_no_file_is_left_when_the_run_is_killed() {
    let mut run = Running::start();
    run.signal("-KILL");
    assert_eq!(run.child.wait().unwrap().code(), None);
    run.ends();
    for _ in 0..100 {
        if run.files_left() == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("files are left");
}

/// A run with a browser that opens nothing, and that has a process beside its own.
struct Running {
    child: Child,
    files: Directory,
    pids: PathBuf,
    _browser: Directory,
}

impl Running {
    fn start() -> Running {
        let (directory, files) = (Directory::new(), Directory::new());
        let pids = directory.path().join("pids");
        let script = format!(
            "case \"$*\" in *--version*) echo Chromium 999.0; exit;; esac\necho $$ >>{0}\nsetsid sleep 600 & \
             echo $! >>{0}\nsleep 600\n",
            pids.display()
        );
        browser(&directory, &script);
        let child = Command::new(env!("CARGO_BIN_EXE_crossing"))
            .args(["conform", "--browser", "chromium", "--scenarios", SCENARIOS])
            .env("PATH", format!("{}:/usr/bin:/bin", directory.path().display()))
            .env("TMPDIR", files.path())
            .spawn()
            .unwrap();
        let run = Running { child, files, pids, _browser: directory };
        for _ in 0..600 {
            if run.started().lines().count() >= 2 {
                return run;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the browser was not started");
    }

    fn started(&self) -> String {
        std::fs::read_to_string(&self.pids).unwrap_or_default()
    }

    fn signal(&self, signal: &str) {
        assert!(
            Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success()
        );
    }

    fn files_left(&self) -> usize {
        std::fs::read_dir(self.files.path()).unwrap().count()
    }

    #[track_caller]
    fn ends(&self) {
        for _ in 0..200 {
            if !self.started().lines().any(is_running) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("a process is left: {}", self.started());
    }
}

#[test]
fn our_own_browser_plays_every_scenario() {
    let output = Command::new(env!("CARGO_BIN_EXE_crossing"))
        .args(["conform", "--browser", "own", "--json"])
        .current_dir(std::env::temp_dir()) // the scenarios are inside the program
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let own = &document["engines"][0];
    assert_eq!(own["not_played"], serde_json::json!([]));
    assert_eq!(own["scenarios"], own["agree"]);
}

#[test]
fn our_own_browser_plays_as_another() {
    let output = Command::new(env!("CARGO_BIN_EXE_crossing"))
        .args(["conform", "--profile", "webkit", "--only", "redirect-taint/"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains(" 0 not, 0 not played"), "{text}");
}

#[test]
fn what_would_play_nothing_is_refused() {
    for (flags, says) in [
        (&["--only", "no-such-scenario"][..], "no scenario's name contains 'no-such-scenario'"),
        (&["--only", ""], "a value is required for '--only <TEXT>'"),
        (&["--seed", "7"], "give --random, too"),
        (&["--seed", "7", "--only", "cors-check/"], "give --random, too"),
        (&["--scenarios", "/nope"], "--scenarios '/nope': not a directory"),
        (&["--scenarios", "crates"], "--scenarios 'crates': crates/browser: "),
        (&["--random", "10"], "name it with --browser"),
        (&["--random", "10", "--only", "a"], "cannot be used with"),
        (&["--random", "0"], "is not in 1.."),
        (&["--browser", "firefox", "--profile", "webkit"], "--profile is for --browser own"),
        (&["--patience", "18446744073709551614"], "is not in 1..=86400"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_crossing"))
            .arg("conform")
            .args(flags)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .output()
            .unwrap();
        let complaint = complaint(&output);
        assert!(complaint.contains(says), "{complaint}");
    }
}
