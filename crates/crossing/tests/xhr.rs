//! `XMLHttpRequest` on a virtual clock: what a script would hear, in order.
#![cfg(feature = "xhr")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use crossing::browser::xhr::{
    Action, EventKind, Global, Open, Outcome, ResponseType, State, Timing, UploadListeners, Xhr, XhrBody,
    XhrBodyKind, XhrError,
};
use crossing::browser::{BodyAccess, CredentialsMode, Request, Response, ResponseType as FilteredType};
use crossing::{HeaderList, Time, Value};

const NOW: Time = Time::from_secs(100);

fn after(ms: u64) -> Time {
    NOW + Duration::from_millis(ms)
}

fn opened(method: &str) -> Xhr {
    let mut xhr = Xhr::new(Global::Worker);
    xhr.open(method, "https://b.test/x#f", None, Open::default()).unwrap();
    assert_eq!(heard(&mut xhr), ["readystatechange 1"]);
    xhr
}

/// Drives a call to its end: what was heard, and what was to be done.
fn heard(xhr: &mut Xhr) -> Vec<String> {
    let mut log = Vec::new();
    while let Some(action) = xhr.poll() {
        log.push(match action {
            Action::Dispatch(event) if event.kind == EventKind::ReadyStateChange => {
                format!("readystatechange {}", xhr.ready_state() as u8)
            }
            Action::Dispatch(event) => format!("{event} {}/{}", event.loaded, event.total),
            Action::Fetch(_) => "fetch".into(),
            Action::FetchAndWait(_) => "fetch and wait".into(),
            Action::Cancel => "cancel".into(),
        });
    }
    log
}

fn response(headers: &[(&str, &str)], body: BodyAccess) -> Response {
    let headers: HeaderList =
        headers.iter().map(|(n, v)| (n.parse().unwrap(), Value::new(v).unwrap())).collect();
    Response {
        kind: FilteredType::Cors,
        status: 200,
        status_text: b"OK".to_vec(),
        headers,
        url_list: vec!["https://b.test/x#f".parse().unwrap()],
        body,
        timing_allowed: false,
    }
}

fn body(text: &str) -> Option<XhrBody> {
    let content_type = Some(Value::from_static("text/plain;charset=UTF-8"));
    Some(XhrBody { length: text.len() as u64, content_type, kind: XhrBodyKind::Text })
}

fn sent(xhr: &mut Xhr, body: Option<XhrBody>, listeners: UploadListeners) -> Request {
    xhr.send(body, listeners, NOW).unwrap();
    while let Some(action) = xhr.poll() {
        if let Action::Fetch(request) = action {
            assert!(xhr.poll().is_none());
            return *request;
        }
    }
    panic!("no fetch");
}

#[test]
fn a_get_from_beginning_to_end() {
    let mut xhr = opened("get");
    xhr.send(None, UploadListeners::None, NOW).unwrap();
    assert_eq!(heard(&mut xhr), ["loadstart 0/0", "fetch"]);
    xhr.responded(response(&[("content-length", "4")], BodyAccess::Readable));
    assert_eq!(heard(&mut xhr), ["readystatechange 2"]);
    xhr.body_bytes(b"ab", after(1));
    assert_eq!(heard(&mut xhr), ["readystatechange 3", "progress 2/4"]);
    xhr.body_bytes(b"c", after(2));
    assert_eq!(heard(&mut xhr), [""; 0], "too early for another progress event");
    xhr.body_bytes(b"d", after(60));
    assert_eq!(heard(&mut xhr), ["readystatechange 3", "progress 4/4"]);
    assert_eq!(xhr.response_text().unwrap(), "abcd");
    xhr.body_ended();
    assert_eq!(heard(&mut xhr), ["readystatechange 4", "load 4/4", "loadend 4/4"], "4 was told already");
    assert_eq!(
        (xhr.status(), xhr.status_text(), xhr.response_url().as_str()),
        (200, &b"OK"[..], "https://b.test/x")
    );
}

#[test]
fn the_length_of_coded_bytes_is_no_total() {
    let mut xhr = opened("GET");
    xhr.send(None, UploadListeners::None, NOW).unwrap();
    heard(&mut xhr);
    xhr.responded(response(&[("content-length", "2"), ("content-encoding", "gzip")], BodyAccess::Readable));
    heard(&mut xhr);
    xhr.body_bytes(b"abcd", after(1));
    assert_eq!(heard(&mut xhr), ["readystatechange 3", "progress 4/0"]);
}

