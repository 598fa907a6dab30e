//! Why nothing is run, or not to a good end.

use std::fmt;
use std::io;

use crossing::OriginError;
use crossing_agent::ResolveOverrideError;
use crossing_js::{Error, OpenError};

/// Why nothing is run, or not to a good end.
pub(super) enum Mistake {
    File(String, io::Error),
    Directory(String),
    NotText(String, usize),
    NoSuchFile(String),
    Stdin(io::Error),
    Address(String, url::ParseError),
    Url(String, url::ParseError),
    Origin(OriginError),
    Resolve(ResolveOverrideError),
    Open(OpenError),
    PageAmongScripts(String),
    PageElsewhere(String),
    /// The script's own process cannot be had, or has not come to an end of its own.
    Process(String),
    Run(Error),
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::text::shorten;
        match self {
            Mistake::File(file, error) => write!(f, "{}: {error}", shorten(file)),
            Mistake::Directory(file) => {
                write!(f, "{}: a directory; give a script, a page or an address", shorten(file))
            }
            Mistake::NotText(file, at) => {
                write!(f, "{}: not UTF-8 at byte {at}; save it as UTF-8", shorten(file))
            }
            Mistake::NoSuchFile(file) => {
                write!(f, "{}: no such file; an address begins with http:// or https://", shorten(file))
            }
            Mistake::Stdin(error) => write!(f, "standard input: {error}"),
            Mistake::Address(address, error) => write!(f, "'{}': {error}", shorten(address)),
            Mistake::Url(url, error) => write!(f, "--url '{}': {error}", shorten(url)),
            Mistake::Origin(error) => write!(f, "--origin: {error}"),
            Mistake::Resolve(error) => write!(f, "--resolve: {error}"),
            Mistake::Open(error) => error.fmt(f),
            Mistake::PageAmongScripts(page) => {
                write!(f, "{}: a page; it is run alone, with the scripts of its own", shorten(page))
            }
            Mistake::PageElsewhere(page) => write!(
                f,
                "{}: a page; it is at its own address, so give neither --origin nor --url",
                shorten(page)
            ),
            Mistake::Process(what) => f.write_str(what),
            Mistake::Run(error) => error.fmt(f),
        }
    }
}
