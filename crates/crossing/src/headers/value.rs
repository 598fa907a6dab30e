//! A [header value](https://fetch.spec.whatwg.org/#header-value), to the byte.

use std::fmt;

use http::HeaderValue;

/// A [header value](https://fetch.spec.whatwg.org/#header-value): no leading or trailing tab or space, and no NUL, LF
/// or CR.
///
/// The Fetch Standard allows a few control bytes that [`http::HeaderValue`] refuses. A value that `http` can hold is
/// held by it, so that an adapter hands it on without a copy.
#[derive(Clone, PartialEq, Eq)]
pub struct Value(Repr);

#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Http(HeaderValue),
    Raw(Box<[u8]>),
}

impl Value {
    /// [Normalises](https://fetch.spec.whatwg.org/#concept-header-value-normalize) the bytes and keeps them.
    ///
    /// # Errors
    /// When a NUL, LF or CR remains.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Value, InvalidValue> {
        let bytes = normalize(bytes.as_ref());
        if let Some(at) = bytes.iter().position(|b| matches!(b, 0 | b'\n' | b'\r')) {
            return Err(InvalidValue { byte: bytes[at], at });
        }
        Ok(match HeaderValue::from_bytes(bytes) {
            Ok(value) => Value(Repr::Http(value)),
            Err(_) => Value(Repr::Raw(bytes.into())),
        })
    }

    /// Bytes joined from values that are known to be good: nothing is trimmed.
    pub(super) fn joined(bytes: Vec<u8>) -> Value {
        match HeaderValue::from_bytes(&bytes) {
            Ok(value) => Value(Repr::Http(value)),
            Err(_) => Value(Repr::Raw(bytes.into())),
        }
    }

    /// A value known when the program is written.
    ///
    /// # Panics
    /// At compile time in a `const`, else at once, when the text is not visible ASCII.
    pub const fn from_static(text: &'static str) -> Value {
        Value(Repr::Http(HeaderValue::from_static(text)))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Http(value) => value.as_bytes(),
            Repr::Raw(bytes) => bytes,
        }
    }

    /// The value as `http` has it; `None` when it holds a control byte that `http` refuses.
    pub fn to_http(&self) -> Option<HeaderValue> {
        match &self.0 {
            Repr::Http(value) => Some(value.clone()),
            Repr::Raw(_) => None,
        }
    }

    /// The [isomorphic decoding](https://infra.spec.whatwg.org/#isomorphic-decode): each byte is one code point.
    pub fn to_text(&self) -> String {
        super::isomorphic_decode(self.as_bytes())
    }
}

impl From<HeaderValue> for Value {
    fn from(value: HeaderValue) -> Value {
        let trimmed = normalize(value.as_bytes()).len() == value.len();
        if trimmed {
            return Value(Repr::Http(value));
        }
        Value::new(value.as_bytes()).unwrap_or(Value(Repr::Http(value)))
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Value {
        Value(Repr::Http(HeaderValue::from(number)))
    }
}

impl PartialEq<[u8]> for Value {
    fn eq(&self, other: &[u8]) -> bool {
        self.as_bytes() == other
    }
}

impl PartialEq<str> for Value {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

/// [Normalize](https://fetch.spec.whatwg.org/#concept-header-value-normalize): without leading and trailing tab, LF, CR
/// and space.
pub(crate) fn normalize(bytes: &[u8]) -> &[u8] {
    let is_space = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | b' ');
    let start = bytes.iter().position(|b| !is_space(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !is_space(b)).map_or(start, |at| at + 1);
    &bytes[start..end]
}

/// Bytes that are no header value: a NUL, LF or CR stands among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidValue {
    /// The byte.
    pub byte: u8,
    /// Where it stands, counted from the first byte that is not white space.
    pub at: usize,
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.byte {
            0 => "NUL",
            b'\n' => "line feed",
            _ => "carriage return",
        };
        write!(f, "a header value holds no {name}, and byte {} is one", self.at + 1)
    }
}

impl std::error::Error for InvalidValue {}
