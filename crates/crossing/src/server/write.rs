//! The policy file: TOML out. What is written reads back as the same policy.

use std::fmt::Write as _;

use super::grant::Grant;
use super::policy::{Enforcement, Existing, Policy, PreflightStatus};

impl Policy {
    /// Writes the policy as a file. Reading it gives an equal policy. `None` when a grant's origins are looked up at run
    /// time: a file cannot say that.
    pub fn to_toml(&self) -> Option<String> {
        let settings = &self.0.settings;
        if self.0.grants.iter().any(|grant| grant.looked_up) || !self.0.varies_on.is_empty() {
            return None;
        }
        let mut file = String::new();
        let mut line = |key: &str, value: &str| {
            let _ = writeln!(file, "{key} = {value}");
        };
        if settings.preflight_status == PreflightStatus::NoContent {
            line("preflight_status", "204");
        }
        if settings.existing == Existing::Respect {
            line("existing", "\"respect\"");
        }
        match settings.enforcement {
            Enforcement::Off => {}
            Enforcement::Report => line("enforcement", "\"report\""),
            Enforcement::On => line("enforcement", "\"on\""),
        }
        for (wished, key) in [
            (settings.debug, "debug"),
            (settings.allow_null_origin, "dangerously_allow_null_origin"),
            (settings.allow_insecure_origins, "dangerously_allow_insecure_origins"),
            (settings.allow_public_suffixes, "dangerously_allow_public_suffixes"),
        ] {
            if wished {
                line(key, "true");
            }
        }
        for grant in self.grants() {
            if !file.is_empty() {
                file.push('\n');
            }
            write_grant(&mut file, grant);
        }
        Some(file)
    }
}

fn write_grant(file: &mut String, grant: &Grant) {
    file.push_str("[[grant]]\n");
    list(file, "allow_origins", grant.allow_origins.iter());
    list(file, "deny_origins", grant.deny_origins.iter());
    if grant.allow_credentials {
        file.push_str("allow_credentials = true\n");
    }
    list(file, "allow_methods", grant.allow_methods.iter().map(String::as_str));
    list(file, "allow_headers", grant.allow_headers.iter().map(String::as_str));
    list(file, "expose_headers", grant.expose_headers.iter().map(String::as_str));
    if let Some(seconds) = grant.max_age {
        let _ = writeln!(file, "max_age = {seconds}");
    }
    if grant.timing_allow_origin {
        file.push_str("timing_allow_origin = true\n");
    }
    if let Some(policy) = grant.cross_origin_resource_policy {
        let _ = writeln!(file, "cross_origin_resource_policy = \"{}\"", policy.as_str());
    }
}

fn list<'t>(file: &mut String, key: &str, texts: impl ExactSizeIterator<Item = &'t str>) {
    match texts.len() {
        0 => {}
        1..=4 => {
            let texts: Vec<String> = texts.map(quoted).collect();
            let _ = writeln!(file, "{key} = [{}]", texts.join(", "));
        }
        _ => {
            let _ = writeln!(file, "{key} = [");
            for text in texts {
                let _ = writeln!(file, "  {},", quoted(text));
            }
            file.push_str("]\n");
        }
    }
}

/// Every text of a policy is visible ASCII, and none but a token may hold a quote.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
