//! What a case of the demo is made of.

use crossing::Reason;
use crossing::browser::{
    CredentialsMode, ForcedPreflight, MixedContent, Mode, RedirectMode, ReferrerPolicy, Referrers,
};
use crossing::server::Grant;

/// The page's origin.
pub(crate) const APP: &str = "http://app.shop.test";
/// The same page over https.
pub(crate) const SECURE_APP: &str = "https://app.shop.test";
/// The server that the page asks: another origin, of the same site.
pub(crate) const API: &str = "http://api.shop.test";
/// A third origin, of another site.
pub(crate) const CDN: &str = "http://cdn.other.test";

/// Cases that belong together.
pub(crate) struct Chapter {
    pub(crate) title: &'static str,
    pub(crate) cases: &'static [Case],
}

/// One case: who asks what, how the servers answer, and what must come of it.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// What the standard promises, in a few words.
    pub(crate) promise: &'static str,
    pub(crate) page: Page,
    /// What the script asks, one after another.
    pub(crate) asks: &'static [Ask],
    pub(crate) api: Server,
    pub(crate) cdn: Server,
    /// Everything that must go over the wire, and nothing else.
    pub(crate) wire: &'static [Wire],
    /// What the script must see of the last answer.
    pub(crate) seen: Seen,
}

impl Case {
    /// A page asks with GET, the server shares with it, and the script reads.
    pub(crate) const BASE: Case = Case {
        id: "",
        title: "",
        promise: "",
        page: Page::BASE,
        asks: &[Ask::GET],
        api: Server::Grants(|| Grant::new().allow_origins([APP])),
        cdn: Server::Bare,
        wire: &[Wire { line: "GET 200", headers: &[] }],
        seen: Seen::HELLO,
    };
}

/// The page, and the person before it.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) origin: &'static str,
    pub(crate) referrer_policy: ReferrerPolicy,
    pub(crate) referrers: Referrers,
    pub(crate) mixed_content: MixedContent,
    pub(crate) knows: Knows,
}

impl Page {
    pub(crate) const BASE: Page = Page {
        origin: APP,
        referrer_policy: ReferrerPolicy::StrictOriginWhenCrossOrigin,
        referrers: Referrers::ByPolicy,
        mixed_content: MixedContent::Blocked,
        knows: Knows::Nothing,
    };

    /// The browser has a cookie of the server's, and a user and a password for it.
    pub(crate) const LOGGED_IN: Page = Page { knows: Knows::CookieAndPassword, ..Page::BASE };
}

/// What the browser knows of the server before the case begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Knows {
    Nothing,
    CookieAndPassword,
}

/// What a script asks.
#[derive(Clone, Copy)]
pub(crate) struct Ask {
    /// Seconds to wait before.
    pub(crate) after: u64,
    pub(crate) method: &'static str,
    /// The origin that is asked.
    pub(crate) to: &'static str,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: Option<&'static str>,
    pub(crate) mode: Mode,
    pub(crate) credentials: CredentialsMode,
    pub(crate) redirect: RedirectMode,
    pub(crate) preflight: ForcedPreflight,
}

impl Ask {
    pub(crate) const GET: Ask = Ask {
        after: 0,
        method: "GET",
        to: API,
        headers: &[],
        body: None,
        mode: Mode::Cors,
        credentials: CredentialsMode::SameOrigin,
        redirect: RedirectMode::Follow,
        preflight: ForcedPreflight::No,
    };
    pub(crate) const PUT: Ask = Ask { method: "PUT", body: Some("{}"), ..Ask::GET };
    pub(crate) const INCLUDE: Ask = Ask { credentials: CredentialsMode::Include, ..Ask::GET };
}

/// How a server answers.
#[derive(Clone, Copy)]
pub(crate) enum Server {
    /// An application that answers 200 and `hello`, without a word of CORS.
    Bare,
    /// As the server half decides by this grant, around the same application.
    Grants(fn() -> Grant),
    /// Word for word: first to a preflight, then to anything else. For servers that get it wrong, and for redirects.
    Replies(Reply, Reply),
}

/// An answer, word for word.
#[derive(Clone, Copy)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: &'static [(&'static str, &'static str)],
}

impl Reply {
    /// 200 with these headers.
    pub(crate) const fn ok(headers: &'static [(&'static str, &'static str)]) -> Reply {
        Reply { status: 200, headers }
    }
}

/// A request that must go over the wire.
#[derive(Clone, Copy)]
pub(crate) struct Wire {
    /// Method and status.
    pub(crate) line: &'static str,
    /// Request headers that are looked at.
    pub(crate) headers: &'static [(&'static str, Fact)],
}

impl Wire {
    pub(crate) const fn of(line: &'static str) -> Wire {
        Wire { line, headers: &[] }
    }
}

/// What must be true of a header.
#[derive(Clone, Copy)]
pub(crate) enum Fact {
    /// It has this value; a secret is `(present)`.
    Is(&'static str),
    /// It is not there.
    Absent,
}

/// What the script must see.
#[derive(Clone, Copy)]
pub(crate) enum Seen {
    /// A response.
    Response {
        /// Its type and status.
        line: &'static str,
        /// Headers that are looked at.
        headers: &'static [(&'static str, Fact)],
        body: &'static str,
    },
    /// A `TypeError`, and nothing else. Why is for people only.
    Error(Reason),
}

impl Seen {
    pub(crate) const HELLO: Seen = Seen::hello(&[]);

    pub(crate) const fn hello(headers: &'static [(&'static str, Fact)]) -> Seen {
        Seen::Response { line: "200 cors", headers, body: "hello" }
    }
}
