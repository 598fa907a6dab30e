//! An origin, read and compared by the URL Standard.

use std::fmt;
use std::sync::Arc;

use url::Url;

use super::{OriginError, OriginProblem, default_port, is_loopback_host};

/// An origin, as the HTML Standard defines it.
///
/// A tuple origin is kept in its [ASCII serialisation][ser], so that comparing two origins is comparing two short
/// strings. An opaque origin is the same as no other origin, and serialises to `null`.
///
/// ```
/// use crossing::Origin;
/// let page = Origin::parse("https://app.example.com").unwrap();
/// let api = Origin::from_url(&"https://api.example.com:8443/v1?q".parse().unwrap());
/// assert_eq!(api.to_string(), "https://api.example.com:8443");
/// assert!(!page.same_origin(&api));
/// assert_eq!(Origin::parse("null").unwrap().to_string(), "null");
/// ```
///
/// [ser]: https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
#[derive(Clone, Debug)]
pub enum Origin {
    /// Scheme, host and port.
    Tuple(TupleOrigin),
    /// An origin that nothing else shares: a sandboxed frame, a `data:` worker, a local file.
    Opaque,
}

/// Scheme, host and port, serialised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TupleOrigin {
    text: Arc<str>,
    scheme_len: usize,
    port: Option<u16>,
}

impl TupleOrigin {
    fn new(scheme: &str, host: &str, port: Option<u16>) -> TupleOrigin {
        // Once for every URL of a conversation: without the machinery of `format!`.
        let mut text = [scheme, "://", host].concat();
        if let Some(port) = port {
            text.push(':');
            text.push_str(&port.to_string());
        }
        TupleOrigin { text: text.into(), scheme_len: scheme.len(), port }
    }

    /// The serialisation: `https://a.example:8443`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The scheme, without its colon.
    pub fn scheme(&self) -> &str {
        &self.text[..self.scheme_len]
    }

    /// The host; an IPv6 address stands in brackets.
    pub fn host(&self) -> &str {
        let rest = &self.text[self.scheme_len + 3..];
        match self.port {
            Some(_) => &rest[..rest.rfind(':').unwrap_or(rest.len())],
            None => rest,
        }
    }

