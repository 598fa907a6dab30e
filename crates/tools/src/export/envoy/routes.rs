//! The routes: the first whose headers match is taken, so that the first grant that names an origin decides.

use super::{CORS, MUTATION, extension, typed};
use crate::export::line::{CORS_NAMES, HEADERS, METHOD, NAMES_AUTHORIZATION, ORIGIN, Value};
use crate::export::plan::{Entry, Expose, List, Origins, Plan};
use crate::export::yaml::{Map, Node};

/// How many patterns one expression holds.
const PATTERNS: usize = 64;

/// The routes: for each grant, for preflights that no grant covers, and for everything else.
pub(super) fn routes(plan: &Plan) -> Vec<Node> {
    let mut routes = Vec::new();
    for (nth, grant) in plan.grants.iter().enumerate() {
        for origins in chunks(plan, grant) {
            let star = matches!(grant.headers, List::Star { authorization: false });
            if star {
                let mut conditions = conditions(plan, &origins, grant);
                conditions.push(is_options().node());
                conditions.push(regex(HEADERS, NAMES_AUTHORIZATION).node());
                let comment =
                    "* never stands for Authorization: a preflight that names it is told of no headers.";
                routes.push(granted(plan, grant, &origins, conditions, None, comment));
            }
            let headers = match &grant.headers {
                List::None => None,
                List::Names(names) => Some(names.join(", ")),
                List::Star { .. } => Some("*".to_owned()),
            };
            let comment = format!("Grant {nth}. The first route whose headers match is taken.");
            routes.push(granted(plan, grant, &origins, conditions(plan, &origins, grant), headers, &comment));
        }
    }
    if plan.constant {
        return routes;
    }
    let preflight = vec![is_options(), present(ORIGIN), present(METHOD)].into_iter().map(Map::node).collect();
    routes.push(
        Map::default()
            .with("match", matching(preflight))
            .said("A preflight from an origin that no grant names is refused.")
            .with("direct_response", Map::default().with("status", Node::Number(403)).node())
            .with_some(
                "typed_per_filter_config",
                mutations(plan, None).map(|it| Map::default().with(MUTATION, it).node()),
            )
            .node(),
    );
    routes.push(
        Map::default()
            .with("match", matching(Vec::new()))
            .said("Everything else.")
            .with("route", Map::default().with_text("cluster", "application").node())
            .with("response_headers_to_remove", Node::texts(CORS_NAMES))
            .with_some(
                "typed_per_filter_config",
                mutations(plan, None).map(|it| Map::default().with(MUTATION, it).node()),
            )
            .node(),
    );
    routes
}

/// A grant's origins, in portions; none of them for everybody.
fn chunks<'g>(plan: &Plan, grant: &'g Entry) -> Vec<Vec<&'g Origins>> {
    if plan.constant || grant.everybody {
        return vec![Vec::new()];
    }
    let all: Vec<&Origins> = grant.allow.iter().collect();
    all.chunks(PATTERNS).map(<[_]>::to_vec).collect()
}

/// What a request of the grant's looks like.
fn conditions(plan: &Plan, origins: &[&Origins], grant: &Entry) -> Vec<Node> {
    let mut all = Vec::new();
    if !origins.is_empty() {
        all.push(regex(ORIGIN, &any_of(origins.iter().map(|it| it.regex.as_str()))));
    } else if !plan.constant {
        all.push(present(ORIGIN));
    }
    let denied: Vec<&str> = grant.denied().collect();
    let denied = denied.chunks(PATTERNS).map(|some| regex(ORIGIN, &any_of(some.iter().copied())));
    all.extend(denied.map(|some| some.with("invert_match", Node::Yes)));
    all.into_iter().map(Map::node).collect()
}

fn any_of<'r>(regexes: impl Iterator<Item = &'r str>) -> String {
    regexes.collect::<Vec<_>>().join("|")
}

fn matching(headers: Vec<Node>) -> Node {
    let headers = (!headers.is_empty()).then_some(Node::List(headers));
    Map::default().with_text("prefix", "/").with_some("headers", headers).node()
}

