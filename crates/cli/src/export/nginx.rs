//! nginx: maps on the level of `http`, and lines for a `location`.

use std::fmt::Write as _;

use crossing::server::Existing;

use super::Exported;
use super::loss::{Loss, Weight};
use super::plan::{Entry, List, Plan};

/// The names of the CORS response headers that an application may have set.
const NAMES: [&str; 6] = [
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Max-Age",
    "Access-Control-Expose-Headers",
];

pub(super) fn export(plan: &Plan, source: &str) -> Exported {
    let mut losses = plan.losses.clone();
    if plan.existing == Existing::Respect {
        losses.push(Loss::new(
            "existing",
            Weight::Differs,
            "What the application says of CORS itself is replaced: nginx cannot look at it before it adds its own.",
        ));
    }
    let listed = plan.grants.iter().filter_map(|grant| match &grant.methods {
        List::Text(text) => Some(text.as_str()),
        _ => None,
    });
    if let Some(method) = listed
        .flat_map(|text| text.split(", "))
        .find(|method| method.contains(|c: char| c.is_ascii_lowercase()))
    {
        losses.push(Loss::new(
            "method",
            Weight::Tightens,
            format!("nginx answers 400 to a method with lower-case letters, as {method}."),
        ));
    }
    losses.push(Loss::new(
        "vary",
        Weight::Differs,
        "Vary is added as a line of its own, beside the application's.",
    ));
    let mut out = format!(
        "# CORS, written by `crossing export {source} --to nginx`. Edit the policy, not this file.\n\
         #\n\
         # Include it in `http {{ … }}`. The lines of its `location` belong into each one that the policy is for.\n\n"
    );
    maps(plan, &mut out);
    location(plan, &mut out);
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

fn maps(plan: &Plan, out: &mut String) {
    let mut which = String::new();
    for (nth, grant) in plan.grants.iter().enumerate() {
        let mut lines = vec![("default".to_owned(), "0".to_owned()), ("\"\"".to_owned(), "0".to_owned())];
        let regexes = |all: &[String], value: &'static str| -> Vec<(String, String)> {
            all.iter().map(|regex| (quoted(&format!("~{regex}")), value.to_owned())).collect()
        };
        lines.extend(regexes(&grant.deny, "0"));
        lines.extend(regexes(&grant.allow, "1"));
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
        &|_, grant| grant.expose.clone(),
        constant.and_then(|grant| grant.expose.as_deref()).unwrap_or_default(),
    );
    by_grant(
        "Timing-Allow-Origin",
        "cors_timing_allow_origin",
        &|_, grant| grant.timing.then(|| "$cors_allow_origin".to_owned()),
        if constant.is_some_and(|grant| grant.timing) { "*" } else { "" },
    );
    let strictest = ["same-origin", "same-site", "cross-origin"]
        .into_iter()
        .find(|policy| plan.grants.iter().any(|grant| grant.embedding == Some(policy)));
    by_grant(
        "Cross-Origin-Resource-Policy; a request that belongs to no grant gets the strictest",
        "cors_embedding",
        &|_, grant| grant.embedding.map(str::to_owned),
        constant.map_or(strictest, |grant| grant.embedding).unwrap_or_default(),
    );
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
    let (simple, options) = match plan.constant {
        true => ("\"\"", "\"\""),
        false => ("Origin", "\"Origin, Access-Control-Request-Method, Access-Control-Request-Headers\""),
    };
    map(out, "Vary", "$request_method", "cors_vary", &lines(&[("default", simple), ("OPTIONS", options)]));
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

fn methods(grant: &Entry) -> Option<String> {
    match &grant.methods {
        List::None => None,
        List::Text(text) => Some(text.clone()),
        List::Star { .. } if grant.credentials => Some("$http_access_control_request_method".to_owned()),
        List::Star { .. } => Some("*".to_owned()),
    }
}

fn headers(grant: &Entry) -> Option<String> {
    match &grant.headers {
        List::None => None,
        List::Text(text) => Some(text.clone()),
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
    for name in NAMES {
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
        ("Timing-Allow-Origin", "cors_timing_allow_origin"),
        ("Cross-Origin-Resource-Policy", "cors_embedding"),
        ("Vary", "cors_vary"),
    ] {
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
