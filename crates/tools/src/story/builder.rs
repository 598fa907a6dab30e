//! From the trace of a fetch to its steps.

use crossing::browser::{
    BodyAccess, CacheLookUp, Event, RedirectTaint, Request, Response, ResponseType, Tainting,
};
use crossing::{Origin, ResponseHead};

use super::decision::{Decision, LookUp, PreflightCause};
use super::header_line::{request_lines, response_lines};
use super::rule::Rule;
use super::step::{DeliveredResponse, HiddenHeader, Step};
use crate::conversation::{End, FetchRecord};

/// Turns the events of fetches into steps, one event after another.
#[derive(Debug, Default)]
pub struct StoryBuilder {
    /// The searches of the preflight cache since the last other event: they are one step together.
    look_ups: Vec<LookUp>,
    /// The headers that the next response withholds.
    hidden: Vec<HiddenHeader>,
    /// The origin of the last request.
    server: String,
}

/// The steps of one fetch, from the request of the script to what the script gets.
pub fn steps(request: &Request, record: &FetchRecord) -> Vec<Step> {
    let mut builder = StoryBuilder::new();
    let subject = record.error().and_then(|error| error.failure.subject.as_deref());
    let mut steps = vec![Step::request(request)];
    steps.extend(record.trace.iter().flat_map(|event| builder.event(event, subject)));
    match &record.end {
        End::Response(response, _) => steps.push(builder.deliver(response, None)),
        End::BrokeOff(response, _) => {
            steps.extend([builder.deliver(response, None), Step::Error { rule: Rule::Error }]);
        }
        End::Failed(_) => steps.push(Step::Error { rule: Rule::Error }),
    }
    steps
}

impl StoryBuilder {
    /// A builder before the first event.
    pub fn new() -> StoryBuilder {
        StoryBuilder::default()
    }

    /// The steps of an event; `subject` is what a failure is about, and is used for [`Event::Failed`] only.
    pub fn event(&mut self, event: &Event, subject: Option<&str>) -> Vec<Step> {
        match event {
            Event::MethodLookUp(method, found) => {
                self.look_ups.push(LookUp { name: method.to_string(), found: *found });
                Vec::new()
            }
            Event::HeaderLookUp(name, found) => {
                self.look_ups.push(LookUp { name: name.clone(), found: *found });
                Vec::new()
            }
            Event::HeaderHidden(name, rule) => {
                self.hidden.push(HiddenHeader { name: name.to_string(), rule: *rule });
                Vec::new()
            }
            _ => self.look_ups().into_iter().chain(self.message(event, subject)).collect(),
        }
    }

    /// The step at which the script gets a response; `body` is its text, if it was recorded.
    pub fn deliver(&mut self, response: &Response, body: Option<&str>) -> Step {
        let rule = match response.kind {
            ResponseType::Basic => Rule::DeliverBasic,
            ResponseType::Cors => Rule::DeliverCors,
            ResponseType::Opaque => Rule::DeliverOpaque,
            ResponseType::OpaqueRedirect => Rule::DeliverOpaqueRedirect,
        };
        let is_readable = response.body == BodyAccess::Readable;
        let response = DeliveredResponse {
            kind: response.kind.as_str(),
            status: response.status,
            headers: response_lines(&response.headers),
            hidden: std::mem::take(&mut self.hidden),
            body: body.filter(|_| is_readable).map(str::to_owned),
        };
        Step::Deliver { rule, response }
    }

    fn look_ups(&mut self) -> Option<Step> {
        let look_ups = std::mem::take(&mut self.look_ups);
        let hit = look_ups.iter().all(|look_up| look_up.found == CacheLookUp::Hit);
        let rule = if hit { Rule::CacheHit } else { Rule::CacheMiss };
        (!look_ups.is_empty())
            .then_some(Step::Decide { rule, decision: Decision::PreflightCache { look_ups } })
    }

    fn message(&mut self, event: &Event, subject: Option<&str>) -> Option<Step> {
        match event {
            Event::Sent(exchange, head) => {
                self.server = Origin::from_url(&head.url).to_string();
                Some(Step::Send {
                    exchange: *exchange,
                    method: head.method.to_string(),
                    url: head.url.clone(),
                    server: self.server.clone(),
                    headers: request_lines(&head.headers),
                })
            }
            Event::Received(exchange, head) => {
                let (status, phrase) = status(head);
                let (exchange, server) = (*exchange, self.server.clone());
                let headers = response_lines(&head.headers);
                Some(Step::Respond { exchange, server, status, phrase, headers })
            }
            Event::Failed(exchange, reason) => {
                Some(Step::Block { reason: *reason, exchange: *exchange, about: subject.map(str::to_owned) })
            }
            _ => decision(event).map(|(rule, decision)| Step::Decide { rule, decision }),
        }
    }
}

fn decision(event: &Event) -> Option<(Rule, Decision)> {
    Some(match event {
        Event::HeaderDropped(name) => (Rule::Dropped, Decision::HeaderDropped { header: name.to_string() }),
        Event::Upgraded(url) => (Rule::Upgraded, Decision::Upgraded { url: url.clone() }),
        Event::Hop { origin, redirect_taint, tainting, .. } => {
            let rule = match tainting {
                Tainting::Basic => Rule::HopBasic,
                Tainting::Opaque => Rule::HopOpaque,
                Tainting::Cors if *redirect_taint != RedirectTaint::SameOrigin => Rule::HopTainted,
                Tainting::Cors => Rule::HopCors,
            };
            (rule, Decision::Hop { origin: origin.clone() })
        }
        Event::Classified { method, headers, forced } => {
            let mut needs: Vec<PreflightCause> =
                method.iter().map(|method| PreflightCause::Method(method.clone())).collect();
            needs.extend(headers.iter().map(|(name, why)| PreflightCause::Header(name.clone(), *why)));
            needs.extend(forced.then_some(PreflightCause::Forced));
            let rule = if needs.is_empty() { Rule::ClassifiedSafe } else { Rule::ClassifiedUnsafe };
            (rule, Decision::Classified { needs })
        }
        Event::PreflightGranted(stored) => (Rule::Granted, Decision::Granted { seconds: stored.as_secs() }),
        Event::CredentialsIncluded => (Rule::CredentialsIncluded, Decision::Credentials),
        Event::CredentialsWithheld => (Rule::CredentialsWithheld, Decision::Credentials),
        Event::CookiesStored(count) => (Rule::CookiesStored, Decision::CookiesStored { count: *count }),
        Event::CorsCheckPassed(exchange) => {
            (Rule::CheckPassed, Decision::CheckPassed { exchange: *exchange })
        }
        Event::Redirected { status, to, method, dropped } => (
            Rule::Redirected,
            Decision::Redirected {
                status: status.as_u16(),
                to: to.clone(),
                method: method.as_ref().map(ToString::to_string),
                dropped: dropped.iter().map(ToString::to_string).collect(),
            },
        ),
        Event::FromCache(head) => {
            let (status, phrase) = status(head);
            (Rule::FromCache, Decision::FromCache { status, phrase })
        }
        Event::CacheCleared(count) if *count > 0 => {
            (Rule::CacheCleared, Decision::CacheCleared { count: *count })
        }
        _ => return None,
    })
}

/// The status code, and its usual reason phrase.
fn status(head: &ResponseHead) -> (u16, &'static str) {
    (head.status.as_u16(), head.status.canonical_reason().unwrap_or_default())
}
