//! Walking through a TOML file with a place for every finding.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::diagnostic::{Diagnostic, Place};
use super::distance::distance;
use super::problem::Problem;

/// How many faults of syntax are reported; the rest usually follow from them.
const SYNTAX_ERRORS: usize = 20;

/// Reads values of a TOML file by their kind, and notes what has another: for files that hold policies among other
/// things. A path names a value as a diagnostic does: `route[1].path`.
#[derive(Debug)]
pub struct TomlReader<'i> {
    text: &'i str,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What can be read of a file, and the faults of its syntax.
pub(super) fn parse(text: &str) -> (DeTable<'_>, Vec<Diagnostic>) {
    let (document, mut errors) = DeTable::parse_recoverable(text);
    // On one line the first fault brings the others about.
    let mut before = None;
    errors.retain(|error| {
        let start = error.span().map(|span| span.start);
        let between = before.zip(start).and_then(|(before, start)| text.as_bytes().get(before..start));
        before = start;
        between.is_none_or(|between| between.contains(&b'\n'))
    });
    let faults = errors.iter().take(SYNTAX_ERRORS).map(|error| {
        let mut diagnostic = Diagnostic::new(Problem::Syntax, String::new()).about(error.message());
        diagnostic.place = error.span().map(Place::from_span);
        diagnostic
    });
    let faults = faults.collect();
    (document.into_inner(), faults)
}

impl<'f> TomlReader<'f> {
    /// Starts at a file's text.
    pub const fn new(text: &'f str) -> TomlReader<'f> {
        TomlReader { text, diagnostics: Vec::new() }
    }

    /// Parses the file; what is wrong with its syntax is noted.
    pub fn parse(&mut self) -> DeTable<'f> {
        let (document, faults) = parse(self.text);
        self.diagnostics.extend(faults);
        document
    }

    /// Notes a finding about what stands at a path: what stands there, and what to write instead.
    pub fn note(&mut self, problem: Problem, path: &str, subject: Option<&str>, suggestion: Option<String>) {
        let mut diagnostic = Diagnostic::new(problem, path.to_owned()).suggest(suggestion);
        if let Some(subject) = subject {
            diagnostic = diagnostic.about(subject);
        }
        self.diagnostics.push(diagnostic);
    }

    /// Adds findings that have their places already, as those about a policy within the file have.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.extend(diagnostics);
    }

    /// All findings, each with its place, in the order of the file.
    pub fn finish(mut self, document: &DeTable<'_>) -> Vec<Diagnostic> {
        locate(&mut self.diagnostics, self.text, document, "");
        self.diagnostics
    }

    /// Notes that a value has the wrong type.
    pub fn wrong(&mut self, value: &Spanned<DeValue<'_>>, path: &str, wanted: &str) {
        let diagnostic =
            Diagnostic::new(Problem::WrongType, path.to_owned()).about(value.get_ref().type_str());
        self.diagnostics.push(diagnostic.suggest(Some(wanted.to_owned())));
    }

    /// Notes a key that nobody knows; the nearest of those that are known is suggested.
    pub fn unknown(&mut self, path: &str, span: Range<usize>, known: &[&str]) {
        let name = path.rsplit('.').next().unwrap_or(path);
        let near = known.iter().min_by_key(|key| distance(key, name)).filter(|key| distance(key, name) <= 3);
        let suggestion = near.map_or_else(|| format!("one of {}", known.join(", ")), |key| (*key).to_owned());
        let mut diagnostic = Diagnostic::new(Problem::UnknownKey, path.to_owned()).about(name);
        diagnostic.suggestion = Some(suggestion);
        diagnostic.place = Some(Place::from_span(span));
        self.diagnostics.push(diagnostic);
    }

    /// One of several words.
    pub fn choice<T: Copy + Default>(&mut self, text: &str, path: &str, all: &[(&str, T)]) -> T {
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

    /// An array.
    pub fn array<'v, 'i>(&mut self, value: &'v Spanned<DeValue<'i>>, path: &str) -> Option<&'v DeArray<'i>> {
        let array = value.get_ref().as_array();
        if array.is_none() {
            self.wrong(value, path, "an array");
        }
        array
    }

    /// A table.
    pub fn table<'v, 'i>(&mut self, value: &'v Spanned<DeValue<'i>>, path: &str) -> Option<&'v DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(value, path, "a table");
        }
        table
    }

    /// The texts of an array; what is no text keeps its place, so that paths stay right.
    pub fn texts<'v>(&mut self, value: &'v Spanned<DeValue<'_>>, path: &str) -> Vec<&'v str> {
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

    /// A text.
    pub fn text<'v>(&mut self, value: &'v Spanned<DeValue<'_>>, path: &str) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong(value, path, "a string");
        }
        text
    }

    /// A boolean; what is none counts as `false`.
    pub fn boolean(&mut self, value: &Spanned<DeValue<'_>>, path: &str) -> bool {
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(value, path, "true or false");
            false
        })
    }

    /// An integer.
    pub fn integer(&mut self, value: &Spanned<DeValue<'_>>, path: &str) -> Option<i64> {
        let number =
            value.get_ref().as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
        if number.is_none() {
            self.wrong(value, path, "an integer");
        }
        number
    }
}

/// Gives each finding its place and its full path, and puts them in the order of the file.
pub(super) fn locate(diagnostics: &mut [Diagnostic], text: &str, table: &DeTable<'_>, at: &str) {
    for diagnostic in diagnostics.iter_mut() {
        if diagnostic.place.is_none() {
            diagnostic.place = span_of(table, &diagnostic.path).map(Place::from_span);
        }
        if !at.is_empty() {
            let dot = if diagnostic.path.is_empty() { "" } else { "." };
            diagnostic.path = format!("{at}{dot}{}", diagnostic.path);
        }
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.place.as_ref().map(|place| place.span.start));
    Place::count(text, diagnostics.iter_mut().filter_map(|diagnostic| diagnostic.place.as_mut()));
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
