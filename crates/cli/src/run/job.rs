//! What to run, and how: as data, so that it can be sent to the child process.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Job {
    pub(super) items: Vec<Item>,
    pub(super) location: Location,
    pub(super) profile: String,
    pub(super) resolve: Vec<String>,
    pub(super) cacert: Option<PathBuf>,
    /// How long the script may take, in seconds.
    pub(super) timeout: f64,
    /// The largest response body, in bytes.
    pub(super) max_body: u64,
    pub(super) trace_level: TraceLevel,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Item {
    /// A script.
    Script { name: String, source: String },
    /// A page from the disk, and its script files, by their URLs.
    Page { html: String, files: Vec<(String, String)> },
    /// The page or script at this URL.
    Url(String),
}

/// The URL or the origin of a script, or of a page from the disk.
#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Location {
    /// The URL of its file, if it has one.
    Found(Option<String>),
    Origin(String),
    Url(String),
    /// This URL, in a page whose user answers prompts.
    UrlWithPrompts(String),
}

/// Which conversations are printed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum TraceLevel {
    /// Only failed ones, with the reason.
    Failures,
    All,
}
