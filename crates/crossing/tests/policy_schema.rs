//! The JSON Schema of the policy file has the same keys as the reader.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![cfg(feature = "toml")]

use crossing::Policy;

/// The keys of an object of the schema, by their indentation: the file is kept in one style.
fn keys(schema: &str, from: &str) -> Vec<String> {
    let (_, rest) = schema.split_once(from).unwrap();
    let (_, rest) = rest.split_once("\"properties\": {\n").unwrap();
    let indent = rest.len() - rest.trim_start().len();
    let lines = rest.lines().take_while(|line| line.len() - line.trim_start().len() >= indent);
    let named = lines.filter(|line| line.len() - line.trim_start().len() == indent);
    named.filter_map(|line| Some(line.trim().strip_prefix('"')?.split_once('"')?.0.to_owned())).collect()
}

#[test]
fn the_schema_has_the_keys_of_the_reader() {
    let schema = include_str!("../../../schema/policy.schema.json");
    let values = |key: &str| match key {
        "grant" => "1",
        "preflight_status" => "204",
        "existing" => "'respect'",
        "enforcement" => "'on'",
        "cross_origin_resource_policy" => "'same-site'",
        "max_age" => "60",
        key if key.starts_with("allow_credentials") || key.starts_with("timing") => "true",
        key if key.starts_with("allow") || key.starts_with("deny") || key.starts_with("expose") => "['*']",
        _ => "true",
    };
    let unknown = |file: &str| {
        Policy::from_toml(file).err().is_some_and(|e| e.errors().any(|d| d.code() == "unknown-key"))
    };
    let top = keys(schema, "\"additionalProperties\": false");
    let grant = keys(schema, "\"grant\": {\n      \"type\"");
    assert_eq!((top.len(), grant.len()), (8, 9), "{top:?} {grant:?}");
    for key in &top {
        assert!(!unknown(&format!("{key} = {}", values(key))), "{key}");
    }
    for key in &grant {
        assert!(!unknown(&format!("[[grant]]\n{key} = {}", values(key))), "{key}");
    }
    assert!(unknown("grants = 1") && unknown("[[grant]]\norigins = ['*']"));
}
