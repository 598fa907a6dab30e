//! Every switch of a profile stands on a scenario, and little is without a switch.
#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use crossing::browser::Profile;
use crossing_conformance::{BrowserSuite, CoreRunner};

/// Where the profiles are defined, to know all switches by name.
const SOURCE: &str = include_str!("../../crossing/src/browser/profile/mod.rs");

/// For each named switch: its name, and a profile with the standard's answer to it, if that is another one.
macro_rules! switches {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        fn set_back(profile: Profile) -> Vec<(&'static str, Profile)> {
            let mut out = Vec::new();
            $(if profile.$name != Profile::standard().$name {
                let mut changed = profile;
                changed.$name = Profile::standard().$name;
                out.push((stringify!($name), changed));
            })*
            out
        }
    };
}

switches! {
    max_age_cap authorization_under_wildcard negative_max_age malformed_max_age accept_language_on_preflight
    cache_headers_on_preflight range_syntax large_range_numbers client_hints non_ascii_bytes repeated_headers repeated_lines range_serialization safelisted_total
    requested_names scripted_user_agent body_type listener_without_body forced_method failed_check refused_redirect
    cached_wildcard cached_head
    cached_authorization cached_credentials refused_preflights cached_preflights cached_origin uncached_modes opaque_preflights
    redirected_preflight redirected_headers redirected_delete redirected_origin redirected_referrer tainted_preflight same_origin_preflight redirect_userinfo repeated_location origin_by_referrer_policy relaxed_referrer loopback
    referrer_to_loopback proxy_challenge non_utf8_bytes null_body redirected_metadata preflight_metadata preflight_site credentialless_pages
    unknown_resource_policy hsts_upgrade redirect_check scripted_validators only_if_cached
}

fn suite() -> BrowserSuite {
    BrowserSuite::embedded().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_list_of_switches_is_whole() {
    let fields = SOURCE.lines().filter_map(|line| line.strip_prefix("    pub ")?.split_once(": "));
    let fields: BTreeSet<&str> =
        fields.map(|(name, _)| name).filter(|name| *name != "name" && !name.contains(' ')).collect();
    assert_eq!(NAMES.iter().copied().collect::<BTreeSet<_>>(), fields);
}

#[test]
fn a_scenario_stands_behind_each_answer_of_each_profile() {
    let mut suite = suite();
    let known: BTreeSet<String> = suite.divergences.iter().map(|it| it.scenario.clone()).collect();
    suite.scenarios.retain(|scenario| known.contains(&scenario.id));
    suite.divergences.retain(|it| it.without_switch.is_none());
    let mut unproven = Vec::new();
    for profile in Profile::ALL {
        for (switch, changed) in set_back(*profile) {
            let runner = CoreRunner::new(changed);
            let report = suite.run(profile.name, |scenario| {
                runner.play(scenario).unwrap_or_else(|error| panic!("{}: {error}", scenario.id))
            });
            if report.is_green() {
                unproven.push(format!("{switch} of {}", profile.name));
            }
        }
    }
    assert!(unproven.is_empty(), "no scenario goes otherwise with the standard's answer: {unproven:#?}");
}

#[test]
fn at_most_ten_causes_are_without_a_switch() {
    let causes = suite().causes;
    assert!(causes.len() <= 10, "{causes:#?}");
}
