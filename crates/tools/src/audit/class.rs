//! The classes of misconfiguration: one table.

use super::severity::Severity::{self, Critical, High, Info, Low, Medium};

/// A text that a class is about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) name: &'static str,
    pub(crate) url: &'static str,
}

const CWE_942: Reference =
    Reference { name: "CWE-942", url: "https://cwe.mitre.org/data/definitions/942.html" };
const CWE_346: Reference =
    Reference { name: "CWE-346", url: "https://cwe.mitre.org/data/definitions/346.html" };
const CWE_524: Reference =
    Reference { name: "CWE-524", url: "https://cwe.mitre.org/data/definitions/524.html" };
const WSTG: Reference = Reference {
    name: "WSTG-CLNT-07",
    url: "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/11-Client-side_Testing/07-Testing_Cross_Origin_Resource_Sharing",
};
const LOCAL_NETWORK: Reference =
    Reference { name: "Local Network Access", url: "https://wicg.github.io/local-network-access/" };

const fn fetch(url: &'static str) -> Reference {
    Reference { name: url, url }
}

const ORIGIN_TRUST: &[Reference] = &[CWE_942, CWE_346, WSTG];
const EXPOSURE: &[Reference] = &[CWE_942, WSTG];
const CORS_CHECK: &[Reference] = &[fetch("https://fetch.spec.whatwg.org/#concept-cors-check")];
const PREFLIGHT: &[Reference] = &[fetch("https://fetch.spec.whatwg.org/#cors-preflight-fetch")];
const CACHING: &[Reference] =
    &[fetch("https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches"), CWE_524];
const REDIRECTS: &[Reference] = &[fetch("https://fetch.spec.whatwg.org/#http-redirect-fetch")];
const LOCAL: &[Reference] = &[LOCAL_NETWORK];

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    /// For an answer that may carry a person's data; see [`super::findings`] for what lowers it.
    pub(crate) severity: Severity,
    pub(crate) advice: &'static str,
    pub(crate) references: &'static [Reference],
}

macro_rules! classes {
    ($($name:ident, $code:literal, $severity:ident, $references:ident, $title:literal, $advice:literal;)+) => {
        /// A class of misconfiguration.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Class { $($name),+ }

        impl Class {
            /// Every class, in the table's order.
            pub(crate) const ALL: &'static [Class] = &[$(Class::$name),+];

            /// Its row.
            pub(crate) const fn row(self) -> &'static Row {
                match self {
                    $(Class::$name => &Row {
                        code: $code, title: $title, severity: $severity, advice: $advice, references: $references,
                    }),+
                }
            }
        }
    };
}

