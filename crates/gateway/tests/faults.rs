//! What a client sees when an upstream, a client or the gateway's own life goes wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use support::{POLICY, Peer, Upstream, ask, config, field, gateway, get, in_front_of, status};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

/// A gateway that waits a second for anything.
fn impatient(upstream: &Upstream) -> crossing_gateway::Gateway {
    let limits =
        "[limits]\nheader_timeout = 1\nresponse_timeout = 1\nconnect_timeout = 1\nstall_timeout = 1\n";
    gateway(&format!("{limits}[[route]]\nupstream = 'UPSTREAM'\n{POLICY}"), Some(upstream))
}

#[track_caller]
fn is_own_error(response: &str, code: u16, error: &str) {
    assert_eq!(status(response), code, "{response}");
    assert_eq!(field(response, "access-control-allow-origin"), Some("https://app.test"));
    assert_eq!(field(response, "proxy-status"), Some(&*format!("crossing; error={error}")));
}

#[test]
fn an_upstream_that_does_not_respond_is_a_504() {
    let upstream = Upstream::silent();
    is_own_error(&get(&impatient(&upstream), "/"), 504, "http_response_timeout");
}

#[test]
fn an_upstream_that_sends_no_http_is_a_502() {
    let large = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1 << 20));
    let cases: Vec<(String, &str)> = vec![
        ("garbage\r\n\r\n".into(), "http_protocol_error"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!".into(),
            "http_protocol_error",
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\nhello".into(), "http_protocol_error"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".into(),
            "http_protocol_error",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".into(),
            "http_protocol_error",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".into(),
            "http_protocol_error",
        ),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nhello".into(), "http_protocol_error"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\nhello".into(), "http_protocol_error"),
        (large, "http_protocol_error"),
        ("HTTP/1.1 200 OK\r\ncontent-le".into(), "http_response_incomplete"),
        (String::new(), "http_response_incomplete"),
    ];
    for (bytes, error) in cases {
        let upstream = Upstream::raw(move |peer| {
            peer.head();
            peer.send(&bytes);
        });
        is_own_error(&get(&in_front_of(&upstream), "/"), 502, error);
    }
}

#[test]
fn a_body_that_is_cut_off_never_looks_complete() {
    let sized = Upstream::raw(|peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello");
    });
    let response = get(&in_front_of(&sized), "/");
    assert!(
        field(&response, "content-length") == Some("100") && response.ends_with("\r\n\r\nhello"),
        "{response}"
    );
    let chunked = Upstream::raw(|peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
    });
    let response = get(&in_front_of(&chunked), "/");
    assert!(response.contains("hello") && !response.ends_with("0\r\n\r\n"), "{response}");
}

#[test]
fn a_response_that_stands_still_is_given_up() {
    let upstream = Upstream::raw(|peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello");
        peer.rest();
    });
    let response = get(&impatient(&upstream), "/");
    assert!(status(&response) == 200 && response.ends_with("hello"), "{response}");
}

#[test]
fn a_request_is_sent_again_where_that_does_no_harm() {
    // Each connection answers once and then closes on the next request.
    let upstream = Upstream::raw(|peer| {
        peer.head();
        peer.send(OK);
        peer.head();
    });
    let gateway = in_front_of(&upstream);
    let mut client = Peer::to(gateway.addresses()[0]);
    for _ in 0..5 {
        client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        assert_eq!(status(&client.response().0), 200);
    }
    // Five were answered, and four went over a connection that ended.
    assert_eq!(upstream.count(), 9);
    client.send("POST / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
    is_own_error(&client.rest(), 502, "http_response_incomplete");
    assert_eq!(upstream.count(), 10, "a POST is never sent twice");
}

#[test]
fn ambiguous_requests_never_reach_the_upstream() {
    let upstream = Upstream::fixed(OK);
    let gateway = in_front_of(&upstream);
    let large = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(1 << 20));
    for (request, code) in [
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!", 400),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +5\r\n\r\nhello", 400),
        ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\nhello", 400),
        (
            "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            501,
        ),
        ("POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nconnection: close\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a:b\r\nconnection: close\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: u:p@a\r\nconnection: close\r\n\r\n", 400),
        ("GET http://u:p@a/ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\r\nconnection: close, content-length\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost : a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\r\n x: folded\r\n\r\n", 400),
        ("TRACE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", 405),
        ("nonsense\r\n\r\n", 400),
        (&large, 431),
    ] {
        let response = ask(&gateway, request);
        assert_eq!(status(&response), code, "{}", &request[..request.len().min(200)]);
    }
    assert_eq!(upstream.count(), 0);
}

