//! Drives the tonic example as a page would: gRPC-web over HTTP/1.1.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod ask;
#[path = "../examples/tonic.rs"]
#[allow(dead_code, reason = "the example's main is not called here")]
mod example;

use ask::Server;

const CHECK: &str = "/grpc.health.v1.Health/Check";
/// A frame without compression, with an empty message.
const EMPTY: [u8; 5] = [0; 5];

async fn start() -> Server {
    Server::start(|listener| async { example::serve(listener).await.unwrap() }).await
}

#[tokio::test]
async fn a_preflight_never_reaches_grpc() {
    let lines = [
        "Origin: https://app.example.com",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: content-type,x-grpc-web",
    ];
    let answer = start().await.ask(&format!("OPTIONS {CHECK} HTTP/1.1"), &lines, b"").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\naccess-control-allow-origin: https://app.example.com\r\n"), "{answer}");
    assert!(answer.contains("\r\naccess-control-max-age: 600\r\n"), "{answer}");
}

#[tokio::test]
async fn a_page_may_read_the_status_of_a_call() {
    let lines =
        ["Origin: https://app.example.com", "Content-Type: application/grpc-web+proto", "X-Grpc-Web: 1"];
    let answer = start().await.ask(&format!("POST {CHECK} HTTP/1.1"), &lines, &EMPTY).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\naccess-control-allow-origin: https://app.example.com\r\n"), "{answer}");
    assert!(
        answer.contains(
            "access-control-expose-headers: grpc-message, grpc-status, grpc-status-details-bin\r\n"
        ),
        "{answer}"
    );
    assert!(answer.contains("grpc-status:0"), "the trailers come in the body: {answer}");
}
