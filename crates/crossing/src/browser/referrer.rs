//! [Referrer Policy](https://w3c.github.io/webappsec-referrer-policy/): what `Referer` says, if anything.

use url::Url;

use super::client::{Client, Referrers, Settings};
use super::keyword::keywords;
use super::profile::{ReferrerToLoopback, RelaxedReferrer};
use crate::headers::grammar::decode_and_split;
use crate::headers::{HeaderList, names};
use crate::origin::{Origin, is_loopback_host};

/// A [request's referrer](https://fetch.spec.whatwg.org/#concept-request-referrer), as the script gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Referrer {
    /// The page.
    #[default]
    Client,
    /// None: no `Referer` is sent.
    None,
    /// This URL, if it is of the page's origin; else the page.
    Url(Url),
}

/// A [referrer policy](https://w3c.github.io/webappsec-referrer-policy/#referrer-policies).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReferrerPolicy {
    /// Nothing, ever.
    NoReferrer,
    /// The whole URL, but nothing from https to http.
    NoReferrerWhenDowngrade,
    /// The whole URL to the own origin, nothing to others.
    SameOrigin,
    /// The origin.
    Origin,
    /// The origin, but nothing from https to http.
    StrictOrigin,
    /// The whole URL to the own origin, the origin to others.
    OriginWhenCrossOrigin,
    /// As before, but nothing from https to http: the default.
    #[default]
    StrictOriginWhenCrossOrigin,
    /// The whole URL, always.
    UnsafeUrl,
}

keywords!(ReferrerPolicy {
    NoReferrer => "no-referrer",
    NoReferrerWhenDowngrade => "no-referrer-when-downgrade",
    SameOrigin => "same-origin",
    Origin => "origin",
    StrictOrigin => "strict-origin",
    OriginWhenCrossOrigin => "origin-when-cross-origin",
    StrictOriginWhenCrossOrigin => "strict-origin-when-cross-origin",
    UnsafeUrl => "unsafe-url",
});

impl ReferrerPolicy {
    /// [Parse a referrer policy from a `Referrer-Policy` header](https://w3c.github.io/webappsec-referrer-policy/#parse-referrer-policy-from-header):
    /// the last token that is one.
    pub fn from_headers(headers: &HeaderList) -> Option<ReferrerPolicy> {
        let value = headers.get(&names::REFERRER_POLICY)?;
        decode_and_split(&value).iter().rev().find_map(|token| token.to_ascii_lowercase().parse().ok())
    }
}

/// The longest referrer, in bytes; of a longer one the origin is sent.
const LONGEST: usize = 4096;

/// [Determine a request's referrer](https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer).
pub(super) fn determine(
    referrer: &Referrer,
    policy: ReferrerPolicy,
    current_url: &Url,
    client: &Client,
    settings: &Settings,
) -> Option<Url> {
    if settings.referrers == Referrers::Never {
        return None;
    }
    let source = match referrer {
        Referrer::None => return None,
        Referrer::Url(url) => url,
        // A page without a tuple origin has no address to show.
        Referrer::Client => match client.origin {
            Origin::Opaque => return None,
            Origin::Tuple(_) => client.url.as_ref()?,
        },
    };
    let whole = stripped(source)?;
    let origin_only = origin_of(&whole);
    let whole = if whole.as_str().len() > LONGEST { origin_only.clone() } else { whole };
    let same_origin = Origin::from_url(&whole).matches_url(current_url);
    let profile = &settings.profile;
    let to_loopback = whole.scheme() == "https"
        && current_url.scheme() == "http"
        && profile.referrer_to_loopback == ReferrerToLoopback::Downgrade;
    let downgrade = is_trustworthy(&whole) && (!is_trustworthy(current_url) || to_loopback);
    let policy = match policy {
        ReferrerPolicy::UnsafeUrl
        | ReferrerPolicy::NoReferrerWhenDowngrade
        | ReferrerPolicy::OriginWhenCrossOrigin
            if profile.relaxed_referrer == RelaxedReferrer::SameSiteOnly
                && !Origin::from_url(&whole).same_site(&Origin::from_url(current_url)) =>
        {
            ReferrerPolicy::StrictOriginWhenCrossOrigin
        }
        policy => policy,
    };
    match policy {
        ReferrerPolicy::NoReferrer => None,
        ReferrerPolicy::Origin => Some(origin_only),
        ReferrerPolicy::UnsafeUrl => Some(whole),
        ReferrerPolicy::StrictOrigin => (!downgrade).then_some(origin_only),
        ReferrerPolicy::StrictOriginWhenCrossOrigin => match (same_origin, downgrade) {
            (true, _) => Some(whole),
            (false, true) => None,
            (false, false) => Some(origin_only),
        },
        ReferrerPolicy::SameOrigin => same_origin.then_some(whole),
        ReferrerPolicy::OriginWhenCrossOrigin => Some(if same_origin { whole } else { origin_only }),
        ReferrerPolicy::NoReferrerWhenDowngrade => (!downgrade).then_some(whole),
    }
}

