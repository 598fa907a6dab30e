//! A play as the page draws it: who says what to whom, and who decides what by which rule. It holds no words for people:
//! those are the page's, and the table's.

use crossing::browser::{
    BodyAccess, CacheLookUp, Event, Hidden, RedirectTaint, Request, Response, ResponseType, Tainting,
};
use crossing::headers::request::Unsafe;
use crossing::server::{Explanation, Rule, Verdict};
use crossing::{HeaderList, Origin};
use serde::Serialize;

use super::simulation::{CacheEntry, Occurrence, TimelineEntry};
use crossing_tools::check::story::{Weight, is_told_of_request, is_told_of_response, weight};
use crossing_tools::report::shown;

/// One step.
#[derive(Serialize)]
pub(super) struct Step {
    ask: usize,
    /// Seconds since the play began.
    at: u64,
    cache: Vec<CacheEntry>,
    #[serde(flatten)]
    beat: Beat,
}

/// What a step is.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Beat {
    Wait {
        seconds: u64,
    },
    Ask {
        method: String,
        url: String,
        mode: &'static str,
        credentials: &'static str,
        headers: Vec<Line>,
    },
    Think {
        rule: &'static str,
        #[serde(flatten)]
        thought: Thought,
    },
    Send {
        exchange: &'static str,
        method: String,
        url: String,
        server: String,
        headers: Vec<Line>,
    },
    Decide {
        exchange: &'static str,
        server: String,
        decision: Decision,
    },
    Answer {
        exchange: &'static str,
        server: String,
        status: u16,
        phrase: String,
        headers: Vec<Line>,
    },
    Nobody {
        server: String,
    },
    Block {
        reason: &'static str,
        exchange: &'static str,
        about: Option<String>,
    },
    Deliver {
        rule: &'static str,
        response: Seen,
    },
    Error {
        rule: &'static str,
    },
}

/// A thought of the browser's.
#[derive(Serialize)]
#[serde(tag = "thought", rename_all = "kebab-case")]
enum Thought {
    Dropped { header: String },
    Upgraded { url: String },
    Hop { origin: String },
    Classified { needs: Vec<Need> },
    Remembered { look_ups: Vec<LookUp> },
    Granted { seconds: u64 },
    Credentials,
    CookiesStored { count: usize },
    CheckPassed { exchange: &'static str },
    Redirected { status: u16, to: String, method: Option<String>, dropped: Vec<String> },
    CacheCleared { count: usize },
}

/// Why a preflight is needed.
#[derive(Serialize)]
struct Need {
    what: &'static str,
    name: String,
    /// The length or the byte that is at fault.
    detail: Option<String>,
}

/// What the preflight cache was asked for.
#[derive(Serialize)]
struct LookUp {
    name: String,
    found: &'static str,
}

/// What a policy has decided.
#[derive(Serialize)]
struct Decision {
    verdict: &'static str,
    reason: Option<&'static str>,
    rule: Option<RuleLine>,
    asked: Option<String>,
    nearest: Option<RuleLine>,
    difference: Option<String>,
}

#[derive(Serialize)]
struct RuleLine {
    path: String,
    text: String,
}

/// A header line, and how much it matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    name: String,
    value: String,
    /// `cors`, `told`, or `chore` for what is in every request.
    weight: &'static str,
}

/// What a script sees.
#[derive(Serialize)]
pub(super) struct Seen {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) status: u16,
    pub(super) headers: Vec<Line>,
    hidden: Vec<HiddenLine>,
    pub(super) body: Option<String>,
}

#[derive(Serialize)]
struct HiddenLine {
    name: String,
    rule: &'static str,
}

/// The steps of a play.
pub(super) fn steps(moments: &[TimelineEntry]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut told = Teller::default();
    for (at, moment) in moments.iter().enumerate() {
        let beats = told.beats(moment, &moments[at + 1..]);
        steps.extend(beats.into_iter().map(|beat| Step {
            ask: moment.request,
            at: moment.at.as_secs(),
            cache: moment.cache.clone(),
            beat,
        }));
    }
    steps
}

/// What is gathered until it can be told.
#[derive(Default)]
struct Teller {
    look_ups: Vec<LookUp>,
    hidden: Vec<HiddenLine>,
    /// Who was asked last.
    server: String,
}

