//! What must hold for every policy: the tree agrees with the definition, two policies differ where a sample says so,
//! a file reads back as what was written, and nothing panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![cfg(feature = "toml")]

use crossing::server::{ChangeKind, Decision, Diff, Grant, Policy, Verdict};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const SCHEMES: &[&str] = &["https", "http"];
const LABELS: &[&str] = &["a", "b", "pr-1", "pr-12", "1", "12", "x1y"];
const PATTERN_LABELS: &[&str] =
    &["a", "b", "pr-1", "{label}", "{digits}", "pr-{digits}", "pr-1{digits}", "x{digits}y", "12"];
const ENDS: &[&str] = &["t", "u"];
const PORTS: &[&str] = &["", ":8080", ":8081", ":9000"];
const PATTERN_PORTS: &[&str] = &["", ":*", ":8080", ":{8080,9000}", ":{8081-9000}", ":{1-65535}"];

fn origin() -> impl Strategy<Value = String> {
    let labels = vec(select(LABELS), 0..4);
    (select(SCHEMES), labels, select(ENDS), select(PORTS)).prop_map(|(scheme, labels, end, port)| {
        let name: String = labels.iter().map(|label| format!("{label}.")).collect();
        format!("{scheme}://{name}{end}{port}")
    })
}

fn pattern() -> impl Strategy<Value = String> {
    let labels = vec(select(PATTERN_LABELS), 0..3);
    let deep = select(&["", "*."][..]);
    let shape = (select(SCHEMES), deep, labels, select(ENDS), select(PATTERN_PORTS));
    let shape = shape.prop_map(|(scheme, deep, labels, end, port)| {
        let name: String = labels.iter().map(|label| format!("{label}.")).collect();
        format!("{scheme}://{deep}{name}{end}{port}")
    });
    prop_oneof![6 => shape, 3 => origin(), 1 => Just("*".to_owned())]
}

fn grant() -> impl Strategy<Value = Grant> {
    let methods = vec(select(&["PUT", "DELETE", "*"][..]), 0..3);
    let headers = vec(select(&["x-a", "authorization", "*"][..]), 0..3);
    (vec(pattern(), 1..6), vec(pattern(), 0..3), methods, headers, any::<bool>()).prop_map(
        |(allow, deny, methods, headers, credentials)| {
            let credentials = credentials && !allow.iter().any(|origin| origin == "*");
            Grant::new()
                .allow_origins(allow)
                .deny_origins(deny)
                .allow_methods(methods)
                .allow_headers(headers)
                .allow_credentials(credentials)
        },
    )
}

fn policy() -> impl Strategy<Value = Policy> {
    vec(grant(), 1..4).prop_map(|grants| {
        let builder = Policy::builder().dangerously_allow_insecure_origins(true);
        let builder = builder.dangerously_allow_public_suffixes(true);
        grants.into_iter().fold(builder, |builder, grant| builder.grant(grant)).build().unwrap()
    })
}

fn granted(policy: &Policy, origin: &str) -> Option<usize> {
    let headers = HeaderMap::from_iter([(http::header::ORIGIN, HeaderValue::from_str(origin).unwrap())]);
    match policy.decide(&(&Method::GET, &headers)).verdict() {
        Verdict::Granted { grant } => Some(grant),
        _ => None,
    }
}

/// The definition, word for word: a host is compared label by label.
fn names(pattern: &str, origin: &str) -> bool {
    if pattern == "*" || pattern == origin {
        return true;
    }
    let parts = |text: &str| {
        let (scheme, rest) = text.split_once("://").unwrap();
        let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
        let labels: Vec<String> = host.split('.').map(str::to_owned).collect();
        (scheme.to_owned(), labels, port.map(str::to_owned))
    };
    let (scheme, labels, ports) = parts(pattern);
    let (theirs, host, port) = parts(origin);
    let (deep, labels) = if labels[0] == "*" { (true, &labels[1..]) } else { (false, &labels[..]) };
    let long_enough = if deep { host.len() > labels.len() } else { host.len() == labels.len() };
    scheme == theirs
        && long_enough
        && labels.iter().rev().zip(host.iter().rev()).all(|(label, text)| {
            match label.split_once("{digits}") {
                _ if label == "{label}" => true,
                None => label == text,
                Some((before, after)) => {
                    text.len() > before.len() + after.len()
                        && text.starts_with(before)
                        && text.ends_with(after)
                        && text[before.len()..text.len() - after.len()].bytes().all(|b| b.is_ascii_digit())
                }
            }
        })
        && match (ports.as_deref(), port) {
            (None, port) => port.is_none(),
            (Some("*"), _) => true,
            (Some(set), port) if set.starts_with('{') => {
                let port = port.unwrap_or(if scheme == "http" { "80" } else { "443" }.to_owned());
                let port: u16 = port.parse().unwrap();
                set.trim_matches(['{', '}']).split(',').any(|range| {
                    let (from, to) = range.split_once('-').unwrap_or((range, range));
                    (from.parse().unwrap()..=to.parse().unwrap()).contains(&port)
                })
            }
            (Some(one), port) => port.as_deref() == Some(one),
        }
}

