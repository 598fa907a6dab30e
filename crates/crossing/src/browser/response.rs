//! What a script gets: a [filtered response](https://fetch.spec.whatwg.org/#concept-filtered-response).

use std::collections::BTreeSet;

use http::StatusCode;
use url::Url;

use super::keyword::keywords;
use super::profile::{NonUtf8Bytes, Profile};
use super::request::CredentialsMode;
use crate::headers::grammar::token_list;
use crate::headers::{HeaderList, HeaderName, Value, names, response as rules};
use crate::message::ResponseHead;

/// The [type](https://fetch.spec.whatwg.org/#concept-response-type) of a delivered response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    /// Of the page's own origin: all but `Set-Cookie` is readable.
    Basic,
    /// Shared by the server: safelisted and exposed headers are readable.
    Cors,
    /// Nothing is readable.
    Opaque,
    /// A redirect that was not followed; nothing but its URL is readable.
    OpaqueRedirect,
}

keywords!(ResponseType {
    Basic => "basic",
    Cors => "cors",
    Opaque => "opaque",
    OpaqueRedirect => "opaqueredirect",
});

/// Whether the script gets the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyAccess {
    /// It may read it.
    Readable,
    /// There is none, whatever the server sent: the answer to `HEAD`, or a
    /// [null body status](https://fetch.spec.whatwg.org/#null-body-status).
    Null,
    /// It is withheld.
    Withheld,
}

/// A response as a script sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Its type.
    pub kind: ResponseType,
    /// The status; 0 where it is withheld.
    pub status: u16,
    /// The reason phrase; empty where it is withheld or absent.
    pub status_text: Vec<u8>,
    /// The headers that the script may read.
    pub headers: HeaderList,
    /// The URLs that were asked for, one after another; empty where they are withheld.
    pub url_list: Vec<Url>,
    /// Whether the script may read the body.
    pub body: BodyAccess,
    /// Whether the script may read the precise times: the
    /// [timing allow passed flag](https://fetch.spec.whatwg.org/#concept-response-timing-allow-passed).
    pub timing_allowed: bool,
}

impl Response {
    /// The last URL, without its fragment.
    pub fn url(&self) -> Option<Url> {
        let mut url = self.url_list.last()?.clone();
        url.set_fragment(None);
        Some(url)
    }

    /// Whether there was a redirect that the script may know of.
    pub fn redirected(&self) -> bool {
        self.url_list.len() > 1
    }
}

/// A header that was withheld from the script, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// `Set-Cookie` is never shown.
    Forbidden,
    /// It is neither safelisted nor exposed.
    NotExposed,
    /// The server exposed `*`, which counts for nothing with credentials.
    WildcardWithCredentials,
    /// The server's `Access-Control-Expose-Headers` is malformed, and counts for nothing.
    ExposeMalformed,
    /// The whole response is opaque.
    Opaque,
}

/// What the server exposes: the
/// [CORS-exposed header-name list](https://fetch.spec.whatwg.org/#concept-response-cors-exposed-header-name-list).
pub(super) enum Exposed {
    All,
    Names { names: BTreeSet<String>, rest: Hidden },
}

impl Exposed {
    pub(super) fn from_headers(headers: &HeaderList, credentials: CredentialsMode) -> Exposed {
        let listed = match token_list(headers, &names::ACCESS_CONTROL_EXPOSE_HEADERS) {
            Ok(listed) => listed.unwrap_or_default(),
            // The standard assigns the failure to the list; every browser takes it for an empty one.
            Err(_) => return Exposed::Names { names: BTreeSet::new(), rest: Hidden::ExposeMalformed },
        };
        let wildcard = listed.contains(&&b"*"[..]);
        if wildcard && credentials != CredentialsMode::Include {
            return Exposed::All;
        }
        let lower = |name: &[u8]| crate::headers::isomorphic_decode(name).to_ascii_lowercase();
        let rest = if wildcard { Hidden::WildcardWithCredentials } else { Hidden::NotExposed };
        Exposed::Names { names: listed.into_iter().map(lower).collect(), rest }
    }

    /// The rule that hides a header; `None` shows it.
    fn hides(&self, name: &HeaderName) -> Option<Hidden> {
        if rules::is_forbidden(name) {
            return Some(Hidden::Forbidden);
        }
        if rules::is_safelisted(name) {
            return None;
        }
        match self {
            Exposed::All => None,
            Exposed::Names { names, .. } if names.contains(name.as_str()) => None,
            Exposed::Names { rest, .. } => Some(*rest),
        }
    }
}

/// The internal response of a delivered one, and what the delivery depends on.
pub(super) struct Internal {
    pub(super) head: ResponseHead,
    pub(super) url_list: Vec<Url>,
    pub(super) body: BodyAccess,
    pub(super) timing_allowed: bool,
}

/// A [null body status](https://fetch.spec.whatwg.org/#null-body-status).
pub(super) fn is_null_body_status(status: StatusCode) -> bool {
    matches!(status.as_u16(), 101 | 103 | 204 | 205 | 304)
}

/// A [basic](https://fetch.spec.whatwg.org/#concept-filtered-response-basic) or
/// [CORS filtered response](https://fetch.spec.whatwg.org/#concept-filtered-response-cors): with `exposed`, the latter.
pub(super) fn readable(
    internal: Internal,
    exposed: Option<Exposed>,
    mut hidden: impl FnMut(&HeaderName, Hidden),
) -> Response {
    let mut headers = internal.head.headers;
    headers.retain(|name, _| {
        let rule = match &exposed {
            Some(exposed) => exposed.hides(name),
            None => rules::is_forbidden(name).then_some(Hidden::Forbidden),
        };
        if let Some(rule) = rule {
            hidden(name, rule);
        }
        rule.is_none()
    });
    Response {
        kind: if exposed.is_some() { ResponseType::Cors } else { ResponseType::Basic },
        status: internal.head.status.as_u16(),
        status_text: internal.head.status_text,
        headers,
        url_list: internal.url_list,
        body: internal.body,
        timing_allowed: internal.timing_allowed,
    }
}

/// An [opaque filtered response](https://fetch.spec.whatwg.org/#concept-filtered-response-opaque), or with its URLs an
/// [opaque-redirect filtered response](https://fetch.spec.whatwg.org/#concept-filtered-response-opaque-redirect).
pub(super) fn opaque(
    internal: Internal,
    kind: ResponseType,
    mut hidden: impl FnMut(&HeaderName, Hidden),
) -> Response {
    for (name, _) in internal.head.headers.iter() {
        hidden(name, Hidden::Opaque);
    }
    Response {
        kind,
        status: 0,
        status_text: Vec::new(),
        headers: HeaderList::new(),
        url_list: if kind == ResponseType::OpaqueRedirect { internal.url_list } else { Vec::new() },
        body: BodyAccess::Withheld,
        timing_allowed: internal.timing_allowed,
    }
}

/// The head as the browser understands it.
pub(super) fn as_read(mut head: Box<ResponseHead>, profile: &Profile) -> Box<ResponseHead> {
    let is_odd = |value: &Value| std::str::from_utf8(value.as_bytes()).is_err();
    if profile.non_utf8_bytes == NonUtf8Bytes::Replaced && head.headers.iter().any(|(_, value)| is_odd(value))
    {
        let read = |value: &Value| Value::new(String::from_utf8_lossy(value.as_bytes()).as_bytes());
        let lines = head.headers.iter();
        head.headers = lines.filter_map(|(name, value)| Some((name.clone(), read(value).ok()?))).collect();
    }
    head
}
