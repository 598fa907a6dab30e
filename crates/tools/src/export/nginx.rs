//! nginx: maps on the level of `http`, and lines for a `location`.

use std::fmt::Write as _;

use super::Exported;
use super::line::CORS_NAMES;
use super::loss::{self, Loss, Weight};
use super::plan::{Entry, Expose, List, Plan};

const TIMING: &str = "Timing-Allow-Origin";
const EMBEDDING: &str = "Cross-Origin-Resource-Policy";

pub(super) fn export(plan: &Plan, source: &str) -> Exported {
    let mut losses = plan.losses.clone();
    losses.extend(plan.replaced("nginx"));
    losses.extend(plan.expose_all());
    let star = plan.grants.iter().any(|grant| matches!(grant.methods, List::Star { .. }));
    if star || plan.methods().any(|method| method.contains(|c: char| c.is_ascii_lowercase())) {
        losses.push(Loss::new(
            "method",
            Weight::Tightens,
            "nginx answers 400 to a method with lower-case letters or with other signs than _ and -.",
        ));
    }
    losses.push(loss::vary_line());
    let mut out = format!(
        "# CORS, written by `crossing export {source} --to nginx`. Edit the policy, not this file.\n\
         #\n\
         # Include it in `http {{ … }}`. The lines of its `location` belong into each one that the policy is for.\n\n"
    );
    let mut body = String::new();
    maps(plan, &mut body);
    location(plan, &mut body);
    if body.contains(DOLLAR) {
        let _ = writeln!(
            out,
            "# A dollar sign cannot be written otherwise.\ngeo $cors_dollar {{ default \"$\"; }}\n"
        );
    }
    out.push_str(&body);
    Exported { config: out, losses }
}

