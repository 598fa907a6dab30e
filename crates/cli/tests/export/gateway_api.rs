//! Gateway API: no gateway runs here, so what is written is held against the definition of the resource, and read back.

use crossing::browser::CredentialsMode;
use crossing::server::{Existing, Grant, Policy, pattern_regex};
use serde_json::Value;

use crate::Export;
use crate::cases::{self, ASKS, Case};
use crate::crd::http_route;
use crate::page::play;
use crate::proof::by_policy;
use crate::support::process::Directory;

#[test]
fn an_http_route_is_one_and_says_what_the_policy_says() {
    let files = Directory::new();
    let (mut policies, mut asked, mut lost) = (0, 0, 0);
    for case in cases::all() {
        let export = Export::of(&case.text, "gateway-api", &files);
        let route: Value = serde_saphyr::from_str(&export.config).expect("YAML");
        http_route().check(&route, "route");
        let rules = route["spec"]["rules"].as_array().expect("rules");
        let matches: usize = rules.iter().map(|rule| rule["matches"].as_array().map_or(0, Vec::len)).sum();
        assert!(matches <= 128, "{matches} matches");
        if export.loosens() || case.policy.existing() == Existing::Respect {
            continue;
        }
        policies += 1;
        let back = read_back(rules, &case);
        let tightens = export.losses.iter().any(|(_, weight)| weight == "tightens");
        for origin in &case.origins {
            for ask in ASKS {
                for credentials in [CredentialsMode::SameOrigin, CredentialsMode::Include] {
                    let expected = play(origin, ask, credentials, |request| by_policy(&case.policy, request));
                    let got = play(origin, ask, credentials, |request| by_policy(&back, request));
                    let less = match (&expected, &got) {
                        (Ok(_), Err(_)) => true,
                        (Ok(expected), Ok(got)) => got.len() < expected.len(),
                        (Err(_), _) => false,
                    };
                    let agree = match (&expected, &got) {
                        (Err(_), Err(_)) => true,
                        (expected, got) => expected == got,
                    };
                    assert!(
                        agree || less && tightens,
                        "{} asks {ask:?} {credentials:?}: the policy {expected:?}, the route {got:?}\n{}\n{}",
                        origin.as_str(),
                        case.text,
                        export.config
                    );
                    asked += 1;
                    lost += usize::from(!agree);
                }
            }
        }
    }
    println!("gateway-api: {policies} policies, {asked} asked, {lost} of them lose access, as is named");
    assert!(policies > 20 && asked > 1000 && lost < 100, "{policies} policies, {asked} asked, {lost} lost");
}

