//! Apache httpd: lines for a virtual host.

use std::fmt::Write as _;

use super::Exported;
use super::line::{CORS_NAMES, Line, NAMES_AUTHORIZATION, Value, When};
use super::loss::{self, Loss, Weight};
use super::plan::Plan;

pub(super) fn export(plan: &Plan, source: &str) -> Exported {
    let mut losses = plan.losses.clone();
    losses.extend(plan.replaced("Apache"));
    losses.extend(plan.expose_all());
    losses.push(loss::vary_line());
    if plan.preflight_status == 200 {
        losses.push(Loss::new(
            "preflight-status",
            Weight::Differs,
            "A preflight is answered with 204: Apache writes a page of its own under a 200.",
        ));
    }
    let mut out = format!(
        "# CORS, written by `crossing export {source} --to apache`. Edit the policy, not this file.\n\
         #\n\
         # Needs mod_headers, mod_rewrite and mod_setenvif. Include it in each <VirtualHost> that the policy is for, in\n\
         # front of its own rewrite rules.\n"
    );
    let mut file = File { out: &mut out };
    environment(plan, &mut file);
    preflights(plan, &mut file);
    file.comment("What the application says of CORS itself goes.");
    for name in CORS_NAMES {
        file.line(&format!("Header unset {name}"));
    }
    for (nth, grant) in plan.grants.iter().enumerate() {
        file.comment(&format!("Grant {nth}; always: errors have them, too."));
        for line in grant.lines() {
            header(plan, nth, &line, &mut file);
        }
    }
    if let (Some(embedding), false) = (plan.strictest, plan.constant) {
        file.comment("A response that belongs to no grant may be embedded as the strictest says.");
        let condition = "\"expr=-z reqenv('CORS_GRANT')\"";
        file.line(&format!("Header unset Cross-Origin-Resource-Policy {condition}"));
        file.line(&format!("Header always set Cross-Origin-Resource-Policy {embedding} {condition}"));
    }
    if let Some((simple, options)) = plan.vary() {
        file.comment("Every response varies, errors and refusals included.");
        file.line(&format!(
            "Header always merge Vary \"{simple}\" \"expr=%{{REQUEST_METHOD}} != 'OPTIONS'\""
        ));
        file.line(&format!(
            "Header always merge Vary \"{options}\" \"expr=%{{REQUEST_METHOD}} == 'OPTIONS'\""
        ));
    }
    file.comment("Your application.");
    file.line("ProxyPass / http://127.0.0.1:3000/");
    Exported { config: out, losses }
}

/// Which grant the origin belongs to, and whether a preflight asks.
fn environment(plan: &Plan, file: &mut File<'_>) {
    if !plan.constant {
        file.comment("Which grants name the origin.");
    }
    for (nth, grant) in plan.grants.iter().enumerate().filter(|_| !plan.constant) {
        for origins in &grant.allow {
            let regex = if origins.is_everybody() { "." } else { &origins.regex };
            file.line(&format!("SetEnvIf Origin \"{regex}\" CORS_ALLOW_{nth}"));
        }
        for regex in grant.denied() {
            file.line(&format!("SetEnvIf Origin \"{regex}\" !CORS_ALLOW_{nth}"));
        }
    }
    if !plan.constant {
        file.comment(
            "The first of them decides: it is set last. SetEnvIf would take a request's header of that name.",
        );
    }
    for nth in (0..plan.grants.len()).rev().filter(|_| !plan.constant) {
        file.line(&format!("SetEnvIfExpr \"-n reqenv('CORS_ALLOW_{nth}')\" CORS_GRANT={nth}"));
    }
    file.comment("A preflight is OPTIONS with Origin and Access-Control-Request-Method.");
    file.line(
        "SetEnvIfExpr \"%{REQUEST_METHOD} == 'OPTIONS' && -n req_novary('Origin') && -n req_novary('Access-Control-Request-Method')\" CORS_PREFLIGHT",
    );
    let mut lines = plan.grants.iter().flat_map(|grant| grant.lines());
    if lines.any(|line| line.when == When::PreflightWithoutAuthorization) {
        file.comment("* never stands for Authorization: a preflight that names it is told of no headers.");
        file.line(&format!(
            "SetEnvIf Access-Control-Request-Headers \"{NAMES_AUTHORIZATION}\" CORS_AUTHORIZATION"
        ));
    }
}

fn preflights(plan: &Plan, file: &mut File<'_>) {
    file.comment("It is answered here.");
    file.line("RewriteEngine On");
    if !plan.constant {
        file.line("RewriteCond expr \"-n reqenv('CORS_PREFLIGHT') && -z reqenv('CORS_GRANT')\"");
        file.line("RewriteRule ^ - [F]");
    }
    file.line("RewriteCond expr \"-n reqenv('CORS_PREFLIGHT')\"");
    file.line("RewriteRule ^ - [R=204,L]");
}

/// Sets a header.
fn header(plan: &Plan, nth: usize, line: &Line, file: &mut File<'_>) {
    let value = match &line.value {
        Value::Text(text) => format!("\"{}\"", text.replace('%', "%%")),
        Value::Asked(name) => format!("\"expr=%{{req_novary:{name}}}\""),
        Value::RealNames => return,
    };
    let mut conditions = Vec::new();
    if !plan.constant {
        conditions.push(format!("reqenv('CORS_GRANT') == '{nth}'"));
    }
    match line.when {
        When::Always => {}
        When::Preflight => conditions.push("-n reqenv('CORS_PREFLIGHT')".to_owned()),
        When::PreflightWithoutAuthorization => {
            conditions.push("-n reqenv('CORS_PREFLIGHT') && -z reqenv('CORS_AUTHORIZATION')".to_owned());
        }
        When::Response => conditions.push("-z reqenv('CORS_PREFLIGHT')".to_owned()),
    }
    let conditions = match conditions.is_empty() {
        true => String::new(),
        false => format!(" \"expr={}\"", conditions.join(" && ")),
    };
    if !CORS_NAMES.contains(&line.name) {
        file.line(&format!("Header unset {}{conditions}", line.name));
    }
    file.line(&format!("Header always set {} {value}{conditions}", line.name));
}

struct File<'o> {
    out: &'o mut String,
}

impl File<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    fn comment(&mut self, text: &str) {
        let _ = writeln!(self.out, "\n# {text}");
    }
}
