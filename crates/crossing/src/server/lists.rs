//! What a grant says about methods and headers, ready to answer with.

use bytes::Bytes;
use http::HeaderValue;

use super::grant::Grant;
use super::view::{Foreign, PolicyText};
use crate::{headers, method};

/// How many bytes of `Access-Control-Request-Headers` are read where `*` stands in `allow_headers`, all lines together,
/// each counted with one byte more.
pub const STAR_BUDGET: usize = 1024;

/// How long a method may be that `*` answers by its name.
pub const METHOD_LIMIT: usize = 64;

/// A value that is held ready.
#[derive(Clone, Debug)]
pub(super) struct Text {
    value: HeaderValue,
    backing: Bytes,
    foreign: Foreign,
}

impl Text {
    /// `None` when the text is empty or cannot stand in a header.
    pub(super) fn new(text: impl Into<Bytes>) -> Option<Text> {
        let backing = text.into();
        let value = HeaderValue::from_maybe_shared(backing.clone()).ok()?;
        (!backing.is_empty()).then_some(Text { value, backing, foreign: Foreign::default() })
    }

    /// Of a text that may stand in a header.
    pub(super) fn fixed(text: &'static str) -> Text {
        let backing = Bytes::from_static(text.as_bytes());
        Text { value: HeaderValue::from_static(text), backing, foreign: Foreign::default() }
    }

    pub(super) fn joined<S: AsRef<str>>(texts: &[S]) -> Option<Text> {
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        Text::new(texts.join(", ").into_bytes())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.value.as_bytes()
    }

    #[inline]
    pub(super) fn as_policy(&self) -> PolicyText<'_> {
        PolicyText { value: &self.value, backing: &self.backing, foreign: Some(&self.foreign) }
    }
}

/// Whether a list is spelled out, or everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Listed,
    /// `*`, and the browser takes it for a wildcard.
    Star,
    /// `*` with credentials: answered by what was asked for.
    Requested,
}

impl Extent {
    fn new(star: bool, credentials: bool) -> Extent {
        match (star, credentials) {
            (false, _) => Extent::Listed,
            (true, false) => Extent::Star,
            (true, true) => Extent::Requested,
        }
    }
}

/// `allow_methods`, ready.
#[derive(Debug)]
pub(super) struct Methods {
    pub(super) extent: Extent,
    list: Vec<Box<str>>,
    pub(super) text: Option<Text>,
}

impl Methods {
    pub(super) fn from_grant(grant: &Grant) -> Methods {
        let star = grant.allow_methods.iter().any(|method| method == "*");
        let extent = Extent::new(star, grant.allow_credentials);
        let mut list: Vec<Box<str>> = Vec::new();
        for name in &grant.allow_methods {
            let name = normalize(name);
            if name != "*" && !list.iter().any(|there| **there == name) {
                list.push(name.into());
            }
        }
        let text = match extent {
            Extent::Listed => Text::joined(&list),
            Extent::Star => Text::new("*"),
            Extent::Requested => None,
        };
        Methods { extent, list, text }
    }

    /// Whether a method is granted, to the byte.
    #[inline]
    pub(super) fn allow(&self, name: &[u8]) -> bool {
        if matches!(name, b"GET" | b"HEAD" | b"POST")
            || self.list.iter().any(|there| there.as_bytes() == name)
        {
            return true;
        }
        self.extent != Extent::Listed
            && name.len() <= METHOD_LIMIT
            && headers::grammar::is_token(name)
            && !method::is_forbidden(name)
    }

    pub(super) fn list(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|name| &**name)
    }
}

/// As `Methods` has it: `get` means `GET`, and `patch` stays what it is.
pub(super) fn normalize(name: &str) -> String {
    const SIX: [&str; 6] = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
    SIX.into_iter().find(|six| six.eq_ignore_ascii_case(name)).unwrap_or(name).to_owned()
}

/// `allow_headers`, ready.
#[derive(Debug)]
pub(super) struct RequestHeaders {
    pub(super) extent: Extent,
    /// Lower case, sorted.
    names: Vec<Box<str>>,
    /// What a browser says that asks for all of them.
    all: Box<str>,
    pub(super) text: Option<Text>,
    /// How many bytes of a request are read before it is refused.
    budget: usize,
}

/// How a list of request headers was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadersMatch {
    /// Every name is granted; the list had so many lines and was written as a browser writes it, or not.
    Granted {
        plain: bool,
    },
    NotGranted,
    /// `Authorization`, which `*` does not cover.
    Authorization,
    OverBudget,
}

impl HeadersMatch {
    pub(super) const PLAIN: HeadersMatch = HeadersMatch::Granted { plain: true };
}

