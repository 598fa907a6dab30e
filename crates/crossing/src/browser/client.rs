//! The page that asks (the request's [client](https://fetch.spec.whatwg.org/#concept-request-client)), and the person's
//! settings.

use std::sync::Arc;

use url::Url;

use super::csp::ContentSecurityPolicy;
use super::hsts::HstsHosts;
use super::keyword::keywords;
use super::profile::Profile;
use super::referrer::ReferrerPolicy;
use crate::headers::Value;
use crate::origin::Origin;

/// The page that asks: what the protocol looks at of an
/// [environment settings object](https://html.spec.whatwg.org/multipage/webappapis.html#environment-settings-object).
#[derive(Clone, Debug)]
pub struct Client {
    /// The page's origin.
    pub origin: Origin,
    /// Which page of an opaque origin this is: such an origin is the same as no other page's. It means nothing where the
    /// origin is a tuple.
    pub document: u64,
    /// The page's address, from which the referrer is taken; `None` for a page without one.
    pub url: Option<Url>,
    /// The origin in the address bar. Its site is the partition of the caches, and decides which cookies are
    /// same-site.
    pub top_level_origin: Origin,
    /// The page's referrer policy.
    pub referrer_policy: ReferrerPolicy,
    /// The page's Content-Security-Policies; each must allow a request.
    pub csp: Vec<ContentSecurityPolicy>,
    /// The page's [embedder policy](https://html.spec.whatwg.org/multipage/browsers.html#embedder-policy-value).
    pub embedder_policy: EmbedderPolicy,
    /// Whether somebody can be asked for a password: the request's
    /// [traversable for user prompts](https://fetch.spec.whatwg.org/#concept-request-window).
    pub prompts: Prompts,
}

impl Client {
    /// A page of this origin, at its root, in a tab of its own, without policies; nobody can be prompted.
    pub fn new(origin: Origin) -> Client {
        let url = Url::parse(origin.as_str()).ok();
        Client {
            top_level_origin: origin.clone(),
            origin,
            document: 0,
            url,
            referrer_policy: ReferrerPolicy::default(),
            csp: Vec::new(),
            embedder_policy: EmbedderPolicy::default(),
            prompts: Prompts::default(),
        }
    }

    /// A page at this address.
    pub fn at(url: Url) -> Client {
        Client { url: Some(url.clone()), ..Client::new(Origin::from_url(&url)) }
    }

    /// The [network partition key](https://fetch.spec.whatwg.org/#network-partition-keys): the site in the address bar.
    pub fn partition(&self) -> Arc<str> {
        self.top_level_origin.site().into()
    }
}

/// The [embedder policy value](https://html.spec.whatwg.org/multipage/browsers.html#embedder-policy-value).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmbedderPolicy {
    /// Responses need no consent.
    #[default]
    UnsafeNone,
    /// Responses without consent are asked for without credentials.
    Credentialless,
    /// Every response must consent.
    RequireCorp,
}

keywords!(EmbedderPolicy {
    UnsafeNone => "unsafe-none",
    Credentialless => "credentialless",
    RequireCorp => "require-corp",
});

/// Whether somebody can be asked for a user and a password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prompts {
    /// Nobody: a worker, or a program.
    #[default]
    Unavailable,
    /// Somebody sits before the page.
    Interactive,
}

/// What the person and the program around the pages have settled.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Which browser's rules hold, where browsers differ.
    pub profile: Profile,
    /// The `User-Agent` to send, if any.
    pub user_agent: Option<Value>,
    /// The `Accept-Language` to send, if any.
    pub accept_language: Option<Value>,
    /// The `Accept-Encoding` to send, if any.
    pub accept_encoding: Option<Value>,
    /// Whether `Referer` is sent at all.
    pub referrers: Referrers,
    /// Whether a page that came over https may ask for http URLs.
    pub mixed_content: MixedContent,
    /// Whether there is an HTTP cache to be asked.
    pub http_cache: HttpCache,
    /// Hosts that are known to want https.
    pub hsts: HstsHosts,
    /// Whether a trace of each decision is kept.
    pub tracing: Tracing,
}

/// Whether `Referer` is sent at all: a setting of the person's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Referrers {
    /// As the policies say.
    #[default]
    ByPolicy,
    /// Never.
    Never,
}

/// What happens to [mixed content](https://w3c.github.io/webappsec-mixed-content/): a setting of the person's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MixedContent {
    /// It is blocked.
    #[default]
    Blocked,
    /// It is permitted.
    Permitted,
}

/// Whether there is an HTTP cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpCache {
    /// There is none, and it is never asked for.
    #[default]
    Absent,
    /// There is one for each partition.
    Present,
}

/// Whether a trace is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tracing {
    /// It costs nothing.
    #[default]
    Off,
    /// Each decision is recorded.
    On,
}