/// What a policy file says, read naively: the first grant with a line that names the origin, and none that denies it.
fn naive(policy: &Policy, origin: &str) -> Option<usize> {
    let lines = |grant: &toml::de::DeTable<'_>, key: &str| -> Vec<String> {
        let array = grant.get(key).and_then(|value| value.get_ref().as_array());
        array.into_iter().flatten().map(|text| text.get_ref().as_str().unwrap().to_owned()).collect()
    };
    let file = policy.to_toml().unwrap();
    let document = toml::de::DeTable::parse(&file).unwrap();
    let grants = document.get_ref().get("grant").unwrap().get_ref().as_array().unwrap();
    grants.iter().position(|grant| {
        let grant = grant.get_ref().as_table().unwrap();
        let any = |key| lines(grant, key).iter().any(|pattern| names(pattern, origin));
        any("allow_origins") && !any("deny_origins")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn the_tree_agrees_with_the_definition(policy in policy(), origins in vec(origin(), 1..20)) {
        for origin in origins {
            prop_assert_eq!(granted(&policy, &origin), naive(&policy, &origin), "{}", origin);
        }
    }

    #[test]
    fn a_policy_reads_back_as_it_was_written(policy in policy()) {
        let file = policy.to_toml().unwrap();
        let again = Policy::from_toml(&file).unwrap();
        prop_assert_eq!(again.to_toml().unwrap(), file);
        prop_assert_eq!(again, policy);
    }

    #[test]
    fn policies_differ_where_a_sample_says_so(old in policy(), new in policy(), origins in vec(origin(), 20..40)) {
        let diff = Diff::between(&old, &new);
        for origin in origins {
            let (a, b) = (granted(&old, &origin), granted(&new, &origin));
            let found = |list: &[crossing::server::Change], what: &ChangeKind| {
                list.iter().any(|c| c.kind == *what && c.old_grant == a && c.new_grant == b)
            };
            if a.is_none() && b.is_some() {
                prop_assert!(found(&diff.widened, &ChangeKind::Access), "{} is new: {:?}", origin, diff.widened);
            }
            if a.is_some() && b.is_none() {
                prop_assert!(found(&diff.narrowed, &ChangeKind::Access), "{} is gone: {:?}", origin, diff.narrowed);
            }
        }
        for change in &diff.widened {
            let (a, b) = (granted(&old, &change.example), granted(&new, &change.example));
            prop_assert_eq!((a, b), (change.old_grant, change.new_grant));
        }
        prop_assert!(Diff::between(&old, &old).is_empty());
    }

    #[test]
    fn no_bytes_of_a_request_panic(
        policy in policy(),
        method in "[A-Z]{1,9}",
        lines in vec((0usize..6, vec(any::<u8>(), 0..60)), 0..8),
    ) {
        const NAMES: [&str; 6] = [
            "origin",
            "access-control-request-method",
            "access-control-request-headers",
            "access-control-request-private-network",
            "host",
            "sec-fetch-site",
        ];
        let mut headers = HeaderMap::new();
        for (name, bytes) in lines {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.append(HeaderName::from_static(NAMES[name]), value);
            }
        }
        let method: Method = method.parse().unwrap();
        let request = (&method, &headers);
        let text = policy.explain(&request).to_string();
        prop_assert!(!text.is_empty());
        let mut response = HeaderMap::new();
        match policy.decide(&request) {
            Decision::Answer(answer) => answer.apply(&mut response),
            Decision::Forward(forward) => forward.apply(&mut response),
        }
    }

    #[test]
    fn no_file_panics(text in "(\\[\\[grant\\]\\]\n)?([a-z_]{1,16} ?= ?[\\[\\]'\"0-9a-z*:/.,{}-]{0,40}\n){0,6}") {
        let _ = Policy::from_toml(&text);
    }

    #[test]
    fn no_pattern_panics(text in "(https?|[a-z]{0,3})(://)?\\PC{0,40}") {
        let built = Policy::builder().grant(Grant::new().allow_origins([&text]).allow_credentials(true)).build();
        if let Ok(policy) = built {
            prop_assert_eq!(Policy::from_toml(&policy.to_toml().unwrap()).ok(), Some(policy));
        }
    }
}
