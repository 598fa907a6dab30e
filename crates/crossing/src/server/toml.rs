//! The policy file: TOML in, with a place for every finding.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::diagnostic::{Diagnostic, Place, PolicyErrors};
use super::distance::distance;
use super::grant::{CrossOriginResourcePolicy, Grant};
use super::policy::{Enforcement, Existing, Policy, PolicyBuilder, PreflightStatus};
use super::problem::{Problem, Severity};

/// How many faults of syntax are reported; the rest usually follow from them.
const SYNTAX_ERRORS: usize = 20;

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
    let (document, errors) = DeTable::parse_recoverable(text);
    let faults = syntax(text, &errors);
    read_table(PolicyTable { text, table: document.get_ref(), path: "", other_keys: &[] }, faults)
}

/// The faults of syntax, with their places.
pub(super) fn syntax(text: &str, errors: &[toml::de::Error]) -> Vec<Diagnostic> {
    let faults = errors.iter().take(SYNTAX_ERRORS).map(|error| {
        let mut diagnostic = Diagnostic::new(Problem::Syntax, String::new()).about(error.message());
        diagnostic.place = error.span().map(|span| Place::in_text(text, span));
        diagnostic
    });
    faults.collect()
}

pub(super) fn read_table(
    table: PolicyTable<'_, '_>,
    faults: Vec<Diagnostic>,
) -> Result<Policy, PolicyErrors> {
    let mut reader = Reader { text: table.text, other_keys: table.other_keys, diagnostics: faults };
    let checked = reader.policy(table.table).build();
    let mut diagnostics = reader.diagnostics;
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
    locate(&mut diagnostics, &table);
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

/// Gives each finding its place and its full path, and puts them in the order of the file.
fn locate(diagnostics: &mut [Diagnostic], table: &PolicyTable<'_, '_>) {
    for diagnostic in diagnostics.iter_mut() {
        if diagnostic.place.is_none() {
            let span = span_of(table.table, &diagnostic.path);
            diagnostic.place = span.map(|span| Place::in_text(table.text, span));
        }
        if !table.path.is_empty() {
            let dot = if diagnostic.path.is_empty() { "" } else { "." };
            diagnostic.path = format!("{}{dot}{}", table.path, diagnostic.path);
        }
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.place.as_ref().map(|place| place.span.start));
}

/// The span of what stands at a path, or of the nearest thing around it.
fn span_of(document: &DeTable<'_>, path: &str) -> Option<Range<usize>> {
    let mut span = None;
    let mut table = Some(document);
    let mut array: Option<&DeArray<'_>> = None;
    for part in path.split(['.', '[']) {
        let value = match part.strip_suffix(']') {
            Some(nth) => array.take().and_then(|array| array.get(nth.parse::<usize>().ok()?)),
            None => table.take().and_then(|table| table.get(part)),
        };
        let Some(value) = value else { break };
        span = Some(value.span());
        table = value.get_ref().as_table();
        array = value.get_ref().as_array();
    }
    span
}

struct Reader<'r> {
    text: &'r str,
    other_keys: &'r [&'r str],
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn policy(&mut self, table: &DeTable<'_>) -> PolicyBuilder {
        let mut builder = Policy::builder();
        for (key, value) in table {
            let path = key.get_ref().to_string();
            match &*path {
                "grant" => {
                    for (at, grant) in self.array(value, &path).into_iter().flatten().enumerate() {
                        let path = format!("grant[{at}]");
                        // A grant that is none keeps its place, so that the paths of the others stay right.
                        let table = self.table(grant, &path);
                        builder =
                            builder.grant(table.map_or_else(Grant::new, |table| self.grant(table, &path)));
                    }
                }
                "preflight_status" => {
                    let statuses = [("200", PreflightStatus::Ok), ("204", PreflightStatus::NoContent)];
                    if let Some(status) = self.integer(value, &path) {
                        builder.settings.preflight_status =
                            self.choice(&status.to_string(), &path, &statuses);
                    }
                }
                "existing" => {
                    let all = [("replace", Existing::Replace), ("respect", Existing::Respect)];
                    if let Some(text) = self.text(value, &path) {
                        builder.settings.existing = self.choice(text, &path, &all);
                    }
                }
                "enforcement" => {
                    let all =
                        [("off", Enforcement::Off), ("report", Enforcement::Report), ("on", Enforcement::On)];
                    if let Some(text) = self.text(value, &path) {
                        builder.settings.enforcement = self.choice(text, &path, &all);
                    }
                }
                "debug" => builder.settings.debug = self.boolean(value, &path),
                "dangerously_allow_null_origin" => {
                    builder.settings.allow_null_origin = self.boolean(value, &path);
                }
                "dangerously_allow_insecure_origins" => {
                    builder.settings.allow_insecure_origins = self.boolean(value, &path);
                }
                "dangerously_allow_public_suffixes" => {
                    builder.settings.allow_public_suffixes = self.boolean(value, &path);
                }
                other if self.other_keys.contains(&other) => {}
                _ => self.unknown(&path, key.span(), POLICY_KEYS),
            }
        }
        builder
    }

    fn grant(&mut self, table: &DeTable<'_>, at: &str) -> Grant {
        let mut grant = Grant::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            let path = format!("{at}.{name}");
            match name {
                "allow_origins" => grant.allow_origins.extend(self.texts(value, &path)),
                "deny_origins" => grant.deny_origins.extend(self.texts(value, &path)),
                "allow_credentials" => grant.allow_credentials = self.boolean(value, &path),
                "allow_methods" => grant = grant.allow_methods(self.texts(value, &path)),
                "allow_headers" => grant = grant.allow_headers(self.texts(value, &path)),
                "expose_headers" => grant = grant.expose_headers(self.texts(value, &path)),
                "max_age" => grant.max_age = self.integer(value, &path),
                "timing_allow_origin" => grant.timing_allow_origin = self.boolean(value, &path),
                "cross_origin_resource_policy" => {
                    use CrossOriginResourcePolicy as Corp;
                    let all =
                        [Corp::SameOrigin, Corp::SameSite, Corp::CrossOrigin].map(|c| (c.as_str(), Some(c)));
                    if let Some(text) = self.text(value, &path) {
                        grant.cross_origin_resource_policy = self.choice(text, &path, &all);
                    }
                }
                _ => self.unknown(&path, key.span(), GRANT_KEYS),
            }
        }
        grant
    }

    fn wrong(&mut self, value: &Spanned<DeValue<'_>>, path: &str, wanted: &str) {
        let diagnostic =
            Diagnostic::new(Problem::WrongType, path.to_owned()).about(value.get_ref().type_str());
        self.diagnostics.push(diagnostic.suggest(Some(wanted.to_owned())));
    }

    fn unknown(&mut self, path: &str, span: Range<usize>, known: &[&str]) {
        let name = path.rsplit('.').next().unwrap_or(path);
        let known: Vec<&str> = known.iter().chain(self.other_keys).copied().collect();
        let near = known.iter().min_by_key(|key| distance(key, name)).filter(|key| distance(key, name) <= 3);
        let suggestion = near.map_or_else(|| format!("one of {}", known.join(", ")), |key| (*key).to_owned());
        let mut diagnostic = Diagnostic::new(Problem::UnknownKey, path.to_owned()).about(name);
        diagnostic.suggestion = Some(suggestion);
        diagnostic.place = Some(Place::in_text(self.text, span));
        self.diagnostics.push(diagnostic);
    }

    fn choice<T: Copy + Default>(&mut self, text: &str, path: &str, all: &[(&str, T)]) -> T {
        match all.iter().find(|(name, _)| *name == text) {
            Some((_, value)) => *value,
            None => {
                let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
                let diagnostic = Diagnostic::new(Problem::UnknownValue, path.to_owned()).about(text);
                self.diagnostics.push(diagnostic.suggest(Some(format!("one of {}", names.join(", ")))));
                T::default()
            }
        }
    }

    fn array<'v, 'i>(&mut self, value: &'v Spanned<DeValue<'i>>, path: &str) -> Option<&'v DeArray<'i>> {
        let array = value.get_ref().as_array();
        if array.is_none() {
            self.wrong(value, path, "an array");
        }
        array
    }

    fn table<'v, 'i>(&mut self, value: &'v Spanned<DeValue<'i>>, path: &str) -> Option<&'v DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(value, path, "a table");
        }
        table
    }

    /// The texts of an array; what is no text keeps its place, so that paths stay right.
    fn texts<'v>(&mut self, value: &'v Spanned<DeValue<'_>>, path: &str) -> Vec<&'v str> {
        let Some(array) = self.array(value, path) else { return Vec::new() };
        let mut texts = Vec::with_capacity(array.len());
        for (nth, item) in array.iter().enumerate() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(text),
                None => self.wrong(item, &format!("{path}[{nth}]"), "a string"),
            }
        }
        texts
    }

    fn text<'v>(&mut self, value: &'v Spanned<DeValue<'_>>, path: &str) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong(value, path, "a string");
        }
        text
    }

    fn boolean(&mut self, value: &Spanned<DeValue<'_>>, path: &str) -> bool {
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(value, path, "true or false");
            false
        })
    }

    fn integer(&mut self, value: &Spanned<DeValue<'_>>, path: &str) -> Option<i64> {
        let number =
            value.get_ref().as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
        if number.is_none() {
            self.wrong(value, path, "an integer");
        }
        number
    }
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
