//! The preflight: asking before doing.

use crossing::Reason;
use crossing::browser::{CredentialsMode, ForcedPreflight};
use crossing::server::Grant;

use crate::demo::case::{APP, Ask, Case, Chapter, Fact, Page, Reply, Seen, Server, Wire};

const METHOD: &str = "access-control-request-method";
const HEADERS: &str = "access-control-request-headers";
const SHARES: (&str, &str) = ("access-control-allow-origin", APP);

fn put() -> Grant {
    Grant::new().allow_origins([APP]).allow_methods(["PUT"])
}

const BOTH: &[Wire] = &[Wire::of("OPTIONS 200"), Wire::of("PUT 200")];
const PUT: Case = Case { asks: &[Ask::PUT], wire: BOTH, api: Server::Grants(put), ..Case::BASE };

pub(super) const ASKING_FIRST: Chapter = Chapter {
    title: "Preflight: asking first",
    cases: &[
        Case {
            id: "preflight-put",
            title: "PUT",
            promise: "preflight first, without a body; 200 without a body",
            wire: &[
                Wire {
                    line: "OPTIONS 200",
                    headers: &[("origin", Fact::Is(APP)), (METHOD, Fact::Is("PUT")), (HEADERS, Fact::Absent)],
                },
                Wire::of("PUT 200"),
            ],
            ..PUT
        },
        Case {
            id: "preflight-authorization",
            title: "GET with Authorization set by the script",
            promise: "preflight first, without it",
            asks: &[Ask { headers: &[("authorization", "Bearer 7")], ..Ask::GET }],
            api: Server::Grants(|| Grant::new().allow_origins([APP]).allow_headers(["authorization"])),
            wire: &[
                Wire {
                    line: "OPTIONS 200",
                    headers: &[
                        (METHOD, Fact::Is("GET")),
                        (HEADERS, Fact::Is("authorization")),
                        ("authorization", Fact::Absent),
                    ],
                },
                Wire { line: "GET 200", headers: &[("authorization", Fact::Is("Bearer (present)"))] },
            ],
            ..PUT
        },
        Case {
            id: "preflight-json",
            title: "POST of application/json, with X-B and X-A",
            promise: "preflight; names sorted, in lower case",
            asks: &[Ask {
                method: "POST",
                body: Some("{}"),
                headers: &[("X-B", "1"), ("content-type", "application/json"), ("X-A", "1")],
                ..Ask::GET
            }],
            api: Server::Grants(|| {
                Grant::new().allow_origins([APP]).allow_headers(["content-type", "x-a", "x-b"])
            }),
            wire: &[
                Wire {
                    line: "OPTIONS 200",
                    headers: &[(METHOD, Fact::Is("POST")), (HEADERS, Fact::Is("content-type,x-a,x-b"))],
                },
                Wire::of("POST 200"),
            ],
            ..PUT
        },
        Case {
            id: "preflight-upload-listener",
            title: "A simple POST, with a listener for its upload",
            promise: "preflight first",
            asks: &[Ask { method: "POST", body: Some("a"), preflight: ForcedPreflight::Yes, ..Ask::GET }],
            wire: &[
                Wire { line: "OPTIONS 200", headers: &[(METHOD, Fact::Is("POST")), (HEADERS, Fact::Absent)] },
                Wire::of("POST 200"),
            ],
            ..PUT
        },
        Case {
            id: "preflight-credentials",
            title: "PUT with credentials",
            promise: "the preflight has none, the PUT has them",
            page: Page::LOGGED_IN,
            asks: &[Ask { credentials: CredentialsMode::Include, ..Ask::PUT }],
            api: Server::Replies(
                Reply::ok(&[
                    SHARES,
                    ("access-control-allow-credentials", "true"),
                    ("access-control-allow-methods", "PUT"),
                ]),
                Reply::ok(&[SHARES, ("access-control-allow-credentials", "true")]),
            ),
            wire: &[
                Wire {
                    line: "OPTIONS 200",
                    headers: &[("cookie", Fact::Absent), ("authorization", Fact::Absent)],
                },
                Wire {
                    line: "PUT 200",
                    headers: &[
                        ("cookie", Fact::Is("(present)")),
                        ("authorization", Fact::Is("Basic (present)")),
                    ],
                },
            ],
            ..PUT
        },
    ],
};

