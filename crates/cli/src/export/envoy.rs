//! Envoy: its own CORS filter, with a route for each grant, and what the filter lacks beside it.

use super::Exported;
use super::line::{CORS_NAMES, HEADERS, METHOD, NAMES_AUTHORIZATION, ORIGIN, Value};
use super::loss::{Loss, Weight};
use super::plan::{Entry, Expose, List, Origins, Plan};
use super::yaml::{Map, Node};

const CORS: &str = "envoy.filters.http.cors";
const MUTATION: &str = "envoy.filters.http.header_mutation";
const ROUTER: &str = "envoy.filters.http.router";

/// How many patterns one expression holds.
const PATTERNS: usize = 64;

pub(super) fn export(plan: &Plan, source: &str) -> Exported {
    let mut losses = plan.losses.clone();
    losses.extend(plan.replaced("Envoy"));
    losses.extend(plan.expose_all());
    if plan.preflight_status != 200 {
        losses.push(Loss::new(
            "preflight-status",
            Weight::Differs,
            "Envoy's filter answers a preflight with 200.",
        ));
    }
    if plan.vary().is_some() {
        losses.push(Loss::new(
            "vary",
            Weight::Differs,
            "Every response varies on the headers of a preflight, too, not only an answer to OPTIONS.",
        ));
    }
    let comment = format!(
        "# CORS, written by `crossing export {source} --to envoy`. Edit the policy, not this file.\n\
         #\n\
         # A whole bootstrap: envoy -c FILE. In a configuration of yours: the filters in front of the router, in this order; the\n\
         # routes in front of your own, with your cluster; and the runtime's layer.\n"
    );
    let http = Map::default()
        .with_text("stat_prefix", "cors")
        .with("http_protocol_options", Map::default().with("allow_custom_methods", Node::Yes).node())
        .with(
            "http_filters",
            Node::List(vec![
                filter(MUTATION, "header_mutation.v3.HeaderMutation"),
                filter(CORS, "cors.v3.Cors"),
                filter(ROUTER, "router.v3.Router"),
            ]),
        )
        .said("The first edits what the second says: responses pass from below to above.")
        .with(
            "route_config",
            Map::default()
                .with_text("name", "cors")
                .with(
                    "virtual_hosts",
                    Node::List(vec![
                        Map::default()
                            .with_text("name", "api")
                            .with("domains", Node::texts(["*"]))
                            .with("routes", Node::List(routes(plan)))
                            .node(),
                    ]),
                )
                .node(),
        );
    let manager = typed(
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        http,
    );
    let manager = Map::default()
        .with_text("name", "envoy.filters.network.http_connection_manager")
        .with("typed_config", manager);
    let chain = Map::default().with("filters", Node::List(vec![manager.node()]));
    let listener = Map::default()
        .with_text("name", "cors")
        .with("address", address("0.0.0.0", 8080))
        .with("filter_chains", Node::List(vec![chain.node()]));
    let endpoint =
        Map::default().with("endpoint", Map::default().with("address", address("127.0.0.1", 3000)).node());
    let endpoints = Map::default().with("lb_endpoints", Node::List(vec![endpoint.node()]));
    let cluster = Map::default().with_text("name", "application").with_text("type", "STATIC").with(
        "load_assignment",
        Map::default()
            .with_text("cluster_name", "application")
            .with("endpoints", Node::List(vec![endpoints.node()]))
            .node(),
    );
    let layer = Map::default().with_text("name", "cors").with(
        "static_layer",
        Map::default().with("re2.max_program_size.error_level", Node::Number(1_000_000)).node(),
    );
    let document = Map::default()
        .with(
            "static_resources",
            Map::default()
                .with("listeners", Node::List(vec![listener.node()]))
                .with("clusters", Node::List(vec![cluster.node()]))
                .said("Your application.")
                .node(),
        )
        .with("layered_runtime", Map::default().with("layers", Node::List(vec![layer.node()])).node())
        .said("Envoy's own limit, 100, is less than an expression needs that counts a label's 63 bytes.");
    Exported { config: format!("{comment}{}", document.node().document()), losses }
}

/// A message with its type.
fn typed(url: &str, map: Map) -> Node {
    let Node::Map(entries) = map.node() else { return Node::Map(Vec::new()) };
    let Node::Map(mut all) = Map::default().with_text("@type", url).node() else { return Node::Map(entries) };
    all.extend(entries);
    Node::Map(all)
}

fn extension(name: &str) -> String {
    format!("type.googleapis.com/envoy.extensions.filters.http.{name}")
}

fn filter(name: &str, message: &str) -> Node {
    Map::default()
        .with_text("name", name)
        .with("typed_config", typed(&extension(message), Map::default()))
        .node()
}

fn address(host: &str, port: i64) -> Node {
    let socket = Map::default().with_text("address", host).with("port_value", Node::Number(port));
    Map::default().with("socket_address", socket.node()).node()
}

/// The routes: for each grant, for preflights that no grant covers, and for everything else.
fn routes(plan: &Plan) -> Vec<Node> {
    let mut routes = Vec::new();
    for (nth, grant) in plan.grants.iter().enumerate() {
        for origins in chunks(plan, grant) {
            let star = matches!(grant.headers, List::Star { authorization: false });
            if star {
                let mut conditions = conditions(plan, &origins, grant);
                conditions.push(header(":method", "exact", "OPTIONS"));
                conditions.push(regex(HEADERS, NAMES_AUTHORIZATION));
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
    let preflight = vec![header(":method", "exact", "OPTIONS"), present(ORIGIN), present(METHOD)];
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
    for denied in denied.chunks(PATTERNS) {
        let Node::Map(mut entries) = regex(ORIGIN, &any_of(denied.iter().copied())) else { continue };
        if let Node::Map(more) = Map::default().with("invert_match", Node::Yes).node() {
            entries.extend(more);
        }
        all.push(Node::Map(entries));
    }
    all
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

fn header(name: &str, kind: &str, value: &str) -> Node {
    Map::default().with_text("name", name).with("string_match", string_match(kind, Node::text(value))).node()
}

fn safe_regex(regex: &str) -> Node {
    string_match("safe_regex", Map::default().with_text("regex", regex).node())
}

fn regex(name: &str, regex: &str) -> Node {
    Map::default().with_text("name", name).with("string_match", safe_regex(regex)).node()
}

fn present(name: &str) -> Node {
    Map::default().with_text("name", name).with("present_match", Node::Yes).node()
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
    let embedding = grant.map_or(plan.strictest_embedding(), |grant| grant.embedding);
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
