//! The configuration that requests are served by: its routes, in the order in which they are tried.

use std::borrow::Cow;
use std::sync::Arc;

use crossing::server::Policy;

use crate::config::{
    AccessLog, Config, HostPattern, Limits, RouteConfig, Target, Upstream, host_rank, is_below,
};
use crate::metrics::{Metrics, RouteMetrics};
use crate::path::{self, AmbiguousPath};
use crate::static_files::StaticFiles;

/// The active configuration: the routes, and the other settings that a request depends on.
#[derive(Debug)]
pub(crate) struct ActiveConfig {
    /// The most specific routes come first.
    routes: Vec<Route>,
    pub(crate) limits: Limits,
    pub(crate) access_log: AccessLog,
}

/// How the requests for some hosts and paths are handled.
#[derive(Debug)]
pub(crate) struct Route {
    host: Option<HostPattern>,
    path: String,
    /// The path fully normalized; at most as long as the path.
    normalized: Vec<u8>,
    pub(crate) policy: Option<Policy>,
    pub(crate) forward_preflights: bool,
    pub(crate) target: RouteTarget,
    pub(crate) metrics: Arc<RouteMetrics>,
}

/// What responds to the requests of a route.
#[derive(Debug)]
pub(crate) enum RouteTarget {
    Upstream(Upstream),
    Files(StaticFiles),
}

impl ActiveConfig {
    pub(crate) fn new(config: &Config, metrics: &Metrics) -> ActiveConfig {
        let route = |route: &RouteConfig| {
            let host = route.host.as_ref().map(ToString::to_string).unwrap_or_default();
            let name: Arc<str> = format!("{host}{}", route.path).into();
            Route {
                metrics: metrics.route(&name),
                host: route.host.clone(),
                normalized: path::normalize(&route.path).map_or_else(|_| Vec::new(), Cow::into_owned),
                path: route.path.clone(),
                policy: route.policy.clone(),
                forward_preflights: route.forward_preflights,
                target: match &route.target {
                    Target::Upstream(upstream) => RouteTarget::Upstream(upstream.clone()),
                    Target::Root(root) => RouteTarget::Files(StaticFiles::new(root)),
                },
            }
        };
        let mut routes: Vec<Route> = config.routes.iter().map(route).collect();
        routes
            .sort_by_key(|route| std::cmp::Reverse((host_rank(route.host.as_ref()), route.normalized.len())));
        ActiveConfig { routes, limits: config.limits, access_log: config.access_log }
    }

