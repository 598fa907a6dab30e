//! Any text as a policy file: either every fault has its place, or the policy is what it is written as.
#![no_main]

use crossing::server::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| match Policy::from_toml(text) {
    Ok(policy) => {
        for warning in policy.warnings() {
            assert!(!warning.to_string().is_empty());
        }
        if let Some(written) = policy.to_toml() {
            let again = Policy::from_toml(&written).unwrap_or_else(|errors| panic!("{errors}\n{written}"));
            assert_eq!(again, policy, "{written}");
        }
    }
    Err(errors) => {
        let lines = text.lines().count().max(1);
        for error in errors.diagnostics() {
            if let Some(place) = &error.place {
                assert!((1..=lines + 1).contains(&place.line), "{error}: line {} of {lines}", place.line);
                assert!(text.get(place.span.clone()).is_some(), "{error}: {:?}", place.span);
            }
        }
    }
});
