//! What is not a cookie.

use std::fmt;

/// A text that is not a cookie. It holds only the name, because values are secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieError(pub(super) String);

impl fmt::Display for CookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name: String = self.0.chars().take(80).collect();
        write!(f, "the cookie '{name}' is not NAME=VALUE, without semicolons and control characters")
    }
}

impl std::error::Error for CookieError {}