impl Teller {
    fn beats(&mut self, moment: &TimelineEntry, rest: &[TimelineEntry]) -> Vec<Beat> {
        match &moment.occurrence {
            Occurrence::Waited(pause) => vec![Beat::Wait { seconds: pause.as_secs() }],
            Occurrence::Requested(request) => vec![ask(request)],
            Occurrence::Traced(event) => self.event(event, rest),
            Occurrence::NoServer(origin) => vec![Beat::Nobody { server: origin.to_string() }],
            Occurrence::Responded(exchange, origin, response) => {
                let decision = response.explanation.as_ref().map(Decision::new);
                let (exchange, server) = (exchange.as_str(), origin.to_string());
                decision.map(|decision| Beat::Decide { exchange, server, decision }).into_iter().collect()
            }
            Occurrence::Delivered(response, body) => {
                let hidden = std::mem::take(&mut self.hidden);
                let rule = match response.kind {
                    ResponseType::Basic => "deliver-basic",
                    ResponseType::Cors => "deliver-cors",
                    ResponseType::Opaque => "deliver-opaque",
                    ResponseType::OpaqueRedirect => "deliver-opaque-redirect",
                };
                vec![Beat::Deliver { rule, response: Seen::new(response, body, hidden) }]
            }
            Occurrence::Failed(_) => vec![Beat::Error { rule: "error" }],
        }
    }

    fn event(&mut self, event: &Event, rest: &[TimelineEntry]) -> Vec<Beat> {
        match event {
            Event::MethodLookUp(method, found) => {
                self.look_ups.push(LookUp::new(method.to_string(), *found));
                return Vec::new();
            }
            Event::HeaderLookUp(name, found) => {
                self.look_ups.push(LookUp::new(name.clone(), *found));
                return Vec::new();
            }
            Event::HeaderHidden(name, rule) => {
                self.hidden.push(HiddenLine { name: name.to_string(), rule: hidden(*rule) });
                return Vec::new();
            }
            _ => {}
        }
        let mut beats: Vec<Beat> = self.remembered().into_iter().collect();
        beats.extend(self.tell(event, rest));
        beats
    }

    /// One thought about all look-ups in the preflight cache.
    fn remembered(&mut self) -> Option<Beat> {
        let look_ups = std::mem::take(&mut self.look_ups);
        let hit = look_ups.iter().all(|look_up| look_up.found == "hit");
        let rule = if hit { "cache-hit" } else { "cache-miss" };
        (!look_ups.is_empty()).then_some(Beat::Think { rule, thought: Thought::Remembered { look_ups } })
    }

    fn tell(&mut self, event: &Event, rest: &[TimelineEntry]) -> Option<Beat> {
        let (rule, thought) = match event {
            Event::HeaderDropped(name) => ("dropped", Thought::Dropped { header: name.to_string() }),
            Event::Upgraded(url) => ("upgraded", Thought::Upgraded { url: url.to_string() }),
            Event::Hop { origin, redirect_taint, tainting, .. } => {
                let rule = match tainting {
                    Tainting::Basic => "hop-basic",
                    Tainting::Opaque => "hop-opaque",
                    Tainting::Cors if *redirect_taint != RedirectTaint::SameOrigin => "hop-tainted",
                    Tainting::Cors => "hop-cors",
                };
                (rule, Thought::Hop { origin: origin.clone() })
            }
            Event::Classified { method, headers, forced } => {
                let mut needs: Vec<Need> = method
                    .iter()
                    .map(|method| Need { what: "method", name: method.to_string(), detail: None })
                    .collect();
                needs.extend(headers.iter().map(|(name, why)| need(name.as_str(), why)));
                if *forced {
                    needs.push(Need { what: "listener", name: String::new(), detail: None });
                }
                let rule = if needs.is_empty() { "classified-safe" } else { "classified-unsafe" };
                (rule, Thought::Classified { needs })
            }
            Event::Sent(exchange, head) => {
                self.server = Origin::of(&head.url).to_string();
                return Some(Beat::Send {
                    exchange: exchange.as_str(),
                    method: head.method.to_string(),
                    url: head.url.to_string(),
                    server: self.server.clone(),
                    headers: request_lines(&head.headers),
                });
            }
            Event::Received(exchange, head) => {
                return Some(Beat::Answer {
                    exchange: exchange.as_str(),
                    server: self.server.clone(),
                    status: head.status.as_u16(),
                    phrase: head.status.canonical_reason().unwrap_or_default().to_owned(),
                    headers: response_lines(&head.headers),
                });
            }
            Event::PreflightGranted(kept) => ("granted", Thought::Granted { seconds: kept.as_secs() }),
            Event::CredentialsIncluded => ("credentials-included", Thought::Credentials),
            Event::CredentialsWithheld => ("credentials-withheld", Thought::Credentials),
            Event::CookiesStored(count) if *count > 0 => {
                ("cookies-stored", Thought::CookiesStored { count: *count })
            }
            Event::CorsCheckPassed(exchange) => {
                ("check-passed", Thought::CheckPassed { exchange: exchange.as_str() })
            }
            Event::Redirected { status, to, method, dropped } => (
                "redirected",
                Thought::Redirected {
                    status: status.as_u16(),
                    to: to.to_string(),
                    method: method.as_ref().map(ToString::to_string),
                    dropped: dropped.iter().map(ToString::to_string).collect(),
                },
            ),
            Event::Failed(exchange, reason) => {
                return Some(Beat::Block {
                    reason: reason.code(),
                    exchange: exchange.as_str(),
                    about: about(rest),
                });
            }
            Event::CacheCleared(count) if *count > 0 => {
                ("cache-cleared", Thought::CacheCleared { count: *count })
            }
            _ => return None,
        };
        Some(Beat::Think { rule, thought })
    }
}

