//! The servers of the demo: real sockets on loopback, one for each origin.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossing::server::{Decision, Grant, Policy, PolicyErrors};
use crossing_agent::ResolveOverride;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::case::{API, APP, CDN, Case, Reply, Server};

pub(crate) type Answer = Response<Full<Bytes>>;

/// The servers, until they are dropped.
pub(crate) struct Servers {
    stage: Arc<Mutex<Stage>>,
    addresses: Vec<(&'static str, SocketAddr)>,
}

/// What the servers do now, and what they have heard.
struct Stage {
    api: Role,
    cdn: Role,
    heard: Vec<Heard>,
}

/// What one server does.
#[derive(Clone)]
enum Role {
    /// The application, without a word of CORS.
    Bare,
    /// The application, with the server half around it.
    Policy(Policy),
    /// Word for word: to a preflight, and to anything else.
    Replies(Reply, Reply),
}

/// A request as a server heard it.
pub(crate) struct Heard {
    pub(crate) method: Method,
    /// How many bytes its body had.
    pub(crate) body: usize,
}

impl Servers {
    /// Starts a server for each origin.
    pub(crate) async fn start() -> io::Result<Servers> {
        let stage = Arc::new(Mutex::new(Stage { api: Role::Bare, cdn: Role::Bare, heard: Vec::new() }));
        let mut addresses = Vec::new();
        for origin in [APP, API, CDN] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            addresses.push((origin, listener.local_addr()?));
            tokio::spawn(listen(listener, origin, stage.clone()));
        }
        Ok(Servers { stage, addresses })
    }

    /// Gives the servers their roles in a case.
    pub(crate) fn stage(&self, case: &Case) -> Result<(), PolicyErrors> {
        let (api, cdn) = (role(case.api)?, role(case.cdn)?);
        let mut stage = lock(&self.stage);
        (stage.api, stage.cdn) = (api, cdn);
        stage.heard.clear();
        Ok(())
    }

    /// What the servers have heard since the case began, in order.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut lock(&self.stage).heard)
    }

    /// The way from the origins' names to the sockets.
    pub(crate) fn overrides(&self) -> impl Iterator<Item = ResolveOverride> {
        self.addresses
            .iter()
            .map(|(origin, address)| ResolveOverride::new(origin.trim_start_matches("http://"), 80, *address))
    }
}

fn role(server: Server) -> Result<Role, PolicyErrors> {
    Ok(match server {
        Server::Bare => Role::Bare,
        Server::Grants(grant) => Role::Policy(policy(grant())?),
        Server::Replies(preflight, request) => Role::Replies(preflight, request),
    })
}

fn policy(grant: Grant) -> Result<Policy, PolicyErrors> {
    Policy::builder().grant(grant).build()
}

fn lock(stage: &Mutex<Stage>) -> MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, origin: &'static str, stage: Arc<Mutex<Stage>>) {
    while let Ok((socket, _)) = listener.accept().await {
        tokio::spawn(serve(socket, origin, stage.clone()));
    }
}

async fn serve(socket: TcpStream, origin: &'static str, stage: Arc<Mutex<Stage>>) {
    let service = hyper::service::service_fn(move |request| answer(request, origin, stage.clone()));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(socket), service);
    // A browser that hangs up is no event.
    let _ = connection.await;
}

/// Hears a request to its end, and answers it as the stage says.
async fn answer(
    request: Request<Incoming>,
    origin: &'static str,
    stage: Arc<Mutex<Stage>>,
) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|whole| whole.to_bytes().len()).unwrap_or_default();
    let role = {
        let mut stage = lock(&stage);
        stage.heard.push(Heard { method: head.method.clone(), body });
        match origin {
            API => stage.api.clone(),
            CDN => stage.cdn.clone(),
            _ => Role::Bare,
        }
    };
    Ok(match role {
        Role::Bare => application(),
        Role::Policy(policy) => shared(&policy, &Request::from_parts(head, ())),
        Role::Replies(preflight, _) if head.method == Method::OPTIONS => word_for_word(preflight, ""),
        Role::Replies(_, reply) => word_for_word(reply, if reply.status == 200 { HELLO } else { "" }),
    })
}

/// The application with the server half around it.
fn shared(policy: &Policy, request: &Request<()>) -> Answer {
    match policy.decide(request) {
        Decision::Answer(decided) => {
            let mut answer = Answer::default();
            *answer.status_mut() = StatusCode::from_u16(decided.status()).unwrap_or_default();
            decided.apply(answer.headers_mut());
            answer
        }
        Decision::Forward(decided) => {
            let mut answer = application();
            decided.apply(answer.headers_mut());
            answer
        }
    }
}

/// What the application says to everybody.
pub(crate) const HELLO: &str = "hello";

/// An application that knows nothing of CORS.
pub(crate) fn application() -> Answer {
    let mut answer = Response::new(Full::from(HELLO));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    answer.headers_mut().insert("x-request-id", HeaderValue::from_static("7"));
    answer
}

fn word_for_word(reply: Reply, body: &'static str) -> Answer {
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() = StatusCode::from_u16(reply.status).unwrap_or_default();
    for (name, value) in reply.headers {
        answer.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    answer
}
