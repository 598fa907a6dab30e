//! For servers that are told header lines: nginx, Apache, Caddy.

use super::Line;
use super::lines::{spelled, spelled_text};
use crate::check::remedy::patch::{Changes, Part};

const ACAO: &str = "access-control-allow-origin";

/// Each known origin gets itself back.
fn is_dynamic(part: &Part) -> bool {
    part.origins.len() > 1
}

/// A value, or what stands for the origin that asked.
fn value<'a>(part: &Part, name: &str, value: &'a str, dynamic: &'a str) -> &'a str {
    if name == ACAO && is_dynamic(part) { dynamic } else { value }
}

pub(super) fn nginx(part: &Part) -> Vec<Line> {
    let mut out = Vec::new();
    if is_dynamic(part) {
        out.push(Line::keep("# in http { … }"));
        out.push(Line::add("map $http_origin $cors_origin {"));
        out.push(Line::add("    default \"\";"));
        out.extend(part.origins.iter().map(|origin| Line::add(format!("    \"{origin}\" $http_origin;"))));
        out.push(Line::add("}"));
    }
    let header = |name: &str, text: &str| {
        let text = value(part, name, text, "$cors_origin");
        format!("add_header {} \"{text}\" always;", spelled_text(name))
    };
    out.push(Line::keep(format!("location {} {{", part.url.path())));
    // Where a preflight is not answered as one yet, it gets a place of its own.
    let unanswered = part.preflight.status.is_some() || part.preflight.kept.is_empty();
    if !part.preflight.is_empty() && unanswered {
        out.push(Line::add("    if ($request_method = OPTIONS) {"));
        let whole = part.preflight.whole();
        out.extend(whole.iter().map(|(name, value)| Line::add(format!("        {}", header(name, value)))));
        out.push(Line::add("        return 204;"));
        out.push(Line::add("    }"));
    } else if !part.preflight.is_empty() {
        out.push(Line::keep("    # where OPTIONS is answered"));
        out.extend(nginx_changes(&part.preflight, header));
        if !part.answer.is_empty() {
            out.push(Line::keep("    # where all else is"));
        }
    }
    out.extend(nginx_changes(&part.answer, header));
    if !part.answer.is_empty() {
        out.push(Line::keep("    # nginx inherits no add_header into a block that has one: what was added"));
        out.push(Line::keep("    # above it must stand here, too"));
        let there = part.answer.unchanged();
        out.extend(there.iter().map(|(name, value)| Line::keep(format!("    {}", header(name, value)))));
    }
    out.push(Line::keep("}"));
    out
}

fn nginx_changes(changes: &Changes, header: impl Fn(&str, &str) -> String) -> Vec<Line> {
    let mut out = Vec::new();
    for setting in &changes.set {
        let name = spelled(&setting.name);
        for old in &setting.old {
            out.push(Line::remove(format!("    add_header {name} \"{old}\";")));
        }
        if setting.old.len() > 1 {
            out.push(Line::keep("    # what the application behind adds goes with"));
            out.push(Line::keep(format!("    # proxy_hide_header {name};")));
        }
        out.push(Line::add(format!("    {}", header(setting.name.as_str(), &setting.value))));
    }
    out
}

pub(super) fn apache(part: &Part) -> Vec<Line> {
    let mut out = vec![Line::keep(format!("<Location \"{}\">", part.url.path()))];
    if is_dynamic(part) {
        let any: Vec<String> = part.origins.iter().map(|origin| origin.replace('.', "\\.")).collect();
        out.push(Line::add(format!("    SetEnvIf Origin \"^({})$\" CORS_ORIGIN=$1", any.join("|"))));
    }
    let header = |name: &str, text: &str, condition: &str| {
        let dynamic = name == ACAO && is_dynamic(part);
        let text = value(part, name, text, "%{CORS_ORIGIN}e");
        let condition = if dynamic { " env=CORS_ORIGIN" } else { condition };
        Line::add(format!("    Header always set {} \"{text}\"{condition}", spelled_text(name)))
    };
    // Said to everybody, a line need not be said to preflights again.
    let answer: Vec<(&str, &str)> = set(&part.answer);
    out.extend(answer.iter().map(|(name, value)| header(name, value, "")));
    let preflight: Vec<(&str, &str)> =
        if part.preflight.status.is_some() { part.preflight.whole() } else { set(&part.preflight) };
    let only = " \"expr=%{REQUEST_METHOD} == 'OPTIONS'\"";
    let preflight = preflight.iter().filter(|line| !answer.contains(line));
    out.extend(preflight.map(|(name, value)| header(name, value, only)));
    if part.preflight.status.is_some() {
        out.push(Line::add("    RewriteEngine On"));
        out.push(Line::add("    RewriteCond %{REQUEST_METHOD} =OPTIONS"));
        out.push(Line::add("    RewriteRule .* - [R=204,L]"));
    }
    out.push(Line::keep("</Location>"));
    out
}

fn set(changes: &Changes) -> Vec<(&str, &str)> {
    changes.set.iter().map(|setting| (setting.name.as_str(), setting.value.as_str())).collect()
}

pub(super) fn caddy(part: &Part) -> Vec<Line> {
    let path = part.url.path();
    let mut out = Vec::new();
    let origin = "{http.request.header.Origin}";
    let matcher = if is_dynamic(part) {
        out.push(Line::add("@granted {"));
        out.push(Line::add(format!("    path {path}")));
        out.extend(part.origins.iter().map(|origin| Line::add(format!("    header Origin {origin}"))));
        out.push(Line::add("}"));
        "@granted"
    } else {
        path
    };
    if !part.preflight.is_empty() {
        out.push(Line::add("@preflight {"));
        out.push(Line::add("    method OPTIONS"));
        out.push(Line::add(format!("    path {path}")));
        out.push(Line::add("}"));
        out.push(Line::add("handle @preflight {"));
        for (name, text) in part.preflight.whole() {
            let (name, text) = (spelled_text(name), value(part, name, text, origin));
            out.push(Line::add(format!("    header {name} \"{text}\"")));
        }
        out.push(Line::add("    respond 204"));
        out.push(Line::add("}"));
    }
    if !part.answer.is_empty() {
        out.push(Line::add(format!("header {matcher} {{")));
        for (name, text) in set(&part.answer) {
            let (name, text) = (spelled_text(name), value(part, name, text, origin));
            out.push(Line::add(format!("    {name} \"{text}\"")));
        }
        out.push(Line::add("    defer"));
        out.push(Line::add("}"));
    }
    out
}
