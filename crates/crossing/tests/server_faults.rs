//! Every misconfiguration that a policy file can have, each with its code, its place and what to write instead.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![cfg(feature = "toml")]

use crossing::server::{Grant, Policy, Problem, Severity};

/// The findings about a file: code, and what stands at the place.
fn findings(file: &str) -> Vec<(&'static str, String)> {
    let found = match Policy::from_toml(file) {
        Ok(policy) => policy.warnings().to_vec(),
        Err(errors) => errors.into_diagnostics(),
    };
    let text = |d: &crossing::server::Diagnostic| {
        d.place.as_ref().map_or_else(String::new, |place| file[place.span.clone()].to_owned())
    };
    found.iter().map(|d| (d.code(), text(d))).collect()
}

fn about_origin(origin: &str, credentials: bool) -> Vec<&'static str> {
    let file = format!("[[grant]]\nallow_origins = ['{origin}']\nallow_credentials = {credentials}\n");
    findings(&file).into_iter().map(|(code, _)| code).collect()
}

fn about(key: &str, value: &str) -> Vec<&'static str> {
    let file = format!("[[grant]]\nallow_origins = ['https://a.example']\n{key} = {value}\n");
    findings(&file).into_iter().map(|(code, _)| code).collect()
}

#[test]
fn origins_that_could_never_match_are_errors() {
    let long_label = format!("https://{}.example", "a".repeat(64));
    let long_host = format!("https://*.{}example", "a.".repeat(123));
    let long = format!("https://{}", "a".repeat(400));
    let long_scheme = format!("{}://a", "s".repeat(65));
    let cases: &[(&str, &str)] = &[
        ("", "origin-empty"),
        (&long, "origin-too-long"),
        ("null", "origin-null"),
        ("://a", "scheme-invalid"),
        ("1http://a", "scheme-invalid"),
        ("HTTP://a", "scheme-invalid"),
        ("ht_tp://a", "scheme-invalid"),
        (&long_scheme, "scheme-too-long"),
        ("file://a", "scheme-file"),
        ("a.example", "origin-no-scheme"),
        ("https:a.example", "origin-no-scheme"),
        ("https://u@a.example", "origin-userinfo"),
        ("https://u:p@a.example", "origin-userinfo"),
        ("https://a.example/", "origin-trailing-slash"),
        ("https://*.a.example/", "origin-trailing-slash"),
        ("https://a.example/x", "origin-path"),
        ("https://a.example?x", "origin-path"),
        ("https://a.example#x", "origin-path"),
        ("https://A.example", "host-uppercase"),
        ("https://bücher.example", "host-unicode"),
        ("https://a b.example", "host-byte"),
        ("https://a%41.example", "host-byte"),
        ("https://", "host-empty"),
        ("https://...", "host-empty"),
        ("https://*.", "host-empty"),
        ("https://a..example", "label-empty"),
        ("https://a.example.", "label-empty"),
        ("https://xn--a.example", "host-punycode"),
        ("https://xn--0-sfa.xn--4db", "host-punycode"),
        (&long_label, "label-too-long"),
        ("https://-a.example", "host-hyphens"),
        ("https://a-.example", "host-hyphens"),
        ("https://ab--c.example", "host-hyphens"),
        (&long_host, "host-too-long"),
        ("https://**.a.example", "origin-wildcard"),
        ("https://*a.example", "origin-wildcard"),
        ("https://a.*.example", "origin-wildcard"),
        ("https://*", "origin-wildcard"),
        ("*://a.example", "origin-wildcard"),
        ("https://*.127.0.0.1", "wildcard-ip"),
        ("https://*.[::1]", "wildcard-ip"),
        ("https://{label}.0.0.1", "host-numeric"),
        ("https://1", "host-numeric"),
        ("https://127.1", "host-numeric"),
        ("https://a.example.255", "host-numeric"),
        ("https://[::1", "ipv6-brackets"),
        ("https://::1", "ipv6-brackets"),
        ("https://[::1]x", "ipv6-brackets"),
        ("https://a[::1]", "ipv6-brackets"),
        ("https://[fe80::1%eth0]", "ipv6-zone"),
        ("https://[x]", "ipv6-invalid"),
        ("https://[0:0::1]", "ipv6-not-canonical"),
        ("https://[::FF]", "ipv6-not-canonical"),
        ("https://[::ffff:1.2.3.4]", "ipv4-mapped"),
        ("https://[::ffff:102:304]", "ipv4-mapped"),
        ("https://a.example:", "port-invalid"),
        ("https://a.example:-1", "port-invalid"),
        ("https://a.example:0", "port-invalid"),
        ("https://a.example:080", "port-invalid"),
        ("https://a.example:x", "port-invalid"),
        ("https://a.example:123456", "port-invalid"),
        ("https://a.example:65536", "port-invalid"),
        ("http://a.example:80", "port-default"),
        ("https://a.example:443", "port-default"),
        ("https://*.a.example:443", "port-default"),
        ("http://a.example:{}", "port-set"),
        ("http://a.example:{1,}", "port-set"),
        ("http://a.example:{9-1}", "port-set"),
        ("https://{x}.a.example", "placeholder"),
        ("https://{digits}{digits}.a.example", "placeholder"),
        ("https://a{label}.a.example", "placeholder"),
        ("https://a.{label}", "placeholder-last"),
        ("https://a.{digits}", "placeholder-last"),
    ];
    for (origin, code) in cases {
        assert_eq!(about_origin(origin, false), [*code], "{origin}");
    }
}

