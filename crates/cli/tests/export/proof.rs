//! What is shown of every server.

use std::collections::BTreeSet;

use crossing::browser::CredentialsMode;
use crossing::{Decision, HeaderList, Origin, Policy, RequestHead, ResponseHead, Value};
use http::{HeaderName, Method, StatusCode};

use crate::Export;
use crate::application::{self, Application};
use crate::cases::{self, ASKS, Case};
use crate::page::play;
use crate::server::{Kind, Server};
use crate::support::process::{Directory, free_port};

/// Plays every question against the server and against the policy: a script sees the same. Then looks at the headers that no
/// script sees.
pub(crate) fn shares_the_same(kind: &Kind) {
    let (files, application) = (Directory::new(), Application::start());
    let (mut policies, mut asked, mut refused, mut looked) = (0, 0, 0, 0);
    for case in cases::all() {
        let export = Export::of(&case.text, kind.target, &files);
        assert!(!export.loosens(), "{:?}\n{}", export.losses, case.text);
        if export.loses("existing") {
            continue;
        }
        policies += 1;
        let server = Server::start(kind, &export.config, application.port, &files);
        for origin in &case.origins {
            for ask in ASKS {
                for credentials in [CredentialsMode::SameOrigin, CredentialsMode::Include] {
                    let expected = play(origin, ask, credentials, |request| by_policy(&case.policy, request));
                    let got = play(origin, ask, credentials, |request| server.ask(request));
                    let agree = match (&expected, &got) {
                        (Ok(expected), Ok(got)) => expected == got || export.loses("expose-all"),
                        (Err(_), Err(_)) => true,
                        (Ok(_), Err(_)) => {
                            export.loses("method") && ask.0.contains(|c: char| !c.is_ascii_uppercase())
                        }
                        (Err(_), Ok(_)) => false,
                    };
                    assert!(
                        agree,
                        "{} asks {ask:?} {credentials:?}: the policy {expected:?}, {} {got:?}\n{}",
                        origin.as_str(),
                        kind.target,
                        case.text
                    );
                    asked += 1;
                    refused += usize::from(expected.is_err());
                }
            }
        }
        looked += looks_the_same(&case, &export, &server);
    }
    println!(
        "{}: {policies} policies, {asked} asked, {refused} of them refused, {looked} answers looked at",
        kind.target
    );
    // As docs/export.md has it.
    assert!(policies > 40 && asked > 4000, "{policies} policies, {asked} asked");
    assert!(refused > 100 && asked - refused > 100, "{refused} of {asked} refused");
    assert_eq!(application.preflights(), 0, "a preflight came through");
}

/// What no browser sends as `Origin`, and no pattern names.
const LOOK_ALIKES: [&str; 13] = [
    "https://evil.test/.a.test",
    "https://evil.test?.a.test",
    "https://evil.test#.a.test",
    "https://user@x.a.test",
    "https://x.a.test.",
    "https://X.a.test",
    "https://A.test",
    "https://.a.test",
    "https://x..a.test",
    "https://a.test/",
    "https://a.test.evil.test",
    "https://a.test, https://evil.test",
    "https:/a.test",
];

/// Requests that a browser sends and others, and what is said to caches and to other readers of the answer.
fn looks_the_same(case: &Case, export: &Export, server: &Server) -> usize {
    let mut looked = 0;
    let origins = case.origins.iter().map(Origin::as_str).chain(LOOK_ALIKES);
    for origin in origins.map(Some).chain([None]) {
        for (method, preflight) in [("GET", false), ("OPTIONS", false), ("OPTIONS", true)] {
            let request = request(method, "/x", origin, preflight);
            let (wanted, got) = (by_policy(&case.policy, &request), server.ask(&request));
            let place = format!(
                "{method} from {:?}, preflight {preflight}\n{wanted:?}\n{got:?}\n{}",
                origin, case.text
            );
            let preflight = preflight && origin.is_some();
            if wanted.status != got.status {
                let granted = wanted.status.is_success() && got.status.is_success();
                let named = if granted { "preflight-status" } else { "debug" };
                assert!(preflight && export.loses(named), "{place}");
            }
            let mut names = vec!["access-control-allow-origin", "access-control-allow-credentials"];
            if preflight {
                names.extend(["access-control-max-age", "access-control-allow-methods"]);
            } else {
                names.extend(["timing-allow-origin", "cross-origin-resource-policy"]);
            }
            for name in names {
                // A list that is a wildcard may be answered by what was asked for.
                let (wanted, got) = (lines(&wanted, name), lines(&got, name));
                let star = name == "access-control-allow-methods" && wanted == ["*"];
                assert!(wanted == got || star && got == ["POST"], "{name}: {place}");
            }
            assert!(tokens(&got, "vary").is_superset(&tokens(&wanted, "vary")), "{place}");
            looked += 1;
        }
    }
    looked
}

