//! Envoy: its own CORS filter, with a route for each grant, and what the filter lacks beside it.

mod routes;

use super::Exported;
use super::loss::{Loss, Weight};
use super::plan::{List, Plan};
use super::yaml::{Map, Node};

const CORS: &str = "envoy.filters.http.cors";
const MUTATION: &str = "envoy.filters.http.header_mutation";
const ROUTER: &str = "envoy.filters.http.router";

/// The methods that Envoy 1.40 takes over HTTP/1.1.
#[rustfmt::skip]
const METHODS: [&str; 32] = [
    "ACL", "BIND", "CHECKOUT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR",
    "MKCOL", "MOVE", "MSEARCH", "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT", "REBIND",
    "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
];

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
    let star = plan.grants.iter().any(|grant| matches!(grant.methods, List::Star { .. }));
    if star || plan.methods().any(|method| !METHODS.contains(&method)) {
        losses.push(Loss::new(
            "method",
            Weight::Tightens,
            "Over HTTP/1.1, Envoy answers 400 to a method that it does not know, QUERY among them.",
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
                            .with("routes", Node::List(routes::routes(plan)))
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
    Map::default().with_text("@type", url).and(map).node()
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