impl RequestHeaders {
    pub(super) fn from_grant(grant: &Grant) -> RequestHeaders {
        let star = grant.allow_headers.iter().any(|name| name == "*");
        let extent = Extent::new(star, grant.allow_credentials);
        let mut names: Vec<Box<str>> =
            grant.allow_headers.iter().map(|name| name.to_ascii_lowercase().into()).collect();
        names.retain(|name| **name != *"*");
        names.sort_unstable();
        names.dedup();
        let authorization = names.iter().any(|name| headers::request::is_non_wildcard(name));
        let text = match extent {
            Extent::Listed => Text::joined(&names),
            Extent::Star if authorization => Text::new("*, authorization"),
            Extent::Star => Text::new("*"),
            Extent::Requested => None,
        };
        // Twice what a browser would send to ask for all of them, with room for some spaces and empty elements.
        let listed: usize = names.iter().map(|name| name.len() + 2).sum();
        let budget = if star { STAR_BUDGET } else { 2 * listed + 64 };
        RequestHeaders { extent, all: names.join(",").into(), names, text, budget }
    }

    /// Whether a name is listed, in any case.
    fn allow(&self, name: &[u8]) -> bool {
        self.names.binary_search_by(|there| compare(there.as_bytes(), name)).is_ok()
    }

    /// Judges the lines of [`Access-Control-Request-Headers`](https://fetch.spec.whatwg.org/#http-access-control-request-headers):
    /// any order, case, white space, repetition and empty elements. Refuses what is longer than the budget before reading it.
    pub(super) fn judge<'l>(&self, lines: impl Iterator<Item = &'l [u8]>) -> HeadersMatch {
        let mut left = self.budget;
        let mut plain = true;
        let mut seen = 0;
        // A browser asks in the order of the list: each name is looked for from where the last one was found.
        let mut ahead = self.names.iter();
        for line in lines {
            match left.checked_sub(line.len() + 1) {
                Some(rest) => left = rest,
                None => return HeadersMatch::OverBudget,
            }
            seen += 1;
            if line.is_empty() {
                plain = false;
                continue;
            }
            if line == self.all.as_bytes() {
                continue;
            }
            let mut rest = Some(line);
            while let Some(text) = rest {
                if let Some(after) = pass_listed(&mut ahead, text) {
                    rest = after;
                    continue;
                }
                let (element, after) = split_at_comma(text);
                rest = after;
                let name = headers::grammar::trim(element);
                if name.is_empty() || name.len() != element.len() {
                    plain = false;
                }
                if name.is_empty() || self.allow(name) {
                    continue;
                }
                match self.extent {
                    Extent::Listed => return HeadersMatch::NotGranted,
                    _ if name.eq_ignore_ascii_case(b"authorization") => return HeadersMatch::Authorization,
                    _ if !headers::grammar::is_token(name) => return HeadersMatch::NotGranted,
                    _ => {}
                }
            }
        }
        HeadersMatch::Granted { plain: plain && seen <= 1 }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}

/// The text up to a comma, and the text after it, if there is one.
fn split_at_comma(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&byte| byte == b',') {
        Some(comma) => (&text[..comma], Some(&text[comma + 1..])),
        None => (text, None),
    }
}

/// Passes over a name at the front of a list, if it is one of the next few that are granted: then it gives the text after
/// its comma, if there is one.
#[inline]
fn pass_listed<'t>(ahead: &mut std::slice::Iter<'_, Box<str>>, text: &'t [u8]) -> Option<Option<&'t [u8]>> {
    const FEW: usize = 8;
    let (passed, after) = ahead.as_slice().iter().take(FEW).enumerate().find_map(|(nth, name)| match text
        .strip_prefix(name.as_bytes())?
    {
        [] => Some((nth, None)),
        [b',', after @ ..] => Some((nth, Some(after))),
        _ => None,
    })?;
    ahead.nth(passed);
    Some(after)
}

/// Compares a lower-case name with one in any case.
fn compare(lower: &[u8], any: &[u8]) -> std::cmp::Ordering {
    lower.iter().copied().cmp(any.iter().map(u8::to_ascii_lowercase))
}

/// `expose_headers`, ready.
#[derive(Debug)]
pub(super) enum Expose {
    Nothing,
    Listed(Text),
    /// `*` with credentials: the names of the response's own headers.
    RealNames,
}

impl Expose {
    pub(super) fn from_grant(grant: &Grant) -> Expose {
        let star = grant.expose_headers.iter().any(|name| name == "*");
        let mut names: Vec<String> =
            grant.expose_headers.iter().map(|name| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        names.dedup();
        let text = match Extent::new(star, grant.allow_credentials) {
            Extent::Requested => return Expose::RealNames,
            Extent::Star => Text::new("*"),
            Extent::Listed => Text::joined(&names),
        };
        text.map_or(Expose::Nothing, Expose::Listed)
    }
}
