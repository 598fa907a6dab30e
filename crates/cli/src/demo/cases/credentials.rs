//! Cookies and HTTP authentication: withheld unless both sides want them.

use crossing::Reason;

use crate::demo::case::{APP, Ask, Case, Chapter, Fact, Page, Reply, Seen, Server, Wire};

const SHARES: (&str, &str) = ("access-control-allow-origin", APP);

const fn replies(headers: &'static [(&'static str, &'static str)]) -> Server {
    Server::Replies(Reply::ok(headers), Reply::ok(headers))
}

const WITH_SECRETS: &[Wire] = &[Wire {
    line: "GET 200",
    headers: &[("cookie", Fact::Is("(present)")), ("authorization", Fact::Is("Basic (present)"))],
}];

const LOGGED_IN: Case =
    Case { page: Page::LOGGED_IN, asks: &[Ask::INCLUDE], wire: WITH_SECRETS, ..Case::BASE };

pub(super) const CHAPTER: Chapter = Chapter {
    title: "Credentials: the browser has a cookie and a password of the server's",
    cases: &[
        Case {
            id: "credentials-default",
            title: "The script asks for nothing special",
            promise: "neither is sent",
            asks: &[Ask::GET],
            wire: &[Wire {
                line: "GET 200",
                headers: &[("cookie", Fact::Absent), ("authorization", Fact::Absent)],
            }],
            ..LOGGED_IN
        },
        Case {
            id: "credentials-star",
            title: "withCredentials, and the server shares with *",
            promise: "blocked",
            api: replies(&[
                ("access-control-allow-origin", "*"),
                ("access-control-allow-credentials", "true"),
            ]),
            seen: Seen::Error(Reason::AcaoWildcardCreds),
            ..LOGGED_IN
        },
        Case {
            id: "credentials-not-allowed",
            title: "withCredentials, exact origin, no Access-Control-Allow-Credentials",
            promise: "blocked",
            api: replies(&[SHARES]),
            seen: Seen::Error(Reason::AcacInvalid),
            ..LOGGED_IN
        },
        Case {
            id: "credentials-misspelt",
            title: "withCredentials, Access-Control-Allow-Credentials: True",
            promise: "blocked",
            api: replies(&[SHARES, ("access-control-allow-credentials", "True")]),
            seen: Seen::Error(Reason::AcacInvalid),
            ..LOGGED_IN
        },
        Case {
            id: "credentials-allowed",
            title: "withCredentials, exact origin, Access-Control-Allow-Credentials: true",
            promise: "both are sent, readable",
            api: replies(&[SHARES, ("access-control-allow-credentials", "true")]),
            ..LOGGED_IN
        },
        Case {
            id: "credentials-set-cookie",
            title: "A blocked response sets a cookie, and the script asks again",
            promise: "blocked, but the cookie is kept",
            page: Page::BASE,
            asks: &[Ask::INCLUDE, Ask::INCLUDE],
            api: replies(&[SHARES, ("set-cookie", "sid=1; Path=/")]),
            wire: &[
                Wire { line: "GET 200", headers: &[("cookie", Fact::Absent)] },
                Wire { line: "GET 200", headers: &[("cookie", Fact::Is("(present)"))] },
            ],
            seen: Seen::Error(Reason::AcacInvalid),
            ..LOGGED_IN
        },
    ],
};
