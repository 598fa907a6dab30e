//! The steps of a fetch as entries of the diagram, in words.

use crossing::Exchange;
use crossing::browser::{CacheLookUp, CredentialsMode, Event, Hidden, Mode};
use crossing::headers::request::Unsafe;
use url::Url;

use super::drawing::{Emphasis, Entry, Tone};
use crate::story::{Decision, HeaderLine, LookUp, PreflightCause, Relevance, Rule, Step};
use crate::text::visible;

/// What a script gets when a fetch fails. It gets no details.
const TYPE_ERROR: &str = "TypeError";

/// The entries of one fetch; `first` is the URL that the check began with.
pub(crate) fn entries(steps: &[Step], first: &Url) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = steps.iter().peekable();
    while let Some(step) = rest.next() {
        match step {
            Step::Deliver { response, .. } => {
                // An error after a response: its body broke off.
                let broke_off = rest.next_if(|next| matches!(next, Step::Error { .. })).is_some();
                let tone = if broke_off { Tone::Bad } else { Tone::Good };
                entries.push(Entry::Result(tone, format!("{} ({})", response.status, response.kind)));
            }
            _ => add(step, first, &mut entries),
        }
    }
    entries
}

fn add(step: &Step, first: &Url, entries: &mut Vec<Entry>) {
    match step {
        Step::Request { method, url, mode, credentials, headers } => {
            entries.push(Entry::Request(format!("{method} {}", target(url, first))));
            if *mode != Mode::Cors {
                entries.push(Entry::Detail(format!("mode: {}", mode.as_str())));
            }
            if *credentials != CredentialsMode::SameOrigin {
                entries.push(Entry::Detail(format!("credentials: {}", credentials.as_str())));
            }
            entries.extend(headers.iter().map(|header| Entry::Detail(line(header))));
            entries.push(Entry::Gap);
        }
        Step::Decide { rule, decision } => {
            entries.extend(note(*rule, decision).map(|(tone, text)| Entry::Note(tone, text)));
        }
        Step::Send { method, url, headers, .. } => {
            entries.push(Entry::Send(format!("{method} {}", target(url, first))));
            add_headers(headers, entries);
        }
        Step::Respond { status, phrase, headers, .. } => {
            entries.push(Entry::Respond(status_line(*status, phrase)));
            add_headers(headers, entries);
        }
        Step::Block { reason, .. } => entries.push(Entry::Note(Tone::Bad, reason.code().to_owned())),
        Step::Error { .. } => entries.push(Entry::Result(Tone::Bad, TYPE_ERROR.to_owned())),
        Step::Deliver { .. } => {}
    }
}

fn add_headers(headers: &[HeaderLine], entries: &mut Vec<Entry>) {
    entries.extend(headers.iter().filter_map(|header| {
        let emphasis = match header.relevance {
            Relevance::Cors => Emphasis::Cors,
            Relevance::Notable => Emphasis::None,
            Relevance::Routine => return None,
        };
        Some(Entry::Header(emphasis, line(header)))
    }));
    entries.push(Entry::Gap);
}

fn note(rule: Rule, decision: &Decision) -> Option<(Tone, String)> {
    let text = match decision {
        Decision::HeaderDropped { header } => format!("{header} is not for a script to set here: left out"),
        Decision::Upgraded { url } => format!("the host is known to want https: {url}"),
        Decision::Hop { origin } => distance(rule, origin),
        Decision::Classified { needs } => preflight_causes(needs)?,
        Decision::PreflightCache { look_ups } if rule == Rule::CacheHit && !look_ups.is_empty() => {
            return Some((Tone::Good, "the preflight cache remembers that: no preflight".to_owned()));
        }
        Decision::PreflightCache { look_ups } => miss(look_ups)?,
        Decision::Granted { seconds } => {
            return Some((Tone::Good, format!("granted, and remembered for {seconds} s")));
        }
        Decision::CookiesStored { count } => format!("{} for the cookie jar", counted(*count, "line")),
        Decision::CheckPassed { exchange: Exchange::Request } => {
            return Some((Tone::Good, "the CORS check passes".to_owned()));
        }
        Decision::Redirected { to, method, dropped, .. } => {
            let mut text = format!("follows to {to}");
            if let Some(method) = method {
                text.push_str(&format!(", now with {method}"));
            }
            for name in dropped {
                text.push_str(&format!(", without {name}"));
            }
            text
        }
        Decision::FromCache { status, phrase } => {
            format!("a stored response is used: {}", status_line(*status, phrase))
        }
        Decision::CacheCleared { count } => {
            format!("{} of the preflight cache dropped", counted(*count, "line"))
        }
        Decision::Credentials | Decision::CheckPassed { .. } => return None,
    };
    Some((Tone::Plain, text))
}