#[test]
fn a_request_with_both_lengths_goes_on_with_one() {
    let upstream = Upstream::raw(|peer| {
        while peer.head().is_some() {
            peer.exactly("5\r\nhello\r\n0\r\n\r\n".len());
            peer.send(OK);
        }
    });
    let gateway = in_front_of(&upstream);
    let body = "5\r\nhello\r\n0\r\n\r\n";
    for lines in
        ["content-length: 3\r\ntransfer-encoding: chunked", "transfer-encoding: chunked\r\ncontent-length: 3"]
    {
        let response = ask(
            &gateway,
            &format!("POST / HTTP/1.1\r\nhost: a\r\n{lines}\r\nconnection: close\r\n\r\n{body}"),
        );
        assert_eq!(status(&response), 200);
        let head = upstream.last_head();
        assert_eq!(
            (field(&head, "content-length"), field(&head, "transfer-encoding")),
            (None, Some("chunked"))
        );
    }
    assert_eq!(upstream.count(), 2);
}

#[test]
fn slow_clients_are_let_go() {
    let upstream = Upstream::silent();
    let gateway = impatient(&upstream);
    let mut head = Peer::to(gateway.addresses()[0]);
    head.send("GET / HTTP/1.1\r\nho");
    assert_eq!(head.rest(), "", "a head that never ends");
    let mut idle = Peer::to(gateway.addresses()[0]);
    assert_eq!(idle.rest(), "", "a connection that asks nothing");
    let mut body = Peer::to(gateway.addresses()[0]);
    body.send("POST / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\ncontent-length: 9\r\n\r\nhell");
    is_own_error(&body.response().0, 408, "http_request_timeout");
}

#[test]
fn a_client_that_takes_nothing_is_let_go() {
    let ended = std::sync::Arc::new(AtomicBool::new(false));
    let upstream = {
        let ended = ended.clone();
        Upstream::raw(move |peer| {
            peer.head();
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n");
            while peer.send(vec![b'x'; 1 << 16]) {}
            ended.store(true, SeqCst);
        })
    };
    let gateway = impatient(&upstream);
    let mut client = Peer::to(gateway.addresses()[0]);
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    wait_until("the upstream is rid of the request", || ended.load(SeqCst));
}

#[test]
fn a_half_closed_client_gets_its_answer() {
    let gateway = in_front_of(&Upstream::fixed(OK));
    let mut client = Peer::to(gateway.addresses()[0]);
    client.send("GET / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\n\r\n");
    client.stream.shutdown(Shutdown::Write).unwrap();
    let response = client.rest();
    assert!(status(&response) == 200 && response.ends_with("hello"), "{response}");
}

