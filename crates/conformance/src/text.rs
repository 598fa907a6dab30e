//! Text in scenarios: a string, or a long one described.

use std::fmt;

use serde::Deserialize;

/// A string; long ones are written `{ repeat = "a", times = 129 }`, with `before` and `after` if need be.
///
/// In header names and values each character from U+0000 to U+00FF is one byte, as in a script's `ByteString`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeated {
    repeat: String,
    times: usize,
    #[serde(default)]
    before: String,
    #[serde(default)]
    after: String,
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(text)
    }
}

impl From<Repeated> for Text {
    fn from(it: Repeated) -> Text {
        Text(format!("{}{}{}", it.before, it.repeat.repeat(it.times), it.after))
    }
}

impl Text {
    /// The bytes that the characters stand for in a header; `None` if one of them is no byte.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        self.0.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Implements `Deserialize` for a type that is written as a string or as a table.
macro_rules! string_or_table {
    ($type:ty, $table:ty) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl<'de> serde::de::Visitor<'de> for Visitor {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string or a table")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        Ok(<$type>::from(text.to_owned()))
                    }

                    fn visit_map<M: serde::de::MapAccess<'de>>(self, map: M) -> Result<$type, M::Error> {
                        let table = serde::de::value::MapAccessDeserializer::new(map);
                        <$table as serde::Deserialize>::deserialize(table).map(<$type>::from)
                    }
                }
                deserializer.deserialize_any(Visitor)
            }
        }
    };
}
pub(crate) use string_or_table;

string_or_table!(Text, Repeated);
