//! `crossing export`: the real server, with what was written for it, shares with a browser what the policy shares.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossing::browser::{
    Client, CredentialsMode, Fetch, Input, PreflightCache, Request, Response, Settings, Step, Stored,
};
use crossing::server::{Enforcement, Existing};
use crossing::{Decision, HeaderList, Origin, Policy, Reason, RequestHead, ResponseHead, Time, Value};
use crossing_testkit::ServerSuite;
use http::StatusCode;
use support::run;

/// What pages ask: a method, and header names.
const ASKS: [(&str, &[&str]); 7] = [
    ("GET", &[]),
    ("GET", &["x-a"]),
    ("POST", &["authorization"]),
    ("PUT", &[]),
    ("DELETE", &["content-type", "x-b"]),
    ("PATCH", &[]),
    ("PURGE", &["x-a", "x-unheard-of"]),
];

/// What the application answers to everything; it has an opinion about CORS, which must not count.
const APPLICATION: [(&str, &str); 5] = [
    ("content-type", "text/plain"),
    ("x-a", "1"),
    ("x-b", "2"),
    ("access-control-allow-origin", "https://evil.test"),
    ("access-control-expose-headers", "x-evil"),
];

fn application() -> ResponseHead {
    let line = |(name, value): (&str, &str)| (name.parse().unwrap(), Value::new(value).unwrap());
    ResponseHead::new(StatusCode::OK, APPLICATION.into_iter().map(line).collect())
}

/// What a script sees: the names of the headers, or nothing.
type Seen = Result<Vec<String>, Reason>;

/// Plays what a page asks, as a browser does.
fn play(
    origin: &Origin,
    ask: (&str, &[&str]),
    credentials: CredentialsMode,
    mut answer: impl FnMut(&RequestHead) -> ResponseHead,
) -> Seen {
    let mut builder =
        Request::builder("http://api.test/x".parse().unwrap()).method(ask.0).credentials(credentials);
    for name in ask.1 {
        builder = builder.header(name, if *name == "content-type" { "application/json" } else { "1" });
    }
    let client = Arc::new(Client::new(origin.clone()));
    let mut fetch = Fetch::new(
        builder.build().unwrap(),
        client,
        Arc::new(Settings {
            mixed_content: crossing::browser::MixedContent::Permitted,
            ..Settings::default()
        }),
    );
    let mut cache = PreflightCache::new();
    let mut input = Input::Start;
    let names = |response: &Response| {
        let names: BTreeSet<String> = response.headers.iter().map(|(name, _)| name.to_string()).collect();
        names.into_iter().filter(|name| name.starts_with("x-")).collect()
    };
    loop {
        input = match fetch.step(input, Time::ZERO, &mut cache) {
            Step::Send(send) => Input::Response(Box::new(answer(&send.head))),
            Step::FindCookies(_) => Input::Cookies(None),
            Step::FindAuthorization(_) => Input::Authorization(None),
            Step::FindStored(_) => Input::Stored(Stored::Nothing),
            Step::StoreCookies(..) | Step::StoreAuthorization(..) => Input::Done,
            Step::Deliver(response) => return Ok(names(&response)),
            Step::Fail(failure) => return Err(failure.reason),
            other => panic!("{other:?}"),
        }
    }
}

/// The policy's own answer.
fn by_policy(policy: &Policy, request: &RequestHead) -> ResponseHead {
    match policy.decide(request) {
        Decision::Answer(answer) => {
            let mut headers = HeaderList::new();
            let status = StatusCode::from_u16(answer.status()).unwrap();
            answer.apply(&mut headers);
            ResponseHead::new(status, headers)
        }
        Decision::Forward(forward) => {
            let mut head = application();
            forward.apply(&mut head.headers);
            head
        }
    }
}

/// The real server's answer.
fn by_server(port: u16, request: &RequestHead) -> ResponseHead {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut text = format!("{} /x HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n", request.method);
    for (name, value) in request.headers.iter().filter(|(name, _)| *name != http::header::CONNECTION) {
        write!(text, "{name}: {}\r\n", value.to_text()).unwrap();
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, _) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.parse().unwrap(), Value::new(value.trim()).unwrap()));
    ResponseHead::new(StatusCode::from_u16(status).unwrap(), headers.collect())
}

/// The application, on a port of its own.
fn start_application() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n".to_owned();
    for (name, value) in APPLICATION {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    text.push_str("\r\n");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                head.push(byte[0]);
            }
            let _ = stream.write_all(text.as_bytes());
        }
    });
    port
}

