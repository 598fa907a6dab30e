//! The one table of refusals: each has a stable code, says whose fault it is, what happened, how to mend it, where the
//! standard says so, and what Chromium and Firefox call it.

use std::fmt;

/// Who can mend a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The script, or the page around it.
    Page,
    /// The server that was asked.
    Server,
    /// What lies between them: names, connections, certificates.
    Network,
    /// A rule of the browser's that neither page nor server can lift.
    Browser,
    /// The person at the browser, or a setting of theirs.
    User,
}

impl Fault {
    /// The word for it: `page`, `server`, `network`, `browser` or `user`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Fault::Page => "page",
            Fault::Server => "server",
            Fault::Network => "network",
            Fault::Browser => "browser",
            Fault::User => "user",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which exchange a refusal came from: Chromium names some of them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exchange {
    /// The CORS-preflight request.
    Preflight,
    /// The request itself.
    Request,
}

impl Exchange {
    /// The word for it: `preflight` or `request`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Exchange::Preflight => "preflight",
            Exchange::Request => "request",
        }
    }
}

/// One row of the table.
struct Row {
    code: &'static str,
    fault: Fault,
    message: &'static str,
    cause: &'static str,
    fix: &'static str,
    rule: &'static str,
    spec: &'static str,
    /// For the request, and for a preflight where the name differs.
    chromium: Option<(&'static str, &'static str)>,
    firefox: Option<&'static str>,
}

macro_rules! reasons {
    ($( $(#[$doc:meta])* $name:ident {
        code: $code:literal, fault: $fault:ident, message: $message:literal, cause: $cause:literal,
        fix: $fix:literal, rule: $rule:literal, spec: $spec:expr
        $(, chromium: $chromium:literal $(/ $preflight:literal)?)? $(, firefox: $firefox:literal)? $(,)?
    } )+) => {
        /// Why a fetch failed, or a request was refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $( #[doc = $message] $(#[$doc])* $name, )+
        }

        impl Reason {
            /// Every reason, in the order of the table.
            pub const ALL: &'static [Reason] = &[ $( Reason::$name ),+ ];

            pub(super) const fn row(self) -> &'static Row {
                match self {
                    $( Reason::$name => &Row {
                        code: $code,
                        fault: Fault::$fault,
                        message: $message,
                        cause: $cause,
                        fix: $fix,
                        rule: $rule,
                        spec: $spec,
                        chromium: reasons!(@chromium $($chromium $(/ $preflight)?)?),
                        firefox: reasons!(@firefox $($firefox)?),
                    }, )+
                }
            }
        }
    };
    (@chromium) => { None };
    (@chromium $a:literal) => { Some(($a, $a)) };
    (@chromium $a:literal / $b:literal) => { Some(($a, $b)) };
    (@firefox) => { None };
    (@firefox $a:literal) => { Some($a) };
}

mod table;

pub use table::Reason;

impl Reason {
    /// The stable code: `acao-missing`.
    pub const fn code(self) -> &'static str {
        self.row().code
    }

    /// The reason with this code.
    pub fn from_code(code: &str) -> Option<Reason> {
        Reason::ALL.iter().copied().find(|reason| reason.code() == code)
    }

    /// Who can mend it.
    pub const fn fault(self) -> Fault {
        self.row().fault
    }

    /// What happened, in a sentence.
    pub const fn message(self) -> &'static str {
        self.row().message
    }

    /// What usually brings it about.
    pub const fn cause(self) -> &'static str {
        self.row().cause
    }

    /// The sentence of the standard that is at work, in our own words.
    pub const fn rule(self) -> &'static str {
        self.row().rule
    }

    /// How to mend it.
    pub const fn fix(self) -> &'static str {
        self.row().fix
    }

    /// Where the standard says so.
    pub const fn spec(self) -> &'static str {
        self.row().spec
    }

    /// Chromium's name for it (a `CorsError` of its network service), if it has one.
    pub const fn chromium(self, exchange: Exchange) -> Option<&'static str> {
        match (self.row().chromium, exchange) {
            (None, _) => None,
            (Some((request, _)), Exchange::Request) => Some(request),
            (Some((_, preflight)), Exchange::Preflight) => Some(preflight),
        }
    }

    /// Firefox's name for it (the last part of its console message's help address), if it has one.
    pub const fn firefox(self) -> Option<&'static str> {
        self.row().firefox
    }

    /// Whether the network failed, not CORS: nobody can say what the browser would have decided.
    pub const fn is_unreachable(self) -> bool {
        matches!(
            self,
            Reason::Dns
                | Reason::Connection
                | Reason::Tls
                | Reason::Timeout
                | Reason::BrokenHttp
                | Reason::BodyTooLarge
                | Reason::NotRecorded
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Reason {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_lower_case() {
        let codes: BTreeSet<_> = Reason::ALL.iter().map(|r| r.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        assert!(
            codes
                .iter()
                .all(|c| c.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'))
        );
        assert!(Reason::ALL.iter().all(|r| Reason::from_code(r.code()) == Some(*r)));
    }

    #[test]
    fn every_row_says_what_why_and_where() {
        for reason in Reason::ALL {
            for text in [reason.message(), reason.cause(), reason.fix(), reason.rule()] {
                assert!(text.ends_with('.') && !text.contains("  "), "{reason:?}: {text}");
            }
            assert!(reason.spec().starts_with("https://") && reason.spec().contains('#'), "{reason:?}");
        }
    }
}
