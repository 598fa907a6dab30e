//! What a site is: the [public suffix list](https://publicsuffix.org/), behind two plain functions.
//!
//! A crate of its own, because the list is a hundred thousand lines of generic code: whoever calls it compiles it, and
//! here that happens once.
#![forbid(unsafe_code)]

/// The registrable domain of a host name: its public suffix and one label more.
pub fn registrable_domain(name: &str) -> Option<&str> {
    psl::domain_str(name)
}

/// Whether a name is a public suffix that is on the list; private ones such as `github.io` count.
pub fn is_public_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known() && suffix == name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_and_domains() {
        assert!(is_public_suffix("com") && is_public_suffix("co.uk") && is_public_suffix("github.io"));
        assert!(!is_public_suffix("example.com") && !is_public_suffix("internal") && !is_public_suffix(""));
        assert_eq!(registrable_domain("a.b.example.co.uk"), Some("example.co.uk"));
        assert_eq!(registrable_domain("co.uk"), None);
    }
}
