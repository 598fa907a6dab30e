//! A real page in Chromium that uses an API behind the gateway: credentials, a preflighted PUT, exposed headers, refusals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use crossing_conformance::{Visit, Visited};

#[test]
fn a_page_in_chromium_uses_an_api_behind_the_gateway() {
    let visit = Visit::start().unwrap();
    let grant = visit.grant();
    // Nobody listens on port 1.
    let file = format!(
        "[[route]]\npath = '/error'\nupstream = 'http://127.0.0.1:1'\n[[route.grant]]\n{grant}\
         [[route]]\nupstream = 'http://{}'\n[[route.grant]]\n{grant}",
        visit.application()
    );
    let gateway = support::gateway(&file, None);
    let visited = visit.open(gateway.addresses()[0].port()).unwrap();
    assert_eq!(visited, Visited::expected(502));
}
