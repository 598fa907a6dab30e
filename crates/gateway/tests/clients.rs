//! Programs that are not ours, as clients of a gateway: curl, h2load, nginx, a WebSocket library, and a page that speaks
//! gRPC-web.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

use crossing_agent::{Agent, Recording};
use crossing_gateway::Gateway;
use support::{PATIENCE, POLICY, Upstream, gateway, in_front_of};
use tonic_web::GrpcWebLayer;
use tungstenite::client::IntoClientRequest as _;
use tungstenite::{Error, Message, http};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-id: 7\r\n\r\nhello";

fn url(gateway: &Gateway) -> String {
    format!("http://{}/", gateway.addresses()[0])
}

fn output(program: &str, package: &str, args: &[&str]) -> String {
    let ran = Command::new(program).args(args).stdin(Stdio::null()).output();
    let Output { status, stdout, stderr } = ran.unwrap_or_else(|error| {
        panic!("{program} does not start ({error}); install it with: apt-get install {package}")
    });
    let out = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{program} {args:?}: {status}\n{out}{}", String::from_utf8_lossy(&stderr));
    out
}

#[test]
fn curl_is_served_in_both_versions_of_http() {
    let gateway = in_front_of(&Upstream::fixed(OK));
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        let args = ["-sSi", version, "-H", "origin: https://app.test", &url(&gateway)];
        let told = output("curl", "curl", &args).to_lowercase();
        assert!(told.contains("access-control-allow-origin: https://app.test\r\n"), "{told}");
        assert!(told.contains("\r\nvary: origin\r\n") && told.ends_with("hello"), "{told}");
    }
}

#[test]
fn curls_large_upload_with_expect_arrives_whole() {
    let body = vec![b'x'; 3 << 20];
    let upstream = Upstream::raw(|peer| {
        let head = peer.head().unwrap();
        let length = support::field(&head, "content-length").unwrap().parse().unwrap();
        let sum: u64 = peer.exactly(length).into_iter().map(u64::from).sum();
        peer.send(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{sum}", sum.to_string().len()));
    });
    let gateway = in_front_of(&upstream);
    let file = std::env::temp_dir().join(format!("crossing-upload-{}", std::process::id()));
    std::fs::write(&file, &body).unwrap();
    let data = format!("@{}", file.display());
    let args = ["-sS", "--expect100-timeout", "20", "-H", "expect: 100-continue", "--data-binary", &data];
    let told = output("curl", "curl", &[&args[..], &[&url(&gateway)]].concat());
    std::fs::remove_file(&file).unwrap();
    assert_eq!(told, (body.len() as u64 * u64::from(b'x')).to_string());
}

#[test]
fn curls_get_with_a_body_arrives_whole_in_both_versions_of_http() {
    let upstream = Upstream::raw(|peer| {
        while let Some(head) = peer.head() {
            assert_eq!(support::field(&head, "transfer-encoding"), Some("chunked"), "{head}");
            assert_eq!(peer.exactly(12), b"2\r\n{}\r\n0\r\n\r\n");
            peer.send(OK);
        }
    });
    let gateway = in_front_of(&upstream);
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        // Told to send it in chunks, curl gives no length over HTTP/2 either.
        let args =
            ["-sS", version, "-X", "GET", "-H", "transfer-encoding: chunked", "-d", "{}", &url(&gateway)];
        assert_eq!(output("curl", "curl", &args), "hello", "{version}");
    }
}

