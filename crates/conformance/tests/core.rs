//! The browser scenarios on the core in memory, with each profile.
#![allow(clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

use crossing::browser::Profile;
use crossing_conformance::{BrowserSuite, CoreRunner};

fn run(profile: Profile) {
    let mut suite = BrowserSuite::embedded().unwrap_or_else(|error| panic!("{error}"));
    // What no switch expresses, a profile does not do.
    suite.divergences.retain(|known| known.without_switch.is_none());
    let runner = CoreRunner::new(profile);
    let report = suite.run(profile.name, |scenario| {
        runner.play(scenario).unwrap_or_else(|error| panic!("{} ({}): {error}", scenario.id, scenario.place))
    });
    assert!(report.is_green(), "on {}:\n{report}", profile.name);
    assert_eq!(report.unsupported, [], "the core plays everything");
}

#[test]
fn the_core_does_what_all_browsers_do() {
    run(Profile::consensus());
}

#[test]
fn the_core_does_what_the_standard_says() {
    run(Profile::standard());
}

#[test]
fn the_core_does_what_chromium_does() {
    run(Profile::chromium());
}

#[test]
fn the_core_does_what_firefox_does() {
    run(Profile::firefox());
}

#[test]
fn the_core_does_what_webkit_does() {
    run(Profile::webkit());
}
