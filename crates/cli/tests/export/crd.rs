//! The fields of an `HTTPRoute` that an export uses, with the limits that the definition of the resource sets (Gateway API 1.5,
//! `gateway.networking.k8s.io/v1`, standard channel).

use std::collections::BTreeSet;

use serde_json::Value;

/// What a field may hold.
pub(crate) enum Field {
    Exactly(&'static str),
    OneOf(&'static [&'static str]),
    /// A text of so many bytes at most, and 1 at least.
    Text(usize, fn(&str) -> bool),
    Number(i64, i64),
    Truth,
    /// So many at most.
    List(usize, Box<Field>),
    /// So many at most, each once, and `*` only alone.
    Set(usize, Box<Field>),
    /// Key, whether it must be there, value.
    Map(Vec<(&'static str, bool, Field)>),
}

use Field::{Exactly, List, Map, Number, OneOf, Set, Text, Truth};

/// The resource.
pub(crate) fn http_route() -> Field {
    let cors = Map(vec![
        ("allowOrigins", false, Set(64, Box::new(Text(253, is_origin)))),
        ("allowCredentials", false, Truth),
        ("allowMethods", false, Set(9, Box::new(OneOf(&METHODS)))),
        ("allowHeaders", false, Set(64, Box::new(Text(256, is_token)))),
        ("exposeHeaders", false, Set(64, Box::new(Text(256, is_token)))),
        ("maxAge", false, Number(1, i32::MAX.into())),
    ]);
    let header = || Map(vec![("name", true, Text(256, is_token)), ("value", true, Text(4096, |_| true))]);
    let modifier = Map(vec![
        ("add", false, List(16, Box::new(header()))),
        ("set", false, List(16, Box::new(header()))),
        ("remove", false, Set(16, Box::new(Text(256, is_token)))),
    ]);
    let filter = Map(vec![
        ("type", true, OneOf(&["CORS", "ResponseHeaderModifier"])),
        ("cors", false, cors),
        ("responseHeaderModifier", false, modifier),
    ]);
    let matched = Map(vec![
        ("type", false, OneOf(&["Exact", "RegularExpression"])),
        ("name", true, Text(256, is_token)),
        ("value", true, Text(4096, |_| true)),
    ]);
    let matches = Map(vec![("headers", false, List(16, Box::new(matched)))]);
    let backend = Map(vec![("name", true, Text(253, is_name)), ("port", false, Number(1, 65535))]);
    let rule = Map(vec![
        ("matches", false, List(64, Box::new(matches))),
        ("filters", false, List(16, Box::new(filter))),
        ("backendRefs", false, List(16, Box::new(backend))),
    ]);
    let parent = Map(vec![("name", true, Text(253, is_name))]);
    let spec = Map(vec![
        ("parentRefs", false, List(32, Box::new(parent))),
        ("rules", false, List(16, Box::new(rule))),
    ]);
    Map(vec![
        ("apiVersion", true, Exactly("gateway.networking.k8s.io/v1")),
        ("kind", true, Exactly("HTTPRoute")),
        ("metadata", true, Map(vec![("name", true, Text(253, is_name))])),
        ("spec", true, spec),
    ])
}

const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"];

fn is_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

fn is_token(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// `*`, or a scheme, a host whose first label may be `*`, and perhaps a port.
fn is_origin(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return text == "*";
    };
    let (host, port) = rest.split_once(':').unwrap_or((rest, "1"));
    let host = host.strip_prefix("*.").unwrap_or(host);
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    host.split('.').all(label) && (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit())
}

impl Field {
    pub(crate) fn check(&self, value: &Value, place: &str) {
        let text = || value.as_str().unwrap_or_else(|| panic!("{place}: no text: {value}"));
        let list = || value.as_array().unwrap_or_else(|| panic!("{place}: no list: {value}"));
        match self {
            Exactly(word) => assert_eq!(text(), *word, "{place}"),
            OneOf(words) => assert!(words.contains(&text()), "{place}: {value}"),
            Text(most, fits) => {
                assert!((1..=*most).contains(&text().len()) && fits(text()), "{place}: {value}");
            }
            Number(from, to) => {
                assert!(value.as_i64().is_some_and(|it| (*from..=*to).contains(&it)), "{place}: {value}");
            }
            Truth => assert!(value.is_boolean(), "{place}: {value}"),
            List(most, item) | Set(most, item) => {
                assert!(list().len() <= *most, "{place}: {} of them", list().len());
                for (at, value) in list().iter().enumerate() {
                    item.check(value, &format!("{place}[{at}]"));
                }
                if let Set(..) = self {
                    let each: BTreeSet<String> = list().iter().map(ToString::to_string).collect();
                    assert_eq!(each.len(), list().len(), "{place}: {value}");
                    assert!(!each.contains("\"*\"") || each.len() == 1, "{place}: {value}");
                }
            }
            Map(fields) => {
                let map = value.as_object().unwrap_or_else(|| panic!("{place}: no map: {value}"));
                for (key, value) in map {
                    let field = fields.iter().find(|(known, ..)| known == key);
                    let (.., field) = field.unwrap_or_else(|| panic!("{place}: there is no {key}"));
                    field.check(value, &format!("{place}.{key}"));
                }
                for (key, must, _) in fields {
                    assert!(!must || map.contains_key(*key), "{place}: {key} is missing");
                }
            }
        }
    }
}
