//! Comparing what is expected with what was seen.

use std::fmt;

use crate::observed::{Observed, Sent};
use crate::report::Difference;
use crate::schema::{Expect, WireLine};

/// All that differs.
pub(crate) fn compare(expect: &Expect, seen: &Observed) -> Vec<Difference> {
    let mut out = Vec::new();
    let end = &seen.end;
    let mut same = |about: &str, expected: Option<String>, got: Option<String>| {
        if let Some(expected) = expected
            && got.as_ref() != Some(&expected)
        {
            out.push(Difference::new(about, expected, got.unwrap_or_else(|| "nothing".to_owned())));
        }
    };
    let got = match &end.reason {
        Some(reason) if expect.outcome != Some(end.outcome) => Some(format!("{:?} ({reason})", end.outcome)),
        _ => Some(format!("{:?}", end.outcome)),
    };
    same("outcome", expect.outcome.map(debug), got);
    if end.reason.is_some() {
        same("reason", expect.reason.clone(), end.reason.clone());
    }
    if expect.outcome == Some(end.outcome) {
        for (about, expected, got) in [
            ("type", expect.r#type.clone(), end.kind.clone()),
            ("status", expect.status.map(debug), end.status.map(debug)),
            ("url", expect.url.clone(), end.url.clone()),
            ("redirected", expect.redirected.map(debug), end.redirected.map(debug)),
            ("body", expect.body.map(debug), end.body.map(debug)),
            ("timing", expect.timing.map(debug), end.timing.map(debug)),
        ] {
            if got.is_some() {
                same(about, expected, got);
            }
        }
        for (name, value) in &expect.headers {
            same(&format!("readable header {name}"), Some(value.clone()), end.headers.get(name).cloned());
        }
        let readable = end.headers.keys().cloned().collect::<Vec<_>>().join(", ");
        same("readable headers", expect.readable.as_ref().map(|names| names.join(", ")), Some(readable));
        for name in expect.hidden.iter().filter(|name| end.headers.contains_key(*name)) {
            same("hidden headers", Some(format!("no {name}")), Some(name.clone()));
        }
    }
    if let Some(cookies) = &seen.cookies {
        for (origin, value) in &expect.cookies {
            let got = cookies.get(origin).cloned().unwrap_or_default();
            same(&format!("cookies of {origin}"), Some(value.clone()), Some(got));
        }
    }
    if let (Some(expected), Some(wire)) = (&expect.wire, &seen.wire) {
        compare_wire(expected, wire, &mut out);
    }
    out
}

fn debug(value: impl fmt::Debug) -> String {
    format!("{value:?}")
}

fn compare_wire(expected: &[WireLine], seen: &[Sent], out: &mut Vec<Difference>) {
    let lines: Vec<&WireLine> =
        expected.iter().flat_map(|line| std::iter::repeat_n(line, line.times)).collect();
    let whole = lines.iter().any(|line| !is_relative(line)) || lines.len() != seen.len();
    let fits = lines.len() == seen.len() && lines.iter().zip(seen).all(|(line, sent)| line_fits(line, sent));
    if !fits {
        let expected: Vec<&str> = lines.iter().map(|line| line.line.as_str()).collect();
        let got: Vec<String> = seen
            .iter()
            .map(|sent| format!("{} {}", sent.method, if whole { &sent.url } else { target(&sent.url) }))
            .collect();
        out.push(Difference::new("wire", expected.join("\n"), got.join("\n")));
        return;
    }
    for (at, (line, sent)) in lines.iter().zip(seen).enumerate() {
        let about = |name: &str| format!("wire {} ({}): {name}", at + 1, line.line);
        for (name, value) in &line.headers {
            let got = sent.header(name);
            if got.as_deref() != Some(value.0.as_str()) {
                out.push(Difference::new(about(name), value, got.as_deref().unwrap_or("absent")));
            }
        }
        for name in &line.absent {
            if let Some(got) = sent.header(name) {
                out.push(Difference::new(about(name), "absent", got));
            }
        }
        if let (Some(expected), Some(got)) = (&line.body, &sent.body)
            && expected.0 != *got
        {
            out.push(Difference::new(about("body"), expected, got));
        }
    }
}

fn is_relative(line: &WireLine) -> bool {
    line.line.split_once(' ').is_some_and(|(_, target)| target.starts_with('/'))
}

fn line_fits(line: &WireLine, sent: &Sent) -> bool {
    let Some((method, to)) = line.line.split_once(' ') else { return false };
    method == sent.method && (to == sent.url || (to.starts_with('/') && to == target(&sent.url)))
}

/// Path and query of a URL, without its fragment.
fn target(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest);
    after.find('/').map_or("/", |at| &after[at..])
}
