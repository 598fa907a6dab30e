//! Caddy: a snippet for a site, and for its errors.

use std::fmt::Write as _;

use super::Exported;
use super::line::{Line, NAMES_AUTHORIZATION, Value, When};
use super::loss;
use super::plan::{Entry, Plan};

pub(super) fn export(plan: &Plan, source: &str) -> Exported {
    let mut losses = plan.losses.clone();
    losses.extend(plan.replaced("Caddy"));
    losses.extend(plan.expose_all());
    losses.push(loss::vary_line());
    let mut out = format!(
        "# CORS, written by `crossing export {source} --to caddy`. Edit the policy, not this file.\n\
         #\n\
         # Import the snippet in each site that the policy is for, and in its handle_errors: Caddy's own errors lose what\n\
         # was set before.\n\n\
         (cors) {{\n\troute {{\n"
    );
    let mut file = File { out: &mut out };
    grants(plan, &mut file);
    file.comment("A header is set when the response is on its way, so that the application's own cannot stay beside it.");
    for (nth, grant) in plan.grants.iter().enumerate() {
        headers(plan, nth, grant, &mut file);
    }
    if let (Some(embedding), false) = (plan.strictest, plan.constant) {
        file.comment("A response that belongs to no grant may be embedded as the strictest says.");
        file.block("@cors_unknown", &["vars cors_grant none".to_owned()]);
        file.block(
            "header @cors_unknown",
            &[format!("Cross-Origin-Resource-Policy {embedding}"), "defer".to_owned()],
        );
    }
    if let Some((simple, options)) = plan.vary() {
        file.comment("Every response varies, errors and refusals included.");
        file.line("@cors_options method OPTIONS");
        file.line("@cors_others not method OPTIONS");
        file.block("header @cors_options", &[format!("+Vary \"{options}\""), "defer".to_owned()]);
        file.block("header @cors_others", &[format!("+Vary \"{simple}\""), "defer".to_owned()]);
    }
    file.comment("What the application says of CORS itself goes; this comes last, so that it is done first.");
    file.block("header", &["-Access-Control-*".to_owned(), "defer".to_owned()]);
    preflights(plan, &mut file);
    out.push_str(
        "\t}\n}\n\n:8080 {\n\timport cors\n\n\t# Your application.\n\treverse_proxy 127.0.0.1:3000\n\n\
         \thandle_errors {\n\t\timport cors\n\t\trespond \"{err.status_code} {err.status_text}\" {err.status_code}\n\t}\n}\n",
    );
    Exported { config: out, losses }
}

/// Which grant the origin belongs to.
fn grants(plan: &Plan, file: &mut File<'_>) {
    if plan.constant {
        return;
    }
    file.comment("The first grant that names the origin decides: it is set last.");
    file.line("vars cors_grant none");
    for (nth, grant) in plan.grants.iter().enumerate().rev() {
        let origins = match grant.everybody {
            true => "header Origin *".to_owned(),
            false => {
                format!("header_regexp Origin `{}`", any_of(grant.allow.iter().map(|it| it.regex.as_str())))
            }
        };
        let denied = grant.denied().next().is_some();
        let denied = denied.then(|| format!("not header_regexp Origin `{}`", any_of(grant.denied())));
        if !grant.allow.is_empty() {
            file.block(
                &format!("@cors_allow_{nth}"),
                &std::iter::once(origins).chain(denied).collect::<Vec<_>>(),
            );
            file.line(&format!("vars @cors_allow_{nth} cors_grant {nth}"));
        }
    }
}

fn any_of<'r>(regexes: impl Iterator<Item = &'r str>) -> String {
    regexes.collect::<Vec<_>>().join("|")
}

const PREFLIGHT: [&str; 3] = ["method OPTIONS", "header Origin *", "header Access-Control-Request-Method *"];

/// What makes a grant's response one of its kind.
fn conditions(plan: &Plan, nth: usize, when: When) -> Vec<String> {
    let mut all = Vec::new();
    if !plan.constant {
        all.push(format!("vars cors_grant {nth}"));
    }
    match when {
        When::Always => {}
        When::Preflight => all.extend(PREFLIGHT.map(str::to_owned)),
        When::PreflightWithoutAuthorization => {
            all.extend(PREFLIGHT.map(str::to_owned));
            all.push(format!("not header_regexp Access-Control-Request-Headers `{NAMES_AUTHORIZATION}`"));
        }
        When::Response => all
            .push(format!("not {{\n{}\t\t\t}}", PREFLIGHT.map(|line| format!("\t\t\t\t{line}\n")).concat())),
    }
    all
}

fn headers(plan: &Plan, nth: usize, grant: &Entry, file: &mut File<'_>) {
    let lines = grant.lines();
    for (when, name) in [
        (When::Always, "cors"),
        (When::Preflight, "cors_preflight"),
        (When::PreflightWithoutAuthorization, "cors_star"),
        (When::Response, "cors_response"),
    ] {
        let mut all: Vec<String> = lines.iter().filter(|line| line.when == when).filter_map(header).collect();
        if all.is_empty() {
            continue;
        }
        all.push("defer".to_owned());
        let conditions = conditions(plan, nth, when);
        if conditions.is_empty() {
            file.block("header", &all);
        } else {
            file.block(&format!("@{name}_{nth}"), &conditions);
            file.block(&format!("header @{name}_{nth}"), &all);
        }
    }
}

fn header(line: &Line) -> Option<String> {
    let value = match &line.value {
        Value::Text(text) => format!("\"{text}\""),
        Value::Asked(name) => format!("{{http.request.header.{name}}}"),
        Value::RealNames => return None,
    };
    Some(format!("{} {value}", line.name))
}

fn preflights(plan: &Plan, file: &mut File<'_>) {
    file.comment(
        "A preflight is OPTIONS with Origin and Access-Control-Request-Method. It is answered here.",
    );
    let preflight = PREFLIGHT.map(str::to_owned);
    if !plan.constant {
        let refused: Vec<String> =
            preflight.iter().cloned().chain(["vars cors_grant none".to_owned()]).collect();
        file.block("@cors_refused", &refused);
        file.line("respond @cors_refused 403");
    }
    file.block("@cors_preflight", &preflight);
    file.line(&format!("respond @cors_preflight {}", plan.preflight_status));
}

struct File<'o> {
    out: &'o mut String,
}

impl File<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "\t\t{text}");
    }

    fn comment(&mut self, text: &str) {
        let gap = if self.out.ends_with("{\n") { "" } else { "\n" };
        let _ = writeln!(self.out, "{gap}\t\t# {text}");
    }

    fn block(&mut self, head: &str, lines: &[String]) {
        self.line(&format!("{head} {{"));
        for line in lines {
            self.line(&format!("\t{line}"));
        }
        self.line("}");
    }
}
