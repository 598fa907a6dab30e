//! TLS and HTTP/2 on loopback. `data/ca.pem` has issued `data/leaf.pem` for `secure.test`, for a hundred years.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use crossing::Reason;
use crossing::browser::{Mode, Request};
use crossing_agent::{
    Agent, AgentBuilder, BoxError, BuildError, Outcome, RequestBody, ResolveOverride, StreamedUploads, client,
};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use common::run;

const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ca.pem");
const LEAF: &[u8] = include_bytes!("data/leaf.pem");
const KEY: &[u8] = include_bytes!("data/leaf.key");

/// Answers each request with its HTTP version, as one of the protocols that it offers.
async fn serve(protocols: &[&str]) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(LEAF).unwrap()],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let answer = service_fn(|request: http::Request<hyper::body::Incoming>| async move {
                    let mut text = format!("{:?} {:?}", request.version(), request.headers().get("host"));
                    if request.method() == http::Method::POST {
                        let body = request.into_body().collect().await.unwrap().to_bytes();
                        text = String::from_utf8_lossy(&body).into_owned();
                    }
                    let response = http::Response::builder().header("access-control-allow-origin", "*");
                    Ok::<_, Infallible>(response.body(RequestBody::from(Bytes::from(text))).unwrap())
                });
                let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    address
}

fn agent(address: SocketAddr) -> AgentBuilder {
    let to = |host| ResolveOverride::new(host, 443, address);
    Agent::builder().resolve(to("secure.test")).resolve(to("other.test"))
}

async fn fetch(agent: AgentBuilder, url: &str) -> Outcome {
    let request = Request::builder(url.parse().unwrap()).build().unwrap();
    agent.build().unwrap().fetch(&client("https://page.test").unwrap(), request, ()).await
}

async fn failure(agent: AgentBuilder, url: &str) -> (Reason, String) {
    let error = fetch(agent, url).await.result.expect_err("a failure");
    (error.failure.reason, error.detail.unwrap_or_default())
}

#[test]
fn http_2_is_spoken_where_the_server_offers_it() {
    run(async {
        for (protocols, expected, phrase) in [
            (&["h2", "http/1.1"][..], "HTTP/2.0 None", ""),
            (&["http/1.1"], "HTTP/1.1 Some(\"secure.test\")", "OK"),
            (&[], "HTTP/1.1 Some(\"secure.test\")", "OK"),
        ] {
            let address = serve(protocols).await;
            let outcome = fetch(agent(address).ca_file(AUTHORITY), "https://secure.test/").await;
            let fetched = outcome.result.unwrap();
            assert_eq!(fetched.response.status_text, phrase.as_bytes(), "{protocols:?}");
            assert_eq!(fetched.body.text().await.unwrap(), expected, "{protocols:?}");
        }
    })
}

#[test]
fn a_streamed_body_goes_out_over_http_2_and_over_nothing_less() {
    run(async {
        for (protocols, uploads, expected) in [
            (&["h2"][..], StreamedUploads::Http2, Ok("one two")),
            (&["http/1.1"], StreamedUploads::Http2, Err(Reason::StreamNeedsHttp2)),
            (&["http/1.1"], StreamedUploads::AnyVersion, Ok("one two")),
        ] {
            let agent =
                agent(serve(protocols).await).ca_file(AUTHORITY).streamed_uploads(uploads).build().unwrap();
            let request = Request::builder("https://secure.test/".parse().unwrap());
            let request = request.method("POST").mode(Mode::SameOrigin).stream().build().unwrap();
            let pieces = ["one ", "two"].map(|text| Ok::<_, BoxError>(Bytes::from(text)));
            let body =
                StreamBody::new(futures_util::stream::iter(pieces.map(|piece| piece.map(Frame::data))));
            let outcome = agent
                .fetch(&client("https://secure.test").unwrap(), request, RequestBody::stream(body))
                .await;
            match (outcome.result, expected) {
                (Ok(fetched), Ok(text)) => assert_eq!(fetched.body.text().await.unwrap(), text),
                (result, expected) => {
                    assert_eq!(result.err().map(|error| error.failure.reason), expected.err())
                }
            }
        }
    })
}

#[test]
fn a_certificate_must_be_trusted_and_for_the_name() {
    run(async {
        let address = serve(&["h2"]).await;
        let (reason, detail) = failure(agent(address), "https://secure.test/").await;
        assert_eq!(reason, Reason::Tls);
        assert!(detail.contains("self-signed") && detail.contains("secure.test:443"), "{detail}");
        let (reason, detail) = failure(agent(address).ca_file(AUTHORITY), "https://other.test/").await;
        assert_eq!(reason, Reason::Tls);
        assert!(detail.contains("another name"), "{detail}");
        let any = fetch(agent(address).dangerously_accept_any_certificate(), "https://other.test/").await;
        assert_eq!(any.reason(), None);
    })
}

#[test]
fn a_server_without_tls_is_told_apart() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                // To close before everything is read would reset the connection.
                let _ = stream.read_to_end(&mut Vec::new()).await;
            }
        });
        let (reason, detail) = failure(agent(address), "https://secure.test/").await;
        assert_eq!(reason, Reason::Tls);
        assert!(detail.contains("does not speak TLS"), "{detail}");
    })
}

#[test]
fn a_file_without_certificates_is_refused() {
    for file in ["no/such/file.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
        let error = Agent::builder().ca_file(file).build().unwrap_err();
        assert!(matches!(&error, BuildError::CaFile { .. }), "{error}");
        assert!(error.to_string().contains(file), "{error}");
    }
}
