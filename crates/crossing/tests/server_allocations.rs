//! What deciding costs in memory: nothing, where the policy holds the answer ready; and what a large policy weighs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use allocation_counter::measure;
use bytes::Bytes;
use crossing::server::{Decision, Grant, Policy};
use http::{HeaderMap, HeaderValue, Method};

/// A header value as hyper hands it on: a part of a buffer that is shared already.
fn shared(text: &str) -> HeaderValue {
    let buffer = Bytes::from(format!("origin: {text}\r\n").into_bytes());
    let value = HeaderValue::from_maybe_shared(buffer.slice(8..8 + text.len())).unwrap();
    drop(buffer);
    value
}

fn request(lines: &[(&'static str, &str)]) -> HeaderMap {
    lines.iter().map(|(name, value)| (http::HeaderName::from_static(name), shared(value))).collect()
}

/// Allocations of one request: deciding, and editing a response's headers or filling an answer's.
fn cost(policy: &Policy, method: Method, lines: &[(&'static str, &str)]) -> u64 {
    let headers = request(lines);
    // Room enough, as a response of an application's has: the map's own growth is not ours.
    let mut response = HeaderMap::with_capacity(16);
    let once = |response: &mut HeaderMap| match policy.decide(&(&method, &headers)) {
        Decision::Answer(answer) => answer.apply(response),
        Decision::Forward(forward) => forward.apply(response),
    };
    once(&mut response);
    response.clear();
    measure(|| once(&mut response)).count_total
}

#[test]
fn simple_requests_allocate_nothing() {
    let exact =
        Grant::new().allow_origins(["https://a.example", "https://b.example"]).expose_headers(["x-a", "x-b"]);
    let star = Grant::new().allow_origins(["*"]);
    let pattern =
        Grant::new().allow_origins(["https://*.a.example", "http://localhost:*"]).allow_credentials(true);
    for grant in [exact.clone(), exact.allow_credentials(true), star, pattern] {
        let policy = Policy::builder().grant(grant).build().unwrap();
        for origin in [
            "https://a.example",
            "https://x.a.example",
            "http://localhost:3000",
            "https://evil.example",
            "null",
        ] {
            assert_eq!(cost(&policy, Method::GET, &[("origin", origin)]), 0, "{origin}");
        }
        assert_eq!(cost(&policy, Method::GET, &[]), 0);
        assert_eq!(cost(&policy, Method::OPTIONS, &[]), 0);
    }
}

#[test]
fn preflights_allocate_nothing() {
    let grant = Grant::new()
        .allow_origins(["https://a.example"])
        .allow_credentials(true)
        .allow_methods(["PUT"])
        .allow_headers(["x-a", "x-b", "content-type"])
        .max_age(600);
    let policy = Policy::builder().grant(grant).build().unwrap();
    let commas = ",".repeat(16_384);
    let names: String = (0..1000).map(|n| format!("x-{n},")).collect();
    for (method, names) in [
        ("PUT", "content-type,x-a,x-b"),
        ("PUT", "X-B , x-a,, Content-Type"),
        ("POST", ""),
        ("DELETE", "x-a"),
        ("PUT", "x-c"),
        ("PUT", &commas),
        ("PUT", &names),
    ] {
        let lines = [
            ("origin", "https://a.example"),
            ("access-control-request-method", method),
            ("access-control-request-headers", names),
        ];
        assert_eq!(cost(&policy, Method::OPTIONS, &lines), 0, "{method} {}", &names[..names.len().min(40)]);
    }
}

#[test]
fn a_hundred_thousand_origins_fit_in_twelve_mebibytes() {
    let origins: Vec<String> = (0..100_000).map(|n| format!("https://tenant{n}.example.com")).collect();
    let mut policy = None;
    let info = measure(|| {
        policy = Policy::builder().grant(Grant::new().allow_origins(&origins)).build().ok();
    });
    let policy = policy.unwrap();
    assert!(info.bytes_current <= 12 << 20, "{} bytes kept", info.bytes_current);
    assert!(info.bytes_max <= 12 << 20, "{} bytes at the most", info.bytes_max);
    for origin in
        ["https://tenant0.example.com", "https://tenant99999.example.com", "https://tenant.example.com"]
    {
        assert_eq!(cost(&policy, Method::GET, &[("origin", origin)]), 0, "{origin}");
    }
}
