//! Wrong usage, exit codes, and the small commands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use support::{crossing, run, server};

const URL: &str = "http://127.0.0.1:9999/";
const FROM: &str = "https://app.example.com";

/// Each is refused with exit code 2 before anything is sent, and standard error says what would be right.
#[test]
fn wrong_input_is_named_and_mended() {
    let long = "x".repeat(100_000);
    let long_header = format!("x-a: {long}");
    let long_flag = format!("--{long}");
    let cases: &[(&[&str], &str)] = &[
        (&[], "Usage"),
        (&["frobnicate"], "unrecognized subcommand"),
        (&["check", URL, "--from", FROM, "--frobnicate"], "--frobnicate"),
        (&["check", URL, "--from", FROM, &long_flag], "unexpected argument"),
        (&["check", URL], "--from"),
        (&["check", "--from", FROM], "URL"),
        (&["check", URL, "--from", "https://app.example.com/"], "did you mean https://app.example.com?"),
        (&["check", URL, "--from", "https://app.example.com/x"], "did you mean https://app.example.com?"),
        (&["check", URL, "--from", "app.example.com"], "did you mean https://app.example.com?"),
        (&["check", URL, "--from", "HTTPS://app.example.com"], "did you mean https://app.example.com?"),
        (&["check", URL, "--from", "file:///x"], "write null"),
        (&["check", URL, "--from", &long], "at most 65536"),
        (&["check", "file:///etc/passwd", "--from", FROM], "http: and https: URLs only"),
        (&["check", "localhost:3000", "--from", FROM], "no scheme"),
        (&["check", "http://", "--from", FROM], "not a URL"),
        (&["check", "http://u:p@a.test/", "--from", FROM], "apart from it"),
        (&["check", &long, "--from", FROM], "at most 65536"),
        (&["check", URL, "--from", FROM, "-H", "x-a"], "no colon"),
        (&["check", URL, "--from", FROM, "-H", ": a"], "not a header name"),
        (&["check", URL, "--from", FROM, "-H", "x a: b"], "not a header name"),
        (&["check", URL, "--from", FROM, "-H", "x-a: b\r\nx-b: c"], "line break"),
        (&["check", URL, "--from", FROM, "-H", "x-a: b\n"], "line break"),
        (&["check", URL, "--from", FROM, "-H", &long_header], "at most 65536"),
        (&["check", URL, "--from", FROM, "-X", "A B"], "not a method"),
        (&["check", URL, "--from", FROM, "-X", "TRACE"], "no browser"),
        (&["check", URL, "--from", FROM, "-X", "GET", "-d", "x"], "no body"),
        (&["check", URL, "--from", FROM, "--mode", "no-cors", "-X", "PUT"], "no-cors"),
        (&["check", URL, "--from", FROM, "--mode", "navigate"], "possible values"),
        (&["check", URL, "--from", FROM, "--credentials", "yes"], "possible values"),
        (&["check", URL, "--from", FROM, "--redirect", "yes"], "possible values"),
        (&["check", URL, "--from", FROM, "--referrer-policy", "yes"], "possible values"),
        (&["check", URL, "--from", FROM, "--profile", "netscape"], "possible values"),
        (&["check", URL, "--from", FROM, "--cookie", "a"], "name=value"),
        (&["check", URL, "--from", FROM, "--cookie", "a=b; c=d"], "name=value"),
        (&["check", URL, "--from", FROM, "--user", "me"], "NAME:PASSWORD"),
        (&["check", URL, "--from", FROM, "--resolve", "a.test:80"], "HOST:PORT:ADDR"),
        (&["check", URL, "--from", FROM, "--repeat", "0"], "1..=100"),
        (&["check", URL, "--from", FROM, "--timeout", "0"], "seconds above 0"),
        (&["check", URL, "--from", FROM, "--timeout", "NaN"], "seconds above 0"),
        (&["check", URL, "--from", FROM, "--cacert", "/nowhere/ca.pem"], "/nowhere/ca.pem"),
        (&["completions", "csh"], "possible values"),
        (&["man", "/nowhere/at/all"], "/nowhere/at/all"),
    ];
    for (args, told) in cases {
        let shown: Vec<String> = args.iter().map(|arg| arg.chars().take(80).collect()).collect();
        let run = run(*args);
        assert_eq!(run.code, Some(2), "{shown:?}: {}", run.err);
        assert!(run.err.contains(told), "{shown:?} should say {told:?}: {}", run.err);
        assert!(run.err.len() < 4000, "{shown:?} repeats {} bytes", run.err.len());
        assert!(run.out.is_empty(), "{shown:?}: {}", run.out);
    }
}

