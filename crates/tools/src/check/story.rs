//! A fetch as a story: who says what to whom, from the trace.

use crossing::browser::{CacheLookUp, CredentialsMode, Event, Hidden, Mode, RedirectTaint, Tainting};
use crossing::headers::request::Unsafe;
use crossing::{Exchange, HeaderList, HeaderName, RequestHead, ResponseHead, Value};
use http::{Method, header};
use url::Url;

use crate::report::shown;
use crate::text::visible;

/// One thing in the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// The page asks the browser.
    Asks(String),
    /// A detail of what the page asks.
    Wants(String),
    /// The browser thinks.
    Thinks(Mood, String),
    /// The browser sends a request.
    Sends(String),
    /// The server answers.
    Answers(String),
    /// A header line of a request or an answer.
    Carries(Weight, String),
    /// The page gets its answer.
    Gets(Mood, String),
    /// A pause.
    Pause,
}

/// Whether a thought is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It goes on.
    Good,
    /// It ends here.
    Bad,
    /// A remark.
    Plain,
}

/// How much a header line matters to CORS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It is a word of the protocol's.
    Cors,
    /// It is not.
    Other,
}

/// What a script is told when a fetch fails: never more than this.
pub(crate) const TYPE_ERROR: &str = "TypeError";

/// Tells the events of one fetch. The page's own question comes first.
pub(crate) fn tell(asked: Vec<Beat>, events: &[Event], first: &Url) -> Vec<Beat> {
    let mut story = asked;
    let mut look_ups = Vec::new();
    for event in events {
        match event {
            Event::MethodLookUp(method, found) => look_ups.push((method.to_string(), *found)),
            Event::HeaderLookUp(name, found) => look_ups.push((name.clone(), *found)),
            _ => {
                story.extend(cache_remark(&std::mem::take(&mut look_ups)));
                tell_event(event, first, &mut story);
            }
        }
    }
    story.extend(cache_remark(&look_ups));
    story
}

fn tell_event(event: &Event, first: &Url, story: &mut Vec<Beat>) {
    let mut think = |mood, text: String| story.push(Beat::Thinks(mood, text));
    match event {
        Event::HeaderDropped(name) => {
            think(Mood::Plain, format!("{name} is not for a script to set here: left out"));
        }
        Event::Upgraded(url) => think(Mood::Plain, format!("the host is known to want https: {url}")),
        Event::Hop { origin, redirect_taint, tainting, .. } => {
            think(Mood::Plain, distance(origin, *redirect_taint, *tainting));
        }
        Event::Classified { method, headers, forced } => {
            if let Some(why) = why_preflight(method.as_ref(), headers, *forced) {
                think(Mood::Plain, why);
            }
        }
        Event::Sent(_, head) => {
            story.push(Beat::Sends(request_line(head, first)));
            carry(&head.headers, is_told_of_request, story);
            story.push(Beat::Pause);
        }
        Event::Received(_, head) => {
            story.push(Beat::Answers(status_line(head)));
            carry(&head.headers, is_told_of_response, story);
            story.push(Beat::Pause);
        }
        Event::FromCache(head) => {
            think(Mood::Plain, format!("a stored response is used: {}", status_line(head)));
        }
        Event::PreflightGranted(kept) => {
            think(Mood::Good, format!("granted, and remembered for {} s", kept.as_secs()));
        }
        Event::CookiesStored(count) => {
            think(Mood::Plain, format!("{} for the cookie jar", counted(*count, "line")));
        }
        Event::CorsCheckPassed(Exchange::Request) => think(Mood::Good, "the CORS check passes".to_owned()),
        Event::Redirected { to, method, dropped, .. } => {
            let mut text = format!("follows to {to}");
            if let Some(method) = method {
                text.push_str(&format!(", now with {method}"));
            }
            for name in dropped {
                text.push_str(&format!(", without {name}"));
            }
            think(Mood::Plain, text);
        }
        Event::Failed(_, reason) => think(Mood::Bad, reason.code().to_owned()),
        Event::CacheCleared(count) if *count > 0 => {
            think(Mood::Plain, format!("{} of the preflight cache dropped", counted(*count, "line")));
        }
        _ => {}
    }
}

/// What the page asks, as its author wrote it.
pub(crate) fn question(request: &crossing::browser::Request, first: &Url) -> Vec<Beat> {
    let mut asked = vec![Beat::Asks(format!("{} {}", request.method(), target(request.url(), first)))];
    if request.mode() != Mode::Cors {
        asked.push(Beat::Wants(format!("mode: {}", request.mode())));
    }
    if request.credentials() != CredentialsMode::SameOrigin {
        asked.push(Beat::Wants(format!("credentials: {}", request.credentials())));
    }
    asked.extend(request.headers().iter().map(|(name, value)| Beat::Wants(line(name, value))));
    asked.push(Beat::Pause);
    asked
}

fn distance(origin: &str, taint: RedirectTaint, tainting: Tainting) -> String {
    match tainting {
        Tainting::Basic => "the page's own origin: no CORS here".to_owned(),
        Tainting::Opaque => "another origin, and mode no-cors: nothing will be readable".to_owned(),
        Tainting::Cors if taint != RedirectTaint::SameOrigin && origin == "null" => {
            "another origin redirected here: Origin is null from now on".to_owned()
        }
        Tainting::Cors => "another origin: the server must share the response".to_owned(),
    }
}

