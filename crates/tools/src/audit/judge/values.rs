//! Values that no browser takes, or that say more than was meant.

use crossing::Origin;
use url::Url;

use crate::audit::class::Class;
use crate::audit::findings::{Finding, Scene};
use crate::audit::probe::{Answer, Asker, Exchange, Grant, Shape};
use crate::audit::severity::Severity;

const ACAO: &str = "access-control-allow-origin";
const ACAC: &str = "access-control-allow-credentials";

pub(super) fn judge(scene: &Scene<'_>) -> Vec<Finding> {
    let answers: Vec<&Exchange> = plain(scene).collect();
    let mut findings = Vec::new();
    findings.extend(answers.iter().find_map(|exchange| allow_origin(exchange)));
    findings.extend(answers.iter().find_map(|exchange| allow_credentials(exchange)));
    findings.extend(answers.iter().find_map(|exchange| wildcard_with_credentials(exchange)));
    findings.extend(answers.iter().find_map(|exchange| personal_for_everybody(exchange)));
    findings.extend(answers.iter().find_map(|exchange| exposed(exchange)));
    findings.extend(answers.iter().find_map(|exchange| timing(exchange)));
    findings
}

/// What own pages and nobody got.
fn plain<'a>(scene: &'a Scene<'_>) -> impl Iterator<Item = &'a Exchange> {
    let asker = |exchange: &&Exchange| matches!(exchange.probe.asker, Asker::Own | Asker::Nobody);
    let shape = |exchange: &&Exchange| !matches!(exchange.probe.shape, Shape::Special(_));
    scene.evidence.iter().filter(asker).filter(shape)
}

fn allow_origin(exchange: &Exchange) -> Option<Finding> {
    // Without Origin no browser looks at it.
    let (value, own) = (exchange.answer.get(ACAO)?, exchange.origin()?);
    if value != own && normalised(&value).is_some_and(|value| value == own) {
        return Some(Finding::new(Class::Case, format!("{value} for {own}"), &[exchange]));
    }
    let problem = problem_of(&exchange.answer, &value)?;
    Some(Finding::new(Class::MultiAcao, problem, &[exchange]))
}

/// What is wrong with a value, if anything is.
fn problem_of(answer: &Answer, value: &str) -> Option<String> {
    let lines = answer.count(ACAO);
    if lines > 1 {
        return Some(format!("{lines} lines of it"));
    }
    if value == "*" {
        return None;
    }
    if value == "null" {
        return Some("null, which is the origin of every sandboxed page".to_owned());
    }
    if value.contains([',', ' ']) {
        return Some(format!("a list of origins, {value}"));
    }
    // A browser could have a host with `*` in it; nobody has.
    if value.contains('*') {
        return Some(format!("a pattern, {value}"));
    }
    match Origin::parse(value) {
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    }
}

/// The origin that somebody meant.
fn normalised(value: &str) -> Option<String> {
    let url = Url::parse(value).ok()?;
    (matches!(url.path(), "" | "/") && url.query().is_none() && url.username().is_empty())
        .then(|| url.origin().ascii_serialization())
}

fn allow_credentials(exchange: &Exchange) -> Option<Finding> {
    let value = exchange.answer.get(ACAC)?;
    let meant = value.to_ascii_lowercase();
    let yes = meant.split(',').any(|word| matches!(word.trim().trim_matches('"'), "true" | "1" | "yes"));
    (value != "true" && yes).then(|| Finding::new(Class::AcacCase, value.clone(), &[exchange]))
}

fn wildcard_with_credentials(exchange: &Exchange) -> Option<Finding> {
    let both = exchange.grant() == Grant::Everybody && exchange.answer.credentials();
    both.then(|| Finding::new(Class::WildCred, "", &[exchange]))
}

fn personal_for_everybody(exchange: &Exchange) -> Option<Finding> {
    let answer = &exchange.answer;
    if exchange.probe.shape != Shape::Actual || exchange.grant() != Grant::Everybody {
        return None;
    }
    let private = answer.list("cache-control").iter().any(|word| word == "private");
    let (remark, severity) = if answer.count("set-cookie") > 0 {
        ("it sets a cookie", Severity::Medium)
    } else if private {
        ("it is marked Cache-Control: private", Severity::Low)
    } else {
        return None;
    };
    Some(Finding::new(Class::WildSens, remark, &[exchange]).severity(severity))
}

/// Header names that hold what should not be read.
fn exposed(exchange: &Exchange) -> Option<Finding> {
    let secret = |name: &String| {
        matches!(name.as_str(), "set-cookie" | "set-cookie2" | "authorization")
            || ["token", "secret", "session", "api-key"].iter().any(|word| name.contains(word))
    };
    let name = exchange.answer.list("access-control-expose-headers").into_iter().find(secret)?;
    Some(Finding::new(Class::Aceh, name, &[exchange]))
}

fn timing(exchange: &Exchange) -> Option<Finding> {
    let everybody = exchange.answer.list("timing-allow-origin").iter().any(|member| member == "*");
    everybody.then(|| Finding::new(Class::Tao, "", &[exchange]))
}
