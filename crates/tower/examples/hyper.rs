//! A bare hyper server with a policy, without a framework.
//!
//! `cargo run -p crossing-tower --example hyper`, and then:
//! `curl -i -H 'Origin: https://app.example.com' http://127.0.0.1:3000/`

use std::convert::Infallible;

use bytes::Bytes;
use crossing_tower::{CorsLayer, Grant, Policy};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    serve(TcpListener::bind("127.0.0.1:3000").await?).await
}

/// Serves until the listener fails.
pub(crate) async fn serve(listener: TcpListener) -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::builder()
        .grant(Grant::new().allow_origins(["https://app.example.com"]).expose_headers(["x-served-by"]))
        .build()?;
    let service = ServiceBuilder::new().layer(CorsLayer::new(policy)).service(service_fn(hello));
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
                eprintln!("a connection ended early: {error}");
            }
        });
    }
}

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::from("hello"));
    response.headers_mut().insert("x-served-by", http::HeaderValue::from_static("hyper"));
    Ok(response)
}
