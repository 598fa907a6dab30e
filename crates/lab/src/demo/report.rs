//! The results of all cases.

use crossing_tools::report::ExchangeDocument;
use serde::{Serialize, Serializer};

use super::case::Case;
use super::observation::Observation;

/// The results of all cases.
///
/// `Display` draws them as a table, 80 columns wide and without colour; `Serialize` writes the document that
/// `crossing demo --json` prints.
pub struct Report {
    pub(crate) chapters: Vec<ChapterReport>,
}

pub(crate) struct ChapterReport {
    pub(crate) title: &'static str,
    pub(crate) results: Vec<CaseResult>,
}

pub(crate) struct CaseResult {
    pub(crate) case: &'static Case,
    pub(crate) expected: Observation,
    pub(crate) observed: Observation,
    pub(crate) exchanges: Vec<ExchangeDocument>,
}

#[derive(Serialize)]
struct DemoDocument<'a> {
    cases: Vec<CaseDocument<'a>>,
    ok: usize,
    failed: usize,
}

#[derive(Serialize)]
struct CaseDocument<'a> {
    id: &'static str,
    title: &'static str,
    expected: String,
    got: String,
    ok: bool,
    exchanges: &'a [ExchangeDocument],
}

impl CaseResult {
    pub(crate) fn is_as_expected(&self) -> bool {
        self.expected == self.observed
    }
}

impl Report {
    /// The number of cases.
    pub fn total(&self) -> usize {
        self.results().count()
    }

    /// The number of cases that did not end as the standard requires.
    pub fn failed(&self) -> usize {
        self.results().filter(|result| !result.is_as_expected()).count()
    }

    fn results(&self) -> impl Iterator<Item = &CaseResult> {
        self.chapters.iter().flat_map(|chapter| &chapter.results)
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let failed = self.failed();
        let cases: Vec<_> = self.results().map(CaseDocument::new).collect();
        DemoDocument { ok: cases.len() - failed, failed, cases }.serialize(serializer)
    }
}

impl CaseDocument<'_> {
    fn new(result: &CaseResult) -> CaseDocument<'_> {
        CaseDocument {
            id: result.case.id,
            title: result.case.title,
            expected: result.expected.to_string(),
            got: result.observed.to_string(),
            ok: result.is_as_expected(),
            exchanges: &result.exchanges,
        }
    }
}
