//! Every fault that a gateway's file can have: its code, its place, and what to write instead.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use crossing_gateway::Config;

/// The errors and warnings of a file: code, what stands at the place, and the suggestion.
fn findings(file: &str) -> Vec<(&'static str, String, String)> {
    let found = match Config::from_toml(file, Path::new("/")) {
        Ok(config) => config.warnings,
        Err(errors) => errors.into_diagnostics(),
    };
    let text = |d: &crossing::server::Diagnostic| {
        d.place.as_ref().map_or_else(String::new, |place| file[place.span.clone()].to_owned())
    };
    found.iter().map(|d| (d.code(), text(d), d.suggestion.clone().unwrap_or_default())).collect()
}

/// A good file, apart from some lines.
fn good_but(top: &str, route: &str) -> String {
    let listen = if top.contains("listen =") { "" } else { "listen = '127.0.0.1:0'\n" };
    let target =
        if route.contains("root") || route.contains("upstream") { "" } else { "upstream = 'http://a:1'\n" };
    format!("{listen}{top}\n[[route]]\n{target}{route}\n")
}

#[test]
fn each_fault_is_found_where_it_stands() {
    let cases: &[(&str, &str, &str, &str, &str)] = &[
        ("listen = 8080", "", "wrong-type", "8080", "a string"),
        ("listen = 'localhost:80'", "", "address-invalid", "'localhost:80'", "127.0.0.1:80"),
        ("listen = ['127.0.0.1:1', '8080']", "", "address-invalid", "'8080'", "0.0.0.0:8080"),
        ("listen = []", "", "listen-missing", "[]", "\"127.0.0.1:8080\""),
        ("listen = ['127.0.0.1:80', '127.0.0.1:80']", "", "listen-twice", "'127.0.0.1:80'", ""),
        ("listen = ['127.0.0.1:80', '0.0.0.0:80']", "", "listen-twice", "'0.0.0.0:80'", ""),
        (
            "listen = '127.0.0.1:80'\n[admin]\nlisten = '127.0.0.1:80'",
            "",
            "listen-twice",
            "'127.0.0.1:80'",
            "",
        ),
        ("lisen = 1", "", "unknown-key", "lisen", "listen"),
        ("[admin]", "", "listen-missing", "[admin]", "listen = \"127.0.0.1:9090\""),
        ("[limits]\nbody_bytes = -1", "", "out-of-range", "-1", "a number from 0 to 9007199254740992"),
        ("[limits]\nheader_timeout = '1'", "", "wrong-type", "'1'", "an integer"),
        ("[limits]\nbody_byte = 1", "", "unknown-key", "body_byte", "body_bytes"),
        ("[log]\naccess = 'xml'", "", "unknown-value", "'xml'", "one of off, text, json"),
        ("[tls]", "", "certificate-missing", "[tls]", "[[tls.certificate]] with chain and key"),
        ("", "host = 'https://Api.test/'", "route-host", "'https://Api.test/'", "api.test"),
        ("", "host = 'a..b'", "route-host", "'a..b'", ""),
        ("", "path = 'api'", "route-path", "'api'", "/api"),
        ("", "path = '/a/../b'", "route-path", "'/a/../b'", ""),
        ("", "path = '/a?b'", "route-path", "'/a?b'", ""),
        ("", "path = '/a/%2e%2e/b'", "route-path", "'/a/%2e%2e/b'", ""),
        ("", "path = '/a/*'", "route-path", "'/a/*'", "/a/"),
        ("", "path = '//a'", "route-path", "'//a'", "/a"),
        ("", "path = '/a;b'", "route-path", "'/a;b'", ""),
        ("", "upstream = '127.0.0.1:3000'", "upstream-invalid", "'127.0.0.1:3000'", "http://127.0.0.1:3000"),
        ("", "upstream = 'http://a/b'", "upstream-invalid", "'http://a/b'", "http://a"),
        ("", "upstream = 'http://*.a.test'", "upstream-invalid", "'http://*.a.test'", ""),
        ("", "upstream = 'ftp://a'", "upstream-invalid", "'ftp://a'", ""),
        ("", "upstream = 'http://u:p@a'", "upstream-invalid", "'http://u:p@a'", ""),
        ("", "upstream = 'http://a:99999'", "upstream-invalid", "'http://a:99999'", ""),
        ("", "root = '/no/such/place'", "root-invalid", "'/no/such/place'", ""),
        ("", "root = '/'\nforward_preflights = true", "forward-with-root", "true", ""),
        ("", "upstram = 'http://a'", "unknown-key", "upstram", "upstream"),
        (
            "",
            "[[route.grant]]\nallow_origins = ['https://a.test/']",
            "origin-trailing-slash",
            "'https://a.test/'",
            "https://a.test",
        ),
        (
            "",
            "debug = true",
            "grants-missing",
            "[[route]]",
            "add [[route.grant]], and say in it who may: allow_origins",
        ),
    ];
    for (top, route, code, place, suggestion) in cases {
        let found = findings(&good_but(top, route));
        let expected = (*code, (*place).to_owned(), (*suggestion).to_owned());
        assert!(found.contains(&expected), "{top}{route}: {found:?}");
    }
}

