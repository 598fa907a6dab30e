//! What caches would do with the answers.

use crate::audit::class::Class;
use crate::audit::findings::{Finding, Scene};
use crate::audit::probe::{Answer, Asker, Exchange, Shape, Special};
use crate::audit::severity::Severity;

pub(super) fn judge(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let shapes = [(Shape::Actual, "on the answer"), (Shape::Error, "on an error")];
    findings.extend(shapes.iter().filter_map(|(shape, place)| vary(scene, *shape, place)));
    findings.extend(preflight(scene));
    findings.extend(scene.evidence.iter().find_map(shared_with_credentials));
    findings
}

/// Whether answers to different origins differ, and do not say so.
fn vary(scene: &Scene<'_>, shape: Shape, place: &str) -> Option<Finding> {
    // A malformed Origin is no reason to vary.
    let sane = |exchange: &&Exchange| match &exchange.probe.asker {
        Asker::Candidate(candidate) => candidate.class != Class::AnchorMl,
        _ => true,
    };
    let all: Vec<&Exchange> = scene.evidence.shaped(shape).filter(sane).collect();
    let said = |exchange: &Exchange| exchange.answer.get("access-control-allow-origin");
    let first = *all.first()?;
    let other = all.iter().copied().find(|exchange| said(exchange) != said(first))?;
    let silent = |exchange: &&Exchange| !exchange.answer.varies_on("origin");
    let silent = all.iter().copied().find(silent)?;
    let severity = match cacheability(&silent.answer) {
        Cacheability::Never => Severity::Info,
        Cacheability::Heuristic => Severity::Medium,
        // Without credentials one page is handed what another was granted, and only cannot read it.
        Cacheability::Shared if all.iter().any(|exchange| exchange.answer.credentials()) => Severity::High,
        Cacheability::Shared => Severity::Medium,
    };
    let contrast = if said(silent) == said(first) { other } else { first };
    let who = silent.origin().map_or("without Origin".to_owned(), |origin| format!("to {origin}"));
    let remark = format!("missing {place}, {who}");
    Some(Finding::new(Class::VaryMissing, remark, &[silent, contrast]).severity(severity))
}

/// How far an answer is stored.
enum Cacheability {
    /// `no-store`.
    Never,
    /// Nobody forbids it.
    Heuristic,
    /// Shared caches are invited, or have been at work.
    Shared,
}

fn cacheability(answer: &Answer) -> Cacheability {
    let control = answer.list("cache-control");
    let says = |word: &str| control.iter().any(|directive| directive.split('=').next() == Some(word));
    let worked =
        ["age", "x-cache", "cf-cache-status", "x-cache-hits"].iter().any(|name| answer.get(name).is_some());
    if says("no-store") {
        Cacheability::Never
    } else if says("public") || says("s-maxage") || worked {
        Cacheability::Shared
    } else {
        Cacheability::Heuristic
    }
}

fn preflight(scene: &Scene<'_>) -> Option<Finding> {
    let own = scene.evidence.of(Shape::Preflight, &Asker::Own)?;
    let other = scene.evidence.special(Special::UnknownAsk)?;
    if !matches!(cacheability(&own.answer), Cacheability::Shared) {
        return None;
    }
    for (allowed, asked) in [
        ("access-control-allow-methods", "access-control-request-method"),
        ("access-control-allow-headers", "access-control-request-headers"),
    ] {
        let differs = own.answer.get(allowed) != other.answer.get(allowed);
        if differs && !own.answer.varies_on(asked) {
            return Some(Finding::new(Class::VaryPreflight, format!("Vary lacks {asked}"), &[own, other]));
        }
    }
    None
}

fn shared_with_credentials(exchange: &Exchange) -> Option<Finding> {
    let public = exchange.answer.list("cache-control").iter().any(|word| word == "public");
    let readable = exchange.probe.shape == Shape::Actual && exchange.answer.credentials();
    (public && readable && exchange.grants_this()).then(|| Finding::new(Class::CacheCred, "", &[exchange]))
}
