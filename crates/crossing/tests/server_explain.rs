//! Policies that explain themselves, that are compared, and that look origins up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use crossing::server::{Change, Decision, Diff, Grant, Policy, Verdict};
use crossing::{Exchange, Reason};
use http::{HeaderMap, HeaderName, Method};

fn policy(grants: impl IntoIterator<Item = Grant>) -> Policy {
    grants.into_iter().fold(Policy::builder(), |builder, grant| builder.grant(grant)).build().unwrap()
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

#[test]
fn the_nearest_miss_is_named() {
    let policy = policy([Grant::new()
        .allow_origins(["https://app.example.com", "http://localhost:8080", "https://*.preview.example.dev"])
        .deny_origins(["https://old.preview.example.dev"])
        .allow_methods(["PATCH"])
        .allow_headers(["x-request-id", "content-type"])]);
    let origins = [
        ("http://app.example.com", "the scheme differs: http, not https"),
        ("http://localhost:8081", "the port differs: port 8081, not port 8080"),
        ("https://app.example.com:8443", "the port differs: port 8443, not the default port"),
        ("https://preview.example.dev", "*. stands for one label or more, and here is none"),
        ("https://x.app.example.com", "it is a subdomain, and the pattern names none"),
        ("https://old.preview.example.dev", "it is taken out of the grant that names it"),
        ("https://apq.example.com", "the host differs: apq.example.com, not app.example.com"),
        ("https://app.example.com/", "trailing slash"),
        ("null", "sandboxed frame"),
        ("https://other.test", "no line of the policy is near it"),
    ];
    for (origin, difference) in origins {
        let headers = headers(&[("origin", origin)]);
        let explanation = policy.explain(&(&Method::GET, &headers));
        let miss = explanation.miss.clone().unwrap();
        assert!(miss.difference.contains(difference), "{origin}: {}", miss.difference);
        assert!(explanation.to_string().contains(difference), "{explanation}");
    }
    let preflights = [
        ("patch", "", "PATCH is granted, and methods are compared to the byte"),
        ("DELETE", "", "the grant has PATCH"),
        ("PATCH", "x-request-ids", "did you mean x-request-id?"),
        ("PATCH", "content-type, Authorization", "the grant has content-type, x-request-id"),
    ];
    for (method, names, difference) in preflights {
        let headers = headers(&[
            ("origin", "https://app.example.com"),
            ("access-control-request-method", method),
            ("access-control-request-headers", names),
        ]);
        let explanation = policy.explain(&(&Method::OPTIONS, &headers));
        assert_eq!(explanation.exchange, Exchange::Preflight);
        assert_eq!(explanation.rule.as_ref().unwrap().path, "grant[0].allow_origins[0]");
        assert_eq!(explanation.miss.unwrap().difference, difference);
    }
}

#[test]
fn the_deciding_rule_is_named() {
    let policy = policy([
        Grant::new().allow_origins(["https://a.example", "https://*.b.example"]),
        Grant::new().allow_origins(["*"]),
    ]);
    for (origin, path) in [
        ("https://x.b.example", "grant[0].allow_origins[1]"),
        ("https://c.example", "grant[1].allow_origins[0]"),
    ] {
        let headers = headers(&[("origin", origin)]);
        let explanation = policy.explain(&(&Method::GET, &headers));
        assert_eq!((explanation.rule.unwrap().path.as_str(), explanation.miss), (path, None));
    }
}

#[test]
fn what_changes_is_found_on_sets_of_origins() {
    let shown = |changes: &[Change]| changes.iter().map(Change::to_string).collect::<Vec<_>>();
    let cases: [(Grant, Grant, &[&str], &[&str]); 7] = [
        (
            Grant::new().allow_origins(["https://a.example"]),
            Grant::new().allow_origins(["https://a.example", "https://b.example"]),
            &["access for https://b.example"],
            &[],
        ),
        (
            Grant::new().allow_origins(["https://*.a.example"]),
            Grant::new().allow_origins(["https://{label}.a.example"]),
            &[],
            &["access for https://any.any.a.example"],
        ),
        (
            Grant::new().allow_origins(["https://a.example", "https://b.example"]),
            Grant::new().allow_origins(["https://b.example", "https://a.example"]).max_age(5),
            &[],
            &[],
        ),
        (
            Grant::new().allow_origins(["http://localhost:{1-65535}"]),
            Grant::new().allow_origins(["http://localhost:*"]),
            &[],
            &[],
        ),
        (
            Grant::new().allow_origins(["https://*.a.example"]),
            Grant::new().allow_origins(["https://*.a.example"]).deny_origins(["https://x.a.example"]),
            &[],
            &["access for https://x.a.example"],
        ),
        (
            Grant::new().allow_origins(["https://a.example"]).allow_methods(["PUT"]).allow_headers(["x-a"]),
            Grant::new().allow_origins(["https://a.example"]).allow_methods(["*"]).allow_credentials(true),
            &["credentials for https://a.example", "methods * for https://a.example"],
            &["request headers x-a for https://a.example"],
        ),
        (
            Grant::new().allow_origins(["https://pr-{digits}.a.example"]),
            Grant::new().allow_origins(["https://pr-1{digits}.a.example"]),
            &[],
            &["access for https://pr-0.a.example"],
        ),
    ];
    for (old, new, widened, narrowed) in cases {
        let diff = Diff::between(&policy([old]), &policy([new]));
        assert_eq!(shown(&diff.widened), widened);
        assert_eq!(shown(&diff.narrowed), narrowed);
    }
}

#[test]
fn an_origin_is_looked_up_when_no_earlier_grant_covers_it() {
    let policy = Policy::builder()
        .grant(Grant::new().allow_origins(["https://a.example"]))
        .grant(Grant::looked_up().allow_credentials(true))
        .grant(Grant::new().allow_origins(["*"]))
        .varies_on(["X-Tenant"])
        .build()
        .unwrap();
    assert_eq!(policy.to_toml(), None);
    for (origin, needed, found, without) in [
        ("https://a.example", false, 0, 0),
        ("https://b.example", true, 1, 2),
        ("null", false, 2, 2),
        ("https://B.example", false, 2, 2),
    ] {
        let headers = headers(&[("origin", origin)]);
        let request = (&Method::GET, &headers);
        assert_eq!(policy.lookup_needed(&request), needed.then_some(origin));
        assert_eq!(
            policy.decide_looked_up(&request).verdict(),
            Verdict::Granted { grant: found },
            "{origin}"
        );
        assert_eq!(policy.decide(&request).verdict(), Verdict::Granted { grant: without }, "{origin}");
    }
    let headers = headers(&[("origin", "https://b.example")]);
    let Decision::Forward(forward) = policy.decide_looked_up(&(&Method::GET, &headers)) else {
        panic!("forwarded")
    };
    let mut response = HeaderMap::new();
    forward.apply(&mut response);
    assert_eq!(response["access-control-allow-origin"], "https://b.example");
    assert_eq!(response["vary"], "Origin, X-Tenant");
}

#[test]
fn debug_mode_lets_the_browser_name_the_cause() {
    let grant =
        Grant::new().allow_origins(["https://a.example"]).allow_methods(["PUT"]).allow_headers(["x-a"]);
    let policy = Policy::builder().grant(grant).debug(true).build().unwrap();
    let cases = [
        ("https://b.example", "PUT", "x-a", Reason::OriginNotGranted, vec![]),
        ("https://a.example", "DELETE", "x-a", Reason::MethodNotGranted, vec!["methods", "origin"]),
        ("https://a.example", "PUT", "x-b", Reason::HeadersNotGranted, vec!["headers", "methods", "origin"]),
    ];
    for (origin, method, names, reason, sent) in cases {
        let headers = headers(&[
            ("origin", origin),
            ("access-control-request-method", method),
            ("access-control-request-headers", names),
        ]);
        let Decision::Answer(answer) = policy.decide(&(&Method::OPTIONS, &headers)) else {
            panic!("answered")
        };
        assert_eq!((answer.status(), answer.verdict()), (200, Verdict::Refused(reason)));
        let mut response = HeaderMap::new();
        answer.apply(&mut response);
        let mut names: Vec<_> =
            response.keys().filter_map(|name| name.as_str().strip_prefix("access-control-allow-")).collect();
        names.sort_unstable();
        assert_eq!(names, sent);
    }
}
