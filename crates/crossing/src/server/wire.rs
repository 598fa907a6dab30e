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
/// The longest port with its colon, in bytes.
const PORT_LIMIT: usize = 6;
/// The longest serialised origin: scheme, `://`, host, `:`, port.
pub(super) const ORIGIN_LIMIT: usize = SCHEME_LIMIT + 3 + HOST_LIMIT + PORT_LIMIT;

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
        let parts = Parts::split(bytes)?;
        let (port, kind) = (parts.port()?, parts.kind()?);
        let text = |bytes| std::str::from_utf8(bytes).ok();
        Some(WireOrigin { scheme: text(parts.scheme)?, host: text(parts.host)?, port, kind })
    }
}

/// Where the parts of an origin are, if it is one: nothing but the scheme has been looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a [u8],
    pub(super) host: &'a [u8],
    /// With its colon.
    port: &'a [u8],
}

impl<'a> Parts<'a> {
    #[inline]
    pub(super) fn split(bytes: &'a [u8]) -> Option<Parts<'a>> {
        if bytes.len() > ORIGIN_LIMIT {
            return None;
        }
        let (scheme, rest) = split_scheme(bytes)?;
        let end = match rest {
            [b'[', ..] => rest.iter().position(|&byte| byte == b']')? + 1,
            // Most origins have no port; a colon at the end stays with the host, which it makes none.
            [.., last] if !last.is_ascii_digit() => rest.len(),
            _ => {
                let far = rest.len().saturating_sub(PORT_LIMIT);
                rest[far..].iter().rposition(|&byte| byte == b':').map_or(rest.len(), |colon| far + colon)
            }
        };
        let (host, port) = rest.split_at(end);
        Some(Parts { scheme, host, port })
    }

    /// The port: 1 to 65535, not the default, no leading zero. Nothing at all is the default.
    #[inline]
    pub(super) fn port(&self) -> Option<Option<u16>> {
        let [b':', digits @ ..] = self.port else { return self.port.is_empty().then_some(None) };
        let port = parse_port(digits)?;
        (default_port(self.scheme) != Some(port)).then_some(Some(port))
    }

    /// What kind of host it is; `None` when it is none.
    #[inline]
    pub(super) fn kind(&self) -> Option<HostKind> {
        match self.host {
            [b'[', address @ .., b']'] => {
                is_canonical_ipv6(std::str::from_utf8(address).ok()?).then_some(HostKind::Ipv6)
            }
            name => kind_of_name(name),
        }
    }
}

/// The scheme, and what follows its `://`.
#[inline]
fn split_scheme(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(rest) = bytes.strip_prefix(b"https://") {
        return Some((b"https", rest));
    }
    let colon = bytes.iter().take(SCHEME_LIMIT + 1).position(|&byte| byte == b':')?;
    let rest = bytes[colon..].strip_prefix(b"://")?;
    is_scheme(&bytes[..colon]).then_some((&bytes[..colon], rest))
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

/// What a host without brackets is; `None` when it is none.
fn kind_of_name(host: &[u8]) -> Option<HostKind> {
    if host.len() > HOST_LIMIT || !is_labels(host) {
        return None;
    }
    let last = host.iter().rposition(|&byte| byte == b'.').map_or(0, |dot| dot + 1);
    match host[last] {
        b'0'..=b'9' => is_canonical_ipv4(host).then_some(HostKind::Ipv4),
        _ => Some(HostKind::Name),
    }
}

/// Whether it is one label, or more with dots between them.
#[inline]
pub(super) fn is_labels(text: &[u8]) -> bool {
    let mut length = 0;
    for &byte in text {
        if LABEL_BYTES[usize::from(byte)] {
            length += 1;
        } else if byte == b'.' && matches!(length, 1..=LABEL_LIMIT) {
            length = 0;
        } else {
            return false;
        }
    }
    matches!(length, 1..=LABEL_LIMIT)
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
    text.parse::<Ipv6Addr>().is_ok_and(|ip| ip.to_ipv4_mapped().is_none() && Spelling::new(&ip).is(text))
}

/// The text of an address, on the stack.
struct Spelling {
    bytes: [u8; 48],
    len: usize,
}

impl Spelling {
    fn new(ip: &Ipv6Addr) -> Spelling {
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
