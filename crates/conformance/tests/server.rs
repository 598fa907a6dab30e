//! The server scenarios on the core: `Policy::decide`, and its decision carried out.
#![allow(clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

use crossing_conformance::{ServerSuite, play_on_core};

#[test]
fn the_core_answers_to_the_letter() {
    let suite = ServerSuite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let report = suite.run(|scenario| Ok(play_on_core(scenario)));
    assert!(report.is_green(), "\n{report}");
}
