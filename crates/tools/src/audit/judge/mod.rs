//! Judges what came back: pure functions from the evidence to findings.

mod apart;
mod caching;
mod consistency;
mod network;
mod own;
mod preflight;
mod trust;
mod values;

pub(crate) use consistency::location;

use super::class::Class;
use super::findings::{Finding, Scene};

/// Every finding, the worst first; one for each class.
pub(crate) fn judge(scene: &Scene<'_>) -> Vec<Finding> {
    let judges = [
        trust::judge,
        values::judge,
        caching::judge,
        preflight::judge,
        consistency::judge,
        network::judge,
        apart::judge,
        own::judge,
    ];
    let mut findings: Vec<Finding> = Vec::new();
    for finding in judges.iter().flat_map(|judge| judge(scene)) {
        match findings.iter_mut().find(|known| known.class == finding.class) {
            None => findings.push(finding),
            Some(known) if known.severity < finding.severity => *known = finding,
            Some(_) => {}
        }
    }
    // Those say already why.
    let explained = [Class::MultiAcao, Class::Case, Class::Inconsistent];
    if findings.iter().any(|finding| explained.contains(&finding.class)) {
        findings.retain(|finding| finding.class != Class::OwnRefused);
    }
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.class));
    findings
}

#[cfg(test)]
mod tests;