    /// The port, when it is not the scheme's default.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl Origin {
    /// Reads a serialised origin: `null`, or scheme, `://`, host and, unless it is the default, port.
    ///
    /// # Errors
    /// Anything that is no [serialized origin](https://fetch.spec.whatwg.org/#serialized-origin); the error says what is wrong and, where there is one, the origin that was probably meant.
    pub fn parse(text: &str) -> Result<Origin, OriginError> {
        if text == "null" {
            return Ok(Origin::Opaque);
        }
        let wrong = |problem| OriginError { text: text.to_owned(), problem, mended: corrected(text) };
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(wrong(OriginProblem::NoScheme));
        };
        if scheme == "file" {
            return Err(wrong(OriginProblem::FileScheme));
        }
        let url = Url::parse(text).map_err(|_| wrong(OriginProblem::NotAnOrigin))?;
        if !url.username().is_empty() || url.password().is_some() || rest.contains('@') {
            return Err(wrong(OriginProblem::Userinfo));
        }
        if rest.ends_with('/') && !rest[..rest.len() - 1].contains(['/', '?', '#']) {
            return Err(wrong(OriginProblem::TrailingSlash));
        }
        if rest.contains(['/', '?', '#', '\\']) {
            return Err(wrong(OriginProblem::Path));
        }
        let origin = Origin::from_page_url(&url);
        match &origin {
            Origin::Tuple(tuple) if tuple.as_str() == text => Ok(origin),
            _ => Err(wrong(OriginProblem::NotSerialised)),
        }
    }

    /// The [origin of a URL](https://url.spec.whatwg.org/#concept-url-origin): opaque unless its scheme is `http`,
    /// `https`, `ws`, `wss` or `ftp` (or `blob:` around one of the first two).
    pub fn from_url(url: &Url) -> Origin {
        match (url.scheme(), url.host_str()) {
            // What `Url` has in its text already; `Url::origin` would copy it part by part.
            (scheme @ ("http" | "https" | "ws" | "wss" | "ftp"), Some(host)) => {
                Origin::Tuple(TupleOrigin::new(scheme, host, url.port()))
            }
            _ => match url.origin() {
                url::Origin::Tuple(scheme, host, port) => {
                    let port = if default_port(&scheme) == Some(port) { None } else { Some(port) };
                    Origin::Tuple(TupleOrigin::new(&scheme, &host.to_string(), port))
                }
                url::Origin::Opaque(_) => Origin::Opaque,
            },
        }
    }

    /// As [`Origin::from_url`], and a custom scheme with a host (`capacitor://localhost`) is a tuple too, as web views have it.
    fn from_page_url(url: &Url) -> Origin {
        match Origin::from_url(url) {
            Origin::Opaque if url.scheme() != "file" && url.scheme() != "blob" => match url.host_str() {
                Some(host) if !host.is_empty() => {
                    Origin::Tuple(TupleOrigin::new(url.scheme(), host, url.port()))
                }
                _ => Origin::Opaque,
            },
            origin => origin,
        }
    }

    /// [Same origin](https://html.spec.whatwg.org/multipage/browsers.html#same-origin). An opaque origin here is
    /// never the same as another: no URL that is fetched over HTTP has one.
    pub fn same_origin(&self, other: &Origin) -> bool {
        match (self, other) {
            (Origin::Tuple(a), Origin::Tuple(b)) => a == b,
            _ => false,
        }
    }

    /// Whether it is of the [same origin](Origin::same_origin) as [that of the URL](Origin::from_url), which is not made for it.
    #[cfg(feature = "browser")]
    pub(crate) fn matches_url(&self, url: &Url) -> bool {
        match (self, url.scheme()) {
            (Origin::Opaque, _) => false,
            (Origin::Tuple(own), "http" | "https" | "ws" | "wss" | "ftp") => {
                own.port == url.port() && own.scheme() == url.scheme() && Some(own.host()) == url.host_str()
            }
            (Origin::Tuple(_), _) => self.same_origin(&Origin::from_url(url)),
        }
    }

    /// [Same site](https://html.spec.whatwg.org/multipage/browsers.html#same-site): same scheme, and hosts under one
    /// registrable domain.
    pub fn same_site(&self, other: &Origin) -> bool {
        match (self, other) {
            (Origin::Tuple(a), Origin::Tuple(b)) => {
                a.scheme() == b.scheme() && same_site_host(a.host(), b.host())
            }
            _ => false,
        }
    }

    /// [Schemelessly same site](https://html.spec.whatwg.org/multipage/browsers.html#schemelessly-same-site).
    pub fn schemelessly_same_site(&self, other: &Origin) -> bool {
        match (self, other) {
            (Origin::Tuple(a), Origin::Tuple(b)) => same_site_host(a.host(), b.host()),
            _ => false,
        }
    }

    /// [Obtain a site](https://html.spec.whatwg.org/multipage/browsers.html#obtain-a-site): scheme and registrable
    /// domain, or the host where there is none. `null` for an opaque origin.
    pub fn site(&self) -> String {
        match self {
            Origin::Tuple(t) => {
                [t.scheme(), "://", registrable_domain(t.host()).unwrap_or(t.host())].concat()
            }
            Origin::Opaque => "null".to_owned(),
        }
    }

    /// The serialisation, borrowed: `null` for an opaque origin.
    pub fn as_str(&self) -> &str {
        match self {
            Origin::Tuple(tuple) => tuple.as_str(),
            Origin::Opaque => "null",
        }
    }

    /// [Potentially trustworthy](https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy): authenticated
    /// and encrypted, or on this machine.
    pub fn is_potentially_trustworthy(&self) -> bool {
        match self {
            Origin::Tuple(t) => matches!(t.scheme(), "https" | "wss") || is_loopback_host(t.host()),
            Origin::Opaque => false,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Origin, OriginError> {
        Origin::parse(text)
    }
}

/// The [registrable domain](https://url.spec.whatwg.org/#host-registrable-domain) of a host; `None` for an IP address
/// or a public suffix.
pub fn registrable_domain(host: &str) -> Option<&str> {
    if host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok() {
        return None;
    }
    crossing_suffix::registrable_domain(host)
}

fn same_site_host(a: &str, b: &str) -> bool {
    match (registrable_domain(a), registrable_domain(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// The origin that a text probably meant.
fn corrected(text: &str) -> Option<String> {
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&with_scheme).ok()?;
    match Origin::from_page_url(&url) {
        Origin::Tuple(t) if t.as_str() != text => Some(t.as_str().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serialised_origins_are_read_back() {
        for text in [
            "https://a.example",
            "http://a.example:8080",
            "http://127.0.0.1:1",
            "http://[::1]:3000",
            "https://xn--bcher-kva.example",
            "capacitor://localhost",
            "https://a.example.",
        ] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn faults_are_named_and_mended() {
        let cases = [
            ("https://a.example/", OriginProblem::TrailingSlash, Some("https://a.example")),
            ("https://a.example/x", OriginProblem::Path, Some("https://a.example")),
            ("https://a.example?x", OriginProblem::Path, Some("https://a.example")),
            ("a.example", OriginProblem::NoScheme, Some("https://a.example")),
            ("https://A.example", OriginProblem::NotSerialised, Some("https://a.example")),
            ("https://a.example:443", OriginProblem::NotSerialised, Some("https://a.example")),
            ("https://bücher.example", OriginProblem::NotSerialised, Some("https://xn--bcher-kva.example")),
            ("https://u:p@a.example", OriginProblem::Userinfo, Some("https://a.example")),
            ("file:///x", OriginProblem::FileScheme, None),
            ("https://", OriginProblem::NotAnOrigin, None),
            ("", OriginProblem::NoScheme, None),
        ];
        for (text, problem, mended) in cases {
            let error = Origin::parse(text).unwrap_err();
            assert_eq!((error.problem, error.mended.as_deref()), (problem, mended), "{text}");
        }
    }

    #[test]
    fn parts_of_a_tuple() {
        let Origin::Tuple(t) = Origin::parse("http://[::1]:3000").unwrap() else { panic!("a tuple") };
        assert_eq!((t.scheme(), t.host(), t.port()), ("http", "[::1]", Some(3000)));
        let Origin::Tuple(t) = Origin::parse("http://[::1]").unwrap() else { panic!("a tuple") };
        assert_eq!((t.host(), t.port()), ("[::1]", None));
    }

    #[test]
    fn sites() {
        let same = |a: &str, b: &str| Origin::parse(a).unwrap().same_site(&Origin::parse(b).unwrap());
        assert!(same("https://a.example.com", "https://b.example.com:8443"));
        assert!(!same("https://a.github.io", "https://b.github.io"));
        assert!(!same("http://a.example.com", "https://a.example.com"));
        assert!(same("http://127.0.0.1:1", "http://127.0.0.1:2"));
        assert!(!same("http://127.0.0.1", "http://127.0.0.2"));
        assert!(!Origin::Opaque.same_origin(&Origin::Opaque));
    }
}
