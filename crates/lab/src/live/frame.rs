//! The live page: a frame with its own origin. It sends the requests that the lab's page passes to it, and reports what
//! its script got.

use http::Response;
use http::header::{self, HeaderValue};
use http_body_util::Full;

use super::run::{LiveRun, TOKEN};
use super::{LiveOrigin, LiveOrigins};
use crate::http_server::{HttpResponse, header_value};

/// The path of the page.
pub(super) const PAGE: &str = "/crossing-lab/frame";
/// The path of its script.
pub(super) const SCRIPT: &str = "/crossing-lab/frame.js";
/// The path at which a server sets the cookies of a run.
pub(super) const COOKIES: &str = "/crossing-lab/cookies";

/// The URL of the page for a run.
pub(crate) fn frame_url(live: &LiveOrigins, run: &LiveRun) -> String {
    format!("{}{PAGE}?{}={}", live.page(), TOKEN, run.token)
}

/// The URLs at which the servers set the cookies of a run.
pub(crate) fn cookie_urls(run: &LiveRun) -> Vec<String> {
    let servers = run.mappings().iter().filter(|mapping| mapping.is_server());
    servers.map(|mapping| format!("{}{COOKIES}?{}={}", mapping.live, TOKEN, run.token)).collect()
}

pub(super) fn page(live: &LiveOrigins, run: &LiveRun) -> HttpResponse {
    let html = include_str!("../page/frame.html").replace("LAB", &live.lab);
    let mut response = Response::new(Full::from(html));
    let [page, other] = super::HOSTS.map(|host| live.serialise(LiveOrigin::Page, host));
    let requested = format!("{page} {other} {}", live.servers().join(" "));
    let policy = format!(
        "default-src 'none'; script-src {page}; connect-src {requested}; base-uri 'none'; form-action 'none'; \
         frame-ancestors {}",
        live.lab
    );
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, header_value(&policy));
    headers
        .insert(header::REFERRER_POLICY, HeaderValue::from_static(run.setup.client.referrer_policy.as_str()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn script() -> HttpResponse {
    let mut response = Response::new(Full::from(include_str!("../page/frame.js")));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
