//! What goes through a gateway, and what does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{POLICY, Peer, Upstream, ask, field, gateway, get, in_front_of, status};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-id: 7\r\n\r\nhello";

#[test]
fn a_response_passes_with_the_headers_that_the_policy_gives_it() {
    let upstream = Upstream::fixed(
        "HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\naccess-control-allow-origin: *\r\n\r\nhello",
    );
    let response = get(&in_front_of(&upstream), "/x?q=1");
    assert_eq!(status(&response), 404);
    assert_eq!(field(&response, "access-control-allow-origin"), Some("https://app.test"));
    assert_eq!(field(&response, "access-control-expose-headers"), Some("x-id"));
    assert_eq!(field(&response, "vary"), Some("Origin"));
    assert!(response.ends_with("\r\n\r\nhello"), "{response}");
    assert!(upstream.last_head().starts_with("GET /x?q=1 HTTP/1.1\r\n"));
}

#[test]
fn a_preflight_is_answered_and_never_reaches_the_upstream() {
    let upstream = Upstream::fixed(OK);
    let gateway = in_front_of(&upstream);
    let preflight = |method: &str| {
        ask(
            &gateway,
            &format!(
                "OPTIONS / HTTP/1.1\r\nhost: api.test\r\norigin: https://app.test\r\naccess-control-request-method: {method}\r\nconnection: close\r\n\r\n"
            ),
        )
    };
    let granted = preflight("PUT");
    assert_eq!((status(&granted), field(&granted, "access-control-allow-methods")), (200, Some("PUT")));
    let refused = preflight("DELETE");
    assert_eq!((status(&refused), field(&refused, "access-control-allow-origin")), (403, None));
    assert_eq!(upstream.count(), 0);
    ask(&gateway, "OPTIONS / HTTP/1.1\r\nhost: api.test\r\nconnection: close\r\n\r\n");
    assert_eq!(upstream.count(), 1, "an OPTIONS that is no preflight is the application's");
}

#[test]
fn preflights_are_forwarded_where_that_is_asked_for() {
    let upstream =
        Upstream::fixed("HTTP/1.1 204 No Content\r\naccess-control-allow-origin: https://its.own\r\n\r\n");
    let file = format!("[[route]]\nupstream = 'UPSTREAM'\nforward_preflights = true\n{POLICY}");
    let response = ask(
        &gateway(&file, Some(&upstream)),
        "OPTIONS / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\naccess-control-request-method: PUT\r\nconnection: close\r\n\r\n",
    );
    assert_eq!(
        (status(&response), field(&response, "access-control-allow-origin")),
        (204, Some("https://its.own"))
    );
}

#[test]
fn the_gateways_own_errors_have_cors_headers() {
    let dead = Upstream::fixed(OK).address; // a port that was free a moment ago
    let file = format!("[limits]\nbody_bytes = 4\n[[route]]\nupstream = 'http://127.0.0.1:1'\n{POLICY}");
    let gateway = gateway(&file, None);
    let _ = dead;
    let response = get(&gateway, "/");
    assert_eq!(status(&response), 502);
    assert_eq!(field(&response, "access-control-allow-origin"), Some("https://app.test"));
    assert_eq!(field(&response, "proxy-status"), Some("crossing; error=connection_refused"));
    let large = ask(
        &gateway,
        "POST / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello",
    );
    assert_eq!(status(&large), 413);
    assert_eq!(field(&large, "access-control-allow-origin"), Some("https://app.test"));
    let dotted = get(&gateway, "/a/../b");
    assert_eq!(
        (status(&dotted), field(&dotted, "access-control-allow-origin")),
        (400, Some("https://app.test"))
    );
}

