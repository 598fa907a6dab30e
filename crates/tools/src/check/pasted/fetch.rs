//! A `fetch(…)` call whose arguments are written out, as "copy as fetch" has it.

use std::collections::BTreeMap;
use std::str::FromStr;

use crossing::browser::UnknownKeyword;
use serde::Deserialize;

use super::{Misread, Pasted, excerpt};

/// Of the second argument, what changes what goes over the wire. Other members are the script's own business.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Init {
    method: Option<String>,
    headers: Option<Headers>,
    body: Option<String>,
    mode: Option<String>,
    credentials: Option<String>,
    redirect: Option<String>,
    referrer: Option<String>,
    referrer_policy: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Headers {
    Record(BTreeMap<String, String>),
    Pairs(Vec<(String, String)>),
}

/// What stands before a call, as scripts have it.
const BEFORE: [&str; 6] = ["return ", "await ", "void ", "window.", "globalThis.", "self."];

/// Whether a text is a call, perhaps one whose result is awaited or kept.
pub(super) fn is_call(text: &str) -> bool {
    let mut text = text.trim_start();
    if let Some(kept) = ["const ", "let ", "var "].iter().find_map(|word| text.strip_prefix(word)) {
        text = kept.split_once('=').map_or("", |(_, value)| value).trim_start();
    }
    while let Some(rest) = BEFORE.iter().find_map(|word| text.strip_prefix(word)) {
        text = rest.trim_start();
    }
    text.starts_with("fetch(")
}

/// Reads a call. What the script does with its promise is not part of the request.
///
/// # Errors
/// If the arguments are not literals; the message names the place.
pub fn read(text: &str) -> Result<Pasted, Misread> {
    let wrong = |problem: String| Misread { what: "fetch call", problem };
    let call = text.find("fetch(").map_or("", |at| &text[at + "fetch(".len()..]);
    let end = closing(call).ok_or_else(|| wrong("its ) is missing".to_owned()))?;
    let arguments = &stringified(&call[..end]);
    // An array of both arguments, in the literals that JavaScript and JSON5 share; a template without a hole is a string.
    let array = format!("[{}]", arguments.replace('`', "\""));
    let (url, init) = match json5::from_str::<(String,)>(&array) {
        Ok((url,)) => (url, Init::default()),
        Err(_) => json5::from_str::<(String, Init)>(&array).map_err(|error| {
            wrong(format!(
                "'{}' are no literals ({error}); write values out, without variables, functions or new",
                excerpt(arguments)
            ))
        })?,
    };
    Ok(Pasted {
        url,
        method: init.method,
        headers: match init.headers {
            None => Vec::new(),
            Some(Headers::Record(record)) => record.into_iter().collect(),
            Some(Headers::Pairs(pairs)) => pairs,
        },
        body: init.body,
        credentials: checked("credentials", init.credentials)?,
        mode: checked("mode", init.mode)?,
        redirect: checked("redirect", init.redirect)?,
        referrer_policy: init.referrer_policy.and_then(|policy| policy.parse().ok()),
        page: init.referrer.filter(|referrer| referrer.contains("://")),
        ..Pasted::default()
    })
}

/// Where the parenthesis closes that was open before a text; strings and comments do not count.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => {
                at += 1;
                while bytes.get(at).is_some_and(|inside| inside != byte) {
                    at += if bytes.get(at) == Some(&b'\\') { 2 } else { 1 };
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += bytes[at..].iter().position(|byte| *byte == b'\n')?;
            }
            b'(' => depth += 1,
            b')' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Some(at),
            },
            _ => {}
        }
        at += 1;
    }
    None
}

/// The text with each `JSON.stringify(…)` of a literal as the string that it makes.
fn stringified(text: &str) -> String {
    const CALL: &str = "JSON.stringify(";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(CALL) {
        let inside = &rest[at + CALL.len()..];
        let made = closing(inside).and_then(|end| {
            let value: serde_json::Value = json5::from_str(&inside[..end]).ok()?;
            Some((end, serde_json::to_string(&value.to_string()).ok()?))
        });
        let Some((end, string)) = made else { break };
        out.push_str(&rest[..at]);
        out.push_str(&string);
        rest = &inside[end + 1..];
    }
    out + rest
}

/// A member that is a keyword.
fn checked<T: FromStr<Err = UnknownKeyword>>(
    member: &'static str,
    word: Option<String>,
) -> Result<Option<T>, Misread> {
    let parsed = word.as_deref().map(str::parse).transpose();
    parsed.map_err(|unknown: UnknownKeyword| Misread {
        what: "fetch call",
        problem: format!(
            "{member} is '{}', and is one of {}",
            excerpt(unknown.text()),
            unknown.known().join(", ")
        ),
    })
}
