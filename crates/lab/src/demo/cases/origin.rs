//! `Origin`: only the browser sets it.

use crossing::Reason;
use crossing::browser::{MixedContent, Mode, ReferrerPolicy, Referrers};
use crossing::server::Grant;

use crate::demo::case::{
    APP, Case, CaseRequest, Chapter, ExpectedExchange, ExpectedResult, HeaderFact, Page, SECURE_APP,
    ServerBehavior,
};

const WITHOUT_REFERER: &[ExpectedExchange] = &[ExpectedExchange {
    line: "GET 200",
    headers: &[("origin", HeaderFact::Is(APP)), ("referer", HeaderFact::Absent)],
}];

const ANY_ORIGIN: ServerBehavior = ServerBehavior::Grants(|| Grant::new().allow_origins(["*"]));

pub(super) const CHAPTER: Chapter = Chapter {
    title: "Origin: who asks",
    cases: &[
        Case {
            id: "origin-added",
            title: "The browser adds Origin by itself",
            promise: "Origin is the page's",
            exchanges: &[ExpectedExchange {
                line: "GET 200",
                headers: &[
                    ("origin", HeaderFact::Is(APP)),
                    ("referer", HeaderFact::Is("http://app.shop.test/")),
                ],
            }],
            ..Case::BASE
        },
        Case {
            id: "origin-not-forgeable",
            title: "The script sets Origin: https://evil.test",
            promise: "Origin is the page's",
            requests: &[CaseRequest { headers: &[("origin", "https://evil.test")], ..CaseRequest::GET }],
            exchanges: &[ExpectedExchange { line: "GET 200", headers: &[("origin", HeaderFact::Is(APP))] }],
            ..Case::BASE
        },
        Case {
            id: "origin-opaque",
            title: "A sandboxed page asks",
            promise: "Origin is null; * shares with it",
            page: Page { origin: "null", ..Page::BASE },
            api: ANY_ORIGIN,
            exchanges: &[ExpectedExchange {
                line: "GET 200",
                headers: &[("origin", HeaderFact::Is("null"))],
            }],
            ..Case::BASE
        },
        Case {
            id: "origin-same",
            title: "The page asks its own origin",
            promise: "no CORS: no Origin, all readable",
            requests: &[CaseRequest { to: APP, ..CaseRequest::GET }],
            exchanges: &[ExpectedExchange { line: "GET 200", headers: &[("origin", HeaderFact::Absent)] }],
            result: ExpectedResult::Response {
                line: "200 basic",
                headers: &[("x-request-id", HeaderFact::Is("7"))],
                body: "hello",
            },
            ..Case::BASE
        },
        Case {
            id: "origin-same-origin-mode",
            title: "Mode same-origin, and a URL of another origin",
            promise: "nothing is sent",
            requests: &[CaseRequest { mode: Mode::SameOrigin, ..CaseRequest::GET }],
            exchanges: &[],
            result: ExpectedResult::Error(Reason::Mode),
            ..Case::BASE
        },
        Case {
            id: "mixed-content",
            title: "An https page asks an http server",
            promise: "mixed content: nothing is sent",
            page: Page { origin: SECURE_APP, ..Page::BASE },
            exchanges: &[],
            result: ExpectedResult::Error(Reason::MixedContent),
            ..Case::BASE
        },
        Case {
            id: "referer-downgrade",
            title: "An https page asks an http server, and the person permits mixed content",
            promise: "Origin without Referer",
            page: Page { origin: SECURE_APP, mixed_content: MixedContent::Permitted, ..Page::BASE },
            api: ServerBehavior::Grants(|| Grant::new().allow_origins([SECURE_APP])),
            exchanges: &[ExpectedExchange {
                line: "GET 200",
                headers: &[("origin", HeaderFact::Is(SECURE_APP)), ("referer", HeaderFact::Absent)],
            }],
            ..Case::BASE
        },
        Case {
            id: "referer-policy",
            title: "The page's referrer policy is no-referrer",
            promise: "Origin without Referer",
            page: Page { referrer_policy: ReferrerPolicy::NoReferrer, ..Page::BASE },
            exchanges: WITHOUT_REFERER,
            ..Case::BASE
        },
        Case {
            id: "referer-setting",
            title: "The person's setting sends no Referer at all",
            promise: "Origin without Referer",
            page: Page { referrers: Referrers::Never, ..Page::BASE },
            exchanges: WITHOUT_REFERER,
            ..Case::BASE
        },
    ],
};
