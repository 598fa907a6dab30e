//! Requests that need a preflight.

use crossing::Reason;
use crossing::browser::{CredentialsMode, ForcedPreflight};
use crossing::server::Grant;

use crate::demo::case::{
    APP, Case, CaseRequest, Chapter, ExpectedExchange, ExpectedResult, FixedResponse, HeaderFact, Page,
    ServerBehavior,
};

const METHOD: &str = "access-control-request-method";
const HEADERS: &str = "access-control-request-headers";
const ALLOWS_APP: (&str, &str) = ("access-control-allow-origin", APP);

fn put() -> Grant {
    Grant::new().allow_origins([APP]).allow_methods(["PUT"])
}

const PREFLIGHT_AND_PUT: &[ExpectedExchange] =
    &[ExpectedExchange::new("OPTIONS 200"), ExpectedExchange::new("PUT 200")];
const PUT: Case = Case {
    requests: &[CaseRequest::PUT],
    exchanges: PREFLIGHT_AND_PUT,
    api: ServerBehavior::Grants(put),
    ..Case::BASE
};

pub(super) const PREFLIGHTS: Chapter = Chapter {
    title: "Preflight: asking first",
    cases: &[
        Case {
            id: "preflight-put",
            title: "PUT",
            promise: "preflight first, without a body; 200 without a body",
            exchanges: &[
                ExpectedExchange {
                    line: "OPTIONS 200",
                    headers: &[
                        ("origin", HeaderFact::Is(APP)),
                        (METHOD, HeaderFact::Is("PUT")),
                        (HEADERS, HeaderFact::Absent),
                    ],
                },
                ExpectedExchange::new("PUT 200"),
            ],
            ..PUT
        },
        Case {
            id: "preflight-authorization",
            title: "GET with Authorization set by the script",
            promise: "preflight first, without it",
            requests: &[CaseRequest { headers: &[("authorization", "Bearer 7")], ..CaseRequest::GET }],
            api: ServerBehavior::Grants(|| {
                Grant::new().allow_origins([APP]).allow_headers(["authorization"])
            }),
            exchanges: &[
                ExpectedExchange {
                    line: "OPTIONS 200",
                    headers: &[
                        (METHOD, HeaderFact::Is("GET")),
                        (HEADERS, HeaderFact::Is("authorization")),
                        ("authorization", HeaderFact::Absent),
                    ],
                },
                ExpectedExchange {
                    line: "GET 200",
                    headers: &[("authorization", HeaderFact::Is("Bearer (present)"))],
                },
            ],
            ..PUT
        },
        Case {
            id: "preflight-json",
            title: "POST of application/json, with X-B and X-A",
            promise: "preflight; names sorted, in lower case",
            requests: &[CaseRequest {
                method: "POST",
                body: Some("{}"),
                headers: &[("X-B", "1"), ("content-type", "application/json"), ("X-A", "1")],
                ..CaseRequest::GET
            }],
            api: ServerBehavior::Grants(|| {
                Grant::new().allow_origins([APP]).allow_headers(["content-type", "x-a", "x-b"])
            }),
            exchanges: &[
                ExpectedExchange {
                    line: "OPTIONS 200",
                    headers: &[
                        (METHOD, HeaderFact::Is("POST")),
                        (HEADERS, HeaderFact::Is("content-type,x-a,x-b")),
                    ],
                },
                ExpectedExchange::new("POST 200"),
            ],
            ..PUT
        },
        Case {
            id: "preflight-upload-listener",
            title: "A simple POST, with a listener for its upload",
            promise: "preflight first",
            requests: &[CaseRequest {
                method: "POST",
                body: Some("a"),
                preflight: ForcedPreflight::Yes,
                ..CaseRequest::GET
            }],
            exchanges: &[
                ExpectedExchange {
                    line: "OPTIONS 200",
                    headers: &[(METHOD, HeaderFact::Is("POST")), (HEADERS, HeaderFact::Absent)],
                },
                ExpectedExchange::new("POST 200"),
            ],
            ..PUT
        },
        Case {
            id: "preflight-credentials",
            title: "PUT with credentials",
            promise: "the preflight has none, the PUT has them",
            page: Page::LOGGED_IN,
            requests: &[CaseRequest { credentials: CredentialsMode::Include, ..CaseRequest::PUT }],
            api: ServerBehavior::Fixed(
                FixedResponse::ok(&[
                    ALLOWS_APP,
                    ("access-control-allow-credentials", "true"),
                    ("access-control-allow-methods", "PUT"),
                ]),
                FixedResponse::ok(&[ALLOWS_APP, ("access-control-allow-credentials", "true")]),
            ),
            exchanges: &[
                ExpectedExchange {
                    line: "OPTIONS 200",
                    headers: &[("cookie", HeaderFact::Absent), ("authorization", HeaderFact::Absent)],
                },
                ExpectedExchange {
                    line: "PUT 200",
                    headers: &[
                        ("cookie", HeaderFact::Is("(present)")),
                        ("authorization", HeaderFact::Is("Basic (present)")),
                    ],
                },
            ],
            ..PUT
        },
    ],
};

