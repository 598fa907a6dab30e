use super::*;
use crate::server::{Existing, Grant, PolicyErrors};
use http::{HeaderMap, Request};

/// What came of a request: the status and headers of the answer, or the edits to an application's response.
fn play(policy: &Policy, request: &str, response: &str) -> (Option<u16>, String, Verdict) {
    let mut lines = request.lines().map(str::trim);
    let mut builder = Request::builder().method(lines.next().unwrap()).uri("/x");
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').unwrap();
        builder = builder.header(name, value.trim());
    }
    let decision = policy.decide(&builder.body(()).unwrap());
    let verdict = decision.verdict();
    let mut headers = HeaderMap::new();
    for line in response.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    let status = match decision {
        Decision::Answer(answer) => {
            let status = answer.status();
            let count = answer.header_count();
            // The first is made, the second is a copy.
            let maps = [answer.clone().into_headers(), answer.clone().into_headers()];
            let mut lent = HeaderMap::new();
            answer.lend(|field, value| {
                lent.append(field.name(), http::HeaderValue::from_bytes(value).unwrap());
            });
            answer.apply(&mut headers);
            assert_eq!(headers.len(), count, "{request}");
            assert_eq!(maps, [headers.clone(), headers.clone()], "{request}");
            assert_eq!(lent, headers, "{request}");
            Some(status)
        }
        Decision::Forward(forward) => {
            forward.apply(&mut headers);
            None
        }
    };
    let mut lines: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    lines.sort();
    (status, lines.join("\n"), verdict)
}

fn one(grant: Grant) -> Policy {
    Policy::builder().grant(grant).build().unwrap_or_else(|errors: PolicyErrors| panic!("{errors}"))
}

const A: &str = "https://a.example";

#[test]
fn an_exact_origin_is_answered_with_itself() {
    let policy = one(Grant::new().allow_origins([A, "https://b.example"]));
    let (status, headers, verdict) = play(&policy, "GET\norigin: https://b.example", "");
    assert_eq!(status, None);
    assert_eq!(headers, "access-control-allow-origin: https://b.example\nvary: Origin");
    assert_eq!(verdict, Verdict::Granted { grant: 0 });
    let (_, headers, verdict) = play(&policy, "GET\norigin: https://c.example", "");
    assert_eq!(headers, "vary: Origin");
    assert_eq!(verdict, Verdict::Refused(Reason::OriginNotGranted));
    let (_, headers, verdict) = play(&policy, "GET", "");
    assert_eq!((headers.as_str(), verdict), ("vary: Origin", Verdict::NotCors));
}

#[test]
fn a_constant_star_is_sent_always_and_varies_on_nothing() {
    let policy = one(Grant::new().allow_origins(["*"]).expose_headers(["x-a"]));
    for request in ["GET", "GET\norigin: https://a.example", "GET\norigin: null"] {
        let (_, headers, _) = play(&policy, request, "");
        assert_eq!(
            headers, "access-control-allow-origin: *\naccess-control-expose-headers: x-a",
            "{request}"
        );
    }
}

