//! The policies that are exported, and the origins that ask.

use crossing::server::Enforcement;
use crossing::{Origin, Policy};
use crossing_conformance::ServerSuite;

use crate::page::Ask;

/// A policy with those who ask.
pub(crate) struct Case {
    pub(crate) policy: Policy,
    pub(crate) text: String,
    pub(crate) origins: Vec<Origin>,
}

/// What pages ask everywhere.
pub(crate) const ASKS: [Ask; 11] = [
    ("GET", &[]),
    ("GET", &["x-a"]),
    ("POST", &[]),
    ("PUT", &["x-a"]),
    ("POST", &["authorization"]),
    ("PUT", &[]),
    ("DELETE", &["content-type", "x-b"]),
    ("PATCH", &[]),
    ("PURGE", &["x-a", "x-unheard-of"]),
    ("patch", &[]),
    ("PO%ST$'`~", &["x-%d$x'`~!#&*+.^_|"]),
];

/// Policies that put a configuration's quoting and its order to the test, with the origins that ask.
const ODD: [(&str, &[&str]); 14] = [
    (
        "[[grant]]\nallow_origins = [\"http://[::1]:8080\", \"http://[2001:db8::1]\"]\nallow_methods = [\"PUT\"]",
        &[
            "http://[::1]:8080",
            "http://[::1]",
            "http://[2001:db8::1]",
            "http://[2001:db8::11]",
            "http://0.0.0.1:8080",
        ],
    ),
    (
        "[[grant]]\nallow_origins = [\"capacitor://localhost\", \"chrome-extension://abcdefghijklmnop\"]\nallow_headers = [\"*\"]",
        &["capacitor://localhost", "http://localhost", "chrome-extension://abcdefghijklmnop"],
    ),
    (
        "[[grant]]\nallow_origins = [\"https://xn--bcher-kva.example\", \"https://*.xn--p1ai\"]",
        &[
            "https://xn--bcher-kva.example",
            "https://bcher-kva.example",
            "https://a.xn--p1ai",
            "https://xn--p1ai",
        ],
    ),
    (
        "[[grant]]\nallow_origins = [\"https://{label}.a.test\", \"https://pr-{digits}.b.test:{8000-8003,443}\"]\nallow_credentials = true",
        &[
            "https://x.a.test",
            "https://x.y.a.test",
            "https://a.test",
            "https://xa.test",
            "https://x-a.test",
            "https://pr-7.b.test",
            "https://pr-7.b.test:8003",
            "https://pr-7.b.test:8004",
            "https://pr-.b.test",
            "https://pr-7x.b.test",
        ],
    ),
    (
        "[[grant]]\nallow_origins = [\"https://*.a.test\"]\ndeny_origins = [\"https://bad.a.test\", \"https://*.bad.a.test\"]\nallow_credentials = true\n\
      [[grant]]\nallow_origins = [\"https://bad.a.test\", \"https://b.test\"]\nallow_methods = [\"PUT\"]",
        &[
            "https://x.a.test",
            "https://bad.a.test",
            "https://x.bad.a.test",
            "https://b.test",
            "https://a.test",
            "https://a.test.evil.test",
        ],
    ),
    (
        "[[grant]]\nallow_origins = [\"*\"]\ndeny_origins = [\"https://bad.test\"]\nallow_methods = [\"*\"]\nallow_headers = [\"*\", \"authorization\"]\nexpose_headers = [\"*\"]\ntiming_allow_origin = true",
        &["https://bad.test", "https://good.test", "null"],
    ),
    (
        "[[grant]]\nallow_origins = [\"https://a.test\"]\nallow_credentials = true\nallow_methods = [\"*\"]\nallow_headers = [\"*\"]\nexpose_headers = [\"*\"]\nmax_age = 0\n\
      [[grant]]\nallow_origins = [\"https://b.test\"]\nallow_credentials = true\nallow_methods = [\"*\"]\nallow_headers = [\"*\", \"authorization\"]\n\
      [[grant]]\nallow_origins = [\"*\"]\nallow_headers = [\"*\"]",
        &["https://a.test", "https://b.test", "https://c.test", "null"],
    ),
    (
        "[[grant]]\nallow_origins = [\"https://a.test\"]\nallow_methods = [\"PO%ST$'`~\", \"patch\"]\nallow_headers = [\"x-%d$x'`~!#&*+.^_|\"]\nexpose_headers = [\"x-%d$x'`~!#&*+.^_|\", \"x-a\"]",
        &["https://a.test"],
    ),
    (
        "preflight_status = 204\n[[grant]]\nallow_origins = [\"*\"]\nmax_age = 86400\ntiming_allow_origin = true\ncross_origin_resource_policy = \"same-site\"",
        &["https://a.test", "null"],
    ),
    (
        "[[grant]]\nallow_origins = [\"https://a.test\"]\nallow_credentials = true\ntiming_allow_origin = true\ncross_origin_resource_policy = \"same-origin\"\n\
      [[grant]]\nallow_origins = [\"https://b.test\"]\ncross_origin_resource_policy = \"same-site\"\n\
      [[grant]]\nallow_origins = [\"https://c.test\"]",
        &["https://a.test", "https://b.test", "https://c.test", "https://d.test"],
    ),
    (
        "dangerously_allow_null_origin = true\n[[grant]]\nallow_origins = [\"null\"]",
        &["null", "https://null"],
    ),
    (
        "existing = \"respect\"\n[[grant]]\nallow_origins = [\"https://a.test\", \"https://evil.test\"]\nexpose_headers = [\"x-a\"]",
        &["https://a.test", "https://evil.test"],
    ),
    (
        "[[grant]]\nallow_origins = [\"http://localhost:*\", \"http://*.localhost:*\"]\nallow_methods = [\"DELETE\"]\nallow_headers = [\"X-B\", \"Content-Type\"]",
        &[
            "http://localhost",
            "http://localhost:3000",
            "https://localhost:3000",
            "http://a.b.localhost:1",
            "http://xlocalhost",
        ],
    ),
    (
        "[[grant]]\nallow_origins = [\"https://*.a.test\"]\nallow_headers = [\"authorization\"]",
        &[LONG_LABEL, LONG_HOST, "https://x.a.test"],
    ),
];

