//! `crossing audit` against servers as they are deployed: nginx, Caddy and HAProxy set up wrongly, and correct ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use axum::Router;
use axum::http::{HeaderValue, Method, header};
use axum::routing::get;
use crossing_tower::{CorsLayer, Grant, Policy};
use support::process::{Directory, Server, free_port};
use support::{run, serve_application};

const OWN: &str = "https://app.example.com";

/// The codes from `low` on.
fn found(url: &str) -> Vec<String> {
    let run = run(["audit", url, "--own", OWN, "--rate", "5000", "--json"]);
    let json = run.json();
    let findings = json["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

fn shows(url: &str, codes: &[&str]) {
    let found = found(url);
    for code in codes {
        assert!(found.iter().any(|known| known == code), "{url}: {code} is not among {found:?}");
    }
}

fn nginx(files: &Directory, servers: &str, port: u16) -> Server {
    let at = files.path().display();
    let configuration = format!(
        "worker_processes 1; daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;
         events {{ worker_connections 64; }}
         http {{
             access_log off;
             client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/fastcgi;
             uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
             {servers}
         }}"
    );
    let configuration = files.write("nginx.conf", &configuration).display().to_string();
    let (prefix, log) = (at.to_string(), format!("{at}/error.log"));
    Server::start("nginx", "nginx", &["-p", &prefix, "-c", &configuration, "-e", &log], port)
}

#[test]
fn nginx_as_it_is_found_in_the_wild() {
    let (files, port) = (Directory::new(), free_port());
    let servers = format!(
        r#"
        # Unescaped dots, and no end.
        map $http_origin $loose {{ default ""; "~^https://app.example.com" $http_origin; }}
        server {{
            listen 127.0.0.1:{port};
            location = /reflect {{
                if ($request_method = OPTIONS) {{
                    add_header Access-Control-Allow-Origin $http_origin;
                    add_header Access-Control-Allow-Credentials true;
                    add_header Access-Control-Allow-Methods "GET, PUT, DELETE";
                    return 204;
                }}
                add_header Access-Control-Allow-Origin $http_origin;
                add_header Access-Control-Allow-Credentials true;
                add_header Cache-Control public;
                return 200 "data";
            }}
            location /loose {{
                add_header Access-Control-Allow-Origin $loose;
                add_header Access-Control-Allow-Credentials true;
                add_header Vary Origin always;
                if ($request_method = OPTIONS) {{ return 405; }}
                try_files /none @loose;
            }}
            location @loose {{
                add_header Access-Control-Allow-Origin $loose;
                add_header Access-Control-Allow-Credentials true;
                add_header Vary Origin always;
                if ($request_uri != /loose) {{ return 404; }}
                return 200 "data";
            }}
            location /twice {{
                add_header Access-Control-Allow-Origin {OWN} always;
                add_header Access-Control-Allow-Origin * always;
                return 200 "data";
            }}
        }}"#
    );
    let _nginx = nginx(&files, &servers, port);
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    shows(
        &url("/reflect"),
        &[
            "reflect",
            "null",
            "vary-missing",
            "cache-cred",
            "methods-dangerous",
            "preflight-nocache",
            "err-nocors",
        ],
    );
    shows(&url("/loose"), &["prefix", "preflight-status", "err-nocors"]);
    shows(&url("/twice"), &["multi-acao"]);
}

#[test]
fn caddy_with_a_header_directive_for_everybody() {
    let (files, port) = (Directory::new(), free_port());
    let caddyfile = files.write(
        "Caddyfile",
        &format!(
            "{{\n admin off\n auto_https off\n}}
http://127.0.0.1:{port} {{
    @own header_regexp origin Origin example\\.com$
    header @own Access-Control-Allow-Origin {{http.request.header.Origin}}
    header @own Access-Control-Allow-Credentials true
    header +Timing-Allow-Origin *
    @preflight method OPTIONS
    handle @preflight {{
        redir https://login.example.com/ 302
    }}
    respond /data \"data\"
    respond \"none\" 404
}}
"
        ),
    );
    let caddyfile = caddyfile.display().to_string();
    let args = ["run", "--config", &caddyfile, "--adapter", "caddyfile"];
    let _caddy = Server::start("caddy", "caddy", &args, port);
    shows(
        &format!("http://127.0.0.1:{port}/data"),
        &["suffix", "subhttp", "vary-missing", "preflight-redir", "tao"],
    );
}

#[test]
fn haproxy_that_answers_with_what_it_was_asked() {
    let (files, port) = (Directory::new(), free_port());
    let configuration = files.write(
        "haproxy.cfg",
        &format!(
            "defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend api
    bind 127.0.0.1:{port}
    http-request return status 204 hdr Access-Control-Allow-Origin * hdr Access-Control-Allow-Credentials true hdr Access-Control-Allow-Headers * hdr Access-Control-Allow-Methods \"GET, patch\" if METH_OPTIONS
    http-request return status 200 content-type text/plain string data hdr Access-Control-Allow-Origin * hdr Access-Control-Allow-Credentials true if {{ path /data }}
    http-request return status 404 content-type text/plain string none
"
        ),
    );
    let configuration = configuration.display().to_string();
    let _haproxy = Server::start("haproxy", "haproxy", &["-db", "-q", "-f", &configuration], port);
    shows(
        &format!("http://127.0.0.1:{port}/data"),
        &["wild-cred", "acam-lower", "acah-auth", "err-nocors", "preflight-nocache", "methods-dangerous"],
    );
}

