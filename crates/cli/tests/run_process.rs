//! The process in which `crossing run` runs what others have written: what it has, and how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::crossing;
use support::process::Directory;

/// Starts a script that says « up » and goes on; its process, and that of the script.
fn started(command: &mut Command, source: &str) -> (Child, PathBuf) {
    let spawned =
        command.arg("run").arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = spawned.spawn().unwrap();
    child.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "up\n");
    let inner = fs::read_dir("/proc").unwrap().find_map(|it| {
        let process = it.ok()?.path();
        let status = fs::read_to_string(process.join("status")).ok()?;
        status.contains(&format!("\nPPid:\t{}\n", child.id())).then_some(process)
    });
    (child, inner.expect("a process of its own"))
}

const WAITING: &str = "console.log('up'); setTimeout(() => {}, 30000)";

/// Whether a process is there and has not ended.
fn lives(process: &Path) -> bool {
    fs::read_to_string(process.join("status")).is_ok_and(|status| !status.contains("\nState:\tZ"))
}

#[track_caller]
fn ends(process: &Path) {
    let begun = Instant::now();
    while lives(process) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{} is still there", process.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn it_has_no_environment_no_file_and_limits() {
    let directory = Directory::new();
    let secret = directory.write("secret", "the secret");
    // A file that the shell has left open.
    let mut command = Command::new("bash");
    command
        .args(["-c", "exec \"$@\" 7<\"$0\""])
        .arg(&secret)
        .arg(env!("CARGO_BIN_EXE_crossing"))
        .env("SECRET", "the secret");
    let (mut child, inner) = started(&mut command, WAITING);
    assert_eq!(fs::read(inner.join("environ")).unwrap(), b"");
    assert_eq!(fs::read_link(inner.join("cwd")).unwrap(), Path::new("/"));
    let open: Vec<String> = fs::read_dir(inner.join("fd"))
        .unwrap()
        .filter_map(|file| Some(fs::read_link(file.ok()?.path()).ok()?.display().to_string()))
        .collect();
    assert!(open.len() >= 3, "{open:?}");
    for file in &open {
        let known = ["pipe:", "socket:", "anon_inode:"].iter().any(|kind| file.starts_with(kind));
        assert!(known, "it has {file} open");
    }
    let limits = fs::read_to_string(inner.join("limits")).unwrap();
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(limit("Max file size"), "0");
    assert_eq!(limit("Max core file size"), "0");
    assert_eq!(limit("Max open files"), "1024");
    assert_eq!(limit("Max cpu time"), "130");
    assert_eq!(limit("Max address space"), (4u64 << 30).to_string());
    let status = fs::read_to_string(inner.join("status")).unwrap();
    assert!(status.contains("\nNoNewPrivs:\t1\n"), "{status}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn it_ends_with_the_command_however_that_ends() {
    for signal in ["-KILL", "-TERM", "-INT"] {
        let (mut child, inner) = started(&mut crossing(), WAITING);
        assert!(lives(&inner));
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert!(!child.wait().unwrap().success());
        ends(&inner);
    }
    // A loop without end hears of it, too.
    let (mut child, inner) = started(&mut crossing(), "console.log('up'); for (;;);");
    child.kill().unwrap();
    child.wait().unwrap();
    ends(&inner);
}

#[test]
fn how_it_ends_is_told() {
    let (mut child, inner) = started(&mut crossing(), WAITING);
    let number = inner.file_name().unwrap().to_str().unwrap();
    assert!(Command::new("kill").args(["-ABRT", number]).status().unwrap().success());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert_eq!(
        said,
        "crossing: the script's own process has ended by SIGABRT: it took too much, or the engine has a fault\n"
    );
}

#[test]
fn limits_hold_in_it() {
    for (source, code, said) in [
        ("for (;;);", 2, "has not ended within 1 s"),
        ("const all = []; for (;;) all.push(new Uint8Array(1 << 20));", 1, "out of memory"),
        ("(function again() { again(); })()", 1, "stack"),
        ("setInterval(() => console.log('x'.repeat(1e6)), 0)", 2, "has not ended within 1 s"),
    ] {
        let mut command = crossing();
        command.args(["run", "--timeout", "1", "-"]);
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.unwrap();
        child.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{source}: {told}");
        assert!(told.contains(said), "{source}: {told}");
    }
}

#[test]
fn it_ends_when_nobody_reads_any_more() {
    let mut command = crossing();
    command.args(["run", "--timeout", "60", "-"]);
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.unwrap();
    child.stdin.take().unwrap().write_all(b"setInterval(() => console.log('up'), 1)").unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let begun = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn its_other_end_is_not_for_people() {
    let output = crossing().arg("run-inside").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let help = crossing().arg("--help").output().unwrap();
    assert!(!String::from_utf8_lossy(&help.stdout).contains("run-inside"));
}
