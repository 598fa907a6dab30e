//! Whether the answers to one page agree.

use url::Url;

use crate::audit::class::Class;
use crate::audit::findings::{Finding, Scene};
use crate::audit::probe::{Asker, Exchange, Grant, Shape};

pub(super) fn judge(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(flapping(scene));
    findings.extend(disagreeing(scene));
    findings.extend(errors(scene));
    findings.extend(redirects(scene));
    findings
}

/// What a browser reads of an answer.
fn said(exchange: &Exchange) -> (Grant, bool) {
    (exchange.grant(), exchange.answer.credentials())
}

fn grants(exchange: &Exchange) -> bool {
    matches!(exchange.grant(), Grant::This | Grant::Everybody)
}

/// The same probe, answered in two ways: replicas that differ.
fn flapping(scene: &Scene<'_>) -> Option<Finding> {
    [Shape::Actual, Shape::Preflight].into_iter().find_map(|shape| {
        let mut all = scene.evidence.all_of(shape, &Asker::Own);
        let first = all.next()?;
        let other = all.find(|exchange| said(exchange) != said(first))?;
        Some(Finding::new(Class::Inconsistent, "the same request, answered in two ways", &[first, other]))
    })
}

fn disagreeing(scene: &Scene<'_>) -> Option<Finding> {
    let own = |shape| scene.evidence.of(shape, &Asker::Own);
    let actual = own(Shape::Actual)?;
    if let Some(head) = own(Shape::Head).filter(|head| head.answer.status() == actual.answer.status())
        && said(head) != said(actual)
    {
        return Some(Finding::new(Class::Inconsistent, "GET and HEAD", &[actual, head]));
    }
    let preflight = own(Shape::Preflight).filter(|preflight| preflight.answer.status().is_success())?;
    let remark = match (grants(preflight), grants(actual)) {
        (true, true) if preflight.answer.credentials() != actual.answer.credentials() => {
            "the preflight and the answer, on credentials"
        }
        (true, false) if actual.answer.status().is_success() => {
            "the preflight grants what the answer does not"
        }
        (false, true) => "the answer grants what the preflight does not",
        _ => return None,
    };
    Some(Finding::new(Class::Inconsistent, remark, &[preflight, actual]))
}

/// Errors without what other answers have.
fn errors(scene: &Scene<'_>) -> Option<Finding> {
    let own = |shape| scene.evidence.of(shape, &Asker::Own);
    let failed = |exchange: &&Exchange| {
        let status = exchange.answer.status();
        status.is_client_error() || status.is_server_error()
    };
    let actual = own(Shape::Actual)?;
    if grants(actual) && !failed(&actual) {
        let error = own(Shape::Error).filter(failed).filter(|error| !grants(error))?;
        let remark = format!("status {}", error.answer.status().as_u16());
        return Some(Finding::new(Class::ErrNocors, remark, &[error, actual]));
    }
    // The address itself answers with an error, which its preflight would have let pass.
    let preflight = own(Shape::Preflight).filter(|preflight| grants(preflight))?;
    let error = Some(actual).filter(failed).filter(|error| !grants(error))?;
    let remark = format!("status {}", error.answer.status().as_u16());
    Some(Finding::new(Class::ErrNocors, remark, &[error, preflight]))
}

fn redirects(scene: &Scene<'_>) -> Option<Finding> {
    let hops = scene.evidence.all_of(Shape::Hop, &Asker::Own);
    let chain: Vec<&Exchange> =
        scene.evidence.of(Shape::Actual, &Asker::Own).into_iter().chain(hops).collect();
    let shared = scene.evidence.iter().any(|exchange| exchange.probe.asker == Asker::Own && grants(exchange));
    chain
        .iter()
        .find_map(|exchange| {
            let remark = match redirect_problem(exchange)? {
                // Nothing here is meant for other origins.
                Problem::Unshared
                    if !shared && scene.target.owned == crate::audit::target::Owned::Guessed =>
                {
                    return None;
                }
                Problem::Unshared => "no grant on the redirect".to_owned(),
                Problem::Userinfo => "a user or a password in Location".to_owned(),
            };
            Some(Finding::new(Class::RedirNocors, remark, &[exchange]))
        })
        .or_else(|| {
            // Where the chain ends, a page must be granted as well.
            let last = chain.last().filter(|last| last.probe.shape == Shape::Hop)?;
            (shared && !redirects_on(last) && !grants(last))
                .then(|| Finding::new(Class::RedirNocors, "no grant where the redirect leads", &[last]))
        })
}

enum Problem {
    Unshared,
    Userinfo,
}

fn redirects_on(exchange: &Exchange) -> bool {
    location(exchange).is_some()
}

fn redirect_problem(exchange: &Exchange) -> Option<Problem> {
    let to = location(exchange)?;
    if !to.username().is_empty() || to.password().is_some() {
        return Some(Problem::Userinfo);
    }
    (!grants(exchange)).then_some(Problem::Unshared)
}

/// Where an answer redirects to.
pub(crate) fn location(exchange: &Exchange) -> Option<Url> {
    let redirect = matches!(exchange.answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let to = exchange.answer.get("location").filter(|_| redirect)?;
    exchange.probe.url.join(&to).ok().filter(|to| matches!(to.scheme(), "http" | "https"))
}
