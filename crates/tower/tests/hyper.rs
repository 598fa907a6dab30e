//! Drives the hyper example over a socket.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod ask;
#[path = "../examples/hyper.rs"]
#[allow(dead_code, reason = "the example's main is not called here")]
mod example;

use ask::Server;

#[tokio::test]
async fn a_response_says_whom_it_is_shared_with() {
    let server = Server::start(|listener| async { example::serve(listener).await.unwrap() }).await;
    let answer = server.ask("GET / HTTP/1.1", &["Origin: https://app.example.com"], b"").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\naccess-control-allow-origin: https://app.example.com\r\n"), "{answer}");
    assert!(answer.contains("\r\naccess-control-expose-headers: x-served-by\r\n"), "{answer}");
    assert!(answer.contains("\r\nvary: Origin\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
}

#[tokio::test]
async fn another_origin_gets_an_answer_that_it_cannot_read() {
    let server = Server::start(|listener| async { example::serve(listener).await.unwrap() }).await;
    let answer = server.ask("GET / HTTP/1.1", &["Origin: https://evil.example"], b"").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(!answer.contains("access-control-"), "{answer}");
}

#[tokio::test]
async fn a_preflight_is_answered_without_a_body() {
    let server = Server::start(|listener| async { example::serve(listener).await.unwrap() }).await;
    let lines = ["Origin: https://app.example.com", "Access-Control-Request-Method: GET"];
    let answer = server.ask("OPTIONS / HTTP/1.1", &lines, b"").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\ncontent-length: 0\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}
