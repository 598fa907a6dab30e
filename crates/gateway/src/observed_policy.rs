//! A route's policy as the CORS layer applies it: each decision is counted, and passed to the access log.

use std::cell::Cell;

use crossing::reason::Exchange;
use crossing::server::{Decision, FieldLine, RequestField, RequestView};
use crossing_tower::PolicySource;
use http::{HeaderValue, Request};

use crate::access_log::LoggedDecision;
use crate::active_config::Route;
use crate::client_connection::ClientConnection;
use crate::config::Scheme;

/// The policy of a route for one request. It counts the decision and stores it for the access log.
pub(crate) struct ObservedPolicy<'r> {
    pub(crate) route: &'r Route,
    pub(crate) client: &'r ClientConnection,
    pub(crate) logged: &'r Cell<LoggedDecision>,
}

impl<B> PolicySource<B> for ObservedPolicy<'_> {
    fn decide(&self, request: &Request<B>) -> Option<Decision> {
        let policy = self.route.policy.as_ref()?;
        let decision = match self.client.scheme() {
            Scheme::Https => policy.decide(&TlsRequest(request)),
            Scheme::Http => policy.decide(request),
        };
        if self.route.forward_preflights && decision.exchange() == Exchange::Preflight {
            return None;
        }
        let verdict = decision.verdict();
        self.logged.set(LoggedDecision { verdict: verdict.as_str(), basis: verdict.basis() });
        self.route.metrics.count_decision(&decision);
        Some(decision)
    }
}

/// A request that was received over TLS: its scheme is `https`.
struct TlsRequest<'r, B>(&'r Request<B>);

impl<B> RequestView for TlsRequest<'_, B> {
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
