//! Traffic as a file: written by `check --har`, judged again by `check --from-har`, and pasted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::process::Directory;
use support::scripted::{Answer, serve};
use support::{document, run};

const FROM: &str = "https://app.example.com";

/// Grants a PUT, and shares nothing else.
fn server() -> u16 {
    serve(|asked| {
        let shared = |status| Answer::new(status).with("access-control-allow-origin", FROM);
        match (asked.is_preflight(), asked.method.as_str()) {
            (true, _) => shared(204)
                .with("access-control-allow-methods", "PUT")
                .with("access-control-allow-credentials", "true"),
            (_, "PUT") => shared(200)
                .with("access-control-allow-credentials", "true")
                .with("set-cookie", "sid=fresh; Path=/")
                .body("stored"),
            _ => Answer::new(200),
        }
    })
}

#[test]
fn what_happened_is_written_and_judged_the_same() {
    let (files, port) = (Directory::new(), server());
    let (har, url) =
        (files.path().join("a.har").display().to_string(), format!("http://127.0.0.1:{port}/items?q=1"));
    let flags = ["--from", FROM, "-X", "PUT", "--credentials", "include", "--cookie", "sid=secret"];
    run(["check", &url, "--har", &har, "--json"].into_iter().chain(flags)).has_code(0);
    let text = std::fs::read_to_string(&har).unwrap();
    assert!(!text.contains("secret") && !text.contains("fresh"), "{text}");
    let written: Value = serde_json::from_str(&text).unwrap();
    let log = &written["log"];
    assert_eq!((&log["version"], &log["creator"]["name"]), (&json!("1.2"), &json!("crossing")));
    assert_eq!(log["pages"][0]["title"], FROM);
    let entries = log["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    for (entry, (method, status, kind)) in
        entries.iter().zip([("OPTIONS", 204, "preflight"), ("PUT", 200, "fetch")])
    {
        assert_eq!(
            (&entry["request"]["method"], &entry["response"]["status"]),
            (&json!(method), &json!(status))
        );
        assert_eq!((&entry["_resourceType"], &entry["pageref"]), (&json!(kind), &log["pages"][0]["id"]));
        assert_eq!(entry["request"]["queryString"], json!([{ "name": "q", "value": "1" }]));
        for key in ["startedDateTime", "time", "cache", "timings"] {
            assert!(!entry[key].is_null(), "{key}");
        }
        assert!(entry["startedDateTime"].as_str().unwrap().starts_with("20"));
    }
    assert_eq!(entries[1]["response"]["content"]["size"], 6);

    let again = run(["check", "--from-har", &har, "--json"]).has_code(0).json();
    let again = &again["entries"][0];
    assert_eq!((&again["method"], &again["url"], &again["from"]), (&json!("PUT"), &json!(url), &json!(FROM)));
    document().check(&again["profiles"]["consensus"], "from-har");
    assert_eq!(again["profiles"]["consensus"]["exchanges"].as_array().unwrap().len(), 2);

    // Asked for, the secrets are there.
    run(["check", &url, "--har", &har, "--har-secrets"].into_iter().chain(flags)).has_code(0);
    assert!(std::fs::read_to_string(&har).unwrap().contains("sid=secret"));
}

fn headers(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn entry(method: &str, url: &str, sent: &[(&str, &str)], status: u16, got: &[(&str, &str)]) -> Value {
    json!({
        "pageref": "page_1",
        "request": { "method": method, "url": url, "headers": headers(sent), "httpVersion": "h2" },
        "response": { "status": status, "headers": headers(got), "content": { "size": 3, "text": "abc" } },
    })
}

/// As a browser exports a visit: a page, its image, and what its scripts asked for.
fn session() -> Value {
    let cors = [("origin", FROM), ("sec-fetch-mode", "cors"), (":authority", "api.example.com")];
    let asks = [
        ("origin", FROM),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "x-token"),
    ];
    let shares = [("access-control-allow-origin", FROM)];
    let grants = [
        ("access-control-allow-origin", FROM),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-headers", "x-token"),
    ];
    let patch = [("origin", FROM), ("sec-fetch-mode", "cors"), ("x-token", "7")];
    json!({ "log": {
        "version": "1.2",
        "pages": [{ "id": "page_1", "title": "https://app.example.com/inbox" }],
        "entries": [
            entry("GET", "https://app.example.com/inbox", &[("sec-fetch-mode", "navigate")], 200, &[]),
            entry("GET", "https://img.example.com/a.png", &[("sec-fetch-mode", "no-cors")], 200, &[]),
            entry("GET", "https://api.example.com/mail", &cors, 200, &shares),
            entry("GET", "https://api.example.com/bare", &cors, 200, &[]),
            entry("OPTIONS", "https://api.example.com/mail/1", &asks, 200, &grants),
            entry("PATCH", "https://api.example.com/mail/1", &patch, 0, &[]),
            entry(
                "GET",
                "https://api.example.com/old",
                &cors,
                302,
                &[("access-control-allow-origin", "*"), ("location", "https://cdn.example.net/new")],
            ),
            entry(
                "GET",
                "https://cdn.example.net/new",
                &[("origin", "null"), ("sec-fetch-mode", "cors")],
                200,
                &[("access-control-allow-origin", FROM)],
            ),
            entry("GET", "data:text/plain,x", &[], 200, &[]),
        ],
    } })
}

#[test]
fn a_browsers_export_is_judged_offline() {
    let files = Directory::new();
    let text = format!("\u{feff}{}", session());
    let har = files.write("session.har", &text).display().to_string();
    let all = run(["check", "--from-har", &har, "--profile", "all", "--json"]).has_code(1).json();
    let verdicts: Vec<_> = all["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            assert!(entry["profiles"].as_object().unwrap().len() > 1);
            let told = &entry["profiles"]["standard"];
            let reason = told["reason"]["code"].as_str().unwrap_or("allowed").to_owned();
            (entry["url"].as_str().unwrap().to_owned(), reason)
        })
        .collect();
    let expected = [
        ("https://api.example.com/mail", "allowed"),
        ("https://api.example.com/bare", "acao-missing"),
        ("https://api.example.com/mail/1", "method-not-allowed"),
        ("https://api.example.com/old", "acao-mismatch"),
    ];
    assert_eq!(verdicts, expected.map(|(url, reason)| (url.to_owned(), reason.to_owned())));

    let listed = run(["check", "--from-har", &har]).has_code(1);
    assert!(listed.out.contains("✓ GET https://api.example.com/mail from"), "{}", listed.out);
    assert!(listed.out.contains("blocked: method-not-allowed"), "{}", listed.out);
    assert!(
        listed.out.contains("4 requests to other origins, 3 not allowed; other entries: 3"),
        "{}",
        listed.out
    );
    // One of them, whole, with its mend.
    let one = run(["check", "/bare", "--from-har", &har]).has_code(1);
    assert!(one.out.contains("◀") && one.out.contains("patch"), "{}", one.out);
    // Another page's eyes.
    let other = run(["check", "/mail", "--from-har", &har, "--from", "https://evil.example", "--json"]);
    assert_eq!(other.json()["entries"][0]["profiles"]["consensus"]["reason"]["code"], "acao-mismatch");
}