/// A `map` from a source to a variable.
fn map(out: &mut String, comment: &str, source: &str, variable: &str, lines: &[(String, String)]) {
    let _ = writeln!(out, "# {comment}\nmap {source} ${variable} {{");
    for (key, value) in lines {
        let _ = writeln!(out, "    {key} {value};");
    }
    out.push_str("}\n\n");
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

const DOLLAR: &str = "${cors_dollar}";

/// Names of methods or headers, where variables are read.
fn list(names: &[String]) -> String {
    names.join(", ").replace('$', DOLLAR)
}

fn maps(plan: &Plan, out: &mut String) {
    let mut which = String::new();
    for (nth, grant) in plan.grants.iter().enumerate() {
        let mut lines = vec![("default".to_owned(), "0".to_owned()), ("\"\"".to_owned(), "0".to_owned())];
        let line = |regex: &str, value: &str| (quoted(&format!("~{regex}")), value.to_owned());
        lines.extend(grant.denied().map(|regex| line(regex, "0")));
        lines.extend(grant.allow.iter().map(|origins| line(&origins.regex, "1")));
        map(
            out,
            &format!("Whether grant {nth} names the origin."),
            "$http_origin",
            &format!("cors_grant_{nth}"),
            &lines,
        );
        let _ = write!(which, "$cors_grant_{nth}");
    }
    // The first grant that names the origin decides.
    let first = |nth: usize| quoted(&format!("~^{}1", "0".repeat(nth)));
    let mut by_grant =
        |comment: &str, variable: &str, value: &dyn Fn(usize, &Entry) -> Option<String>, other: &str| {
            let mut lines = vec![("default".to_owned(), quoted(other))];
            for (nth, grant) in plan.grants.iter().enumerate() {
                lines.push((first(nth), quoted(&value(nth, grant).unwrap_or_default())));
            }
            map(out, comment, &quoted(&which), variable, &lines);
        };
    let everybody = if plan.constant { "*" } else { "" };
    by_grant(
        "Access-Control-Allow-Origin",
        "cors_allow_origin",
        &|_, grant| Some(if grant.everybody && !grant.credentials { "*" } else { "$http_origin" }.to_owned()),
        everybody,
    );
    by_grant(
        "Access-Control-Allow-Credentials",
        "cors_allow_credentials",
        &|_, grant| grant.credentials.then(|| "true".to_owned()),
        "",
    );
    let constant = plan.grants.first().filter(|_| plan.constant);
    by_grant(
        "Access-Control-Expose-Headers",
        "cors_expose_headers",
        &|_, grant| exposed(grant),
        &constant.and_then(exposed).unwrap_or_default(),
    );
    // Of what is hidden, whatever no grant has a say about passes.
    let upstream = |name: &str| format!("$upstream_http_{}", name.to_ascii_lowercase().replace('-', "_"));
    if plan.grants.iter().any(|grant| grant.timing) {
        by_grant(
            "Timing-Allow-Origin; where no grant has a say, the application's",
            "cors_timing_allow_origin",
            &|_, grant| Some(if grant.timing { "$cors_allow_origin".to_owned() } else { upstream(TIMING) }),
            &if constant.is_some_and(|grant| grant.timing) { "*".to_owned() } else { upstream(TIMING) },
        );
    }
    if plan.strictest.is_some() {
        by_grant(
            "Cross-Origin-Resource-Policy; a request that belongs to no grant gets the strictest",
            "cors_embedding",
            &|_, grant| Some(grant.embedding.map_or_else(|| upstream(EMBEDDING), str::to_owned)),
            plan.strictest.unwrap_or_default(),
        );
    }
    by_grant("What a preflight is told of methods", "cors_methods", &|_, grant| methods(grant), "");
    by_grant("What a preflight is told of headers", "cors_headers", &|_, grant| headers(grant), "");
    by_grant(
        "How long it may be remembered",
        "cors_seconds",
        &|_, grant| Some(grant.max_age?.to_string()),
        "",
    );
    let lines = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    map(
        out,
        "* never stands for Authorization: a preflight that names it is told of no headers.",
        "$http_access_control_request_headers",
        "cors_star",
        &lines(&[("default", "\"*\""), ("\"~*(?:^|,)[ \\t]*authorization[ \\t]*(?:,|$)\"", "\"\"")]),
    );
    map(
        out,
        "The same where the names that were asked for are the answer.",
        "$cors_star",
        "cors_asked",
        &lines(&[("default", "$http_access_control_request_headers"), ("\"\"", "\"\"")]),
    );
    map(
        out,
        "A preflight is OPTIONS with Origin and Access-Control-Request-Method.",
        "\"$request_method $http_access_control_request_method\"",
        "cors_asks",
        &lines(&[("default", "0"), ("\"~^OPTIONS .\"", "1")]),
    );
    map(
        out,
        "Only of other requests is Origin alone no preflight.",
        "$http_origin",
        "cors_preflight",
        &lines(&[("default", "$cors_asks"), ("\"\"", "0")]),
    );
    for (variable, source) in [
        ("cors_allow_methods", "$cors_methods"),
        ("cors_allow_headers", "$cors_headers"),
        ("cors_max_age", "$cors_seconds"),
    ] {
        map(
            out,
            "For preflights alone.",
            "$cors_preflight",
            variable,
            &lines(&[("default", "\"\""), ("1", source)]),
        );
    }
    map(
        out,
        "Only responses to other requests name headers to read.",
        "$cors_preflight",
        "cors_expose",
        &lines(&[("default", "$cors_expose_headers"), ("1", "\"\"")]),
    );
    let (simple, options) = plan.vary().unwrap_or_default();
    let (simple, options) = (quoted(simple), quoted(options));
    map(out, "Vary", "$request_method", "cors_vary", &lines(&[("default", &simple), ("OPTIONS", &options)]));
    map(
        out,
        "How a preflight is answered: one from an origin that no grant names is refused.",
        "\"$cors_preflight$cors_allow_origin\"",
        "cors_answer",
        &[
            ("default".to_owned(), "\"\"".to_owned()),
            ("1".to_owned(), "refused".to_owned()),
            ("\"~^1.\"".to_owned(), "granted".to_owned()),
        ],
    );
}

fn exposed(grant: &Entry) -> Option<String> {
    match &grant.expose {
        Expose::Nothing | Expose::RealNames => None,
        Expose::Names(names) => Some(list(names)),
        Expose::Star => Some("*".to_owned()),
    }
}

fn methods(grant: &Entry) -> Option<String> {
    match &grant.methods {
        List::None => None,
        List::Names(names) => Some(list(names)),
        List::Star { .. } if grant.credentials => Some("$http_access_control_request_method".to_owned()),
        List::Star { .. } => Some("*".to_owned()),
    }
}

fn headers(grant: &Entry) -> Option<String> {
    match &grant.headers {
        List::None => None,
        List::Names(names) => Some(list(names)),
        List::Star { authorization: false } if grant.credentials => Some("$cors_asked".to_owned()),
        List::Star { authorization: true } if grant.credentials => {
            Some("$http_access_control_request_headers".to_owned())
        }
        List::Star { authorization: false } => Some("$cors_star".to_owned()),
        List::Star { authorization: true } => Some("*, authorization".to_owned()),
    }
}

fn location(plan: &Plan, out: &mut String) {
    out.push_str("server {\n    listen 8080;\n\n    location / {\n");
    let mut line = |text: &str| {
        let _ = writeln!(out, "        {text}");
    };
    line("# What the application says of CORS itself goes.");
    let timing = plan.grants.iter().any(|grant| grant.timing).then_some((TIMING, "cors_timing_allow_origin"));
    let embedding = plan.strictest.map(|_| (EMBEDDING, "cors_embedding"));
    let more = timing.into_iter().chain(embedding);
    for name in CORS_NAMES.into_iter().chain(more.clone().map(|(name, _)| name)) {
        line(&format!("proxy_hide_header {name};"));
    }
    line("# An empty value is no header.");
    for (name, variable) in [
        ("Access-Control-Allow-Origin", "cors_allow_origin"),
        ("Access-Control-Allow-Credentials", "cors_allow_credentials"),
        ("Access-Control-Allow-Methods", "cors_allow_methods"),
        ("Access-Control-Allow-Headers", "cors_allow_headers"),
        ("Access-Control-Max-Age", "cors_max_age"),
        ("Access-Control-Expose-Headers", "cors_expose"),
        ("Vary", "cors_vary"),
    ]
    .into_iter()
    .chain(more)
    {
        line(&format!("add_header {name} ${variable} always;"));
    }
    line("if ($cors_answer = refused) { return 403; }");
    let status = match plan.preflight_status {
        200 => "return 200 \"\";",
        _ => "return 204;",
    };
    line(&format!("if ($cors_answer = granted) {{ {status} }}"));
    line("# Your application.");
    line("proxy_pass http://127.0.0.1:3000;");
    out.push_str("    }\n}\n");
}
