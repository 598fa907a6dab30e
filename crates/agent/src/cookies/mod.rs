//! Cookies, as [RFC 6265bis](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis) has them.
//!
//! A jar of our own: the known crates enforce neither `SameSite` nor the name prefixes nor the limits, and read the
//! machine's clock.

mod date;
mod jar;
mod line;
mod matching;
mod refusal;

pub use jar::{Cookie, CookieError, CookieJar, SameSite};
pub use refusal::CookieRefusal;

#[cfg(test)]
mod tests;
