//! The results of all cases.

use serde::Serialize;

use super::case::Case;
use super::observation::Observation;
use crossing_tools::report::ExchangeDocument;

pub(crate) struct Report {
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

/// The document of `--json`.
#[derive(Serialize)]
pub(crate) struct DemoDocument {
    cases: Vec<CaseDocument>,
    ok: usize,
    failed: usize,
}

#[derive(Serialize)]
struct CaseDocument {
    id: &'static str,
    title: &'static str,
    expected: String,
    got: String,
    ok: bool,
    exchanges: Vec<ExchangeDocument>,
}

impl CaseResult {
    pub(crate) fn is_as_expected(&self) -> bool {
        self.expected == self.observed
    }
}

impl Report {
    pub(crate) fn total(&self) -> usize {
        self.chapters.iter().map(|chapter| chapter.results.len()).sum()
    }

    /// The number of cases that did not end as expected.
    pub(crate) fn failed(&self) -> usize {
        let results = self.chapters.iter().flat_map(|chapter| &chapter.results);
        results.filter(|result| !result.is_as_expected()).count()
    }

    pub(crate) fn into_document(self) -> DemoDocument {
        let failed = self.failed();
        let results = self.chapters.into_iter().flat_map(|chapter| chapter.results);
        let cases: Vec<CaseDocument> = results.map(CaseDocument::new).collect();
        DemoDocument { ok: cases.len() - failed, failed, cases }
    }
}

impl CaseDocument {
    fn new(result: CaseResult) -> CaseDocument {
        CaseDocument {
            id: result.case.id,
            title: result.case.title,
            expected: result.expected.to_string(),
            got: result.observed.to_string(),
            ok: result.is_as_expected(),
            exchanges: result.exchanges,
        }
    }
}
