//! The lessons: the cases of the demo, in their order, as states of the page.

use crossing::Policy;
use crossing::browser::{
    CredentialsMode, ForcedPreflight, MixedContent, Mode, RedirectMode, ReferrerPolicy, Referrers,
};
use serde::Serialize;

use super::state::{Answers, Ask, Page, ProfileName, Server, State, Via};
use super::words;
use crate::demo::case::{self, API, CDN, Case, Knows, Reply};
use crate::demo::cases::CHAPTERS;
use crate::demo::servers::HELLO;

/// A chapter, as the page gets it.
#[derive(Serialize)]
pub(super) struct ChapterDocument {
    title: Both,
    lessons: Vec<LessonDocument>,
}

/// A text in both languages.
#[derive(Serialize)]
pub(super) struct Both {
    en: &'static str,
    ru: &'static str,
}

/// A lesson, as the page gets it.
#[derive(Serialize)]
pub(super) struct LessonDocument {
    id: &'static str,
    title: Both,
    promise: Both,
    text: Both,
    state: State,
}

/// Every lesson, chapter by chapter.
pub(super) fn all() -> Vec<ChapterDocument> {
    let chapters = CHAPTERS.iter().map(|chapter| ChapterDocument {
        title: Both { en: chapter.title, ru: words::chapter(chapter.title) },
        lessons: chapter.cases.iter().map(lesson).collect(),
    });
    chapters.collect()
}

fn lesson(case: &'static Case) -> LessonDocument {
    let words = words::lesson(case.id);
    LessonDocument {
        id: case.id,
        title: Both { en: case.title, ru: words.title_ru },
        promise: Both { en: case.promise, ru: words.promise_ru },
        text: Both { en: words.text, ru: words.text_ru },
        state: state(case),
    }
}

/// A case as a state.
pub(super) fn state(case: &Case) -> State {
    let page = &case.page;
    let mut servers = vec![Server { origin: API.to_owned(), answers: answers(case.api) }];
    if !matches!(case.cdn, case::Server::Bare) || leads_to_cdn(case.api) {
        servers.push(Server { origin: CDN.to_owned(), answers: answers(case.cdn) });
    }
    State {
        page: Page {
            origin: page.origin.to_owned(),
            referrer_policy: (page.referrer_policy != ReferrerPolicy::default())
                .then(|| page.referrer_policy.as_str().to_owned()),
            never_referrer: page.referrers == Referrers::Never,
            mixed_content: page.mixed_content == MixedContent::Permitted,
            signed_in: page.knows == Knows::CookieAndPassword,
        },
        profile: ProfileName::default(),
        asks: case.asks.iter().map(ask).collect(),
        servers,
    }
}

fn ask(ask: &case::Ask) -> Ask {
    let upload_listener = ask.preflight == ForcedPreflight::Yes;
    Ask {
        via: if upload_listener { Via::Xhr } else { Via::Fetch },
        after: ask.after,
        method: ask.method.to_owned(),
        url: format!("{}/hello", ask.to),
        headers: ask.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: ask.body.map(str::to_owned),
        mode: match ask.mode {
            Mode::Cors => None,
            Mode::NoCors => Some("no-cors".to_owned()),
            Mode::SameOrigin => Some("same-origin".to_owned()),
        },
        credentials: match ask.credentials {
            CredentialsMode::SameOrigin => None,
            CredentialsMode::Omit => Some("omit".to_owned()),
            CredentialsMode::Include => Some("include".to_owned()),
        },
        redirect: match ask.redirect {
            RedirectMode::Follow => None,
            RedirectMode::Error => Some("error".to_owned()),
            RedirectMode::Manual => Some("manual".to_owned()),
        },
        upload_listener,
    }
}

fn answers(server: case::Server) -> Answers {
    match server {
        case::Server::Bare => Answers::Bare,
        case::Server::Grants(grant) => {
            let policy = Policy::builder().grant(grant()).build().ok();
            let toml = policy.and_then(|policy| policy.to_toml()).unwrap_or_default();
            Answers::Policy { toml }
        }
        case::Server::Replies(preflight, request) => {
            let body = if request.status == 200 { HELLO } else { "" };
            Answers::Raw { preflight: raw(preflight, ""), request: raw(request, body) }
        }
    }
}

/// Whether a server redirects to the third origin.
fn leads_to_cdn(server: case::Server) -> bool {
    match server {
        case::Server::Replies(_, request) => {
            request.headers.iter().any(|(name, value)| *name == "location" && value.starts_with(CDN))
        }
        case::Server::Bare | case::Server::Grants(_) => false,
    }
}

/// An answer as a person would type it.
fn raw(reply: Reply, body: &str) -> String {
    let mut text = reply.status.to_string();
    for (name, value) in reply.headers {
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
    use crate::demo::case::Seen;
    use crate::lab::play::{Moment, What, play};
    use crossing::browser::Event;

    /// What goes over the wire: a method and a status for each exchange.
    fn wire(moments: &[Moment]) -> Vec<String> {
        let mut wire = Vec::new();
        for moment in moments {
            match &moment.what {
                What::Told(Event::Sent(_, head)) => wire.push(head.method.to_string()),
                What::Told(Event::Received(_, head)) => {
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
            let plan = state(case).plan().unwrap_or_else(|mistakes| panic!("{}: {mistakes:?}", case.id));
            let moments = play(&plan);
            let promised: Vec<&str> = case.wire.iter().map(|wire| wire.line).collect();
            assert_eq!(wire(&moments), promised, "{}", case.id);
            match (&moments.last().unwrap().what, case.seen) {
                (What::Failed(failure), Seen::Error(reason)) => {
                    assert_eq!(failure.reason, reason, "{}", case.id)
                }
                (What::Delivered(response, text), Seen::Response { line, body, headers }) => {
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
                            case::Fact::Is(text) => {
                                assert_eq!(value.as_deref(), Some(*text), "{}: {name}", case.id)
                            }
                            case::Fact::Absent => assert_eq!(value, None, "{}: {name}", case.id),
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
