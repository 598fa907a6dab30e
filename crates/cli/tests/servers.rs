//! `crossing check` against servers that are not ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::process::{Directory, Server, free_port};
use support::{Run, run};

const FROM: &str = "https://app.example.com";

fn check(url: &str, more: &[&str]) -> Run {
    run(["check", url, "--from", FROM, "--json"].iter().chain(more))
}

fn wire(document: &Value) -> Vec<String> {
    let line = |e: &Value| format!("{} {}", e["method"].as_str().unwrap_or_default(), e["status"]);
    document["exchanges"].as_array().expect("exchanges").iter().map(line).collect()
}

fn sent<'a>(document: &'a Value, exchange: usize, name: &str) -> Option<&'a str> {
    let headers = document["exchanges"][exchange]["request_headers"].as_array().expect("headers");
    headers.iter().find(|line| line[0] == name).and_then(|line| line[1].as_str())
}

#[test]
fn python_shares_nothing() {
    let (files, port) = (Directory::new(), free_port());
    files.write("data.json", "{}");
    let directory = files.path().display().to_string();
    let args = ["-m", "http.server", &port.to_string(), "--bind", "127.0.0.1", "--directory", &directory];
    let _server = Server::start("python3", "python3", &args, port);
    let url = format!("http://127.0.0.1:{port}/data.json");

    let simple = check(&url, &[]).has_code(1).json();
    assert_eq!(simple["reason"]["code"], "acao-missing");
    assert_eq!(wire(&simple), ["GET 200"]);

    // It does not know OPTIONS.
    let preflighted = check(&url, &["-X", "PUT"]).has_code(1).json();
    assert_eq!(preflighted["reason"]["code"], "preflight-status");
    assert_eq!(wire(&preflighted), ["OPTIONS 501"]);

    let own =
        run(["check", &url, "--from", &format!("http://127.0.0.1:{port}"), "--json"]).has_code(0).json();
    assert_eq!(own["response"]["type"], "basic");
}

/// A hand-written configuration, as it is found in the wild.
fn nginx_configuration(directory: &Path, here: u16, there: u16) -> String {
    let at = directory.display();
    format!(
        r#"
worker_processes 1; daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/fastcgi;
    uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
    server {{
        listen 127.0.0.1:{here};
        location /allowed {{
            add_header Access-Control-Allow-Origin {FROM};
            add_header Access-Control-Expose-Headers X-Request-Id;
            add_header X-Request-Id 7; add_header X-Other 8; add_header Vary Origin;
            return 200 "hello";
        }}
        location /credentials {{
            add_header Access-Control-Allow-Origin $http_origin;
            add_header Access-Control-Allow-Credentials true;
            add_header Vary Origin;
            return 200 "$http_cookie $http_authorization";
        }}
        location /put {{
            if ($request_method = OPTIONS) {{
                add_header Access-Control-Allow-Origin {FROM};
                add_header Access-Control-Allow-Methods "GET, PUT";
                add_header Access-Control-Allow-Headers "content-type, x-token";
                add_header Access-Control-Max-Age 600;
                return 204;
            }}
            add_header Access-Control-Allow-Origin {FROM};
            return 200 "stored";
        }}
        location /away {{
            add_header Access-Control-Allow-Origin {FROM};
            return 302 http://127.0.0.1:{there}$request_uri;
        }}
        location /any {{ add_header Access-Control-Allow-Origin *; return 200 "for all"; }}
        location /no-options {{
            if ($request_method = OPTIONS) {{ return 405; }}
            add_header Access-Control-Allow-Origin {FROM};
            return 200 "hello";
        }}
        location /twice {{
            add_header Access-Control-Allow-Origin {FROM};
            add_header Access-Control-Allow-Origin {FROM};
            return 200 "hello";
        }}
    }}
    server {{
        listen 127.0.0.1:{there};
        location = /away/any {{
            add_header Access-Control-Allow-Origin *;
            return 302 http://127.0.0.1:{here}/any;
        }}
        location = /away/allowed {{
            add_header Access-Control-Allow-Origin *;
            return 302 http://127.0.0.1:{here}/allowed;
        }}
    }}
}}
"#
    )
}

