//! Pages whose origin is `null`: any page can be one, in a sandboxed frame, so no server is told to grant it.

use crossing::browser::CredentialsMode;
use crossing::{Origin, Reason};
use http::header;

use super::plan::Plan;
use crate::asking::Told;

/// What to do instead of granting `null`, where that is what the failure asks for.
pub(crate) fn fix(told: &Told, plan: &Plan) -> Option<&'static str> {
    let failure = &told.error()?.failure;
    let failed = told.exchanges.iter().rev().find(|exchange| exchange.kind == failure.exchange)?;
    let origin = failed.request.headers.get(&header::ORIGIN)?.to_text();
    if !would_grant(failure.reason, &origin) {
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

/// Whether to mend this would be to grant `null`.
pub(crate) fn would_grant(reason: Reason, origin: &str) -> bool {
    origin == "null"
        && matches!(
            reason,
            Reason::AcaoMissing
                | Reason::AcaoMultiple
                | Reason::AcaoInvalid
                | Reason::AcaoMismatch
                | Reason::AcaoWildcardCreds
                | Reason::AcacInvalid
        )
}