#[test]
fn a_joined_header_keeps_the_space_at_its_end() {
    let mut xhr = opened("GET");
    for value in [&b"a"[..], b""] {
        xhr.set_request_header("x-a", value).unwrap();
    }
    xhr.send(None, UploadListeners::None, NOW).unwrap();
    let sent = std::iter::from_fn(|| xhr.poll()).find_map(|action| match action {
        Action::Fetch(request) => request.headers().get(&"x-a".parse().unwrap()),
        _ => None,
    });
    assert_eq!(sent.unwrap().as_bytes(), b"a, ");
}

#[test]
fn an_upload_with_a_listener_forces_a_preflight_and_tells_of_its_progress() {
    let mut xhr = opened("POST");
    xhr.send(body("abcd"), UploadListeners::Some, NOW).unwrap();
    assert_eq!(heard(&mut xhr), ["loadstart 0/0", "upload loadstart 0/4", "fetch"]);
    xhr.request_bytes_sent(1, after(49));
    assert_eq!(heard(&mut xhr), [""; 0], "within the first interval");
    xhr.request_bytes_sent(1, after(50));
    assert_eq!(heard(&mut xhr), ["upload progress 2/4"]);
    xhr.request_bytes_sent(1, after(99));
    assert_eq!(heard(&mut xhr), [""; 0], "within the next");
    xhr.request_bytes_sent(1, after(100));
    assert_eq!(heard(&mut xhr), [""; 0], "the last bytes are told of with the end");
    xhr.request_body_sent();
    assert_eq!(heard(&mut xhr), ["upload progress 4/4", "upload load 4/4", "upload loadend 4/4"]);
    xhr.request_bytes_sent(4, after(200));
    assert_eq!(heard(&mut xhr), [""; 0], "a redirect sends the body again");
    xhr.responded(response(&[], BodyAccess::Null));
    let end = ["readystatechange 2", "progress 0/0", "readystatechange 4", "load 0/0", "loadend 0/0"];
    assert_eq!(heard(&mut xhr), end);
}

#[test]
fn without_a_listener_the_upload_is_silent() {
    let mut xhr = opened("POST");
    xhr.send(body("abcd"), UploadListeners::None, NOW).unwrap();
    assert_eq!(heard(&mut xhr), ["loadstart 0/0", "fetch"]);
    xhr.request_body_sent();
    assert_eq!(heard(&mut xhr), [""; 0]);
    xhr.failed();
    assert_eq!(heard(&mut xhr), ["readystatechange 4", "error 0/0", "loadend 0/0"]);
    assert_eq!((xhr.status(), xhr.response_url()), (0, String::new()));
}

#[test]
fn abort_tells_the_upload_first_and_ends_unsent() {
    let mut xhr = opened("POST");
    sent(&mut xhr, body("abcd"), UploadListeners::Some);
    xhr.abort();
    assert_eq!(
        heard(&mut xhr),
        [
            "cancel",
            "readystatechange 4",
            "upload abort 0/0",
            "upload loadend 0/0",
            "abort 0/0",
            "loadend 0/0"
        ]
    );
    assert_eq!(xhr.ready_state(), State::Unsent);
    xhr.responded(response(&[], BodyAccess::Readable));
    assert_eq!(heard(&mut xhr), [""; 0], "what comes late is not heard");
}

#[test]
fn abort_before_send_and_after_the_end_is_silent() {
    let mut xhr = opened("GET");
    xhr.abort();
    assert_eq!(heard(&mut xhr), [""; 0]);
    assert_eq!(xhr.ready_state(), State::Opened);
    sent(&mut xhr, None, UploadListeners::None);
    xhr.responded(response(&[], BodyAccess::Null));
    heard(&mut xhr);
    assert_eq!(xhr.ready_state(), State::Done);
    xhr.abort();
    assert_eq!(heard(&mut xhr), [""; 0]);
    assert_eq!(xhr.ready_state(), State::Unsent);
}

