//! The policy file: TOML in, with a place for every finding.

use toml::de::DeTable;

use super::diagnostic::{Diagnostic, PolicyErrors};
use super::grant::{CrossOriginResourcePolicy, Grant};
use super::policy::{Enforcement, Existing, Policy, PolicyBuilder, PreflightStatus};
use super::problem::{Problem, Severity};
use super::toml_reader::{self, TomlReader};

/// A table of a larger file that holds a policy among other things, as a gateway's route does.
#[derive(Clone, Copy, Debug)]
pub struct PolicyTable<'t, 'i> {
    /// The whole file.
    pub text: &'i str,
    /// The table.
    pub table: &'t DeTable<'i>,
    /// Where the table stands: `route[1]`; empty for the file itself.
    pub path: &'t str,
    /// Keys of the table that somebody else reads.
    pub other_keys: &'t [&'t str],
}

pub(super) fn read(text: &str) -> Result<Policy, PolicyErrors> {
    let (document, faults) = toml_reader::parse(text);
    read_table(PolicyTable { text, table: &document, path: "", other_keys: &[] }, faults)
}

pub(super) fn read_table(
    table: PolicyTable<'_, '_>,
    faults: Vec<Diagnostic>,
) -> Result<Policy, PolicyErrors> {
    let mut walk = TomlReader::new(table.text);
    let broken = !faults.is_empty();
    walk.diagnostics = faults;
    let checked = policy_of(&mut walk, &table).build();
    let mut diagnostics = walk.diagnostics;
    // Where the head of a table is broken, its keys seem to be others'.
    diagnostics.retain(|d| !broken || d.problem != Problem::UnknownKey);
    let policy = match checked {
        Ok(policy) => {
            diagnostics.extend_from_slice(policy.warnings());
            Some(policy)
        }
        Err(errors) => {
            // What could not be read is missing below: the true fault has been named already.
            let known = diagnostics.iter().any(|d| d.severity() == Severity::Error);
            let missing =
                |d: &Diagnostic| matches!(d.problem, Problem::GrantsMissing | Problem::OriginsMissing);
            diagnostics.extend(errors.into_diagnostics().into_iter().filter(|d| !(known && missing(d))));
            None
        }
    };
    toml_reader::locate(&mut diagnostics, table.text, table.table, table.path);
    let wrong = diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error);
    match policy {
        Some(mut policy) if !wrong => {
            if let Some(compiled) = std::sync::Arc::get_mut(&mut policy.0) {
                compiled.warnings = diagnostics;
            }
            Ok(policy)
        }
        _ => Err(PolicyErrors::new(diagnostics)),
    }
}

fn policy_of(walk: &mut TomlReader<'_>, table: &PolicyTable<'_, '_>) -> PolicyBuilder {
    let mut builder = Policy::builder();
    for (key, value) in table.table {
        let path = key.get_ref().to_string();
        match &*path {
            "grant" => {
                for (at, grant) in walk.array(value, &path).into_iter().flatten().enumerate() {
                    let path = format!("grant[{at}]");
                    // A grant that is none keeps its place, so that the paths of the others stay right.
                    let table = walk.table(grant, &path);
                    builder =
                        builder.grant(table.map_or_else(Grant::new, |table| grant_of(walk, table, &path)));
                }
            }
            "preflight_status" => {
                let statuses = [("200", PreflightStatus::Ok), ("204", PreflightStatus::NoContent)];
                if let Some(status) = walk.integer(value, &path) {
                    builder.settings.preflight_status = walk.choice(&status.to_string(), &path, &statuses);
                }
            }
            "existing" => {
                let all = [("replace", Existing::Replace), ("respect", Existing::Respect)];
                if let Some(text) = walk.text(value, &path) {
                    builder.settings.existing = walk.choice(text, &path, &all);
                }
            }
            "enforcement" => {
                let all =
                    [("off", Enforcement::Off), ("report", Enforcement::Report), ("on", Enforcement::On)];
                if let Some(text) = walk.text(value, &path) {
                    builder.settings.enforcement = walk.choice(text, &path, &all);
                }
            }
            "debug" => builder.settings.debug = walk.boolean(value, &path),
            "dangerously_allow_null_origin" => {
                builder.settings.allow_null_origin = walk.boolean(value, &path);
            }
            "dangerously_allow_insecure_origins" => {
                builder.settings.allow_insecure_origins = walk.boolean(value, &path);
            }
            "dangerously_allow_public_suffixes" => {
                builder.settings.allow_public_suffixes = walk.boolean(value, &path);
            }
            other if table.other_keys.contains(&other) => {}
            _ => walk.unknown(&path, key.span(), &[POLICY_KEYS, table.other_keys].concat()),
        }
    }
    builder
}

fn grant_of(walk: &mut TomlReader<'_>, table: &DeTable<'_>, at: &str) -> Grant {
    let mut grant = Grant::new();
    for (key, value) in table {
        let name: &str = key.get_ref();
        let path = format!("{at}.{name}");
        match name {
            "allow_origins" => grant.allow_origins.extend(walk.texts(value, &path)),
            "deny_origins" => grant.deny_origins.extend(walk.texts(value, &path)),
            "allow_credentials" => grant.allow_credentials = walk.boolean(value, &path),
            "allow_methods" => grant = grant.allow_methods(walk.texts(value, &path)),
            "allow_headers" => grant = grant.allow_headers(walk.texts(value, &path)),
            "expose_headers" => grant = grant.expose_headers(walk.texts(value, &path)),
            "max_age" => grant.max_age = walk.integer(value, &path),
            "timing_allow_origin" => grant.timing_allow_origin = walk.boolean(value, &path),
            "cross_origin_resource_policy" => {
                use CrossOriginResourcePolicy as Corp;
                let all =
                    [Corp::SameOrigin, Corp::SameSite, Corp::CrossOrigin].map(|c| (c.as_str(), Some(c)));
                if let Some(text) = walk.text(value, &path) {
                    grant.cross_origin_resource_policy = walk.choice(text, &path, &all);
                }
            }
            _ => walk.unknown(&path, key.span(), GRANT_KEYS),
        }
    }
    grant
}

const POLICY_KEYS: &[&str] = &[
    "grant",
    "preflight_status",
    "existing",
    "enforcement",
    "debug",
    "dangerously_allow_null_origin",
    "dangerously_allow_insecure_origins",
    "dangerously_allow_public_suffixes",
];

const GRANT_KEYS: &[&str] = &[
    "allow_origins",
    "deny_origins",
    "allow_credentials",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "max_age",
    "timing_allow_origin",
    "cross_origin_resource_policy",
];
