//! Two checks beside CORS: [`Cross-Origin-Resource-Policy`](https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header)
//! and [`Timing-Allow-Origin`](https://fetch.spec.whatwg.org/#tao-check).

use url::Url;

use super::client::EmbedderPolicy;
use super::profile::UnknownResourcePolicy;
use crate::headers::grammar::decode_and_split;
use crate::headers::{HeaderList, names};
use crate::origin::Origin;

/// Whether cookies or HTTP authentication went along with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credentials {
    /// They could.
    Included,
    /// They were withheld.
    Withheld,
}

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CorpCheck {
    Allowed,
    Blocked,
}

/// The [cross-origin resource policy check](https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check).
pub(super) fn corp_check(
    origin: &Origin,
    embedder_policy: EmbedderPolicy,
    url: &Url,
    headers: &HeaderList,
    credentials: Credentials,
    unknown: UnknownResourcePolicy,
) -> CorpCheck {
    let none = EmbedderPolicy::UnsafeNone;
    let unsafe_none = corp_internal_check(origin, none, url, headers, credentials, unknown);
    if unsafe_none == CorpCheck::Blocked {
        return CorpCheck::Blocked;
    }
    corp_internal_check(origin, embedder_policy, url, headers, credentials, unknown)
}

/// The [internal check](https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check).
fn corp_internal_check(
    origin: &Origin,
    embedder_policy: EmbedderPolicy,
    url: &Url,
    headers: &HeaderList,
    credentials: Credentials,
    unknown: UnknownResourcePolicy,
) -> CorpCheck {
    let value = headers.get(&names::CROSS_ORIGIN_RESOURCE_POLICY);
    let other = Origin::from_url(url);
    // Two lines, joined, are none of the three words and so no policy at all.
    let allowed = match value.as_ref().map(|v| v.as_bytes()) {
        Some(b"cross-origin") => true,
        Some(b"same-origin") => origin.same_origin(&other),
        // A page that came over http is no match for a response that came over https.
        Some(b"same-site") => {
            origin.schemelessly_same_site(&other) && (is_https(origin) || !is_https(&other))
        }
        Some(_) if unknown == UnknownResourcePolicy::Shares => true,
        _ => match (embedder_policy, credentials) {
            (EmbedderPolicy::UnsafeNone, _) | (EmbedderPolicy::Credentialless, Credentials::Withheld) => true,
            (EmbedderPolicy::Credentialless, Credentials::Included) | (EmbedderPolicy::RequireCorp, _) => {
                origin.same_origin(&other)
            }
        },
    };
    if allowed { CorpCheck::Allowed } else { CorpCheck::Blocked }
}

fn is_https(origin: &Origin) -> bool {
    matches!(origin, Origin::Tuple(tuple) if tuple.scheme() == "https")
}

/// Whether `Timing-Allow-Origin` lists `*` or the serialised origin: the part of the
/// [TAO check](https://fetch.spec.whatwg.org/#concept-tao-check) that looks at the response.
pub(super) fn timing_is_shared(origin: &str, headers: &HeaderList) -> bool {
    headers
        .get(&names::TIMING_ALLOW_ORIGIN)
        .is_some_and(|value| decode_and_split(&value).iter().any(|item| item == "*" || item == origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::Value;

    fn corp(
        page: &str,
        url: &str,
        value: &[&str],
        policy: EmbedderPolicy,
        credentials: Credentials,
    ) -> CorpCheck {
        let headers: HeaderList =
            value.iter().map(|v| (names::CROSS_ORIGIN_RESOURCE_POLICY, Value::new(v).unwrap())).collect();
        let (page, unknown) = (Origin::parse(page).unwrap(), UnknownResourcePolicy::IsNone);
        corp_check(&page, policy, &url.parse().unwrap(), &headers, credentials, unknown)
    }

    #[test]
    fn cross_origin_resource_policy() {
        use CorpCheck::{Allowed, Blocked};
        use Credentials::{Included, Withheld};
        use EmbedderPolicy::{Credentialless, RequireCorp, UnsafeNone};
        let (b, sub) = ("https://b.test/x", "https://sub.a.test/x");
        for (url, value, policy, credentials, expected) in [
            (b, &[][..], UnsafeNone, Withheld, Allowed),
            (b, &["same-origin"], UnsafeNone, Withheld, Blocked),
            (b, &["Same-Origin"], UnsafeNone, Withheld, Allowed),
            (b, &["same-origin", "same-origin"], UnsafeNone, Withheld, Allowed),
            (b, &["same-site"], UnsafeNone, Withheld, Blocked),
            (sub, &["same-site"], UnsafeNone, Withheld, Allowed),
            (sub, &["same-origin"], UnsafeNone, Withheld, Blocked),
            (b, &["cross-origin"], RequireCorp, Withheld, Allowed),
            (b, &[], RequireCorp, Withheld, Blocked),
            (b, &[], Credentialless, Withheld, Allowed),
            (b, &[], Credentialless, Included, Blocked),
        ] {
            assert_eq!(
                corp("https://a.test", url, value, policy, credentials),
                expected,
                "{url} {value:?} {policy:?}"
            );
        }
        assert_eq!(corp("http://a.test", sub, &["same-site"], UnsafeNone, Withheld), Blocked);
        assert_eq!(
            corp("http://a.test", "http://sub.a.test/", &["same-site"], UnsafeNone, Withheld),
            Allowed
        );
    }
}
