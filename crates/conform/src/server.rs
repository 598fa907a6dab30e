//! One server for every symbolic origin: a proxy on loopback behind which raw bytes are read and written, with or
//! without TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crossing::{HeaderList, HeaderName, RequestHead, ResponseHead, Value};
use crossing_conformance::{Answered, Sent};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::certificate::Authority;
use crate::naming::Naming;
use crate::raw::{Message, read_message};
use crate::stage::{Connections, Document, Stage, TabEnds};

/// The host where a tab's pages report, and are told where to go: one for each tab, as a browser keeps few connections to
/// one host.
pub(crate) fn rig_host(tab: usize) -> String {
    format!("rig{tab}.conform")
}

/// The path of the page that opens the others.
pub(crate) const OPENER: &str = "/open";

/// The path at which a tab goes on waiting.
const WAITING: &str = "/waiting";
const LONGEST_WAIT: Duration = Duration::from_secs(120);

fn tab_of(host: &str) -> Option<usize> {
    host.strip_prefix("rig")?.strip_suffix(".conform")?.parse().ok()
}

/// Opens the server, on a thread of its own.
pub(crate) fn open(stage: Arc<Stage>, authority: &Arc<Authority>) -> io::Result<SocketAddr> {
    let acceptor = TlsAcceptor::from(Arc::new(authority.server()?));
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("scripted origins".to_owned()).spawn(move || {
        runtime.block_on(async move {
            let Ok(listener) = TcpListener::from_std(listener) else { return };
            while let Ok((stream, _)) = listener.accept().await {
                // A small answer shall not wait for an acknowledgement.
                let _ = stream.set_nodelay(true);
                tokio::spawn(proxied(stream, acceptor.clone(), Arc::clone(&stage)));
            }
        });
    })?;
    Ok(address)
}

/// The first byte of TLS.
const HELLO: u8 = 0x16;

/// What a browser says to its proxy: either whole URLs, or the wish for a tunnel. Our own comes without a proxy, and names
/// the host in `Host`.
async fn proxied(mut stream: TcpStream, acceptor: TlsAcceptor, stage: Arc<Stage>) {
    let mut first = [0];
    if matches!(stream.peek(&mut first).await, Ok(1) if first[0] == HELLO) {
        return tunnel(None, stream, &acceptor, &stage).await;
    }
    let mut buffer = Vec::new();
    while let Some(message) = read_message(&mut stream, &mut buffer).await {
        if message.method == "CONNECT" {
            if stream.write_all(b"HTTP/1.1 200 \r\n\r\n").await.is_err() {
                return;
            }
            return tunnel(Some(&message.target), stream, &acceptor, &stage).await;
        }
        let address = match message.target.starts_with('/') {
            true => format!("http://{}{}", message.header("host").unwrap_or_default(), message.target),
            false => message.target.clone(),
        };
        let Ok(url) = address.parse::<Url>() else { return };
        if serve(&mut stream, url, message, &stage).await.is_none() {
            return;
        }
    }
}

async fn tunnel(authority: Option<&str>, stream: TcpStream, acceptor: &TlsAcceptor, stage: &Stage) {
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(1) if first[0] == HELLO => {
            if let Ok(stream) = acceptor.accept(stream).await {
                talk("https", authority, stream, stage).await;
            }
        }
        _ => talk("http", authority, stream, stage).await,
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    scheme: &str,
    authority: Option<&str>,
    mut stream: S,
    stage: &Stage,
) {
    let mut buffer = Vec::new();
    while let Some(message) = read_message(&mut stream, &mut buffer).await {
        let host = message.header("host").unwrap_or_default();
        let authority = authority.unwrap_or(&host);
        let Ok(url) = format!("{scheme}://{authority}{}", message.target).parse::<Url>() else { return };
        if serve(&mut stream, url, message, stage).await.is_none() {
            return;
        }
    }
}