#[test]
fn good_origins_are_good() {
    for origin in [
        "*",
        "https://a.example",
        "http://a.example:8080",
        "http://localhost:*",
        "https://*.a.example",
        "https://*.a.example:8443",
        "http://127.0.0.1:*",
        "http://[::1]:*",
        "http://[2001:db8::1]:8080",
        "capacitor://localhost",
        "https://xn--bcher-kva.example",
        "https://{label}.a.example",
        "https://pr-{digits}.preview.example.dev",
        "https://{digits}-x.{label}.example.dev",
        "http://localhost:{3000,5173,8000-8999}",
    ] {
        assert!(about_origin(origin, false).is_empty(), "{origin}: {:?}", about_origin(origin, false));
    }
}

#[test]
fn credentials_ask_for_more_care() {
    for (origin, code) in [
        ("*", "wildcard-credentials"),
        ("http://a.example", "insecure-origin"),
        ("http://*.a.example", "insecure-origin"),
        ("http://10.0.0.1", "insecure-origin"),
        ("https://*.com", "public-suffix"),
        ("https://*.github.io", "public-suffix"),
        ("https://{label}.co.uk", "public-suffix"),
        ("https://pr-{digits}.vercel.app", "public-suffix"),
        ("https://*.a.example:*", "wildcard-port"),
    ] {
        assert_eq!(about_origin(origin, true), [code], "{origin}");
        assert!(about_origin(origin, false).is_empty(), "{origin}");
    }
    for origin in [
        "http://localhost",
        "http://x.localhost:3000",
        "http://127.0.0.1:1",
        "http://[::1]",
        "https://*.a.github.io",
    ] {
        assert!(about_origin(origin, true).is_empty(), "{origin}: {:?}", about_origin(origin, true));
    }
}

