//! The live page: it has an origin of its own, asks what the lab's page tells it to ask, and tells what its script saw.

use http::Response;
use http::header::{self, HeaderValue};
use http_body_util::Full;

use super::run::Run;
use super::{Live, Part};
use crate::lab::door::{Reply, value};

/// Where the page is.
pub(super) const PAGE: &str = "/crossing-lab/frame";
/// Where its script is.
pub(super) const SCRIPT: &str = "/crossing-lab/frame.js";
/// Where the cookies of a server begin.
pub(super) const COOKIES: &str = "/crossing-lab/cookies";

/// The address of the page for a run.
pub(in crate::lab) fn address(live: &Live, run: &Run) -> String {
    format!("{}{PAGE}?{}={}", live.page(), super::run::TOKEN, run.token)
}

/// The addresses at which each server's cookies begin.
pub(in crate::lab) fn cookies(run: &Run) -> Vec<String> {
    let servers = run.names().iter().filter(|name| run.is_server(name));
    servers.map(|name| format!("{}{COOKIES}?{}={}", name.live, super::run::TOKEN, run.token)).collect()
}

pub(super) fn page(live: &Live, run: &Run) -> Reply {
    let html = include_str!("../page/frame.html").replace("LAB", &live.lab);
    let mut reply = Response::new(Full::from(html));
    let [page, other] = super::HOSTS.map(|host| live.origin(Part::Page, host));
    let asks = format!("{page} {other} {}", live.servers().join(" "));
    let policy = format!(
        "default-src 'none'; script-src {page}; connect-src {asks}; base-uri 'none'; form-action 'none'; \
         frame-ancestors {}",
        live.lab
    );
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, value(&policy));
    headers
        .insert(header::REFERRER_POLICY, HeaderValue::from_static(run.plan.client.referrer_policy.as_str()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

pub(super) fn script() -> Reply {
    let mut reply = Response::new(Full::from(include_str!("../page/frame.js")));
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}
