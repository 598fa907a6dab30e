//! Merging `Vary`.

use bytes::Bytes;

use super::lists::Text;
use super::view::{FieldValue, ResponseField, ResponseHeaders};
use crate::headers::grammar::trim;

/// Adds names to the [`Vary`](https://httpwg.org/specs/rfc9110.html#field.vary) that is there, each name once, in one line.
pub(super) fn merge<H: ResponseHeaders>(headers: &mut H, ours: &Text) {
    let mut merged: Vec<&[u8]> = Vec::new();
    let mut lines = 0;
    let mut repeated = false;
    let there = headers.lines(ResponseField::Vary).flat_map(|line| {
        lines += 1;
        elements(line)
    });
    for name in there {
        if name == b"*" {
            return;
        }
        if contains(&merged, name) {
            repeated = true;
        } else {
            merged.push(name);
        }
    }
    let before = merged.len();
    for name in elements(ours.as_policy().value.as_bytes()) {
        if !contains(&merged, name) {
            merged.push(name);
        }
    }
    if merged.len() == before && lines == 1 && !repeated {
        return;
    }
    let joined = Bytes::from(merged.join(&b", "[..]));
    // A Vary of the application's with bytes that no list has is replaced by ours alone.
    let value = H::Value::from_text(joined).unwrap_or_else(|| FieldValue::from_policy(ours.as_policy()));
    headers.set(ResponseField::Vary, value);
}

fn elements(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|&b| b == b',').map(trim).filter(|name| !name.is_empty())
}

fn contains(names: &[&[u8]], name: &[u8]) -> bool {
    names.iter().any(|there| there.eq_ignore_ascii_case(name))
}