fn string_match(kind: &str, value: Node) -> Node {
    Map::default().with(kind, value).node()
}

fn is_options() -> Map {
    let exact = string_match("exact", Node::text("OPTIONS"));
    Map::default().with_text("name", ":method").with("string_match", exact)
}

fn safe_regex(regex: &str) -> Node {
    string_match("safe_regex", Map::default().with_text("regex", regex).node())
}

fn regex(name: &str, regex: &str) -> Map {
    Map::default().with_text("name", name).with("string_match", safe_regex(regex))
}

fn present(name: &str) -> Map {
    Map::default().with_text("name", name).with("present_match", Node::Yes)
}

/// A route whose requests belong to a grant.
fn granted(
    plan: &Plan,
    grant: &Entry,
    origins: &[&Origins],
    conditions: Vec<Node>,
    headers: Option<String>,
    comment: &str,
) -> Node {
    let allow = match origins {
        // Never with credentials: a policy for everybody has none.
        [] => vec![string_match("exact", Node::text("*"))],
        _ => origins
            .iter()
            .map(|it| match it.is_exact() {
                true => string_match("exact", Node::text(&it.pattern)),
                false => safe_regex(&it.regex),
            })
            .collect(),
    };
    let methods = match &grant.methods {
        List::None => None,
        List::Names(names) => Some(names.join(", ")),
        List::Star { .. } => Some("*".to_owned()),
    };
    let expose = match &grant.expose {
        Expose::Nothing | Expose::RealNames => None,
        Expose::Names(names) => Some(names.join(", ")),
        Expose::Star => Some("*".to_owned()),
    };
    let cors = Map::default()
        .with("allow_origin_string_match", Node::List(allow))
        .with_some("allow_credentials", grant.credentials.then_some(Node::Yes))
        .with_some("allow_methods", methods.map(Node::Text))
        .with_some("allow_headers", headers.map(Node::Text))
        .with_some("expose_headers", expose.map(Node::Text))
        .with_some("max_age", grant.max_age.map(|seconds| Node::Text(seconds.to_string())));
    let filters = Map::default()
        .with(CORS, typed(&extension("cors.v3.CorsPolicy"), cors))
        .with_some(MUTATION, mutations(plan, Some(grant)));
    Map::default()
        .with("match", matching(conditions))
        .said(comment)
        .with("route", Map::default().with_text("cluster", "application").node())
        .with("response_headers_to_remove", Node::texts(CORS_NAMES))
        .with("typed_per_filter_config", filters.node())
        .node()
}

/// What the CORS filter does not say, or says otherwise; of a route without a grant.
fn mutations(plan: &Plan, grant: Option<&Entry>) -> Option<Node> {
    let set = |name: &str, value: &str, action: &str| {
        let header = Map::default().with_text("key", name).with_text("value", value);
        let append = Map::default().with("header", header.node()).with_text("append_action", action);
        Map::default().with("append", append.node()).node()
    };
    let overwrite = |name: &str, value: &str| set(name, value, "OVERWRITE_IF_EXISTS_OR_ADD");
    let mut all = Vec::new();
    if let Some(grant) = grant {
        let allow_origin = match grant.allow_origin() {
            Value::Text(text) => text,
            _ => "%REQ(origin)%".to_owned(),
        };
        if grant.everybody {
            all.push(overwrite("Access-Control-Allow-Origin", &allow_origin));
        }
        if grant.timing {
            all.push(overwrite("Timing-Allow-Origin", &allow_origin));
        }
    }
    let embedding = grant.map_or(plan.strictest, |grant| grant.embedding);
    all.extend(embedding.map(|embedding| overwrite("Cross-Origin-Resource-Policy", embedding)));
    all.extend(plan.vary().map(|(_, vary)| set("Vary", vary, "APPEND_IF_EXISTS_OR_ADD")));
    if all.is_empty() {
        return None;
    }
    let mutations = Map::default().with("response_mutations", Node::List(all));
    Some(typed(
        &extension("header_mutation.v3.HeaderMutationPerRoute"),
        Map::default().with("mutations", mutations.node()),
    ))
}
