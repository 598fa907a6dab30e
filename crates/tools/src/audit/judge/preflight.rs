//! Preflights: whether they are answered, and what they grant.

use crossing::HeaderName;
use crossing::headers::grammar::delta_seconds;

use crate::audit::class::Class;
use crate::audit::findings::{Finding, Scene};
use crate::audit::probe::{Asker, Exchange, Grant, Shape, Special};
use crate::audit::severity::Severity;
use crate::audit::target::Owned;

/// Longer no browser remembers a preflight, in seconds.
const LONGEST_MAX_AGE: u64 = 86_400;

pub(super) fn judge(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let own = Asker::Own;
    let actual = scene.evidence.of(Shape::Actual, &own);
    let shared = actual.is_some_and(|exchange| matches!(exchange.grant(), Grant::This | Grant::Everybody));
    if let Some(preflight) = scene.evidence.of(Shape::Preflight, &own) {
        if shared || scene.target.owned == Owned::Stated {
            findings.extend(unanswered(preflight));
        }
        let granted = matches!(preflight.grant(), Grant::This | Grant::Everybody);
        if preflight.answer.status().is_success() && granted {
            findings.extend(remembered(preflight));
        }
        findings.extend(lower_case(preflight));
        findings.extend(wildcards(preflight));
    }
    findings.extend(echoed(scene));
    findings.extend(dangerous(scene));
    findings
}

fn unanswered(preflight: &Exchange) -> Option<Finding> {
    let status = preflight.answer.status();
    let class = match status.as_u16() {
        200..=299 => return None,
        300..=399 => Class::PreflightRedir,
        401 | 407 => Class::PreflightAuth,
        _ => Class::PreflightStatus,
    };
    Some(Finding::new(class, format!("status {}", status.as_u16()), &[preflight]))
}

fn remembered(preflight: &Exchange) -> Option<Finding> {
    let name = HeaderName::from_static("access-control-max-age");
    let remark = match delta_seconds(&preflight.answer.head.headers, &name) {
        Ok(None) => "no Access-Control-Max-Age: 5 seconds".to_owned(),
        Ok(Some(0)) => "0 seconds".to_owned(),
        Ok(Some(seconds)) if seconds > LONGEST_MAX_AGE => {
            format!("{seconds} seconds are asked for, and no browser keeps more than {LONGEST_MAX_AGE}")
        }
        Ok(Some(_)) => return None,
        Err(_) => "Access-Control-Max-Age is no number".to_owned(),
    };
    Some(Finding::new(Class::PreflightNocache, remark, &[preflight]))
}

fn lower_case(preflight: &Exchange) -> Option<Finding> {
    let value = preflight.answer.get("access-control-allow-methods")?;
    let known = ["PATCH", "PUT", "DELETE", "GET", "HEAD", "POST", "OPTIONS"];
    let wrong = |word: &&str| known.iter().any(|method| method.eq_ignore_ascii_case(word) && method != word);
    let wrong = value.split(',').map(str::trim).find(wrong)?;
    Some(Finding::new(Class::AcamLower, wrong, &[preflight]))
}

/// `*` where it means nothing, or less than was thought.
fn wildcards(preflight: &Exchange) -> Option<Finding> {
    let answer = &preflight.answer;
    let has = |name, member: &str| answer.list(name).iter().any(|known| known == member);
    if answer.credentials() {
        let names =
            ["access-control-allow-headers", "access-control-allow-methods", "access-control-expose-headers"];
        let name = names.into_iter().find(|name| has(name, "*"))?;
        return Some(Finding::new(Class::AcahAuth, format!("{name}: * with credentials"), &[preflight]));
    }
    let names = "access-control-allow-headers";
    (has(names, "*") && !has(names, "authorization")).then(|| {
        let remark = "* does not cover Authorization";
        Finding::new(Class::AcahAuth, remark, &[preflight]).severity(Severity::Info)
    })
}

fn echoed(scene: &Scene<'_>) -> Option<Finding> {
    let exchange = scene.evidence.special(Special::UnknownAsk)?;
    let asked = |name: &str| {
        let header = exchange.probe.headers.iter().find(|(known, _)| *known == name);
        header.map(|(_, value)| value.to_ascii_lowercase()).unwrap_or_default()
    };
    let (method, header) = (asked("access-control-request-method"), asked("access-control-request-headers"));
    let granted = |name, asked: &str| exchange.answer.list(name).iter().any(|known| known == asked);
    let what = match (
        granted("access-control-allow-methods", &method),
        granted("access-control-allow-headers", &header),
    ) {
        (true, true) => "any method and any header",
        (true, false) => "any method",
        (false, true) => "any header",
        (false, false) => return None,
    };
    Some(Finding::new(Class::AcahReflect, what, &[exchange]))
}

fn dangerous(scene: &Scene<'_>) -> Option<Finding> {
    let exchange = scene.evidence.special(Special::DeleteAsk)?;
    let open = match exchange.grant() {
        Grant::This | Grant::Everybody => exchange.answer.status().is_success(),
        Grant::Missing | Grant::Other(_) => false,
    };
    let methods = exchange.answer.list("access-control-allow-methods");
    let change = |method: &&String| matches!(method.as_str(), "put" | "patch" | "delete" | "trace" | "*");
    let named: Vec<&str> = methods.iter().filter(change).map(String::as_str).collect();
    if !open || named.is_empty() {
        return None;
    }
    let severity = scene.severity_of(Class::MethodsDangerous, exchange);
    let remark = named.join(", ").to_uppercase();
    Some(Finding::new(Class::MethodsDangerous, remark, &[exchange]).severity(severity))
}