/// [Strip a URL for use as a referrer](https://w3c.github.io/webappsec-referrer-policy/#strip-url).
fn stripped(url: &Url) -> Option<Url> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let mut url = url.clone();
    url.set_fragment(None);
    if !url.username().is_empty() || url.password().is_some() {
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
    }
    Some(url)
}

fn origin_of(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_path("");
    url.set_query(None);
    url
}

/// A [potentially trustworthy URL](https://w3c.github.io/webappsec-secure-contexts/#is-url-trustworthy).
pub(super) fn is_trustworthy(url: &Url) -> bool {
    match url.scheme() {
        "https" | "wss" | "data" | "about" => true,
        "http" | "ws" => url.host_str().is_some_and(is_loopback_host),
        _ => Origin::from_url(url).is_potentially_trustworthy(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(page: &str, to: &str, policy: ReferrerPolicy) -> Option<String> {
        let client = Client::at(page.parse().unwrap());
        determine(&Referrer::Client, policy, &to.parse().unwrap(), &client, &Settings::default())
            .map(|url| url.to_string())
    }

    #[test]
    fn each_policy_to_own_other_and_insecure_urls() {
        use ReferrerPolicy::*;
        let (whole, origin) = (Some("https://a.test/p?q"), Some("https://a.test/"));
        for (policy, own, other, insecure) in [
            (NoReferrer, None, None, None),
            (NoReferrerWhenDowngrade, whole, whole, None),
            (SameOrigin, whole, None, None),
            (Origin, origin, origin, origin),
            (StrictOrigin, origin, origin, None),
            (OriginWhenCrossOrigin, whole, origin, origin),
            (StrictOriginWhenCrossOrigin, whole, origin, None),
            (UnsafeUrl, whole, whole, whole),
        ] {
            let page = "https://u:p@a.test/p?q#f";
            assert_eq!(sent(page, "https://a.test/x", policy).as_deref(), own, "{policy:?} own");
            assert_eq!(sent(page, "https://b.test/x", policy).as_deref(), other, "{policy:?} other");
            assert_eq!(sent(page, "http://b.test/x", policy).as_deref(), insecure, "{policy:?} insecure");
        }
    }

    #[test]
    fn long_referrers_are_cut_to_the_origin() {
        let page = format!("https://a.test/{}", "x".repeat(5000));
        let to_own = sent(&page, "https://a.test/", ReferrerPolicy::UnsafeUrl);
        assert_eq!(to_own.as_deref(), Some("https://a.test/"));
    }

    #[test]
    fn the_person_can_turn_it_off() {
        let client = Client::at("https://a.test/".parse().unwrap());
        let settings = Settings { referrers: Referrers::Never, ..Settings::default() };
        let to = "https://a.test/x".parse().unwrap();
        assert_eq!(determine(&Referrer::Client, ReferrerPolicy::UnsafeUrl, &to, &client, &settings), None);
    }
}
