//! What is to be run, and how: as data, so that another process can be told.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What is to be run, and how.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Job {
    pub(super) items: Vec<Item>,
    pub(super) place: Place,
    pub(super) profile: String,
    pub(super) resolve: Vec<String>,
    pub(super) cacert: Option<PathBuf>,
    pub(super) seconds: f64,
    /// The largest body, in bytes.
    pub(super) body: u64,
    pub(super) telling: Telling,
}

/// One thing that is to be run.
#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Item {
    /// A script.
    Script { name: String, source: String },
    /// A page from the disk, and the files that stand beside it, by their URLs.
    Page { html: String, files: Vec<(String, String)> },
    /// What stands at this address.
    Address(String),
}

/// Where a script or a page from the disk believes to be.
#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Place {
    /// Where it was found; for what was typed, nowhere.
    Own(Option<String>),
    Origin(String),
    Url(String),
    /// At this address, where somebody sits before the page.
    Prompting(String),
}

/// How much the person is told of conversations.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Telling {
    /// Why one has failed.
    Failures,
    /// All.
    Everything,
}