/// The server's own errors, and the application's, can be read by a page that is granted, and say what they vary on.
pub(crate) fn shares_errors(kind: &Kind) {
    let policy =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/policy.toml"));
    let policy = policy.expect("the example").replace("[[grant]]\nallow_origins     = [\"*\"]", "");
    let (files, application) = (Directory::new(), Application::start());
    let export = Export::of(&policy, kind.target, &files);
    let [granted, refused] =
        ["https://app.example.com", "https://evil.test"].map(|text| Origin::parse(text).unwrap());
    for (upstream, wanted) in [(application.port, 404..=404), (free_port(), 502..=503)] {
        let server = Server::start(kind, &export.config, upstream, &files);
        for (origin, shared) in
            [(Some(granted.as_str()), true), (Some(refused.as_str()), false), (None, false)]
        {
            let got = server.ask(&request("GET", "/missing", origin, false));
            assert!(wanted.contains(&got.status.as_u16()), "{got:?}");
            let allowed = lines(&got, "access-control-allow-origin");
            assert_eq!(
                allowed,
                if shared { vec![granted.as_str().to_owned()] } else { Vec::new() },
                "{got:?}"
            );
            let credentials = lines(&got, "access-control-allow-credentials");
            assert_eq!(credentials, if shared { vec!["true".to_owned()] } else { Vec::new() }, "{got:?}");
            assert!(tokens(&got, "vary").contains("origin"), "{got:?}");
        }
    }
    // Neither is needed for a preflight.
    let server = Server::start(kind, &export.config, free_port(), &files);
    let preflight = server.ask(&request("OPTIONS", "/missing", Some(granted.as_str()), true));
    assert!(preflight.status.is_success(), "{preflight:?}");
}

pub(crate) fn request(method: &str, path: &str, origin: Option<&str>, preflight: bool) -> RequestHead {
    let mut headers = HeaderList::new();
    let mut add = |name: &'static str, value: &str| {
        headers.append(HeaderName::from_static(name), Value::new(value).unwrap());
    };
    if let Some(origin) = origin {
        add("origin", origin);
    }
    if preflight {
        add("access-control-request-method", "POST");
    }
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    RequestHead { method, url: format!("http://api.test{path}").parse().unwrap(), headers }
}

pub(crate) fn lines(head: &ResponseHead, name: &'static str) -> Vec<String> {
    head.headers.lines(&HeaderName::from_static(name)).map(|value| value.to_text()).collect()
}

/// The elements of a list, in lower case.
fn tokens(head: &ResponseHead, name: &'static str) -> BTreeSet<String> {
    let all = lines(head, name).join(",");
    all.split(',').map(|token| token.trim().to_ascii_lowercase()).filter(|token| !token.is_empty()).collect()
}

/// The policy's own answer.
pub(crate) fn by_policy(policy: &Policy, request: &RequestHead) -> ResponseHead {
    match policy.decide(request) {
        Decision::Answer(answer) => {
            let mut headers = HeaderList::new();
            let status = StatusCode::from_u16(answer.status()).unwrap();
            answer.apply(&mut headers);
            ResponseHead::new(status, headers)
        }
        Decision::Forward(forward) => {
            let mut head = application::head();
            forward.apply(&mut head.headers);
            head
        }
    }
}
