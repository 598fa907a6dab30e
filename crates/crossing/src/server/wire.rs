//! The request's `Origin`, read strictly and without a copy.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use crate::origin::default_port;

/// The longest host that DNS can hold, in bytes.
pub(super) const HOST_LIMIT: usize = 253;
/// The longest label of a host, in bytes.
pub(super) const LABEL_LIMIT: usize = 63;
/// The longest scheme that is looked at, in bytes.
pub(super) const SCHEME_LIMIT: usize = 64;
/// The longest serialised origin: scheme, `://`, host, `:`, port.
pub(super) const ORIGIN_LIMIT: usize = SCHEME_LIMIT + 3 + HOST_LIMIT + 1 + 5;

/// What kind of host an origin has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostKind {
    Name,
    Ipv4,
    Ipv6,
}

/// A serialised tuple origin, in parts that borrow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WireOrigin<'a> {
    pub(super) scheme: &'a str,
    /// An IPv6 address stands in its brackets.
    pub(super) host: &'a str,
    /// `None` for the scheme's default.
    pub(super) port: Option<u16>,
    pub(super) kind: HostKind,
}

impl<'a> WireOrigin<'a> {
    /// Reads an [ASCII-serialised](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin)
    /// tuple origin, and nothing else: lower case, no user, path or query, a port only where it is not the default.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<WireOrigin<'a>> {
        if bytes.len() > ORIGIN_LIMIT {
            return None;
        }
        let (scheme, rest) = split_scheme(std::str::from_utf8(bytes).ok()?)?;
        let (end, kind) = match rest.as_bytes() {
            [b'[', ..] => (end_of_ipv6(rest)?, HostKind::Ipv6),
            name => end_of_name(name)?,
        };
        let (host, port) = rest.split_at_checked(end)?;
        Some(WireOrigin { scheme, host, port: port_of(port, scheme)?, kind })
    }
}

/// The scheme, and what follows its `://`.
#[inline]
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix("https://") {
        return Some(("https", rest));
    }
    text.split_once("://").filter(|(scheme, _)| is_scheme(scheme.as_bytes()))
}

pub(super) fn is_scheme(scheme: &[u8]) -> bool {
    let rest = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.');
    scheme.len() <= SCHEME_LIMIT
        && scheme.first().is_some_and(u8::is_ascii_lowercase)
        && scheme.iter().all(rest)
        && scheme != b"file"
}

pub(super) const fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
}

/// Which bytes may stand in a label.
const LABEL_BYTES: [bool; 256] = {
    let mut bytes = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        bytes[byte] = is_label_byte(byte as u8);
        byte += 1;
    }
    bytes
};

/// Where a host without brackets ends, and what it is; `None` when it is none.
#[inline]
fn end_of_name(text: &[u8]) -> Option<(usize, HostKind)> {
    let is_label = |label: &[u8]| matches!(label.len(), 1..=LABEL_LIMIT);
    let (mut last, mut end) = (0, text.len());
    for (at, &byte) in text.iter().enumerate() {
        if LABEL_BYTES[usize::from(byte)] {
            continue;
        }
        match byte {
            b'.' if is_label(&text[last..at]) => last = at + 1,
            b':' => {
                end = at;
                break;
            }
            _ => return None,
        }
    }
    if end > HOST_LIMIT || !is_label(&text[last..end]) {
        return None;
    }
    let kind = match text[last] {
        b'0'..=b'9' if is_canonical_ipv4(&text[..end]) => HostKind::Ipv4,
        b'0'..=b'9' => return None,
        _ => HostKind::Name,
    };
    Some((end, kind))
}

/// Where an address in brackets ends.
fn end_of_ipv6(text: &str) -> Option<usize> {
    let end = text.find(']')?;
    is_canonical_ipv6(&text[1..end]).then_some(end + 1)
}

/// Four decimal numbers, none with a leading zero.
pub(super) fn is_canonical_ipv4(host: &[u8]) -> bool {
    let mut parts = 0;
    let all = host.split(|&b| b == b'.').all(|part| {
        parts += 1;
        let number =
            part.iter().try_fold(0u16, |n, d| d.is_ascii_digit().then(|| n * 10 + u16::from(d - b'0')));
        matches!(part.len(), 1..=3)
            && (part.len() == 1 || part[0] != b'0')
            && number.is_some_and(|n| n <= 255)
    });
    all && parts == 4
}

/// An IPv6 address in the one spelling that browsers send.
pub(super) fn is_canonical_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok_and(|ip| ip.to_ipv4_mapped().is_none() && Spelling::of(&ip).is(text))
}

/// The text of an address, on the stack.
struct Spelling {
    bytes: [u8; 48],
    len: usize,
}

impl Spelling {
    fn of(ip: &Ipv6Addr) -> Spelling {
        let mut spelling = Spelling { bytes: [0; 48], len: 0 };
        // An address has at most 45 bytes; should it not fit, the comparison fails.
        let _ = write!(spelling, "{ip}");
        spelling
    }

    fn is(&self, text: &str) -> bool {
        &self.bytes[..self.len] == text.as_bytes()
    }
}

impl std::fmt::Write for Spelling {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(std::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// A port after its colon: 1 to 65535, not the default, no leading zero. Nothing at all is the default.
fn port_of(text: &str, scheme: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    let port = parse_port(text.strip_prefix(':')?.as_bytes())?;
    (default_port(scheme) != Some(port)).then_some(Some(port))
}

/// Digits, 1 to 65535, without a leading zero.
pub(super) fn parse_port(digits: &[u8]) -> Option<u16> {
    if !matches!(digits.len(), 1..=5) || digits[0] == b'0' {
        return None;
    }
    let number =
        digits.iter().try_fold(0u32, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0')))?;
    u16::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serialised_tuple_origins_are_read() {
        for text in [
            "https://a.example",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "http://[::1]:3000",
            "http://[2001:db8::1]",
            "capacitor://localhost",
            "chrome-extension://abcdefghijklmnop",
            "https://a_b.example",
            "https://xn--bcher-kva.example",
        ] {
            assert!(WireOrigin::parse(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        for text in [
            "",
            "null",
            "*",
            "a.example",
            "https:/a.example",
            "https://",
            "https://a.example/",
            "https://a.example?",
            "https://a.example#",
            "https://u@a.example",
            "HTTPS://a.example",
            "https://A.example",
            "https://a.example:443",
            "http://a.example:80",
            "https://a.example:0",
            "https://a.example:080",
            "https://a.example:65536",
            "https://a.example:",
            "https://a..example",
            "https://.a.example",
            "https://a.example.",
            "https://127.1",
            "https://1",
            "https://256.0.0.1",
            "https://01.0.0.1",
            "https://[::1",
            "https://[0:0::1]",
            "https://[::ffff:1.2.3.4]",
            "https://[::ffff:102:304]",
            "https://[example.com]",
            "https://[::1]x",
            "https://bücher.example",
            "https://a example",
            "https://a.example, https://b.example",
            "file://a",
        ] {
            assert_eq!(WireOrigin::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(WireOrigin::parse(format!("https://{}.example", "a".repeat(64)).as_bytes()), None);
        assert_eq!(WireOrigin::parse(format!("https://{}example", "a.".repeat(124)).as_bytes()), None);
    }
}
