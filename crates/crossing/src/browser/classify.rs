//! Which of a request's headers need a preflight, under a profile.

use std::collections::BTreeSet;

use http::HeaderName;
use http::header::{ACCEPT, CONTENT_TYPE, RANGE};

use super::client_hints;
use super::profile::{
    LargeRangeNumbers, NonAsciiBytes, Profile, RangeSyntax, RepeatedHeaders, SafelistedTotal,
};
use crate::headers::request::{SAFELISTED_TOTAL_LIMIT, Unsafe, why_unsafe};
use crate::headers::{HeaderList, Value};

/// Each line that makes a preflight necessary, with the reason: the walk behind
/// [CORS-unsafe request-header names](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names), with a profile's
/// exceptions.
pub(super) fn unsafe_lines<'a>(headers: &'a HeaderList, profile: &Profile) -> Vec<(&'a HeaderName, Unsafe)> {
    let mut found = Vec::new();
    let mut safe = Vec::new();
    let mut total = 0;
    let mut seen = BTreeSet::new();
    for (name, line) in headers.iter() {
        let joined = match profile.repeated_headers {
            RepeatedHeaders::OneByOne => None,
            RepeatedHeaders::Joined if !seen.insert(name.as_str()) => continue,
            RepeatedHeaders::Joined => headers.get(name),
        };
        let value = joined.as_ref().unwrap_or(line);
        match why(name, value, profile) {
            Some(why) => found.push((name, why)),
            None => {
                total += value.as_bytes().len();
                safe.push(name);
            }
        }
    }
    if total > SAFELISTED_TOTAL_LIMIT && profile.safelisted_total == SafelistedTotal::Limited {
        found.extend(safe.into_iter().map(|name| (name, Unsafe::Total { length: total })));
    }
    found
}

/// The names of those lines: lower-case, sorted, each once.
pub(super) fn unsafe_names<'a>(headers: &'a HeaderList, profile: &Profile) -> BTreeSet<&'a str> {
    unsafe_lines(headers, profile).into_iter().map(|(name, _)| name.as_str()).collect()
}

fn why(name: &HeaderName, value: &Value, profile: &Profile) -> Option<Unsafe> {
    let why = why_unsafe(name, value);
    let high = || value.as_bytes().iter().position(|byte| !byte.is_ascii());
    if why.is_none()
        && profile.non_ascii_bytes == NonAsciiBytes::Unsafe
        && (*name == ACCEPT || *name == CONTENT_TYPE)
    {
        return high().map(|at| Unsafe::Byte { byte: value.as_bytes()[at], at });
    }
    match why {
        Some(Unsafe::Range)
            if profile.range_syntax == RangeSyntax::Lenient && is_lenient_range(value, profile) =>
        {
            None
        }
        None if *name == RANGE
            && profile.large_range_numbers == LargeRangeNumbers::Unsafe
            && is_huge(value) =>
        {
            Some(Unsafe::Range)
        }
        Some(Unsafe::Name) if client_hints::is_safelisted(name, value, profile) => None,
        why => why,
    }
}

/// The value as the exact grammar has it: the unit in lower case, no sign before the first number.
fn is_lenient_range(value: &Value, profile: &Profile) -> bool {
    let lower = value.as_bytes().to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix(b"bytes=") else { return false };
    let exact = [b"bytes=", rest.strip_prefix(b"+").unwrap_or(rest)].concat();
    let Ok(exact) = Value::new(exact) else { return false };
    why_unsafe(&RANGE, &exact).is_none()
        && !(profile.large_range_numbers == LargeRangeNumbers::Unsafe && is_huge(&exact))
}

/// Whether a number in it is beyond 64 bits.
fn is_huge(value: &Value) -> bool {
    let digits = value.as_bytes().split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.filter_map(|digits| std::str::from_utf8(digits).ok()).any(|digits| digits.parse::<i64>().is_err())
}
