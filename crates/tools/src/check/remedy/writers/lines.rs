//! For any server: the header lines themselves.

use http::HeaderName;

use super::Line;
use crate::check::remedy::patch::{Changes, Part};
use crate::server::Server;

pub(super) fn lines(part: &Part) -> Vec<Line> {
    let path = part.url.path();
    let mut out = Vec::new();
    if !part.preflight.is_empty() {
        out.push(Line::keep(format!("OPTIONS {path}")));
        out.extend(part.preflight.status.map(|status| Line::add(format!("HTTP/1.1 {status}"))));
        out.extend(changed(&part.preflight));
    }
    if !part.answer.is_empty() {
        let other = if part.preflight.is_empty() { "" } else { "other " };
        out.push(Line::keep(format!("every {other}answer of {path}, errors included")));
        out.extend(changed(&part.answer));
    }
    out
}

/// For a server that has a list of origins: wherever that is kept, there the origin is missing.
pub(super) fn list(part: &Part) -> Vec<Line> {
    match part.server {
        Server::Nginx => {
            let line = |origin: &String| Line::add(format!("    \"{origin}\" $http_origin;"));
            let mut out = vec![Line::keep("map $http_origin … {")];
            out.extend(part.origins.iter().map(line));
            out.push(Line::keep("}"));
            out
        }
        _ => part.origins.iter().map(Line::add).collect(),
    }
}

fn changed(changes: &Changes) -> Vec<Line> {
    let mut out = Vec::new();
    for setting in &changes.set {
        let name = spelled(&setting.name);
        out.extend(setting.old.iter().map(|old| Line::remove(format!("{name}: {old}"))));
        out.push(Line::add(format!("{name}: {}", setting.value)));
    }
    out
}

/// A header's name as people write it.
pub(super) fn spelled(name: &HeaderName) -> String {
    spelled_text(name.as_str())
}

/// The same for a name in lower case.
pub(super) fn spelled_text(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    });
    words.collect::<Vec<_>>().join("-")
}
