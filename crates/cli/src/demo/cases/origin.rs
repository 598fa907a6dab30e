//! `Origin`: the browser says who asks, and nobody else does.

use crossing::Reason;
use crossing::browser::{MixedContent, Mode, ReferrerPolicy, Referrers};
use crossing::server::Grant;

use crate::demo::case::{APP, Ask, Case, Chapter, Fact, Page, SECURE_APP, Seen, Server, Wire};

const WITHOUT_REFERER: &[Wire] =
    &[Wire { line: "GET 200", headers: &[("origin", Fact::Is(APP)), ("referer", Fact::Absent)] }];

const ANYBODY: Server = Server::Grants(|| Grant::new().allow_origins(["*"]));

pub(super) const CHAPTER: Chapter = Chapter {
    title: "Origin: who asks",
    cases: &[
        Case {
            id: "origin-added",
            title: "The browser adds Origin by itself",
            promise: "Origin is the page's",
            wire: &[Wire {
                line: "GET 200",
                headers: &[("origin", Fact::Is(APP)), ("referer", Fact::Is("http://app.shop.test/"))],
            }],
            ..Case::BASE
        },
        Case {
            id: "origin-not-forgeable",
            title: "The script sets Origin: https://evil.test",
            promise: "Origin is the page's",
            asks: &[Ask { headers: &[("origin", "https://evil.test")], ..Ask::GET }],
            wire: &[Wire { line: "GET 200", headers: &[("origin", Fact::Is(APP))] }],
            ..Case::BASE
        },
        Case {
            id: "origin-opaque",
            title: "A sandboxed page asks",
            promise: "Origin is null; * shares with it",
            page: Page { origin: "null", ..Page::BASE },
            api: ANYBODY,
            wire: &[Wire { line: "GET 200", headers: &[("origin", Fact::Is("null"))] }],
            ..Case::BASE
        },
        Case {
            id: "origin-same",
            title: "The page asks its own origin",
            promise: "no CORS: no Origin, all readable",
            asks: &[Ask { to: APP, ..Ask::GET }],
            wire: &[Wire { line: "GET 200", headers: &[("origin", Fact::Absent)] }],
            seen: Seen::Response {
                line: "200 basic",
                headers: &[("x-request-id", Fact::Is("7"))],
                body: "hello",
            },
            ..Case::BASE
        },
        Case {
            id: "origin-same-origin-mode",
            title: "Mode same-origin, and a URL of another origin",
            promise: "nothing is sent",
            asks: &[Ask { mode: Mode::SameOrigin, ..Ask::GET }],
            wire: &[],
            seen: Seen::Error(Reason::Mode),
            ..Case::BASE
        },
        Case {
            id: "mixed-content",
            title: "An https page asks an http server",
            promise: "mixed content: nothing is sent",
            page: Page { origin: SECURE_APP, ..Page::BASE },
            wire: &[],
            seen: Seen::Error(Reason::MixedContent),
            ..Case::BASE
        },
        Case {
            id: "referer-downgrade",
            title: "An https page asks an http server, and the person permits mixed content",
            promise: "Origin without Referer",
            page: Page { origin: SECURE_APP, mixed_content: MixedContent::Permitted, ..Page::BASE },
            api: Server::Grants(|| Grant::new().allow_origins([SECURE_APP])),
            wire: &[Wire {
                line: "GET 200",
                headers: &[("origin", Fact::Is(SECURE_APP)), ("referer", Fact::Absent)],
            }],
            ..Case::BASE
        },
        Case {
            id: "referer-policy",
            title: "The page's referrer policy is no-referrer",
            promise: "Origin without Referer",
            page: Page { referrer_policy: ReferrerPolicy::NoReferrer, ..Page::BASE },
            wire: WITHOUT_REFERER,
            ..Case::BASE
        },
        Case {
            id: "referer-setting",
            title: "The person's setting sends no Referer at all",
            promise: "Origin without Referer",
            page: Page { referrers: Referrers::Never, ..Page::BASE },
            wire: WITHOUT_REFERER,
            ..Case::BASE
        },
    ],
};
