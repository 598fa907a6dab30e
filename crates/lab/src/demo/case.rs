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
/// The server that the page requests: another origin of the same site.
pub(crate) const API: &str = "http://api.shop.test";
/// A third origin, of another site.
pub(crate) const CDN: &str = "http://cdn.other.test";

/// Cases that belong together.
pub(crate) struct Chapter {
    pub(crate) title: &'static str,
    pub(crate) cases: &'static [Case],
}

/// One case: what the page requests, how the servers respond, and the expected result.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// What the standard requires, in a few words.
    pub(crate) promise: &'static str,
    pub(crate) page: Page,
    /// The requests of the script, in order.
    pub(crate) requests: &'static [CaseRequest],
    pub(crate) api: ServerBehavior,
    pub(crate) cdn: ServerBehavior,
    /// All exchanges on the wire.
    pub(crate) exchanges: &'static [ExpectedExchange],
    /// What the script gets for its last request.
    pub(crate) result: ExpectedResult,
}

impl Case {
    /// The page sends a GET, the server allows its origin, and the script reads the response.
    pub(crate) const BASE: Case = Case {
        id: "",
        title: "",
        promise: "",
        page: Page::BASE,
        requests: &[CaseRequest::GET],
        api: ServerBehavior::Grants(|| Grant::new().allow_origins([APP])),
        cdn: ServerBehavior::Bare,
        exchanges: &[ExpectedExchange { line: "GET 200", headers: &[] }],
        result: ExpectedResult::HELLO,
    };
}

/// The page, and its user.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) origin: &'static str,
    pub(crate) referrer_policy: ReferrerPolicy,
    pub(crate) referrers: Referrers,
    pub(crate) mixed_content: MixedContent,
    pub(crate) stored: StoredCredentials,
}

impl Page {
    pub(crate) const BASE: Page = Page {
        origin: APP,
        referrer_policy: ReferrerPolicy::StrictOriginWhenCrossOrigin,
        referrers: Referrers::ByPolicy,
        mixed_content: MixedContent::Blocked,
        stored: StoredCredentials::None,
    };

    /// The browser has a cookie of the server, and a user name and a password for it.
    pub(crate) const LOGGED_IN: Page = Page { stored: StoredCredentials::CookieAndPassword, ..Page::BASE };
}

/// What the browser has stored for the server before the case begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoredCredentials {
    None,
    CookieAndPassword,
}

/// A request of the script.
#[derive(Clone, Copy)]
pub(crate) struct CaseRequest {
    /// The pause before the request, in seconds.
    pub(crate) after: u64,
    pub(crate) method: &'static str,
    /// The origin of the URL.
    pub(crate) to: &'static str,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: Option<&'static str>,
    pub(crate) mode: Mode,
    pub(crate) credentials: CredentialsMode,
    pub(crate) redirect: RedirectMode,
    pub(crate) preflight: ForcedPreflight,
}

impl CaseRequest {
    pub(crate) const GET: CaseRequest = CaseRequest {
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
    pub(crate) const PUT: CaseRequest = CaseRequest { method: "PUT", body: Some("{}"), ..CaseRequest::GET };
    pub(crate) const INCLUDE: CaseRequest =
        CaseRequest { credentials: CredentialsMode::Include, ..CaseRequest::GET };
}

/// How a server responds.
#[derive(Clone, Copy)]
pub(crate) enum ServerBehavior {
    /// As an application that responds with 200 and `hello`, without CORS.
    Bare,
    /// As the same application behind a policy with this grant.
    Grants(fn() -> Grant),
    /// With fixed responses: to a preflight, and to any other request. For wrong servers, and for redirects.
    Fixed(FixedResponse, FixedResponse),
}

#[derive(Clone, Copy)]
pub(crate) struct FixedResponse {
    pub(crate) status: u16,
    pub(crate) headers: &'static [(&'static str, &'static str)],
}

impl FixedResponse {
    /// 200 with these headers.
    pub(crate) const fn ok(headers: &'static [(&'static str, &'static str)]) -> FixedResponse {
        FixedResponse { status: 200, headers }
    }
}

/// An exchange that must be on the wire.
#[derive(Clone, Copy)]
pub(crate) struct ExpectedExchange {
    /// Method and status.
    pub(crate) line: &'static str,
    /// The request headers that are compared.
    pub(crate) headers: &'static [(&'static str, HeaderFact)],
}

impl ExpectedExchange {
    /// An exchange whose headers are not compared.
    pub(crate) const fn new(line: &'static str) -> ExpectedExchange {
        ExpectedExchange { line, headers: &[] }
    }
}

/// What must be true of a header.
#[derive(Clone, Copy)]
pub(crate) enum HeaderFact {
    /// The header has this value; a secret is `(present)`.
    Is(&'static str),
    /// The header is absent.
    Absent,
}

/// What the script must get.
#[derive(Clone, Copy)]
pub(crate) enum ExpectedResult {
    /// A response.
    Response {
        /// Its status and type.
        line: &'static str,
        /// The headers that are compared.
        headers: &'static [(&'static str, HeaderFact)],
        body: &'static str,
    },
    /// A `TypeError`. The script cannot see the reason.
    Error(Reason),
}

impl ExpectedResult {
    pub(crate) const HELLO: ExpectedResult = ExpectedResult::hello(&[]);

    pub(crate) const fn hello(headers: &'static [(&'static str, HeaderFact)]) -> ExpectedResult {
        ExpectedResult::Response { line: "200 cors", headers, body: "hello" }
    }
}