fn why_preflight(method: Option<&Method>, headers: &[(HeaderName, Unsafe)], forced: bool) -> Option<String> {
    let mut why: Vec<String> = method.map(|method| method.to_string()).into_iter().collect();
    why.extend(headers.iter().map(|(name, reason)| match reason {
        Unsafe::Name => name.to_string(),
        Unsafe::TooLong { length } => format!("{name} (a value of {length} bytes, 128 are safe)"),
        Unsafe::Byte { byte, at } => {
            format!("{name} (the byte {:?} at {at})", char::from(*byte))
        }
        Unsafe::MimeType => format!("{name} (not one of the three types that a form sends)"),
        Unsafe::Range => format!("{name} (not one range with a start)"),
        Unsafe::Total { length } => format!("{name} (safe values of {length} bytes together, 1024 are safe)"),
        _ => name.to_string(),
    }));
    if forced {
        why.push("an upload listener or a stream".to_owned());
    }
    if why.is_empty() {
        return None;
    }
    Some(format!("the server must agree first to: {}", why.join(", ")))
}

/// One remark on all look-ups in the preflight cache.
fn cache_remark(look_ups: &[(String, CacheLookUp)]) -> Option<Beat> {
    let why = |found: &CacheLookUp| match found {
        CacheLookUp::Hit => None,
        CacheLookUp::MissUnknown => None,
        CacheLookUp::MissNotGranted => Some("is not among what is remembered"),
        CacheLookUp::MissCredentials => Some("is remembered for requests without credentials only"),
        CacheLookUp::MissExpired => Some("was granted too long ago"),
    };
    if !look_ups.is_empty() && look_ups.iter().all(|(_, found)| *found == CacheLookUp::Hit) {
        return Some(Beat::Thinks(Mood::Good, "the preflight cache remembers that: no preflight".to_owned()));
    }
    let (asked, why) = look_ups.iter().find_map(|(asked, found)| why(found).map(|why| (asked, why)))?;
    Some(Beat::Thinks(Mood::Plain, format!("{asked} {why}: a new preflight")))
}

fn carry(headers: &HeaderList, told: fn(&HeaderName) -> bool, story: &mut Vec<Beat>) {
    let told = headers.iter().filter(|(name, _)| told(name));
    story.extend(told.map(|(name, value)| Beat::Carries(weight(name), line(name, value))));
}

/// A header line with its secrets told as present.
fn line(name: &HeaderName, value: &Value) -> String {
    visible(&format!("{name}: {}", shown(name, value)))
}

/// How much a header matters to CORS.
pub fn weight(name: &HeaderName) -> Weight {
    let name = name.as_str();
    if name == "origin" || name.starts_with("access-control-") { Weight::Cors } else { Weight::Other }
}

/// What a browser says about itself in every request is no part of the story.
pub fn is_told_of_request(name: &HeaderName) -> bool {
    let chore = [
        header::ACCEPT,
        header::ACCEPT_ENCODING,
        header::ACCEPT_LANGUAGE,
        header::USER_AGENT,
        header::CONTENT_LENGTH,
        header::CACHE_CONTROL,
        header::PRAGMA,
        header::CONNECTION,
        header::HOST,
    ];
    !chore.contains(name) && !name.as_str().starts_with("sec-")
}

/// Whether a response header is shown.
pub fn is_told_of_response(name: &HeaderName) -> bool {
    let told = [
        header::ALLOW,
        header::CONTENT_TYPE,
        header::LOCATION,
        header::SET_COOKIE,
        header::VARY,
        header::WWW_AUTHENTICATE,
    ];
    told.contains(name)
        || weight(name) == Weight::Cors
        || matches!(name.as_str(), "cross-origin-resource-policy" | "timing-allow-origin")
}

fn request_line(head: &RequestHead, first: &Url) -> String {
    format!("{} {}", head.method, target(&head.url, first))
}

/// Path and query on the server that was asked first; elsewhere the whole URL.
fn target(url: &Url, first: &Url) -> String {
    if url.origin() == first.origin() {
        url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
    } else {
        url[..url::Position::AfterQuery].to_owned()
    }
}

fn status_line(head: &ResponseHead) -> String {
    match head.status.canonical_reason() {
        Some(reason) => format!("{} {reason}", head.status.as_u16()),
        None => head.status.as_u16().to_string(),
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The response headers that were withheld from the script, by rule.
pub(crate) fn hidden(events: &[Event]) -> Vec<(&'static str, Vec<String>)> {
    let mut rules: Vec<(&'static str, Vec<String>)> = Vec::new();
    for event in events {
        let Event::HeaderHidden(name, rule) = event else { continue };
        let rule = match rule {
            Hidden::Forbidden => "never shown to scripts",
            Hidden::NotExposed => "not exposed",
            Hidden::WildcardWithCredentials => "Expose-Headers: * counts for nothing with credentials",
            Hidden::ExposeMalformed => "Expose-Headers is malformed",
            Hidden::Opaque => "an opaque response",
        };
        let name = name.to_string();
        match rules.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => rules.push((rule, vec![name])),
        }
    }
    rules
}
