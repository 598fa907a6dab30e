//! Redirects: every hop must share, and a third origin sees `null`.

use crossing::Reason;
use crossing::browser::RedirectMode;
use crossing::server::Grant;

use crate::demo::case::{APP, Ask, Case, Chapter, Fact, Reply, Seen, Server, Wire};

/// Sends everybody on to the third origin.
const TO_CDN: Server = Server::Replies(
    Reply::ok(&[("access-control-allow-origin", APP), ("access-control-allow-headers", "authorization")]),
    Reply {
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
            api: TO_CDN,
            cdn: Server::Grants(|| Grant::new().allow_origins(["*"])),
            wire: &[
                Wire { line: "GET 302", headers: &[("origin", Fact::Is(APP))] },
                Wire { line: "GET 200", headers: &[("origin", Fact::Is("null"))] },
            ],
            ..Case::BASE
        },
        Case {
            id: "redirect-third-origin-exact",
            title: "The third origin shares with the page by name",
            promise: "null was asking: blocked",
            api: TO_CDN,
            cdn: Server::Replies(Reply::ok(&[]), Reply::ok(&[("access-control-allow-origin", APP)])),
            wire: &[Wire::of("GET 302"), Wire { line: "GET 200", headers: &[("origin", Fact::Is("null"))] }],
            seen: Seen::Error(Reason::AcaoMismatch),
            ..Case::BASE
        },
        Case {
            id: "redirect-not-shared",
            title: "The redirect itself has no Access-Control-Allow-Origin",
            promise: "blocked at the first hop",
            api: Server::Replies(
                Reply::ok(&[]),
                Reply { status: 302, headers: &[("location", "http://cdn.other.test/hello")] },
            ),
            wire: &[Wire::of("GET 302")],
            seen: Seen::Error(Reason::AcaoMissing),
            ..Case::BASE
        },
        Case {
            id: "redirect-authorization",
            title: "GET with Authorization is redirected to a third origin",
            promise: "Authorization stays behind",
            asks: &[Ask { headers: &[("authorization", "Bearer 7")], ..Ask::GET }],
            api: TO_CDN,
            cdn: Server::Grants(|| Grant::new().allow_origins(["*"])),
            wire: &[
                Wire::of("OPTIONS 200"),
                Wire { line: "GET 302", headers: &[("authorization", Fact::Is("Bearer (present)"))] },
                Wire { line: "GET 200", headers: &[("authorization", Fact::Absent)] },
            ],
            ..Case::BASE
        },
        Case {
            id: "redirect-error",
            title: "The script asks with redirect mode error",
            promise: "blocked",
            asks: &[Ask { redirect: RedirectMode::Error, ..Ask::GET }],
            api: TO_CDN,
            wire: &[Wire::of("GET 302")],
            seen: Seen::Error(Reason::RedirectRefused),
            ..Case::BASE
        },
        Case {
            id: "redirect-manual",
            title: "The script asks with redirect mode manual",
            promise: "not followed, nothing readable",
            asks: &[Ask { redirect: RedirectMode::Manual, ..Ask::GET }],
            api: TO_CDN,
            wire: &[Wire::of("GET 302")],
            seen: Seen::Response {
                line: "0 opaqueredirect",
                headers: &[("location", Fact::Absent)],
                body: "",
            },
            ..Case::BASE
        },
    ],
};
