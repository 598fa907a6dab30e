//! Answers what the person's browser sends to a live origin.

use std::sync::Arc;
use std::time::Duration;

use crossing::Value;
use http::header::{self, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;

use super::run::{COOKIES, Heard, Run, token_in};
use super::{HOSTS, Live, Part, frame};
use crate::lab::door::{LARGEST_BODY, Reply, host_of, value};

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What an answer of a run must not do to the rest of this machine's pages: a link with it may come from anybody.
const REACHES_FURTHER: [&str; 6] =
    ["alt-svc", "clear-site-data", "nel", "report-to", "reporting-endpoints", "strict-transport-security"];

/// Answers a request: the frame's files, the cookies' beginning, or as the stage says.
pub(super) async fn answer(live: Arc<Live>, part: Part, request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    let names = HOSTS.map(|host| format!("{host}:{}", live.port(part)));
    if !host_of(&head.headers).is_some_and(|host| names.iter().any(|name| name.as_bytes() == host)) {
        return refused(StatusCode::FORBIDDEN, "Host names another server");
    }
    let run = head.uri.query().and_then(token_in).and_then(|token| live.run(token));
    let Some(run) = run else {
        return match (part, head.uri.path()) {
            (Part::Page, frame::SCRIPT) => frame::script(),
            _ => refused(StatusCode::NOT_FOUND, "this belongs to no run of the lab"),
        };
    };
    // The body is the stage's to ignore; it is read, so that the connection can go on.
    let _ = tokio::time::timeout(PATIENCE, Limited::new(body, LARGEST_BODY).collect()).await;
    match (part, head.uri.path()) {
        (Part::Page, frame::PAGE) => frame::page(&live, &run),
        (Part::Server(at), frame::COOKIES) => begin_with_cookies(&live, &run, at, &head),
        _ => staged(&run, part, &head)
            .unwrap_or_else(|| refused(StatusCode::NOT_FOUND, "there is no such server")),
    }
}

fn refused(status: StatusCode, why: &'static str) -> Reply {
    let mut reply = Response::new(Full::from(why));
    *reply.status_mut() = status;
    reply
}

/// As the stage answers, with the names exchanged on the way in and on the way out.
fn staged(run: &Run, part: Part, head: &http::request::Parts) -> Option<Reply> {
    let origin = run.origin_of(part)?;
    let url = run.symbolic_url(part, head.uri.path_and_query()?.as_str())?;
    let headers = run.symbolic_headers(&head.headers);
    let mut request = Request::new(());
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = url[url::Position::BeforePath..url::Position::AfterQuery].parse().ok()?;
    for (name, value) in headers.iter() {
        request.headers_mut().append(name.clone(), value.to_http()?);
    }
    let host = url[url::Position::BeforeHost..url::Position::AfterPort].parse::<HeaderValue>().ok()?;
    request.headers_mut().insert(header::HOST, host);
    let answered = run.plan.stage.answer(&origin, &request)?;
    let mut reply = Response::new(Full::from(answered.body));
    *reply.status_mut() = answered.head.status;
    for (name, value) in
        answered.head.headers.iter().filter(|(name, _)| !REACHES_FURTHER.contains(&name.as_str()))
    {
        let line = run.live_line(&url, name, value);
        if let Some(value) = Value::new(line).ok().and_then(|value| value.to_http()) {
            reply.headers_mut().append(name.clone(), value);
        }
    }
    run.hear(Heard { method: head.method.clone(), url, headers, status: answered.head.status });
    Some(reply)
}

/// Takes away the cookies of earlier runs, and sets the one that the state wants. The lab's own page asks for it.
fn begin_with_cookies(live: &Live, run: &Run, at: usize, head: &http::request::Parts) -> Reply {
    let mut reply = Reply::default();
    let headers = reply.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value(&live.lab));
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    if head.method != Method::GET
        || head.headers.get(header::ORIGIN).is_none_or(|origin| origin != live.lab.as_str())
    {
        return refused(StatusCode::FORBIDDEN, "this is the lab's own to ask");
    }
    let lines = head.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let names = lines.flat_map(|line| line.split("; ")).filter_map(|pair| pair.split('=').next());
    for name in names.filter(|name| name.starts_with(COOKIES)) {
        headers.append(header::SET_COOKIE, value(&format!("{name}=; Path=/; Max-Age=0")));
    }
    if run.state.page.signed_in && at == 0 {
        // Whether the browser counts the server to the page's site or to another, it may bring this along.
        let cookie = format!("{COOKIES}sid=1; Path=/; SameSite=None; Secure");
        headers.append(header::SET_COOKIE, value(&cookie));
    }
    reply
}
