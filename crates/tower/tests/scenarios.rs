//! The server scenarios: on the service in memory, and over sockets with HTTP/1.1 and HTTP/2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use crossing::{HeaderList, ResponseHead};
use crossing_conformance::{AnsweredBy, ServerReply, ServerScenario, ServerSuite};
use crossing_tower::{CorsLayer, by_request};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body_util::{Empty, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, Service, ServiceExt, service_fn};

/// Says which scenario a request belongs to. Not a header that CORS knows.
const SCENARIO: &str = "scenario";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

/// All scenarios behind one service: each request says whose policy and whose application it wants.
#[derive(Clone)]
struct Stage {
    scenarios: Arc<Vec<ServerScenario>>,
    asked: Arc<AtomicBool>,
}

impl Stage {
    fn new(suite: &ServerSuite) -> Stage {
        Stage { scenarios: Arc::new(suite.scenarios.clone()), asked: Arc::default() }
    }

    fn scenario(&self, headers: &HeaderMap) -> &ServerScenario {
        &self.scenarios[headers[SCENARIO].to_str().unwrap().parse::<usize>().unwrap()]
    }

    fn service<B: 'static>(
        &self,
    ) -> impl Service<Request<B>, Response = Response<Full<Bytes>>, Error = Infallible, Future: Send>
    + Clone
    + use<B> {
        let (policies, application) = (self.clone(), self.clone());
        let source =
            by_request(move |request: &Request<B>| Some(policies.scenario(request.headers()).policy.clone()));
        CorsLayer::new(source).layer(service_fn(move |request: Request<B>| {
            application.asked.store(true, Ordering::Relaxed);
            let head = &application.scenario(request.headers()).application;
            let mut response = Response::new(Full::default());
            *response.status_mut() = head.status;
            for (name, value) in head.headers.iter() {
                let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
                response.headers_mut().append(name.clone(), value);
            }
            std::future::ready(Ok::<_, Infallible>(response))
        }))
    }

    /// The scenario's request; `Err` says why HTTP cannot carry it.
    fn request<B: Default>(&self, scenario: &ServerScenario) -> Result<Request<B>, &'static str> {
        let nth =
            self.scenarios.iter().position(|other| other.id == scenario.id).ok_or("an unknown scenario")?;
        if scenario.request.method == Method::CONNECT {
            return Err("CONNECT has no response like any other");
        }
        let mut request = Request::new(B::default());
        *request.method_mut() = scenario.request.method.clone();
        *request.uri_mut() = scenario.request.url.as_str().parse().map_err(|_| "no URI")?;
        for (name, value) in scenario.request.headers.iter() {
            let value =
                HeaderValue::from_bytes(value.as_bytes()).map_err(|_| "a value that HTTP cannot carry")?;
            request.headers_mut().append(name.clone(), value);
        }
        request.headers_mut().insert(SCENARIO, HeaderValue::from(nth));
        Ok(request)
    }

    fn reply<B>(&self, response: Response<B>) -> ServerReply {
        let by = if self.asked.swap(false, Ordering::Relaxed) {
            AnsweredBy::Application
        } else {
            AnsweredBy::Policy
        };
        let mut headers = HeaderList::default();
        for (name, value) in response.headers() {
            headers.append(name.clone(), value.clone().into());
        }
        ServerReply { by, head: ResponseHead::new(response.status(), headers) }
    }

    /// Serves connections for as long as the test runs.
    async fn serve(self, listener: TcpListener, protocol: Protocol) {
        while let Ok((stream, _)) = listener.accept().await {
            let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(self.service()));
            // A connection that fails shows on the other side.
            match protocol {
                Protocol::Http1 => {
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(io, service).await;
                }
                Protocol::Http2 => {
                    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                    // The policy shall see the long lists; hyper's own limit is 16 KiB.
                    builder.max_header_list_size(64 << 10);
                    let _ = builder.serve_connection(io, service).await;
                }
            }
        }
    }
}

async fn fetch(
    server: SocketAddr,
    protocol: Protocol,
    mut request: Request<Empty<Bytes>>,
) -> Response<hyper::body::Incoming> {
    let io = TokioIo::new(TcpStream::connect(server).await.unwrap());
    match protocol {
        Protocol::Http1 => {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
            tokio::spawn(connection);
            let host = HeaderValue::from_str(request.uri().authority().unwrap().as_str()).unwrap();
            request.headers_mut().entry("host").or_insert(host);
            *request.uri_mut() = request.uri().path().parse().unwrap();
            sender.send_request(request).await.unwrap()
        }
        Protocol::Http2 => {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
            tokio::spawn(connection);
            request.headers_mut().remove("host");
            sender.send_request(request).await.unwrap()
        }
    }
}

fn suite() -> ServerSuite {
    ServerSuite::embedded().unwrap_or_else(|error| panic!("{error}"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap()
}

#[test]
fn the_service_answers_to_the_letter() {
    let (suite, runtime) = (suite(), runtime());
    let stage = Stage::new(&suite);
    let report = suite.run(|scenario| {
        let request = stage.request::<()>(scenario)?;
        let Ok(response) = runtime.block_on(stage.service().oneshot(request));
        Ok(stage.reply(response))
    });
    assert!(report.is_green(), "\n{report}");
}

fn over(protocol: Protocol) {
    let (suite, runtime) = (suite(), runtime());
    let stage = Stage::new(&suite);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let server = listener.local_addr().unwrap();
    runtime.spawn(stage.clone().serve(listener, protocol));
    let report = suite.run(|scenario| {
        let request = stage.request(scenario)?;
        Ok(stage.reply(runtime.block_on(fetch(server, protocol, request))))
    });
    assert!(report.is_green(), "\n{report}");
}

#[test]
fn it_does_so_over_http1() {
    over(Protocol::Http1);
}

#[test]
fn it_does_so_over_http2() {
    over(Protocol::Http2);
}
