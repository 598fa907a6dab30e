//! A grant as it is wished for: origins, and what they may do.

use bytes::Bytes;

/// Some origins, and what they may do. Each method is a key of the policy file.
///
/// ```
/// use crossing::server::{Grant, Policy};
/// let policy = Policy::builder()
///     .grant(Grant::new().allow_origins(["https://app.example.com"]).allow_credentials(true).allow_methods(["PUT"]))
///     .grant(Grant::new().allow_origins(["*"]))
///     .build()?;
/// assert!(policy.warnings().is_empty());
/// # Ok::<(), crossing::server::PolicyErrors>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Grant {
    pub(super) allow_origins: Texts,
    pub(super) deny_origins: Texts,
    pub(super) allow_credentials: bool,
    pub(super) allow_methods: Vec<String>,
    pub(super) allow_headers: Vec<String>,
    pub(super) expose_headers: Vec<String>,
    pub(super) max_age: Option<i64>,
    pub(super) timing_allow_origin: bool,
    pub(super) cross_origin_resource_policy: Option<CrossOriginResourcePolicy>,
    /// Its origins are looked up when a request comes.
    pub(super) looked_up: bool,
}

/// A [`Cross-Origin-Resource-Policy`](https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header), the strictest
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrossOriginResourcePolicy {
    /// Pages of the same origin only.
    SameOrigin,
    /// Pages of the same site only.
    SameSite,
    /// Any page.
    CrossOrigin,
}

impl CrossOriginResourcePolicy {
    /// The header's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            CrossOriginResourcePolicy::SameOrigin => "same-origin",
            CrossOriginResourcePolicy::SameSite => "same-site",
            CrossOriginResourcePolicy::CrossOrigin => "cross-origin",
        }
    }
}

impl Grant {
    /// A grant of nothing to nobody.
    pub fn new() -> Grant {
        Grant::default()
    }

    /// A grant whose origins are not listed but looked up when a request comes; see
    /// [`Policy::lookup_needed`](super::Policy::lookup_needed). A policy has at most one.
    pub fn looked_up() -> Grant {
        Grant { looked_up: true, ..Grant::default() }
    }

    /// Adds origins or patterns, in the grammar of the policy file.
    pub fn allow_origins<S: AsRef<str>>(mut self, origins: impl IntoIterator<Item = S>) -> Grant {
        self.allow_origins.extend(origins);
        self
    }

    /// Takes origins or patterns out of this grant.
    pub fn deny_origins<S: AsRef<str>>(mut self, origins: impl IntoIterator<Item = S>) -> Grant {
        self.deny_origins.extend(origins);
        self
    }

    /// Whether cookies and HTTP authentication may come along; by default not.
    pub fn allow_credentials(mut self, allow: bool) -> Grant {
        self.allow_credentials = allow;
        self
    }

    /// Adds methods, or `*`. `GET`, `HEAD` and `POST` never need listing.
    pub fn allow_methods<S: AsRef<str>>(mut self, methods: impl IntoIterator<Item = S>) -> Grant {
        self.allow_methods.extend(methods.into_iter().map(|method| method.as_ref().to_owned()));
        self
    }

    /// Adds request headers, or `*`, which does not cover `Authorization`.
    pub fn allow_headers<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Grant {
        self.allow_headers.extend(names.into_iter().map(|name| name.as_ref().to_owned()));
        self
    }

    /// Adds response headers that scripts may read, or `*`.
    pub fn expose_headers<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Grant {
        self.expose_headers.extend(names.into_iter().map(|name| name.as_ref().to_owned()));
        self
    }

    /// How long a preflight's answer may be kept, in seconds: 0 to 86400. Without it browsers take 5.
    pub fn max_age(mut self, seconds: i64) -> Grant {
        self.max_age = Some(seconds);
        self
    }

    /// Whether these origins may read the resource's timing, too.
    pub fn timing_allow_origin(mut self, allow: bool) -> Grant {
        self.timing_allow_origin = allow;
        self
    }

    /// Which pages may embed the resource without CORS. A request without `Origin`, or with one that is not granted,
    /// belongs to no grant: its response gets the strictest value that any grant of the policy names.
    pub fn cross_origin_resource_policy(mut self, policy: CrossOriginResourcePolicy) -> Grant {
        self.cross_origin_resource_policy = Some(policy);
        self
    }
}

/// Many short texts in one piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    bytes: Bytes,
    ends: Vec<u32>,
}

impl Texts {
    pub(super) fn extend<S: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = S>) {
        let mut all = Vec::from(std::mem::take(&mut self.bytes));
        let texts = texts.into_iter();
        self.ends.reserve(texts.size_hint().0);
        for text in texts {
            all.extend_from_slice(text.as_ref().as_bytes());
            self.ends.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
        }
        all.shrink_to_fit();
        self.bytes = Bytes::from(all);
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(super) fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends.get(at - 1).copied().unwrap_or(0) as usize };
        let end = self.ends.get(at).copied().unwrap_or(0) as usize;
        self.bytes.get(start..end).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// The memory that all the texts stand in.
    pub(super) fn backing(&self) -> &Bytes {
        &self.bytes
    }
}
