//! Why a job does not run, or does not end as it should.

use std::fmt;
use std::io;

use crossing::OriginError;
use crossing_agent::ResolveOverrideError;
use crossing_js::{Error, OpenError};

/// Why a job does not run, or does not end as it should.
pub(super) enum RunError {
    File(String, io::Error),
    Directory(String),
    NotText(String, usize),
    NoSuchFile(String),
    Stdin(io::Error),
    Target(String, url::ParseError),
    UrlFlag(String, url::ParseError),
    OriginFlag(OriginError),
    ResolveFlag(ResolveOverrideError),
    Open(OpenError),
    PageAmongScripts(String),
    PageElsewhere(String),
    /// The child process did not start, or was killed.
    Process(String),
    Script(Error),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crossing_tools::text::shorten;
        match self {
            RunError::File(file, error) => write!(f, "{}: {error}", shorten(file)),
            RunError::Directory(file) => {
                write!(f, "{}: a directory; give a script, a page or an address", shorten(file))
            }
            RunError::NotText(file, at) => {
                write!(f, "{}: not UTF-8 at byte {at}; save it as UTF-8", shorten(file))
            }
            RunError::NoSuchFile(file) => {
                write!(f, "{}: no such file; an address begins with http:// or https://", shorten(file))
            }
            RunError::Stdin(error) => write!(f, "standard input: {error}"),
            RunError::Target(address, error) => write!(f, "'{}': {error}", shorten(address)),
            RunError::UrlFlag(url, error) => write!(f, "--url '{}': {error}", shorten(url)),
            RunError::OriginFlag(error) => write!(f, "--origin: {error}"),
            RunError::ResolveFlag(error) => write!(f, "--resolve: {error}"),
            RunError::Open(error) => error.fmt(f),
            RunError::PageAmongScripts(page) => {
                write!(f, "{}: a page; it is run alone, with the scripts of its own", shorten(page))
            }
            RunError::PageElsewhere(page) => write!(
                f,
                "{}: a page; it is at its own address, so give neither --origin nor --url",
                shorten(page)
            ),
            RunError::Process(what) => f.write_str(what),
            RunError::Script(error) => error.fmt(f),
        }
    }
}
