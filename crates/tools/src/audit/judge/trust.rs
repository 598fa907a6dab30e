//! Who is trusted that should not be.

use crate::audit::class::Class;
use crate::audit::findings::{Finding, Scene};
use crate::audit::probe::{Asker, Exchange, Shape, Special};
use crate::audit::severity::Severity;
use crate::network::AddressSpace;

/// Where trust is shown: on the answer, on its preflight, on an error.
const PLACES: [(Shape, &str); 3] =
    [(Shape::Actual, "on the answer"), (Shape::Preflight, "on its preflight"), (Shape::Error, "on an error")];

pub(super) fn judge(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = reflection(scene);
    findings.extend(null(scene));
    findings.extend(injection(scene));
    // A server that trusts everybody trusts the look-alikes as well: that is no second fault.
    if findings.iter().any(|finding| matches!(finding.class, Class::Reflect | Class::ReflectNc)) {
        return findings;
    }
    findings.extend(look_alikes(scene));
    findings
}

fn reflection(scene: &Scene<'_>) -> Vec<Finding> {
    let found = PLACES.iter().filter_map(|(shape, place)| {
        let pair = scene.evidence.reflected(*shape)?;
        let credentials = pair.iter().any(|exchange| exchange.answer.credentials());
        let class = if credentials { Class::Reflect } else { Class::ReflectNc };
        let base = class.row().severity;
        let severity = match (class, shape, scene.space) {
            // An error tells a stranger little.
            (Class::Reflect, Shape::Error, _) => Severity::Medium,
            (Class::ReflectNc, Shape::Actual | Shape::Preflight, AddressSpace::Private) => Severity::High,
            _ => base,
        };
        Some(
            Finding::new(class, format!("two origins that nobody has heard of, {place}"), &pair)
                .severity(severity),
        )
    });
    let mut found: Vec<Finding> = found.collect();
    // Without credentials on an error, but with them on the answer: the answer is the finding.
    if found.iter().any(|finding| finding.class == Class::Reflect) {
        found.retain(|finding| finding.class == Class::Reflect);
    }
    found
}

fn null(scene: &Scene<'_>) -> Vec<Finding> {
    let found = PLACES.iter().filter_map(|(shape, place)| {
        let exchange = scene.evidence.of(*shape, &Asker::Null).filter(|exchange| exchange.grants_this())?;
        let severity = scene.severity_of(Class::Null, exchange);
        Some(Finding::new(Class::Null, *place, &[exchange]).severity(severity))
    });
    found.collect()
}

fn injection(scene: &Scene<'_>) -> Option<Finding> {
    let exchange = scene.evidence.special(Special::Injection)?;
    exchange.answer.get("x-crossing-audit")?;
    Some(Finding::new(Class::HeaderInj, "an encoded line break became one", &[exchange]))
}

/// What follows from a class: to mend the one mends the other.
fn implied(class: Class) -> &'static [Class] {
    match class {
        Class::Substr => {
            &[Class::Prefix, Class::Suffix, Class::Special, Class::Dot, Class::Portany, Class::Subany]
        }
        Class::Prefix => &[Class::Special, Class::Portany],
        Class::Suffix => &[Class::Subany, Class::Dot],
        _ => &[],
    }
}

fn look_alikes(scene: &Scene<'_>) -> Vec<Finding> {
    let granted =
        |exchange: &&Exchange| matches!(exchange.probe.asker, Asker::Candidate(_)) && exchange.grants_this();
    let granted: Vec<&Exchange> = scene.evidence.iter().filter(granted).collect();
    let class_of = |exchange: &Exchange| match &exchange.probe.asker {
        Asker::Candidate(candidate) => Some(candidate.class),
        _ => None,
    };
    let classes: Vec<Class> = granted.iter().filter_map(|exchange| class_of(exchange)).collect();
    let mut findings = Vec::new();
    for class in Class::ALL {
        let mine: Vec<&Exchange> =
            granted.iter().copied().filter(|exchange| class_of(exchange) == Some(*class)).collect();
        let Some(worst) = mine.iter().max_by_key(|exchange| scene.severity_of(*class, exchange)) else {
            continue;
        };
        if classes.iter().any(|other| implied(*other).contains(class)) {
            continue;
        }
        // What no browser can send endangers nobody, unless the fault shows in an origin that one can.
        if *class == Class::AnchorMl && classes.iter().any(|other| *other != Class::AnchorMl) {
            continue;
        }
        let severity = scene.severity_of(*class, worst);
        findings.push(Finding::new(*class, remark(&mine), &proof(&mine)).severity(severity));
    }
    findings
}

/// The origins that were granted.
fn remark(exchanges: &[&Exchange]) -> String {
    let mut origins: Vec<&str> = Vec::new();
    for origin in exchanges.iter().filter_map(|exchange| exchange.origin()) {
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    const SHOWN: usize = 3;
    let more = origins.len().saturating_sub(SHOWN);
    let shown = origins.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// One exchange on the answer, and one on the preflight.
fn proof<'a>(exchanges: &[&'a Exchange]) -> Vec<&'a Exchange> {
    let first = |shape| exchanges.iter().copied().find(|exchange| exchange.probe.shape == shape);
    [Shape::Actual, Shape::Preflight].into_iter().filter_map(first).collect()
}