#[test]
fn methods_headers_and_seconds() {
    let cases = [
        ("allow_methods", "['']", "method-invalid"),
        ("allow_methods", "['P T']", "method-invalid"),
        ("allow_methods", "['connect']", "method-forbidden"),
        ("allow_methods", "['TRACE']", "method-forbidden"),
        ("allow_methods", "['Track']", "method-forbidden"),
        ("allow_methods", "['patch']", "method-case"),
        ("allow_methods", "['GET']", "method-safelisted"),
        ("allow_methods", "['post']", "method-safelisted"),
        ("allow_methods", "['PUT', 'put']", "duplicate"),
        ("allow_methods", "['*', 'PUT']", "redundant"),
        ("allow_headers", "['x y']", "request-header-invalid"),
        ("allow_headers", "['']", "request-header-invalid"),
        ("allow_headers", "['Cookie']", "request-header-forbidden"),
        ("allow_headers", "['sec-x']", "request-header-forbidden"),
        ("allow_headers", "['proxy-authorization']", "request-header-forbidden"),
        ("allow_headers", "['origin']", "request-header-forbidden"),
        ("allow_headers", "['access-control-allow-origin']", "request-header-is-response"),
        ("allow_headers", "['Access-Control-Max-Age']", "request-header-is-response"),
        ("allow_headers", "['*', 'x-a']", "redundant"),
        ("max_age", "-1", "max-age-negative"),
        ("max_age", "-2", "max-age-negative"),
        ("max_age", "86401", "max-age-too-large"),
        ("max_age", "86400", "max-age-capped"),
        ("max_age", "601", "max-age-capped"),
        ("expose_headers", "['x y']", "expose-header-invalid"),
        ("expose_headers", "['Set-Cookie']", "expose-header-forbidden"),
        ("expose_headers", "['set-cookie2']", "expose-header-forbidden"),
        ("expose_headers", "['origin']", "expose-header-is-request"),
        ("expose_headers", "['access-control-request-method']", "expose-header-is-request"),
        ("expose_headers", "['access-control-allow-methods']", "expose-header-preflight"),
        ("expose_headers", "['access-control-max-age']", "expose-header-preflight"),
        ("expose_headers", "['Content-Type']", "expose-header-safelisted"),
    ];
    for (key, value, code) in cases {
        assert_eq!(about(key, value), [code], "{key} = {value}");
    }
    for (key, value) in [
        ("allow_methods", "['PUT', 'delete', 'PURGE']"),
        ("allow_methods", "['*']"),
        ("allow_headers", "['content-type', 'Authorization']"),
        ("allow_headers", "['*', 'authorization']"),
        ("expose_headers", "['*']"),
        ("max_age", "0"),
        ("max_age", "600"),
    ] {
        assert!(about(key, value).is_empty(), "{key} = {value}: {:?}", about(key, value));
    }
}

#[test]
fn the_file_itself() {
    let grant = "[[grant]]\nallow_origins = ['https://a.example']\n";
    let cases = [
        (String::new(), "grants-missing"),
        ("grant = []".to_owned(), "grants-missing"),
        ("[[grant]]".to_owned(), "origins-missing"),
        ("[[grant]]\nallow_origins = []".to_owned(), "origins-missing"),
        ("grant = 1".to_owned(), "wrong-type"),
        ("[[grant]]\nallow_origins = 'https://a.example'".to_owned(), "wrong-type"),
        ("[[grant]]\nallow_origins = [1]".to_owned(), "wrong-type"),
        (format!("{grant}allow_credentials = 'yes'"), "wrong-type"),
        (format!("{grant}max_age = 1.5"), "wrong-type"),
        (format!("{grant}max_age = 99999999999999999999"), "wrong-type"),
        (format!("{grant}allow_orgins = []"), "unknown-key"),
        (format!("debugg = true\n{grant}"), "unknown-key"),
        (format!("preflight_status = 201\n{grant}"), "unknown-value"),
        (format!("existing = 'keep'\n{grant}"), "unknown-value"),
        (format!("enforcement = 'maybe'\n{grant}"), "unknown-value"),
        (format!("{grant}cross_origin_resource_policy = 'none'"), "unknown-value"),
        (format!("{grant}allow_methods = ["), "syntax"),
        (format!("dangerously_allow_null_origin = true\n{grant}"), "needless-dangerously"),
    ];
    for (file, code) in cases {
        let found = findings(&file);
        assert_eq!(found.first().map(|(code, _)| *code), Some(code), "{file}: {found:?}");
    }
}

#[test]
fn a_line_with_a_typing_mistake_is_one_fault() {
    let found = findings("[[grant]\nallow_origins = ['https://a.example']\n");
    let syntax = found.iter().filter(|(code, _)| *code == "syntax").count();
    assert_eq!(syntax, 1, "{found:?}");
    let two = findings("[[grant]\nallow_origins = ['https://a.example']\n[[grant]\n");
    assert_eq!(two.iter().filter(|(code, _)| *code == "syntax").count(), 2, "{two:?}");
}

#[test]
fn what_is_never_reached_is_named() {
    let file = "
[[grant]]
allow_origins = ['https://*.a.example', 'https://b.example', 'https://b.example']
[[grant]]
allow_origins = ['https://x.a.example', 'https://{label}.a.example', 'https://c.example', 'https://b.example']
[[grant]]
allow_origins = ['*', 'https://d.example']
";
    let codes: Vec<_> = findings(file).into_iter().map(|(code, at)| format!("{code} {at}")).collect();
    assert_eq!(
        codes,
        [
            "duplicate 'https://b.example'",
            "shadowed-origin 'https://x.a.example'",
            "shadowed-origin 'https://{label}.a.example'",
            "shadowed-origin 'https://b.example'",
            "redundant 'https://d.example'",
        ]
    );
}

