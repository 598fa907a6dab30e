//! A `fetch(…)` call whose arguments are written out, as "copy as fetch" has it.

use std::collections::BTreeMap;

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

/// Reads a call.
pub(crate) fn read(text: &str) -> Result<Pasted, Misread> {
    let wrong = |problem: String| Misread { what: "fetch call", problem };
    let arguments =
        text.split_once('(').map_or("", |(_, rest)| rest).trim_end().trim_end_matches(';').trim_end();
    let arguments = arguments.strip_suffix(')').ok_or_else(|| wrong("its ) is missing".to_owned()))?;
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
        credentials: init
            .credentials
            .map(checked("credentials", &["omit", "same-origin", "include"]))
            .transpose()?,
        mode: init.mode.map(checked("mode", &["cors", "no-cors", "same-origin"])).transpose()?,
        redirect: init.redirect.map(checked("redirect", &["follow", "error", "manual"])).transpose()?,
        referrer_policy: init.referrer_policy.filter(|policy| !policy.is_empty()),
        page: init.referrer.filter(|referrer| referrer.contains("://")),
        ..Pasted::default()
    })
}

/// A member that is one of some words.
fn checked(
    member: &'static str,
    words: &'static [&'static str],
) -> impl Fn(String) -> Result<String, Misread> {
    move |word| match words.contains(&word.as_str()) {
        true => Ok(word),
        false => Err(Misread {
            what: "fetch call",
            problem: format!("{member} is '{}', and is one of {}", excerpt(&word), words.join(", ")),
        }),
    }
}
