//! The standards' anchors: each has a state, and what is done is cited where it is done.

use std::collections::{BTreeMap, BTreeSet};

use crossing::Reason;

use crate::workspace::{Source, none, read, sources};

/// One of the two standards, as `spec/` has it.
struct Standard {
    name: &'static str,
    address: String,
    ids: BTreeSet<String>,
    /// By anchor: the files that cite it.
    done: BTreeMap<String, BTreeSet<String>>,
    /// Anchors and patterns with `*`, each after the anchor whose state it shares.
    within: Vec<(String, String)>,
    /// Anchors and patterns with `*`.
    todo: Vec<String>,
    out: Vec<String>,
}

struct Citation {
    file: String,
    line: usize,
    anchor: String,
}

#[test]
fn every_anchor_of_the_standards_has_exactly_one_state() {
    let mut complaints = Vec::new();
    for standard in standards() {
        let table = format!("spec/{}.toml", standard.name);
        let stated = || standard.done.keys().chain(&standard.todo).chain(&standard.out);
        let named = || stated().chain(standard.within.iter().map(|(_, anchor)| anchor));
        for (of, _) in &standard.within {
            if !stated().any(|entry| entry == of) {
                complaints.push(format!("{table}: within {of}, which has no state of its own"));
            }
        }
        for entry in named() {
            if !standard.ids.iter().any(|id| matches(entry, id)) {
                complaints.push(format!("{table}: the standard has no anchor {entry}"));
            }
        }
        for id in &standard.ids {
            let exact = named().filter(|entry| *entry == id).count();
            let patterns = named().filter(|entry| *entry != id && matches(entry, id)).count();
            match (exact, patterns) {
                (1, _) | (0, 1) => {}
                (0, 0) => complaints.push(format!("{table}: {id} has no state")),
                _ => complaints.push(format!("{table}: {id} stands there more than once")),
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_citation_is_an_anchor_of_the_pinned_revision() {
    let mut complaints = Vec::new();
    for standard in standards() {
        for Citation { file, line, anchor } in citations(&standard) {
            if !standard.ids.contains(&anchor) {
                complaints.push(format!("{file}:{line}: {}#{anchor} does not exist", standard.address));
            }
        }
    }
    none(&complaints);
}

#[test]
fn what_is_done_is_cited_where_it_is_done() {
    let mut complaints = Vec::new();
    for standard in standards() {
        let cited: BTreeSet<_> =
            citations(&standard).into_iter().map(|citation| (citation.anchor, citation.file)).collect();
        for (anchor, files) in &standard.done {
            for file in files {
                if !cited.contains(&(anchor.clone(), file.clone())) {
                    complaints.push(format!("{file} does not cite {}#{anchor}", standard.address));
                }
            }
        }
    }
    none(&complaints);
}

fn standards() -> [Standard; 2] {
    ["fetch", "xhr"].map(|name| {
        let table: toml::Table = toml::from_str(&read(&format!("spec/{name}.toml"))).unwrap();
        let mut done: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (file, anchors) in table["done"].as_table().unwrap() {
            for anchor in strings(anchors) {
                done.entry(anchor).or_default().insert(file.clone());
            }
        }
        let groups = |state: &str, word: &str| -> Vec<(String, String)> {
            let groups = table.get(state).and_then(toml::Value::as_array).cloned().unwrap_or_default();
            let anchors = |group: &toml::Value| {
                let word = group[word].as_str().unwrap().to_owned();
                assert!(!word.is_empty(), "{name}: {state} without a {word}");
                strings(&group["anchors"]).into_iter().map(move |anchor| (word.clone(), anchor))
            };
            groups.iter().flat_map(anchors).collect()
        };
        let anchors = |state, word| groups(state, word).into_iter().map(|(_, anchor)| anchor).collect();
        assert_eq!(
            table["revision"].as_str().map(str::len),
            Some(40),
            "{name}: the revision is a whole commit id"
        );
        Standard {
            name,
            address: table["standard"].as_str().unwrap().to_owned(),
            ids: read(&format!("spec/{name}.ids")).lines().map(str::to_owned).collect(),
            within: groups("within", "of"),
            todo: anchors("todo", "topic"),
            out: anchors("out", "reason"),
            done,
        }
    })
}

fn strings(value: &toml::Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// Whether the entry of a table, which may hold one `*`, stands for this anchor.
fn matches(entry: &str, id: &str) -> bool {
    match entry.split_once('*') {
        None => entry == id,
        Some((start, end)) => {
            id.len() >= start.len() + end.len() && id.starts_with(start) && id.ends_with(end)
        }
    }
}

/// Where the crates' sources cite the standard, the table of reasons included.
fn citations(standard: &Standard) -> Vec<Citation> {
    let prefix = format!("{}#", standard.address);
    let mut citations = Vec::new();
    for source in sources().iter().filter(|source| source.is_crate_source()) {
        citations.extend(citations_in(source, &prefix, &standard.ids));
    }
    for reason in Reason::ALL {
        if let Some(anchor) = reason.spec().strip_prefix(&prefix) {
            let file = "crates/crossing/src/reason/table.rs".to_owned();
            citations.push(Citation { file, line: 1, anchor: anchor.to_owned() });
        }
    }
    citations
}

fn citations_in(source: &Source, prefix: &str, ids: &BTreeSet<String>) -> Vec<Citation> {
    let mut citations = Vec::new();
    for (line, text) in source.numbered_lines() {
        for (at, _) in text.match_indices(prefix) {
            let rest = &text[at + prefix.len()..];
            let end =
                rest.find(|c: char| c.is_whitespace() || "\"'`<>[]{}|,".contains(c)).unwrap_or(rest.len());
            if end > 0 {
                let anchor = anchor_of(&rest[..end], ids).to_owned();
                citations.push(Citation { file: source.path.clone(), line, anchor });
            }
        }
    }
    citations
}

/// An anchor may end in `)` or `?`, and so may the text around it: the longest anchor that exists is meant.
fn anchor_of<'a>(text: &'a str, ids: &BTreeSet<String>) -> &'a str {
    let plain = text.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    (plain.len()..=text.len()).rev().map(|end| &text[..end]).find(|id| ids.contains(*id)).unwrap_or(plain)
}

#[test]
fn anchors_are_told_from_the_text_around_them() {
    let ids = ["the-open()-method", "a-b", "is-it?"].map(str::to_owned).into();
    let cases = [
        ("a-b).", "a-b"),
        ("a-b", "a-b"),
        ("the-open()-method)", "the-open()-method"),
        ("is-it?)", "is-it?"),
        ("gone),", "gone"),
    ];
    for (text, anchor) in cases {
        assert_eq!(anchor_of(text, &ids), anchor);
    }
    let source = Source {
        path: "crates/x/src/y.rs".to_owned(),
        text:
            "/// [open](https://xhr.spec.whatwg.org/#the-open()-method).\n\"https://xhr.spec.whatwg.org/#\"\n"
                .to_owned(),
    };
    let cited = citations_in(&source, "https://xhr.spec.whatwg.org/#", &ids);
    assert_eq!(
        cited.iter().map(|c| (c.line, c.anchor.as_str())).collect::<Vec<_>>(),
        [(1, "the-open()-method")]
    );
}
