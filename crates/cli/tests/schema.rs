//! The documents of `--json` have the keys that were promised, and no others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Shape, document, exchanges, run, server};

const SHARES: &str = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nSet-Cookie: sid=secret; Path=/\r\n\
                      Content-Length: 2\r\nConnection: close\r\n\r\nok";
const SHARES_NOT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
const FROM: [&str; 2] = ["--from", "https://app.example.com"];

fn check(port: u16, more: &[&str]) -> support::Run {
    // The page is https and the name is a loopback address: no mixed content.
    let url = format!("http://127.0.0.1:{port}/x?y");
    run(["check", &url, "--json"].into_iter().chain(FROM).chain(more.iter().copied()))
}

#[test]
fn demo_prints_its_cases() {
    let run = run(["demo", "--json"]).has_code(0);
    let demo = run.json();
    let case = Shape::Object(vec![
        ("id", Shape::Text),
        ("title", Shape::Text),
        ("expected", Shape::Text),
        ("got", Shape::Text),
        ("ok", Shape::Truth),
        ("exchanges", exchanges()),
    ]);
    Shape::Object(vec![
        ("cases", Shape::List(Box::new(case))),
        ("ok", Shape::Number),
        ("failed", Shape::Number),
    ])
    .check(&demo, "demo");
    let cases = demo["cases"].as_array().unwrap();
    assert_eq!(demo["ok"], cases.len());
    assert_eq!(demo["failed"], 0);
    let ids: std::collections::BTreeSet<_> = cases.iter().map(|case| case["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), cases.len(), "each case has an id of its own");
}

#[test]
fn allowed_has_a_response_and_no_reason() {
    let checked = check(server(SHARES), &[]).has_code(0).json();
    document().check(&checked, "check");
    assert_eq!(checked["verdict"], "allowed");
    assert!(checked["reason"].is_null());
    assert_eq!(checked["response"]["type"], "cors");
    assert_eq!(checked["response"]["body_bytes"], 2);
    assert_eq!(checked["exchanges"][0]["kind"], "request");
    assert_eq!(checked["exchanges"][0]["status"], 200);
}

#[test]
fn blocked_has_a_reason_and_no_response() {
    let checked = check(server(SHARES_NOT), &[]).has_code(1).json();
    document().check(&checked, "check");
    assert_eq!(checked["verdict"], "blocked");
    assert!(checked["response"].is_null());
    assert_eq!(checked["reason"]["code"], "acao-missing");
    assert_eq!(checked["reason"]["fault"], "server");
    assert_eq!(checked["reason"]["chromium"], "MissingAllowOriginHeader");
    assert_eq!(checked["reason"]["firefox"], "CORSMissingAllowOrigin");
}

#[test]
fn unreachable_has_a_reason_and_says_it_on_standard_error() {
    let run = check(server("this is no HTTP\r\n\r\n"), &[]).has_code(2);
    let checked = run.json();
    document().check(&checked, "check");
    assert_eq!(checked["verdict"], "unreachable");
    assert_eq!(checked["reason"]["code"], "broken-http");
    assert!(checked["response"].is_null());
    assert!(run.err.contains("broken-http") && run.err.contains("no CORS error"), "{}", run.err);
}

#[test]
fn every_profile_has_a_document() {
    // WebKit holds a loopback address for as mixed as any other: the page is http, too.
    let url = format!("http://127.0.0.1:{}/", server(SHARES));
    let page = "http://app.example.com";
    let checked = run(["check", &url, "--json", "--from", page, "--profile", "all"]).has_code(0).json();
    let names = ["standard", "consensus", "chromium", "firefox", "webkit"];
    let profiles = names.map(|name| (name, document()));
    for (name, shape) in profiles {
        shape.check(&checked["profiles"][name], name);
    }
    assert_eq!(checked.as_object().unwrap().len(), 1);
}

#[test]
fn secrets_are_told_as_present_and_not_printed() {
    let secrets = ["--credentials", "include", "--cookie", "sid=s3cr3t", "-H", "authorization: Bearer t0ken"];
    let port = server(
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://app.example.com\r\n\
         Access-Control-Allow-Credentials: true\r\nAccess-Control-Allow-Headers: authorization\r\n\
         Set-Cookie: sid=n3w; Path=/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let run = check(port, &secrets).has_code(0);
    let sent = run.json()["exchanges"][1]["request_headers"].to_string();
    assert!(sent.contains(r#"["authorization","Bearer (present)"]"#), "{sent}");
    assert!(sent.contains(r#"["cookie","(present)"]"#), "{sent}");
    for secret in ["s3cr3t", "t0ken", "n3w"] {
        assert!(!run.out.contains(secret) && !run.err.contains(secret), "{secret} in {}", run.out);
    }
}

#[test]
fn repeating_shows_the_preflight_cache() {
    let port = server(
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: PUT\r\n\
         Access-Control-Max-Age: 60\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let checked = check(port, &["-X", "PUT", "--repeat", "3"]).has_code(0).json();
    let kinds: Vec<_> = checked["exchanges"].as_array().unwrap().iter().map(|e| &e["method"]).collect();
    assert_eq!(kinds, ["OPTIONS", "PUT", "PUT", "PUT"]);
}
