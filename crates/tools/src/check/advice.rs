//! Where what the reason says would be the wrong thing to do, or not the first: what to do instead.
//!
//! Any page can have the origin `null`, in a sandboxed frame: no server is told to grant it. And an application that is
//! down is to be started, before anybody looks at its headers.

use crossing::browser::CredentialsMode;
use crossing::{Origin, Reason, ResponseHead};
use http::header;

use super::request::Plan;
use crate::conversation::FetchRecord;

/// What to do, if not what the reason says.
pub(crate) fn fix(told: &FetchRecord, plan: &Plan) -> Option<&'static str> {
    let failure = &told.error()?.failure;
    let failed = told.exchanges.iter().rev().find(|exchange| exchange.kind == failure.exchange)?;
    let origin = failed.request.headers.get(&header::ORIGIN)?.to_text();
    if failed.response.as_ref().is_some_and(|head| is_down(failure.reason, head)) {
        return Some(
            "Start the application, or find out why it does not answer its proxy: nothing can be said about its CORS before. That the proxy's errors have no CORS headers hides this from the page.",
        );
    }
    if !would_grant_null(failure.reason, &origin) {
        return None;
    }
    Some(match (&plan.page, plan.request.credentials()) {
        (Origin::Tuple(_), _) => {
            "Ask the address that the redirect leads to itself: a redirect between foreign origins makes the origin null, and null is any sandboxed page, too; to grant it is to grant everybody."
        }
        (Origin::Opaque, CredentialsMode::Include) => {
            "Give the page an origin of its own, or let it ask without credentials: null is any sandboxed page, and to grant it with credentials is to grant them to everybody."
        }
        (Origin::Opaque, _) => {
            "Give the page an origin of its own, or send * if everybody may read this: null is any sandboxed page, and to grant it is to grant everybody."
        }
    })
}

/// Whether the server's header lines are what is to be changed.
pub(crate) fn is_mended_by_headers(reason: Reason, origin: &str, head: &ResponseHead) -> bool {
    !is_down(reason, head) && !would_grant_null(reason, origin)
}

/// Whether a server says that its answer depends on `Origin`, as one does that compares it with a list.
pub(crate) fn varies_on_origin(head: &ResponseHead) -> bool {
    let vary = head.headers.get(&header::VARY).map(|value| value.to_text()).unwrap_or_default();
    vary.split(',').any(|name| name.trim().eq_ignore_ascii_case("origin"))
}

/// Whether a proxy answered in the application's place.
fn is_down(reason: Reason, head: &ResponseHead) -> bool {
    matches!(reason, Reason::AcaoMissing | Reason::PreflightStatus)
        && matches!(head.status.as_u16(), 502..=504)
}

/// Whether to mend this would be to grant `null`.
fn would_grant_null(reason: Reason, origin: &str) -> bool {
    use Reason::{AcacInvalid, AcaoInvalid, AcaoMismatch, AcaoMissing, AcaoMultiple, AcaoWildcardCreds};
    let grants = [AcaoMissing, AcaoMultiple, AcaoInvalid, AcaoMismatch, AcaoWildcardCreds, AcacInvalid];
    origin == "null" && grants.contains(&reason)
}