/// Answers one request; `None` if the connection is to be closed.
async fn serve<S: AsyncWrite + Unpin>(
    stream: &mut S,
    url: Url,
    message: Message,
    stage: &Stage,
) -> Option<()> {
    let host = url.host_str()?.to_owned();
    if let Some(tab) = tab_of(&host) {
        let document = rig(&url, &message, stage, stage.tab(tab)?).await?;
        return write_document(stream, &document, true).await;
    }
    let naming = stage.naming_of(&host)?;
    let symbolic: Url = naming.inward(url.as_str()).parse().ok()?;
    let accept = message.header("accept").unwrap_or_default();
    if accept.starts_with("text/html")
        && let Some(document) = stage.document(naming, symbolic.as_str())
    {
        if symbolic.path() == "/conform/jar" {
            let cookies = message.header("cookie").unwrap_or_default();
            stage.note_cookies(naming, symbolic.host_str().unwrap_or_default(), cookies);
        }
        return write_document(stream, &outward(&document, naming), message.method != "HEAD").await;
    }
    if symbolic.path() == "/favicon.ico" {
        return write_document(stream, &Document { status: 404, ..Document::default() }, true).await;
    }
    let head = head(&message, symbolic, naming)?;
    let sent = Sent {
        method: head.method.to_string(),
        url: head.url.to_string(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_text()))
            .collect(),
        body: Some(String::from_utf8_lossy(&message.body).into_owned()),
    };
    let Some(answer) = stage.answer(naming, &head, sent) else {
        // A closed connection would be tried again and again.
        return write_document(stream, &Document { status: 404, ..Document::default() }, true).await;
    };
    match answer {
        (Answered::With(mut reply, body), connections) => {
            if connections == Connections::One {
                reply.headers.append(HeaderName::from_static("connection"), Value::from_static("close"));
            }
            stream.write_all(&written(&head, &reply, &naming.outward(&body), naming)).await.ok()?;
            stream.flush().await.ok()?;
            (connections == Connections::Kept).then_some(())
        }
        (Answered::Failed(crossing::Reason::BrokenHttp), _) => {
            stream.write_all(b"HTTP/1.1 what\r\n\r\n").await.ok()?;
            let _ = stream.shutdown().await;
            None
        }
        (Answered::Failed(_), _) => None,
    }
}

/// The page that opens all tabs but its own: not every browser opens more than one page from the command line.
fn opener(tabs: usize) -> Document {
    let others: String =
        (1..tabs).map(|tab| format!("open('https://{}/', '_blank', 'noopener');", rig_host(tab))).collect();
    let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    let body = format!(
        "<!doctype html><link rel=icon href=\"data:,\"><script>{others}location.replace('/')</script>"
    );
    Document { status: 200, headers, body }
}

/// The address at which a tab's page reports what it saw, and waits for what is next.
async fn rig(url: &Url, message: &Message, stage: &Stage, tab: &TabEnds) -> Option<Document> {
    // Nobody listens any more when the run is over.
    if message.method == "POST" {
        let report = url::form_urlencoded::parse(&message.body).find(|(name, _)| name == "report");
        let _ = tab.reports.send(report.map_or_else(String::new, |(_, value)| value.into_owned()));
    } else if url.path() == OPENER {
        return Some(opener(stage.tabs()));
    } else if url.path() == "/" {
        let _ = tab.reports.send(String::new());
    } else if url.path() != WAITING {
        let mark = url.path().strip_prefix("/mark/").and_then(|mark| mark.split_once('/'));
        if let Some((entry, case)) = mark
            && let (Ok(entry), Ok(case)) = (entry.parse(), case.parse())
        {
            stage.mark(Naming(entry), case);
        }
        let headers = vec![("cache-control".to_owned(), "no-store".to_owned())];
        return Some(Document { status: 200, headers, ..Document::default() });
    }
    let mut next = tab.next.lock().await;
    let next = match tokio::time::timeout(LONGEST_WAIT, next.recv()).await {
        Ok(next) => next?,
        // A browser that waits longer gives up, and may report once more.
        Err(_) => WAITING.to_owned(),
    };
    Some(Document {
        status: 303,
        headers: vec![("location".to_owned(), next), ("cache-control".to_owned(), "no-store".to_owned())],
        body: String::new(),
    })
}

fn head(message: &Message, url: Url, naming: Naming) -> Option<RequestHead> {
    let mut headers = HeaderList::new();
    for (name, value) in &message.headers {
        let value = match std::str::from_utf8(value) {
            Ok(text) => Value::new(naming.inward(text)).ok()?,
            Err(_) => Value::new(value).ok()?,
        };
        headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
    }
    Some(RequestHead { method: message.method.parse().ok()?, url, headers })
}

fn outward(document: &Document, naming: Naming) -> Document {
    let headers =
        document.headers.iter().map(|(name, value)| (name.clone(), naming.outward(value))).collect();
    Document { status: document.status, headers, body: document.body.clone() }
}

async fn write_document<S: AsyncWrite + Unpin>(
    stream: &mut S,
    document: &Document,
    body: bool,
) -> Option<()> {
    let mut text = format!("HTTP/1.1 {} \r\n", document.status);
    for (name, value) in &document.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n", document.body.len()));
    if body {
        text.push_str(&document.body);
    }
    stream.write_all(text.as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

/// The answer as it goes over the wire.
fn written(request: &RequestHead, reply: &ResponseHead, body: &str, naming: Naming) -> Vec<u8> {
    let status = reply.status.as_u16();
    let mut bytes = format!("HTTP/1.1 {status} \r\n").into_bytes();
    for (name, value) in reply.headers.iter() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        match std::str::from_utf8(value.as_bytes()) {
            Ok(text) => bytes.extend_from_slice(naming.outward(text).as_bytes()),
            Err(_) => bytes.extend_from_slice(value.as_bytes()),
        }
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