#[test]
fn haproxy_that_compares_one_member_of_a_list() {
    let (files, port) = (Directory::new(), free_port());
    let configuration = files.write("haproxy.cfg", &haproxy(port, "req.hdr(origin)"));
    let configuration = configuration.display().to_string();
    let _haproxy = Server::start("haproxy", "haproxy", &["-db", "-q", "-f", &configuration], port);
    // hdr() takes the line apart at its commas, and browsers take a comma in a host: https://app.example.com,.evil.example
    assert_eq!(found(&format!("http://127.0.0.1:{port}/data")), ["special"]);
}

#[test]
fn haproxy_with_a_list_of_origins_has_no_finding() {
    let (files, port) = (Directory::new(), free_port());
    let configuration = files.write("haproxy.cfg", &haproxy(port, "req.fhdr(origin)"));
    let configuration = configuration.display().to_string();
    let _haproxy = Server::start("haproxy", "haproxy", &["-db", "-q", "-f", &configuration], port);
    assert_eq!(found(&format!("http://127.0.0.1:{port}/data")), [""; 0]);
}

/// HAProxy that grants one origin; `origin` is how it is fetched from the request.
fn haproxy(port: u16, origin: &str) -> String {
    let grant = "hdr Access-Control-Allow-Origin %[req.fhdr(origin)] hdr Access-Control-Allow-Credentials true hdr Vary Origin";
    format!(
        "defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend api
    bind 127.0.0.1:{port}
    acl own {origin} -m str {OWN}
    http-request return status 204 {grant} hdr Access-Control-Allow-Methods \"PUT, DELETE\" hdr Access-Control-Max-Age 600 if METH_OPTIONS own
    http-request return status 204 hdr Vary Origin if METH_OPTIONS
    http-request return status 200 content-type text/plain string data {grant} if {{ path /data }} own
    http-request return status 200 content-type text/plain string data hdr Vary Origin if {{ path /data }}
    http-request return status 404 content-type text/plain string none {grant} if own
    http-request return status 404 content-type text/plain string none hdr Vary Origin
"
    )
}

#[test]
fn caddy_with_a_list_of_origins_has_no_finding() {
    let (files, port) = (Directory::new(), free_port());
    let caddyfile = files.write(
        "Caddyfile",
        &format!(
            "{{\n admin off\n auto_https off\n}}
http://127.0.0.1:{port} {{
    @own header Origin {OWN}
    header Vary Origin
    header @own Access-Control-Allow-Origin {OWN}
    header @own Access-Control-Allow-Credentials true
    @preflight method OPTIONS
    handle @preflight {{
        header @own Access-Control-Allow-Methods \"PUT, DELETE\"
        header @own Access-Control-Max-Age 600
        respond 204
    }}
    respond /data \"data\"
    respond \"none\" 404
}}
"
        ),
    );
    let caddyfile = caddyfile.display().to_string();
    let args = ["run", "--config", &caddyfile, "--adapter", "caddyfile"];
    let _caddy = Server::start("caddy", "caddy", &args, port);
    assert_eq!(found(&format!("http://127.0.0.1:{port}/data")), [""; 0]);
}

#[test]
fn nginx_with_a_list_of_origins_has_no_finding() {
    let (files, port) = (Directory::new(), free_port());
    let servers = format!(
        r#"
        map $http_origin $cors_origin {{ default ""; "{OWN}" $http_origin; }}
        map $http_origin $cors_credentials {{ default ""; "{OWN}" true; }}
        server {{
            listen 127.0.0.1:{port};
            add_header Access-Control-Allow-Origin $cors_origin always;
            add_header Access-Control-Allow-Credentials $cors_credentials always;
            add_header Vary Origin always;
            location / {{
                if ($request_method = OPTIONS) {{
                    add_header Access-Control-Allow-Origin $cors_origin always;
                    add_header Access-Control-Allow-Credentials $cors_credentials always;
                    add_header Access-Control-Allow-Methods "PUT, DELETE" always;
                    add_header Access-Control-Max-Age 600 always;
                    add_header Vary Origin always;
                    return 204;
                }}
                return 404 "none";
            }}
            location = /data {{
                if ($request_method = OPTIONS) {{
                    add_header Access-Control-Allow-Origin $cors_origin always;
                    add_header Access-Control-Allow-Credentials $cors_credentials always;
                    add_header Access-Control-Max-Age 600 always;
                    add_header Vary Origin always;
                    return 204;
                }}
                return 200 "data";
            }}
        }}"#
    );
    let _nginx = nginx(&files, &servers, port);
    assert_eq!(found(&format!("http://127.0.0.1:{port}/data")), [""; 0]);
}

#[test]
fn crossing_tower_has_no_finding() {
    let grant = Grant::new().allow_origins([OWN]).allow_credentials(true);
    let grant = grant.allow_methods(["PUT", "DELETE"]).allow_headers(["authorization"]).max_age(600);
    let policy = Policy::builder().grant(grant).build().unwrap();
    let port = serve_application(
        Router::new().route("/data", get(|| async { "data" })).layer(CorsLayer::new(policy)),
    );
    assert_eq!(found(&format!("http://127.0.0.1:{port}/data")), [""; 0]);
}

#[test]
fn tower_http_with_a_list_of_origins_has_no_finding() {
    let layer = tower_http::cors::CorsLayer::new()
        .allow_origin([HeaderValue::from_static(OWN)])
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::PUT])
        .allow_headers([header::CONTENT_TYPE])
        .max_age(std::time::Duration::from_secs(600));
    let port = serve_application(Router::new().route("/data", get(|| async { "data" })).layer(layer));
    assert_eq!(found(&format!("http://127.0.0.1:{port}/data")), [""; 0]);
}
