//! The agent over loopback sockets, against servers that say exactly what they are told to say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossing::browser::{CredentialsMode, Request, RequestBuilder};
use crossing::{Exchange, Reason};
use crossing_agent::{Agent, AgentBuilder, Limits, Outcome, Recording, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use common::run;

/// What a server does when a request has come.
#[derive(Clone)]
enum Reply {
    /// Answers, and waits for the next request.
    Keep(Vec<u8>),
    /// Answers, and closes the connection.
    Close(Vec<u8>),
    /// Answers, takes the next request, and hangs up without a word.
    HangUp(Vec<u8>),
    /// Answers so much, and falls silent.
    Hang(Vec<u8>),
}

struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    async fn start(replies: impl IntoIterator<Item = Reply>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, connections) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<usize>>::default());
        let replies = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let (log, count) = (requests.clone(), connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                tokio::spawn(converse(stream, replies.clone(), log.clone()));
            }
        });
        Server { address, requests, connections }
    }

    fn url(&self, path: &str) -> url::Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn converse(
    mut stream: TcpStream,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    log: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    loop {
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        let end = loop {
            if let Some(at) = request.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            let read = stream.read(&mut buffer).await.ok()?;
            request.extend_from_slice(buffer.get(..read).filter(|read| !read.is_empty())?);
        };
        let head = String::from_utf8_lossy(&request[..end]).into_owned();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
        while request.len() < end + length.unwrap_or(0) {
            let read = stream.read(&mut buffer).await.ok()?;
            request.extend_from_slice(buffer.get(..read).filter(|read| !read.is_empty())?);
        }
        log.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
        let reply = replies.lock().unwrap().pop_front()?;
        match reply {
            Reply::Keep(bytes) => stream.write_all(&bytes).await.ok()?,
            Reply::Close(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                return stream.shutdown().await.ok();
            }
            Reply::HangUp(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                return stream.read(&mut buffer).await.ok().map(drop);
            }
            Reply::Hang(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                std::future::pending::<()>().await;
            }
        }
    }
}

