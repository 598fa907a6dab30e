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

use super::case::{API, APP, CDN, Case, FixedResponse, ServerBehavior};

type HttpResponse = Response<Full<Bytes>>;

pub(crate) struct Servers {
    state: Arc<Mutex<State>>,
    addresses: Vec<(&'static str, SocketAddr)>,
}

/// How the servers respond now, and what they received.
struct State {
    api: Responder,
    cdn: Responder,
    received: Vec<ReceivedRequest>,
}

/// How one server responds.
#[derive(Clone)]
enum Responder {
    /// The application, without CORS.
    Bare,
    /// The application behind the server half.
    Policy(Policy),
    /// Fixed responses: to a preflight, and to any other request.
    Fixed(FixedResponse, FixedResponse),
}

/// A request as a server received it.
pub(crate) struct ReceivedRequest {
    pub(crate) method: Method,
    /// The length of its body, in bytes.
    pub(crate) body: usize,
}

impl Servers {
    /// Starts a server for each origin.
    pub(crate) async fn start() -> io::Result<Servers> {
        let state = State { api: Responder::Bare, cdn: Responder::Bare, received: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let mut addresses = Vec::new();
        for origin in [APP, API, CDN] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            addresses.push((origin, listener.local_addr()?));
            tokio::spawn(listen(listener, origin, state.clone()));
        }
        Ok(Servers { state, addresses })
    }

    /// Makes the servers respond as a case needs, and forgets what they received.
    pub(crate) fn configure(&self, case: &Case) -> Result<(), PolicyErrors> {
        let (api, cdn) = (responder(case.api)?, responder(case.cdn)?);
        let mut state = lock(&self.state);
        (state.api, state.cdn) = (api, cdn);
        state.received.clear();
        Ok(())
    }

    /// The requests that the servers received since the case began, in order.
    pub(crate) fn take_received(&self) -> Vec<ReceivedRequest> {
        std::mem::take(&mut lock(&self.state).received)
    }

    /// Resolves the hosts of the origins to the sockets.
    pub(crate) fn overrides(&self) -> impl Iterator<Item = ResolveOverride> {
        self.addresses
            .iter()
            .map(|(origin, address)| ResolveOverride::new(origin.trim_start_matches("http://"), 80, *address))
    }
}

fn responder(behavior: ServerBehavior) -> Result<Responder, PolicyErrors> {
    Ok(match behavior {
        ServerBehavior::Bare => Responder::Bare,
        ServerBehavior::Grants(grant) => Responder::Policy(policy(grant())?),
        ServerBehavior::Fixed(preflight, request) => Responder::Fixed(preflight, request),
    })
}

fn policy(grant: Grant) -> Result<Policy, PolicyErrors> {
    Policy::builder().grant(grant).build()
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, origin: &'static str, state: Arc<Mutex<State>>) {
    while let Ok((socket, _)) = listener.accept().await {
        tokio::spawn(serve(socket, origin, state.clone()));
    }
}

async fn serve(socket: TcpStream, origin: &'static str, state: Arc<Mutex<State>>) {
    let service = hyper::service::service_fn(move |request| respond(request, origin, state.clone()));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(socket), service);
    // A client may close its connection at any time; that is not an error.
    let _ = connection.await;
}

/// Reads a request to its end, records it, and responds.
async fn respond(
    request: Request<Incoming>,
    origin: &'static str,
    state: Arc<Mutex<State>>,
) -> Result<HttpResponse, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|whole| whole.to_bytes().len()).unwrap_or_default();
    let responder = {
        let mut state = lock(&state);
        state.received.push(ReceivedRequest { method: head.method.clone(), body });
        match origin {
            API => state.api.clone(),
            CDN => state.cdn.clone(),
            _ => Responder::Bare,
        }
    };
    Ok(match responder {
        Responder::Bare => application(),
        Responder::Policy(policy) => behind_policy(&policy, &Request::from_parts(head, ())),
        Responder::Fixed(preflight, _) if head.method == Method::OPTIONS => fixed(preflight, ""),
        Responder::Fixed(_, other) => fixed(other, if other.status == 200 { HELLO } else { "" }),
    })
}

/// The application behind the server half.
fn behind_policy(policy: &Policy, request: &Request<()>) -> HttpResponse {
    match policy.decide(request) {
        Decision::Answer(decided) => {
            let mut response = HttpResponse::default();
            *response.status_mut() = StatusCode::from_u16(decided.status()).unwrap_or_default();
            decided.apply(response.headers_mut());
            response
        }
        Decision::Forward(decided) => {
            let mut response = application();
            decided.apply(response.headers_mut());
            response
        }
    }
}

/// The body of every response of the application.
pub(crate) const HELLO: &str = "hello";

/// A response of an application without CORS.
pub(crate) fn application() -> HttpResponse {
    let mut response = Response::new(Full::from(HELLO));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response.headers_mut().insert("x-request-id", HeaderValue::from_static("7"));
    response
}

fn fixed(from: FixedResponse, body: &'static str) -> HttpResponse {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = StatusCode::from_u16(from.status).unwrap_or_default();
    for (name, value) in from.headers {
        response.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    response
}