#[test]
fn nginx_with_a_hand_written_configuration() {
    let (files, here, there) = (Directory::new(), free_port(), free_port());
    let configuration = files.write("nginx.conf", &nginx_configuration(files.path(), here, there));
    let (prefix, configuration) = (files.path().display().to_string(), configuration.display().to_string());
    let log = format!("{prefix}/error.log");
    let _server = Server::start("nginx", "nginx", &["-p", &prefix, "-c", &configuration, "-e", &log], here);
    let url = |path: &str| format!("http://127.0.0.1:{here}{path}");

    let allowed = check(&url("/allowed"), &[]).has_code(0).json();
    assert_eq!(sent(&allowed, 0, "origin"), Some(FROM));
    assert_eq!(allowed["response"]["body_bytes"], 5);
    let readable = allowed["response"]["headers"].to_string();
    assert!(readable.contains("x-request-id") && !readable.contains("x-other"), "{readable}");

    let secrets = ["--cookie", "sid=1", "--user", "me:secret", "--credentials"];
    let with = |mode| secrets.iter().copied().chain([mode]).collect::<Vec<_>>();
    let included = check(&url("/credentials"), &with("include")).has_code(0).json();
    assert_eq!(sent(&included, 0, "cookie"), Some("(present)"));
    assert_eq!(sent(&included, 0, "authorization"), Some("Basic (present)"));
    assert_eq!(included["response"]["body_bytes"], "sid=1 Basic bWU6c2VjcmV0".len());
    let withheld = check(&url("/credentials"), &with("same-origin")).has_code(0).json();
    assert_eq!((sent(&withheld, 0, "cookie"), sent(&withheld, 0, "authorization")), (None, None));
    let refused = check(&url("/allowed"), &with("include")).has_code(1).json();
    assert_eq!(refused["reason"]["code"], "acac-invalid");

    let headers = ["-X", "PUT", "-H", "Content-Type: application/json", "-H", "X-Token: 7", "-d", "{}"];
    let put = check(&url("/put"), &headers).has_code(0).json();
    assert_eq!(wire(&put), ["OPTIONS 204", "PUT 200"]);
    assert_eq!(sent(&put, 0, "access-control-request-headers"), Some("content-type,x-token"));
    let patch = check(&url("/put"), &["-X", "PATCH"]).has_code(1).json();
    assert_eq!(
        (wire(&patch), &patch["reason"]["code"]),
        (vec!["OPTIONS 204".into()], &"method-not-allowed".into())
    );

    let back = check(&url("/away/any"), &[]).has_code(0).json();
    assert_eq!(wire(&back), ["GET 302", "GET 302", "GET 200"]);
    assert_eq!([0, 1, 2].map(|at| sent(&back, at, "origin")), [Some(FROM), Some("null"), Some("null")]);
    let tainted = check(&url("/away/allowed"), &[]).has_code(1).json();
    assert_eq!(tainted["reason"]["code"], "acao-mismatch");

    let no_options = check(&url("/no-options"), &["-X", "DELETE"]).has_code(1).json();
    assert_eq!(
        (wire(&no_options), &no_options["reason"]["code"]),
        (vec!["OPTIONS 405".into()], &"preflight-status".into())
    );

    let twice = check(&url("/twice"), &[]).has_code(1).json();
    assert_eq!(twice["reason"]["code"], "acao-multiple");
}

fn openssl(directory: &Path, args: &[&str]) {
    let run = Command::new("openssl").args(args).current_dir(directory).output();
    let run = run.unwrap_or_else(|error| {
        panic!("openssl does not start ({error}); install it with: apt-get install openssl")
    });
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

const TLS_SERVER: &str = r#"
import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem", "server.key")
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
"#;

#[test]
fn tls_with_an_authority_of_its_own() {
    let (files, port) = (Directory::new(), free_port());
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let with_key =
        |args: &[&'static str]| -> Vec<&str> { ["req"].iter().chain(&key).chain(args).copied().collect() };
    let authority = ["-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"];
    openssl(files.path(), &with_key(&authority));
    openssl(files.path(), &with_key(&["-subj", "/CN=server", "-keyout", "server.key", "-out", "server.csr"]));
    files.write("names", "subjectAltName=DNS:api.example.com\n");
    let sign = "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem";
    openssl(files.path(), &sign.split(' ').collect::<Vec<_>>());
    let script = format!("import os; os.chdir({:?})\n{TLS_SERVER}", files.path().display().to_string());
    let _server = Server::start("python3", "python3", &["-c", &script, &port.to_string()], port);

    let url = format!("https://api.example.com:{port}/");
    let resolve = format!("api.example.com:{port}:127.0.0.1");
    let authority = files.path().join("ca.pem").display().to_string();
    let trusted = check(&url, &["--resolve", &resolve, "--cacert", &authority]).has_code(0).json();
    assert_eq!(trusted["verdict"], "allowed");
    check(&url, &["--resolve", &resolve, "-k"]).has_code(0);
    let unknown = check(&url, &["--resolve", &resolve]).has_code(2);
    assert_eq!(unknown.json()["reason"]["code"], "tls");
    assert!(unknown.err.contains("no CORS error"), "{}", unknown.err);

    let other = format!("https://other.example.com:{port}/");
    let resolve = format!("other.example.com:{port}:127.0.0.1");
    let other = check(&other, &["--resolve", &resolve, "--cacert", &authority]).has_code(2).json();
    assert_eq!(other["reason"]["code"], "tls");
}

#[test]
fn a_server_that_is_down_is_no_cors_error() {
    let url = format!("http://127.0.0.1:{}/", free_port());
    let run = check(&url, &["-X", "PUT"]).has_code(2);
    let document = run.json();
    assert_eq!(
        (&document["verdict"], &document["reason"]["code"]),
        (&"unreachable".into(), &"connection".into())
    );
    assert!(run.err.contains("connection") && run.err.contains("no CORS error"), "{}", run.err);
    assert_eq!(wire(&document), [""; 0], "nothing went over the wire");
}

const ENDLESS_SERVER: &str = r#"
import http.server, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 100)
                time.sleep(0.05)
        except OSError:
            pass
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

#[test]
fn a_body_that_never_ends_is_read_until_the_time_is_over() {
    let port = free_port();
    let _server = Server::start("python3", "python3", &["-c", ENDLESS_SERVER, &port.to_string()], port);
    let run = check(&format!("http://127.0.0.1:{port}/"), &["--timeout", "1"]).has_code(2);
    assert_eq!(run.json()["reason"]["code"], "timeout");
    assert!(
        run.err.contains("end of the body") && run.err.contains("head of the response did pass"),
        "{}",
        run.err
    );
}
