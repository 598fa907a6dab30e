//! Whether a browser and our engine saw the same.

use crossing_conformance::{Difference, Observed, Outcome, Sent};

/// The headers of a request that are part of the protocol; besides these, all that begin with `x`.
const WATCHED: &[&str] = &[
    "access-control-request-headers",
    "access-control-request-method",
    "authorization",
    "content-type",
    "cookie",
    "origin",
    "range",
    "referer",
    "sec-fetch-mode",
    "sec-fetch-site",
];

/// All that differs, step by step.
pub(super) fn compare(ours: &[Observed], theirs: &[Observed]) -> Vec<Difference> {
    let mut out = Vec::new();
    let mut same = |about: String, expected: String, got: String| {
        if expected != got {
            out.push(Difference { about, expected, got });
        }
    };
    same("steps".to_owned(), ours.len().to_string(), theirs.len().to_string());
    for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let about = |what: &str| format!("step {}: {what}", at + 1);
        same(about("outcome"), end(ours), end(theirs));
        if ours.end.outcome == Outcome::Ok && theirs.end.outcome == Outcome::Ok {
            same(about("response"), response(ours), response(theirs));
        }
        same(about("wire"), wire(ours), wire(theirs));
    }
    out
}

fn end(seen: &Observed) -> String {
    match (&seen.end.outcome, &seen.end.reason) {
        // A script sees no reason.
        (Outcome::Fail, Some(reason)) if reason.contains(' ') => reason.clone(),
        (outcome, _) => format!("{outcome:?}"),
    }
}

fn response(seen: &Observed) -> String {
    let end = &seen.end;
    let mut text = format!(
        "{} {} {} redirected: {} body: {:?}\n",
        end.kind.as_deref().unwrap_or_default(),
        end.status.unwrap_or_default(),
        end.url.as_deref().unwrap_or_default(),
        end.redirected.unwrap_or_default(),
        end.body,
    );
    // The server adds a length to what has a body.
    for (name, value) in end.headers.iter().filter(|(name, _)| *name != "content-length") {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text
}

fn wire(seen: &Observed) -> String {
    seen.wire.iter().flatten().map(told).collect()
}

fn told(sent: &Sent) -> String {
    let mut text = format!("{} {}\n", sent.method, sent.url);
    let mut names: Vec<&str> = sent.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.retain(|name| WATCHED.contains(name) || name.starts_with('x'));
    names.sort_unstable();
    names.dedup();
    for name in names {
        text.push_str(&format!("  {name}: {}\n", sent.header(name).unwrap_or_default().trim_end()));
    }
    text
}
