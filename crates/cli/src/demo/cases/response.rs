//! The response: who may read it, and which of its headers.

use crossing::Reason;
use crossing::server::Grant;

use crate::demo::case::{APP, Ask, Case, Chapter, Fact, Reply, Seen, Server, Wire};

const fn replies(headers: &'static [(&'static str, &'static str)]) -> Server {
    Server::Replies(Reply::ok(headers), Reply::ok(headers))
}

const HEADERS: Reply = Reply::ok(&[
    ("access-control-allow-origin", APP),
    ("cache-control", "no-store"),
    ("content-language", "is"),
    ("content-type", "text/plain"),
    ("expires", "0"),
    ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ("pragma", "no-cache"),
    ("x-request-id", "7"),
]);

pub(super) const WHO_MAY_READ: Chapter = Chapter {
    title: "Access-Control-Allow-Origin: who may read",
    cases: &[
        Case {
            id: "acao-missing",
            title: "No Access-Control-Allow-Origin",
            promise: "sent and answered, but blocked",
            api: replies(&[]),
            seen: Seen::Error(Reason::AcaoMissing),
            ..Case::BASE
        },
        Case { id: "acao-exact", title: "The page's origin", promise: "readable", ..Case::BASE },
        Case {
            id: "acao-star",
            title: "*",
            promise: "readable",
            api: Server::Grants(|| Grant::new().allow_origins(["*"])),
            ..Case::BASE
        },
        Case {
            id: "acao-mismatch",
            title: "Another origin",
            promise: "blocked",
            api: replies(&[("access-control-allow-origin", "http://other.shop.test")]),
            seen: Seen::Error(Reason::AcaoMismatch),
            ..Case::BASE
        },
        Case {
            id: "acao-invalid",
            title: "The page's origin with a slash at its end",
            promise: "blocked",
            api: replies(&[("access-control-allow-origin", "http://app.shop.test/")]),
            seen: Seen::Error(Reason::AcaoInvalid),
            ..Case::BASE
        },
        Case {
            id: "acao-multiple",
            title: "The page's origin twice",
            promise: "blocked",
            api: replies(&[("access-control-allow-origin", APP), ("access-control-allow-origin", APP)]),
            seen: Seen::Error(Reason::AcaoMultiple),
            ..Case::BASE
        },
    ],
};

pub(super) const WHICH_HEADERS: Chapter = Chapter {
    title: "Response headers: which of them",
    cases: &[
        Case {
            id: "headers-safelisted",
            title: "The simple response headers",
            promise: "readable",
            api: Server::Replies(HEADERS, HEADERS),
            seen: Seen::hello(&[
                ("cache-control", Fact::Is("no-store")),
                ("content-language", Fact::Is("is")),
                ("content-length", Fact::Is("5")),
                ("content-type", Fact::Is("text/plain")),
                ("expires", Fact::Is("0")),
                ("last-modified", Fact::Is("Thu, 01 Jan 2026 00:00:00 GMT")),
                ("pragma", Fact::Is("no-cache")),
            ]),
            ..Case::BASE
        },
        Case {
            id: "headers-hidden",
            title: "Another header, X-Request-Id",
            promise: "withheld",
            seen: Seen::hello(&[("x-request-id", Fact::Absent)]),
            ..Case::BASE
        },
        Case {
            id: "headers-exposed",
            title: "Access-Control-Expose-Headers names it",
            promise: "readable",
            api: Server::Grants(|| Grant::new().allow_origins([APP]).expose_headers(["x-request-id"])),
            seen: Seen::hello(&[("x-request-id", Fact::Is("7"))]),
            ..Case::BASE
        },
        Case {
            id: "headers-exposed-star",
            title: "Access-Control-Expose-Headers: *",
            promise: "readable, but never Set-Cookie",
            api: replies(&[
                ("access-control-allow-origin", APP),
                ("access-control-expose-headers", "*"),
                ("x-request-id", "7"),
                ("set-cookie", "a=1"),
            ]),
            seen: Seen::hello(&[("x-request-id", Fact::Is("7")), ("set-cookie", Fact::Absent)]),
            ..Case::BASE
        },
        Case {
            id: "headers-exposed-star-creds",
            title: "Access-Control-Expose-Headers: *, with credentials",
            promise: "* is no wildcard: withheld",
            asks: &[Ask::INCLUDE],
            api: replies(&[
                ("access-control-allow-origin", APP),
                ("access-control-allow-credentials", "true"),
                ("access-control-expose-headers", "*"),
                ("x-request-id", "7"),
            ]),
            wire: &[Wire::of("GET 200")],
            seen: Seen::hello(&[("x-request-id", Fact::Absent)]),
            ..Case::BASE
        },
    ],
};