#[test]
fn what_is_for_one_hop_stays_there_and_the_client_is_named() {
    let upstream = Upstream::fixed(
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: x-hop\r\nx-hop: 1\r\nkeep-alive: timeout=5\r\n\r\n",
    );
    let response = ask(
        &in_front_of(&upstream),
        "GET / HTTP/1.1\r\nhost: api.test:81\r\nconnection: close, x-secret\r\nx-secret: 1\r\nkeep-alive: 1\r\nte: trailers, gzip\r\nproxy-authorization: x\r\nx-forwarded-for: 6.6.6.6\r\nforwarded: for=6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nx-forwarded_for: 6.6.6.6\r\nX_Forwarded-Proto: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX_Real_IP: 6.6.6.6\r\nX-Forwarded-Port: 6.6.6.6\r\nX_FORWARDED_HOST: 6.6.6.6\r\nX-Forwarded-Ssl: 6.6.6.6\r\nx-forwarded-user: me\r\nx_kept: 1\r\nupgrade: h2c\r\nx-kept: 1\r\n\r\n",
    );
    let head = upstream.last_head();
    for (name, value) in [
        ("host", Some("api.test:81")),
        ("x-secret", None),
        ("keep-alive", None),
        ("te", Some("trailers")),
        ("proxy-authorization", None),
        ("upgrade", None),
        ("x-kept", Some("1")),
        ("x_kept", Some("1")),
        ("x-forwarded-user", Some("me")),
        ("x-forwarded-for", Some("127.0.0.1")),
        ("x-forwarded-host", Some("api.test:81")),
        ("x-forwarded-proto", Some("http")),
        ("forwarded", Some("for=127.0.0.1;host=\"api.test:81\";proto=http")),
        ("via", Some("1.1 crossing")),
    ] {
        assert_eq!(field(&head, name), value, "{name} in\n{head}");
    }
    assert!(!head.contains("6.6.6.6"), "{head}");
    assert_eq!((field(&response, "x-hop"), field(&response, "keep-alive")), (None, None));
}

#[test]
fn connections_to_the_upstream_are_used_again() {
    let upstream = Upstream::fixed(OK);
    let gateway = in_front_of(&upstream);
    let mut client = Peer::to(gateway.addresses()[0]);
    for _ in 0..20 {
        client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        assert_eq!(client.response().1, "hello");
        client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc");
        assert_eq!(client.response().1, "hello");
    }
    assert_eq!(upstream.count(), 40);
    assert!(*upstream.connections.lock().unwrap() <= 2, "{}", upstream.connections.lock().unwrap());
}

#[test]
fn bodies_stream_both_ways_as_they_come() {
    // Each piece is answered before the next is sent: nobody may wait for the end of a body.
    let upstream = Upstream::raw(|peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        for _ in 0..3 {
            let piece = peer.exactly("1\r\nx\r\n".len());
            peer.send(piece);
        }
        peer.exactly("0\r\n\r\n".len());
        peer.send("0\r\n\r\n");
    });
    let gateway = in_front_of(&upstream);
    let mut client = Peer::to(gateway.addresses()[0]);
    client.send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
    assert_eq!(status(&client.head().unwrap()), 200);
    for _ in 0..3 {
        client.send("1\r\nx\r\n");
        assert_eq!(client.exactly(6), b"1\r\nx\r\n");
    }
    client.send("0\r\n\r\n");
    assert_eq!(client.exactly(5), b"0\r\n\r\n");
}

#[test]
fn routes_are_found_by_host_and_path() {
    let (one, two) =
        (Upstream::fixed(OK), Upstream::fixed("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"));
    let file = format!(
        "[[route]]\nhost = 'api.test'\npath = '/v2/'\nupstream = 'UPSTREAM'\n[[route]]\nhost = 'api.test'\nupstream = 'http://{}'\n",
        two.address
    );
    let gateway = gateway(&file, Some(&one));
    assert_eq!(status(&get(&gateway, "/v2/x")), 200);
    assert_eq!(status(&get(&gateway, "/v1/x")), 201);
    assert_eq!(
        status(&ask(&gateway, "GET / HTTP/1.1\r\nhost: API.test:80\r\nconnection: close\r\n\r\n")),
        201
    );
    assert_eq!(
        status(&ask(&gateway, "GET / HTTP/1.1\r\nhost: other.test\r\nconnection: close\r\n\r\n")),
        404
    );
    let absolute =
        ask(&gateway, "GET http://api.test/v2/y HTTP/1.1\r\nhost: other.test\r\nconnection: close\r\n\r\n");
    assert_eq!(status(&absolute), 200);
    assert!(one.last_head().starts_with("GET /v2/y HTTP/1.1\r\n"), "{}", one.last_head());
    assert_eq!(field(&one.last_head(), "host"), Some("api.test"));
}

#[test]
fn a_websocket_that_both_ends_want_passes_untouched() {
    let upstream = Upstream::raw(|peer| {
        peer.head();
        peer.send("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n");
        let said = peer.exactly(4);
        peer.send(said);
        peer.send("bye");
    });
    let gateway = in_front_of(&upstream);
    let mut client = Peer::to(gateway.addresses()[0]);
    client.send("GET / HTTP/1.1\r\nhost: a\r\norigin: https://app.test\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\nping");
    let head = client.head().unwrap();
    assert_eq!((status(&head), field(&head, "upgrade")), (101, Some("websocket")));
    assert_eq!(field(&upstream.last_head(), "connection"), Some("upgrade"));
    assert_eq!(client.rest(), "pingbye");
}

