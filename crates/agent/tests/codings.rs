//! Bodies that are coded, and bodies that say they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use axum::Router;
use axum::body::Body;
use axum::http::Response;
use crossing::Reason;
use crossing_agent::{Agent, Limits, TransportError};
use flate2::Compression;
use std::io::Write;

use common::run;

const TEXT: &str = "the same words, the same words, the same words, and again the same words";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
    coder.write_all(bytes).unwrap();
    coder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
    coder.write_all(bytes).unwrap();
    coder.finish().unwrap()
}

fn bare_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
    coder.write_all(bytes).unwrap();
    coder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// What `brotli` makes of « hello hello hello hello ».
const BROTLI: &[u8] = include_bytes!("data/hello.br");

async fn read(coding: &'static str, body: Vec<u8>, limit: u64) -> Result<String, TransportError> {
    let answer = move || async move {
        // In pieces of a few bytes, so that every boundary is met.
        let pieces: Vec<_> = body.chunks(3).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
        let body = Body::from_stream(futures_util::stream::iter(pieces));
        Response::builder().header("content-encoding", coding).body(body).unwrap()
    };
    let app = Router::new().fallback(answer);
    let limits = Limits::default().body(limit);
    let browser = Agent::in_process().limits(limits).host("a.test", app).build().unwrap();
    browser.page("https://a.test").unwrap().get("/").send().await.unwrap().text().await
}

#[test]
fn codings_are_undone() {
    run(async {
        let text = TEXT.as_bytes();
        for (coding, body) in [
            ("gzip", gzip(text)),
            ("X-GZIP", gzip(text)),
            ("deflate", zlib(text)),
            ("deflate", bare_deflate(text)),
            ("zstd", zstd(text)),
            ("gzip, deflate", zlib(&gzip(text))),
            ("zstd, identity, gzip", gzip(&zstd(text))),
            ("identity", text.to_vec()),
            ("unheard-of", text.to_vec()),
            ("gzip", [gzip(text), b"what follows the end".to_vec()].concat()),
        ] {
            assert_eq!(read(coding, body, 1000).await.as_deref(), Ok(TEXT), "{coding}");
        }
        assert_eq!(read("br", BROTLI.to_vec(), 1000).await.as_deref(), Ok("hello hello hello hello"));
        for coding in ["gzip", "deflate", "br", "zstd"] {
            assert_eq!(read(coding, Vec::new(), 1000).await.as_deref(), Ok(""), "{coding}: no body at all");
        }
    })
}

#[test]
fn large_bodies_are_decoded_block_by_block() {
    run(async {
        let text: String = (0..100_000).map(|number| format!("{number} ")).collect();
        for (coding, body) in [("zstd", zstd(text.as_bytes())), ("gzip", gzip(text.as_bytes()))] {
            let decoded = read(coding, body, 1 << 20).await;
            assert!(decoded.as_deref() == Ok(&text), "{coding}: {:?}", decoded.map(|text| text.len()));
        }
    })
}

#[test]
fn what_is_not_coded_as_it_says_is_broken() {
    run(async {
        let cut = |mut body: Vec<u8>| {
            body.truncate(body.len() - 5);
            body
        };
        let text = TEXT.as_bytes();
        for (coding, body) in [
            ("gzip", text.to_vec()),
            ("deflate", b"\xff\xff\xff".to_vec()),
            ("deflate", b"x".to_vec()),
            ("zstd", text.to_vec()),
            ("gzip", cut(gzip(text))),
            ("zstd", cut(zstd(text))),
            ("br", BROTLI[..BROTLI.len() - 2].to_vec()),
        ] {
            let error = read(coding, body, 1000).await.unwrap_err();
            assert_eq!(error.reason, Reason::BrokenHttp, "{coding}: {error}");
        }
    })
}

#[test]
fn a_small_body_that_unfolds_to_a_large_one_is_cut_off() {
    run(async {
        let zeros = vec![0; 4 << 20];
        for (coding, body) in
            [("gzip", gzip(&zeros)), ("gzip, gzip", gzip(&gzip(&zeros))), ("zstd", zstd(&zeros))]
        {
            let error = read(coding, body, 1 << 20).await.unwrap_err();
            assert_eq!(error.reason, Reason::BodyTooLarge, "{coding}: {error}");
        }
    })
}
