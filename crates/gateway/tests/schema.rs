//! The JSON Schema of the gateway's file has the same keys, defaults and ranges as the reader.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use crossing_gateway::Config;
use serde_json::Value;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../schema/gateway.schema.json")).unwrap()
}

fn codes(file: &str) -> Vec<&'static str> {
    match Config::from_toml(file, Path::new("/")) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.errors().map(|finding| finding.code()).collect(),
    }
}

/// A file with one key set, in the table that is meant.
fn with(table: &str, key: &str, value: &str) -> String {
    let target = if matches!(key, "upstream" | "root") { "" } else { "upstream = 'http://127.0.0.1:1'\n" };
    match table {
        "" => format!("{key} = {value}\n"),
        "route" => format!("[[route]]\n{target}{key} = {value}\n"),
        "certificate" => format!("[[tls.certificate]]\n{key} = {value}\n"),
        table => format!("[{table}]\n{key} = {value}\n"),
    }
}

#[test]
fn the_reader_knows_every_key_of_the_schema_and_no_other() {
    let schema = schema();
    let tables = [("", &schema["properties"])].into_iter().chain(
        ["route", "tls", "certificate", "log", "admin", "limits"]
            .map(|t| (t, &schema["$defs"][t]["properties"])),
    );
    let mut known = 0;
    for (table, keys) in tables {
        for key in keys.as_object().unwrap().keys() {
            assert!(!codes(&with(table, key, "1")).contains(&"unknown-key"), "{table}.{key}");
            known += 1;
        }
        assert!(codes(&with(table, "nonsense", "1")).contains(&"unknown-key"), "{table}");
    }
    assert_eq!(known, 6 + 13 + 1 + 2 + 1 + 1 + 8);
}

#[test]
fn the_limits_have_the_ranges_and_the_defaults_of_the_schema() {
    let schema = schema();
    let defaults = format!("{:?}", crossing_gateway::config::Limits::default());
    for (key, limit) in schema["$defs"]["limits"]["properties"].as_object().unwrap() {
        let range = if limit.get("$ref").is_some() { &schema["$defs"]["seconds"] } else { limit };
        let (least, most) = (range["minimum"].as_i64().unwrap(), range["maximum"].as_i64().unwrap());
        for (number, good) in [(least, true), (most, true), (least - 1, false), (most + 1, false)] {
            let refused = codes(&with("limits", key, &number.to_string())).contains(&"out-of-range");
            assert_eq!(refused, !good, "{key} = {number}");
        }
        let default = match (limit.get("default"), limit.get("$ref")) {
            (Some(seconds), Some(_)) => format!("{key}: {seconds}s"),
            (Some(number), None) => format!("{key}: {number}"),
            (None, _) => format!("{key}: None"),
        };
        assert!(defaults.contains(&default), "{default} is not in {defaults}");
    }
}

#[test]
fn the_schema_takes_a_routes_policy_from_the_policys_schema() {
    let policy: Value = serde_json::from_str(include_str!("../../../schema/policy.schema.json")).unwrap();
    let route = &schema()["$defs"]["route"]["properties"];
    for key in policy["properties"].as_object().unwrap().keys() {
        let reference = route[key]["$ref"].as_str().unwrap();
        let (file, pointer) = reference.split_once('#').unwrap();
        assert_eq!(file, "policy.schema.json");
        assert!(policy.pointer(pointer).is_some(), "{reference}");
    }
}
