//! The texts that the page gets from the program, in both languages: the table of reasons, the rule of each step, the
//! findings of lint, and the lessons. A test checks that no Russian text is missing.

mod chapters;
mod lessons;
mod problems;
mod reasons;
mod rules;

use std::collections::BTreeMap;

use crossing::server::Problem;
use crossing::{Exchange, Reason};
use serde::Serialize;

/// All texts but those of the lessons, by code.
#[derive(Serialize)]
pub(super) struct Translations {
    reasons: BTreeMap<&'static str, ReasonTexts>,
    rules: BTreeMap<&'static str, RuleTexts>,
    problems: BTreeMap<&'static str, ProblemTexts>,
}

#[derive(Serialize)]
struct ReasonTexts {
    fault: &'static str,
    spec: &'static str,
    /// Chromium's names, for a request and for a preflight.
    chromium: [Option<&'static str>; 2],
    firefox: Option<&'static str>,
    en: Sentences,
    ru: Sentences,
}

/// The sentences of a row of the table of reasons.
#[derive(Clone, Copy, Serialize)]
struct Sentences {
    message: &'static str,
    cause: &'static str,
    fix: &'static str,
    rule: &'static str,
}

/// The rule of a step, and its anchor in the standard.
#[derive(Clone, Copy, Serialize)]
struct RuleTexts {
    #[serde(skip)]
    code: &'static str,
    spec: &'static str,
    en: &'static str,
    ru: &'static str,
}

#[derive(Serialize)]
struct ProblemTexts {
    en: &'static str,
    ru: &'static str,
}

/// The texts of a lesson.
#[derive(Clone, Copy)]
pub(super) struct LessonTexts {
    id: &'static str,
    pub(super) text: &'static str,
    pub(super) title_ru: &'static str,
    pub(super) promise_ru: &'static str,
    pub(super) text_ru: &'static str,
}

pub(super) fn all() -> Translations {
    let reasons = Reason::ALL.iter().map(|reason| (reason.code(), ReasonTexts::new(*reason)));
    let rules = rules::RULES.iter().map(|rule| (rule.code, *rule));
    let problems = Problem::ALL.iter().map(|problem| {
        let ru = find(problems::RUSSIAN, problem.code()).unwrap_or_default();
        (problem.code(), ProblemTexts { en: problem.message(), ru })
    });
    Translations { reasons: reasons.collect(), rules: rules.collect(), problems: problems.collect() }
}

impl ReasonTexts {
    fn new(reason: Reason) -> ReasonTexts {
        let en = Sentences {
            message: reason.message(),
            cause: reason.cause(),
            fix: reason.fix(),
            rule: reason.rule(),
        };
        ReasonTexts {
            fault: reason.fault().as_str(),
            spec: reason.spec(),
            chromium: [Exchange::Request, Exchange::Preflight].map(|exchange| reason.chromium(exchange)),
            firefox: reason.firefox(),
            en,
            // A test checks that every reason has a Russian text.
            ru: find(reasons::RUSSIAN, reason.code()).unwrap_or(en),
        }
    }
}

/// The texts of the lesson with this id.
pub(super) fn lesson(id: &'static str) -> LessonTexts {
    let known = lessons::LESSONS.iter().find(|lesson| lesson.id == id).copied();
    known.unwrap_or(LessonTexts { id, text: "", title_ru: "", promise_ru: "", text_ru: "" })
}

/// The Russian title of a chapter.
pub(super) fn chapter_title(title: &str) -> &'static str {
    find(chapters::RUSSIAN, title).unwrap_or_default()
}

fn find<T: Copy>(table: &[(&str, T)], code: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == code).map(|(_, texts)| *texts)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crossing_tools::story::Rule;

    use super::*;
    use crate::demo::cases::CHAPTERS;

    /// A table has each code once, and no other.
    fn assert_complete(what: &str, table: Vec<&str>, codes: Vec<&str>) {
        assert_eq!(
            table.len(),
            table.iter().collect::<BTreeSet<_>>().len(),
            "{what}: a code is listed twice"
        );
        let (table, codes): (BTreeSet<_>, BTreeSet<_>) =
            (table.into_iter().collect(), codes.into_iter().collect());
        assert_eq!(
            codes.difference(&table).collect::<Vec<_>>(),
            Vec::<&&str>::new(),
            "{what}: without a text"
        );
        assert_eq!(
            table.difference(&codes).collect::<Vec<_>>(),
            Vec::<&&str>::new(),
            "{what}: a text for an unknown code"
        );
    }

    fn codes<T>(table: &[(&'static str, T)]) -> Vec<&'static str> {
        table.iter().map(|(code, _)| *code).collect()
    }

    #[test]
    fn every_reason_has_a_russian_text() {
        assert_complete("reasons", codes(reasons::RUSSIAN), Reason::ALL.iter().map(|r| r.code()).collect());
        for (code, texts) in reasons::RUSSIAN {
            for text in [texts.message, texts.cause, texts.fix, texts.rule] {
                assert!(is_russian(text) && text.ends_with('.'), "{code}: {text}");
            }
        }
    }

    #[test]
    fn every_finding_of_lint_has_a_russian_text() {
        assert_complete(
            "problems",
            codes(problems::RUSSIAN),
            Problem::ALL.iter().map(|p| p.code()).collect(),
        );
        for (code, text) in problems::RUSSIAN {
            assert!(is_russian(text) && text.ends_with('.'), "{code}: {text}");
        }
    }

    #[test]
    fn every_lesson_has_a_text_in_both_languages() {
        let cases = CHAPTERS.iter().flat_map(|chapter| chapter.cases.iter().map(|case| case.id));
        assert_complete(
            "lessons",
            lessons::LESSONS.iter().map(|lesson| lesson.id).collect(),
            cases.collect(),
        );
        for lesson in lessons::LESSONS {
            assert!(!lesson.title_ru.is_empty() && is_russian(lesson.promise_ru), "{}", lesson.id);
            assert!(!is_russian(lesson.text) && lesson.text.ends_with('.'), "{}: {}", lesson.id, lesson.text);
            assert!(is_russian(lesson.text_ru) && lesson.text_ru.ends_with('.'), "{}", lesson.id);
        }
        let titles = CHAPTERS.iter().map(|chapter| chapter.title).collect();
        assert_complete("chapters", codes(chapters::RUSSIAN), titles);
    }

    #[test]
    fn every_rule_of_a_story_has_a_text() {
        // A simulation has no HTTP cache.
        let rules = Rule::ALL.iter().filter(|rule| **rule != Rule::FromCache);
        let codes: Vec<String> =
            rules.map(|rule| serde_json::to_value(rule).unwrap().as_str().unwrap().to_owned()).collect();
        assert_complete(
            "rules",
            rules::RULES.iter().map(|rule| rule.code).collect(),
            codes.iter().map(String::as_str).collect(),
        );
    }

    #[test]
    fn every_rule_has_a_text_in_both_languages() {
        let ids = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/fetch.ids");
        let ids = std::fs::read_to_string(ids).unwrap();
        for rule in rules::RULES {
            let anchor = rule.spec.strip_prefix("https://fetch.spec.whatwg.org/#").unwrap();
            assert!(ids.lines().any(|id| id == anchor), "{}: the standard has no anchor {anchor}", rule.code);
            assert!(rule.en.ends_with('.'), "{}", rule.code);
            assert!(is_russian(rule.ru) && rule.ru.ends_with('.'), "{}", rule.code);
        }
    }

    fn is_russian(text: &str) -> bool {
        text.chars().any(|c| ('а'..='я').contains(&c.to_lowercase().next().unwrap_or(c)))
    }
}
