//! What one would write without crossing: an axum application that passes requests on, behind tower-http's CORS layer.
//!
//! `crossing-bench-proxy PORT UPSTREAM-PORT ORIGIN`

use std::process::ExitCode;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tower_http::cors::CorsLayer;

#[derive(Clone)]
struct Upstream {
    client: Client<HttpConnector, Body>,
    port: u16,
}

/// Passes a request on, with the client named as the others do.
async fn pass(State(upstream): State<Upstream>, mut request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let Ok(uri) = Uri::try_from(format!("http://127.0.0.1:{}{path}", upstream.port)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.remove(CONNECTION);
    headers.insert("x-forwarded-for", HeaderValue::from_static("127.0.0.1"));
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    match upstream.client.request(request).await {
        Ok(response) => response.map(Body::new),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

async fn serve(port: u16, upstream: u16, origin: HeaderValue) -> std::io::Result<()> {
    let cors = CorsLayer::new()
        .allow_origin([origin])
        .allow_methods([Method::PUT, Method::DELETE])
        .allow_headers([CONTENT_TYPE])
        .max_age(std::time::Duration::from_secs(600));
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let app = Router::new().fallback(pass).layer(cors).with_state(Upstream { client, port: upstream });
    axum::serve(tokio::net::TcpListener::bind(("127.0.0.1", port)).await?, app).await
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, port, upstream, origin] = &arguments[..] else {
        eprintln!("crossing-bench-proxy PORT UPSTREAM-PORT ORIGIN");
        return ExitCode::from(2);
    };
    let (Ok(port), Ok(upstream), Ok(origin)) = (port.parse(), upstream.parse(), origin.parse()) else {
        eprintln!("two ports and an origin are wanted");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(serve(port, upstream, origin))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
