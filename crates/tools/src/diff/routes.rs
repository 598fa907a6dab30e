//! Two files of a gateway, route by route.

use crossing::server::{Change, ChangeKind, Diff};
use crossing_gateway::config::{Config, HostPattern, RouteConfig};

/// What changes for some requests.
pub(super) struct RouteDiff {
    /// Their hosts and how their paths begin, as a route is named: `api.example.com/v1/`.
    pub(super) route: String,
    pub(super) diff: Diff,
}

/// What changes, for all requests that go from one route to another.
pub(super) fn between(old: &Config, new: &Config) -> Vec<RouteDiff> {
    let routes = || new.routes.iter().chain(&old.routes);
    let mut hosts: Vec<Option<&HostPattern>> = Vec::new();
    let mut paths: Vec<&str> = Vec::new();
    for route in routes() {
        if !hosts.contains(&route.host.as_ref()) {
            hosts.push(route.host.as_ref());
        }
        if !paths.contains(&route.path.as_str()) {
            paths.push(&route.path);
        }
    }
    paths.sort_by_key(|path| path.len());
    let mut seen: Vec<(Option<&RouteConfig>, Option<&RouteConfig>)> = Vec::new();
    let mut found = Vec::new();
    for (host, path) in hosts.iter().flat_map(|host| paths.iter().map(move |path| (*host, *path))) {
        let pair = (old.route_for(host, path), new.route_for(host, path));
        let same = |a: Option<&RouteConfig>, b: Option<&RouteConfig>| match (a, b) {
            (Some(a), Some(b)) => std::ptr::eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        if seen.iter().any(|there| same(there.0, pair.0) && same(there.1, pair.1)) {
            continue;
        }
        seen.push(pair);
        let diff = of_routes(pair.0, pair.1);
        if !diff.is_empty() {
            let host = host.map(ToString::to_string).unwrap_or_default();
            found.push(RouteDiff { route: format!("{host}{path}"), diff });
        }
    }
    found
}

/// Where there is no route, nobody is granted anything.
fn of_routes(old: Option<&RouteConfig>, new: Option<&RouteConfig>) -> Diff {
    let policies = [old, new].map(|route| route.and_then(|route| route.policy.as_ref()));
    let mut diff = Diff::between(policies[0], policies[1]);
    // What an application grants is not known: that it may at all is a change.
    let grants_itself = |route: &RouteConfig| route.policy.is_none() || route.forward_preflights;
    match (old.is_some_and(grants_itself), new.is_some_and(grants_itself)) {
        (false, true) => diff.widened.push(by_the_application()),
        (true, false) => diff.narrowed.push(by_the_application()),
        _ => {}
    }
    diff
}

fn by_the_application() -> Change {
    Change {
        kind: ChangeKind::Existing,
        example: "https://elsewhere.example".to_owned(),
        origins: Vec::new(),
        classes: 0,
        old_grant: None,
        new_grant: None,
    }
}
