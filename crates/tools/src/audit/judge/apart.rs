//! What stands beside CORS: WebSockets, JSONP, old policy files, forged posts.

use http::StatusCode;

use crate::audit::class::Class;
use crate::audit::findings::{Finding, Scene};
use crate::audit::probe::{Asker, Exchange, Shape, Special};
use crate::audit::severity::Severity;

pub(super) fn judge(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(websocket(scene));
    findings.extend(policy_files(scene));
    findings.extend(jsonp(scene));
    findings.extend(forged_post(scene));
    findings.extend(authorization(scene));
    findings
}

fn websocket(scene: &Scene<'_>) -> Option<Finding> {
    let exchange = scene.evidence.special(Special::WebSocket)?;
    let open = exchange.answer.status() == StatusCode::SWITCHING_PROTOCOLS;
    open.then(|| Finding::new(Class::Ws, "", &[exchange]))
}

fn text(exchange: &Exchange) -> String {
    String::from_utf8_lossy(&exchange.answer.body).into_owned()
}

fn policy_files(scene: &Scene<'_>) -> Option<Finding> {
    let files = [
        (Special::Crossdomain, "<allow-access-from", ["domain=\"*\"", "domain='*'"]),
        (Special::ClientAccess, "<access-policy", ["uri=\"*\"", "uri='*'"]),
    ];
    files.into_iter().find_map(|(special, mark, everybody)| {
        let exchange = scene.evidence.special(special)?;
        let text = text(exchange).to_ascii_lowercase();
        let open = exchange.answer.status().is_success()
            && text.contains(mark)
            && everybody.iter().any(|attribute| text.contains(attribute));
        open.then(|| Finding::new(Class::Crossdomain, exchange.probe.url.path(), &[exchange]))
    })
}

fn jsonp(scene: &Scene<'_>) -> Option<Finding> {
    let exchange = scene.evidence.special(Special::Jsonp)?;
    let (_, name) = exchange.probe.url.query_pairs().find(|(key, _)| key == "callback")?;
    let text = text(exchange);
    let start = text.trim_start().trim_start_matches("/**/").trim_start().trim_start_matches("typeof ");
    // A page that repeats its address is no script.
    let script = exchange.answer.get("content-type").is_none_or(|kind| !kind.contains("html"));
    let called = start.starts_with(&format!("{name}(")) || start.starts_with(&format!("{name} "));
    (exchange.answer.status().is_success() && script && called)
        .then(|| Finding::new(Class::Jsonp, "", &[exchange]))
}

fn forged_post(scene: &Scene<'_>) -> Option<Finding> {
    let exchange = scene.evidence.special(Special::Post)?;
    exchange.answer.status().is_success().then(|| {
        // Whether anything changed cannot be seen from outside.
        let severity =
            if exchange.answer.count("set-cookie") > 0 { Severity::Medium } else { Severity::Info };
        Finding::new(Class::SimpleCsrf, "", &[exchange]).severity(severity)
    })
}

fn authorization(scene: &Scene<'_>) -> Option<Finding> {
    let of =
        |asker: &Asker| scene.evidence.shaped(Shape::Actual).find(|exchange| exchange.probe.asker == *asker);
    let (stranger, nobody) = (of(&Asker::Stranger(1))?, of(&Asker::Nobody)?);
    let refused = matches!(stranger.answer.status().as_u16(), 401 | 403);
    (refused && nobody.answer.status().is_success())
        .then(|| Finding::new(Class::OriginAuthz, "", &[stranger, nobody]))
}
