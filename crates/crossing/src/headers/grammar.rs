//! [The syntax of the CORS headers](https://fetch.spec.whatwg.org/#http-new-header-syntax), and how values are
//! [extracted](https://fetch.spec.whatwg.org/#extract-header-values) from them.

use http::HeaderName;

use super::{HeaderList, Value, mime::quoted_string};

/// A failed extraction: a line does not match its syntax, or a header that may stand once stands twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A byte of an [HTTP token](https://httpwg.org/specs/rfc9110.html#rule.token.separators).
pub const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// Whether the bytes are an HTTP token.
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&b| is_token_byte(b))
}

/// [Extracts](https://fetch.spec.whatwg.org/#extract-header-list-values) a list of tokens (methods, header names): commas apart, tab and space around them, empty elements skipped.
/// `Ok(None)` when there is no such header.
///
/// # Errors
/// When any line holds an element that is no token: then the whole header counts for nothing.
pub fn token_list<'a>(
    headers: &'a HeaderList,
    name: &'a HeaderName,
) -> Result<Option<Vec<&'a [u8]>>, Malformed> {
    let mut tokens = Vec::new();
    let mut present = false;
    for line in headers.lines(name) {
        present = true;
        for element in line.as_bytes().split(|&b| b == b',') {
            match trim(element) {
                [] => {}
                element if is_token(element) => tokens.push(element),
                _ => return Err(Malformed),
            }
        }
    }
    Ok(present.then_some(tokens))
}

/// Extracts [`Access-Control-Max-Age`](https://fetch.spec.whatwg.org/#http-access-control-max-age): digits, once.
/// A number too large for `u64` is the largest there is.
///
/// # Errors
/// When it is not digits alone, or stands on two lines.
pub fn delta_seconds(headers: &HeaderList, name: &HeaderName) -> Result<Option<u64>, Malformed> {
    let mut lines = headers.lines(name);
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(Malformed);
    }
    let digits = line.as_bytes();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Malformed);
    }
    Ok(Some(digits.iter().fold(0u64, |n, d| n.saturating_mul(10).saturating_add(u64::from(d - b'0')))))
}

/// [Get, decode, and split](https://fetch.spec.whatwg.org/#concept-header-list-get-decode-split) a value: commas apart,
/// but not within a quoted string, whose quotes stay.
pub fn decode_and_split(value: &Value) -> Vec<String> {
    let input = value.as_bytes();
    let mut values = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < input.len() {
        match input[at] {
            b'"' => at += 1 + quoted_string(&input[at + 1..]).1,
            b',' => {
                values.push(super::isomorphic_decode(trim(&input[start..at])));
                at += 1;
                start = at;
            }
            _ => at += 1,
        }
    }
    values.push(super::isomorphic_decode(trim(&input[start.min(input.len())..])));
    values
}

/// Without leading and trailing tab and space.
pub fn trim(bytes: &[u8]) -> &[u8] {
    let is_space = |b: &u8| matches!(b, b'\t' | b' ');
    let start = bytes.iter().position(|b| !is_space(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !is_space(b)).map_or(start, |at| at + 1);
    &bytes[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{ACCESS_CONTROL_ALLOW_METHODS as ACAM, ACCESS_CONTROL_MAX_AGE as ACMA};

    fn list(name: HeaderName, lines: &[&str]) -> HeaderList {
        lines.iter().map(|line| (name.clone(), Value::new(line).unwrap())).collect()
    }

    #[test]
    fn token_lists() {
        let extract = |lines: &[&str]| {
            let list = list(ACAM, lines);
            token_list(&list, &ACAM).map(|tokens| {
                tokens.map(|t| t.iter().map(|t| String::from_utf8(t.to_vec()).unwrap()).collect::<Vec<_>>())
            })
        };
        assert_eq!(extract(&[]), Ok(None));
        assert_eq!(extract(&[""]), Ok(Some(vec![])));
        assert_eq!(extract(&[",PUT ,\t, *,"]), Ok(Some(vec!["PUT".into(), "*".into()])));
        assert_eq!(extract(&["PUT", "DELETE"]), Ok(Some(vec!["PUT".into(), "DELETE".into()])));
        assert_eq!(extract(&["PUT", "DEL ETE"]), Err(Malformed));
    }

    #[test]
    fn seconds() {
        let extract = |lines: &[&str]| delta_seconds(&list(ACMA, lines), &ACMA);
        assert_eq!(extract(&[]), Ok(None));
        assert_eq!(extract(&["0"]), Ok(Some(0)));
        assert_eq!(extract(&["99999999999999999999999"]), Ok(Some(u64::MAX)));
        for wrong in [&["-1"][..], &["+60"], &["5.5"], &[""], &["60, 60"], &["60", "60"]] {
            assert_eq!(extract(wrong), Err(Malformed), "{wrong:?}");
        }
    }

    #[test]
    fn splitting_respects_quotes() {
        let split = |text: &str| decode_and_split(&Value::new(text).unwrap());
        assert_eq!(split("nosniff,"), ["nosniff", ""]);
        assert_eq!(split(""), [""]);
        assert_eq!(split("text/html;\", x/x"), ["text/html;\", x/x"]);
        assert_eq!(split("\"1,2\", 3"), ["\"1,2\"", "3"]);
        assert_eq!(split("x / x,,,1"), ["x / x", "", "", "1"]);
    }
}
