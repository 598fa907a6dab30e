//! The words of the page that are not its own: the table of reasons in both languages, the rules behind each step, the
//! findings of lint, and the lessons. The Russian of the reasons stands here and nowhere else; a test holds it complete.

mod chapters;
mod lessons;
mod problems;
mod reasons;
mod rules;

use std::collections::BTreeMap;

use crossing::server::Problem;
use crossing::{Exchange, Reason};
use serde::Serialize;

/// Everything, by code.
#[derive(Serialize)]
pub(super) struct Words {
    reasons: BTreeMap<&'static str, ReasonWords>,
    rules: BTreeMap<&'static str, RuleWords>,
    problems: BTreeMap<&'static str, ProblemWords>,
}

#[derive(Serialize)]
struct ReasonWords {
    fault: &'static str,
    spec: &'static str,
    /// Chromium's names, for a request and for a preflight.
    chromium: [Option<&'static str>; 2],
    firefox: Option<&'static str>,
    en: Sentences,
    ru: Sentences,
}

/// What a row of the table of reasons says.
#[derive(Clone, Copy, Serialize)]
struct Sentences {
    message: &'static str,
    cause: &'static str,
    fix: &'static str,
    rule: &'static str,
}

/// The rule behind a step, in our own words, and its place in the standard.
#[derive(Clone, Copy, Serialize)]
struct RuleWords {
    #[serde(skip)]
    code: &'static str,
    spec: &'static str,
    en: &'static str,
    ru: &'static str,
}

#[derive(Serialize)]
struct ProblemWords {
    en: &'static str,
    ru: &'static str,
}

/// A lesson's words.
#[derive(Clone, Copy)]
pub(super) struct Lesson {
    id: &'static str,
    pub(super) text: &'static str,
    pub(super) title_ru: &'static str,
    pub(super) promise_ru: &'static str,
    pub(super) text_ru: &'static str,
}

/// All of them.
pub(super) fn all() -> Words {
    let reasons = Reason::ALL.iter().map(|reason| (reason.code(), ReasonWords::of(*reason)));
    let rules = rules::RULES.iter().map(|rule| (rule.code, *rule));
    let problems = Problem::ALL.iter().map(|problem| {
        let ru = find(problems::RUSSIAN, problem.code()).unwrap_or_default();
        (problem.code(), ProblemWords { en: problem.message(), ru })
    });
    Words { reasons: reasons.collect(), rules: rules.collect(), problems: problems.collect() }
}

impl ReasonWords {
    fn of(reason: Reason) -> ReasonWords {
        let en = Sentences {
            message: reason.message(),
            cause: reason.cause(),
            fix: reason.fix(),
            rule: reason.rule(),
        };
        ReasonWords {
            fault: reason.fault().as_str(),
            spec: reason.spec(),
            chromium: [Exchange::Request, Exchange::Preflight].map(|exchange| reason.chromium(exchange)),
            firefox: reason.firefox(),
            en,
            // A test holds that there is Russian for every reason.
            ru: find(reasons::RUSSIAN, reason.code()).unwrap_or(en),
        }
    }
}

/// A lesson's words.
pub(super) fn lesson(id: &'static str) -> Lesson {
    let known = lessons::LESSONS.iter().find(|lesson| lesson.id == id).copied();
    known.unwrap_or(Lesson { id, text: "", title_ru: "", promise_ru: "", text_ru: "" })
}

/// A chapter's title in Russian.
pub(super) fn chapter(title: &str) -> &'static str {
    find(chapters::RUSSIAN, title).unwrap_or_default()
}

fn find<T: Copy>(table: &[(&str, T)], code: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::demo::cases::CHAPTERS;

    /// A table has each code once, and no other.
    fn assert_complete(what: &str, table: Vec<&str>, codes: Vec<&str>) {
        assert_eq!(table.len(), table.iter().collect::<BTreeSet<_>>().len(), "{what}: a code stands twice");
        let (table, codes): (BTreeSet<_>, BTreeSet<_>) =
            (table.into_iter().collect(), codes.into_iter().collect());
        assert_eq!(
            codes.difference(&table).collect::<Vec<_>>(),
            Vec::<&&str>::new(),
            "{what}: without words"
        );
        assert_eq!(
            table.difference(&codes).collect::<Vec<_>>(),
            Vec::<&&str>::new(),
            "{what}: words for nothing"
        );
    }

    fn codes<T>(table: &[(&'static str, T)]) -> Vec<&'static str> {
        table.iter().map(|(code, _)| *code).collect()
    }

    #[test]
    fn every_reason_has_its_russian() {
        assert_complete("reasons", codes(reasons::RUSSIAN), Reason::ALL.iter().map(|r| r.code()).collect());
        for (code, words) in reasons::RUSSIAN {
            for text in [words.message, words.cause, words.fix, words.rule] {
                assert!(is_russian(text) && text.ends_with('.'), "{code}: {text}");
            }
        }
    }

    #[test]
    fn every_finding_of_lint_has_its_russian() {
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
    fn every_lesson_has_its_text_in_both_languages() {
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
    fn every_rule_is_told_in_both_languages() {
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