classes! {
    Reflect, "reflect", Critical, ORIGIN_TRUST,
        "Any origin is granted, with credentials",
        "Grant a list of origins, compared whole and to the byte; never answer with whatever Origin says.";
    ReflectNc, "reflect-nc", Low, ORIGIN_TRUST,
        "Any origin is repeated in Access-Control-Allow-Origin",
        "If everybody may read it, send *: it says so, needs no Vary, and can never carry credentials. Else grant a list.";
    Null, "null", High, ORIGIN_TRUST,
        "The origin null is granted",
        "Take null out: every page can make its origin null, in a sandboxed frame.";
    Prefix, "prefix", High, ORIGIN_TRUST,
        "An origin is granted for how it begins",
        "Compare the whole origin; https://example.com.evil.test begins like https://example.com.";
    Suffix, "suffix", High, ORIGIN_TRUST,
        "An origin is granted for how it ends",
        "Compare the whole origin, or the host label by label; evilexample.com ends like example.com.";
    Substr, "substr", High, ORIGIN_TRUST,
        "An origin is granted for what it contains",
        "Compare the whole origin, and anchor expressions at both ends.";
    Dot, "dot", High, ORIGIN_TRUST,
        "A dot in the allowed origin matches any character",
        "Escape the dots of the expression, or compare the whole origin.";
    Special, "special", High, ORIGIN_TRUST,
        "An origin is granted whose host goes on after the trusted name with a special character",
        "Compare the whole origin: browsers take more characters in a host than letters, digits and hyphens.";
    AnchorMl, "anchor-ml", Info, ORIGIN_TRUST,
        "A malformed Origin is granted, which no browser sends",
        "Refuse what is no serialised origin: a scheme, a host, perhaps a port, and nothing else.";
    Subany, "subany", Medium, ORIGIN_TRUST,
        "Every subdomain is granted",
        "Name the subdomains that need it: a fault in any of them, or a forgotten DNS record, opens this one.";
    Subhttp, "subhttp", Medium, ORIGIN_TRUST,
        "An http: origin is granted where the own one is https:",
        "Grant https: origins alone: whoever is on the network speaks for an http: origin.";
    Portany, "portany", Medium, ORIGIN_TRUST,
        "Every port is granted",
        "Name the port; another service on the same host is another origin.";
    Localhost, "localhost", Medium, ORIGIN_TRUST,
        "A developer's origin is granted",
        "Grant localhost in development alone: any program on the person's machine can serve a page there.";
    Thirdparty, "thirdparty", High, ORIGIN_TRUST,
        "Every site of a shared host is granted",
        "Name the sites: anybody can have one under that name.";
    Ext, "ext", Medium, ORIGIN_TRUST,
        "Any browser extension or packaged application is granted",
        "Name the extension by its identifier, or let it ask with its host permission, which needs no CORS.";
    WildCred, "wild-cred", Medium, CORS_CHECK,
        "Access-Control-Allow-Origin: * together with Access-Control-Allow-Credentials: true",
        "Browsers refuse this pair when credentials are included. Answer with the page's origin from a list, or leave the credentials out.";
    WildSens, "wild-sens", Low, EXPOSURE,
        "Access-Control-Allow-Origin: * on an answer that is about one person",
        "Send * for public data only: every page may read this answer, of whoever can reach it.";
    Intranet, "intranet", High, EXPOSURE,
        "A service on a private network shares its answers with every page",
        "Name the origins: any page that a person visits reads this through their browser, past the firewall.";
    VaryMissing, "vary-missing", Medium, CACHING,
        "The answer depends on Origin, and Vary does not say so",
        "Send Vary: Origin on every answer, also without Origin in the request, and on errors and redirects.";
    VaryPreflight, "vary-preflight", Low, CACHING,
        "A cacheable preflight answer depends on what was asked, and Vary does not say so",
        "Send Vary: Access-Control-Request-Method, Access-Control-Request-Headers, or keep caches away from OPTIONS.";
    CacheCred, "cache-cred", Medium, CACHING,
        "An answer with credentials may be stored by shared caches",
        "Send Cache-Control: private, or no-store.";
    HeaderInj, "header-inj", High, ORIGIN_TRUST,
        "Origin is decoded into the answer's header lines",
        "Never build a header line from an undecoded request header; compare with a list and send the list's entry.";
    MultiAcao, "multi-acao", Medium, CORS_CHECK,
        "Access-Control-Allow-Origin holds what no browser can match",
        "Send one line with one origin, as the browser writes it, or *; set it in one place only.";
    Case, "case", Medium, CORS_CHECK,
        "Access-Control-Allow-Origin differs from Origin by its spelling",
        "Repeat Origin to the byte: lower case, no trailing slash, no default port.";
    AcacCase, "acac-case", Medium, CORS_CHECK,
        "Access-Control-Allow-Credentials is not the word true",
        "Send true, in lower case, once; or leave the header out.";
    PreflightStatus, "preflight-status", Medium, PREFLIGHT,
        "The preflight is answered with an error",
        "Answer OPTIONS with 200 or 204, before routing.";
    PreflightAuth, "preflight-auth", Medium, PREFLIGHT,
        "The preflight is asked to authenticate",
        "Answer OPTIONS before authentication: a preflight never carries credentials.";
    PreflightRedir, "preflight-redir", Medium, PREFLIGHT,
        "The preflight is redirected",
        "Answer OPTIONS where it is asked; browsers follow no redirect of a preflight.";
    PreflightNocache, "preflight-nocache", Info, PREFLIGHT,
        "Browsers cannot remember the preflight for long",
        "Send Access-Control-Max-Age, as in 600; without it a preflight is remembered for 5 seconds.";
    AcamLower, "acam-lower", Medium, PREFLIGHT,
        "A method in Access-Control-Allow-Methods is not in upper case",
        "Write methods as they are sent: PATCH is not patch.";
    AcahAuth, "acah-auth", Medium, PREFLIGHT,
        "* does not mean what it seems to",
        "Name the headers and methods: with credentials * is a name like any other, and it never covers Authorization.";
    AcahReflect, "acah-reflect", Low, PREFLIGHT,
        "Any header or method that a preflight asks for is granted",
        "Grant the headers and methods that the application reads.";
    Aceh, "aceh", Info, EXPOSURE,
        "A header that should stay hidden is exposed",
        "Expose what scripts need; Set-Cookie never is shown, and tokens do not belong there.";
    MethodsDangerous, "methods-dangerous", Medium, EXPOSURE,
        "Methods that change things are granted to every origin",
        "Grant PUT, PATCH and DELETE to the origins that need them.";
    ErrNocors, "err-nocors", Medium, CORS_CHECK,
        "Errors lack the headers that other answers have",
        "Add them to errors as well (nginx: add_header ... always): a page else cannot tell an error from a block.";
    RedirNocors, "redir-nocors", Medium, REDIRECTS,
        "A redirect cannot be followed by a page",
        "Send the headers on the redirect, too, and no user or password in Location; to another origin the page's Origin becomes null, so answer * there.";
    Mixed, "mixed", Medium, REDIRECTS,
        "An https: page cannot ask an http: address",
        "Serve this over https.";
    Lna, "lna", Info, LOCAL,
        "A public page that asks a private address needs the person's permission",
        "Serve it from a public address, or count on the browser's prompt.";
    SimpleCsrf, "simple-csrf", Medium, ORIGIN_TRUST,
        "A request that needs no preflight is accepted from any origin",
        "Refuse by Origin, or ask for a token: CORS does not stop a form's POST.";
    Ws, "ws", High, ORIGIN_TRUST,
        "A WebSocket opens for any origin",
        "Compare Origin with a list before accepting the handshake: CORS does not cover WebSockets.";
    Tao, "tao", Info, EXPOSURE,
        "Every page may measure the answer's timing",
        "Name the origins in Timing-Allow-Origin.";
    Crossdomain, "crossdomain", Low, EXPOSURE,
        "An old policy file grants everybody",
        "Delete crossdomain.xml and clientaccesspolicy.xml: no browser of today reads them.";
    Jsonp, "jsonp", Low, EXPOSURE,
        "The answer can be had as a script (JSONP), past all of CORS",
        "Take JSONP out: a script is readable to every page, with cookies.";
    OriginAuthz, "origin-authz", Info, ORIGIN_TRUST,
        "Origin decides whether an answer is given at all",
        "This is a good second defence, and no first: programs other than browsers send any Origin.";
    Inconsistent, "inconsistent", Medium, CORS_CHECK,
        "Answers to the same page disagree",
        "Set the headers in one place, for every method and every replica.";
    OwnRefused, "own-refused", Medium, CORS_CHECK,
        "A page that is meant to be allowed is not granted",
        "Put the origin on the server's list, or name the one that is meant with --own.";
    NotJudged, "not-judged", Info, CORS_CHECK,
        "The address was not judged in full",
        "Ask again when the application answers, as often as it allows: --rate and --max-requests say how often.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_every_row_is_whole() {
        let codes: std::collections::BTreeSet<_> = Class::ALL.iter().map(|class| class.row().code).collect();
        assert_eq!(codes.len(), Class::ALL.len());
        for row in Class::ALL.iter().map(|class| class.row()) {
            assert!(
                row.advice.ends_with('.') && !row.title.ends_with('.') && !row.references.is_empty(),
                "{row:?}"
            );
        }
    }

    #[test]
    fn the_page_for_security_reviews_names_every_class() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/for-security-reviews.md");
        let page = std::fs::read_to_string(page).unwrap();
        for row in Class::ALL.iter().map(|class| class.row()) {
            assert!(
                page.contains(&format!("| `{}` | ", row.code)) && page.contains(row.title),
                "{}",
                row.code
            );
        }
    }
}
