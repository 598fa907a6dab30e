//! Which response headers a script may see.

use http::HeaderName;
use http::header::CONTENT_LENGTH;

use super::HeaderList;
use super::grammar::decode_and_split;
use super::names::X_CONTENT_TYPE_OPTIONS;

/// A [forbidden response-header name](https://fetch.spec.whatwg.org/#forbidden-response-header-name): no script sees it.
pub fn is_forbidden(name: &HeaderName) -> bool {
    matches!(name.as_str(), "set-cookie" | "set-cookie2")
}

/// The fixed part of the
/// [CORS-safelisted response-header names](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
pub fn is_safelisted(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "cache-control"
            | "content-language"
            | "content-length"
            | "content-type"
            | "expires"
            | "last-modified"
            | "pragma"
    )
}

/// [Determine nosniff](https://fetch.spec.whatwg.org/#determine-nosniff): whether the type is to be believed.
pub fn forbids_sniffing(headers: &HeaderList) -> bool {
    let value = headers.get(&X_CONTENT_TYPE_OPTIONS);
    let first = value.and_then(|value| decode_and_split(&value).into_iter().next());
    first.is_some_and(|word| word.eq_ignore_ascii_case("nosniff"))
}

/// [Extracts a length](https://fetch.spec.whatwg.org/#header-list-extract-a-length): `None` when there is no
/// `Content-Length`, when its values differ, or when it is not digits.
pub fn content_length(headers: &HeaderList) -> Option<u64> {
    let values = decode_and_split(&headers.get(&CONTENT_LENGTH)?);
    let (first, rest) = values.split_first()?;
    let is_number = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
    if is_number && rest.iter().all(|value| value == first) { first.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::Value;

    #[test]
    fn lengths_must_agree() {
        let length = |lines: &[&str]| {
            content_length(&lines.iter().map(|l| (CONTENT_LENGTH, Value::new(l).unwrap())).collect())
        };
        assert_eq!(length(&[]), None);
        assert_eq!(length(&["12"]), Some(12));
        assert_eq!(length(&["12", "12, 12"]), Some(12));
        assert_eq!(length(&["12", "13"]), None);
        assert_eq!(length(&["+12"]), None);
        assert_eq!(length(&[""]), None);
    }
}
