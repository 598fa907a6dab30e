//! [Port blocking](https://fetch.spec.whatwg.org/#port-blocking).

use url::Url;

/// The [bad ports](https://fetch.spec.whatwg.org/#bad-port), sorted.
const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// [Block a bad port](https://fetch.spec.whatwg.org/#block-bad-port): whether the URL's port belongs to another protocol.
pub(super) fn is_bad(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.port().is_some_and(|port| BAD_PORTS.binary_search(&port).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_other_protocols_are_bad() {
        assert!(BAD_PORTS.is_sorted());
        for (url, bad) in [
            ("http://a.test:25/", true),
            ("http://a.test:6000/", true),
            ("http://a.test/", false),
            ("http://a.test:8080/", false),
        ] {
            assert_eq!(is_bad(&url.parse().unwrap()), bad, "{url}");
        }
    }
}