fn response(status: &str, lines: &[&str], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    for line in lines {
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

const SHARED: &str = "access-control-allow-origin: *";

fn agent() -> AgentBuilder {
    Agent::builder().recording(Recording::On)
}

async fn fetch(agent: &Agent, request: RequestBuilder) -> Outcome {
    agent.fetch(&client("http://page.test").unwrap(), request.build().unwrap(), ()).await
}

/// The reason and the detail, of the head or of the body.
async fn trouble(outcome: Outcome) -> (Reason, String) {
    match outcome.result {
        Err(error) => (error.failure.reason, error.detail.unwrap_or_default()),
        Ok(fetched) => {
            let error = fetched.body.bytes().await.expect_err("a failure");
            (error.reason, error.detail)
        }
    }
}

#[test]
fn a_shared_response_is_delivered_and_recorded() {
    run(async {
        let server = Server::start([Reply::Keep(response("200 Fine", &[SHARED, "x-a: 1"], b"hello"))]).await;
        let outcome = fetch(&agent().build().unwrap(), Request::builder(server.url("/x#f"))).await;
        let fetched = outcome.result.unwrap();
        assert_eq!(fetched.response.status_text, b"Fine");
        assert_eq!(fetched.response.headers.get(&"x-a".parse().unwrap()), None, "not exposed");
        assert_eq!(fetched.body.text().await.unwrap(), "hello");
        let [exchange] = &outcome.exchanges[..] else { panic!("{:?}", outcome.exchanges) };
        assert_eq!(exchange.kind, Exchange::Request);
        assert_eq!(exchange.response.as_ref().unwrap().headers.get(&"x-a".parse().unwrap()).unwrap(), *"1");
        let head = &server.requests()[0];
        assert!(head.starts_with("GET /x HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("Origin: http://page.test\r\n"), "{head}");
        assert!(head.contains(&format!("Host: {}\r\n", server.address)), "{head}");
    })
}

#[test]
fn a_connection_serves_preflight_and_request() {
    run(async {
        let granted = ["access-control-allow-origin: *", "access-control-allow-methods: PUT"];
        let server = Server::start([
            Reply::Keep(response("200 OK", &granted, b"")),
            Reply::Keep(response("200 OK", &[SHARED], b"done")),
        ])
        .await;
        let agent = agent().build().unwrap();
        let request = Request::builder(server.url("/")).method("PUT").body(2, None).build().unwrap();
        let outcome = agent.fetch(&client("http://page.test").unwrap(), request, "hi").await;
        assert_eq!(outcome.result.unwrap().body.text().await.unwrap(), "done");
        let requests = server.requests();
        assert!(requests[0].starts_with("OPTIONS / "), "{requests:?}");
        assert!(requests[1].starts_with("PUT / ") && requests[1].ends_with("\r\n\r\nhi"), "{requests:?}");
        assert_eq!(*server.connections.lock().unwrap(), 1);
    })
}

#[test]
fn a_misdirected_request_is_sent_again_on_a_new_connection() {
    run(async {
        let server = Server::start([
            Reply::Keep(response("421 Misdirected Request", &[SHARED], b"")),
            Reply::Keep(response("200 OK", &[SHARED], b"here")),
        ])
        .await;
        let outcome = fetch(&agent().build().unwrap(), Request::builder(server.url("/"))).await;
        assert_eq!(outcome.result.unwrap().body.text().await.unwrap(), "here");
        assert_eq!(*server.connections.lock().unwrap(), 2);
    })
}

#[test]
fn a_kept_connection_that_was_closed_meanwhile_is_replaced_once() {
    run(async {
        let granted = ["access-control-allow-origin: *", "access-control-allow-methods: PUT"];
        let server = Server::start([
            Reply::HangUp(response("200 OK", &granted, b"")),
            Reply::Keep(response("200 OK", &[SHARED], b"done")),
        ])
        .await;
        let put = || Request::builder(server.url("/")).method("PUT").body(2, None).build().unwrap();
        let agent = agent().build().unwrap();
        let outcome = agent.fetch(&client("http://page.test").unwrap(), put(), "hi").await;
        assert_eq!(outcome.result.unwrap().body.text().await.unwrap(), "done");
        let requests = server.requests();
        assert!(requests[1].starts_with("PUT / ") && requests[1].ends_with("\r\n\r\nhi"), "{requests:?}");
        assert_eq!((requests.len(), *server.connections.lock().unwrap()), (2, 2));

        // The new one is not replaced again; and one that never served is not replaced at all.
        for (replies, connections) in [
            (vec![Reply::HangUp(response("200 OK", &granted, b"")), Reply::Close(Vec::new())], 2),
            (vec![Reply::Close(Vec::new())], 1),
        ] {
            let server = Server::start(replies).await;
            let put = Request::builder(server.url("/")).method("PUT").body(2, None).build().unwrap();
            let agent = Agent::builder().build().unwrap();
            let outcome = agent.fetch(&client("http://page.test").unwrap(), put, "hi").await;
            assert_eq!(outcome.reason(), Some(Reason::BrokenHttp));
            assert_eq!(*server.connections.lock().unwrap(), connections);
        }
    })
}

#[test]
fn what_breaks_is_named() {
    run(async {
        let ok = "HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\n";
        let cases: [(&str, Reply, Reason, &str); 8] = [
            ("no answer", Reply::Close(Vec::new()), Reason::BrokenHttp, "closed the connection"),
            (
                "garbage",
                Reply::Close(b"\x16\x03\x01 hello\r\n\r\n".to_vec()),
                Reason::BrokenHttp,
                "cannot be read",
            ),
            ("half a head", Reply::Close(ok.into()), Reason::BrokenHttp, "closed the connection"),
            (
                "half a body",
                Reply::Close(format!("{ok}content-length: 9\r\n\r\nhalf").into()),
                Reason::BrokenHttp,
                "broke off",
            ),
            (
                "a bad chunk",
                Reply::Close(format!("{ok}transfer-encoding: chunked\r\n\r\nzz\r\n").into()),
                Reason::BrokenHttp,
                "broke off",
            ),
            (
                "a huge head",
                Reply::Close(format!("{ok}x: {}\r\n\r\n", "x".repeat(2 << 20)).into()),
                Reason::BrokenHttp,
                "too large",
            ),
            ("silence", Reply::Hang(Vec::new()), Reason::Timeout, "no response"),
            (
                "a body without end",
                Reply::Hang(format!("{ok}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n").into()),
                Reason::Timeout,
                "end of the body",
            ),
        ];
        for (name, reply, reason, words) in cases {
            let server = Server::start([reply]).await;
            let short = Duration::from_millis(300);
            let limits = Limits::default().head(short).total(short);
            let is_hanging = reason == Reason::Timeout;
            let limits = if is_hanging { limits } else { Limits::default() };
            let agent = agent().limits(limits).build().unwrap();
            let (got, detail) = trouble(fetch(&agent, Request::builder(server.url("/"))).await).await;
            assert_eq!(got, reason, "{name}: {detail}");
            assert!(detail.contains(words), "{name}: {detail}");
        }
    })
}

#[test]
fn a_body_larger_than_the_limit_is_cut_off() {
    run(async {
        let server = Server::start([Reply::Keep(response("200 OK", &[SHARED], &[b'x'; 1000]))]).await;
        let agent = agent().limits(Limits::default().body(999)).build().unwrap();
        let (reason, detail) = trouble(fetch(&agent, Request::builder(server.url("/"))).await).await;
        assert_eq!(reason, Reason::BodyTooLarge);
        assert!(detail.contains("999 bytes"), "{detail}");
    })
}

#[test]
fn a_closed_port_and_an_unknown_name_are_told_apart() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let agent = agent().build().unwrap();
        let url = format!("http://{address}/").parse().unwrap();
        let (reason, detail) = trouble(fetch(&agent, Request::builder(url)).await).await;
        assert_eq!((reason, detail), (Reason::Connection, format!("connection refused ({address})")));
        let url = "http://no-such-host.invalid/".parse().unwrap();
        let (reason, detail) = trouble(fetch(&agent, Request::builder(url)).await).await;
        assert_eq!(reason, Reason::Dns, "{detail}");
        assert!(detail.contains("no-such-host.invalid"), "{detail}");
    })
}

#[test]
fn a_name_can_be_mapped_to_an_address() {
    run(async {
        let server = Server::start([Reply::Keep(response("200 OK", &[SHARED], b"mapped"))]).await;
        let rule = format!("b.test:80:{}", server.address).parse().unwrap();
        let agent = agent().resolve(rule).build().unwrap();
        let outcome = fetch(&agent, Request::builder("http://b.test/".parse().unwrap())).await;
        assert_eq!(outcome.result.unwrap().body.text().await.unwrap(), "mapped");
        assert!(server.requests()[0].contains("Host: b.test\r\n"));
    })
}

#[test]
fn a_value_that_http_cannot_hold_is_an_error() {
    run(async {
        let server = Server::start([]).await;
        let request = Request::builder(server.url("/")).header("accept", "a\u{1}b");
        // The byte makes the header unsafe, so the preflight is what fails first, for want of an answer; the request that
        // needs no preflight is one of the page's own origin.
        let own = client(&format!("http://{}", server.address)).unwrap();
        let outcome = agent().build().unwrap().fetch(&own, request.build().unwrap(), ()).await;
        let (reason, detail) = trouble(outcome).await;
        assert_eq!(reason, Reason::BrokenHttp);
        assert!(detail.contains("accept") && detail.contains("control byte"), "{detail}");
        assert!(server.requests().is_empty());
    })
}

#[test]
fn a_body_other_than_announced_is_misuse() {
    run(async {
        let server = Server::start([]).await;
        let request = Request::builder(server.url("/")).method("POST").body(3, None).build().unwrap();
        let outcome =
            agent().build().unwrap().fetch(&client("http://page.test").unwrap(), request, "four").await;
        assert_eq!(outcome.reason(), Some(Reason::Misuse));
        assert!(server.requests().is_empty());
    })
}

#[test]
fn cookies_and_passwords_go_where_the_core_includes_credentials() {
    run(async {
        let allowed =
            ["access-control-allow-origin: http://127.0.0.1:1", "access-control-allow-credentials: true"];
        let reply = |line| Reply::Keep(response("200 OK", &[allowed[0], allowed[1], line], b""));
        let server = Server::start([reply("set-cookie: a=b"), reply("x: y"), reply("x: y")]).await;
        let agent = agent().build().unwrap();
        agent.add_password(&server.url("/"), "user", "word");
        // Of one site with the server, so that a cookie without SameSite crosses.
        let client = client("http://127.0.0.1:1").unwrap();
        for credentials in [CredentialsMode::Include, CredentialsMode::Include, CredentialsMode::Omit] {
            let request = Request::builder(server.url("/")).credentials(credentials).build().unwrap();
            let outcome = agent.fetch(&client, request, ()).await;
            assert_eq!(outcome.reason(), None);
        }
        let requests = server.requests();
        let has = |at: usize, line: &str| requests[at].contains(line);
        assert!(!has(0, "Cookie:") && has(0, "Authorization: Basic dXNlcjp3b3Jk\r\n"), "{}", requests[0]);
        assert!(has(1, "Cookie: a=b\r\n") && has(1, "Authorization:"), "{}", requests[1]);
        assert!(!has(2, "Cookie:") && !has(2, "Authorization:"), "{}", requests[2]);
    })
}

#[test]
fn a_program_can_wait() {
    let agent = Agent::builder().build().unwrap();
    let blocking = crossing_agent::BlockingAgent::new(agent).unwrap();
    let request = Request::builder("data:,hello%20there".parse().unwrap()).build().unwrap();
    let outcome = blocking.fetch(&client("https://a.test").unwrap(), request, ());
    let body = outcome.result.unwrap().body;
    assert_eq!(blocking.bytes(body).unwrap(), "hello there");
}
