//! Requests that a form could have sent: they leave without a preflight.

use crossing::server::Grant;

use crate::demo::case::{Ask, Case, Chapter, Fact, Seen, Server, Wire};
use crossing::browser::Mode;

const POST: Ask = Ask { method: "POST", body: Some("a=1"), ..Ask::GET };
const SENT_POST: &[Wire] = &[Wire::of("POST 200")];

pub(super) const CHAPTER: Chapter = Chapter {
    title: "Simple requests: no preflight",
    cases: &[
        Case { id: "simple-get", title: "GET", promise: "no preflight, readable", ..Case::BASE },
        Case {
            id: "simple-head",
            title: "HEAD",
            promise: "no preflight, readable",
            asks: &[Ask { method: "HEAD", ..Ask::GET }],
            wire: &[Wire::of("HEAD 200")],
            seen: Seen::Response { line: "200 cors", headers: &[], body: "" },
            ..Case::BASE
        },
        Case {
            id: "simple-post-text",
            title: "POST of text/plain",
            promise: "no preflight, readable",
            asks: &[Ask { headers: &[("content-type", "text/plain")], ..POST }],
            wire: SENT_POST,
            ..Case::BASE
        },
        Case {
            id: "simple-post-form",
            title: "POST of application/x-www-form-urlencoded",
            promise: "no preflight, readable",
            asks: &[Ask { headers: &[("content-type", "application/x-www-form-urlencoded")], ..POST }],
            wire: SENT_POST,
            ..Case::BASE
        },
        Case {
            id: "simple-post-multipart",
            title: "POST of multipart/form-data",
            promise: "no preflight, readable",
            asks: &[Ask { headers: &[("content-type", "multipart/form-data; boundary=x")], ..POST }],
            wire: SENT_POST,
            ..Case::BASE
        },
        Case {
            id: "simple-headers",
            title: "Accept, Accept-Language and Content-Language set by the script",
            promise: "no preflight, and they are sent",
            asks: &[Ask {
                headers: &[("accept", "text/csv"), ("accept-language", "is"), ("content-language", "is")],
                ..Ask::GET
            }],
            wire: &[Wire {
                line: "GET 200",
                headers: &[
                    ("accept", Fact::Is("text/csv")),
                    ("accept-language", Fact::Is("is")),
                    ("content-language", Fact::Is("is")),
                ],
            }],
            ..Case::BASE
        },
        Case {
            id: "simple-no-cors",
            title: "GET with mode no-cors, as an image asks",
            promise: "sent, and nothing is readable",
            asks: &[Ask { mode: Mode::NoCors, ..Ask::GET }],
            api: Server::Grants(|| Grant::new().allow_origins(["*"])),
            wire: &[Wire { line: "GET 200", headers: &[("origin", Fact::Absent)] }],
            seen: Seen::Response { line: "0 opaque", headers: &[("content-type", Fact::Absent)], body: "" },
            ..Case::BASE
        },
    ],
};
