//! One server for every symbolic host: raw bytes over TCP, with or without TLS, whichever the client begins.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use crossing::{HeaderList, HeaderName, RequestHead, ResponseHead, Value};
use crossing_conformance::{Answered, Script, Sent};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What the servers say, and what they heard.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) script: Script,
    pub(crate) sent: Vec<Sent>,
    /// Why a request could not be answered.
    pub(crate) problem: Option<String>,
}

/// Opens the server.
pub(crate) async fn open(stage: Arc<Mutex<Stage>>) -> SocketAddr {
    let signed = rcgen::generate_simple_self_signed(vec!["a.test".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signed.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, stage) = (acceptor.clone(), stage.clone());
            tokio::spawn(async move {
                let mut first = [0];
                let hello = 0x16;
                match stream.peek(&mut first).await {
                    Ok(1) if first[0] == hello => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            talk("https", stream, &stage).await;
                        }
                    }
                    _ => talk("http", stream, &stage).await,
                }
            });
        }
    });
    address
}

/// Answers one request after another, until the client goes.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(scheme: &str, mut stream: S, stage: &Mutex<Stage>) {
    let mut buffer = Vec::new();
    while let Some((head, body)) = next_request(scheme, &mut stream, &mut buffer).await {
        let answered = {
            let mut stage = stage.lock().unwrap();
            stage.sent.push(sent(&head, body));
            stage.script.answer(&head).map_err(|problem| stage.problem = Some(problem))
        };
        let Ok(Answered::With(reply, body)) = answered else { return };
        if stream.write_all(&written(&head, &reply, &body)).await.is_err() {
            return;
        }
    }
}

async fn next_request<S: AsyncRead + Unpin>(
    scheme: &str,
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> Option<(RequestHead, String)> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        more(stream, buffer).await?;
    };
    let lines: Vec<u8> = buffer.drain(..end + 4).collect();
    let mut lines =
        lines[..end].split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = String::from_utf8_lossy(lines.next()?).into_owned();
    let mut headers = HeaderList::new();
    for line in lines {
        let colon = line.iter().position(|&byte| byte == b':')?;
        headers.append(HeaderName::from_bytes(&line[..colon]).ok()?, Value::new(&line[colon + 1..]).ok()?);
    }
    let text = |name: &'static str| headers.get(&HeaderName::from_static(name)).map(|value| value.to_text());
    let (method, rest) = first.split_once(' ')?;
    let target = rest.strip_suffix(" HTTP/1.1")?;
    let url = format!("{scheme}://{}{target}", text("host")?).parse().ok()?;
    let body = if text("transfer-encoding").is_some() {
        chunks(stream, buffer).await?
    } else {
        let length = text("content-length").map_or(Some(0), |length| length.parse().ok())?;
        exactly(stream, buffer, length).await?
    };
    let head = RequestHead { method: method.parse().ok()?, url, headers };
    Some((head, String::from_utf8_lossy(&body).into_owned()))
}

async fn more<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Option<()> {
    match stream.read_buf(buffer).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}

async fn exactly<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
    length: usize,
) -> Option<Vec<u8>> {
    while buffer.len() < length {
        more(stream, buffer).await?;
    }
    Some(buffer.drain(..length).collect())
}

async fn chunks<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = buffer.windows(2).position(|two| two == b"\r\n") {
                break at;
            }
            more(stream, buffer).await?;
        };
        let line: Vec<u8> = buffer.drain(..end + 2).collect();
        let size = usize::from_str_radix(std::str::from_utf8(&line[..end]).ok()?, 16).ok()?;
        body.extend(exactly(stream, buffer, size).await?);
        exactly(stream, buffer, 2).await?;
        if size == 0 {
            return Some(body);
        }
    }
}

fn sent(head: &RequestHead, body: String) -> Sent {
    let headers =
        head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.to_text())).collect();
    Sent { method: head.method.to_string(), url: head.url.to_string(), headers, body: Some(body) }
}

/// The answer as it goes over the wire.
fn written(request: &RequestHead, reply: &ResponseHead, body: &str) -> Vec<u8> {
    let status = reply.status.as_u16();
    let mut bytes = format!("HTTP/1.1 {status} \r\n").into_bytes();
    for (name, value) in reply.headers.iter() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    let without_body = matches!(status, 100..=199 | 204 | 304) || request.method == "HEAD";
    if !without_body && !reply.headers.contains(&HeaderName::from_static("content-length")) {
        bytes.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    if !without_body {
        bytes.extend_from_slice(body.as_bytes());
    }
    bytes
}