/// What the failure that follows was about.
fn about(rest: &[TimelineEntry]) -> Option<String> {
    rest.iter().find_map(|moment| match &moment.occurrence {
        Occurrence::Failed(failure) => Some(failure.subject.clone()),
        _ => None,
    })?
}

fn ask(request: &Request) -> Beat {
    Beat::Ask {
        method: request.method().to_string(),
        url: request.url().to_string(),
        mode: request.mode().as_str(),
        credentials: request.credentials().as_str(),
        headers: request_lines(request.headers()),
    }
}

fn need(name: &str, why: &Unsafe) -> Need {
    let (what, detail) = match why {
        Unsafe::TooLong { length } => ("too-long", Some(length.to_string())),
        Unsafe::Byte { byte, at } => ("byte", Some(format!("{:?} @ {at}", char::from(*byte)))),
        Unsafe::MimeType => ("mime-type", None),
        Unsafe::Range => ("range", None),
        Unsafe::Total { length } => ("total", Some(length.to_string())),
        _ => ("name", None),
    };
    Need { what, name: name.to_owned(), detail }
}

fn hidden(rule: Hidden) -> &'static str {
    match rule {
        Hidden::Forbidden => "forbidden",
        Hidden::NotExposed => "not-exposed",
        Hidden::WildcardWithCredentials => "wildcard-with-credentials",
        Hidden::ExposeMalformed => "expose-malformed",
        Hidden::Opaque => "opaque",
    }
}

impl LookUp {
    fn new(name: String, found: CacheLookUp) -> LookUp {
        let found = match found {
            CacheLookUp::Hit => "hit",
            CacheLookUp::MissUnknown => "unknown",
            CacheLookUp::MissNotGranted => "not-granted",
            CacheLookUp::MissCredentials => "credentials",
            CacheLookUp::MissExpired => "expired",
        };
        LookUp { name, found }
    }
}

impl Decision {
    fn new(explanation: &Explanation) -> Decision {
        let line = |rule: &Rule| RuleLine { path: rule.path.clone(), text: rule.text.clone() };
        let miss = explanation.miss.as_ref();
        Decision {
            verdict: explanation.verdict.as_str(),
            reason: match explanation.verdict {
                Verdict::Refused(reason) => Some(reason.code()),
                _ => None,
            },
            rule: explanation.rule.as_ref().map(line),
            asked: miss.map(|miss| miss.asked.clone()),
            nearest: miss.and_then(|miss| miss.rule.as_ref()).map(line),
            difference: miss.map(|miss| miss.difference.clone()),
        }
    }
}

impl Seen {
    fn new(response: &Response, body: &str, hidden: Vec<HiddenLine>) -> Seen {
        Seen {
            kind: response.kind.as_str(),
            status: response.status,
            headers: response_lines(&response.headers),
            hidden,
            body: (response.body == BodyAccess::Readable).then(|| body.to_owned()),
        }
    }
}

/// The lines of a request, secrets told as present.
pub(super) fn request_lines(headers: &HeaderList) -> Vec<Line> {
    lines(headers, is_told_of_request)
}

/// The lines of a response, secrets told as present.
pub(super) fn response_lines(headers: &HeaderList) -> Vec<Line> {
    lines(headers, is_told_of_response)
}

fn lines(headers: &HeaderList, is_told: fn(&http::HeaderName) -> bool) -> Vec<Line> {
    let all = headers.iter().map(|(name, value)| Line {
        name: name.as_str().to_owned(),
        value: shown(name, value),
        weight: match weight(name) {
            Weight::Cors => "cors",
            Weight::Other if is_told(name) => "told",
            Weight::Other => "chore",
        },
    });
    all.collect()
}
