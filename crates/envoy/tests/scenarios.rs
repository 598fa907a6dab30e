//! The server scenarios over sockets, through every supported Envoy: each scenario's policy is that of a route.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use crossing_conformance::{AnsweredBy, ServerReply, ServerScenario, ServerSuite};
use http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use support::{Envoy, Setup, for_route};
use tokio::net::TcpStream;

/// Says which scenario a request belongs to. Not a header that CORS knows.
const SCENARIO: &str = "scenario";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

/// All scenarios behind one Envoy: each request says whose policy and whose application it wants.
struct Stage {
    suite: ServerSuite,
    asked: Arc<AtomicBool>,
    application: SocketAddr,
}

impl Stage {
    fn new() -> Stage {
        let suite = ServerSuite::embedded().unwrap_or_else(|error| panic!("{error}"));
        let asked = Arc::new(AtomicBool::new(false));
        let (scenarios, told) = (Arc::new(suite.scenarios.clone()), asked.clone());
        let application = support::serve(move |request| {
            told.store(true, Ordering::Relaxed);
            let nth: usize = request.headers()[SCENARIO].to_str().unwrap().parse().unwrap();
            let head = &scenarios[nth].application;
            let mut response = Response::new(Full::default());
            *response.status_mut() = head.status;
            for (name, value) in head.headers.iter() {
                let name = HeaderName::from_bytes(name.as_str().as_bytes()).unwrap();
                response.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            response
        });
        Stage { suite, asked, application }
    }

    fn setup(&self) -> Setup {
        let routes = self.suite.scenarios.iter().enumerate().map(|(nth, scenario)| {
            let whose = json!({ "name": SCENARIO, "string_match": { "exact": nth.to_string() } });
            json!({
                "match": { "prefix": "/", "headers": [whose] },
                "route": { "cluster": "up" },
                "typed_per_filter_config": for_route(&scenario.policy.to_toml().unwrap()),
            })
        });
        Setup { policy: None, routes: routes.collect(), ..Setup::new(self.application) }
    }

    /// The scenario's request; `Err` says why Envoy cannot carry it.
    fn request(&self, scenario: &ServerScenario) -> Result<Request<Full<Bytes>>, &'static str> {
        let nth = self.suite.scenarios.iter().position(|other| other.id == scenario.id).unwrap();
        if scenario.request.method == Method::CONNECT {
            return Err("CONNECT has no response like any other");
        }
        let mut request = Request::new(Full::default());
        *request.method_mut() = scenario.request.method.clone();
        *request.uri_mut() = scenario.request.url.as_str().parse().unwrap();
        for (name, value) in scenario.request.headers.iter() {
            let value =
                HeaderValue::from_bytes(value.as_bytes()).map_err(|_| "a value that HTTP cannot carry")?;
            request.headers_mut().append(name.clone(), value);
        }
        if request.method().as_str() == "QUERY" {
            // Envoy 1.40 answers 400 to a QUERY that does not say what it holds.
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        }
        request.headers_mut().insert(SCENARIO, HeaderValue::from(nth));
        Ok(request)
    }

    fn reply(&self, response: Response<Bytes>) -> ServerReply {
        let by = if self.asked.swap(false, Ordering::Relaxed) {
            AnsweredBy::Application
        } else {
            AnsweredBy::Policy
        };
        let mut headers = crossing::HeaderList::default();
        for (name, value) in response.headers() {
            headers.append(name.clone(), value.clone().into());
        }
        // Envoy joins the application's lines itself, and without a space.
        if let Some(names) = names(&response, VARY).filter(|names| names.len() > 1) {
            headers.set(VARY, HeaderValue::from_str(&names.join(", ")).unwrap().into());
        }
        // Envoy dates a response before the filters see it, so that the date is one of the headers to expose.
        if let Some(mut names) = names(&response, ACCESS_CONTROL_EXPOSE_HEADERS)
            && names.contains(&"date")
        {
            names.retain(|name| *name != "date");
            headers.delete(&ACCESS_CONTROL_EXPOSE_HEADERS);
            if !names.is_empty() {
                let others = HeaderValue::from_str(&names.join(", ")).unwrap();
                headers.set(ACCESS_CONTROL_EXPOSE_HEADERS, others.into());
            }
        }
        // Over HTTP/2, Envoy says that there is no body by ending the stream, and by nothing else.
        let ended = response.body().is_empty() && response.status() != StatusCode::NO_CONTENT;
        if response.version() == Version::HTTP_2 && by == AnsweredBy::Policy && ended {
            headers.set(CONTENT_LENGTH, HeaderValue::from_static("0").into());
        }
        ServerReply { by, head: crossing::ResponseHead::new(response.status(), headers) }
    }
}

/// The names in a list.
fn names(response: &Response<Bytes>, header: HeaderName) -> Option<Vec<&str>> {
    Some(response.headers().get(header)?.to_str().unwrap().split(',').map(str::trim).collect())
}

async fn fetch(
    server: SocketAddr,
    protocol: Protocol,
    mut request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, hyper::Error> {
    let io = TokioIo::new(TcpStream::connect(server).await.unwrap());
    let response = match protocol {
        Protocol::Http1 => {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
            tokio::spawn(connection);
            let host = HeaderValue::from_str(request.uri().authority().unwrap().as_str()).unwrap();
            request.headers_mut().entry("host").or_insert(host);
            *request.uri_mut() = request.uri().path().parse().unwrap();
            sender.send_request(request).await?
        }
        Protocol::Http2 => {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await?;
            tokio::spawn(connection);
            request.headers_mut().remove("host");
            sender.send_request(request).await?
        }
    };
    let (head, body) = response.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}

fn play(protocol: Protocol) {
    let stage = Stage::new();
    for version in support::versions() {
        let envoy = Envoy::start(version, &stage.setup());
        let report = stage.suite.run(|scenario| {
            let request = stage.request(scenario)?;
            let response = support::block_on(fetch(envoy.address, protocol, request))
                .unwrap_or_else(|error| panic!("{}: {error}\n{}", scenario.id, envoy.log()));
            Ok(stage.reply(response))
        });
        assert!(report.is_green(), "Envoy {version}, {protocol:?}\n{report}");
    }
}

#[test]
fn every_envoy_answers_to_the_letter_over_http1() {
    play(Protocol::Http1);
}

#[test]
fn every_envoy_answers_to_the_letter_over_http2() {
    play(Protocol::Http2);
}
