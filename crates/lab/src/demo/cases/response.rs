//! The response: who may read it, and which of its headers.

use crossing::Reason;
use crossing::server::Grant;

use crate::demo::case::{
    APP, Case, CaseRequest, Chapter, ExpectedExchange, ExpectedResult, FixedResponse, HeaderFact,
    ServerBehavior,
};

const fn fixed(headers: &'static [(&'static str, &'static str)]) -> ServerBehavior {
    ServerBehavior::Fixed(FixedResponse::ok(headers), FixedResponse::ok(headers))
}

const HEADERS: FixedResponse = FixedResponse::ok(&[
    ("access-control-allow-origin", APP),
    ("cache-control", "no-store"),
    ("content-language", "is"),
    ("content-type", "text/plain"),
    ("expires", "0"),
    ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ("pragma", "no-cache"),
    ("x-request-id", "7"),
]);

pub(super) const ALLOW_ORIGIN: Chapter = Chapter {
    title: "Access-Control-Allow-Origin: who may read",
    cases: &[
        Case {
            id: "acao-missing",
            title: "No Access-Control-Allow-Origin",
            promise: "sent and answered, but blocked",
            api: fixed(&[]),
            result: ExpectedResult::Error(Reason::AcaoMissing),
            ..Case::BASE
        },
        Case { id: "acao-exact", title: "The page's origin", promise: "readable", ..Case::BASE },
        Case {
            id: "acao-star",
            title: "*",
            promise: "readable",
            api: ServerBehavior::Grants(|| Grant::new().allow_origins(["*"])),
            ..Case::BASE
        },
        Case {
            id: "acao-mismatch",
            title: "Another origin",
            promise: "blocked",
            api: fixed(&[("access-control-allow-origin", "http://other.shop.test")]),
            result: ExpectedResult::Error(Reason::AcaoMismatch),
            ..Case::BASE
        },
        Case {
            id: "acao-invalid",
            title: "The page's origin with a slash at its end",
            promise: "blocked",
            api: fixed(&[("access-control-allow-origin", "http://app.shop.test/")]),
            result: ExpectedResult::Error(Reason::AcaoInvalid),
            ..Case::BASE
        },
        Case {
            id: "acao-multiple",
            title: "The page's origin twice",
            promise: "blocked",
            api: fixed(&[("access-control-allow-origin", APP), ("access-control-allow-origin", APP)]),
            result: ExpectedResult::Error(Reason::AcaoMultiple),
            ..Case::BASE
        },
    ],
};

pub(super) const EXPOSE_HEADERS: Chapter = Chapter {
    title: "Response headers: which of them",
    cases: &[
        Case {
            id: "headers-safelisted",
            title: "The simple response headers",
            promise: "readable",
            api: ServerBehavior::Fixed(HEADERS, HEADERS),
            result: ExpectedResult::hello(&[
                ("cache-control", HeaderFact::Is("no-store")),
                ("content-language", HeaderFact::Is("is")),
                ("content-length", HeaderFact::Is("5")),
                ("content-type", HeaderFact::Is("text/plain")),
                ("expires", HeaderFact::Is("0")),
                ("last-modified", HeaderFact::Is("Thu, 01 Jan 2026 00:00:00 GMT")),
                ("pragma", HeaderFact::Is("no-cache")),
            ]),
            ..Case::BASE
        },
        Case {
            id: "headers-hidden",
            title: "Another header, X-Request-Id",
            promise: "withheld",
            result: ExpectedResult::hello(&[("x-request-id", HeaderFact::Absent)]),
            ..Case::BASE
        },
        Case {
            id: "headers-exposed",
            title: "Access-Control-Expose-Headers names it",
            promise: "readable",
            api: ServerBehavior::Grants(|| {
                Grant::new().allow_origins([APP]).expose_headers(["x-request-id"])
            }),
            result: ExpectedResult::hello(&[("x-request-id", HeaderFact::Is("7"))]),
            ..Case::BASE
        },
        Case {
            id: "headers-exposed-star",
            title: "Access-Control-Expose-Headers: *",
            promise: "readable, but never Set-Cookie",
            api: fixed(&[
                ("access-control-allow-origin", APP),
                ("access-control-expose-headers", "*"),
                ("x-request-id", "7"),
                ("set-cookie", "a=1"),
            ]),
            result: ExpectedResult::hello(&[
                ("x-request-id", HeaderFact::Is("7")),
                ("set-cookie", HeaderFact::Absent),
            ]),
            ..Case::BASE
        },
        Case {
            id: "headers-exposed-star-creds",
            title: "Access-Control-Expose-Headers: *, with credentials",
            promise: "* is no wildcard: withheld",
            requests: &[CaseRequest::INCLUDE],
            api: fixed(&[
                ("access-control-allow-origin", APP),
                ("access-control-allow-credentials", "true"),
                ("access-control-expose-headers", "*"),
                ("x-request-id", "7"),
            ]),
            exchanges: &[ExpectedExchange::new("GET 200")],
            result: ExpectedResult::hello(&[("x-request-id", HeaderFact::Absent)]),
            ..Case::BASE
        },
    ],
};
