//! TLS with several certificates, HTTP/2, directories of files, and what the gateway tells of itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use crossing_gateway::{Config, Gateway};
use rustls::pki_types::{CertificateDer, ServerName};
use support::{POLICY, Peer, Upstream, ask, config, field, gateway, get, status};

/// A directory for one test, gone when it ends.
struct Files(PathBuf);

impl Files {
    fn new(test: &str) -> Files {
        let directory = std::env::temp_dir().join(format!("crossing-gateway-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        Files(directory)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A certificate for some names, and its key.
    fn certificate(&self, name: &str, hosts: &[&str]) -> CertificateDer<'static> {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(hosts).unwrap();
        self.write(&format!("{name}.pem"), pem("CERTIFICATE", made.cert.der()));
        self.write(&format!("{name}.key"), pem("PRIVATE KEY", &made.signing_key.serialize_der()));
        made.cert.der().clone()
    }

    fn gateway(&self, file: &str) -> Gateway {
        let text = format!("listen = '127.0.0.1:0'\n{file}");
        Gateway::start(&Config::from_toml(&text, &self.0).unwrap_or_else(|errors| panic!("{errors}")))
            .unwrap()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"))
}

/// A TLS connection that trusts one certificate; with the protocols that are offered.
fn connect(
    gateway: &Gateway,
    trusted: &CertificateDer<'static>,
    host: &str,
    protocols: &[&str],
) -> rustls::StreamOwned<rustls::ClientConnection, std::net::TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let connection = rustls::ClientConnection::new(Arc::new(client), name).unwrap();
    let stream = Peer::to(gateway.addresses()[0]).stream;
    rustls::StreamOwned::new(connection, stream)
}

fn get_over(stream: &mut (impl Read + Write)) -> String {
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response);
    String::from_utf8_lossy(&response).into_owned()
}

const TWO_CERTIFICATES: &str = "\
[[tls.certificate]]
chain = 'one.pem'
key   = 'one.key'
[[tls.certificate]]
chain = 'two.pem'
key   = 'two.key'
[[route]]
upstream = 'UPSTREAM'
";

#[test]
fn the_name_that_a_client_asks_for_picks_the_certificate() {
    let upstream = Upstream::fixed("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
    let files = Files::new("sni");
    let one = files.certificate("one", &["one.test"]);
    let two = files.certificate("two", &["two.test", "*.two.test"]);
    let file = TWO_CERTIFICATES.replace("UPSTREAM", &format!("http://{}", upstream.address));
    let gateway = files.gateway(&format!("{file}{POLICY}"));
    for (host, certificate) in [("one.test", &one), ("two.test", &two), ("x.two.test", &two)] {
        let response = get_over(&mut connect(&gateway, certificate, host, &["http/1.1"]));
        assert_eq!(status(&response), 200, "{host}");
        assert_eq!(field(&response, "access-control-allow-origin"), Some("https://app.test"));
    }
    assert_eq!(field(&upstream.last_head(), "x-forwarded-proto"), Some("https"));
    let mut stream = connect(&gateway, &one, "one.test", &["h2", "http/1.1"]);
    stream.conn.complete_io(&mut stream.sock).unwrap();
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
    // A name that no certificate covers gets the first one, which does not say so: the client refuses.
    let mut stream = connect(&gateway, &one, "other.test", &[]);
    assert!(stream.conn.complete_io(&mut stream.sock).is_err());
}

#[test]
fn an_http_page_is_not_the_own_origin_of_an_https_listener() {
    let upstream = Upstream::fixed("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
    let files = Files::new("scheme");
    let one = files.certificate("one", &["one.test"]);
    let route = format!("[[route]]\nupstream = 'http://{}'\nenforcement = 'on'\n{POLICY}", upstream.address);
    let tls = "[[tls.certificate]]\nchain = 'one.pem'\nkey = 'one.key'\n";
    let (secure, plain) = (files.gateway(&format!("{tls}{route}")), files.gateway(&route));
    for (scheme, code) in [("https", 200), ("http", 403)] {
        let request = format!(
            "POST / HTTP/1.1\r\nhost: one.test\r\norigin: {scheme}://one.test\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let mut stream = connect(&secure, &one, "one.test", &["http/1.1"]);
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
        assert_eq!(status(&String::from_utf8_lossy(&response)), code, "{scheme}");
        // Where it speaks plain HTTP, TLS may have ended in front of it.
        assert_eq!(status(&ask(&plain, &request)), 200, "{scheme}");
    }
}

#[test]
fn a_certificate_that_does_not_fit_its_key_is_a_fault_of_the_file() {
    let files = Files::new("misfit");
    files.certificate("one", &["one.test"]);
    files.certificate("two", &["two.test"]);
    std::fs::copy(files.0.join("one.key"), files.0.join("two.key")).unwrap();
    let text =
        format!("listen = '127.0.0.1:0'\n{}", TWO_CERTIFICATES.replace("UPSTREAM", "http://127.0.0.1:1"));
    let found = |at: &str| {
        let errors = Config::from_toml(&text, &files.0).unwrap_err();
        let found: Vec<_> = errors.errors().cloned().collect();
        let [error] = &found[..] else { panic!("{errors}") };
        assert_eq!(
            (error.code(), &*error.path),
            ("certificate-invalid", &*format!("tls.certificate[1].{at}"))
        );
        format!("{}; {}", error.subject.as_deref().unwrap(), error.suggestion.as_deref().unwrap())
    };
    assert!(
        found("key").contains("two.key: it is not the key of the certificate in the chain; a PEM file with")
    );
    files.write("two.key", pem("ENCRYPTED PRIVATE KEY", &[0; 100]));
    let told = found("key");
    assert!(
        told.contains("the key is encrypted; openssl pkey -in ") && told.contains("two.key -out"),
        "{told}"
    );
    for (key, problem) in [
        ("", "there is nothing of the kind in it"),
        ("-----BEGIN PRIVATE KEY-----\nx\n", "has no proper begin or end"),
        ("-----BEGIN PRIVATE KEY-----\n---\n-----END PRIVATE KEY-----\n", "no base64"),
    ] {
        files.write("two.key", key);
        assert!(found("key").contains(problem), "{key}: {}", found("key"));
    }
    files.write("two.pem", "");
    assert!(found("chain").contains("two.pem: there is no certificate in it; a PEM file with"));
}

#[test]
fn an_https_upstream_that_nobody_vouches_for_is_not_asked() {
    let files = Files::new("https");
    files.certificate("one", &["localhost"]);
    let behind =
        files.gateway("[[tls.certificate]]\nchain = 'one.pem'\nkey = 'one.key'\n[[route]]\nroot = '.'\n");
    let port = behind.addresses()[0].port();
    let front = gateway(&format!("[[route]]\nupstream = 'https://localhost:{port}'\n{POLICY}"), None);
    let response = get(&front, "/");
    assert_eq!(status(&response), 502);
    assert_eq!(field(&response, "access-control-allow-origin"), Some("https://app.test"));
}

#[tokio::test]
async fn http2_carries_many_requests_at_a_time() {
    let upstream =
        Upstream::fixed("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nhi");
    let gateway = support::in_front_of(&upstream);
    let stream = tokio::net::TcpStream::connect(gateway.addresses()[0]).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, String>(executor, io).await.unwrap();
    tokio::spawn(connection);
    let asking = (0..50).map(|nth| {
        let mut sender = sender.clone();
        let request = http::Request::post(format!("http://api.test/{nth}"))
            .header("origin", "https://app.test")
            .header("cookie", "a=1")
            .header("cookie", "b=2")
            .body("x".repeat(nth))
            .unwrap();
        tokio::spawn(async move { sender.send_request(request).await.unwrap() })
    });
    for asked in asking.collect::<Vec<_>>() {
        let response = asked.await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["access-control-allow-origin"], "https://app.test");
        assert!(!response.headers().contains_key("connection"));
    }
    let head = upstream.last_head();
    for (name, value) in [("host", "api.test"), ("cookie", "a=1; b=2"), ("via", "2.0 crossing")] {
        assert_eq!(field(&head, name), Some(value), "{name} in\n{head}");
    }
    assert_eq!(upstream.count(), 50);
}

#[test]
fn a_directory_is_served_with_types_ranges_and_conditions() {
    let files = Files::new("files");
    files.write("www/index.html", "<p>hello");
    files.write("www/a/data.json", "{\"a\":1}");
    files.write("www/.env", "secret");
    files.write("outside.txt", "secret");
    let gateway = files.gateway(&format!("[[route]]\nroot = 'www'\n{POLICY}"));
    let index = get(&gateway, "/");
    assert_eq!((status(&index), field(&index, "content-type")), (200, Some("text/html")));
    assert_eq!(field(&index, "access-control-allow-origin"), Some("https://app.test"));
    let json = get(&gateway, "/a/data.json?x=1");
    assert_eq!((field(&json, "content-type"), json.ends_with("{\"a\":1}")), (Some("application/json"), true));
    let with = |line: &str| {
        let request = format!("GET /a/data.json HTTP/1.1\r\nhost: a\r\n{line}\r\nconnection: close\r\n\r\n");
        ask(&gateway, &request)
    };
    let part = with("range: bytes=1-3");
    assert_eq!((status(&part), part.ends_with("\r\n\r\n\"a\"")), (206, true));
    let since = field(&json, "last-modified").unwrap();
    assert_eq!(status(&with(&format!("if-modified-since: {since}"))), 304);
    for path in [
        "/.env",
        "/%2eenv",
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/a/..%5c..%5coutside.txt",
        "/none",
    ] {
        let response = get(&gateway, path);
        assert!(matches!(status(&response), 400 | 404), "{path}: {response}");
        assert_eq!(field(&response, "access-control-allow-origin"), Some("https://app.test"), "{path}");
        assert!(!response.contains("secret"), "{path}");
    }
    let posted =
        ask(&gateway, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assert_eq!(status(&posted), 405);
}

#[test]
fn a_range_is_of_the_file_that_is_meant() {
    let files = Files::new("ranges");
    files.write("a.txt", "0123456789");
    let gateway = files.gateway("[[route]]\nroot = '.'");
    let with = |method: &str, lines: &str| {
        let request = format!("{method} /a.txt HTTP/1.1\r\nhost: a\r\n{lines}connection: close\r\n\r\n");
        ask(&gateway, &request)
    };
    let whole = with("GET", "");
    let (etag, date) = (field(&whole, "etag").unwrap(), field(&whole, "last-modified").unwrap());
    let part = "range: bytes=2-3\r\n";
    for (lines, code, body) in [
        (part.to_owned(), 206, "23"),
        (format!("{part}if-range: {etag}\r\n"), 206, "23"),
        (format!("{part}if-range: {date}\r\n"), 206, "23"),
        (format!("{part}if-range: \"old\"\r\n"), 200, "0123456789"),
        (format!("{part}if-range: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), 200, "0123456789"),
        ("range: bytes=20-30\r\nif-range: \"old\"\r\n".to_owned(), 200, "0123456789"),
        ("range: bytes=20-30\r\n".to_owned(), 416, ""),
        ("range: lines=2-3\r\n".to_owned(), 200, "0123456789"),
        ("range: x\r\n".to_owned(), 200, "0123456789"),
        ("range: bytes=1-2,4-5\r\n".to_owned(), 200, "0123456789"),
    ] {
        let response = with("GET", &lines);
        assert_eq!(status(&response), code, "{lines}");
        assert!(response.ends_with(&format!("\r\n\r\n{body}")) || body.is_empty(), "{lines}{response}");
    }
    assert_eq!(status(&with("HEAD", part)), 200);
}

#[test]
fn nothing_leads_out_of_a_directory_and_nothing_hangs_in_it() {
    let files = Files::new("links");
    files.write("releases/1/index.html", "one");
    files.write("releases/1/dir/index.html", "dir");
    files.write("outside/secret", "secret");
    let link = |to: &str, at: &str| std::os::unix::fs::symlink(to, files.0.join(at)).unwrap();
    link("releases/1", "www");
    link("../../outside", "releases/1/out");
    link("../../outside/secret", "releases/1/file");
    link("dir/index.html", "releases/1/inner");
    let made = std::process::Command::new("mkfifo").arg(files.0.join("releases/1/pipe")).status();
    assert!(made.unwrap().success());
    let gateway = files.gateway("[[route]]\nroot = 'www'");
    for (path, code) in [
        ("/", 200),
        ("/inner", 200),
        ("/out", 404),
        ("/out/secret", 404),
        ("/file", 404),
        ("/pipe", 404),
        ("/pipe/", 404),
        ("//dir", 404),
        ("/dir", 307),
        ("//evil.test/..%2f", 400),
    ] {
        let response = get(&gateway, path);
        assert_eq!(status(&response), code, "{path}");
        assert!(field(&response, "location").is_none_or(|location| location == "/dir/"), "{path}");
    }
    let absolute = ask(&gateway, "GET http://a.test/dir HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    assert_eq!(field(&absolute, "location"), Some("/dir/"));
    // A new release, in the way that releases are made.
    files.write("releases/2/index.html", "two");
    std::fs::remove_file(files.0.join("www")).unwrap();
    link("releases/2", "www");
    assert!(get(&gateway, "/").ends_with("two"));
    gateway.stop();
}

#[test]
fn what_was_decided_and_what_failed_is_counted_by_its_reason() {
    let upstream = Upstream::fixed("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let file = format!(
        "[admin]\nlisten = '127.0.0.1:0'\n[[route]]\npath = '/api/'\nupstream = 'UPSTREAM'\n{POLICY}[[route]]\npath = '/dead/'\nupstream = 'http://127.0.0.1:1'\n"
    );
    let gateway = gateway(&file, Some(&upstream));
    get(&gateway, "/api/x");
    get(&gateway, "/api/y");
    get(&gateway, "/dead/");
    get(&gateway, "/none");
    for method in ["PUT", "DELETE"] {
        ask(
            &gateway,
            &format!(
                "OPTIONS /api/ HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\naccess-control-request-method: {method}\r\nconnection: close\r\n\r\n"
            ),
        );
    }
    gateway.reload(&config(&file, Some(&upstream))).unwrap();
    let ask_admin = |path: &str| {
        let mut peer = Peer::to(gateway.admin_address().unwrap());
        peer.send(format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"));
        peer.rest()
    };
    assert_eq!(status(&ask_admin("/health")), 200);
    assert_eq!(status(&ask_admin("/")), 404);
    let metrics = ask_admin("/metrics");
    for line in [
        "crossing_requests_total{route=\"/api/\",status=\"2xx\"} 3",
        "crossing_requests_total{route=\"/api/\",status=\"4xx\"} 1",
        "crossing_requests_total{route=\"/dead/\",status=\"5xx\"} 1",
        "crossing_requests_total{route=\"\",status=\"4xx\"} 1",
        "crossing_decisions_total{route=\"/api/\",exchange=\"request\",verdict=\"granted\",basis=\"0\"} 2",
        "crossing_decisions_total{route=\"/api/\",exchange=\"preflight\",verdict=\"granted\",basis=\"0\"} 1",
        "crossing_decisions_total{route=\"/api/\",exchange=\"preflight\",verdict=\"refused\",basis=\"method-not-granted\"} 1",
        "crossing_upstream_failures_total{route=\"/dead/\",error=\"connection_refused\"} 1",
        "crossing_connections_total 6",
        "crossing_reloads_total 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is not in\n{metrics}");
    }
}