#[test]
fn curl_sees_why_its_upload_is_not_taken() {
    let upstream = Upstream::raw(|peer| {
        peer.head();
        peer.send("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
        peer.rest();
    });
    let file = format!(
        "[limits]\nbody_bytes = 3000000\n[[route]]\nupstream = 'UPSTREAM'\nenforcement = 'on'\n{POLICY}"
    );
    let gateway = gateway(&file, Some(&upstream));
    let url = url(&gateway);
    let files = std::env::temp_dir().join(format!("crossing-refused-{}", std::process::id()));
    std::fs::create_dir_all(&files).unwrap();
    let (small, large, too_large) = (files.join("small"), files.join("large"), files.join("too-large"));
    for (file, length) in [(&small, 14), (&large, 2_000_000), (&too_large, 4_000_000)] {
        std::fs::write(file, vec![b'x'; length]).unwrap();
    }
    let foreign = "origin: https://evil.test";
    let cases = [
        (&too_large, "origin: https://app.test", "413"),
        (&small, foreign, "403"),
        (&large, foreign, "403"),
        (&small, "host: a@b", "400"),
        (&large, "origin: https://app.test", "401"),
    ];
    for (file, line, status) in cases {
        let data = format!("@{}", file.display());
        for version in ["--http1.1", "--http2-prior-knowledge"] {
            let args = ["-sS", version, "-o", "/dev/null", "-w", "%{http_code}", "-H", line, "-H", "expect:"];
            let args = [&args[..], &["--data-binary", &data, &url]].concat();
            for _ in 0..10 {
                assert_eq!(output("curl", "curl", &args), status, "{args:?}");
            }
        }
    }
    std::fs::remove_dir_all(&files).unwrap();
}

#[test]
fn h2load_gets_every_answer_in_both_versions_of_http() {
    let gateway = in_front_of(&Upstream::fixed(OK));
    for version in [&["-m", "16"][..], &["--h1"][..]] {
        let load = ["-n", "4000", "-c", "16", "-H", "origin: https://app.test"];
        let told = output("h2load", "nghttp2-client", &[&load[..], version, &[&url(&gateway)]].concat());
        let all = "4000 total, 4000 started, 4000 done, 4000 succeeded, 0 failed, 0 errored, 0 timeout";
        assert!(told.contains(all) && told.contains("status codes: 4000 2xx"), "{told}");
    }
}

/// An nginx before the gateway; it ends with the test.
struct Nginx {
    child: Child,
    directory: PathBuf,
    address: SocketAddr,
}

impl Nginx {
    fn before(gateway: &Gateway) -> Nginx {
        let directory = std::env::temp_dir().join(format!("crossing-nginx-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (place, to) = (directory.display(), gateway.addresses()[0]);
        let text = format!(
            "daemon off; master_process off; pid {place}/pid; error_log stderr;\n\
             events {{}}\n\
             http {{ access_log off; client_body_temp_path {place}; proxy_temp_path {place};\n\
             fastcgi_temp_path {place}; uwsgi_temp_path {place}; scgi_temp_path {place};\n\
             upstream gateway {{ server {to}; keepalive 4; }}\n\
             server {{ listen {address}; location / {{ proxy_pass http://gateway; proxy_http_version 1.1;\n\
             proxy_set_header Connection ''; proxy_set_header Host api.test; }} }} }}\n"
        );
        let file = directory.join("nginx.conf");
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new("nginx");
        command.args(["-e", "stderr", "-c"]).arg(&file).stdin(Stdio::null());
        let child = command.spawn().expect("nginx; install it with: apt-get install nginx");
        let nginx = Nginx { child, directory, address };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < PATIENCE, "nginx does not listen");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

#[test]
fn nginx_asks_over_connections_that_it_keeps() {
    let upstream = Upstream::fixed(OK);
    let gateway = in_front_of(&upstream);
    let nginx = Nginx::before(&gateway);
    let to = format!("http://{}/", nginx.address);
    for _ in 0..50 {
        let told = output("curl", "curl", &["-sSi", "-H", "origin: https://app.test", &to]).to_lowercase();
        assert!(told.starts_with("http/1.1 200") && told.ends_with("hello"), "{told}");
        assert!(told.contains("access-control-allow-origin: https://app.test\r\n"), "{told}");
    }
    assert_eq!(upstream.count(), 50);
    assert_eq!(*upstream.connections.lock().unwrap(), 1, "both hops keep their connections");
}

/// A WebSocket server that says back what it hears, to one client at a time.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(mut socket) = tungstenite::accept(stream) else { continue };
            while let Ok(message) = socket.read() {
                if message.is_close() || socket.send(message).is_err() {
                    break;
                }
            }
        }
    });
    address
}

#[test]
fn a_websocket_passes_for_the_granted_page_alone() {
    let file = format!("[[route]]\nupstream = 'http://{}'\nenforcement = 'on'\n{POLICY}", echo());
    let gateway = gateway(&file, None);
    let join = |origin: &'static str| {
        let mut request = url(&gateway).replace("http:", "ws:").into_client_request().unwrap();
        request.headers_mut().insert(http::header::ORIGIN, http::HeaderValue::from_static(origin));
        tungstenite::connect(request)
    };
    let (mut socket, response) = join("https://app.test").unwrap();
    assert_eq!(response.status(), 101);
    let large = Message::binary(vec![7; 1 << 20]);
    for message in [Message::text("hello"), large, Message::text("bye")] {
        socket.send(message.clone()).unwrap();
        assert_eq!(socket.read().unwrap(), message);
    }
    socket.close(None).unwrap();
    match join("https://evil.test") {
        Err(Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("a foreign page joined: {other:?}"),
    }
}

/// tonic's health service, for pages; it knows nothing of CORS.
async fn grpc() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_, health) = tonic_health::server::health_reporter();
    let server = tonic::transport::Server::builder()
        .accept_http1(true)
        .layer(GrpcWebLayer::new())
        .add_service(health)
        .serve_with_incoming(tonic::transport::server::TcpIncoming::from(listener));
    tokio::spawn(server);
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_calls_grpc_web_through_it() {
    let grants = "[[route.grant]]\nallow_origins = ['https://app.test']\nmax_age = 600\n\
                  allow_headers = ['content-type', 'x-grpc-web']\nexpose_headers = ['grpc-status']\n";
    let gateway = gateway(&format!("[[route]]\nupstream = 'http://{}'\n{grants}", grpc().await), None);
    let browser = Agent::builder().recording(Recording::On).build().unwrap();
    let page = browser.page("https://app.test").unwrap();
    let call = format!("{}grpc.health.v1.Health/Check", url(&gateway));
    for wire in [&["OPTIONS", "POST"][..], &["POST"]] {
        let response = page
            .post(&call)
            .header("content-type", "application/grpc-web+proto")
            .header("x-grpc-web", "1")
            .bytes(vec![0; 5])
            .send()
            .await
            .unwrap();
        let expected: Vec<String> = wire.iter().map(|method| format!("{method} {call} 200")).collect();
        assert_eq!(response.wire(), expected);
        let body = response.text().await.unwrap();
        assert!(body.contains("grpc-status:0"), "{body:?}");
    }
}
