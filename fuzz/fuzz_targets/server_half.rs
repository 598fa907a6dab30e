//! Any request against a policy with every kind of origin: what is shared is shared with the request's own origin.
#![no_main]

use std::sync::LazyLock;

use crossing::server::{Decision, Policy, Verdict};
use crossing_fuzz::Pieces;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use libfuzzer_sys::fuzz_target;

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    [
        r#"
        enforcement = "on"
        dangerously_allow_null_origin = true
        dangerously_allow_insecure_origins = true
        [[grant]]
        allow_origins = ["https://a.test", "https://*.b.test", "http://localhost:*", "http://[::1]:8080", "null"]
        deny_origins = ["https://no.b.test"]
        allow_credentials = true
        allow_methods = ["*"]
        allow_headers = ["*", "authorization"]
        expose_headers = ["*"]
        max_age = 5
        [[grant]]
        allow_origins = ["*"]
        allow_methods = ["PUT"]
        allow_headers = ["x-a", "x-b", "content-type"]
        "#,
        "debug = true\n[[grant]]\nallow_origins = [\"https://*.b.test:*\"]\nallow_headers = [\"x-a\"]\ntiming_allow_origin = true",
    ]
    .iter()
    .map(|text| Policy::from_toml(text).expect("a policy"))
    .collect()
});

const NAMES: [&str; 6] = [
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
    "access-control-request-private-network",
    "host",
    "sec-fetch-site",
];

fuzz_target!(|bytes: &[u8]| {
    let mut pieces = Pieces::new(bytes);
    let policy = &POLICIES[usize::from(pieces.byte()) % POLICIES.len()];
    let mut request = Request::new(());
    *request.method_mut() = match pieces.byte() % 4 {
        0 => Method::OPTIONS,
        1 => Method::GET,
        2 => Method::PUT,
        _ => Method::from_bytes(pieces.line()).unwrap_or(Method::CONNECT),
    };
    while !pieces.is_empty() && request.headers().len() < 40 {
        let name = pieces.one_of(NAMES);
        if let Ok(value) = HeaderValue::from_bytes(pieces.line()) {
            request.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    let decision = policy.decide(&request);
    assert_eq!(policy.explain(&request).verdict, decision.verdict());
    let verdict = decision.verdict();
    let mut headers = HeaderMap::new();
    match decision {
        Decision::Answer(answer) => {
            assert!(matches!(answer.status(), 200 | 204 | 403));
            assert_eq!(answer.clone().into_headers().len(), answer.header_count());
            answer.apply(&mut headers);
        }
        Decision::Forward(forward) => forward.apply(&mut headers),
    }
    if let Some(shared) = headers.get("access-control-allow-origin") {
        let origin = request.headers().get("origin");
        assert!(shared == "*" || Some(shared) == origin, "{shared:?} for {origin:?}");
        assert!(shared != "*" || !headers.contains_key("access-control-allow-credentials"));
    } else {
        assert!(!matches!(verdict, Verdict::Granted { .. }));
    }
});
