//! What was found, and by what it is proven.

use super::class::Class;
use super::evidence::Evidence;
use super::probe::Exchange;
use super::severity::Severity;
use super::target::Target;
use crate::network::AddressSpace;

/// A misconfiguration of one target.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) class: Class,
    pub(crate) severity: Severity,
    /// What makes this case special; may be empty.
    pub(crate) remark: String,
    /// The exchanges that show it; empty where none is needed.
    pub(crate) proof: Vec<Exchange>,
}

impl Finding {
    pub(crate) fn new(class: Class, remark: impl Into<String>, proof: &[&Exchange]) -> Finding {
        let proof = proof.iter().map(|exchange| (*exchange).clone()).collect();
        Finding { class, severity: class.row().severity, remark: remark.into(), proof }
    }

    pub(crate) fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }
}

/// All that a judgement looks at.
pub(crate) struct Scene<'a> {
    pub(crate) target: &'a Target,
    pub(crate) space: AddressSpace,
    pub(crate) evidence: &'a Evidence,
}

impl Scene<'_> {
    /// How bad it is that this origin is trusted: less where the answer carries no person's data. On a private network the
    /// address alone may stand for a login.
    pub(crate) fn severity_of(&self, class: Class, exchange: &Exchange) -> Severity {
        let base = class.row().severity;
        match (exchange.answer.credentials(), self.space) {
            (true, _) => base,
            (false, AddressSpace::Private) => base.lowered(1),
            (false, _) => base.lowered(2),
        }
    }
}
