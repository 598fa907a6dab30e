//! HAProxy: a frontend whose rules decide on the request, and edit every response, its own errors included.

use std::fmt::Write as _;

use crossing::server::Existing;

use super::Exported;
use super::line::{HEADERS, Line, METHOD, NAMES_AUTHORIZATION, ORIGIN, Value, When};
use super::plan::Plan;

pub(super) fn export(plan: &Plan, source: &str) -> Exported {
    let mut losses = plan.losses.clone();
    losses.push(super::loss::vary_line());
    let mut out = format!(
        "# CORS, written by `crossing export {source} --to haproxy`. Edit the policy, not this file.\n\
         #\n\
         # For HAProxy 2.4 or later, with PCRE. A frontend of its own; or its rules, in front of those of yours.\n\n\
         frontend cors\n"
    );
    let mut file = File { out: &mut out };
    file.line("mode http");
    file.line("bind :8080");
    grants(plan, &mut file);
    preflights(plan, &mut file);
    if plan.existing == Existing::Respect {
        file.comment("A response that says itself whom it is shared with keeps what it says.");
        file.line("http-response set-var(txn.cors_kept) bool(true) if { res.hdr(access-control-allow-origin) -m found }");
        file.line("acl cors_kept var(txn.cors_kept) -m bool");
    } else {
        file.comment("What the application says of CORS itself goes.");
        file.line("http-after-response del-header access-control- -m beg");
    }
    for (nth, grant) in plan.grants.iter().enumerate() {
        file.comment(&format!("Grant {nth}."));
        for line in grant.lines() {
            file.line(&header(plan, nth, &line));
        }
    }
    if let (Some(embedding), false) = (plan.strictest, plan.constant) {
        file.comment("A response that belongs to no grant may be embedded as the strictest says.");
        file.line(&format!(
            "http-after-response set-header Cross-Origin-Resource-Policy {embedding} if !cors_known"
        ));
    }
    if let Some((simple, options)) = plan.vary() {
        file.comment("Every response varies, errors and refusals included.");
        file.line(&format!("http-after-response add-header Vary {} unless cors_options", quoted(simple)));
        file.line(&format!("http-after-response add-header Vary {} if cors_options", quoted(options)));
    }
    file.comment("Your application.");
    file.line("default_backend application");
    out.push_str("\nbackend application\n    mode http\n    server application 127.0.0.1:3000\n");
    Exported { config: out, losses }
}

/// Which grant the origin belongs to.
fn grants(plan: &Plan, file: &mut File<'_>) {
    file.comment("What the request says; the rules for responses cannot look at it any more.");
    let lines: Vec<Line> = plan.grants.iter().flat_map(|grant| grant.lines()).collect();
    for name in [ORIGIN, METHOD, HEADERS] {
        let needed = lines.iter().any(|line| line.value == Value::Asked(name));
        if needed || (name == ORIGIN && !plan.constant) {
            file.line(&format!(
                "http-request set-var(txn.{}) req.fhdr({})",
                variable(name),
                name.to_ascii_lowercase()
            ));
        }
    }
    if plan.constant {
        return;
    }
    file.comment("The first grant that names the origin decides.");
    for (nth, grant) in plan.grants.iter().enumerate() {
        for origin in grant.exact() {
            file.line(&format!("acl cors_allow_{nth} var(txn.cors_origin) -m str {}", quoted(origin)));
        }
        for regex in grant.shapes() {
            file.line(&format!("acl cors_allow_{nth} var(txn.cors_origin) -m reg {}", quoted(regex)));
        }
        if grant.everybody {
            file.line(&format!("acl cors_allow_{nth} var(txn.cors_origin) -m found"));
        }
        for regex in grant.denied() {
            file.line(&format!("acl cors_deny_{nth} var(txn.cors_origin) -m reg {}", quoted(regex)));
        }
    }
    file.line("acl cors_known var(txn.cors_grant) -m found");
    for (nth, grant) in plan.grants.iter().enumerate() {
        let denied = grant.denied().next().map(|_| format!(" !cors_deny_{nth}")).unwrap_or_default();
        if !grant.allow.is_empty() {
            file.line(&format!(
                "http-request set-var(txn.cors_grant) int({nth}) if !cors_known cors_allow_{nth}{denied}"
            ));
        }
        file.line(&format!("acl cors_grant_{nth} var(txn.cors_grant) -m int {nth}"));
    }
}

fn preflights(plan: &Plan, file: &mut File<'_>) {
    file.comment(
        "A preflight is OPTIONS with Origin and Access-Control-Request-Method. It is answered here.",
    );
    if plan.vary().is_some() {
        file.line("http-request set-var(txn.cors_options) bool(true) if METH_OPTIONS");
        file.line("acl cors_options var(txn.cors_options) -m bool");
    }
    file.line(
        "http-request set-var(txn.cors_preflight) bool(true) if METH_OPTIONS { req.fhdr(origin) -m found } { req.fhdr(access-control-request-method) -m found }",
    );
    file.line("acl cors_preflight var(txn.cors_preflight) -m bool");
    let stars = plan.grants.iter().flat_map(|grant| grant.lines());
    if stars.into_iter().any(|line| line.when == When::PreflightWithoutAuthorization) {
        file.comment("* never stands for Authorization: a preflight that names it is told of no headers.");
        file.line(&format!(
            "http-request set-var(txn.cors_authorization) bool(true) if {{ req.fhdr(access-control-request-headers) -m reg {} }}",
            quoted(NAMES_AUTHORIZATION)
        ));
        file.line("acl cors_authorization var(txn.cors_authorization) -m bool");
    }
    if !plan.constant {
        file.line("http-request return status 403 if cors_preflight !cors_known");
    }
    file.line(&format!("http-request return status {} if cors_preflight", plan.preflight_status));
}

/// The rule that sets a header.
fn header(plan: &Plan, nth: usize, line: &Line) -> String {
    let value = match &line.value {
        Value::Text(text) => quoted(&text.replace('%', "%%")),
        Value::Asked(name) => format!("%[var(txn.{})]", variable(name)),
        Value::RealNames => "%[res.hdr_names]".to_owned(),
    };
    let mut conditions = Vec::new();
    if !plan.constant {
        conditions.push(format!("cors_grant_{nth}"));
    }
    match line.when {
        When::Always => {}
        When::Preflight => conditions.push("cors_preflight".to_owned()),
        When::PreflightWithoutAuthorization => {
            conditions.push("cors_preflight !cors_authorization".to_owned())
        }
        When::Response => conditions.push("!cors_preflight".to_owned()),
    }
    if plan.existing == Existing::Respect && line.name != "Cross-Origin-Resource-Policy" {
        conditions.push("!cors_kept".to_owned());
    }
    let conditions = match conditions.is_empty() {
        true => String::new(),
        false => format!(" if {}", conditions.join(" ")),
    };
    format!("http-after-response set-header {} {value}{conditions}", line.name)
}

/// The variable that holds a header of the request.
fn variable(name: &str) -> &'static str {
    match name {
        ORIGIN => "cors_origin",
        METHOD => "cors_method",
        _ => "cors_headers",
    }
}

/// One word, whatever stands in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

struct File<'o> {
    out: &'o mut String,
}

impl File<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "    {text}");
    }

    fn comment(&mut self, text: &str) {
        let _ = writeln!(self.out, "\n    # {text}");
    }
}
