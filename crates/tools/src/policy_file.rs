//! A policy file: read, parsed, and its findings drawn.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use crossing::server::{Diagnostic, Policy, PolicyErrors, Problem, Severity, TomlReader};
use crossing_gateway::config::{Config, read_file, read_within_limit};

use crate::text::{Paint, shorten, visible};

/// A file that could be read.
pub struct Source {
    /// Its name, as it was given.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A file that cannot be read, is too large, or is not UTF-8.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadError {
    /// The file's name, as it was given.
    pub name: String,
    /// What is wrong with it.
    pub error: io::Error,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.error)
    }
}

impl std::error::Error for ReadError {}

/// A policy file, or a gateway's, that could be read.
pub struct PolicyFile {
    /// The file.
    pub source: Source,
    /// What it says, if there is no error.
    pub contents: Result<Contents, PolicyErrors>,
}

/// What a file says.
pub enum Contents {
    /// A policy.
    Policy(Policy),
    /// A policy for each route; certificates and directories are not looked at.
    Gateway(Box<Config>),
}

impl PolicyFile {
    /// Reads a file, or standard input for `-`.
    ///
    /// # Errors
    /// When it cannot be read, is too large, or is no text; the message names the file.
    pub fn read(path: &Path) -> Result<PolicyFile, ReadError> {
        let source = Source::read(path)?;
        let contents = if is_of_a_gateway(&source.text) {
            Config::for_review(&source.text).map(|config| Contents::Gateway(Box::new(config)))
        } else {
            Policy::from_toml(&source.text).map(Contents::Policy)
        };
        Ok(PolicyFile { source, contents })
    }

    /// All findings, in the order of the file.
    pub fn findings(&self) -> &[Diagnostic] {
        match &self.contents {
            Ok(Contents::Policy(policy)) => policy.warnings(),
            Ok(Contents::Gateway(config)) => &config.warnings,
            Err(errors) => errors.diagnostics(),
        }
    }

    /// The findings as a person reads them.
    pub fn draw(&self, width: usize, paint: Paint) -> String {
        self.source.draw(self.findings(), width, paint)
    }
}

/// A gateway's file says where it listens and has routes, which no policy has.
fn is_of_a_gateway(text: &str) -> bool {
    let document = TomlReader::new(text).parse();
    ["listen", "route"].iter().any(|key| document.contains_key(*key))
}

impl Source {
    /// Reads a file, or standard input for `-`.
    ///
    /// # Errors
    /// When it cannot be read, is too large, or is no text; the message names the file.
    pub fn read(path: &Path) -> Result<Source, ReadError> {
        let stdin = path == Path::new("-");
        let name = if stdin { "standard input".to_owned() } else { shorten(&path.display().to_string()) };
        let text = if stdin { read(io::stdin().lock()) } else { File::open(path).and_then(read) };
        Source::new(name, text)
    }

    /// Reads a file that may be read again when it changes, or standard input for `-`, which cannot.
    ///
    /// # Errors
    /// When it is no regular file, cannot be read, is too large, or is no text; the message names the file.
    pub fn read_watched(path: &Path) -> Result<Source, ReadError> {
        if path == Path::new("-") {
            return Source::read(path);
        }
        let name = shorten(&path.display().to_string());
        Source::new(name, read_file(path).and_then(text_of))
    }

    fn new(name: String, text: io::Result<String>) -> Result<Source, ReadError> {
        match text {
            Ok(text) => Ok(Source { name, text }),
            Err(error) => Err(ReadError { name, error }),
        }
    }

    /// Findings about it as a person reads them: what, where, and what to write instead.
    pub fn draw(&self, findings: &[Diagnostic], width: usize, paint: Paint) -> String {
        let renderer = match paint {
            Paint::Plain => Renderer::plain(),
            Paint::Colour => Renderer::styled(),
        };
        let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(width);
        let mut out = String::new();
        for finding in findings {
            out.push_str(&renderer.render(&[self.group(finding)]));
            out.push_str("\n\n");
        }
        out
    }

    fn group<'a>(&'a self, finding: &'a Diagnostic) -> Group<'a> {
        let level = match finding.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(finding.problem.message()).id(finding.code());
        let mut group = match &finding.place {
            Some(place) => {
                let (from, lines) = self.lines(&place.span);
                let span = place.span.start - from..place.span.end - from;
                let primary = AnnotationKind::Primary.span(span);
                let primary = match &finding.subject {
                    // What TOML itself or another file complains of is no part of this file.
                    Some(said)
                        if finding.path.is_empty() || finding.problem == Problem::CertificateInvalid =>
                    {
                        primary.label(visible(said))
                    }
                    _ => primary,
                };
                let snippet = Snippet::source(lines).line_start(place.line);
                title.element(snippet.path(&self.name).annotation(primary))
            }
            None => title.element(Origin::path(&self.name)),
        };
        if let Some(suggestion) = &finding.suggestion {
            group = group.element(Level::HELP.message(format!("try: {}", visible(suggestion))));
        }
        group
    }

    /// The lines that a span is in, and where they begin: what draws one finding need not look at the whole file.
    fn lines(&self, span: &Range<usize>) -> (usize, &str) {
        let before = self.text.get(..span.start).unwrap_or_default();
        let from = before.rfind('\n').map_or(0, |at| at + 1);
        let after = self.text.get(span.end..).unwrap_or_default();
        let to = after.find('\n').map_or(self.text.len(), |at| span.end + at);
        let lines = self.text.get(from..to).unwrap_or_default();
        let lines = if to > span.end { lines.strip_suffix('\r').unwrap_or(lines) } else { lines };
        (from, lines)
    }
}

fn read(from: impl Read) -> io::Result<String> {
    read_within_limit(from).and_then(text_of)
}

fn text_of(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        io::Error::other(format!("line {line} is not UTF-8; save the file as UTF-8"))
    })
}
