//! `crossing export`: the real server, with what was written for it, shares with a browser what the policy shares.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod apache;
mod application;
mod caddy;
mod cases;
mod crd;
mod envoy;
mod gateway_api;
mod haproxy;
mod nginx;
mod page;
mod proof;
mod server;
#[path = "../support/mod.rs"]
mod support;

use serde_json::Value;
use support::process::Directory;
use support::run;

const TARGETS: [&str; 6] = ["nginx", "haproxy", "caddy", "apache", "envoy", "gateway-api"];

/// What a user is told.
const DOCUMENTATION: &str = include_str!("../../../../docs/export.md");

/// What is written for a policy, losses and all.
struct Export {
    config: String,
    losses: Vec<(String, String)>,
}

impl Export {
    fn of(policy: &str, target: &str, files: &Directory) -> Export {
        let file = files.write("policy.toml", policy);
        let export =
            run(["export", file.to_str().unwrap(), "--to", target, "--lossy", "--json"]).has_code(0).json();
        assert_eq!(export["target"], target);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let losses = export["losses"].as_array().expect("losses").iter();
        let losses: Vec<_> = losses.map(|loss| (text(&loss["code"]), text(&loss["weight"]))).collect();
        for (code, weight) in &losses {
            let row = DOCUMENTATION.lines().find(|line| line.starts_with(&format!("| `{code}` |")));
            let row = row.unwrap_or_else(|| panic!("docs/export.md does not tell of {code}"));
            assert!(row.to_lowercase().contains(weight), "docs/export.md: {code} {weight}");
        }
        Export { config: text(&export["config"]), losses }
    }

    fn loses(&self, code: &str) -> bool {
        self.losses.iter().any(|(known, _)| known == code)
    }

    fn loosens(&self) -> bool {
        self.losses.iter().any(|(_, weight)| weight == "loosens")
    }
}

#[test]
fn what_would_grant_more_is_not_written() {
    let files = Directory::new();
    let enforced = "enforcement = \"on\"\n[[grant]]\nallow_origins = [\"https://a.test\"]\n";
    let file = files.write("policy.toml", enforced);
    let path = file.to_str().unwrap();
    for target in TARGETS {
        let refused = run(["export", path, "--to", target]).has_code(1);
        assert!(refused.out.is_empty() && refused.err.contains("loosens: enforcement"), "{}", refused.err);
        let document = run(["export", path, "--to", target, "--json"]).has_code(1).json();
        assert_eq!(document["config"], "");
        assert!(
            run(["export", path, "--to", target, "--lossy"]).has_code(0).out.contains("CORS, written by")
        );
    }
}

#[test]
fn a_file_with_a_fault_is_drawn_and_not_exported() {
    let files = Directory::new();
    let file = files.write("policy.toml", "[[grant]]\nallow_origins = [\"https://a.test/\"]\n");
    for target in TARGETS {
        let run = run(["export", file.to_str().unwrap(), "--to", target]).has_code(2);
        assert!(run.out.is_empty() && run.err.contains("origin-trailing-slash"), "{}", run.err);
        assert!(run.err.contains("policy.toml:2:"), "{}", run.err);
    }
}

#[test]
fn a_file_name_stays_in_its_comment() {
    let files = Directory::new();
    let file = files.write("a\nb.toml", "[[grant]]\nallow_origins = [\"https://a.test\"]\n");
    for target in TARGETS {
        let out = run(["export", file.to_str().unwrap(), "--to", target]).has_code(0).out;
        assert!(out.lines().next().unwrap().contains("a\\nb.toml"), "{out}");
    }
}
