//! Responds to the requests that the user's browser sends to a live origin.

use std::sync::Arc;

use crossing::Value;
use http::header::{self, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;

use super::run::{COOKIE_PREFIX, LiveRun, ReceivedRequest, token_in};
use super::{HOSTS, LiveOrigin, LiveOrigins, frame};
use crate::http_server::{BODY_TIMEOUT, HttpResponse, MAX_BODY, header_value, host};

/// Headers that would affect other pages on this machine. They are removed, because a share link may come from anyone.
const REMOVED_HEADERS: [&str; 6] =
    ["alt-svc", "clear-site-data", "nel", "report-to", "reporting-endpoints", "strict-transport-security"];

/// Responds with a file of the frame, with the cookies of a run, or as the simulated server does.
pub(super) async fn respond(
    live: Arc<LiveOrigins>,
    origin: LiveOrigin,
    request: Request<Incoming>,
) -> HttpResponse {
    let (head, body) = request.into_parts();
    let hosts = HOSTS.map(|host| format!("{host}:{}", live.port(origin)));
    if !host(&head.headers).is_some_and(|host| hosts.iter().any(|known| known.as_bytes() == host)) {
        return refused(StatusCode::FORBIDDEN, "Host names another server");
    }
    let run = head.uri.query().and_then(token_in).and_then(|token| live.run(token));
    let Some(run) = run else {
        return match (origin, head.uri.path()) {
            (LiveOrigin::Page, frame::SCRIPT) => frame::script(),
            _ => refused(StatusCode::NOT_FOUND, "this belongs to no run of the lab"),
        };
    };
    // The servers ignore the body. It is read so that the connection can be used again.
    let _ = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await;
    match (origin, head.uri.path()) {
        (LiveOrigin::Page, frame::PAGE) => frame::page(&live, &run),
        (LiveOrigin::Server(at), frame::COOKIES) => set_cookies(&live, &run, at, &head),
        _ => simulated(&run, origin, &head)
            .unwrap_or_else(|| refused(StatusCode::NOT_FOUND, "there is no such server")),
    }
}

fn refused(status: StatusCode, why: &'static str) -> HttpResponse {
    let mut response = Response::new(Full::from(why));
    *response.status_mut() = status;
    response
}

/// Responds as the simulated server does. The origins are mapped on the way in and on the way out.
fn simulated(run: &LiveRun, origin: LiveOrigin, head: &http::request::Parts) -> Option<HttpResponse> {
    let symbolic = run.symbolic_origin(origin)?;
    let url = run.symbolic_url(origin, head.uri.path_and_query()?.as_str())?;
    let headers = run.symbolic_headers(&head.headers);
    let mut request = Request::new(());
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = url[url::Position::BeforePath..url::Position::AfterQuery].parse().ok()?;
    for (name, value) in headers.iter() {
        request.headers_mut().append(name.clone(), value.to_http()?);
    }
    let host = url[url::Position::BeforeHost..url::Position::AfterPort].parse::<HeaderValue>().ok()?;
    request.headers_mut().insert(header::HOST, host);
    let simulated = run.setup.servers.respond(&symbolic, &request)?;
    let mut response = Response::new(Full::from(simulated.body));
    *response.status_mut() = simulated.head.status;
    for (name, value) in
        simulated.head.headers.iter().filter(|(name, _)| !REMOVED_HEADERS.contains(&name.as_str()))
    {
        let text = run.live_header(&url, name, value);
        if let Some(value) = Value::new(text).ok().and_then(|value| value.to_http()) {
            response.headers_mut().append(name.clone(), value);
        }
    }
    run.record(ReceivedRequest { method: head.method.clone(), url, headers, status: simulated.head.status });
    Some(response)
}

/// Deletes the cookies of earlier runs, and sets the cookie of this one. Only the lab's own page may request it.
fn set_cookies(live: &LiveOrigins, run: &LiveRun, at: usize, head: &http::request::Parts) -> HttpResponse {
    let mut response = HttpResponse::default();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header_value(&live.lab));
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    if head.method != Method::GET
        || head.headers.get(header::ORIGIN).is_none_or(|origin| origin != live.lab.as_str())
    {
        return refused(StatusCode::FORBIDDEN, "this is the lab's own to ask");
    }
    let lines = head.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let names = lines.flat_map(|line| line.split("; ")).filter_map(|pair| pair.split('=').next());
    for name in names.filter(|name| name.starts_with(COOKIE_PREFIX)) {
        headers.append(header::SET_COOKIE, header_value(&format!("{name}=; Path=/; Max-Age=0")));
    }
    if run.state.page.signed_in && at == 0 {
        // `SameSite=None`: the cookie is also sent when the server is of another site than the page.
        let cookie = format!("{COOKIE_PREFIX}sid=1; Path=/; SameSite=None; Secure");
        headers.append(header::SET_COOKIE, header_value(&cookie));
    }
    response
}