const LONG_LABEL: &str = "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.a.test";
const LONG_HOST: &str = "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbb.a.test";

/// The policies of the scenarios, each with the origins that its scenarios ask from, and the odd ones. What is enforced
/// cannot be exported.
pub(crate) fn all() -> Vec<Case> {
    let mut all: Vec<Case> = Vec::new();
    let suite = ServerSuite::embedded().unwrap();
    for scenario in suite.scenarios {
        let origin = scenario.request.headers.get(&http::header::ORIGIN);
        let origin = origin.and_then(|value| Origin::parse(&value.to_text()).ok());
        let policy = scenario.policy;
        if policy.enforcement() == Enforcement::Off {
            add(&mut all, policy, origin);
        }
    }
    for (text, origins) in ODD {
        let policy = Policy::from_toml(text).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
        for origin in origins {
            add(&mut all, policy.clone(), Some(Origin::parse(origin).unwrap()));
        }
    }
    all
}

fn add(all: &mut Vec<Case>, policy: Policy, origin: Option<Origin>) {
    let at = all.iter().position(|case| case.policy == policy).unwrap_or_else(|| {
        let Some(text) = policy.to_toml() else { return usize::MAX };
        let nobody = Origin::parse("https://nobody.test").unwrap();
        all.push(Case { policy, text, origins: vec![nobody] });
        all.len() - 1
    });
    let (Some(case), Some(origin)) = (all.get_mut(at), origin) else { return };
    if !case.origins.iter().any(|known| known.as_str() == origin.as_str()) {
        case.origins.push(origin);
    }
}
