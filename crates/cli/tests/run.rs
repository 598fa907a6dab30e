//! `crossing run` over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{run, server};

const ORIGIN: &str = "https://app.example.com";
const SHARED: &str = "HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 3\r\n\r\nyes";
const SHARED_HEAD: &str =
    "HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 3145728\r\n\r\n";
const WITH_CREDENTIALS: &str = "HTTP/1.1 200 OK\r\naccess-control-allow-origin: https://app.example.com\r\n\
     access-control-allow-credentials: true\r\ncontent-length: 3\r\n\r\nyes";

/// Runs the example against a server of this answer.
fn example(answer: &'static str) -> String {
    let port = server(answer);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/xhr-with-credentials.js");
    run(["run", "--url", &format!("{ORIGIN}/#http://127.0.0.1:{port}/hello"), file]).has_code(0).out
}

#[test]
fn the_example_meets_the_star_and_the_name() {
    assert_eq!(
        example(SHARED),
        "withCredentials = false: 200 yes\nwithCredentials = true: an error, and no more than that is said\n"
    );
    assert_eq!(
        example(WITH_CREDENTIALS),
        "withCredentials = false: 200 yes\nwithCredentials = true: 200 yes\n"
    );
}

#[test]
fn the_trace_says_what_the_script_is_not_told() {
    let port = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let code = format!("fetch('http://127.0.0.1:{port}/').catch((error) => console.log(error.message))");
    let run = run(["run", "--origin", ORIGIN, "--trace", "-e", &code]).has_code(0);
    assert_eq!(run.out, "Failed to fetch\n");
    assert!(run.err.contains("acao-missing"), "{}", run.err);
}

#[test]
fn a_body_is_as_large_as_the_person_says() {
    let code = |port: u16| {
        format!(
            "fetch('http://127.0.0.1:{port}/').then((r) => r.text()).then((t) => console.log(t.length), (e) => console.log(e.name))"
        )
    };
    let large: &'static str = Box::leak(format!("{SHARED_HEAD}{}", "x".repeat(3 << 20)).into_boxed_str());
    let length = ["run", "--origin", ORIGIN, "--max-body", "4", "-e", &code(server(large))];
    assert_eq!(run(length).has_code(0).out, "3145728\n");
    for more in [&[][..], &["--trace"]] {
        let code = code(server(large));
        let length = ["run", "--origin", ORIGIN, "--max-body", "2", "-e", &code];
        let run = run(length.iter().chain(more)).has_code(0);
        assert_eq!(run.out, "TypeError\n");
        for said in ["body-too-large", "larger than 2097152 bytes", "fix: Raise the limit with --max-body."] {
            assert_eq!(run.err.matches(said).count(), 1, "{}", run.err);
        }
    }
}

#[test]
fn what_nobody_catches_is_exit_1_and_too_long_is_exit_2() {
    let thrown = run(["run", "-e", "console.log('before'); throw new TypeError('no')"]).has_code(1);
    assert_eq!(thrown.out, "before\n");
    assert!(thrown.err.starts_with("Uncaught TypeError: no\n"), "{}", thrown.err);
    let rejected = run(["run", "-e", "Promise.reject(7)"]).has_code(1);
    assert_eq!(rejected.err, "Uncaught (in promise) 7\n");
    let late = run(["run", "--timeout", "0.5", "-e", "for (;;);"]).has_code(2);
    assert!(late.err.contains("has not ended within 0.5 s"), "{}", late.err);
    let missing = run(["run", "/nowhere/at/all.js"]).has_code(2);
    assert!(missing.err.contains("/nowhere/at/all.js"), "{}", missing.err);
}

#[test]
fn a_relative_url_is_one_of_the_page() {
    let port = server(SHARED);
    let url = format!("http://127.0.0.1:{port}/page/index.html");
    let code =
        "fetch('../data').then(async (r) => console.log(r.type, new URL(r.url).pathname, await r.text()))";
    let run = run(["run", "--url", &url, "-e", code]).has_code(0);
    assert_eq!(run.out, "basic /data yes\n");
}

#[test]
fn every_case_of_the_demo_has_the_same_verdict_as_a_script() {
    let core = run(["demo", "--json"]).has_code(0).json();
    let script = run(["demo", "--xhr", "--json"]).has_code(0).json();
    assert_eq!(script["failed"], 0);
    let verdicts = |document: &serde_json::Value| -> Vec<(String, String)> {
        let cases = document["cases"].as_array().unwrap();
        let text = |case: &serde_json::Value, key: &str| case[key].as_str().unwrap().to_owned();
        cases.iter().map(|case| (text(case, "id"), text(case, "got"))).collect()
    };
    assert_eq!(verdicts(&core), verdicts(&script));
}