#[test]
fn help_and_version_are_answers() {
    for args in [&["--help"][..], &["check", "--help"], &["demo", "--help"], &["--version"]] {
        let run = run(args).has_code(0);
        assert!(!run.out.is_empty() && run.err.is_empty(), "{args:?}");
    }
    let help = run(["check", "--help"]).out;
    for flag in [
        "--from",
        "-X",
        "-H",
        "-d",
        "--credentials",
        "--mode",
        "--redirect",
        "--referrer-policy",
        "--cookie",
        "--user",
        "--profile",
        "--repeat",
        "--resolve",
        "--cacert",
        "-k",
        "--timeout",
        "--json",
        "Examples:",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
}

#[test]
fn completions_and_manual_pages_are_made_from_the_flags() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(["completions", shell]).has_code(0).out.contains("referrer-policy"), "{shell}");
    }
    let directory = std::env::temp_dir().join(format!("crossing-man-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    run(["man".as_ref(), directory.as_os_str()]).has_code(0);
    let page = std::fs::read_to_string(directory.join("crossing-check.1")).unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    assert!(page.contains("credentials"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for args in [&["demo"][..], &["demo", "--json"], &["--help"], &["completions", "bash"]] {
        let mut child = crossing().args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let status = child.wait().unwrap();
        assert!(!err.contains("panicked"), "{args:?}: {err}");
        assert_eq!(status.code(), Some(0), "{args:?}: {err}");
    }
}

#[test]
fn ctrl_c_ends_with_130() {
    // The server takes the connection, and never says a word.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut child = crossing().args(["check", &url, "--from", FROM]).stdout(Stdio::null()).spawn().unwrap();
    let _connection = listener.accept().unwrap();
    let interrupted =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let status = child.wait().unwrap();
    // A shell tells a signal as 128 and its number.
    assert_eq!(status.code().or(status.signal().map(|signal| 128 + signal)), Some(130));
}

#[test]
fn files_and_pipes_get_no_colour() {
    let port = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let url = format!("http://127.0.0.1:{port}/");
    let run = run(["check", &url, "--from", FROM]).has_code(1);
    assert!(!run.out.contains('\x1b'), "{}", run.out);
    for told in ["page", "browser", "server", "✗ blocked: acao-missing", "fix", "#concept-cors-check"] {
        assert!(run.out.contains(told), "{told} in {}", run.out);
    }
}

#[test]
fn what_a_server_sends_cannot_move_the_cursor() {
    let port = server(
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: a\u{9b}31m\r\nVary: \u{7f}\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n",
    );
    let url = format!("http://127.0.0.1:{port}/");
    let run = run(["check", &url, "--from", FROM]);
    assert!(run.out.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", run.out);
    assert!(run.err.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", run.err);
}

/// `/dev/full` takes nothing: nobody was told the answer. A reader that has gone away has seen enough.
#[test]
fn what_cannot_be_written_is_no_success() {
    let port =
        support::server("HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 0\r\n\r\n");
    let url = format!("http://127.0.0.1:{port}/");
    for args in [
        &["explain", "--list"][..],
        &["check", &url, "--from", "https://a.test", "--json"],
        &["--help"],
        &["completions", "bash"],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = support::crossing().args(args).stdout(full).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains("crossing: standard output: "), "{told}");

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = support::crossing().args(args).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{args:?}");
    }
}
