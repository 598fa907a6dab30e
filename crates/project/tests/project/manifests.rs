//! The manifests: what is published can be packaged, shows itself on a registry, and is released in order.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{none, read, root};

/// A crate of the workspace.
struct Crate {
    folder: String,
    manifest: toml::Table,
}

impl Crate {
    fn is_published(&self) -> bool {
        self.manifest["package"].get("publish").and_then(toml::Value::as_bool) != Some(false)
    }

    /// The crates of the workspace that it needs: all of them in packages, or only those of its tests.
    fn own(&self, section: &str) -> BTreeMap<String, toml::Value> {
        let table = self.manifest.get(section).and_then(toml::Value::as_table).cloned().unwrap_or_default();
        table.into_iter().filter(|(name, _)| name.starts_with("crossing")).collect()
    }
}

fn crates() -> BTreeMap<String, Crate> {
    let workspace: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let crates = members.iter().map(|member| {
        let folder = member.as_str().unwrap().to_owned();
        let manifest: toml::Table = toml::from_str(&read(&format!("{folder}/Cargo.toml"))).unwrap();
        (manifest["package"]["name"].as_str().unwrap().to_owned(), Crate { folder, manifest })
    });
    crates.collect()
}

#[test]
fn a_published_crate_needs_published_crates_only() {
    let crates = crates();
    let mut complaints = Vec::new();
    for (name, one) in crates.iter().filter(|(_, one)| one.is_published()) {
        for (needed, value) in one.own("dependencies") {
            if !crates[&needed].is_published() {
                complaints.push(format!("{name} depends on {needed}, which is not published"));
            }
            if value.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                complaints
                    .push(format!("{name}: {needed} needs its version: {needed} = {{ workspace = true }}"));
            }
        }
        for (needed, value) in one.own("dev-dependencies") {
            if value.get("path").is_none() || value.get("version").is_some() {
                complaints.push(format!(
                    "{name}: its tests' {needed} must be a path without a version, which packages leave out"
                ));
            }
        }
    }
    none(&complaints);
}

#[test]
fn a_published_crate_has_what_a_registry_shows() {
    let mut complaints = Vec::new();
    for (name, one) in crates().iter().filter(|(_, one)| one.is_published()) {
        let package = &one.manifest["package"];
        for key in ["description", "keywords", "categories", "readme", "license", "rust-version"] {
            if package.get(key).is_none() {
                complaints.push(format!("{name}: its manifest has no {key}"));
            }
        }
        let all_features =
            || Some(package.get("metadata")?.get("docs")?.get("rs")?.get("all-features")?.as_bool());
        if all_features().flatten() != Some(true) {
            complaints
                .push(format!("{name}: its manifest has no [package.metadata.docs.rs] all-features = true"));
        }
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            if !root().join(&one.folder).join(file).is_file() {
                complaints.push(format!("{}/{file} is missing", one.folder));
            }
        }
    }
    none(&complaints);
}

#[test]
fn crates_are_released_after_those_that_they_need() {
    let text = read("RELEASING.md");
    let list =
        text.split_once("<!-- order: begin -->").unwrap().1.split_once("<!-- order: end -->").unwrap().0;
    let order: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    let crates = crates();
    let published: BTreeSet<&str> =
        crates.iter().filter(|(_, one)| one.is_published()).map(|(name, _)| name.as_str()).collect();
    assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), published, "RELEASING.md's list");
    let mut complaints = Vec::new();
    for (at, name) in order.iter().enumerate() {
        for needed in crates[*name].own("dependencies").keys() {
            if !order[..at].contains(&needed.as_str()) {
                complaints.push(format!("RELEASING.md: {name} comes before {needed}"));
            }
        }
    }
    none(&complaints);
}