#[test]
fn what_was_not_recorded_is_not_made_up() {
    let files = Directory::new();
    let mut session = session();
    session["log"]["entries"].as_array_mut().unwrap().retain(|entry| entry["request"]["method"] != "OPTIONS");
    // Without its preflight, and answered: Safari exports no preflights.
    let entries = session["log"]["entries"].as_array_mut().unwrap();
    let patch = entries.iter_mut().find(|entry| entry["request"]["method"] == "PATCH").unwrap();
    patch["response"]["status"] = json!(200);
    patch["response"]["headers"] = headers(&[("access-control-allow-origin", FROM)]);
    let har = files.write("session.har", &session.to_string()).display().to_string();
    let judged = run(["check", "/mail/1", "--from-har", &har]).has_code(0);
    let told = judged.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("The preflight to https://api.example.com/mail/1 is not recorded."), "{told}");
    assert!(judged.err.contains("the preflights of 1 requests are not recorded"), "{}", judged.err);
    let json = run(["check", "/mail/1", "--from-har", &har, "--json"]).has_code(0).json();
    let exchanges = json["entries"][0]["profiles"]["consensus"]["exchanges"].as_array().unwrap();
    assert_eq!(exchanges.iter().map(|e| &e["method"]).collect::<Vec<_>>(), ["PATCH"]);
}

