//! A request as the person has it: a `curl` command line, a `fetch(…)` call, or a HAR entry, as a browser's
//! developer tools copy them.

mod curl;
pub mod fetch;
pub(in crate::check) mod har;

use std::fmt;

use crossing::Origin;
use crossing::browser::{CredentialsMode, Mode, RedirectMode, ReferrerPolicy};
use crossing::headers::names;
use crossing::headers::request::is_forbidden;
use crossing::{HeaderName, Value};
use url::Url;

use super::options::CheckOptions;
use crate::text::shorten;

/// A request that was understood, before flags add to it.
#[derive(Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pasted {
    /// The URL.
    pub url: String,
    /// The method.
    pub method: Option<String>,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
    /// The credentials mode.
    pub credentials: Option<CredentialsMode>,
    /// The mode.
    pub mode: Option<Mode>,
    /// The redirect mode.
    pub redirect: Option<RedirectMode>,
    /// The referrer policy.
    pub referrer_policy: Option<ReferrerPolicy>,
    /// A URL of the page that asks.
    pub page: Option<String>,
    /// Cookies, each as `name=value`.
    pub cookies: Vec<String>,
    /// User name and password, as `NAME:PASSWORD`.
    pub user: Option<String>,
}

/// Why a pasted text is not understood.
#[derive(Debug, PartialEq, Eq)]
pub struct Misread {
    what: &'static str,
    problem: String,
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pasted {} cannot be read: {}", self.what, self.problem)
    }
}

/// The flags with what was pasted in the URL's place, and what no page can set of it.
///
/// # Errors
/// When it looks like a command or a call, and cannot be read.
pub(crate) fn unfold(args: &CheckOptions) -> Result<(CheckOptions, Vec<String>), Misread> {
    let text = args.url.trim();
    let pasted = if text.starts_with("curl ") || text.starts_with("curl\t") {
        curl::read(text)?
    } else if fetch::is_call(text) {
        fetch::read(text)?
    } else if text.starts_with('{') {
        har::read(text)?
    } else {
        return Ok((args.clone(), Vec::new()));
    };
    Ok(pasted.under(args))
}

impl Pasted {
    /// What the flags say goes before what was pasted.
    fn under(mut self, flags: &CheckOptions) -> (CheckOptions, Vec<String>) {
        let dropped = self.take_browsers_headers();
        let mut args = flags.clone();
        args.url = self.url;
        args.from = args.from.or_else(|| self.page.as_deref().and_then(origin_of));
        args.method = args.method.or(self.method);
        args.body = args.body.or(self.body);
        args.mode = args.mode.or(self.mode);
        args.redirect = args.redirect.or(self.redirect);
        args.referrer_policy = args.referrer_policy.or(self.referrer_policy);
        let known = !self.cookies.is_empty() || self.user.is_some();
        args.credentials =
            args.credentials.or(self.credentials).or_else(|| known.then_some(CredentialsMode::Include));
        args.user = args.user.or(self.user);
        args.cookies.splice(0..0, self.cookies);
        args.headers.splice(0..0, self.headers.into_iter().map(|(name, value)| format!("{name}: {value}")));
        (args, dropped)
    }

    /// Takes out what the browser adds by itself: it says who asks, or is sent anew.
    fn take_browsers_headers(&mut self) -> Vec<String> {
        let mut dropped = Vec::new();
        let refreshing = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("pragma"));
        for (name, value) in std::mem::take(&mut self.headers) {
            let lower = name.to_ascii_lowercase();
            match lower.as_str() {
                "origin" => self.page = Some(value),
                "referer" => self.page = self.page.take().or(Some(value)),
                "cookie" => self.cookies.extend(value.split(';').map(|pair| pair.trim().to_owned())),
                // With its cache switched off, a browser's tools add these to every request.
                "pragma" | "cache-control" if refreshing && value == "no-cache" => dropped.push(lower),
                _ if is_browsers(&lower, &value) => dropped.push(lower),
                _ => self.headers.push((name, value)),
            }
        }
        dropped
    }
}

/// Whether a browser sends this of its own accord, whatever the script does.
fn is_browsers(name: &str, value: &str) -> bool {
    let (Ok(name), Ok(value)) = (HeaderName::try_from(name), Value::new(value)) else { return false };
    name == names::USER_AGENT
        || matches!(name.as_str(), "priority" | "dnt" | "te")
        || is_forbidden(&name, &value)
}

/// The origin of a page, from its URL or as `Origin` has it.
fn origin_of(page: &str) -> Option<String> {
    if Origin::parse(page).is_ok() {
        return Some(page.to_owned());
    }
    Some(Origin::from_url(&Url::parse(page).ok()?).to_string())
}

/// What stands at a place, for a message.
fn excerpt(text: &str) -> String {
    shorten(text.get(..text.char_indices().nth(40).map_or(text.len(), |(at, _)| at)).unwrap_or(text))
}

#[cfg(test)]
mod tests;
