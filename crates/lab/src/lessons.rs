//! The lessons: the cases of the demo, in their order, as states of the page.

use crossing::Policy;
use crossing::browser::{ForcedPreflight, MixedContent, ReferrerPolicy, Referrers};
use serde::Serialize;

use super::state::{Page, ProfileName, RequestApi, ScriptRequest, Server, ServerBehavior, State};
use super::translations;
use crate::demo::case::{self, API, CDN, Case, FixedResponse, StoredCredentials};
use crate::demo::cases::CHAPTERS;
use crate::demo::servers::HELLO;

/// A chapter, as the page gets it.
#[derive(Serialize)]
pub(super) struct ChapterDocument {
    title: Bilingual,
    lessons: Vec<LessonDocument>,
}

/// A text in both languages.
#[derive(Serialize)]
pub(super) struct Bilingual {
    en: &'static str,
    ru: &'static str,
}

/// A lesson, as the page gets it.
#[derive(Serialize)]
pub(super) struct LessonDocument {
    id: &'static str,
    title: Bilingual,
    promise: Bilingual,
    text: Bilingual,
    state: State,
}

/// Every lesson, chapter by chapter.
pub(super) fn all() -> Vec<ChapterDocument> {
    let chapters = CHAPTERS.iter().map(|chapter| ChapterDocument {
        title: Bilingual { en: chapter.title, ru: translations::chapter_title(chapter.title) },
        lessons: chapter.cases.iter().map(lesson).collect(),
    });
    chapters.collect()
}

fn lesson(case: &'static Case) -> LessonDocument {
    let texts = translations::lesson(case.id);
    LessonDocument {
        id: case.id,
        title: Bilingual { en: case.title, ru: texts.title_ru },
        promise: Bilingual { en: case.promise, ru: texts.promise_ru },
        text: Bilingual { en: texts.text, ru: texts.text_ru },
        state: state(case),
    }
}

/// A case as a state.
pub(super) fn state(case: &Case) -> State {
    let page = &case.page;
    let mut servers = vec![Server { origin: API.to_owned(), behavior: behavior(case.api) }];
    if !matches!(case.cdn, case::ServerBehavior::Bare) || leads_to_cdn(case.api) {
        servers.push(Server { origin: CDN.to_owned(), behavior: behavior(case.cdn) });
    }
    State {
        page: Page {
            origin: page.origin.to_owned(),
            referrer_policy: (page.referrer_policy != ReferrerPolicy::default())
                .then(|| page.referrer_policy.as_str().to_owned()),
            never_referrer: page.referrers == Referrers::Never,
            mixed_content: page.mixed_content == MixedContent::Permitted,
            signed_in: page.stored == StoredCredentials::CookieAndPassword,
        },
        profile: ProfileName::default(),
        requests: case.requests.iter().map(request).collect(),
        servers,
    }
}

fn request(request: &case::CaseRequest) -> ScriptRequest {
    let upload_listener = request.preflight == ForcedPreflight::Yes;
    ScriptRequest {
        via: if upload_listener { RequestApi::Xhr } else { RequestApi::Fetch },
        after: request.after,
        method: request.method.to_owned(),
        url: format!("{}/hello", request.to),
        headers: request
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: request.body.map(str::to_owned),
        mode: written(request.mode),
        credentials: written(request.credentials),
        redirect: written(request.redirect),
        upload_listener,
    }
}

/// The keyword of a mode, unless it is the default, which a script leaves out.
fn written<T: Default + PartialEq + ToString>(mode: T) -> Option<String> {
    (mode != T::default()).then(|| mode.to_string())
}

fn behavior(server: case::ServerBehavior) -> ServerBehavior {
    match server {
        case::ServerBehavior::Bare => ServerBehavior::Bare,
        case::ServerBehavior::Grants(grant) => {
            let policy = Policy::builder().grant(grant()).build().ok();
            let toml = policy.and_then(|policy| policy.to_toml()).unwrap_or_default();
            ServerBehavior::Policy { toml }
        }
        case::ServerBehavior::Fixed(preflight, request) => {
            let body = if request.status == 200 { HELLO } else { "" };
            ServerBehavior::Raw { preflight: raw(preflight, ""), request: raw(request, body) }
        }
    }
}

/// Whether a server redirects to the third origin.
fn leads_to_cdn(server: case::ServerBehavior) -> bool {
    match server {
        case::ServerBehavior::Fixed(_, request) => {
            request.headers.iter().any(|(name, value)| *name == "location" && value.starts_with(CDN))
        }
        case::ServerBehavior::Bare | case::ServerBehavior::Grants(_) => false,
    }
}

/// A response as a user would type it.
fn raw(response: FixedResponse, body: &str) -> String {
    let mut text = response.status.to_string();
    for (name, value) in response.headers {
        text.push_str(&format!("\n{name}: {value}"));
    }
    if !body.is_empty() {
        text.push_str(&format!("\n\n{body}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::case::ExpectedResult;
    use crate::setup::Setup;
    use crate::simulation::{Occurrence, TimelineEntry, simulate};
    use crossing::browser::Event;

    /// The exchanges on the wire: a method and a status for each.
    fn wire(timeline: &[TimelineEntry]) -> Vec<String> {
        let mut wire = Vec::new();
        for entry in timeline {
            match &entry.occurrence {
                Occurrence::Traced(Event::Sent(_, head)) => wire.push(head.method.to_string()),
                Occurrence::Traced(Event::Received(_, head)) => {
                    let line: &mut String = wire.last_mut().unwrap();
                    line.push_str(&format!(" {}", head.status.as_u16()));
                }
                _ => {}
            }
        }
        wire
    }

    #[test]
    fn every_lesson_ends_as_its_case_promises() {
        for case in CHAPTERS.iter().flat_map(|chapter| chapter.cases) {
            let setup = Setup::parse(&state(case)).unwrap_or_else(|errors| panic!("{}: {errors:?}", case.id));
            let timeline = simulate(&setup);
            let promised: Vec<&str> = case.exchanges.iter().map(|exchange| exchange.line).collect();
            assert_eq!(wire(&timeline), promised, "{}", case.id);
            match (&timeline.last().unwrap().occurrence, case.result) {
                (Occurrence::Failed(failure), ExpectedResult::Error(reason)) => {
                    assert_eq!(failure.reason, reason, "{}", case.id)
                }
                (Occurrence::Delivered(response, text), ExpectedResult::Response { line, body, headers }) => {
                    assert_eq!(
                        format!("{} {}", response.status, response.kind.as_str()),
                        line,
                        "{}",
                        case.id
                    );
                    assert_eq!(text, body, "{}", case.id);
                    for (name, fact) in headers {
                        let value = response.headers.get(&name.parse().unwrap()).map(|value| value.to_text());
                        match fact {
                            case::HeaderFact::Is(text) => {
                                assert_eq!(value.as_deref(), Some(*text), "{}: {name}", case.id)
                            }
                            case::HeaderFact::Absent => assert_eq!(value, None, "{}: {name}", case.id),
                        }
                    }
                }
                _ => panic!("{}: it ends otherwise", case.id),
            }
        }
    }

    #[test]
    fn a_state_survives_its_own_text() {
        for case in CHAPTERS.iter().flat_map(|chapter| chapter.cases) {
            let state = state(case);
            let text = serde_json::to_string(&state).unwrap();
            assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state, "{}", case.id);
        }
    }
}
