//! Cookies and HTTP authentication: sent and readable only if both sides opt in.

use crossing::Reason;

use crate::demo::case::{
    APP, Case, CaseRequest, Chapter, ExpectedExchange, ExpectedResult, FixedResponse, HeaderFact, Page,
    ServerBehavior,
};

const ALLOWS_APP: (&str, &str) = ("access-control-allow-origin", APP);

const fn fixed(headers: &'static [(&'static str, &'static str)]) -> ServerBehavior {
    ServerBehavior::Fixed(FixedResponse::ok(headers), FixedResponse::ok(headers))
}

const WITH_CREDENTIALS: &[ExpectedExchange] = &[ExpectedExchange {
    line: "GET 200",
    headers: &[("cookie", HeaderFact::Is("(present)")), ("authorization", HeaderFact::Is("Basic (present)"))],
}];

const LOGGED_IN: Case = Case {
    page: Page::LOGGED_IN,
    requests: &[CaseRequest::INCLUDE],
    exchanges: WITH_CREDENTIALS,
    ..Case::BASE
};

pub(super) const CHAPTER: Chapter = Chapter {
    title: "Credentials: the browser has a cookie and a password of the server's",
    cases: &[
        Case {
            id: "credentials-default",
            title: "The script asks for nothing special",
            promise: "neither is sent",
            requests: &[CaseRequest::GET],
            exchanges: &[ExpectedExchange {
                line: "GET 200",
                headers: &[("cookie", HeaderFact::Absent), ("authorization", HeaderFact::Absent)],
            }],
            ..LOGGED_IN
        },
        Case {
            id: "credentials-star",
            title: "withCredentials, and the server shares with *",
            promise: "blocked",
            api: fixed(&[("access-control-allow-origin", "*"), ("access-control-allow-credentials", "true")]),
            result: ExpectedResult::Error(Reason::AcaoWildcardCreds),
            ..LOGGED_IN
        },
        Case {
            id: "credentials-not-allowed",
            title: "withCredentials, exact origin, no Access-Control-Allow-Credentials",
            promise: "blocked",
            api: fixed(&[ALLOWS_APP]),
            result: ExpectedResult::Error(Reason::AcacInvalid),
            ..LOGGED_IN
        },
        Case {
            id: "credentials-misspelt",
            title: "withCredentials, Access-Control-Allow-Credentials: True",
            promise: "blocked",
            api: fixed(&[ALLOWS_APP, ("access-control-allow-credentials", "True")]),
            result: ExpectedResult::Error(Reason::AcacInvalid),
            ..LOGGED_IN
        },
        Case {
            id: "credentials-allowed",
            title: "withCredentials, exact origin, Access-Control-Allow-Credentials: true",
            promise: "both are sent, readable",
            api: fixed(&[ALLOWS_APP, ("access-control-allow-credentials", "true")]),
            ..LOGGED_IN
        },
        Case {
            id: "credentials-set-cookie",
            title: "A blocked response sets a cookie, and the script asks again",
            promise: "blocked, but the cookie is kept",
            page: Page::BASE,
            requests: &[CaseRequest::INCLUDE, CaseRequest::INCLUDE],
            api: fixed(&[ALLOWS_APP, ("set-cookie", "sid=1; Path=/")]),
            exchanges: &[
                ExpectedExchange { line: "GET 200", headers: &[("cookie", HeaderFact::Absent)] },
                ExpectedExchange { line: "GET 200", headers: &[("cookie", HeaderFact::Is("(present)"))] },
            ],
            result: ExpectedResult::Error(Reason::AcacInvalid),
            ..LOGGED_IN
        },
    ],
};
