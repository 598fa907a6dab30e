//! `docs/divergences.md`, written from the recorded divergences and compared with them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crossing_conformance::BrowserSuite;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const PAGE: &str = "docs/divergences.md";

const TOP: &str = "\
# Where browsers leave the Fetch Standard, and each other

Each row was seen: a page in the real browser played the scenario against servers that answered word for word, and everything
that went over the wire was kept. The scenarios stand in `scenarios/browser/`; `crossing conform --browser NAME` plays them
again. What is not listed here all three browsers do as the scenario says, which is mostly the standard's way; a mark under
**standard** says that the three agree against it.

A mark means: here it goes this way, and not as the others do.
";

/// What is seen, where, and on what.
#[derive(Default)]
struct Row {
    on: BTreeSet<String>,
    scenarios: BTreeSet<String>,
}

/// `BLESS=1` writes the page instead of comparing it.
#[test]
fn the_page_about_divergences_is_current() {
    let page = page();
    let file = Path::new(ROOT).join(PAGE);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(there == page, "{PAGE} should be as BLESS=1 writes it");
}

fn page() -> String {
    let suite = BrowserSuite::embedded().unwrap();
    let mut sections: BTreeMap<String, BTreeMap<String, Row>> = BTreeMap::new();
    let mut versions = BTreeSet::new();
    for divergence in &suite.divergences {
        let (section, scenario) = divergence.scenario.split_once('/').unwrap();
        let row =
            sections.entry(section.to_owned()).or_default().entry(divergence.reason.clone()).or_default();
        row.on.insert(divergence.on.clone());
        row.scenarios.insert(scenario.replace('_', " "));
        versions.extend(divergence.seen.clone());
    }
    let versions: Vec<String> = versions.into_iter().collect();
    let mut page = format!("{TOP}\nSeen on {}.\n", versions.join(", "));
    for (section, rows) in sections {
        page += &format!("\n## {}\n\n", title(&section));
        page += "| what happens | standard | Chromium | Firefox | WebKit | scenarios |\n|---|:-:|:-:|:-:|:-:|---|\n";
        for (reason, row) in rows {
            let mark = |engine: &str| if row.on.contains(engine) { "✗" } else { "" };
            page += &format!(
                "| {} | {} | {} | {} | {} | {} |\n",
                reason.replace('|', "\\|"),
                mark("standard"),
                mark("chromium"),
                mark("firefox"),
                mark("webkit"),
                row.scenarios.into_iter().collect::<Vec<_>>().join("; ")
            );
        }
    }
    page + &without_switch(&suite)
}

/// What the profiles leave out.
fn without_switch(suite: &BrowserSuite) -> String {
    let mut out = String::from("\n## What no profile expresses\n\n");
    out += "All else above is a switch of `Profile`, so that our own engine goes the same way.\n\n";
    out += "| why | on | scenarios |\n|---|---|---|\n";
    for (name, why) in &suite.causes {
        let of_it = || suite.divergences.iter().filter(|it| it.without_switch.as_ref() == Some(name));
        let list = |words: BTreeSet<String>| words.into_iter().collect::<Vec<_>>().join("; ");
        let on = list(of_it().map(|it| it.on.clone()).collect());
        let scenarios = list(of_it().map(|it| it.scenario.replace('_', " ")).collect());
        out += &format!("| {why} | {on} | {scenarios} |\n");
    }
    out
}

/// `cors-preflight-cache` is `CORS preflight cache`.
fn title(section: &str) -> String {
    let words = section.replace('-', " ");
    let words = words.replace("cors ", "CORS ").replace("http ", "HTTP ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