/// A real server; ends with the test.
struct Server {
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn nginx(config: &str, upstream: u16, folder: &Path) -> Server {
    let port = free_port();
    let config = config
        .replace("listen 8080;", &format!("listen 127.0.0.1:{port};"))
        .replace("http://127.0.0.1:3000", &format!("http://127.0.0.1:{upstream}"));
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {}/{kind};\n", folder.display()))
        .concat();
    let whole = format!(
        "daemon off;\nmaster_process off;\npid {}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\n{config}\n}}\n",
        folder.display()
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, &whole).unwrap();
    let program = if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
    let mut process = Command::new(program)
        .args(["-e", "stderr", "-p"])
        .arg(folder)
        .arg("-c")
        .arg(&file)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("nginx, from the package of that name");
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Some(status) = process.try_wait().unwrap() {
            let mut said = String::new();
            process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("nginx: {status}: {said}\n{whole}");
        }
        assert!(Instant::now() < until, "nginx does not listen");
        std::thread::sleep(Duration::from_millis(5));
    }
    Server { process, port }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("crossing-export-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The scenarios' policies that an export claims to cover, each with the origins that its scenarios ask from.
fn policies() -> Vec<(Policy, Vec<Origin>)> {
    let suite =
        ServerSuite::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios"))).unwrap();
    let mut all: Vec<(Policy, Vec<Origin>)> = Vec::new();
    let name = http::header::ORIGIN;
    for scenario in suite.scenarios {
        let policy = scenario.policy;
        let origin =
            scenario.request.headers.get(&name).and_then(|value| Origin::parse(&value.to_text()).ok());
        if policy.enforcement() != Enforcement::Off || policy.existing() == Existing::Respect {
            continue;
        }
        let at = all.iter().position(|(known, _)| *known == policy).unwrap_or_else(|| {
            all.push((policy, vec![Origin::parse("https://nobody.test").unwrap()]));
            all.len() - 1
        });
        // Longer names are in no DNS, and in no regular expression that can be read.
        if let Some(origin) = origin.filter(|origin| origin.as_str().len() < 253)
            && !all[at].1.iter().any(|known| known.as_str() == origin.as_str())
        {
            all[at].1.push(origin);
        }
    }
    all
}

#[test]
fn nginx_shares_with_a_browser_what_the_policy_shares() {
    let (folder, upstream) = (folder("nginx"), start_application());
    let (mut asked, mut refused) = (0, 0);
    for (policy, origins) in policies() {
        let Some(text) = policy.to_toml() else { continue };
        let file = folder.join("policy.toml");
        std::fs::write(&file, &text).unwrap();
        let export = run(["export", file.to_str().unwrap(), "--to", "nginx", "--json"]).has_code(0).json();
        let losses: Vec<&str> =
            export["losses"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
        let exposes_less = losses.contains(&"expose-all");
        let server = nginx(export["config"].as_str().unwrap(), upstream, &folder);
        for origin in &origins {
            for ask in ASKS {
                for credentials in [CredentialsMode::SameOrigin, CredentialsMode::Include] {
                    let expected = play(origin, ask, credentials, |request| by_policy(&policy, request));
                    let got = play(origin, ask, credentials, |request| by_server(server.port, request));
                    let agree = match (&expected, &got) {
                        (Ok(expected), Ok(got)) => expected == got || exposes_less,
                        (Err(_), Err(_)) => true,
                        _ => false,
                    };
                    assert!(
                        agree,
                        "{} asks {ask:?} {credentials:?}: the policy {expected:?}, nginx {got:?}\n{text}",
                        origin.as_str()
                    );
                    asked += 1;
                    refused += usize::from(expected.is_err());
                }
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    println!("{asked} asked, {refused} refused");
    assert!(asked > 1000 && refused > 100 && asked - refused > 50, "{asked} asked, {refused} refused");
}

#[test]
fn what_would_grant_more_is_not_written() {
    let folder = folder("lossy");
    let file = folder.join("policy.toml");
    std::fs::write(&file, "enforcement = \"on\"\n[[grant]]\nallow_origins = [\"https://a.test\"]\n").unwrap();
    let path = file.to_str().unwrap();
    let refused = run(["export", path, "--to", "nginx"]).has_code(1);
    assert!(refused.out.is_empty() && refused.err.contains("loosens: enforcement"), "{}", refused.err);
    assert!(run(["export", path, "--to", "nginx", "--lossy"]).has_code(0).out.contains("map $http_origin"));
    std::fs::write(&file, "[[grant]]\nallow_origins = [\"https://a.test/\"]\n").unwrap();
    assert!(run(["export", path, "--to", "nginx"]).has_code(2).err.contains("origin-trailing-slash"));
    std::fs::remove_dir_all(&folder).unwrap();
}
