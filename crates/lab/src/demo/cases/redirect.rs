//! Redirects: every hop must pass the CORS check, and a third origin receives `Origin: null`.

use crossing::Reason;
use crossing::browser::RedirectMode;
use crossing::server::Grant;

use crate::demo::case::{
    APP, Case, CaseRequest, Chapter, ExpectedExchange, ExpectedResult, FixedResponse, HeaderFact,
    ServerBehavior,
};

/// Redirects every request to the third origin.
const REDIRECTS_TO_CDN: ServerBehavior = ServerBehavior::Fixed(
    FixedResponse::ok(&[
        ("access-control-allow-origin", APP),
        ("access-control-allow-headers", "authorization"),
    ]),
    FixedResponse {
        status: 302,
        headers: &[("access-control-allow-origin", APP), ("location", "http://cdn.other.test/hello")],
    },
);

pub(super) const CHAPTER: Chapter = Chapter {
    title: "Redirects",
    cases: &[
        Case {
            id: "redirect-third-origin",
            title: "The server redirects to a third origin, which shares with *",
            promise: "Origin is null there; readable",
            api: REDIRECTS_TO_CDN,
            cdn: ServerBehavior::Grants(|| Grant::new().allow_origins(["*"])),
            exchanges: &[
                ExpectedExchange { line: "GET 302", headers: &[("origin", HeaderFact::Is(APP))] },
                ExpectedExchange { line: "GET 200", headers: &[("origin", HeaderFact::Is("null"))] },
            ],
            ..Case::BASE
        },
        Case {
            id: "redirect-third-origin-exact",
            title: "The third origin shares with the page by name",
            promise: "null was asking: blocked",
            api: REDIRECTS_TO_CDN,
            cdn: ServerBehavior::Fixed(
                FixedResponse::ok(&[]),
                FixedResponse::ok(&[("access-control-allow-origin", APP)]),
            ),
            exchanges: &[
                ExpectedExchange::new("GET 302"),
                ExpectedExchange { line: "GET 200", headers: &[("origin", HeaderFact::Is("null"))] },
            ],
            result: ExpectedResult::Error(Reason::AcaoMismatch),
            ..Case::BASE
        },
        Case {
            id: "redirect-not-shared",
            title: "The redirect itself has no Access-Control-Allow-Origin",
            promise: "blocked at the first hop",
            api: ServerBehavior::Fixed(
                FixedResponse::ok(&[]),
                FixedResponse { status: 302, headers: &[("location", "http://cdn.other.test/hello")] },
            ),
            exchanges: &[ExpectedExchange::new("GET 302")],
            result: ExpectedResult::Error(Reason::AcaoMissing),
            ..Case::BASE
        },
        Case {
            id: "redirect-authorization",
            title: "GET with Authorization is redirected to a third origin",
            promise: "Authorization stays behind",
            requests: &[CaseRequest { headers: &[("authorization", "Bearer 7")], ..CaseRequest::GET }],
            api: REDIRECTS_TO_CDN,
            cdn: ServerBehavior::Grants(|| Grant::new().allow_origins(["*"])),
            exchanges: &[
                ExpectedExchange::new("OPTIONS 200"),
                ExpectedExchange {
                    line: "GET 302",
                    headers: &[("authorization", HeaderFact::Is("Bearer (present)"))],
                },
                ExpectedExchange { line: "GET 200", headers: &[("authorization", HeaderFact::Absent)] },
            ],
            ..Case::BASE
        },
        Case {
            id: "redirect-error",
            title: "The script asks with redirect mode error",
            promise: "blocked",
            requests: &[CaseRequest { redirect: RedirectMode::Error, ..CaseRequest::GET }],
            api: REDIRECTS_TO_CDN,
            exchanges: &[ExpectedExchange::new("GET 302")],
            result: ExpectedResult::Error(Reason::RedirectRefused),
            ..Case::BASE
        },
        Case {
            id: "redirect-manual",
            title: "The script asks with redirect mode manual",
            promise: "not followed, nothing readable",
            requests: &[CaseRequest { redirect: RedirectMode::Manual, ..CaseRequest::GET }],
            api: REDIRECTS_TO_CDN,
            exchanges: &[ExpectedExchange::new("GET 302")],
            result: ExpectedResult::Response {
                line: "0 opaqueredirect",
                headers: &[("location", HeaderFact::Absent)],
                body: "",
            },
            ..Case::BASE
        },
    ],
};
