//! `crossing audit --draft-policy`: from a server's answers to a policy, and back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use axum::Router;
use axum::routing::get;
use crossing_tower::{CorsLayer, Policy};
use support::process::Directory;
use support::scripted::{Answer, serve};
use support::{Run, run, serve_application};

const APP: &str = "https://app.example.com";
const ADMIN: &str = "https://admin.example.com";

/// Serves an application behind a policy until the test's process ends.
fn server_of(policy: &str) -> u16 {
    let policy = Policy::from_toml(policy).unwrap();
    let application = Router::new().route("/data", get(|| async { "data" })).layer(CorsLayer::new(policy));
    serve_application(application)
}

fn draft(port: u16, own: &[&str]) -> Run {
    let url = format!("http://127.0.0.1:{port}/data");
    let own = own.iter().flat_map(|own| ["--own", own]);
    run(["audit", &url, "--draft-policy", "--rate", "5000"].into_iter().chain(own))
}

/// A known policy, its draft, and what `diff` says of the two.
fn round_trip(known: &str, own: &[&str]) -> (String, Run) {
    let files = Directory::new();
    let drafted = draft(server_of(known), own).has_code(0).out;
    let old = files.write("known.toml", known).display().to_string();
    let new = files.write("draft.toml", &drafted).display().to_string();
    let lint = run(["lint", &new]).has_code(0);
    assert!(lint.err.is_empty(), "{drafted}\n{}", lint.err);
    (drafted, run(["diff", &old, &new, "--json"]))
}

#[test]
fn a_draft_of_exact_origins_is_the_policy_again() {
    for known in [
        "[[grant]]\nallow_origins = [\"https://app.example.com\"]\n",
        "[[grant]]\nallow_origins = [\"*\"]\nmax_age = 60\n",
        r#"
        preflight_status = 204
        [[grant]]
        allow_origins = ["https://app.example.com", "https://admin.example.com"]
        allow_credentials = true
        allow_methods = ["PUT", "PATCH"]
        allow_headers = ["authorization", "content-type", "x-own"]
        expose_headers = ["x-request-id"]
        max_age = 600
        timing_allow_origin = true
        "#,
        r#"
        [[grant]]
        allow_origins = ["https://app.example.com"]
        allow_methods = ["*"]
        allow_headers = ["*", "authorization"]
        [[grant]]
        allow_origins = ["https://admin.example.com"]
        allow_credentials = true
        allow_methods = ["*"]
        allow_headers = ["*"]
        [[grant]]
        allow_origins = ["*"]
        cross_origin_resource_policy = "cross-origin"
        "#,
    ] {
        let (drafted, diff) = round_trip(known, &[APP, ADMIN]);
        let diff = diff.has_code(0).json();
        assert_eq!(diff["narrowed"].as_array().unwrap().len(), 0, "{known}\n{drafted}\n{diff}");
    }
}

#[test]
fn a_draft_never_widens_what_it_cannot_see_whole() {
    for (known, remark) in [
        (
            "[[grant]]\nallow_origins = [\"https://*.example.com\"]\nallow_credentials = true\n",
            "a pattern (https://*.) seems to stand there",
        ),
        ("[[grant]]\nallow_origins = [\"https://app.example.com:*\"]\n", "any port (:*) seems to do"),
        (
            "dangerously_allow_null_origin = true\n[[grant]]\nallow_origins = [\"https://app.example.com\", \"null\"]\n",
            "any page can make its origin null",
        ),
        (
            "[[grant]]\nallow_origins = [\"https://app.example.com\"]\nexpose_headers = [\"*\"]\nallow_credentials = true\n",
            "https://admin.example.com is not granted.",
        ),
    ] {
        let (drafted, diff) = round_trip(known, &[APP, ADMIN]);
        assert!(drafted.contains(remark), "{remark} is not in:\n{drafted}");
        diff.has_code(0);
    }
}

#[test]
fn what_no_policy_may_say_becomes_a_remark() {
    // It reflects with credentials, and lists what a policy refuses.
    let port = serve(|asked| {
        let answer = Answer::new(if asked.is_preflight() { 204 } else { 200 });
        let answer = answer.with("access-control-allow-origin", asked.get("origin").unwrap_or("*"));
        let answer = answer.with("access-control-allow-credentials", "true");
        let answer = answer.with("access-control-expose-headers", "Set-Cookie, X-Total, \"quoted\"");
        answer
            .with("access-control-allow-methods", "GET, PUT, TRACE, patch")
            .with("access-control-allow-headers", "Content-Type, Cookie, a b, X-Own")
            .with("access-control-max-age", "999999999")
    });
    let files = Directory::new();
    let drafted = draft(port, &[APP, "http://app.example.com"]).has_code(0).out;
    let new = files.write("draft.toml", &drafted).display().to_string();
    run(["lint", &new]).has_code(0);
    for part in [
        "Everybody was granted with credentials",
        "dangerously_allow_insecure_origins = true",
        "not taken over: 'TRACE'",
        "not taken over: 'set-cookie'",
        "not taken over: 'cookie'",
        "not taken over: 'a b'",
        "max_age           = 86400",
        "\"x-own\"",
        "\"patch\"",
    ] {
        assert!(drafted.contains(part), "{part} is not in:\n{drafted}");
    }
}

#[test]
fn who_grants_nobody_or_is_not_there_has_no_draft() {
    let silent = draft(serve(|_| Answer::new(200)), &[APP]).has_code(1);
    assert!(silent.out.is_empty() && silent.err.contains("grants nobody who was tried"), "{}", silent.err);
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dead = draft(dead, &[APP]).has_code(2);
    assert!(dead.out.is_empty() && dead.err.contains("refused"), "{}", dead.err);
    let two = run(["audit", "http://a.test/", "http://b.test/", "--draft-policy"]).has_code(2);
    assert!(two.err.contains("takes one URL"), "{}", two.err);
    let dry = run(["audit", "http://a.test/", "--own", APP, "--draft-policy", "--dry-run"]).has_code(0);
    assert!(dry.out.contains("nothing was sent") && dry.out.contains("x-csrf-token"), "{}", dry.out);
}