const ONLY_ASKED: &[Wire] = &[Wire::of("OPTIONS 200")];

pub(super) const REFUSALS: Chapter = Chapter {
    title: "Preflight refused: the real request never leaves",
    cases: &[
        Case {
            id: "preflight-no-method",
            title: "PUT, and the answer does not list it",
            promise: "no PUT",
            api: Server::Replies(Reply::ok(&[SHARES]), Reply::ok(&[SHARES])),
            wire: ONLY_ASKED,
            seen: Seen::Error(Reason::MethodNotAllowed),
            ..PUT
        },
        Case {
            id: "preflight-no-header",
            title: "X-Token, and the answer does not list it",
            promise: "no GET",
            asks: &[Ask { headers: &[("x-token", "7")], ..Ask::GET }],
            api: Server::Replies(
                Reply::ok(&[SHARES, ("access-control-allow-headers", "x-other")]),
                Reply::ok(&[SHARES]),
            ),
            wire: ONLY_ASKED,
            seen: Seen::Error(Reason::HeaderNotAllowed),
            ..PUT
        },
        Case {
            id: "preflight-bad-status",
            title: "PUT, listed, but the answer's status is 405",
            promise: "no PUT",
            api: Server::Replies(
                Reply { status: 405, headers: &[SHARES, ("access-control-allow-methods", "PUT")] },
                Reply::ok(&[SHARES]),
            ),
            wire: &[Wire::of("OPTIONS 405")],
            seen: Seen::Error(Reason::PreflightStatus),
            ..PUT
        },
        Case {
            id: "preflight-redirect",
            title: "PUT, and the preflight is redirected",
            promise: "no PUT",
            api: Server::Replies(
                Reply { status: 307, headers: &[SHARES, ("location", "/elsewhere")] },
                Reply::ok(&[SHARES]),
            ),
            wire: &[Wire::of("OPTIONS 307")],
            seen: Seen::Error(Reason::PreflightRedirect),
            ..PUT
        },
        Case {
            id: "preflight-other-origin",
            title: "PUT, listed, for another origin",
            promise: "no PUT",
            api: Server::Replies(
                Reply::ok(&[
                    ("access-control-allow-origin", "http://other.shop.test"),
                    ("access-control-allow-methods", "PUT"),
                ]),
                Reply::ok(&[SHARES]),
            ),
            wire: ONLY_ASKED,
            seen: Seen::Error(Reason::AcaoMismatch),
            ..PUT
        },
        Case {
            id: "preflight-policy",
            title: "PUT, and the policy grants this origin nothing",
            promise: "403, no PUT",
            api: Server::Grants(|| Grant::new().allow_origins(["http://other.shop.test"])),
            wire: &[Wire::of("OPTIONS 403")],
            seen: Seen::Error(Reason::PreflightStatus),
            ..PUT
        },
    ],
};

pub(super) const REMEMBERING: Chapter = Chapter {
    title: "Access-Control-Max-Age: how long the answer holds",
    cases: &[
        Case {
            id: "max-age",
            title: "PUT twice within 600 seconds",
            promise: "one preflight",
            asks: &[Ask::PUT, Ask::PUT],
            api: Server::Grants(|| put().max_age(600)),
            wire: &[Wire::of("OPTIONS 200"), Wire::of("PUT 200"), Wire::of("PUT 200")],
            ..PUT
        },
        Case {
            id: "max-age-expired",
            title: "PUT, and again 2 seconds later, after a max-age of 1",
            promise: "two preflights",
            asks: &[Ask::PUT, Ask { after: 2, ..Ask::PUT }],
            api: Server::Grants(|| put().max_age(1)),
            wire: &[
                Wire::of("OPTIONS 200"),
                Wire::of("PUT 200"),
                Wire::of("OPTIONS 200"),
                Wire::of("PUT 200"),
            ],
            ..PUT
        },
        Case {
            id: "max-age-zero",
            title: "PUT twice, with a max-age of 0",
            promise: "two preflights",
            asks: &[Ask::PUT, Ask::PUT],
            api: Server::Grants(|| put().max_age(0)),
            wire: &[
                Wire::of("OPTIONS 200"),
                Wire::of("PUT 200"),
                Wire::of("OPTIONS 200"),
                Wire::of("PUT 200"),
            ],
            ..PUT
        },
    ],
};
