//! What the address means: mixed content, private networks.

use crossing::origin::is_loopback_host;

use crate::audit::class::Class;
use crate::audit::findings::{Finding, Scene};
use crate::audit::probe::{Asker, Grant, Shape};
use crate::audit::target::Owned;
use crate::network::{AddressSpace, is_public_name};

pub(super) fn judge(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let url = &scene.target.url;
    let stated = scene.target.owned == Owned::Stated;
    let secure = scene.target.own.iter().find(|own| own.scheme() == "https").filter(|_| stated);
    let here = url.host_str().is_some_and(is_loopback_host) || scene.space == AddressSpace::Loopback;
    if let Some(own) = secure.filter(|_| url.scheme() == "http" && !here) {
        findings.push(Finding::new(Class::Mixed, format!("{} asks {}", own.as_str(), url.scheme()), &[]));
    }
    if scene.space == AddressSpace::Private {
        if stated && scene.target.own.iter().any(|own| is_public_name(own.host())) {
            findings.push(Finding::new(Class::Lna, "", &[]));
        }
        findings.extend(open_intranet(scene));
    }
    findings
}

/// A private service that shares its answers with everybody, unasked.
fn open_intranet(scene: &Scene<'_>) -> Option<Finding> {
    let stranger = scene.evidence.of(Shape::Actual, &Asker::Stranger(1))?;
    let open = matches!(stranger.grant(), Grant::This | Grant::Everybody);
    (open && stranger.answer.status().is_success()).then(|| Finding::new(Class::Intranet, "", &[stranger]))
}
