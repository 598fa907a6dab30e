//! `crossing lab`: who may come in, what its API says, and that wrong input is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use support::run;

/// A lab on a port of its own; it ends with the test.
struct Lab {
    process: Child,
    port: u16,
}

/// A response: its status, its head as text, and its body.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        line.unwrap_or_else(|| panic!("no {name}: {}", self.head))
    }
}

impl Lab {
    fn open() -> Lab {
        let mut process = Command::new(env!("CARGO_BIN_EXE_crossing"))
            .args(["lab", "--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the lab starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().trim_end_matches('/').rsplit(':').next().unwrap().parse().expect(&line);
        Lab { process, port }
    }

    fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks as the lab's own page does.
    fn ask(&self, path: &str, question: &Value) -> Answer {
        self.post(path, &question.to_string())
    }

    fn post(&self, path: &str, body: &str) -> Answer {
        let lines = [("origin", self.origin()), ("content-type", "application/json".to_owned())];
        send(self.port, "POST", path, &self.host(), &lines, body)
    }

    fn get(&self, path: &str) -> Answer {
        send(self.port, "GET", path, &self.host(), &[], "")
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn send(port: u16, method: &str, path: &str, host: &str, lines: &[(&str, String)], body: &str) -> Answer {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in lines {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("content-length: {}\r\n\r\n", body.len());
    socket.write_all(head.as_bytes()).unwrap();
    // A server that refuses a body need not read it.
    let _ = socket.write_all(body.as_bytes());
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

fn state() -> Value {
    json!({
        "page": { "origin": "http://app.shop.test" },
        "asks": [{ "method": "PUT", "url": "http://api.shop.test/hello" }],
        "servers": [{ "origin": "http://api.shop.test", "answers": {
            "by": "policy", "toml": "[[grant]]\nallow_origins = [\"http://app.shop.test\"]\nmax_age = 60\n" } }],
    })
}

#[test]
fn only_the_labs_own_page_gets_in() {
    let lab = Lab::open();
    let own = lab.host();
    let origin = |text: &str| vec![("origin", text.to_owned())];
    type Lines = Vec<(&'static str, String)>;
    let cases: &[(&str, &str, &str, Lines, u16)] = &[
        ("GET", "/", &own, vec![], 200),
        ("GET", "/", "evil.test", vec![], 403),
        ("GET", "/", "evil.test:4700", vec![], 403),
        ("GET", "/", "127.0.0.1", vec![], 403),
        ("GET", "/", "127.0.0.1.evil.test", vec![], 403),
        ("GET", "/api/lessons", &own, origin("https://evil.test"), 403),
        ("GET", "/api/lessons", &own, origin("null"), 403),
        ("GET", "/api/lessons", &own, vec![("sec-fetch-site", "cross-site".to_owned())], 403),
        ("GET", "/api/lessons", &own, vec![("sec-fetch-site", "same-site".to_owned())], 403),
        ("GET", "/api/lessons", &own, vec![("sec-fetch-site", "same-origin".to_owned())], 200),
        (
            "GET",
            "/",
            &own,
            vec![("sec-fetch-site", "cross-site".to_owned()), ("sec-fetch-mode", "navigate".to_owned())],
            200,
        ),
        ("POST", "/api/play", &own, vec![("content-type", "application/json".to_owned())], 403),
        ("POST", "/api/play", &own, origin("https://evil.test"), 403),
        ("OPTIONS", "/api/play", &own, origin("https://evil.test"), 403),
    ];
    for (method, path, host, lines, status) in cases {
        let answer = send(lab.port, method, path, host, lines, "");
        assert_eq!(answer.status, *status, "{method} {path} {host} {lines:?}: {}", answer.body);
        if answer.status == 403 {
            assert!(answer.json()["error"].as_str().is_some_and(|why| why.len() > 20), "{}", answer.body);
        }
        assert!(!answer.head.to_ascii_lowercase().contains("access-control-allow"), "{}", answer.head);
    }
    let other_name = send(lab.port, "GET", "/?x", &format!("localhost:{}", lab.port), &[], "");
    assert_eq!((other_name.status, other_name.header("location")), (307, &*format!("{}/?x", lab.origin())));
}

#[test]
fn the_page_may_load_nothing_from_elsewhere() {
    let lab = Lab::open();
    let page = lab.get("/");
    let policy = page.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "style-src 'self';",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{part}: {policy}");
    }
    for word in policy.split_whitespace().filter(|word| word.starts_with("http")) {
        assert!(word.starts_with("http://127.0.0.1:") || word.starts_with("http://localhost:"), "{word}");
    }
    assert_eq!(page.header("x-content-type-options"), "nosniff");
}

#[test]
fn wrong_questions_are_refused_with_a_reason() {
    let lab = Lab::open();
    let huge = format!("{{\"toml\": \"{}\"}}", "x".repeat(300 << 10));
    for (path, body, status, why) in [
        ("/api/play", "", 400, "not what is asked for"),
        ("/api/play", "{", 400, "not what is asked for"),
        ("/api/play", "[]", 400, "not what is asked for"),
        ("/api/play", "{\"page\": {\"origin\": 7}}", 400, "integer `7`"),
        ("/api/lint", "{\"toml\": \"\", \"x\": 1}", 400, "x"),
        ("/api/lint", &huge, 413, "256 KiB"),
        ("/api/compare", "{\"run\": \"x\", \"outcomes\": []}", 404, "no such run"),
        ("/api/lessons", "{}", 405, "GET"),
        ("/api/frobnicate", "{}", 404, "nothing here"),
        ("/", "{}", 405, "GET"),
    ] {
        let answer = lab.post(path, body);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.contains(why), "{path}: {}", answer.body);
    }
    assert_eq!(lab.get("/api/play").status, 405);
    let lines = [("origin", lab.origin()), ("content-type", "text/plain".to_owned())];
    assert_eq!(send(lab.port, "POST", "/api/play", &lab.host(), &lines, "{}").status, 415);
}

#[test]
fn a_play_tells_each_step_and_the_reason() {
    let lab = Lab::open();
    let answer = lab.ask("/api/play", &state()).json();
    let kinds: Vec<&str> =
        answer["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["ask", "think", "think", "think", "send", "decide", "answer", "block", "error"],
        "{answer:#}"
    );
    let decide = &answer["steps"][5]["decision"];
    assert_eq!((&decide["verdict"], &decide["reason"]), (&json!("refused"), &json!("method-not-granted")));
    assert_eq!(answer["steps"][7]["reason"], "preflight-status");

    let mut granted = state();
    granted["servers"][0]["answers"]["toml"] = json!(
        "[[grant]]\nallow_origins = [\"http://app.shop.test\"]\nallow_methods = [\"PUT\"]\nmax_age = 60\n"
    );
    granted["asks"].as_array_mut().unwrap().push(json!({
        "method": "PUT", "url": "http://api.shop.test/hello", "after": 20 }));
    let answer = lab.ask("/api/play", &granted).json();
    let last = answer["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["kind"], &last["at"], &last["ask"]), (&json!("deliver"), &json!(20), &json!(1)));
    assert_eq!((&last["cache"][0]["name"], &last["cache"][0]["left"]), (&json!("PUT"), &json!(40)));
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let lab = Lab::open();
    let mut wrong = state();
    wrong["page"]["origin"] = json!("http://app.shop.test/");
    wrong["profile"] = json!("netscape");
    wrong["asks"][0]["url"] = json!("/hello");
    wrong["servers"][0]["answers"] = json!({ "by": "raw", "preflight": "200", "request": "200\nx" });
    let told = lab.ask("/api/play", &wrong).json();
    let mut places: Vec<(&str, &str)> = told["mistakes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mistake| (mistake["path"].as_str().unwrap(), mistake["code"].as_str().unwrap()))
        .collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            ("asks[0].url", "url"),
            ("page.origin", "origin"),
            ("profile", "word"),
            ("servers[0].request", "raw-header"),
        ]
    );
    // What no script can put into a header, and a body that nobody can type.
    let mut bytes = state();
    bytes["asks"][0]["headers"] = json!([["x-a", "\u{fc}\u{20ac}"]]);
    assert_eq!(lab.ask("/api/play", &bytes).json()["mistakes"][0]["code"], "byte-string");
    bytes["asks"][0]["headers"] = json!([["x-a", "\u{fc}"]]);
    bytes["servers"][0]["answers"] =
        json!({ "by": "raw", "preflight": "200", "request": "200\ncontent-encoding: br\n\nx" });
    assert_eq!(lab.ask("/api/play", &bytes).json()["mistakes"][0]["code"], "raw-coding");
    let mut bad_toml = state();
    bad_toml["servers"][0]["answers"]["toml"] = json!("[[grant]\n");
    assert_eq!(lab.ask("/api/play", &bad_toml).json()["mistakes"][0]["code"], "policy");
    let mut many = state();
    many["asks"] = json!(vec![many["asks"][0].clone(); 9]);
    assert_eq!(lab.ask("/api/play", &many).json()["mistakes"][0]["code"], "count");
}

#[test]
fn lint_names_the_line_and_what_to_write() {
    let lab = Lab::open();
    let toml = "[[grant]]\nallow_origins = [\"https://app.example.com/\"]\n";
    let told = lab.ask("/api/lint", &json!({ "toml": toml })).json();
    let finding = &told["errors"][0];
    assert_eq!((&finding["code"], &finding["line"]), (&json!("origin-trailing-slash"), &json!(2)));
    assert!(finding["suggestion"].as_str().unwrap().contains("https://app.example.com"), "{finding}");
}

#[test]
fn live_origins_answer_runs_and_nobody_else() {
    let lab = Lab::open();
    let begun = lab.ask("/api/live", &state()).json();
    let frame: url::Url = begun["frame"].as_str().unwrap().parse().unwrap();
    let port = frame.port().unwrap();
    let host = format!("127.0.0.1:{port}");
    let path = &frame[url::Position::BeforePath..];
    let page = send(port, "GET", path, &host, &[], "");
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains(&format!("frame-ancestors {}", lab.origin())));
    assert_eq!(send(port, "GET", path, "evil.test", &[], "").status, 403);
    assert_eq!(send(port, "GET", "/hello?lab=0", &host, &[], "").status, 404);
    assert_eq!(send(port, "GET", "/hello", &host, &[], "").status, 404);

    // Asked as the browser would, the server answers by the policy, in live names.
    let asked: url::Url = begun["asks"][0]["url"].as_str().unwrap().parse().unwrap();
    let page_origin = frame.origin().ascii_serialization();
    let lines = [("origin", page_origin.clone())];
    let host = format!("127.0.0.1:{}", asked.port().unwrap());
    let answer = send(asked.port().unwrap(), "GET", &asked[url::Position::BeforePath..], &host, &lines, "");
    assert_eq!(answer.header("access-control-allow-origin"), page_origin);
    // And what came over the wire is told in the state's names.
    let told =
        lab.ask("/api/compare", &json!({ "run": begun["run"], "outcomes": [{ "response": null }] })).json();
    let heard = &told["wire"]["browser"][0];
    assert_eq!((&heard["method"], &heard["url"]), (&json!("GET"), &json!("http://api.shop.test/hello")));
    assert_eq!(told["agrees"], false, "ours sends a preflight");

    // Cookies begin for the lab's own page only.
    let cookies: url::Url = begun["cookies"][0].as_str().unwrap().parse().unwrap();
    let path = &cookies[url::Position::BeforePath..];
    assert_eq!(send(cookies.port().unwrap(), "GET", path, &host, &lines, "").status, 403);
    assert_eq!(
        send(cookies.port().unwrap(), "GET", path, &host, &[("origin", lab.origin())], "").status,
        200
    );
}

#[test]
fn a_live_answer_does_no_harm_beyond_its_run() {
    let lab = Lab::open();
    let mut state = state();
    let raw = "200\ncontent-length: 5000\ntransfer-encoding: chunked\nclear-site-data: \"*\"\nset-cookie: a=1\n\nhello";
    state["servers"][0]["answers"] = json!({ "by": "raw", "preflight": "200", "request": raw });
    let begun = lab.ask("/api/live", &state).json();
    let asked: url::Url = begun["asks"][0]["url"].as_str().unwrap().parse().unwrap();
    let port = asked.port().unwrap();
    let path = &asked[url::Position::BeforePath..];
    let lines = [("cookie", "session=7; crossing-lab-b=2".to_owned())];
    let answer = send(port, "GET", path, &format!("127.0.0.1:{port}"), &lines, "");
    assert_eq!((answer.status, &*answer.body), (200, "hello"));
    assert_eq!(answer.header("content-length"), "5");
    assert_eq!(answer.header("set-cookie"), "crossing-lab-a=1");
    assert!(!answer.head.contains("clear-site-data") && !answer.head.contains("chunked"), "{}", answer.head);

    // A redirect out of the lab leads nowhere.
    state["servers"][0]["answers"]["request"] = json!("302\nlocation: https://example.com/");
    let begun = lab.ask("/api/live", &state).json();
    let asked: url::Url = begun["asks"][0]["url"].as_str().unwrap().parse().unwrap();
    let path = &asked[url::Position::BeforePath..];
    let answer = send(port, "GET", path, &format!("127.0.0.1:{port}"), &[], "");
    assert_eq!(answer.header("location"), "http://127.0.0.1:9/");
}

#[test]
fn what_no_browser_can_be_asked_here_is_said() {
    let lab = Lab::open();
    let cannot = |change: &dyn Fn(&mut Value)| {
        let mut state = state();
        change(&mut state);
        lab.ask("/api/live", &state).json()["cannot"]["code"].clone()
    };
    assert_eq!(cannot(&|state| state["page"]["origin"] = json!("https://app.shop.test")), "scheme");
    assert_eq!(cannot(&|state| state["page"]["never_referrer"] = json!(true)), "setting");
    assert_eq!(cannot(&|state| state["asks"][0]["after"] = json!(31)), "waits");
    assert_eq!(cannot(&|state| state["asks"][0]["url"] = json!("http://nobody.test/")), "server");
    assert_eq!(cannot(&|state| state["asks"][0]["method"] = json!("A B")), "mistakes");
    assert_eq!(cannot(&|_| {}), Value::Null);
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let told = run(["lab", "--port", &port]);
    assert_eq!(told.code, Some(2));
    assert!(told.err.contains(&port) && told.err.contains("--port 0"), "{}", told.err);
}

#[test]
fn an_interrupt_ends_it_in_peace() {
    for signal in ["INT", "TERM"] {
        let mut lab = Lab::open();
        let pid = lab.process.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success());
        assert_eq!(lab.process.wait().unwrap().code(), Some(0), "{signal}");
    }
}
