//! Which request headers a script may set, and which of them need a preflight.

use std::collections::BTreeSet;

use http::HeaderName;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_LANGUAGE, CONTENT_TYPE, RANGE};

use super::grammar::decode_and_split;
use super::range::is_single_range_with_start;
use super::{HeaderList, MimeType, Value};
use crate::method;

/// The longest value of a [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header), in bytes.
pub const SAFELISTED_VALUE_LIMIT: usize = 128;

/// The most bytes that the values of all safelisted lines may have together.
pub const SAFELISTED_TOTAL_LIMIT: usize = 1024;

/// Why a header is not a [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsafe {
    /// Its name is not on the safelist.
    Name,
    /// Its value is longer than 128 bytes.
    TooLong {
        /// How long the value is, in bytes.
        length: usize,
    },
    /// Its value holds a byte that is not allowed there.
    Byte {
        /// The byte.
        byte: u8,
        /// Where it stands, counted from 0.
        at: usize,
    },
    /// `Content-Type` is not one of the three that a form can send.
    MimeType,
    /// `Range` is not a single range with a start.
    Range,
    /// All safelisted values together are longer than 1024 bytes.
    Total {
        /// How long they are together, in bytes.
        length: usize,
    },
}

/// Determines whether a header is a
/// [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header); `None` is yes.
pub fn why_unsafe(name: &HeaderName, value: &Value) -> Option<Unsafe> {
    // To shorten any other would not make it safe.
    let on_the_safelist = name == ACCEPT
        || name == ACCEPT_LANGUAGE
        || name == CONTENT_LANGUAGE
        || name == CONTENT_TYPE
        || name == RANGE;
    if !on_the_safelist {
        return Some(Unsafe::Name);
    }
    let value = value.as_bytes();
    if value.len() > SAFELISTED_VALUE_LIMIT {
        return Some(Unsafe::TooLong { length: value.len() });
    }
    let first = |unsafe_byte: fn(u8) -> bool| {
        value.iter().position(|&b| unsafe_byte(b)).map(|at| Unsafe::Byte { byte: value[at], at })
    };
    if name == ACCEPT {
        first(is_unsafe_byte)
    } else if name == ACCEPT_LANGUAGE || name == CONTENT_LANGUAGE {
        first(|b| !is_language_byte(b))
    } else if name == CONTENT_TYPE {
        // A full parse of the one value, not the forgiving extraction: a naive server must not read it as JSON.
        first(is_unsafe_byte).or_else(|| match MimeType::parse(value) {
            Some(mime) if is_form_type(&mime) => None,
            _ => Some(Unsafe::MimeType),
        })
    } else if name == RANGE {
        (!is_single_range_with_start(value)).then_some(Unsafe::Range)
    } else {
        Some(Unsafe::Name)
    }
}

fn is_form_type(mime: &MimeType) -> bool {
    mime.is("application/x-www-form-urlencoded") || mime.is("multipart/form-data") || mime.is("text/plain")
}

/// A [CORS-unsafe request-header byte](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte).
pub const fn is_unsafe_byte(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t')
        || matches!(
            byte,
            b'"' | b'(' | b')' | b':' | b'<' | b'>' | b'?' | b'@' | b'[' | b'\\' | b']' | b'{' | b'}' | 0x7f
        )
}

const fn is_language_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'*' | b',' | b'-' | b'.' | b';' | b'=')
}

/// Each line that makes a preflight necessary, with the reason.
///
/// This is the walk behind [CORS-unsafe request-header names](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names):
/// when all safelisted values together pass 1024 bytes, their names become unsafe too.
pub fn unsafe_lines(headers: &HeaderList) -> Vec<(&HeaderName, Unsafe)> {
    let mut found = Vec::new();
    let mut total = 0;
    for (name, value) in headers.iter() {
        match why_unsafe(name, value) {
            Some(why) => found.push((name, why)),
            None => total += value.as_bytes().len(),
        }
    }
    if total > SAFELISTED_TOTAL_LIMIT {
        let safe = headers.iter().filter(|(name, value)| why_unsafe(name, value).is_none());
        found.extend(safe.map(|(name, _)| (name, Unsafe::Total { length: total })));
    }
    found
}

/// The [CORS-unsafe request-header names](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names): lower-case,
/// sorted, each once.
pub fn unsafe_names(headers: &HeaderList) -> BTreeSet<&str> {
    unsafe_lines(headers).into_iter().map(|(name, _)| name.as_str()).collect()
}

