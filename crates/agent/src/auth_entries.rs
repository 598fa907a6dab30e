//! [Authentication entries](https://fetch.spec.whatwg.org/#authentication-entries).

use std::collections::BTreeMap;

use crossing::{Origin, Value};
use url::Url;

/// `Authorization` values that servers have accepted, or that were given from the start.
#[derive(Default)]
pub(crate) struct AuthEntries(BTreeMap<String, Vec<Entry>>);

/// An [authentication entry](https://fetch.spec.whatwg.org/#authentication-entry): a value for everything under a path: what a server has accepted for one resource holds for its neighbours
/// ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617.html#section-2.2)).
struct Entry {
    directory: String,
    value: Value,
}

impl AuthEntries {
    pub(crate) fn find(&self, url: &Url) -> Option<Value> {
        if self.0.is_empty() {
            return None;
        }
        let entries = self.0.get(Origin::from_url(url).as_str())?;
        let holds = |entry: &&Entry| url.path().starts_with(&entry.directory);
        entries
            .iter()
            .filter(holds)
            .max_by_key(|entry| entry.directory.len())
            .map(|entry| entry.value.clone())
    }

    /// Keeps the value for the URL's directory and all below it.
    pub(crate) fn store(&mut self, url: &Url, value: Value) {
        let path = url.path();
        let end = path.rfind('/').map_or(0, |slash| slash + 1);
        let directory = path.get(..end).unwrap_or("/").to_owned();
        let entries = self.0.entry(Origin::from_url(url).as_str().to_owned()).or_default();
        entries.retain(|entry| entry.directory != directory);
        entries.push(Entry { directory, value });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_holds_for_the_directory_of_its_origin() {
        let mut entries = AuthEntries::default();
        let url = |url: &str| url.parse::<Url>().unwrap();
        entries.store(&url("https://a.test/d/x"), Value::from_static("Basic one"));
        entries.store(&url("https://a.test/d/e/x"), Value::from_static("Basic two"));
        let found = |text: &str| entries.find(&url(text)).map(|value| value.to_text());
        assert_eq!(found("https://a.test/d/y").as_deref(), Some("Basic one"));
        assert_eq!(found("https://a.test/d/e/f/y").as_deref(), Some("Basic two"));
        for without in ["https://a.test/", "https://a.test/dd", "http://a.test/d/x", "https://a.test:444/d/x"]
        {
            assert_eq!(found(without), None, "{without}");
        }
    }
}