/// The policy that the rules of a route are.
fn read_back(rules: &[Value], case: &Case) -> Policy {
    let patterns: Vec<&str> =
        case.policy.grants().iter().flat_map(|grant| grant.origins().chain(grant.denied_origins())).collect();
    let texts = |value: &Value| -> Vec<String> {
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
    };
    let matched = |rule: &Value| -> Vec<String> {
        let all = rule["matches"].as_array().map(Vec::as_slice).unwrap_or_default();
        let patterns = all.iter().map(|one| {
            let header = &one["headers"][0];
            assert_eq!(header["name"], "Origin");
            let value = header["value"].as_str().expect("a text");
            match header["type"].as_str() {
                Some("Exact") => value.to_owned(),
                _ => {
                    let is_its = |pattern: &&&str| pattern_regex(pattern).as_deref() == Some(value);
                    (*patterns.iter().find(is_its).unwrap_or_else(|| panic!("{value}"))).to_owned()
                }
            }
        });
        patterns.collect()
    };
    let mut builder = Policy::builder()
        .dangerously_allow_insecure_origins(true)
        .dangerously_allow_null_origin(true)
        .dangerously_allow_public_suffixes(true);
    if !rules.iter().any(|rule| rule.to_string().contains("allowOrigins")) {
        // No grant is left; a policy has one.
        builder = builder.grant(Grant::new().allow_origins(["https://left.invalid"]));
    }
    let mut denied: Vec<String> = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        let vary = serde_json::json!([{ "name": "Vary", "value": "Origin" }]);
        let filters = rule["filters"].as_array().expect("filters");
        assert_eq!(filters.last().expect("a filter")["responseHeaderModifier"]["add"], vary);
        let Some(cors) = filters.iter().find_map(|filter| filter.get("cors")) else {
            assert!(at + 1 == rules.len() || rule.get("matches").is_some(), "it hides the rules below");
            denied.extend(matched(rule));
            continue;
        };
        let (origins, wanted) = (texts(&cors["allowOrigins"]), matched(rule));
        let apart = rules.len() > 1 && origins != ["*"];
        assert_eq!(!wanted.is_empty(), apart || rules.len() > at + 1, "{rule}");
        // What the rule lets in is what the filter knows.
        for pattern in &wanted {
            let known = origins.contains(pattern) || pattern.contains(":{");
            assert!(known, "{pattern} is not in {origins:?}");
        }
        let credentials = cors["allowCredentials"] == true;
        let mut headers = texts(&cors["allowHeaders"]);
        if credentials && headers == ["*"] {
            // Answered with the names that were asked for.
            headers.push("authorization".to_owned());
        }
        let mut grant = Grant::new()
            .allow_origins(origins)
            .deny_origins(&denied)
            .allow_credentials(credentials)
            .allow_methods(texts(&cors["allowMethods"]))
            .allow_headers(headers)
            .expose_headers(texts(&cors["exposeHeaders"]));
        if let Some(seconds) = cors["maxAge"].as_i64() {
            grant = grant.max_age(seconds);
        }
        builder = builder.grant(grant);
    }
    builder.build().unwrap_or_else(|errors| panic!("{errors:?}\n{}", case.text))
}

#[test]
fn what_a_gateway_has_no_word_for_is_named() {
    let files = Directory::new();
    for (grant, code, weight) in [
        ("allow_origins = [\"capacitor://localhost\", \"https://a.test\"]", "origin", "tightens"),
        ("allow_origins = [\"https://a_b.test\"]", "origin", "tightens"),
        ("allow_origins = [\"http://[::1]:8080\"]", "origin", "tightens"),
        ("allow_origins = [\"https://{label}.a.test\"]", "origin", "tightens"),
        ("allow_origins = [\"http://localhost:*\"]", "origin", "tightens"),
        ("allow_origins = [\"http://localhost:*\"]\n[[grant]]\nallow_origins = [\"*\"]", "origin", "loosens"),
        ("allow_origins = [\"https://a.test\"]\nallow_methods = [\"PURGE\"]", "method", "tightens"),
        ("allow_origins = [\"https://a.test\"]\nallow_headers = [\"*\"]", "authorization", "loosens"),
        (
            "allow_origins = [\"https://a.test\"]\nallow_headers = [\"*\", \"authorization\"]",
            "authorization",
            "tightens",
        ),
        ("allow_origins = [\"https://a.test\"]\nmax_age = 0", "max-age", "differs"),
        ("allow_origins = [\"https://a.test\"]\ntiming_allow_origin = true", "timing", "tightens"),
        (
            "allow_origins = [\"*\"]\ndeny_origins = [\"https://a.test\"]\n[[grant]]\nallow_origins = [\"https://a.test\"]",
            "deny",
            "tightens",
        ),
    ] {
        let export = Export::of(&format!("[[grant]]\n{grant}\n"), "gateway-api", &files);
        let wanted = (code.to_owned(), weight.to_owned());
        assert!(export.losses.contains(&wanted), "{grant}: {:?}", export.losses);
    }
    let many: Vec<String> = (0..65).map(|nth| format!("\"https://a{nth}.test\"")).collect();
    let export =
        Export::of(&format!("[[grant]]\nallow_origins = [{}]\n", many.join(", ")), "gateway-api", &files);
    assert!(export.loses("too-many"), "{:?}", export.losses);
}
