//! One line of [`Set-Cookie`](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-5.6).

use std::time::Duration;

use crossing::Time;

use super::date;
use super::same_site::SameSite;

/// Name and value together, in bytes.
const MAX_PAIR: usize = 4096;
/// One attribute's value, in bytes.
const MAX_ATTRIBUTE: usize = 1024;
/// No cookie lives longer.
const MAX_LIFETIME: Duration = Duration::from_secs(400 * 86_400);

/// The name, the value and the attributes of a line, before any check of its sender.
pub(super) struct SetCookie<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) expires: Option<Time>,
    /// In lower case, without the leading dot; empty for none.
    pub(super) domain: Vec<u8>,
    pub(super) path: Option<&'a [u8]>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) partitioned: bool,
    pub(super) same_site: SameSite,
}

/// Reads a line; `None` if it is to be ignored as a whole.
pub(super) fn parse(line: &[u8], now: Time) -> Option<SetCookie<'_>> {
    if line.iter().any(|b| matches!(b, 0..=8 | 10..=31 | 127)) {
        return None;
    }
    let mut parts = line.split(|b| *b == b';');
    let pair = parts.next().unwrap_or_default();
    let (name, value) = split_once(pair).unwrap_or((&[], trim(pair)));
    if name.len() + value.len() > MAX_PAIR || (name.is_empty() && value.is_empty()) {
        return None;
    }
    let mut read = SetCookie {
        name,
        value,
        expires: None,
        domain: Vec::new(),
        path: None,
        secure: false,
        http_only: false,
        partitioned: false,
        same_site: SameSite::Default,
    };
    // `Max-Age` has precedence over `Expires`, in whatever order they stand.
    let mut max_age = None;
    for part in parts {
        let (attribute, value) = split_once(part).unwrap_or((trim(part), &[]));
        if value.len() > MAX_ATTRIBUTE {
            continue;
        }
        match attribute.to_ascii_lowercase().as_slice() {
            b"expires" => {
                if let Some(seconds) = date::parse(value) {
                    let moment = Time::from_secs(u64::try_from(seconds).unwrap_or(0));
                    read.expires = Some(moment.min(now + MAX_LIFETIME));
                }
            }
            b"max-age" => max_age = lifetime(value).map(|life| expiry(now, life)).or(max_age),
            b"domain" => read.domain = value.strip_prefix(b".").unwrap_or(value).to_ascii_lowercase(),
            b"path" => read.path = Some(value),
            b"secure" => read.secure = true,
            b"httponly" => read.http_only = true,
            b"partitioned" => read.partitioned = true,
            b"samesite" => read.same_site = SameSite::parse(value),
            _ => {}
        }
    }
    read.expires = max_age.or(read.expires);
    Some(read)
}

/// Seconds, at most the longest life; zero for a cookie that expires immediately.
fn lifetime(value: &[u8]) -> Option<Duration> {
    let (negative, digits) = match value.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    if value.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds =
        digits.iter().fold(0u64, |sum, b| sum.saturating_mul(10).saturating_add(u64::from(b - b'0')));
    Some(if negative { Duration::ZERO } else { Duration::from_secs(seconds).min(MAX_LIFETIME) })
}

fn expiry(now: Time, life: Duration) -> Time {
    if life.is_zero() { Time::ZERO } else { now + life }
}

fn split_once(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = pair.iter().position(|b| *b == b'=')?;
    Some((trim(&pair[..at]), trim(&pair[at + 1..])))
}

fn trim(bytes: &[u8]) -> &[u8] {
    let is_space = |b: &u8| matches!(b, b' ' | b'\t');
    let start = bytes.iter().position(|b| !is_space(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !is_space(b)).map_or(start, |at| at + 1);
    &bytes[start..end]
}
