//! Cookies, as [RFC 6265bis](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis) has them.
//!
//! A jar of our own: the known crates enforce neither `SameSite` nor the name prefixes nor the limits, and read the
//! machine's clock.

mod cookie;
mod date;
mod error;
mod jar;
mod matching;
mod refusal;
mod same_site;
mod set_cookie;

pub use cookie::Cookie;
pub use error::CookieError;
pub use jar::CookieJar;
pub use refusal::CookieRefusal;
pub use same_site::SameSite;

#[cfg(test)]
mod tests;
