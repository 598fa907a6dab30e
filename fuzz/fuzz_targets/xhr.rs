//! Any calls of a script and of the network, in any order: the states and the events stay in order.
#![no_main]

use std::time::Duration;

use crossing::Time;
use crossing::browser::xhr::{
    Action, Global, Open, ResponseType, State, Timing, UploadListeners, Xhr, XhrBody, XhrBodyKind,
};
use crossing::browser::{BodyAccess, Response, ResponseType as FilteredType};
use crossing::headers::Value;
use crossing_fuzz::Pieces;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut pieces = Pieces::new(bytes);
    let mut xhr = Xhr::new(pieces.one_of([Global::Window, Global::Worker]));
    let mut now = Time::from_secs(1);
    // What the network may tell at this moment: nothing, a head, or a body.
    let (mut running, mut readable) = (false, false);
    while !pieces.is_empty() {
        now = now + Duration::from_millis(7);
        match pieces.byte() % 16 {
            0 | 1 => {
                let timing = pieces.one_of([Timing::Asynchronous, Timing::Asynchronous, Timing::Synchronous]);
                let open = Open { timing, ..Open::default() };
                if xhr
                    .open(&pieces.text(), &pieces.text(), "https://a.test/".parse().ok().as_ref(), open)
                    .is_ok()
                {
                    (running, readable) = (false, false);
                }
            }
            2 => _ = xhr.set_request_header(&pieces.text(), pieces.line()),
            3 | 4 => {
                let body = (pieces.byte() > 100).then(|| XhrBody {
                    length: 4,
                    content_type: Value::new(pieces.line()).ok(),
                    kind: XhrBodyKind::Text,
                });
                let listeners = pieces.one_of([UploadListeners::None, UploadListeners::Some]);
                let _ = xhr.send(body, listeners, now);
            }
            5 => {
                xhr.abort();
                (running, readable) = (false, false);
            }
            6 => _ = xhr.set_with_credentials(pieces.byte() > 100),
            7 => {
                _ = xhr.set_response_type(pieces.one_of([
                    ResponseType::Json,
                    ResponseType::Default,
                    ResponseType::Text,
                ]))
            }
            8 => _ = xhr.override_mime_type(&pieces.text()),
            9 => _ = xhr.set_timeout(Duration::from_millis(pieces.byte().into())),
            10 if running && !readable => {
                xhr.responded(Response {
                    kind: FilteredType::Cors,
                    status: 200,
                    status_text: Vec::new(),
                    headers: pieces.headers(&["content-type", "content-length"], 3),
                    url_list: vec!["https://b.test/#f".parse().expect("a URL")],
                    body: BodyAccess::Readable,
                    timing_allowed: false,
                });
                readable = true;
            }
            11 if readable => xhr.body_bytes(pieces.line(), now),
            12 if readable => {
                xhr.body_ended();
                (running, readable) = (false, false);
            }
            13 if running => {
                xhr.failed();
                (running, readable) = (false, false);
            }
            14 if running => {
                xhr.timed_out();
                (running, readable) = (false, false);
            }
            15 if running => xhr.request_bytes_sent(pieces.byte().into(), now),
            _ => {}
        }
        for turn in 0.. {
            assert!(turn < 100, "it does not end");
            match xhr.poll() {
                None => break,
                Some(Action::Fetch(_) | Action::FetchAndWait(_)) => running = true,
                Some(Action::Cancel) => (running, readable) = (false, false),
                Some(Action::Dispatch(_)) => {}
            }
        }
        let _ = (xhr.response_text(), xhr.all_response_headers(), xhr.json_text(), xhr.final_mime_type());
        if xhr.ready_state() < State::HeadersReceived {
            assert_eq!(xhr.status(), 0);
        }
    }
});
