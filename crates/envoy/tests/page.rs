//! A real page in Chromium that uses an API behind Envoy: credentials, a preflighted PUT, exposed headers, refusals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use crossing_conformance::{Visit, Visited};
use serde_json::json;
use support::{Envoy, Setup, versions};

#[test]
fn a_page_in_chromium_uses_an_api_behind_envoy() {
    for version in versions() {
        let visit = Visit::start().unwrap();
        let mut setup = Setup::new(visit.application());
        setup.policy = Some(format!("[[grant]]\n{}", visit.grant()));
        setup.routes.insert(0, json!({ "match": { "path": "/error" }, "route": { "cluster": "nobody" } }));
        let envoy = Envoy::start(version, &setup);
        let visited = visit.open(envoy.address.port()).unwrap();
        assert_eq!(visited, Visited::expected(503), "Envoy {version}\n{}", envoy.log());
    }
}
