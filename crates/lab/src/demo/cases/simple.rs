//! Requests that a form could have sent: they need no preflight.

use crossing::server::Grant;

use crate::demo::case::{
    Case, CaseRequest, Chapter, ExpectedExchange, ExpectedResult, HeaderFact, ServerBehavior,
};
use crossing::browser::Mode;

const POST: CaseRequest = CaseRequest { method: "POST", body: Some("a=1"), ..CaseRequest::GET };
const ONE_POST: &[ExpectedExchange] = &[ExpectedExchange::new("POST 200")];

pub(super) const CHAPTER: Chapter = Chapter {
    title: "Simple requests: no preflight",
    cases: &[
        Case { id: "simple-get", title: "GET", promise: "no preflight, readable", ..Case::BASE },
        Case {
            id: "simple-head",
            title: "HEAD",
            promise: "no preflight, readable",
            requests: &[CaseRequest { method: "HEAD", ..CaseRequest::GET }],
            exchanges: &[ExpectedExchange::new("HEAD 200")],
            result: ExpectedResult::Response { line: "200 cors", headers: &[], body: "" },
            ..Case::BASE
        },
        Case {
            id: "simple-post-text",
            title: "POST of text/plain",
            promise: "no preflight, readable",
            requests: &[CaseRequest { headers: &[("content-type", "text/plain")], ..POST }],
            exchanges: ONE_POST,
            ..Case::BASE
        },
        Case {
            id: "simple-post-form",
            title: "POST of application/x-www-form-urlencoded",
            promise: "no preflight, readable",
            requests: &[CaseRequest {
                headers: &[("content-type", "application/x-www-form-urlencoded")],
                ..POST
            }],
            exchanges: ONE_POST,
            ..Case::BASE
        },
        Case {
            id: "simple-post-multipart",
            title: "POST of multipart/form-data",
            promise: "no preflight, readable",
            requests: &[CaseRequest {
                headers: &[("content-type", "multipart/form-data; boundary=x")],
                ..POST
            }],
            exchanges: ONE_POST,
            ..Case::BASE
        },
        Case {
            id: "simple-headers",
            title: "Accept, Accept-Language and Content-Language set by the script",
            promise: "no preflight, and they are sent",
            requests: &[CaseRequest {
                headers: &[("accept", "text/csv"), ("accept-language", "is"), ("content-language", "is")],
                ..CaseRequest::GET
            }],
            exchanges: &[ExpectedExchange {
                line: "GET 200",
                headers: &[
                    ("accept", HeaderFact::Is("text/csv")),
                    ("accept-language", HeaderFact::Is("is")),
                    ("content-language", HeaderFact::Is("is")),
                ],
            }],
            ..Case::BASE
        },
        Case {
            id: "simple-no-cors",
            title: "GET with mode no-cors, as an image asks",
            promise: "sent, and nothing is readable",
            requests: &[CaseRequest { mode: Mode::NoCors, ..CaseRequest::GET }],
            api: ServerBehavior::Grants(|| Grant::new().allow_origins(["*"])),
            exchanges: &[ExpectedExchange { line: "GET 200", headers: &[("origin", HeaderFact::Absent)] }],
            result: ExpectedResult::Response {
                line: "0 opaque",
                headers: &[("content-type", HeaderFact::Absent)],
                body: "",
            },
            ..Case::BASE
        },
    ],
};
