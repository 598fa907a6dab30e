//! Writing YAML: as much of it as a configuration needs, with comments.

use std::fmt::Write as _;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Map(Vec<Entry>),
    List(Vec<Node>),
    Text(String),
    Number(i64),
    Yes,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    comment: Option<String>,
    key: String,
    value: Node,
}

impl Node {
    pub(super) fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    pub(super) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Node {
        Node::List(texts.into_iter().map(Node::text).collect())
    }

    /// The value as a document.
    pub(super) fn document(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0, true);
        out
    }

    /// Writes the value; `here` says that the cursor stands where its first line begins.
    fn write(&self, out: &mut String, indent: usize, here: bool) {
        match self {
            Node::Map(entries) if !entries.is_empty() => {
                let mut here = here;
                for entry in entries {
                    let pad = " ".repeat(indent);
                    if let Some(comment) = &entry.comment {
                        let _ = writeln!(out, "{}# {comment}", if here { "" } else { &pad });
                        here = false;
                    }
                    let _ = write!(out, "{}{}:", if here { "" } else { &pad }, scalar(&entry.key));
                    here = false;
                    match &entry.value {
                        Node::Map(inner) if !inner.is_empty() => {
                            out.push('\n');
                            entry.value.write(out, indent + 2, false);
                        }
                        Node::List(inner) if !inner.is_empty() => {
                            out.push('\n');
                            entry.value.write(out, indent, false);
                        }
                        value => {
                            out.push(' ');
                            value.write(out, 0, true);
                        }
                    }
                }
            }
            Node::List(items) if !items.is_empty() => {
                let mut pad = if here { String::new() } else { " ".repeat(indent) };
                for item in items {
                    let _ = write!(out, "{pad}- ");
                    item.write(out, indent + 2, true);
                    pad = " ".repeat(indent);
                }
            }
            Node::Map(_) => out.push_str("{}\n"),
            Node::List(_) => out.push_str("[]\n"),
            Node::Text(text) => {
                let _ = writeln!(out, "{}", scalar(text));
            }
            Node::Number(number) => {
                let _ = writeln!(out, "{number}");
            }
            Node::Yes => out.push_str("true\n"),
        }
    }
}

/// A map, with its entries in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Map(Vec<Entry>);

impl Map {
    pub(super) fn with(mut self, key: &str, value: Node) -> Map {
        self.0.push(Entry { comment: None, key: key.to_owned(), value });
        self
    }

    pub(super) fn with_text(self, key: &str, value: &str) -> Map {
        self.with(key, Node::text(value))
    }

    pub(super) fn with_some(self, key: &str, value: Option<Node>) -> Map {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// These entries, then those.
    pub(super) fn and(mut self, more: Map) -> Map {
        self.0.extend(more.0);
        self
    }

    /// Puts a comment in front of the last entry.
    pub(super) fn said(mut self, comment: &str) -> Map {
        if let Some(last) = self.0.last_mut() {
            last.comment = Some(comment.to_owned());
        }
        self
    }

    pub(super) fn node(self) -> Node {
        Node::Map(self.0)
    }
}

/// A text that every reader of YAML takes for this text: as it stands where nobody takes it for something else, otherwise
/// in double quotes, which hold what a JSON string holds.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// What some reader takes for a truth or for nothing.
const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

#[cfg(test)]
mod tests {
    use super::{Map, Node, scalar};

    #[test]
    fn texts_that_could_be_something_else_are_quoted() {
        for (text, written) in [
            ("envoy.filters.http.cors", "envoy.filters.http.cors"),
            ("PUT", "PUT"),
            ("*", "\"*\""),
            ("Yes", "\"Yes\""),
            ("600", "\"600\""),
            ("", "\"\""),
            ("https://a.test", "\"https://a.test\""),
            ("^a\\.b$", "\"^a\\\\.b$\""),
            ("x-a, x-b", "\"x-a, x-b\""),
            ("@type", "\"@type\""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }

    #[test]
    fn lists_stand_in_maps_and_maps_in_lists() {
        let item = Map::default().with_text("name", "a").said("One.").with("ports", Node::List(Vec::new()));
        let map = Map::default()
            .with("items", Node::List(vec![item.node(), Node::texts(["b", "*"])]))
            .with("deep", Map::default().with("number", Node::Number(5)).with("truth", Node::Yes).node());
        assert_eq!(
            map.node().document(),
            "items:\n- # One.\n  name: a\n  ports: []\n- - b\n  - \"*\"\ndeep:\n  number: 5\n  truth: true\n"
        );
    }
}
