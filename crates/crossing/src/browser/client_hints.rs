//! Client hints that a script sets, where a profile still has rules of their own for them.

use http::HeaderName;

use super::profile::{ClientHints, Profile};
use crate::headers::Value;
use crate::headers::request::SAFELISTED_VALUE_LIMIT;

/// What the value of a hint must be to be safelisted.
enum Shape {
    /// Digits.
    Whole,
    /// Digits, and maybe a point and more digits.
    Decimal,
    /// One of these.
    Word(&'static [&'static str]),
}

fn shape(name: &HeaderName) -> Option<Shape> {
    match name.as_str() {
        "device-memory" | "downlink" | "dpr" => Some(Shape::Decimal),
        "rtt" | "viewport-width" | "width" => Some(Shape::Whole),
        "ect" => Some(Shape::Word(&["slow-2g", "2g", "3g", "4g"])),
        "save-data" => Some(Shape::Word(&["on"])),
        _ => None,
    }
}

/// Whether it is a hint that the profile safelists.
pub(super) fn is_safelisted(name: &HeaderName, value: &Value, profile: &Profile) -> bool {
    let value = value.as_bytes();
    if profile.client_hints == ClientHints::Unsafe || value.len() > SAFELISTED_VALUE_LIMIT {
        return false;
    }
    let digits = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    match shape(name) {
        None => false,
        Some(Shape::Whole) => digits(value),
        Some(Shape::Decimal) => value.splitn(2, |&byte| byte == b'.').all(digits),
        Some(Shape::Word(words)) => words.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes())),
    }
}

/// Whether it is a hint that a redirect to another origin than the page's takes away: by default a page shares its hints
/// with nobody, but for `Save-Data`.
pub(super) fn is_removed_on_redirect(name: &HeaderName, profile: &Profile) -> bool {
    profile.client_hints == ClientHints::Safelisted && name != "save-data" && shape(name).is_some()
}