#[test]
fn a_chunked_body_over_the_limit_is_a_413() {
    let upstream = Upstream::silent();
    let gateway = gateway(
        &format!("[limits]\nbody_bytes = 4\n[[route]]\nupstream = 'UPSTREAM'\n{POLICY}"),
        Some(&upstream),
    );
    let response = ask(
        &gateway,
        "POST / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    );
    is_own_error(&response, 413, "http_request_body_size");
}

#[test]
fn a_length_over_the_limit_is_a_413_likewise() {
    let upstream = Upstream::fixed(OK);
    let file = format!("[limits]\nbody_bytes = 4\n[[route]]\nupstream = 'UPSTREAM'\n{POLICY}");
    let gateway = gateway(&file, Some(&upstream));
    let response = ask(
        &gateway,
        "POST / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
    );
    is_own_error(&response, 413, "http_request_body_size");
    assert_eq!(upstream.count(), 0);
}

/// Nothing else ends the wait before the test's patience does.
#[test]
fn a_clients_body_that_stands_still_has_no_more_time_than_that() {
    let upstream = Upstream::silent();
    let limits = "[limits]\nresponse_timeout = 600\nstall_timeout = 1\n";
    let gateway = gateway(&format!("{limits}[[route]]\nupstream = 'UPSTREAM'\n{POLICY}"), Some(&upstream));
    let mut client = Peer::to(gateway.addresses()[0]);
    client.send("POST / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhe");
    is_own_error(&client.rest(), 408, "http_request_timeout");
}

#[test]
fn a_length_that_is_said_again_is_said_once() {
    for said in ["content-length: 5, 5", "content-length: 5\r\ncontent-length: 5"] {
        let upstream = Upstream::raw(move |peer| {
            peer.head();
            peer.send(format!("HTTP/1.1 200 OK\r\n{said}\r\n\r\nhello"));
        });
        let response = get(&in_front_of(&upstream), "/");
        assert!(status(&response) == 200 && response.ends_with("hello"), "{response}");
        assert_eq!(response.matches("content-length: 5\r\n").count(), 1, "{response}");
    }
}

#[test]
fn a_flood_of_preflights_is_answered_one_by_one() {
    let upstream = Upstream::fixed(OK);
    let gateway = in_front_of(&upstream);
    let preflight = "OPTIONS / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\naccess-control-request-method: PUT\r\n\r\n";
    let mut client = Peer::to(gateway.addresses()[0]);
    let mut writer = client.stream.try_clone().unwrap();
    std::thread::spawn(move || {
        std::io::Write::write_all(&mut writer, preflight.repeat(20_000).as_bytes()).unwrap()
    });
    for _ in 0..20_000 {
        assert_eq!(status(&client.response().0), 200);
    }
    assert_eq!(upstream.count(), 0);
}

#[test]
fn no_request_is_lost_or_served_by_half_a_file_while_it_is_reloaded() {
    let upstream = Upstream::fixed(OK);
    let file = |origin: &str| {
        format!(
            "[[route]]\nupstream = 'UPSTREAM'\n[[route.grant]]\nallow_origins = ['https://{origin}.test']\nexpose_headers = ['x-{origin}']\n"
        )
    };
    let gateway = gateway(&file("a"), Some(&upstream));
    let files = [config(&file("b"), Some(&upstream)), config(&file("a"), Some(&upstream))];
    let (done, served) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = Peer::to(gateway.addresses()[0]);
                while !done.load(SeqCst) {
                    client.send("GET / HTTP/1.1\r\nhost: a\r\norigin: https://a.test\r\n\r\n");
                    let (head, body) = client.response();
                    assert_eq!((status(&head), &*body), (200, "hello"));
                    let shared = field(&head, "access-control-allow-origin").is_some();
                    assert_eq!(shared, field(&head, "access-control-expose-headers") == Some("x-a"));
                    served.fetch_add(1, SeqCst);
                }
            });
        }
        for nth in 0..200 {
            gateway.reload(&files[nth % 2]).unwrap();
            let before = served.load(SeqCst);
            wait_until("requests go on", || served.load(SeqCst) > before);
        }
        done.store(true, SeqCst);
    });
    assert_eq!(upstream.count(), served.load(SeqCst));
}

#[test]
fn a_body_that_nobody_wants_does_not_keep_the_gateway_from_stopping() {
    let upstream = Upstream::fixed(OK);
    let file =
        format!("[limits]\nbody_bytes = 4\nshutdown_timeout = 1\n[[route]]\nupstream = 'UPSTREAM'\n{POLICY}");
    let gateway = gateway(&file, Some(&upstream));
    let mut clients: Vec<Peer> = (0..8).map(|_| Peer::to(gateway.addresses()[0])).collect();
    for client in &mut clients {
        client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nhello");
        assert_eq!(status(&client.response().0), 413);
    }
    gateway.stop();
    assert!(clients.iter_mut().all(|client| client.rest().is_empty()));
}

#[test]
fn every_request_that_was_taken_is_answered_when_the_gateway_stops() {
    let upstream = Upstream::raw(|peer| {
        while peer.head().is_some() {
            std::thread::sleep(Duration::from_millis(20));
            peer.send(OK);
        }
    });
    let gateway = in_front_of(&upstream);
    let address = gateway.addresses()[0];
    let (answered, not_taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // Each over a connection of its own, until nobody listens any more.
                while let Ok(stream) = std::net::TcpStream::connect(address) {
                    let mut client = Peer::new(stream);
                    client.send(
                        "GET / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\nconnection: close\r\n\r\n",
                    );
                    let response = client.rest();
                    if response.is_empty() {
                        // The system lets connections in that nobody will accept any more.
                        not_taken.fetch_add(1, SeqCst);
                        return;
                    }
                    assert!(response.ends_with("hello"), "{response:?}");
                    answered.fetch_add(1, SeqCst);
                }
            });
        }
        wait_until("there is load", || answered.load(SeqCst) > 50);
        gateway.stop();
    });
    assert_eq!(upstream.count(), answered.load(SeqCst));
    assert!(not_taken.load(SeqCst) <= 8);
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !condition() {
        assert!(began.elapsed() < support::PATIENCE, "{what}: not within {:?}", support::PATIENCE);
        std::thread::sleep(Duration::from_millis(1));
    }
}