/// Chromium writes 0 for the status of an answer that it blocks, and other recorders -1; some leave out its lines.
#[test]
fn a_blocked_answer_is_no_failure_of_the_network() {
    let files = Directory::new();
    for (status, lines, exit, code) in [
        (0, &[("content-type", "text/plain")][..], 1, "acao-missing"),
        (-1, &[("access-control-allow-origin", "https://other.example")], 1, "acao-mismatch"),
        (0, &[], 2, "not-recorded"),
        (-1, &[], 2, "not-recorded"),
    ] {
        let mut blocked = entry("GET", "https://api.example.com/mail", &[("origin", FROM)], 0, lines);
        blocked["response"]["status"] = json!(status);
        blocked["response"]["_error"] = json!("net::ERR_FAILED");
        let har = json!({ "log": { "entries": [blocked] } }).to_string();
        let har = files.write("blocked.har", &har).display().to_string();
        let run = run(["check", "--from-har", &har]).has_code(exit);
        let told = format!("{}{}", run.out, run.err);
        assert!(told.contains(code) && !told.contains("no CORS error"), "{told}");
    }
}

/// As a browser does, a request that its preflight stopped is written beside it.
#[test]
fn what_the_preflight_stopped_is_judged_the_same() {
    let files = Directory::new();
    let har = files.path().join("stopped.har").display().to_string();
    for (more, code) in [
        (&["-H", "x-api-key: k3y", "-H", "x-auth-token: t0k"][..], "header-not-allowed"),
        (&["-X", "DELETE"], "method-not-allowed"),
        (&["-X", "PUT", "--credentials", "include"], "acao-wildcard-creds"),
    ] {
        let port = serve(|_| Answer::new(200).with("access-control-allow-origin", "*"));
        let url = format!("http://127.0.0.1:{port}/");
        let flags = ["check", &url, "--from", FROM, "--har", &har, "--json"];
        let first = run(flags.iter().chain(more)).has_code(1).json();
        assert_eq!(first["reason"]["code"], code);
        let text = std::fs::read_to_string(&har).unwrap();
        assert!(!text.contains("k3y") && !text.contains("t0k"), "{text}");
        let again = run(["check", "--from-har", &har, "--json"]).has_code(1).json();
        assert_eq!(again["entries"].as_array().unwrap().len(), 1);
        assert_eq!(again["entries"][0]["profiles"]["consensus"]["reason"], first["reason"]);
    }
}

#[test]
fn files_that_cannot_be_judged_are_named() {
    let files = Directory::new();
    let write = |name, text: &str| files.write(name, text).display().to_string();
    for (file, told) in [
        (files.path().join("none.har").display().to_string(), "No such file"),
        (write("broken.har", "{\"log\": {\"entries\": [}"), "line 1 column"),
        (write("other.har", "{\"items\": []}"), "log.entries"),
        (write("empty.har", "{\"log\": {\"entries\": []}}"), "none of its 0 entries"),
    ] {
        let run = run(["check", "--from-har", &file]).has_code(2);
        assert!(run.err.contains(told) && run.err.contains(&file), "{told}: {}", run.err);
    }
    let run = run(["check", "http://a.test/", "--from", FROM, "--har-secrets"]).has_code(2);
    assert!(run.err.contains("--har"), "{}", run.err);
}

#[test]
fn an_entry_can_be_pasted() {
    let url = format!("http://127.0.0.1:{}/items", server());
    let pasted = entry("PUT", &url, &[("Origin", FROM), ("Cookie", "sid=1"), (":path", "/items")], 200, &[]);
    let request = &pasted["request"];
    for text in
        [pasted.to_string(), request.to_string(), json!({ "log": { "entries": [pasted] } }).to_string()]
    {
        let told = run(["check", &text, "--json"]).has_code(0).json();
        assert_eq!(told["exchanges"].as_array().unwrap().len(), 2);
        assert_eq!(told["exchanges"][1]["method"], "PUT");
    }
    for (text, told) in [
        ("{\"request\": {", "cannot be read"),
        ("{\"a\": 1}", "no request with a method and a url"),
        (&session().to_string(), "it has 9 entries"),
    ] {
        let run = run(["check", text]).has_code(2);
        assert!(run.err.contains(told), "{told}: {}", run.err);
    }
}