#[test]
fn what_concerns_the_file_as_a_whole_is_said_of_it() {
    let codes = |file: &str| findings(file).iter().map(|(code, ..)| *code).collect::<Vec<_>>();
    assert_eq!(codes(""), ["listen-missing", "routes-missing"]);
    assert_eq!(codes("listen = '127.0.0.1:0'\n[[route]]\n"), ["route-target"]);
    assert_eq!(codes(&good_but("", "upstream = 'http://a'\nroot = '/'")), ["route-target"]);
    assert_eq!(
        codes(&good_but("", "upstream = 'http://a'\n[[route]]\npath = '/'\nupstream = 'http://b'")),
        ["route-twice"]
    );
    assert_eq!(
        codes(&good_but(
            "",
            "path = '/a'\nupstream = 'http://a'\n[[route]]\npath = '/%41'\nupstream = 'http://b'"
        )),
        ["route-twice"]
    );
    let bad = "upstream = 'http://a'\nhost = 'A'\n[[route]]\nupstream = 'http://b'\npath = 'x'\n[[route]]\nupstream = 'http://c'";
    assert_eq!(codes(&good_but("", bad)), ["route-host", "route-path"], "a bad route is no other route");
    let ports = "listen = ['127.0.0.1:0', '127.0.0.1:0', '127.0.0.1:80', '127.0.0.2:80', '[::]:80']";
    assert_eq!(codes(&good_but(ports, "")), [""; 0]);
    assert_eq!(codes("listen = '127.0.0.1:0'\nroute = {}"), ["wrong-type"]);
    assert!(codes("listen = '127.0.0.1:0\n").contains(&"syntax"));
    assert_eq!(codes(&good_but("", "")), [""; 0]);
}

#[test]
fn every_fault_is_told_at_once_in_the_order_of_the_file() {
    let file = "listen = 'x'\n[[route]]\npath = 'a'\nupstream = 'b/c'\n[[route.grant]]\nallow_origins = ['*']\nallow_credentials = true\n[limits]\nconnections = 0\n";
    let lines: Vec<usize> = match Config::from_toml(file, Path::new("/")) {
        Ok(_) => panic!("it was taken"),
        Err(errors) => errors.errors().map(|d| d.place.as_ref().unwrap().line).collect(),
    };
    assert_eq!(lines, [1, 3, 4, 6, 9]);
}

#[test]
fn a_policys_warnings_come_with_their_places_in_the_file() {
    let file = good_but("", "[[route.grant]]\nallow_origins = ['https://a.test']\nmax_age = 7200");
    assert_eq!(findings(&file), [("max-age-capped", "7200".to_owned(), "600".to_owned())]);
}
