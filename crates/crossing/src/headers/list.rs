//! A [header list](https://fetch.spec.whatwg.org/#concept-header-list).

use super::Value;
use http::HeaderName;

/// A [header list](https://fetch.spec.whatwg.org/#concept-header-list): names and values, line by line, in order, with
/// duplicates. `http::HeaderMap` loses the order across names, and some of CORS is counted by the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderList {
    lines: Vec<(HeaderName, Value)>,
}

impl HeaderList {
    /// No lines.
    pub const fn new() -> HeaderList {
        HeaderList { lines: Vec::new() }
    }

    /// No lines yet, and room for some.
    pub fn with_capacity(lines: usize) -> HeaderList {
        HeaderList { lines: Vec::with_capacity(lines) }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Every line, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&HeaderName, &Value)> + Clone {
        self.lines.iter().map(|(name, value)| (name, value))
    }

    /// The values of one name, line by line.
    pub fn lines<'a>(&'a self, name: &'a HeaderName) -> impl Iterator<Item = &'a Value> + Clone {
        self.lines.iter().filter(move |(n, _)| n == name).map(|(_, value)| value)
    }

    /// [Contains](https://fetch.spec.whatwg.org/#header-list-contains).
    pub fn contains(&self, name: &HeaderName) -> bool {
        self.lines.iter().any(|(n, _)| n == name)
    }

    /// [Get](https://fetch.spec.whatwg.org/#concept-header-list-get): the values of all lines of that name, joined with
    /// a comma and a space.
    pub fn get(&self, name: &HeaderName) -> Option<Value> {
        let mut lines = self.lines(name);
        let first = lines.next()?;
        let Some(second) = lines.next() else { return Some(first.clone()) };
        let mut joined = first.as_bytes().to_vec();
        for value in std::iter::once(second).chain(lines) {
            joined.extend_from_slice(b", ");
            joined.extend_from_slice(value.as_bytes());
        }
        // An empty last value leaves a space at the end, and it stays: « true, » is not « true ».
        Some(Value::joined(joined))
    }

    /// [Append](https://fetch.spec.whatwg.org/#concept-header-list-append).
    pub fn append(&mut self, name: HeaderName, value: Value) {
        self.lines.push((name, value));
    }

    /// [Set](https://fetch.spec.whatwg.org/#concept-header-list-set): in the place of the first line of that name.
    pub fn set(&mut self, name: HeaderName, value: Value) {
        match self.lines.iter().position(|(n, _)| *n == name) {
            None => self.lines.push((name, value)),
            Some(first) => {
                let mut at = 0;
                self.lines.retain(|(n, _)| {
                    at += 1;
                    *n != name || at - 1 == first
                });
                self.lines[first].1 = value;
            }
        }
    }

    /// [Combine](https://fetch.spec.whatwg.org/#concept-header-list-combine): joined to the first line of that name.
    pub fn combine(&mut self, name: HeaderName, value: Value) {
        match self.lines.iter_mut().find(|(n, _)| *n == name) {
            None => self.lines.push((name, value)),
            Some((_, there)) => {
                *there = Value::joined([there.as_bytes(), b", ", value.as_bytes()].concat());
            }
        }
    }

    /// [Delete](https://fetch.spec.whatwg.org/#concept-header-list-delete).
    pub fn delete(&mut self, name: &HeaderName) {
        self.lines.retain(|(n, _)| n != name);
    }

    /// Keeps the lines that `keep` approves of.
    pub fn retain(&mut self, mut keep: impl FnMut(&HeaderName, &Value) -> bool) {
        self.lines.retain(|(name, value)| keep(name, value));
    }

    /// [Sort and combine](https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine): each name once, in byte
    /// order; only `set-cookie` keeps its lines.
    pub fn sort_and_combine(&self) -> HeaderList {
        let mut names: Vec<&HeaderName> = self.lines.iter().map(|(name, _)| name).collect();
        names.sort_unstable_by_key(|name| name.as_str());
        names.dedup();
        let mut sorted = HeaderList::with_capacity(names.len());
        for name in names {
            if name == http::header::SET_COOKIE {
                sorted.lines.extend(self.lines(name).map(|value| (name.clone(), value.clone())));
            } else if let Some(value) = self.get(name) {
                sorted.append(name.clone(), value);
            }
        }
        sorted
    }
}

impl IntoIterator for HeaderList {
    type Item = (HeaderName, Value);
    type IntoIter = std::vec::IntoIter<(HeaderName, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.lines.into_iter()
    }
}

impl FromIterator<(HeaderName, Value)> for HeaderList {
    fn from_iter<I: IntoIterator<Item = (HeaderName, Value)>>(lines: I) -> HeaderList {
        HeaderList { lines: lines.into_iter().collect() }
    }
}

impl Extend<(HeaderName, Value)> for HeaderList {
    fn extend<I: IntoIterator<Item = (HeaderName, Value)>>(&mut self, lines: I) {
        self.lines.extend(lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{ACCEPT, SET_COOKIE, VARY};

    fn value(text: &str) -> Value {
        Value::new(text).unwrap()
    }

    #[test]
    fn get_joins_the_lines_with_comma_and_space() {
        let mut list = HeaderList::new();
        list.append(VARY, value("a"));
        list.append(ACCEPT, value("x"));
        list.append(VARY, value("b"));
        assert_eq!(list.get(&VARY).unwrap(), *"a, b");
        assert_eq!(list.get(&ACCEPT).unwrap(), *"x");
        assert_eq!(list.get(&SET_COOKIE), None);
    }

    #[test]
    fn set_keeps_the_place_of_the_first() {
        let mut list: HeaderList =
            [(VARY, value("a")), (ACCEPT, value("x")), (VARY, value("b"))].into_iter().collect();
        list.set(VARY, value("c"));
        assert_eq!(list, [(VARY, value("c")), (ACCEPT, value("x"))].into_iter().collect());
    }

    #[test]
    fn sort_and_combine_leaves_set_cookie_apart() {
        let list: HeaderList = [
            (VARY, value("b")),
            (SET_COOKIE, value("1")),
            (ACCEPT, value("x")),
            (SET_COOKIE, value("2")),
            (VARY, value("a")),
        ]
        .into_iter()
        .collect();
        let sorted: HeaderList =
            [(ACCEPT, value("x")), (SET_COOKIE, value("1")), (SET_COOKIE, value("2")), (VARY, value("b, a"))]
                .into_iter()
                .collect();
        assert_eq!(list.sort_and_combine(), sorted);
    }
}