#[test]
fn a_preflight_is_options_with_origin_and_method() {
    let policy = one(Grant::new().allow_origins([A]).allow_methods(["PUT"]).max_age(60));
    let (status, headers, _) =
        play(&policy, "OPTIONS\norigin: https://a.example\naccess-control-request-method: PUT", "");
    assert_eq!(status, Some(200));
    assert_eq!(
        headers,
        "access-control-allow-methods: PUT\naccess-control-allow-origin: https://a.example\n\
         access-control-max-age: 60\ncontent-length: 0\n\
         vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    );
    for request in [
        "OPTIONS\norigin: https://a.example",
        "OPTIONS\naccess-control-request-method: PUT",
        "GET\norigin: https://a.example\naccess-control-request-method: PUT",
    ] {
        assert_eq!(play(&policy, request, "").0, None, "{request}");
    }
}

#[test]
fn refused_preflights_say_nothing_of_access_control() {
    let policy = one(Grant::new().allow_origins([A]).allow_methods(["PUT"]).allow_headers(["x-a"]));
    let cases = [
        ("https://b.example", "PUT", "", Reason::OriginNotGranted),
        ("null", "PUT", "", Reason::NullNotGranted),
        (A, "DELETE", "", Reason::MethodNotGranted),
        (A, "put", "", Reason::MethodNotGranted),
        (A, "P T", "", Reason::RequestMethodMalformed),
        (A, "PUT", "x-b", Reason::HeadersNotGranted),
        (A, "PUT", "x-a,authorization", Reason::HeadersNotGranted),
    ];
    for (origin, method, names, reason) in cases {
        let request = format!(
            "OPTIONS\norigin: {origin}\naccess-control-request-method: {method}\naccess-control-request-headers: {names}"
        );
        let (status, headers, verdict) = play(&policy, &request, "");
        assert_eq!((status, verdict), (Some(403), Verdict::Refused(reason)), "{request}");
        assert!(!headers.contains("access-control-allow"), "{headers}");
        assert!(headers.contains("vary: Origin, "), "{headers}");
    }
}

#[test]
fn safelisted_methods_are_granted_unlisted() {
    let policy = one(Grant::new().allow_origins([A]));
    for method in ["GET", "HEAD", "POST"] {
        let request = format!("OPTIONS\norigin: {A}\naccess-control-request-method: {method}");
        let (status, headers, _) = play(&policy, &request, "");
        assert_eq!(status, Some(200));
        assert!(headers.contains("access-control-allow-origin: https://a.example"), "{headers}");
    }
}

#[test]
fn several_origin_lines_are_refused() {
    let policy = one(Grant::new().allow_origins([A]));
    let (_, headers, verdict) = play(&policy, &format!("GET\norigin: {A}\norigin: {A}"), "");
    assert_eq!((headers.as_str(), verdict), ("vary: Origin", Verdict::Refused(Reason::OriginRepeated)));
}

#[test]
fn what_the_application_set_is_replaced_or_respected() {
    let inner =
        "access-control-allow-origin: *\naccess-control-allow-private-network: true\nvary: Accept, origin";
    let grant = || Grant::new().allow_origins([A]);
    let request = "GET\norigin: https://b.example";
    let (_, headers, _) = play(&one(grant()), request, inner);
    assert_eq!(headers, "vary: Accept, origin");
    let respect = Policy::builder().grant(grant()).existing(Existing::Respect).build().unwrap();
    let (_, headers, _) = play(&respect, request, inner);
    assert!(headers.starts_with("access-control-allow-origin: *\n"), "{headers}");
    let (_, headers, _) = play(&respect, &format!("GET\norigin: {A}"), "vary: accept\nvary: Accept");
    assert_eq!(headers, "access-control-allow-origin: https://a.example\nvary: accept, Origin");
}

#[test]
fn stars_with_credentials_are_answered_by_what_was_asked_for() {
    let policy = one(Grant::new()
        .allow_origins([A])
        .allow_credentials(true)
        .allow_methods(["*"])
        .allow_headers(["*"])
        .expose_headers(["*"]));
    let preflight = |names: &str| {
        let request = format!(
            "OPTIONS\norigin: {A}\naccess-control-request-method: PURGE\naccess-control-request-headers: {names}"
        );
        play(&policy, &request, "")
    };
    let (status, headers, _) = preflight("x-a,x-b");
    assert_eq!(status, Some(200));
    assert!(headers.contains("access-control-allow-methods: PURGE\n"), "{headers}");
    assert!(headers.contains("access-control-allow-headers: x-a,x-b\n"), "{headers}");
    let (_, headers, _) = preflight("x-a ,, X-B");
    assert!(headers.contains("access-control-allow-headers: x-a, X-B\n"), "{headers}");
    assert_eq!(preflight("x-a,Authorization").2, Verdict::Refused(Reason::AuthorizationNotGranted));
    assert_eq!(preflight(&",".repeat(16_384)).2, Verdict::Refused(Reason::HeadersOverBudget));
    let (_, headers, _) =
        play(&policy, &format!("GET\norigin: {A}"), "x-y: 1\nset-cookie: a=b\ncontent-type: x/y");
    assert!(headers.contains("access-control-expose-headers: x-y\n"), "{headers}");
}

#[test]
fn enforcement_keeps_requests_that_are_not_granted_away() {
    let grant = || Grant::new().allow_origins([A]).allow_methods(["PUT"]);
    let policy = Policy::builder().grant(grant()).enforcement(Enforcement::On).build().unwrap();
    let cases = [
        ("GET", None),
        ("GET\norigin: https://a.example", None),
        ("PUT\norigin: https://a.example", None),
        ("CONNECT\norigin: https://a.example", None),
        ("DELETE\norigin: https://a.example", Some(Reason::MethodNotGranted)),
        ("GET\norigin: https://b.example", Some(Reason::OriginNotGranted)),
        ("GET\norigin: https://b.example\nupgrade: websocket", Some(Reason::OriginNotGranted)),
        ("POST\norigin: https://b.example\nhost: b.example", None),
        (
            "POST\norigin: https://b.example\nhost: b.example\nsec-fetch-site: same-site",
            Some(Reason::OriginNotGranted),
        ),
        ("POST\norigin: https://b.example\nsec-fetch-site: same-origin", None),
    ];
    for (request, reason) in cases {
        let (status, headers, verdict) = play(&policy, request, "");
        assert_eq!(status, reason.map(|_| 403), "{request}");
        if let Some(reason) = reason {
            assert_eq!(verdict, Verdict::Refused(reason));
            assert_eq!(headers, "content-length: 0\nvary: Origin");
        }
    }
    let report = Policy::builder().grant(grant()).enforcement(Enforcement::Report).build().unwrap();
    let request = Request::get("/").header("origin", "https://b.example").body(()).unwrap();
    let Decision::Forward(forward) = report.decide(&request) else { panic!("forwarded") };
    assert_eq!(forward.reported(), Some(Reason::OriginNotGranted));
}

#[test]
fn an_http_page_is_not_the_own_origin_of_what_came_over_tls() {
    let grant = Grant::new().allow_origins([A]);
    let policy = Policy::builder().grant(grant).enforcement(Enforcement::On).build().unwrap();
    for (uri, origin, passes) in [
        ("https://b.example/", "https://b.example", true),
        ("https://b.example/", "http://b.example", false),
        ("https://b.example/", "HTTP://b.example", false),
        // Whoever ends TLS in front may speak plain HTTP from there on.
        ("http://b.example/", "https://b.example", true),
        ("http://b.example/", "http://b.example", true),
        ("/", "https://b.example", true),
        ("/", "http://b.example", true),
    ] {
        let request =
            Request::post(uri).header("host", "b.example").header("origin", origin).body(()).unwrap();
        let verdict = policy.decide(&request).verdict();
        let expected = if passes { Verdict::SameOrigin } else { Verdict::Refused(Reason::OriginNotGranted) };
        assert_eq!(verdict, expected, "{uri} {origin}");
    }
}

#[test]
fn the_first_matching_grant_decides() {
    let policy = Policy::builder()
        .grant(
            Grant::new()
                .allow_origins(["https://*.a.example", "http://localhost:*"])
                .deny_origins(["https://evil.a.example", "https://*.out.a.example"])
                .allow_credentials(true),
        )
        .grant(Grant::new().allow_origins(["*"]))
        .build()
        .unwrap();
    for (origin, grant, answer) in [
        ("https://x.a.example", 0, "https://x.a.example"),
        ("https://y.x.a.example", 0, "https://y.x.a.example"),
        ("http://localhost", 0, "http://localhost"),
        ("http://localhost:3000", 0, "http://localhost:3000"),
        ("https://a.example", 1, "*"),
        ("https://evil.a.example", 1, "*"),
        ("https://x.out.a.example", 1, "*"),
        ("https://x.a.example.evil.test", 1, "*"),
        ("https://xa.example", 1, "*"),
        ("http://x.a.example", 1, "*"),
        ("null", 1, "*"),
    ] {
        let (_, headers, verdict) = play(&policy, &format!("GET\norigin: {origin}"), "");
        assert_eq!(verdict, Verdict::Granted { grant }, "{origin}");
        assert!(headers.contains(&format!("access-control-allow-origin: {answer}\n")), "{origin}: {headers}");
        assert!(headers.contains("vary: Origin"), "{headers}");
    }
}
