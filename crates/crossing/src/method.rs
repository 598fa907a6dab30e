//! [Methods](https://fetch.spec.whatwg.org/#methods).

use http::Method;

/// [Normalize](https://fetch.spec.whatwg.org/#concept-method-normalize): exactly six methods are upper-cased; `patch`
/// stays `patch`.
pub fn normalize(method: Method) -> Method {
    const SIX: [Method; 6] =
        [Method::DELETE, Method::GET, Method::HEAD, Method::OPTIONS, Method::POST, Method::PUT];
    SIX.into_iter().find(|m| m.as_str().eq_ignore_ascii_case(method.as_str())).unwrap_or(method)
}

/// A [forbidden method](https://fetch.spec.whatwg.org/#forbidden-method): `CONNECT`, `TRACE` or `TRACK`, in any case.
pub fn is_forbidden(method: &[u8]) -> bool {
    [&b"CONNECT"[..], b"TRACE", b"TRACK"].iter().any(|m| m.eq_ignore_ascii_case(method))
}

/// A [CORS-safelisted method](https://fetch.spec.whatwg.org/#cors-safelisted-method): `GET`, `HEAD` or `POST`, to the byte.
pub fn is_safelisted(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_methods_are_normalised() {
        let normal = |m: &str| normalize(m.parse().unwrap()).to_string();
        assert_eq!(normal("get"), "GET");
        assert_eq!(normal("dElEtE"), "DELETE");
        assert_eq!(normal("patch"), "patch");
        assert_eq!(normal("query"), "query");
    }

    #[test]
    fn forbidden_in_any_case() {
        assert!(is_forbidden(b"trace") && is_forbidden(b"TRACK") && is_forbidden(b"Connect"));
        assert!(!is_forbidden(b"TRAC") && !is_forbidden(b"GET"));
    }
}
