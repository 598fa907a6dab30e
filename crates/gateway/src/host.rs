//! The host of a request.

use std::borrow::Cow;

use http::header::HOST;
use http::{HeaderValue, Request, Version};

/// The host of a request, in the forms that are needed.
pub(crate) struct Host {
    /// As the client wrote it.
    pub(crate) value: HeaderValue,
    /// As routes name it.
    pub(crate) name: String,
    /// The `Forwarded` value for the requests of one client to this host.
    pub(crate) forwarded: HeaderValue,
}

/// The host of a request. More than one `Host` is an error.
/// <https://httpwg.org/specs/rfc9112.html#section-3.2>
pub(crate) fn requested_host<B>(request: &Request<B>) -> Result<Cow<'_, HeaderValue>, &'static str> {
    let mut lines = request.headers().get_all(HOST).into_iter();
    let (first, second) = (lines.next(), lines.next());
    if second.is_some() {
        return Err("there is more than one Host");
    }
    match (request.uri().authority(), first) {
        (Some(authority), _) => {
            HeaderValue::from_str(authority.as_str()).map(Cow::Owned).map_err(|_| "the host is no host")
        }
        (None, Some(host)) => Ok(Cow::Borrowed(host)),
        (None, None) if request.version() == Version::HTTP_10 => Ok(Cow::Owned(HeaderValue::from_static(""))),
        (None, None) => Err("there is no Host"),
    }
}

/// The host as routes name it: in lower case, without port and brackets. `None` if the value is not a host, or has a user or
/// a password.
pub(crate) fn normalized_name(host: &HeaderValue) -> Option<String> {
    let text = host.to_str().ok()?;
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let bracketed = name.len() + port.len() < text.len();
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte) || bracketed && byte == b':';
    let numbered = port.is_empty() || port.strip_prefix(':')?.bytes().all(|byte| byte.is_ascii_digit());
    if !(numbered && name.bytes().all(fits)) {
        return None;
    }
    Some(name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_perhaps_a_port() {
        let cases = [
            ("api.test", Some("api.test")),
            ("API.test.:80", Some("api.test")),
            ("api.test:", Some("api.test")),
            ("a_b~c%20-", Some("a_b~c%20-")),
            ("[::1]", Some("::1")),
            ("[::1]:80", Some("::1")),
            ("", Some("")),
            ("api.test:abc", None),
            ("api.test:80:80", None),
            ("api.test:-1", None),
            ("u:p@api.test", None),
            ("u@api.test", None),
            ("api.test@evil", None),
            ("[::1", None),
            ("[::1]80", None),
            ("::1", None),
            ("a]b", None),
            ("a/b", None),
            ("a b", None),
            ("a, b", None),
        ];
        for (host, expected) in cases {
            let value = HeaderValue::from_static(host);
            assert_eq!(normalized_name(&value).as_deref(), expected, "{host}");
        }
    }
}
