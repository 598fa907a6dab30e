//! What a response is for: the [destination](https://fetch.spec.whatwg.org/#concept-request-destination), as far as the
//! project goes beyond what scripts ask for.

use crate::headers::response::forbids_sniffing;
use crate::headers::{HeaderList, MimeType, is_javascript};
use crate::reason::Reason;

/// What a response is for: the [destination](https://fetch.spec.whatwg.org/#concept-request-destination).
///
/// Where it is not [`Empty`](Destination::Empty) it is the browser itself that asks, and an opaque response is delivered
/// whole: its status, its headers and its body are not for scripts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Destination {
    /// For a script, which asked with `fetch()` or `XMLHttpRequest`.
    #[default]
    Empty,
    /// To be run as a classic script, for a `<script>` in the page's markup.
    Script {
        /// Its `nonce`, by which a Content-Security-Policy may know it; may be empty.
        nonce: String,
    },
    /// To be shown as a page, for somebody who typed its address. Ask for it as the page at that address, and with
    /// [`RedirectMode::Manual`](super::RedirectMode::Manual).
    Document,
}

impl Destination {
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Destination::Empty => "empty",
            Destination::Script { .. } => "script",
            Destination::Document => "document",
        }
    }

    /// The `Accept` that a browser sends where nobody has set one.
    pub(super) const fn accept(&self) -> &'static str {
        match self {
            Destination::Empty | Destination::Script { .. } => "*/*",
            Destination::Document => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        }
    }

    /// Why a response of this type must not be used so: the checks for
    /// [MIME types](https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-mime-type?) and for
    /// [`nosniff`](https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-nosniff?).
    pub(super) fn refuses(&self, headers: &HeaderList) -> Option<Reason> {
        // Of the two, only the first is script-like: https://fetch.spec.whatwg.org/#request-destination-script-like
        let Destination::Script { .. } = self else { return None };
        let mime = MimeType::extract(headers);
        let essence = mime.as_ref().map(MimeType::essence);
        if essence.as_ref().is_some_and(|essence| is_no_script(essence)) {
            return Some(Reason::ScriptMimeType);
        }
        let is_script = essence.as_ref().is_some_and(|essence| is_javascript(essence));
        (forbids_sniffing(headers) && !is_script).then_some(Reason::ScriptNosniff)
    }
}

fn is_no_script(essence: &str) -> bool {
    ["audio/", "image/", "video/"].iter().any(|kind| essence.starts_with(kind)) || essence == "text/csv"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::{Value, names};

    #[test]
    fn the_type_decides_what_may_run_as_a_script() {
        for (kind, options, refused) in [
            (Some("text/javascript; charset=utf-8"), Some("nosniff"), None),
            (Some("TEXT/JavaScript1.5"), Some("nosniff"), None),
            (Some("text/plain"), None, None),
            (None, None, None),
            (Some("text/plain"), Some("NoSniff"), Some(Reason::ScriptNosniff)),
            (Some("text/plain"), Some("x, nosniff"), None),
            (Some("text/plain"), Some("nosniff, x"), Some(Reason::ScriptNosniff)),
            (None, Some("nosniff"), Some(Reason::ScriptNosniff)),
            (Some("image/png"), None, Some(Reason::ScriptMimeType)),
            (Some("text/csv"), None, Some(Reason::ScriptMimeType)),
            (Some("application/json"), None, None),
        ] {
            let lines = [(names::CONTENT_TYPE, kind), (names::X_CONTENT_TYPE_OPTIONS, options)];
            let headers: HeaderList = lines
                .into_iter()
                .filter_map(|(name, value)| Some((name, Value::new(value?).unwrap())))
                .collect();
            let destination = Destination::Script { nonce: String::new() };
            assert_eq!(destination.refuses(&headers), refused, "{kind:?} {options:?}");
            assert_eq!(Destination::Document.refuses(&headers), None);
        }
    }
}