fn distance(rule: Rule, origin: &str) -> String {
    match rule {
        Rule::HopBasic => "the page's own origin: no CORS here".to_owned(),
        Rule::HopOpaque => "another origin, and mode no-cors: nothing will be readable".to_owned(),
        Rule::HopTainted if origin == "null" => {
            "another origin redirected here: Origin is null from now on".to_owned()
        }
        _ => "another origin: the server must share the response".to_owned(),
    }
}

fn preflight_causes(causes: &[PreflightCause]) -> Option<String> {
    let texts: Vec<String> = causes
        .iter()
        .map(|cause| match cause {
            PreflightCause::Method(method) => method.to_string(),
            PreflightCause::Header(name, why) => match why {
                Unsafe::TooLong { length } => format!("{name} (a value of {length} bytes, 128 are safe)"),
                Unsafe::Byte { byte, at } => format!("{name} (the byte {:?} at {at})", char::from(*byte)),
                Unsafe::MimeType => format!("{name} (not one of the three types that a form sends)"),
                Unsafe::Range => format!("{name} (not one range with a start)"),
                Unsafe::Total { length } => {
                    format!("{name} (safe values of {length} bytes together, 1024 are safe)")
                }
                _ => name.to_string(),
            },
            PreflightCause::Forced => "an upload listener or a stream".to_owned(),
        })
        .collect();
    (!texts.is_empty()).then(|| format!("the server must agree first to: {}", texts.join(", ")))
}

/// Why the preflight cache does not allow the request, if it has an entry for it.
fn miss(look_ups: &[LookUp]) -> Option<String> {
    look_ups.iter().find_map(|look_up| {
        let why = match look_up.found {
            CacheLookUp::Hit | CacheLookUp::MissUnknown => return None,
            CacheLookUp::MissNotGranted => "is not among what is remembered",
            CacheLookUp::MissCredentials => "is remembered for requests without credentials only",
            CacheLookUp::MissExpired => "was granted too long ago",
        };
        Some(format!("{} {why}: a new preflight", look_up.name))
    })
}

/// A header line whose control characters are visible.
fn line(header: &HeaderLine) -> String {
    visible(&format!("{}: {}", header.name, header.value))
}

/// Path and query on the server that was requested first; elsewhere the whole URL.
fn target(url: &Url, first: &Url) -> String {
    if url.origin() == first.origin() {
        url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
    } else {
        url[..url::Position::AfterQuery].to_owned()
    }
}

fn status_line(status: u16, phrase: &str) -> String {
    format!("{status} {phrase}").trim_end().to_owned()
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The response headers that were withheld from the script, by the text of the rule.
pub(crate) fn withheld(trace: &[Event]) -> Vec<(&'static str, Vec<String>)> {
    let mut rules: Vec<(&'static str, Vec<String>)> = Vec::new();
    for event in trace {
        let Event::HeaderHidden(name, rule) = event else { continue };
        let name = name.to_string();
        let rule = match rule {
            Hidden::Forbidden => "never shown to scripts",
            Hidden::NotExposed => "not exposed",
            Hidden::WildcardWithCredentials => "Expose-Headers: * counts for nothing with credentials",
            Hidden::ExposeMalformed => "Expose-Headers is malformed",
            Hidden::Opaque => "an opaque response",
        };
        match rules.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => rules.push((rule, vec![name])),
        }
    }
    rules
}