#[test]
fn a_handler_of_loadstart_may_abort_before_anything_is_sent() {
    let mut xhr = opened("GET");
    xhr.send(None, UploadListeners::None, NOW).unwrap();
    assert!(matches!(xhr.poll(), Some(Action::Dispatch(event)) if event.kind == EventKind::LoadStart));
    xhr.abort();
    assert_eq!(heard(&mut xhr), ["cancel", "readystatechange 4", "abort 0/0", "loadend 0/0"]);
    assert!(xhr.poll().is_none(), "nothing is fetched");
}

#[test]
fn a_handler_of_state_2_may_open_anew() {
    let mut xhr = opened("GET");
    sent(&mut xhr, None, UploadListeners::None);
    xhr.responded(response(&[], BodyAccess::Null));
    assert!(matches!(xhr.poll(), Some(Action::Dispatch(_))));
    xhr.open("GET", "https://c.test/", None, Open::default()).unwrap();
    assert_eq!(heard(&mut xhr), ["cancel", "readystatechange 1"]);
    assert!(xhr.poll().is_none(), "the first fetch goes no further");
    assert_eq!(xhr.ready_state(), State::Opened);
}

#[test]
fn a_timeout_counts_from_the_beginning() {
    let mut xhr = opened("GET");
    sent(&mut xhr, None, UploadListeners::None);
    assert_eq!(xhr.deadline(), None);
    xhr.set_timeout(Duration::from_millis(300)).unwrap();
    assert_eq!(xhr.deadline(), Some(after(300)));
    xhr.timed_out();
    assert_eq!(heard(&mut xhr), ["cancel", "readystatechange 4", "timeout 0/0", "loadend 0/0"]);
}

#[test]
fn a_synchronous_request_waits_and_throws() {
    let open = || Open { timing: Timing::Synchronous, ..Open::default() };
    let mut xhr = Xhr::new(Global::Worker);
    xhr.open("GET", "https://b.test/", None, open()).unwrap();
    heard(&mut xhr);
    xhr.send(None, UploadListeners::None, NOW).unwrap();
    assert_eq!(heard(&mut xhr), ["fetch and wait"]);
    let answer = Box::new(response(&[], BodyAccess::Readable));
    xhr.complete(Outcome::Response(answer, b"ok".to_vec())).unwrap();
    assert_eq!(heard(&mut xhr), ["readystatechange 4", "load 2/0", "loadend 2/0"]);
    assert_eq!(xhr.response_text().unwrap(), "ok");

    xhr.open("GET", "https://b.test/", None, open()).unwrap();
    heard(&mut xhr);
    xhr.send(None, UploadListeners::None, NOW).unwrap();
    heard(&mut xhr);
    assert_eq!(xhr.complete(Outcome::Failed), Err(XhrError::Network));
    assert_eq!(heard(&mut xhr), [""; 0]);
    assert_eq!(xhr.ready_state(), State::Done);

    let mut window = Xhr::new(Global::Window);
    window.set_response_type(ResponseType::Json).unwrap();
    assert_eq!(window.open("GET", "https://b.test/", None, open()), Err(XhrError::InvalidAccess));
}

#[test]
fn the_request_is_what_the_script_asked_for() {
    let mut xhr = opened("put");
    xhr.set_request_header("X-A", b" one ").unwrap();
    xhr.set_request_header("x-a", b"two").unwrap();
    xhr.set_request_header("Origin", b"https://evil.test").unwrap();
    xhr.set_with_credentials(true).unwrap();
    let request = sent(&mut xhr, body("abcd"), UploadListeners::None);
    assert_eq!((request.method().as_str(), request.credentials()), ("PUT", CredentialsMode::Include));
    let lines: Vec<_> = request.headers().iter().map(|(n, v)| format!("{n}: {}", v.to_text())).collect();
    assert_eq!(lines, ["x-a: one, two", "content-type: text/plain;charset=UTF-8"]);
    assert_eq!(xhr.set_request_header("x-b", b"1"), Err(XhrError::InvalidState));
    assert_eq!(xhr.set_with_credentials(false), Err(XhrError::InvalidState));
}

