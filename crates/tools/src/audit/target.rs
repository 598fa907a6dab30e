//! What is audited: a URL, and the origins that are meant to be allowed.

use crossing::{Origin, TupleOrigin};
use url::Url;

/// A URL to audit.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    /// Never empty.
    pub(crate) own: Vec<TupleOrigin>,
    pub(crate) owned: Owned,
}

/// How the own origins are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owned {
    /// They were stated: an answer must grant them.
    Stated,
    /// The target's own stands in: nobody promised that it is granted.
    Guessed,
}

impl Target {
    pub(crate) fn new(url: Url, stated: &[TupleOrigin]) -> Target {
        let mut url = url;
        url.set_fragment(None);
        match Origin::from_url(&url) {
            Origin::Tuple(origin) if stated.is_empty() => {
                Target { url, own: vec![origin], owned: Owned::Guessed }
            }
            _ => Target { url, own: stated.to_vec(), owned: Owned::Stated },
        }
    }

    /// The own origin that stands for all.
    pub(crate) fn page(&self) -> &str {
        self.own.first().map_or("null", TupleOrigin::as_str)
    }

    /// A path under the URL that is hardly there.
    pub(crate) fn missing(&self, word: &str) -> Url {
        let mut url = self.url.clone();
        url.set_query(None);
        let path = format!("{}/{word}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }

    /// A file at the server's root.
    pub(crate) fn root(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_path(path);
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_path_is_under_the_url() {
        let target = Target::new("https://a.test/items/?q=1#x".parse().unwrap(), &[]);
        assert_eq!(target.missing("w").as_str(), "https://a.test/items/w");
        assert_eq!((target.page(), target.owned), ("https://a.test", Owned::Guessed));
    }
}
