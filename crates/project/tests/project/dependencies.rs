//! Each dependency says what it is for, where it is declared and in docs/dependencies.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::workspace::{Source, none, read, root, sources};

const PAGE: &str = "docs/dependencies.md";

const TOP: &str = "\
# What each dependency is for

This page is written from the comments in the manifests: `BLESS=1 cargo test -p crossing-project`.

";

/// What a dependency is for, in the words of the manifests, and which crates use it.
#[derive(Default)]
struct Use {
    purposes: BTreeSet<String>,
    crates: BTreeSet<String>,
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let (uses, _) = uses();
    let silent: Vec<_> = uses
        .iter()
        .filter(|(_, usage)| usage.purposes.is_empty())
        .map(|(name, usage)| format!("{name} ({}): add a comment in Cargo.toml", list(&usage.crates)))
        .collect();
    none(&silent);
}

/// `BLESS=1` writes the page instead of comparing it.
#[test]
fn the_page_shows_every_dependency() {
    let (uses, test_uses) = uses();
    let page = format!("{TOP}{}\n## For the tests alone\n\n{}", table(&uses), table(&test_uses));
    if std::env::var_os("BLESS").is_some() {
        fs::write(root().join(PAGE), &page).unwrap();
    } else {
        assert!(read(PAGE) == page, "{PAGE} should be as BLESS=1 writes it:\n{page}");
    }
}

fn table(uses: &BTreeMap<String, Use>) -> String {
    let mut table = "| crate | what it is for | used by |\n|---|---|---|\n".to_owned();
    for (name, usage) in uses {
        let purposes: Vec<_> = usage.purposes.iter().map(String::as_str).collect();
        table += &format!(
            "| `{name}` | {} | {} |\n",
            purposes.join("; ").replace('|', "\\|"),
            list(&usage.crates)
        );
    }
    table
}

fn list(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The dependencies from outside the workspace: of the crates, and of their tests alone.
fn uses() -> (BTreeMap<String, Use>, BTreeMap<String, Use>) {
    let manifests: Vec<_> = sources()
        .into_iter()
        .filter(|source| {
            source.path == "Cargo.toml"
                || source.path.starts_with("crates/") && source.path.ends_with("/Cargo.toml")
        })
        .collect();
    let shared: BTreeMap<_, _> = manifests
        .iter()
        .flat_map(entries)
        .filter(|entry| entry.section == "workspace.dependencies")
        .map(|entry| (entry.name, entry.purpose))
        .collect();
    let (mut uses, mut test_uses): (BTreeMap<_, Use>, BTreeMap<_, Use>) = Default::default();
    for manifest in manifests.iter().filter(|manifest| manifest.path != "Cargo.toml") {
        let user = manifest.path.split('/').nth(1).unwrap().to_owned();
        for Entry { section, name, purpose, .. } in
            entries(manifest).into_iter().filter(|entry| entry.is_external)
        {
            let for_tests = section.ends_with("dev-dependencies") || user == "conformance";
            let usage = if for_tests { &mut test_uses } else { &mut uses }.entry(name.clone()).or_default();
            usage.crates.insert(user.clone());
            usage.purposes.extend(purpose.or_else(|| shared.get(&name).cloned().flatten()));
        }
    }
    test_uses.retain(|name, _| !uses.contains_key(name));
    (uses, test_uses)
}

/// One line of a manifest that declares a dependency.
struct Entry {
    section: String,
    name: String,
    purpose: Option<String>,
    is_external: bool,
}

fn entries(manifest: &Source) -> Vec<Entry> {
    let (mut section, mut comment_above, mut entries) = (String::new(), None, Vec::new());
    for line in manifest.text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            section = name.0.to_owned();
        } else if let Some(comment) = line.strip_prefix('#') {
            comment_above = Some(comment.trim().to_owned());
            continue;
        } else if section.ends_with("dependencies")
            && let Some((key, value)) = line.split_once('=')
        {
            let name = key.trim().trim_end_matches(".workspace").to_owned();
            let comment = value.rsplit_once("# ").map(|(_, comment)| comment.trim().to_owned());
            let is_external = !value.contains("path =") && !name.starts_with("crossing");
            entries.push(Entry {
                section: section.clone(),
                name,
                purpose: comment.or(comment_above.take()),
                is_external,
            });
        }
        comment_above = None;
    }
    entries
}