#[test]
fn a_wrong_charset_of_a_text_is_mended_and_nothing_else() {
    for (own, kind, expected) in [
        ("text/x;charset=gbk;a=b", XhrBodyKind::Text, "text/x;charset=UTF-8;a=b"),
        ("text/x; charset=utf-8; a=b", XhrBodyKind::Text, "text/x; charset=utf-8; a=b"),
        ("text/x;charset=gbk", XhrBodyKind::Bytes, "text/x;charset=gbk"),
        ("application/json", XhrBodyKind::Text, "application/json"),
        ("no type", XhrBodyKind::Text, "no type"),
    ] {
        let mut xhr = opened("POST");
        xhr.set_request_header("content-type", own.as_bytes()).unwrap();
        let sent = sent(&mut xhr, Some(XhrBody { kind, ..body("a").unwrap() }), UploadListeners::None);
        let got = sent.headers().get(&"content-type".parse().unwrap()).unwrap().to_text();
        assert_eq!(got, expected, "{own} {kind:?}");
    }
}

#[test]
fn a_get_has_no_body_and_no_type() {
    let mut xhr = opened("GET");
    let request = sent(&mut xhr, body("abcd"), UploadListeners::None);
    assert!(request.headers().is_empty());
}

#[test]
fn open_throws_in_the_standards_order() {
    let mut xhr = Xhr::new(Global::Worker);
    let mut open = |method: &str, url: &str| xhr.open(method, url, None, Open::default());
    assert_eq!(open("G T", "::"), Err(XhrError::Syntax));
    assert_eq!(open("trace", "::"), Err(XhrError::Security));
    assert_eq!(open("GET", "::"), Err(XhrError::Syntax));
    assert_eq!(xhr.send(None, UploadListeners::None, NOW), Err(XhrError::InvalidState));
}

#[test]
fn header_lines_are_sorted_as_upper_case() {
    let mut xhr = opened("GET");
    sent(&mut xhr, None, UploadListeners::None);
    let headers = [("x_b", "1"), ("xa", "2"), ("xz", "3"), ("XA", "4")];
    xhr.responded(response(&headers, BodyAccess::Readable));
    heard(&mut xhr);
    assert_eq!(xhr.all_response_headers(), b"xa: 2, 4\r\nxz: 3\r\nx_b: 1\r\n");
    assert_eq!(xhr.response_header("XA").unwrap(), b"2, 4");
    assert_eq!(xhr.response_header("set-cookie"), None);
}

#[test]
fn texts_are_decoded_by_label_override_mark_and_declaration() {
    let text = |content_type: &str, over: Option<&str>, bytes: &[u8]| {
        let mut xhr = opened("GET");
        if let Some(mime) = over {
            xhr.override_mime_type(mime).unwrap();
        }
        sent(&mut xhr, None, UploadListeners::None);
        xhr.responded(response(&[("content-type", content_type)], BodyAccess::Readable));
        xhr.body_bytes(bytes, NOW);
        xhr.body_ended();
        heard(&mut xhr);
        while xhr.poll().is_some() || xhr.ready_state() != State::Done {}
        xhr.response_text().unwrap()
    };
    assert_eq!(text("text/plain", None, "é".as_bytes()), "é");
    assert_eq!(text("text/plain;charset=latin1", None, b"\xe9"), "é");
    assert_eq!(text("text/plain", Some("text/plain;charset=latin1"), b"\xe9"), "é");
    assert_eq!(text("text/plain;charset=latin1", None, b"\xef\xbb\xbf\xc3\xa9"), "é");
    assert_eq!(
        text("text/xml", None, b"<?xml version='1.0' encoding='latin1'?>\xe9").chars().last(),
        Some('é')
    );
    assert_eq!(text("text/plain", None, b"\xff"), "\u{fffd}");
}

#[test]
fn attributes_are_guarded_by_the_state() {
    let mut xhr = opened("GET");
    xhr.set_response_type(ResponseType::Document).unwrap();
    assert_eq!(xhr.response_type(), ResponseType::Default, "ignored outside of a window");
    xhr.set_response_type(ResponseType::ArrayBuffer).unwrap();
    assert_eq!(xhr.response_text(), Err(XhrError::InvalidState));
    sent(&mut xhr, None, UploadListeners::None);
    xhr.responded(response(&[], BodyAccess::Readable));
    heard(&mut xhr);
    xhr.body_bytes(b"a", NOW);
    heard(&mut xhr);
    assert_eq!(xhr.set_response_type(ResponseType::Text), Err(XhrError::InvalidState));
    assert_eq!(xhr.override_mime_type("text/plain"), Err(XhrError::InvalidState));
}
