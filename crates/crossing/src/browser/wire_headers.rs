//! How the headers that a script sets are written on the wire, where a profile spells them anew.

use http::{HeaderName, Method};

use super::fetch_params::FetchParams;
use super::network::cache_mode;
use super::profile::{RangeSerialization, RepeatedLines};
use super::request::{Body, CacheMode};
use crate::headers::{HeaderList, Value, names};

/// The headers as they go over the wire.
pub(super) fn wire_headers(params: &FetchParams) -> HeaderList {
    let profile = &params.settings.profile;
    let mut headers = match profile.repeated_lines {
        RepeatedLines::Kept => params.request.headers.clone(),
        RepeatedLines::Folded => folded(&params.request.headers),
    };
    // A body takes the first type that it is given, until a redirect.
    if profile.repeated_lines == RepeatedLines::Folded
        && params.redirects == 0
        && params.request.body != Body::Null
        && let Some(first) = params.request.headers.lines(&names::CONTENT_TYPE).next()
    {
        headers.set(names::CONTENT_TYPE, first.clone());
    }
    let cached = params.request.method == Method::GET
        && !matches!(cache_mode(params), CacheMode::NoStore)
        && cache_mode(params) == params.request.cache;
    if profile.range_serialization == RangeSerialization::Plain
        && cached
        && let Some(range) = headers.get(&names::RANGE).and_then(|value| plain_range(value.as_bytes()))
    {
        headers.set(names::RANGE, range);
    }
    headers
}

/// The headers of which the last line holds, and no other.
const SINGLE: [&str; 9] = [
    "authorization",
    "content-disposition",
    "content-type",
    "from",
    "if-modified-since",
    "if-unmodified-since",
    "location",
    "max-forwards",
    "user-agent",
];

/// Each name in one line: what comes after its last empty line, joined.
fn folded(lines: &HeaderList) -> HeaderList {
    let mut out = HeaderList::with_capacity(lines.len());
    for (name, value) in lines.iter() {
        match out.get(name) {
            Some(so_far) if !is_replaced(name, &so_far, value) => out.combine(name.clone(), value.clone()),
            Some(_) => out.set(name.clone(), value.clone()),
            None => out.append(name.clone(), value.clone()),
        }
    }
    out
}

fn is_replaced(name: &HeaderName, so_far: &Value, next: &Value) -> bool {
    SINGLE.contains(&name.as_str()) || so_far.as_bytes().is_empty() || next.as_bytes().is_empty()
}

/// A single range, without white space, signs and leading zeros; `None` if it is none.
fn plain_range(value: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(value).ok()?;
    let (unit, ranges) = text.split_once('=')?;
    let blank = [' ', '\t'];
    if !unit.trim_matches(blank).eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut ranges = ranges.split(',').map(|range| range.trim_matches(blank)).filter(|it| !it.is_empty());
    let (range, None) = (ranges.next()?, ranges.next()) else { return None };
    let (first, last) = range.split_once('-')?;
    let number = |text: &str| match text.trim_matches(blank) {
        "" => Some(None),
        digits => digits.parse::<i64>().ok().filter(|number| *number >= 0).map(Some),
    };
    let plain = match (number(first)?, number(last)?) {
        (Some(first), Some(last)) if first <= last => format!("bytes={first}-{last}"),
        (Some(first), None) => format!("bytes={first}-"),
        (None, Some(last)) => format!("bytes=-{last}"),
        _ => return None,
    };
    Value::new(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_takes_those_before_it_away() {
        for (lines, expected) in
            [(&["a", "b"][..], "a, b"), (&["a", ""], ""), (&["", "a"], "a"), (&["a", "", "b", "c"], "b, c")]
        {
            let name = || HeaderName::from_static("x-a");
            let headers = lines.iter().map(|line| (name(), Value::new(line).unwrap())).collect();
            assert_eq!(folded(&headers).get(&name()).unwrap(), *expected, "{lines:?}");
        }
    }

    #[test]
    fn one_range_is_spelled_plainly() {
        for (range, plain) in [
            ("bytes = 0-1", Some("bytes=0-1")),
            ("BYTES=00- 05,", Some("bytes=0-5")),
            ("bytes=+5-", Some("bytes=5-")),
            ("bytes=-05", Some("bytes=-5")),
            ("bytes=0-1,3-4", None),
            ("bytes=9-5", None),
            ("bytes=-", None),
            ("bytes=0-99999999999999999999", None),
            ("items=0-1", None),
        ] {
            let expected = plain.map(|plain| Value::new(plain).unwrap());
            assert_eq!(plain_range(range.as_bytes()), expected, "{range}");
        }
    }
}
