//! [Parse a single range header value](https://fetch.spec.whatwg.org/#simple-range-header-value).

use std::cmp::Ordering;

/// Whether the value is one range with a start, as `bytes=0-` or `bytes=0-99`; no white space is allowed.
pub(super) fn is_single_range_with_start(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"bytes=") else { return false };
    let Some(dash) = rest.iter().position(|&b| b == b'-') else { return false };
    let (start, end) = (&rest[..dash], &rest[dash + 1..]);
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    digits(start)
        && digits(end)
        && !start.is_empty()
        && (end.is_empty() || compare(start, end) != Ordering::Greater)
}

/// Compares two decimal numbers of any length.
fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let significant = |n: &[u8]| n.iter().position(|&d| d != b'0').unwrap_or(n.len());
    let (a, b) = (&a[significant(a)..], &b[significant(b)..]);
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::is_single_range_with_start as safe;

    #[test]
    fn ranges() {
        for yes in ["bytes=0-", "bytes=0-0", "bytes=05-6", "bytes=1-99999999999999999999999999"] {
            assert!(safe(yes.as_bytes()), "{yes}");
        }
        for no in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=-5",
            "bytes=2-1",
            "bytes= 0-1",
            "bytes =0-1",
            "bytes=0 -1",
            "Bytes=0-1",
            "bytes=+0-1",
            "bytes=0-1,2-3",
            "bytes=0-1x",
            "bytes=99999999999999999999999999-1",
        ] {
            assert!(!safe(no.as_bytes()), "{no}");
        }
    }
}
