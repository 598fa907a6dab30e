//! What is wrong with a text that is not a serialised origin.

use std::fmt;

/// A text that is not a serialised origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub problem: OriginProblem,
    /// The origin that was probably meant.
    pub mended: Option<String>,
}

/// What is wrong with a text that should be an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OriginProblem {
    /// No `://`.
    NoScheme,
    /// `file:` URLs have an opaque origin, which serialises to `null`.
    FileScheme,
    /// A user or a password before the host.
    Userinfo,
    /// A single slash at the end.
    TrailingSlash,
    /// A path, query or fragment.
    Path,
    /// No URL at all.
    NotAnOrigin,
    /// Upper case, a default port, a Unicode host, an IP address in another spelling.
    NotSerialised,
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            OriginProblem::NoScheme => "an origin begins with its scheme, as in https://",
            OriginProblem::FileScheme => "a file: page has an opaque origin; write null",
            OriginProblem::Userinfo => "an origin has no user and no password",
            OriginProblem::TrailingSlash => "an origin has no trailing slash",
            OriginProblem::Path => "an origin has no path, query or fragment",
            OriginProblem::NotAnOrigin => "this is no scheme, host and port",
            OriginProblem::NotSerialised => "a browser would write this origin differently",
        };
        write!(f, "'{}' is not an origin: {problem}", Shortened(&self.text))?;
        match &self.mended {
            Some(mended) => write!(f, " (did you mean {}?)", Shortened(mended)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for OriginError {}

/// A text on one line of bounded length, control characters escaped.
pub(crate) struct Shortened<'a>(pub(crate) &'a str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 200;
        let mut rest = self.0.chars();
        for c in rest.by_ref().take(MOST) {
            if c.is_control() { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
        }
        if rest.next().is_some() { write!(f, "… ({} bytes)", self.0.len()) } else { Ok(()) }
    }
}
