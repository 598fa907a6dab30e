//! The server scenarios over HTTP/1.1, on actix-web's own server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use crossing::{HeaderList, ResponseHead};
use crossing_actix::{Cors, Incoming, Policy, by_request};
use crossing_conformance::{AnsweredBy, ServerReply, ServerScenario, ServerSuite};

/// Says which scenario a request belongs to. Not a header that CORS knows.
const SCENARIO: &str = "scenario";

/// Where the policy stands.
#[derive(Clone, Copy)]
enum Place {
    /// In the `App`.
    Within,
    Around,
}

#[derive(Clone)]
struct Stage {
    scenarios: Arc<Vec<ServerScenario>>,
    asked: Arc<AtomicBool>,
}

impl Stage {
    fn scenario(&self, headers: &HeaderMap) -> &ServerScenario {
        &self.scenarios[headers.get(SCENARIO).unwrap().to_str().unwrap().parse::<usize>().unwrap()]
    }

    fn application(&self, request: &HttpRequest) -> HttpResponse {
        self.asked.store(true, Ordering::Relaxed);
        let head = &self.scenario(request.headers()).application;
        let mut response = HttpResponse::new(StatusCode::from_u16(head.status.as_u16()).unwrap());
        for (name, value) in head.headers.iter() {
            let name = HeaderName::from_bytes(name.as_str().as_bytes()).unwrap();
            response.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        response
    }

    fn policy(&self, request: &impl Incoming) -> Option<Policy> {
        Some(self.scenario(&request.head().headers).policy.clone())
    }

    /// Starts the server on a thread of its own, for as long as the test runs.
    fn serve(&self, place: Place) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let stage = self.clone();
        std::thread::spawn(move || {
            let app = move || {
                let (policies, application) = (stage.clone(), stage.clone());
                let answer = move |request: HttpRequest| {
                    let response = application.application(&request);
                    async move { response }
                };
                (policies, App::new().default_service(web::to(answer)))
            };
            let running = match place {
                Place::Within => HttpServer::new(move || {
                    let (policies, app) = app();
                    let choose = move |request: &ServiceRequest| policies.policy(request);
                    app.wrap(Cors::new(by_request(choose)))
                })
                .workers(1)
                .disable_signals()
                .listen(listener)
                .unwrap()
                .run(),
                Place::Around => HttpServer::new(move || {
                    let (policies, app) = app();
                    let choose = move |request: &actix_http::Request| policies.policy(request);
                    Cors::new(by_request(choose)).around(app)
                })
                .workers(1)
                .disable_signals()
                .listen(listener)
                .unwrap()
                .run(),
            };
            actix_web::rt::System::new().block_on(running).unwrap();
        });
        server
    }

    fn play(&self, server: SocketAddr, nth: usize) -> Result<ServerReply, &'static str> {
        let request = &self.scenarios[nth].request;
        if request.method == http::Method::CONNECT {
            return Err("CONNECT has no response like any other");
        }
        let host = request.url.host_str().ok_or("no host")?;
        let port = request.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let mut text = format!(
            "{} {} HTTP/1.1\r\nhost: {host}{port}\r\nconnection: close\r\n{SCENARIO}: {nth}\r\n",
            request.method,
            request.url.path()
        )
        .into_bytes();
        for (name, value) in request.headers.iter().filter(|(name, _)| *name != "host") {
            text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        text.extend(b"\r\n");
        let mut stream = TcpStream::connect(server).unwrap();
        stream.write_all(&text).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let by = if self.asked.swap(false, Ordering::Relaxed) {
            AnsweredBy::Application
        } else {
            AnsweredBy::Policy
        };
        Ok(ServerReply { by, head: head(&answer) })
    }
}

/// The head of a response, line by line.
fn head(answer: &[u8]) -> ResponseHead {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let text = std::str::from_utf8(&answer[..end]).unwrap();
    let mut lines = text.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = HeaderList::default();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let value: http::HeaderValue = value.trim().parse().unwrap();
        headers.append(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.into());
    }
    ResponseHead::new(status, headers)
}

fn answers_to_the_letter(place: Place) {
    let suite = ServerSuite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let stage = Stage { scenarios: Arc::new(suite.scenarios.clone()), asked: Arc::default() };
    let server = stage.serve(place);
    let mut nth = 0..;
    let report = suite.run(|_| stage.play(server, nth.next().unwrap()));
    assert!(report.is_green(), "\n{report}");
}

#[test]
fn the_middleware_answers_to_the_letter() {
    answers_to_the_letter(Place::Within);
}

#[test]
fn the_policy_around_an_app_answers_to_the_letter() {
    answers_to_the_letter(Place::Around);
}
