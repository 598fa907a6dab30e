//! Reading scenario files; every complaint names file and line.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// A file that cannot be read, or is not as the schema has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// File, and line where there is one.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for LoadError {}

/// A file's text, with the places in it.
pub(crate) struct Source {
    /// The file's name without directory and extension.
    pub(crate) stem: String,
    name: String,
    text: String,
}

impl Source {
    pub(crate) fn read(path: &Path) -> Result<Source, LoadError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match fs::read_to_string(path) {
            Ok(text) => Ok(Source::new(&name, text)),
            Err(error) => Err(LoadError { place: path.display().to_string(), message: error.to_string() }),
        }
    }

    /// The text of a file with this name.
    pub(crate) fn new(name: &str, text: impl Into<String>) -> Source {
        let stem = name.strip_suffix(".toml").unwrap_or(name).to_owned();
        Source { stem, name: name.to_owned(), text: text.into() }
    }

    /// `file:line` of a byte.
    pub(crate) fn place(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or(&self.text);
        format!("{}:{}", self.name, before.matches('\n').count() + 1)
    }

    pub(crate) fn error(&self, at: usize, message: impl Into<String>) -> LoadError {
        LoadError { place: self.place(at), message: message.into() }
    }

    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, LoadError> {
        toml::from_str(&self.text).map_err(|error: toml::de::Error| {
            self.error(error.span().map_or(0, |span| span.start), error.message())
        })
    }
}

/// The `.toml` files of a directory, sorted.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let unreadable =
        |error: std::io::Error| LoadError { place: dir.display().to_string(), message: error.to_string() };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
