//! Whether the pages that are meant to be allowed are.

use crate::audit::class::Class;
use crate::audit::findings::{Finding, Scene};
use crate::audit::probe::{Asker, Exchange, Grant, Shape};
use crate::audit::target::Owned;

pub(super) fn judge(scene: &Scene<'_>) -> Vec<Finding> {
    if scene.target.owned == Owned::Guessed {
        return Vec::new();
    }
    let meant = |exchange: &&Exchange| matches!(exchange.probe.asker, Asker::Own | Asker::OtherOwn);
    // Of errors and redirects others speak.
    let answered = |exchange: &&Exchange| exchange.answer.status().is_success();
    let refused = |exchange: &&Exchange| !matches!(exchange.grant(), Grant::This | Grant::Everybody);
    let mut answers = scene.evidence.shaped(Shape::Actual).filter(meant).filter(answered);
    let refused = answers
        .find(refused)
        .map(|exchange| Finding::new(Class::OwnRefused, exchange.origin().unwrap_or_default(), &[exchange]));
    refused.into_iter().collect()
}
