//! A real page in Chromium that uses an API behind Envoy: credentials, a preflighted PUT, exposed headers, refusals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use http::header::{CONTENT_TYPE, COOKIE, HeaderValue, SET_COOKIE};
use http::{Method, Response};
use http_body_util::Full;
use serde_json::{Value, json};
use support::{Envoy, PATIENCE, Scratch, Setup, serve, versions};

/// What the page does. It reports to its own server.
const SCRIPT: &str = "
const ask = async (path, init) => {
  try {
    const response = await fetch(API + path, { credentials: 'include', ...init });
    const exposed = [...response.headers.keys()].filter(name => name.startsWith('x-'));
    return { status: response.status, body: await response.text(), exposed };
  } catch (error) {
    return error.name;
  }
};
(async () => {
  const headers = { 'content-type': 'application/json', 'x-token': 't' };
  const results = {
    login: await ask('/login'),
    put: await ask('/item', { method: 'PUT', headers, body: '{}' }),
    missing: await ask('/missing', { method: 'PUT', headers, body: '{}' }),
    patch: await ask('/item', { method: 'PATCH' }),
    header: await ask('/item', { headers: { 'x-other': '1' } }),
  };
  await fetch('/results', { method: 'POST', body: JSON.stringify(results) });
})();
";

/// A browser with a fresh profile, and all of its processes.
struct Chromium {
    child: Child,
    _profile: Scratch,
}

impl Chromium {
    fn open(url: &str) -> Chromium {
        let profile = Scratch::new();
        let child = Command::new("chromium")
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
            ])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-breakpad", "--disable-features=LocalNetworkAccessChecks"])
            .arg(format!("--user-data-dir={}", profile.path("profile").display()))
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("chromium is needed: on Debian, apt-get install chromium");
        Chromium { child, _profile: profile }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
    }
}

#[test]
fn a_page_in_chromium_uses_an_api_behind_envoy() {
    for version in versions() {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = asked.clone();
        let api = serve(move |request| {
            let cookie = request.headers().get(COOKIE).map_or("", |cookie| cookie.to_str().unwrap());
            told.lock().unwrap().push(format!("{} {} {cookie}", request.method(), request.uri().path()));
            let mut response = Response::new(Full::from("done"));
            for name in ["x-request-id", "x-secret"] {
                response.headers_mut().insert(name, HeaderValue::from_static("7"));
            }
            if request.uri().path() == "/login" {
                response.headers_mut().insert(SET_COOKIE, HeaderValue::from_static("session=1; HttpOnly"));
            }
            response
        });

        let (results, got) = mpsc::channel::<Value>();
        let (results, script) = (Mutex::new(results), Arc::new(Mutex::new(String::new())));
        let (results, page) = (Arc::new(results), script.clone());
        let site = serve(move |request| {
            if request.method() == Method::POST {
                results.lock().unwrap().send(serde_json::from_slice(request.body()).unwrap()).unwrap();
            }
            let mut response = Response::new(Full::from(page.lock().unwrap().clone()));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            response
        });

        let mut setup = Setup::new(api);
        setup.policy = Some(format!(
            "[[grant]]\nallow_origins = ['http://localhost:{}']\nallow_credentials = true\n\
             allow_methods = ['PUT']\nallow_headers = ['content-type', 'x-token']\nexpose_headers = ['x-request-id']\n",
            site.port()
        ));
        setup
            .routes
            .insert(0, json!({ "match": { "path": "/missing" }, "direct_response": { "status": 404 } }));
        let envoy = Envoy::start(version, &setup);
        *script.lock().unwrap() = format!(
            "<!doctype html><title>page</title><script>const API = 'http://localhost:{}';{SCRIPT}</script>",
            envoy.address.port()
        );

        let chromium = Chromium::open(&format!("http://localhost:{}/", site.port()));
        let seen = got.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{error}\n{}", envoy.log()));
        drop(chromium);

        let shared = json!({ "status": 200, "body": "done", "exposed": ["x-request-id"] });
        assert_eq!(seen["login"], shared, "Envoy {version}");
        assert_eq!(seen["put"], shared, "Envoy {version}");
        assert_eq!(seen["missing"], json!({ "status": 404, "body": "", "exposed": [] }), "Envoy {version}");
        assert_eq!(seen["patch"], "TypeError", "Envoy {version}");
        assert_eq!(seen["header"], "TypeError", "Envoy {version}");
        let asked = asked.lock().unwrap();
        assert_eq!(*asked, ["GET /login ", "PUT /item session=1"], "Envoy {version}");
    }
}