const PREFLIGHT_ONLY: &[ExpectedExchange] = &[ExpectedExchange::new("OPTIONS 200")];

pub(super) const REFUSALS: Chapter = Chapter {
    title: "Preflight refused: the real request never leaves",
    cases: &[
        Case {
            id: "preflight-no-method",
            title: "PUT, and the answer does not list it",
            promise: "no PUT",
            api: ServerBehavior::Fixed(FixedResponse::ok(&[ALLOWS_APP]), FixedResponse::ok(&[ALLOWS_APP])),
            exchanges: PREFLIGHT_ONLY,
            result: ExpectedResult::Error(Reason::MethodNotAllowed),
            ..PUT
        },
        Case {
            id: "preflight-no-header",
            title: "X-Token, and the answer does not list it",
            promise: "no GET",
            requests: &[CaseRequest { headers: &[("x-token", "7")], ..CaseRequest::GET }],
            api: ServerBehavior::Fixed(
                FixedResponse::ok(&[ALLOWS_APP, ("access-control-allow-headers", "x-other")]),
                FixedResponse::ok(&[ALLOWS_APP]),
            ),
            exchanges: PREFLIGHT_ONLY,
            result: ExpectedResult::Error(Reason::HeaderNotAllowed),
            ..PUT
        },
        Case {
            id: "preflight-bad-status",
            title: "PUT, listed, but the answer's status is 405",
            promise: "no PUT",
            api: ServerBehavior::Fixed(
                FixedResponse {
                    status: 405,
                    headers: &[ALLOWS_APP, ("access-control-allow-methods", "PUT")],
                },
                FixedResponse::ok(&[ALLOWS_APP]),
            ),
            exchanges: &[ExpectedExchange::new("OPTIONS 405")],
            result: ExpectedResult::Error(Reason::PreflightStatus),
            ..PUT
        },
        Case {
            id: "preflight-redirect",
            title: "PUT, and the preflight is redirected",
            promise: "no PUT",
            api: ServerBehavior::Fixed(
                FixedResponse { status: 307, headers: &[ALLOWS_APP, ("location", "/elsewhere")] },
                FixedResponse::ok(&[ALLOWS_APP]),
            ),
            exchanges: &[ExpectedExchange::new("OPTIONS 307")],
            result: ExpectedResult::Error(Reason::PreflightRedirect),
            ..PUT
        },
        Case {
            id: "preflight-other-origin",
            title: "PUT, listed, for another origin",
            promise: "no PUT",
            api: ServerBehavior::Fixed(
                FixedResponse::ok(&[
                    ("access-control-allow-origin", "http://other.shop.test"),
                    ("access-control-allow-methods", "PUT"),
                ]),
                FixedResponse::ok(&[ALLOWS_APP]),
            ),
            exchanges: PREFLIGHT_ONLY,
            result: ExpectedResult::Error(Reason::AcaoMismatch),
            ..PUT
        },
        Case {
            id: "preflight-policy",
            title: "PUT, and the policy grants this origin nothing",
            promise: "403, no PUT",
            api: ServerBehavior::Grants(|| Grant::new().allow_origins(["http://other.shop.test"])),
            exchanges: &[ExpectedExchange::new("OPTIONS 403")],
            result: ExpectedResult::Error(Reason::PreflightStatus),
            ..PUT
        },
    ],
};

pub(super) const CACHING: Chapter = Chapter {
    title: "Access-Control-Max-Age: how long the answer holds",
    cases: &[
        Case {
            id: "max-age",
            title: "PUT twice within 600 seconds",
            promise: "one preflight",
            requests: &[CaseRequest::PUT, CaseRequest::PUT],
            api: ServerBehavior::Grants(|| put().max_age(600)),
            exchanges: &[
                ExpectedExchange::new("OPTIONS 200"),
                ExpectedExchange::new("PUT 200"),
                ExpectedExchange::new("PUT 200"),
            ],
            ..PUT
        },
        Case {
            id: "max-age-expired",
            title: "PUT, and again 2 seconds later, after a max-age of 1",
            promise: "two preflights",
            requests: &[CaseRequest::PUT, CaseRequest { after: 2, ..CaseRequest::PUT }],
            api: ServerBehavior::Grants(|| put().max_age(1)),
            exchanges: &[
                ExpectedExchange::new("OPTIONS 200"),
                ExpectedExchange::new("PUT 200"),
                ExpectedExchange::new("OPTIONS 200"),
                ExpectedExchange::new("PUT 200"),
            ],
            ..PUT
        },
        Case {
            id: "max-age-zero",
            title: "PUT twice, with a max-age of 0",
            promise: "two preflights",
            requests: &[CaseRequest::PUT, CaseRequest::PUT],
            api: ServerBehavior::Grants(|| put().max_age(0)),
            exchanges: &[
                ExpectedExchange::new("OPTIONS 200"),
                ExpectedExchange::new("PUT 200"),
                ExpectedExchange::new("OPTIONS 200"),
                ExpectedExchange::new("PUT 200"),
            ],
            ..PUT
        },
    ],
};
