//! A gRPC service of tonic's for pages: gRPC-web, and a policy that lets them read its status.
//!
//! `cargo run -p crossing-tower --example tonic`, and then: `crossing check --from https://app.example.com -X POST
//! -H 'content-type: application/grpc-web+proto' -H 'x-grpc-web: 1' http://127.0.0.1:3000/grpc.health.v1.Health/Check`

use crossing_tower::{CorsLayer, Grant, Policy};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_web::GrpcWebLayer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    serve(TcpListener::bind("127.0.0.1:3000").await?).await
}

/// Serves until the listener fails. CORS comes first: it answers preflights, which gRPC-web does not know.
pub(crate) async fn serve(listener: TcpListener) -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::builder()
        .grant(
            Grant::new()
                .allow_origins(["https://app.example.com"])
                .allow_headers(["content-type", "x-grpc-web", "x-user-agent", "grpc-timeout"])
                .expose_headers(["grpc-status", "grpc-message", "grpc-status-details-bin"])
                .max_age(600),
        )
        .build()?;
    let (_, health) = tonic_health::server::health_reporter();
    Server::builder()
        .accept_http1(true)
        .layer(CorsLayer::new(policy))
        .layer(GrpcWebLayer::new())
        .add_service(health)
        .serve_with_incoming(TcpIncoming::from(listener))
        .await?;
    Ok(())
}