    /// The route of a request: the most specific host, then the longest path. An `AmbiguousPath` beside it means that some
    /// servers would choose another route.
    pub(crate) fn find(&self, host: &str, path: &str) -> Option<(&Route, Result<(), AmbiguousPath>)> {
        let mut routes_of_host = self
            .routes
            .iter()
            .filter(|route| route.host.as_ref().is_none_or(|pattern| pattern.matches(host)));
        let is_literal_match = |route: &&Route| is_below(&route.path, path);
        let clarity = match path::normalize(path) {
            Err(ambiguous) => Err(ambiguous),
            Ok(normalized) => {
                let mut routes = routes_of_host.clone();
                let route =
                    routes.find(|route| path::is_below_in_any_case(&route.normalized, &normalized))?;
                if is_literal_match(&route) {
                    return Some((route, Ok(())));
                }
                Err(AmbiguousPath::OtherRoute)
            }
        };
        routes_of_host.find(is_literal_match).map(|route| (route, clarity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active(file: &str) -> ActiveConfig {
        let config = Config::from_toml(file, std::path::Path::new("/")).unwrap();
        ActiveConfig::new(&config, &Metrics::default())
    }

    fn found(config: &ActiveConfig, host: &str, path: &str) -> Option<(String, Result<(), AmbiguousPath>)> {
        let (route, clear) = config.find(host, path)?;
        let host = route.host.as_ref().map(ToString::to_string).unwrap_or_default();
        Some((format!("{host}{}", route.path), clear))
    }

    #[test]
    fn the_most_specific_host_and_then_the_longest_path_wins() {
        let target = "upstream = 'http://127.0.0.1:1'";
        let route = |keys: &str| format!("[[route]]\n{keys}\n{target}\n");
        let file = [
            "listen = '127.0.0.1:0'\n",
            &route("path = '/'"),
            &route("path = '/api/'"),
            &route("path = '/api/v2'"),
            &route("host = '*.a.test'"),
            &route("host = '*.b.a.test'\npath = '/x'"),
            &route("host = 'c.a.test'\npath = '/x/'"),
        ]
        .concat();
        let config = active(&file);
        let cases = [
            ("z.test", "/", Some("/")),
            ("z.test", "/api", Some("/")),
            ("z.test", "/api/", Some("/api/")),
            ("z.test", "/api/v2", Some("/api/v2")),
            ("z.test", "/api/v2/x", Some("/api/v2")),
            ("z.test", "/api/v20", Some("/api/")),
            ("a.test", "/x", Some("/")),
            ("q.a.test", "/api/v2", Some("*.a.test/")),
            ("q.b.a.test", "/x/y", Some("*.b.a.test/x")),
            ("q.b.a.test", "/y", Some("*.a.test/")),
            ("c.a.test", "/x/", Some("c.a.test/x/")),
            ("c.a.test", "/x", Some("*.a.test/")),
            ("evila.test", "/", Some("/")),
            ("z.test", "*", None),
        ];
        for (host, path, expected) in cases {
            assert_eq!(
                found(&config, host, path),
                expected.map(|name| (name.to_owned(), Ok(()))),
                "{host}{path}"
            );
        }
    }

    #[test]
    fn a_route_that_another_reading_leads_to_is_not_passed_by() {
        let target = "upstream = 'http://127.0.0.1:1'";
        let routes =
            ["path = '/api/'", "path = '/api/admin/'", "path = '/caf%C3%A9'", "host = 'a.test'\npath = '/x'"];
        let routes: String = routes.iter().map(|keys| format!("[[route]]\n{keys}\n{target}\n")).collect();
        let config = active(&format!("listen = '127.0.0.1:0'\n{routes}"));
        let other = Err(AmbiguousPath::OtherRoute);
        let cases = [
            ("/api/x", Some(("/api/", Ok(())))),
            ("/api/X;y//%2f%61/admin", Some(("/api/", Ok(())))),
            ("/api/group%2Fproject", Some(("/api/", Ok(())))),
            ("/api/admin/..x//%61;b", Some(("/api/admin/", Ok(())))),
            ("/api/%61dmin/x", Some(("/api/", other))),
            ("/api/%2561dmin/x", Some(("/api/", other))),
            ("/api//admin/x", Some(("/api/", other))),
            ("/api/Admin/x", Some(("/api/", other))),
            ("/api/admin%2fx", Some(("/api/", other))),
            ("/api/admin%5cx", Some(("/api/", other))),
            ("/api/admin\\x", Some(("/api/", other))),
            ("/api/admin;a=b/x", Some(("/api/", other))),
            ("/api/;/admin/x", Some(("/api/", other))),
            ("/api/x%2f..%2fadmin/x", Some(("/api/", Err(AmbiguousPath::DotSegment)))),
            ("/api/..;/admin/x", Some(("/api/", Err(AmbiguousPath::DotSegment)))),
            ("/api/admin%00/x", Some(("/api/", Err(AmbiguousPath::Nul)))),
            ("/caf%C3%A9", Some(("/caf%C3%A9", Ok(())))),
            ("/caf%C3%A9/%c3%a9", Some(("/caf%C3%A9", Ok(())))),
            // Nothing by the letter, so nothing at all.
            ("/caf%c3%a9", None),
            ("//api/x", None),
            ("/API/x", None),
            ("/..", None),
        ];
        for (path, expected) in cases {
            let expected = expected.map(|(name, clear)| (name.to_owned(), clear));
            assert_eq!(found(&config, "b.test", path), expected, "{path}");
        }
    }
}
