//! `crossing check` where the answer is no CORS error, or looks like one and is something else: docs/ten-real-cases.md lists them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::{Read, Write};

use support::{Run, run, server};

const PAGE: &str = "https://app.example.com";
const OK: &str = "HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\nconnection: close\r\n";

/// One answer for everybody, made when the test runs.
fn answering(answer: String) -> String {
    format!("http://127.0.0.1:{}/", server(answer.leak()))
}

fn check(url: &str, more: &[&str]) -> Run {
    run(["check", url, "--from", PAGE, "--timeout", "20"].iter().chain(more))
}

/// Lines are broken where the terminal ends.
fn flat(told: &str) -> String {
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// It speaks before it is asked, and no TLS.
fn plain() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            // What was asked is read, so that the answer arrives.
            let _ = socket.read(&mut [0; 4096]);
        }
    });
    port
}

#[test]
fn what_is_no_cors_error_is_told_apart() {
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let gzip = answering(format!("{OK}content-encoding: gzip\r\ncontent-length: 7\r\n\r\nno gzip"));
    let megabyte = answering(format!("{OK}x-long: {}\r\ncontent-length: 0\r\n\r\n", "a".repeat(1 << 20)));
    let garbage = answering("<!doctype html><title>HTTP/0.9</title>".to_owned());
    let short = answering(format!("{OK}content-length: 100\r\n\r\nshort"));
    let lengths = answering(format!("{OK}content-length: 2\r\ncontent-length: 5\r\n\r\nhello"));
    let circle = answering(
        "HTTP/1.1 302 Found\r\nlocation: /\r\naccess-control-allow-origin: *\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_owned(),
    );
    for (url, exit, code, says) in [
        (format!("http://127.0.0.1:{dead}/"), 2, "connection", "connection refused"),
        ("http://nowhere.invalid/".to_owned(), 1, "mixed-content", "Serve the resource over https"),
        ("https://nowhere.invalid/".to_owned(), 2, "dns", "Check the name"),
        (format!("https://127.0.0.1:{}/", plain()), 2, "tls", "does not speak TLS on this port"),
        ("http://127.0.0.1:6667/".to_owned(), 1, "bad-port", "Serve on another port"),
        (garbage, 2, "broken-http", "cannot be read as HTTP"),
        (megabyte, 2, "broken-http", "too large"),
        (short, 2, "broken-http", "the body broke off"),
        (lengths, 2, "broken-http", "content-length"),
        (gzip, 2, "broken-http", "not what Content-Encoding: gzip says"),
        (circle, 1, "too-many-redirects", "Look for a loop"),
    ] {
        let run = check(&url, &[]).has_code(exit);
        let told = format!("{}\n{}", run.out, run.err);
        assert!(told.contains(code) && told.contains(says), "{url}: {says} is not in:\n{told}");
        assert!(told.len() < 60_000, "{url}: a megabyte is not repeated");
    }
}

#[test]
fn a_cookie_that_will_not_be_kept_is_named() {
    let url = answering(format!(
        "HTTP/1.1 200 OK\r\naccess-control-allow-origin: {PAGE}\r\naccess-control-allow-credentials: true\r\n\
         set-cookie: sid=7; SameSite=Lax\r\nset-cookie: old=1; SameSite=None\r\ncontent-length: 0\r\n\r\n"
    ));
    let told = flat(&check(&url, &["--credentials", "include"]).has_code(0).out);
    for part in [
        "The cookie sid is not kept: the page is of another site",
        "The cookie old is not kept: SameSite=None needs Secure beside it.",
    ] {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
    let told = flat(&check(&url, &[]).has_code(0).out);
    assert!(told.contains("goes without credentials") && !told.contains("sid=7"), "{told}");
}

#[test]
fn a_page_of_the_internet_that_asks_this_machine_is_warned() {
    let url = answering(format!("{OK}content-length: 0\r\n\r\n"));
    let warned = |page: &str| {
        let told = run(["check", url.as_str(), "--from", page]).has_code(0).out;
        ["local-network-refused", "local-network-insecure"].map(|code| told.contains(code))
    };
    assert_eq!(warned(PAGE), [true, false]);
    assert_eq!(warned("http://app.example.com"), [false, true]);
    assert_eq!(warned("http://localhost:3000"), [false, false]);
}

#[test]
fn the_lines_and_the_byte_that_decided_are_shown() {
    let acao = |value: &str| format!("access-control-allow-origin: {value}\r\n");
    let preflight = ["-X", "PUT", "-H", "x-token: 7"];
    for (lines, more, says) in [
        (String::new(), &[][..], "met no line access-control-allow-origin in the answer (200)"),
        (acao("https://api.example.com"), &[], "byte 11 of its value is i, and would have to be p"),
        (acao("https://app.example.com/"), &[], "byte 24 of its value is /, and nothing may follow"),
        (
            acao("*"),
            &["--credentials", "include"],
            "'access-control-allow-origin: *', where credentials are included",
        ),
        (
            acao(PAGE) + "access-control-allow-credentials: True\r\n",
            &["--credentials", "include"],
            "byte 1 of its value is T, and would have to be t",
        ),
        (
            acao("*"),
            &preflight[..2],
            "'access-control-request-method: PUT' met no line access-control-allow-methods",
        ),
        (
            acao("*") + "access-control-allow-methods: PUT; DELETE\r\n",
            &preflight[..2],
            "byte 4 of its value is ;",
        ),
        (
            acao("*") + "access-control-allow-methods: PUT\r\naccess-control-allow-headers: x-other\r\n",
            &preflight,
            "'access-control-request-headers: x-token' met 'access-control-allow-headers: x-other'",
        ),
    ] {
        let url = answering(format!("HTTP/1.1 200 OK\r\n{lines}content-length: 0\r\n\r\n"));
        let told = flat(&check(&url, more).has_code(1).out);
        assert!(told.contains("decided by") && told.contains(says), "{says} is not in:\n{told}");
    }
}

/// The page lists what is held here.
#[test]
fn the_page_has_the_messy_ones() {
    let page = include_str!("../../../docs/ten-real-cases.md");
    for code in ["connection", "dns", "tls", "mixed-content", "bad-port", "broken-http", "too-many-redirects"]
    {
        assert!(page.contains(&format!("| `{code}` |")), "{code}");
    }
}