#[test]
fn no_protocol_passes_but_the_one_that_was_asked_for() {
    // An upstream that agrees to whatever it is asked for, and else to what the path says.
    let upstream = Upstream::raw(|peer| {
        while let Some(head) = peer.head() {
            let path = head.split(' ').nth(1).unwrap();
            let protocol = field(&head, "upgrade").unwrap_or(path.trim_matches('/'));
            let switching = if protocol.is_empty() { "200 OK" } else { "101 Switching Protocols" };
            peer.send(format!(
                "HTTP/1.1 {switching}\r\ncontent-length: 0\r\nconnection: upgrade\r\nupgrade: {protocol}\r\n\r\n"
            ));
            if !protocol.is_empty() {
                return;
            }
        }
    });
    let gateway = in_front_of(&upstream);
    let upgrade = |method: &str, path: &str, protocol: &str| {
        ask(
            &gateway,
            &format!(
                "{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close, upgrade, http2-settings\r\nupgrade: {protocol}\r\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
            ),
        )
    };
    for (method, protocol) in [("GET", "h2c"), ("GET", "foo"), ("GET", "h2c, foo/1"), ("POST", "websocket")] {
        let response = upgrade(method, "/", protocol);
        assert_eq!((status(&response), field(&response, "upgrade")), (200, None), "{method} {protocol}");
        for name in ["upgrade", "connection", "http2-settings"] {
            assert_eq!(field(&upstream.last_head(), name), None, "{name}");
        }
    }
    for (path, protocol) in [("/websocket", "foo"), ("/foo", "h2c"), ("/websocket", "h2c")] {
        let response = upgrade("GET", path, protocol);
        assert_eq!(status(&response), 502, "{path} {protocol}");
        assert_eq!(field(&response, "proxy-status"), Some("crossing; error=http_upgrade_failed"));
    }
    // Of several, the one that is known is asked for.
    upgrade("GET", "/", "h2c, WebSocket");
    assert_eq!(field(&upstream.last_head(), "upgrade"), Some("websocket"));
    assert_eq!(field(&upstream.last_head(), "connection"), Some("upgrade"));
    let other =
        Upstream::fixed("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n");
    let gateway = in_front_of(&other);
    let asks = "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n";
    assert_eq!(status(&ask(&gateway, asks)), 502);
}

#[test]
fn no_spelling_of_a_path_leads_past_its_routes_policy() {
    let upstream = Upstream::fixed(OK);
    let file = format!(
        "[[route]]\npath = '/api/'\nupstream = 'UPSTREAM'\n{POLICY}[[route]]\npath = '/api/admin/'\nupstream = 'UPSTREAM'\nenforcement = 'on'\n[[route.grant]]\nallow_origins = ['https://admin.test']\n"
    );
    let gateway = gateway(&file, Some(&upstream));
    assert_eq!(status(&get(&gateway, "/api/admin/s.txt")), 403);
    for path in [
        "/api/%61dmin/s.txt",
        "/api//admin/s.txt",
        "/api/Admin/s.txt",
        "/api/admin%2fs.txt",
        "/api/x%2f..%2fadmin/s.txt",
        "/api/x/%2e%2e%2fadmin/s.txt",
        "/api/x/..;/admin/s.txt",
        "/api/x/%2e%2e%5cadmin/s.txt",
        "/api/admin;x/s.txt",
    ] {
        assert_eq!(status(&get(&gateway, path)), 400, "{path}");
    }
    assert_eq!(upstream.count(), 0);
    // What is odd but leads nowhere else goes there as it came.
    let path = "/api/group%2Fproject//x;y=1?a=%2e%2e/%61dmin";
    assert_eq!(status(&get(&gateway, path)), 200);
    assert!(upstream.last_head().starts_with(&format!("GET {path} HTTP/1.1\r\n")));
}

#[test]
fn a_body_without_a_length_arrives_whatever_the_method() {
    let upstream = Upstream::raw(|peer| {
        while let Some(head) = peer.head() {
            assert_eq!(field(&head, "transfer-encoding"), Some("chunked"), "{head}");
            assert_eq!(peer.exactly(12), b"2\r\n{}\r\n0\r\n\r\n");
            peer.send(OK);
        }
    });
    let gateway = in_front_of(&upstream);
    for method in ["GET", "DELETE", "OPTIONS", "POST", "QUERY"] {
        let response = ask(
            &gateway,
            &format!(
                "{method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
            ),
        );
        assert_eq!(status(&response), 200, "{method}");
    }
}