/// A [CORS non-wildcard request-header name](https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name):
/// `*` does not cover it.
pub fn is_non_wildcard(name: &str) -> bool {
    name.eq_ignore_ascii_case(AUTHORIZATION.as_str())
}

/// A [no-CORS-safelisted request-header](https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header).
pub fn is_no_cors_safelisted(name: &HeaderName, value: &Value) -> bool {
    name != RANGE && why_unsafe(name, value).is_none()
}

/// A [forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header): only the browser sets it.
pub fn is_forbidden(name: &HeaderName, value: &Value) -> bool {
    const NAMES: [&str; 21] = [
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    ];
    let name = name.as_str();
    if NAMES.binary_search(&name).is_ok() || name.starts_with("proxy-") || name.starts_with("sec-") {
        return true;
    }
    // These would let a script smuggle a method past the server that obeys them.
    matches!(name, "x-http-method" | "x-http-method-override" | "x-method-override")
        && decode_and_split(value).iter().any(|method| method::is_forbidden(method.as_bytes()))
}

/// A [request-body-header name](https://fetch.spec.whatwg.org/#request-body-header-name): it goes when a redirect takes
/// the body away.
pub fn is_body_header(name: &str) -> bool {
    matches!(name, "content-encoding" | "content-language" | "content-location" | "content-type")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: &[u8]) -> (HeaderName, Value) {
        (name.parse().unwrap(), Value::new(value).unwrap())
    }

    fn why(name: &str, value: &[u8]) -> Option<Unsafe> {
        let (name, value) = header(name, value);
        why_unsafe(&name, &value)
    }

    #[test]
    fn safelisted_to_the_byte() {
        assert_eq!(why("accept", &[b'a'; 128]), None);
        assert_eq!(why("accept", &[b'a'; 129]), Some(Unsafe::TooLong { length: 129 }));
        assert_eq!(why("authorization", &[b'a'; 607]), Some(Unsafe::Name));
        assert_eq!(why("accept", b"a\x80\xff"), None);
        assert_eq!(why("accept", b"a\x01"), Some(Unsafe::Byte { byte: 1, at: 1 }));
        assert_eq!(why("accept-language", b"de\xff"), Some(Unsafe::Byte { byte: 0xff, at: 2 }));
        assert_eq!(why("accept-language", b"de;q=0.5, *"), None);
        assert_eq!(why("accept-language", b"de_DE"), Some(Unsafe::Byte { byte: b'_', at: 2 }));
        assert_eq!(why("content-type", b"text/plain;charset=UTF-8"), None);
        assert_eq!(why("content-type", b"TEXT/PLAIN ; a=b"), None);
        assert_eq!(why("content-type", b"application/json"), Some(Unsafe::MimeType));
        assert_eq!(why("content-type", b"text/plain, text/plain"), Some(Unsafe::MimeType));
        assert_eq!(why("content-type", b"text/plain; a=\"b\""), Some(Unsafe::Byte { byte: b'"', at: 14 }));
        assert_eq!(why("range", b"bytes=-5"), Some(Unsafe::Range));
        assert_eq!(why("range", b"bytes=5-"), None);
        assert_eq!(why("x-a", b""), Some(Unsafe::Name));
        assert_eq!(why("dpr", b"1"), Some(Unsafe::Name));
    }

    #[test]
    fn more_than_1024_safe_bytes_are_unsafe() {
        let lines = |n: usize| -> HeaderList { (0..n).map(|_| header("accept", &[b'a'; 128])).collect() };
        assert!(unsafe_names(&lines(8)).is_empty());
        assert_eq!(unsafe_names(&lines(9)).into_iter().collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn forbidden_names_and_values() {
        let forbidden = |name: &str, value: &str| {
            let (name, value) = header(name, value.as_bytes());
            is_forbidden(&name, &value)
        };
        for name in
            ["Origin", "cookie", "Sec-Fetch-Mode", "proxy-x", "TE", "Set-Cookie", "via", "accept-charset"]
        {
            assert!(forbidden(name, "x"), "{name}");
        }
        for name in ["user-agent", "authorization", "content-transfer-encoding", "section", "accept"] {
            assert!(!forbidden(name, "x"), "{name}");
        }
        assert!(forbidden("x-http-method", "PUT, trace"));
        assert!(!forbidden("x-http-method", "PUT"));
        assert!(!forbidden("x-http-method", "\"TRACE\""));
    }
}
