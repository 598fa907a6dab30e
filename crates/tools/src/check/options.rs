//! The options of a check.

use std::time::Duration;

use crossing::browser::{CredentialsMode, Mode, Profile, RedirectMode, ReferrerPolicy};

use crate::network::Network;
use crate::server::Server;

/// What a check requests, and how. The texts are parsed by [`Check::new`](super::Check::new), which reports what is wrong with them.
///
/// ```
/// use crossing_tools::check::CheckOptions;
///
/// let mut options = CheckOptions::new("https://api.example.com/items/1");
/// options.from = Some("https://app.example.com".to_owned());
/// options.method = Some("PUT".to_owned());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckOptions {
    /// The URL that the page requests; or a `curl` command, a `fetch(…)` call or a HAR entry, as developer tools copy them.
    /// For a recording: a part of the URLs to judge, empty for all.
    pub url: String,
    /// The page's origin, or `null`. Required unless the pasted request names it.
    pub from: Option<String>,
    /// The method; without it GET, or POST where there is a body.
    pub method: Option<String>,
    /// The headers that the script sets, each as `Name: value`.
    pub headers: Vec<String>,
    /// The body, sent as `text/plain;charset=UTF-8` unless a header sets another type.
    pub body: Option<String>,
    /// The credentials mode; same-origin by default.
    pub credentials: Option<CredentialsMode>,
    /// The request's mode; cors by default.
    pub mode: Option<Mode>,
    /// The redirect mode; follow by default.
    pub redirect: Option<RedirectMode>,
    /// The referrer policy; the standard's default if absent.
    pub referrer_policy: Option<ReferrerPolicy>,
    /// Cookies of the URL's host, each as `name=value`, as if set with `SameSite=None; Secure`.
    pub cookies: Vec<String>,
    /// A user name and password that the browser has stored for the URL's origin, as `NAME:PASSWORD`.
    pub user: Option<String>,
    /// Whose rules apply.
    pub profiles: Profiles,
    /// How many times the request is sent with one preflight cache, from 1 to 100; it stops at the first result that is not "allowed".
    pub repeat: u32,
    /// Addresses and certificates.
    pub network: Network,
    /// How long each request may take.
    pub timeout: Duration,
    /// The server to write the patch for; detected from its responses if absent.
    pub server: Option<Server>,
    /// Whether a patch is searched for.
    pub patch: Patch,
}

/// Whose rules apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Profiles {
    /// Those of one profile.
    One(Profile),
    /// Those of every profile, one after another.
    All,
}

/// Whether a check looks for the smallest change of the server that lets the request pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch {
    /// It replays the responses with changes, in memory.
    Find,
    /// It does not.
    Skip,
}

impl CheckOptions {
    /// A GET of this URL, under the rules that all browsers share, without a page.
    pub fn new(url: impl Into<String>) -> CheckOptions {
        CheckOptions {
            url: url.into(),
            from: None,
            method: None,
            headers: Vec::new(),
            body: None,
            credentials: None,
            mode: None,
            redirect: None,
            referrer_policy: None,
            cookies: Vec::new(),
            user: None,
            profiles: Profiles::One(Profile::consensus()),
            repeat: 1,
            network: Network::default(),
            timeout: Duration::from_secs(30),
            server: None,
            patch: Patch::Find,
        }
    }
}