#[test]
fn a_grant_that_is_never_reached_gets_one_finding() {
    let file = "
[[grant]]
allow_origins = ['*']
[[grant]]
allow_origins = ['https://a.example', 'https://*.b.example']
";
    let codes: Vec<_> = findings(file).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["shadowed-grant"]);
    let with_exceptions = file.replacen("['*']", "['*']\ndeny_origins = ['https://*.c.example']", 1);
    let codes: Vec<_> = findings(&with_exceptions).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["shadowed-origin"]);
}

#[test]
fn everything_is_found_at_once_with_its_place() {
    let file = "\
debugg = true
[[grant]]
allow_origins = [
  'https://a.example/',
  'https://bücher.example',
  'https://a.example:443',
]
allow_methods = ['TRACE', 'patch']
allow_headers = ['cookie']
max_age = 100000
";
    let errors = Policy::from_toml(file).unwrap_err();
    let found: Vec<_> = errors
        .diagnostics()
        .iter()
        .map(|d| {
            let place = d.place.as_ref().unwrap();
            let suggestion = d.suggestion.as_deref().unwrap_or("");
            format!("{}:{} {} {} {suggestion}", place.line, place.column, d.code(), d.path)
        })
        .collect();
    assert_eq!(
        found,
        [
            "1:1 unknown-key debugg debug",
            "4:3 origin-trailing-slash grant[0].allow_origins[0] https://a.example",
            "5:3 host-unicode grant[0].allow_origins[1] https://xn--bcher-kva.example",
            "6:3 port-default grant[0].allow_origins[2] https://a.example",
            "8:18 method-forbidden grant[0].allow_methods[0] take it out",
            "8:27 method-case grant[0].allow_methods[1] PATCH",
            "9:18 request-header-forbidden grant[0].allow_headers[0] take it out",
            "10:11 max-age-too-large grant[0].max_age 86400",
        ]
    );
}

#[test]
fn dangerous_wishes_must_be_asked_for() {
    let cases = [
        ("dangerously_allow_null_origin", "null"),
        ("dangerously_allow_insecure_origins", "http://a.example"),
        ("dangerously_allow_public_suffixes", "https://*.github.io"),
    ];
    for (wish, origin) in cases {
        let grant = format!("[[grant]]\nallow_origins = ['{origin}']\nallow_credentials = true\n");
        assert!(Policy::from_toml(&grant).is_err(), "{origin}");
        let policy = Policy::from_toml(&format!("{wish} = true\n{grant}")).unwrap();
        assert!(policy.warnings().is_empty(), "{origin}: {:?}", policy.warnings());
    }
}

#[test]
fn more_than_64_grants_are_too_many() {
    let build = |n: usize| {
        let grants = (0..n).map(|n| Grant::new().allow_origins([format!("https://a{n}.example")]));
        grants.fold(Policy::builder(), |builder, grant| builder.grant(grant)).build()
    };
    assert!(build(64).is_ok());
    let errors = build(65).unwrap_err();
    assert_eq!(errors.errors().map(|d| d.problem).collect::<Vec<_>>(), [Problem::TooManyGrants]);
}

#[test]
fn codes_are_unique_and_every_problem_has_a_sentence() {
    let codes: std::collections::BTreeSet<_> = Problem::ALL.iter().map(|p| p.code()).collect();
    assert_eq!(codes.len(), Problem::ALL.len());
    assert!(Problem::ALL.iter().all(|p| p.message().ends_with('.')));
    assert!(Problem::ALL.iter().any(|p| p.severity() == Severity::Note));
}

#[test]
fn places_are_counted_in_characters_whatever_stands_before() {
    let file =
        "# ü\n[[grant]]\nallow_origins = ['https://ü.example', 'https://b.example/', 'https://c.example/']\n";
    let errors = Policy::from_toml(file).unwrap_err();
    let places = errors.diagnostics().iter().filter_map(|d| d.place.as_ref());
    let places: Vec<_> = places.map(|place| (place.line, place.column)).collect();
    assert_eq!(places, [(3, 18), (3, 39), (3, 61)]);
}
