//! Habits that a machine can watch.

use crate::workspace::{Source, none, read, sources};

const MOST_LINES_OF_ARCHITECTURE: usize = 200;

fn rust_sources() -> Vec<Source> {
    sources().into_iter().filter(|source| source.path.ends_with(".rs")).collect()
}

/// Every line of the sources that holds one of the words, with its place.
fn lines_with(sources: &[Source], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in source.numbered_lines() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                found.push(format!("{}:{number}: {word}", source.path));
            }
        }
    }
    found
}

#[test]
fn every_allow_says_why() {
    let mut silent = Vec::new();
    for source in rust_sources() {
        for start in [concat!("#[", "allow("), concat!("#![", "allow(")] {
            for (at, _) in source.text.match_indices(start) {
                let attribute = source.text[at..].split(")]").next().unwrap_or_default();
                if !attribute.contains("reason = ") {
                    let line = source.text[..at].lines().count() + 1;
                    silent.push(format!("{}:{line}: add reason = \"…\"", source.path));
                }
            }
        }
    }
    none(&silent);
}

#[test]
fn tests_are_named_for_what_they_show_and_none_is_ignored() {
    none(&lines_with(&rust_sources(), &[concat!("fn ", "test_"), concat!("#[", "ignore")]));
}

#[test]
fn sources_leave_nothing_for_later() {
    let sources: Vec<_> = sources().into_iter().filter(Source::is_crate_source).collect();
    none(&lines_with(&sources, &["TODO", "FIXME", "todo!(", "unimplemented!("]));
}

#[test]
fn nothing_names_the_place_where_it_was_written() {
    none(&lines_with(
        &sources(),
        &[concat!("/wo", "rk/"), concat!("artif", "actory"), concat!("/ro", "ot/")],
    ));
}

#[test]
fn the_map_is_short_and_shows_every_crate() {
    let map = read("ARCHITECTURE.md");
    let lines = map.lines().count();
    assert!(lines <= MOST_LINES_OF_ARCHITECTURE, "ARCHITECTURE.md has {lines} lines");
    let workspace: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let missing: Vec<_> = workspace["workspace"]["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member.as_str().unwrap())
        .filter(|member| !map.contains(&format!("\n  {}/ ", member.trim_start_matches("crates/"))))
        .map(|member| format!("ARCHITECTURE.md's map does not show {member}"))
        .collect();
    none(&missing);
}

#[test]
fn every_crate_states_a_rust_version_and_takes_the_workspaces_lints() {
    let mut strays = Vec::new();
    for source in sources().iter().filter(|source| is_member_manifest(&source.path)) {
        for line in ["\nrust-version", "\nedition.workspace = true"] {
            if !source.text.contains(line) {
                strays.push(format!("{}: {line}", source.path));
            }
        }
        if !has_the_workspaces_lints(&source.path, &source.text) {
            strays.push(format!("{}: [lints] workspace = true", source.path));
        }
    }
    none(&strays);
}

/// The crates that have `unsafe` in few places, each with the reason: there it is denied, so that the place must allow it,
/// and not forbidden.
const UNSAFE_IN_FEW_PLACES: &[(&str, &str)] = &[
    ("crates/envoy/Cargo.toml", "Envoy's interface to dynamic modules is one of C functions and pointers"),
    ("crates/js/Cargo.toml", "the engine lends the memory of a script's buffer by pointer only"),
];

fn has_the_workspaces_lints(path: &str, text: &str) -> bool {
    if !UNSAFE_IN_FEW_PLACES.iter().any(|(exception, _)| *exception == path) {
        return text.contains("[lints]\nworkspace = true");
    }
    let workspace: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let mut expected = workspace["workspace"]["lints"].clone();
    expected["rust"]["unsafe_code"] = "deny".into();
    let own: toml::Table = toml::from_str(text).unwrap();
    own["lints"] == expected
}

fn is_member_manifest(path: &str) -> bool {
    path.starts_with("crates/") && path.ends_with("/Cargo.toml")
}
