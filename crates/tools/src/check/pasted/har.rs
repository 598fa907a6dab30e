//! An entry of a HAR file.

use crossing::browser::{CredentialsMode, Mode};
use serde::Deserialize;

use super::{Misread, Pasted};
use crate::check::options::CheckOptions;
use crate::har::{Entry, Har, Request};

/// What may be pasted: an entry, its request alone, or a file with one entry.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    File(Har),
    Entry(Box<Entry>),
    Request(Box<Request>),
}

/// Reads an entry, or a file with one.
pub(super) fn read(text: &str) -> Result<Pasted, Misread> {
    let wrong = |problem: String| Misread { what: "HAR entry", problem };
    // The first look says where JSON is broken, which the second cannot.
    let json: serde_json::Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    match serde_json::from_value(json) {
        Ok(Text::Entry(entry)) => Ok(pasted(&entry.request)),
        Ok(Text::Request(request)) => Ok(pasted(&request)),
        Ok(Text::File(file)) => match file.log.entries.as_slice() {
            [entry] => Ok(pasted(&entry.request)),
            entries => {
                Err(wrong(format!("it has {} entries; save it, and name it with --from-har", entries.len())))
            }
        },
        Err(_) => Err(wrong("it has no request with a method and a url".to_owned())),
    }
}

/// The flags of a recorded request; which cookies it had does not matter any more, only that it had some.
pub(in crate::check) fn unfold(entry: &Entry, flags: &CheckOptions) -> (CheckOptions, Vec<String>) {
    let mut pasted = pasted(&entry.request);
    let secret = |name: &str| name.eq_ignore_ascii_case("cookie");
    let had = entry.request.headers.iter().any(|pair| secret(&pair.name));
    pasted.headers.retain(|(name, _)| !secret(name));
    pasted.credentials = entry
        .credentials
        .as_deref()
        .and_then(|mode| mode.parse().ok())
        .or(had.then_some(CredentialsMode::Include));
    pasted.mode =
        entry.request.get("sec-fetch-mode").filter(|mode| *mode == "same-origin").map(|_| Mode::SameOrigin);
    let mut flags = flags.clone();
    flags.url.clear();
    let (mut args, dropped) = pasted.under(&flags);
    // What the browser put in by itself, so that a preflight is not asked for what no page wanted.
    args.cookies.clear();
    (args, dropped)
}

fn pasted(request: &Request) -> Pasted {
    let headers = request.headers.iter().filter(|pair| !pair.name.starts_with(':'));
    Pasted {
        url: request.url.clone(),
        method: Some(request.method.clone()),
        headers: headers.map(|pair| (pair.name.clone(), pair.value.clone())).collect(),
        body: request.post_data.as_ref().map(|data| data.text.clone()),
        ..Pasted::default()
    }
}
