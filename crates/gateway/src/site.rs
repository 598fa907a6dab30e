//! A gateway's file, ready to serve.

use std::borrow::Cow;
use std::sync::Arc;

use crossing::server::{Decision, FieldLine, Policy, RequestField, RequestView};
use crossing_tower::PolicySource;
use http::{HeaderValue, Request};

use crate::client::Client;
use crate::config::{AccessLog, Config, HostPattern, Limits, Target, Upstream, host_rank, is_below};
use crate::files::Files;
use crate::metrics::{Metrics, RouteMetrics};
use crate::path::{self, Unclear};

/// What is in force: the routes, and the rest of the file that a request depends on.
#[derive(Debug)]
pub(crate) struct Site {
    /// The more specific ones first.
    routes: Vec<Route>,
    pub(crate) limits: Limits,
    pub(crate) access_log: AccessLog,
}

/// What is done with some requests.
#[derive(Debug)]
pub(crate) struct Route {
    host: Option<HostPattern>,
    path: String,
    /// By the loosest reading; it is at most as long as the path.
    loosest: Vec<u8>,
    pub(crate) policy: Option<Policy>,
    pub(crate) forward_preflights: bool,
    pub(crate) answers: Answers,
    pub(crate) metrics: Arc<RouteMetrics>,
}

/// Who answers.
#[derive(Debug)]
pub(crate) enum Answers {
    Upstream(Upstream),
    Files(Files),
}

impl Site {
    pub(crate) fn new(config: &Config, metrics: &Metrics) -> Site {
        let route = |route: &crate::config::RouteConfig| {
            let host = route.host.as_ref().map(ToString::to_string).unwrap_or_default();
            let name: Arc<str> = format!("{host}{}", route.path).into();
            Route {
                metrics: metrics.route(&name),
                host: route.host.clone(),
                loosest: path::loosest(&route.path).map_or_else(|_| Vec::new(), Cow::into_owned),
                path: route.path.clone(),
                policy: route.policy.clone(),
                forward_preflights: route.forward_preflights,
                answers: match &route.target {
                    Target::Upstream(upstream) => Answers::Upstream(upstream.clone()),
                    Target::Root(root) => Answers::Files(Files::new(root)),
                },
            }
        };
        let mut routes: Vec<Route> = config.routes.iter().map(route).collect();
        routes.sort_by_key(|route| std::cmp::Reverse((host_rank(route.host.as_ref()), route.loosest.len())));
        Site { routes, limits: config.limits, access_log: config.access_log }
    }

    /// The route of a request: the most specific host, then the longest path. And whether every server would say so.
    pub(crate) fn find(&self, host: &str, path: &str) -> Option<(&Route, Result<(), Unclear>)> {
        let mut of_host = self
            .routes
            .iter()
            .filter(|route| route.host.as_ref().is_none_or(|pattern| pattern.matches(host)));
        let by_letter = |route: &&Route| is_below(&route.path, path);
        let clear = match path::loosest(path) {
            Err(unclear) => Err(unclear),
            Ok(loosest) => {
                let route = of_host.clone().find(|route| path::is_loosely_below(&route.loosest, &loosest))?;
                if by_letter(&route) {
                    return Some((route, Ok(())));
                }
                Err(Unclear::OtherRoute)
            }
        };
        of_host.find(by_letter).map(|route| (route, clear))
    }
}

/// A route's policy, for the CORS layer; every decision is counted, and kept for the log.
pub(crate) struct Watched<'r> {
    pub(crate) route: &'r Route,
    pub(crate) client: &'r Client,
    pub(crate) basis: &'r std::cell::Cell<Told>,
}

/// What was decided about a request, in words.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    pub(crate) verdict: &'static str,
    pub(crate) basis: &'static str,
}

impl<B> PolicySource<B> for Watched<'_> {
    fn decide(&self, request: &Request<B>) -> Option<Decision> {
        let policy = self.route.policy.as_ref()?;
        let decision = match self.client.scheme() {
            "https" => policy.decide(&OverTls(request)),
            _ => policy.decide(request),
        };
        if self.route.forward_preflights && decision.exchange() == crossing::reason::Exchange::Preflight {
            return None;
        }
        let verdict = decision.verdict();
        self.basis.set(Told { verdict: verdict.as_str(), basis: verdict.basis() });
        self.route.metrics.decided(&decision);
        Some(decision)
    }
}

/// A request that came over TLS, for a decision.
struct OverTls<'r, B>(&'r Request<B>);

impl<B> RequestView for OverTls<'_, B> {
    type Value = HeaderValue;

    fn method(&self) -> &str {
        RequestView::method(self.0)
    }

    fn lines<'r>(&'r self, field: RequestField) -> impl Iterator<Item: FieldLine<'r, Value = HeaderValue>> {
        self.0.lines(field)
    }

    fn authority(&self) -> Option<&str> {
        self.0.authority()
    }

    fn scheme(&self) -> Option<&str> {
        Some("https")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(file: &str) -> Site {
        let config = Config::from_toml(file, std::path::Path::new("/")).unwrap();
        Site::new(&config, &Metrics::default())
    }

    /// The name of the route that is found, and whether it is clear that it is this one.
    fn found(site: &Site, host: &str, path: &str) -> Option<(String, Result<(), Unclear>)> {
        let (route, clear) = site.find(host, path)?;
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
        let site = site(&file);
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
                found(&site, host, path),
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
        let site = site(&format!("listen = '127.0.0.1:0'\n{routes}"));
        let other = Err(Unclear::OtherRoute);
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
            ("/api/x%2f..%2fadmin/x", Some(("/api/", Err(Unclear::DotSegment)))),
            ("/api/..;/admin/x", Some(("/api/", Err(Unclear::DotSegment)))),
            ("/api/admin%00/x", Some(("/api/", Err(Unclear::Nul)))),
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
            assert_eq!(found(&site, "b.test", path), expected, "{path}");
        }
    }
}
