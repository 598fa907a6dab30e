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
    fix: &'static str,
    spec: &'static str,
    /// For the request, and for a preflight where the name differs.
    chromium: Option<(&'static str, &'static str)>,
    firefox: Option<&'static str>,
}

macro_rules! reasons {
    ($( $(#[$doc:meta])* $name:ident {
        code: $code:literal, fault: $fault:ident, message: $message:literal, fix: $fix:literal, spec: $spec:expr
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

            const fn row(self) -> &'static Row {
                match self {
                    $( Reason::$name => &Row {
                        code: $code,
                        fault: Fault::$fault,
                        message: $message,
                        fix: $fix,
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

macro_rules! fetch {
    ($anchor:literal) => {
        concat!("https://fetch.spec.whatwg.org/#", $anchor)
    };
}

reasons! {
    // The CORS check.
    AcaoMissing {
        code: "acao-missing", fault: Server,
        message: "The response has no Access-Control-Allow-Origin, so the server did not share it with the page.",
        fix: "Send Access-Control-Allow-Origin with the page's origin on every response of this resource, errors included.",
        spec: fetch!("concept-cors-check"),
        chromium: "MissingAllowOriginHeader" / "PreflightMissingAllowOriginHeader", firefox: "CORSMissingAllowOrigin",
    }
    AcaoMultiple {
        code: "acao-multiple", fault: Server,
        message: "The response names more than one origin in Access-Control-Allow-Origin, and only one value is allowed.",
        fix: "Send the header once: let either the application or the proxy set it, and answer with the one origin that asked.",
        spec: fetch!("concept-cors-check"),
        chromium: "MultipleAllowOriginValues" / "PreflightMultipleAllowOriginValues",
        firefox: "CORSMultipleAllowOriginNotAllowed",
    }
    AcaoInvalid {
        code: "acao-invalid", fault: Server,
        message: "Access-Control-Allow-Origin holds something that is neither an origin, nor null, nor *.",
        fix: "Send the origin exactly as the browser sent it: scheme, host and port, no path, no trailing slash, no pattern.",
        spec: fetch!("concept-cors-check"),
        chromium: "InvalidAllowOriginValue" / "PreflightInvalidAllowOriginValue",
        firefox: "CORSAllowOriginNotMatchingOrigin",
    }
    AcaoMismatch {
        code: "acao-mismatch", fault: Server,
        message: "Access-Control-Allow-Origin names another origin than the one that asked.",
        fix: "Choose the value from a list by the request's Origin, and add Vary: Origin so that no cache mixes them up.",
        spec: fetch!("concept-cors-check"),
        chromium: "AllowOriginMismatch" / "PreflightAllowOriginMismatch", firefox: "CORSAllowOriginNotMatchingOrigin",
    }
    AcaoWildcardCreds {
        code: "acao-wildcard-creds", fault: Server,
        message: "Access-Control-Allow-Origin is *, which does not share a response that was asked for with credentials.",
        fix: "Answer with the page's origin and Access-Control-Allow-Credentials: true, or let the page ask without credentials.",
        spec: fetch!("cors-protocol-and-credentials"),
        chromium: "WildcardOriginNotAllowed" / "PreflightWildcardOriginNotAllowed",
        firefox: "CORSNotSupportingCredentials",
    }
    AcacInvalid {
        code: "acac-invalid", fault: Server,
        message: "The page asked with credentials, and Access-Control-Allow-Credentials is missing or is not exactly true.",
        fix: "Send Access-Control-Allow-Credentials: true, in lower case, on the preflight's answer and on the response.",
        spec: fetch!("concept-cors-check"),
        chromium: "InvalidAllowCredentials" / "PreflightInvalidAllowCredentials",
        firefox: "CORSMIssingAllowCredentials",
    }

    // The preflight.
    PreflightStatus {
        code: "preflight-status", fault: Server,
        message: "The preflight was answered with a status outside 200 to 299.",
        fix: "Answer OPTIONS with 200 or 204 before authentication, routing and CSRF checks see it.",
        spec: fetch!("cors-preflight-fetch-0"),
        chromium: "PreflightInvalidStatus", firefox: "CORSPreflightDidNotSucceed",
    }
    PreflightRedirect {
        code: "preflight-redirect", fault: Server,
        message: "The preflight was answered with a redirect, and a preflight follows none.",
        fix: "Call the final URL (https, with or without the trailing slash), and keep OPTIONS out of login redirects.",
        spec: fetch!("cors-preflight-fetch-0"),
        chromium: "PreflightDisallowedRedirect", firefox: "CORSExternalRedirectNotAllowed",
    }
    PreflightAcamParse {
        code: "preflight-acam-parse", fault: Server,
        message: "The preflight's Access-Control-Allow-Methods is not a list of methods.",
        fix: "Send method names with commas between them, and nothing else: PUT, DELETE.",
        spec: fetch!("http-new-header-syntax"),
        chromium: "InvalidAllowMethodsPreflightResponse", firefox: "CORSInvalidAllowMethod",
    }
    PreflightAcahParse {
        code: "preflight-acah-parse", fault: Server,
        message: "The preflight's Access-Control-Allow-Headers is not a list of header names.",
        fix: "Send header names with commas between them, and nothing else: authorization, content-type.",
        spec: fetch!("http-new-header-syntax"),
        chromium: "InvalidAllowHeadersPreflightResponse", firefox: "CORSInvalidAllowHeader",
    }
    MethodNotAllowed {
        code: "method-not-allowed", fault: Server,
        message: "The preflight's Access-Control-Allow-Methods does not grant the request's method.",
        fix: "List the method, in the case in which it is sent; with credentials * is no wildcard.",
        spec: fetch!("cors-preflight-fetch-0"),
        chromium: "MethodDisallowedByPreflightResponse", firefox: "CORSMethodNotFound",
    }
    HeaderNotAllowed {
        code: "header-not-allowed", fault: Server,
        message: "The preflight's Access-Control-Allow-Headers does not grant a header that the page sets.",
        fix: "List the header by name; with credentials * is no wildcard, and it may not cover Authorization.",
        spec: fetch!("cors-preflight-fetch-0"),
        chromium: "HeaderDisallowedByPreflightResponse", firefox: "CORSMissingAllowHeaderFromPreflight",
    }

    // Redirects.
    RedirectUserinfo {
        code: "redirect-userinfo", fault: Server,
        message: "A cross-origin redirect leads to a URL with a user or a password in it.",
        fix: "Redirect to a URL without user:password@.",
        spec: fetch!("concept-http-redirect-fetch"),
        chromium: "RedirectContainsCredentials", firefox: "CORSExternalRedirectNotAllowed",
    }
    TooManyRedirects {
        code: "too-many-redirects", fault: Server,
        message: "The response is the twenty-first redirect in a row.",
        fix: "Look for a loop: a login page, http to https and back, a trailing slash that comes and goes.",
        spec: fetch!("concept-http-redirect-fetch"),
        firefox: "CORSDidNotSucceed",
    }
    RedirectLocation {
        code: "redirect-location", fault: Server,
        message: "A redirect's Location is no URL, or stands there twice with different values.",
        fix: "Send one Location header with one URL.",
        spec: fetch!("concept-response-location-url"),
        firefox: "CORSDidNotSucceed",
    }
    RedirectScheme {
        code: "redirect-scheme", fault: Server,
        message: "A redirect leads to a URL that is neither http nor https.",
        fix: "Redirect to an http or https URL.",
        spec: fetch!("concept-http-redirect-fetch"),
        chromium: "CorsDisabledScheme", firefox: "CORSRequestNotHttp",
    }
    RedirectRefused {
        code: "redirect-refused", fault: Page,
        message: "The server redirects, and the page asked with redirect mode error.",
        fix: "Ask for the final URL, or leave the redirect mode at follow.",
        spec: fetch!("concept-http-fetch"),
        firefox: "CORSDidNotSucceed",
    }
    RedirectStream {
        code: "redirect-stream", fault: Page,
        message: "A redirect asks for the body again, and a streamed body cannot be sent twice.",
        fix: "Send the body as text, bytes or a Blob, or ask for the final URL.",
        spec: fetch!("concept-http-redirect-fetch"),
        firefox: "CORSDidNotSucceed",
    }

    // Before anything is sent.
    Mode {
        code: "mode", fault: Page,
        message: "The URL is of another origin than the page, and the page asked with mode same-origin.",
        fix: "Ask with mode cors, or for a URL of the page's own origin.",
        spec: fetch!("concept-main-fetch"),
        chromium: "DisallowedByMode", firefox: "CORSDisabled",
    }
    NoCorsRedirectMode {
        code: "no-cors-redirect-mode", fault: Page,
        message: "A cross-origin request with mode no-cors may only follow redirects.",
        fix: "Leave the redirect mode at follow, or ask with mode cors.",
        spec: fetch!("concept-main-fetch"),
    }
    Scheme {
        code: "scheme", fault: Page,
        message: "Only http and https URLs can be asked for across origins.",
        fix: "Use an http or https URL; a missing http:// makes a host name look like a scheme.",
        spec: fetch!("concept-main-fetch"),
        chromium: "CorsDisabledScheme", firefox: "CORSRequestNotHttp",
    }
    BadPort {
        code: "bad-port", fault: Browser,
        message: "The URL's port belongs to another protocol, and browsers never send HTTP there.",
        fix: "Serve on another port.",
        spec: fetch!("port-blocking"),
    }
    MixedContent {
        code: "mixed-content", fault: Page,
        message: "A page that came over https asks for an http URL.",
        fix: "Serve the resource over https.",
        spec: "https://w3c.github.io/webappsec-mixed-content/#should-block-fetch",
    }
    Csp {
        code: "csp", fault: Page,
        message: "The page's Content-Security-Policy does not list the URL under connect-src.",
        fix: "Add the URL's origin to connect-src of the page's Content-Security-Policy.",
        spec: "https://w3c.github.io/webappsec-csp/#directive-connect-src",
    }
    CacheMiss {
        code: "cache-miss", fault: Page,
        message: "The page asked with cache mode only-if-cached, and no stored response fits.",
        fix: "Use another cache mode.",
        spec: fetch!("concept-http-network-or-cache-fetch"),
    }

    // The response, apart from the CORS check.
    Corp {
        code: "corp", fault: Server,
        message: "The response's Cross-Origin-Resource-Policy keeps it from pages of other origins or sites.",
        fix: "Send Cross-Origin-Resource-Policy: cross-origin, or ask with mode cors.",
        spec: fetch!("cross-origin-resource-policy-header"),
    }
    AuthPrompt {
        code: "auth-prompt", fault: User,
        message: "The server asks for a user and a password, and nobody is there to type them.",
        fix: "Give the credentials with the request, or answer 401 without WWW-Authenticate.",
        spec: fetch!("concept-http-network-or-cache-fetch"),
    }
    ProxyAuth {
        code: "proxy-auth", fault: Network,
        message: "A proxy asks for a user and a password (407).",
        fix: "Configure the proxy's credentials; a server that is no proxy must not answer 407.",
        spec: fetch!("concept-http-network-or-cache-fetch"),
    }
    AuthStream {
        code: "auth-stream", fault: Page,
        message: "The server asks for credentials after a streamed body was sent, which cannot be sent twice.",
        fix: "Send the body as text, bytes or a Blob.",
        spec: fetch!("concept-http-network-or-cache-fetch"),
    }

    // Not CORS at all.
    Dns {
        code: "dns", fault: Network,
        message: "The host's name could not be resolved. This is no CORS error.",
        fix: "Check the name, and the resolver.",
        spec: fetch!("resolving-domains"),
        firefox: "CORSDidNotSucceed",
    }
    Connection {
        code: "connection", fault: Network,
        message: "No connection to the server came about. This is no CORS error.",
        fix: "Check that the server runs and listens on this address and port, and that no firewall is in between.",
        spec: fetch!("concept-connection-obtain"),
        firefox: "CORSDidNotSucceed",
    }
    Tls {
        code: "tls", fault: Network,
        message: "The TLS handshake failed, most often for want of a trusted certificate. This is no CORS error.",
        fix: "Install a certificate for this name from an authority that the browser trusts.",
        spec: fetch!("concept-connection-obtain"),
        firefox: "CORSDidNotSucceed",
    }
    Timeout {
        code: "timeout", fault: Network,
        message: "The answer took longer than the time allowed. This is no CORS error.",
        fix: "Find out what the server waits for; a proxy's time-out page often lacks the CORS headers, too.",
        spec: "https://xhr.spec.whatwg.org/#the-timeout-attribute",
        firefox: "CORSDidNotSucceed",
    }
    BrokenHttp {
        code: "broken-http", fault: Server,
        message: "What the server sent is no HTTP response, or breaks off. This is no CORS error.",
        fix: "Look at the server's log; it may have crashed, or speak another protocol on this port.",
        spec: fetch!("concept-http-network-fetch"),
        firefox: "CORSDidNotSucceed",
    }
    BodyTooLarge {
        code: "body-too-large", fault: User,
        message: "The response's body is larger than the limit that was set. This is no CORS error.",
        fix: "Raise the limit.",
        spec: fetch!("concept-http-network-fetch"),
    }
    Misuse {
        code: "misuse", fault: Page,
        message: "The program that drives the fetch answered another question than the one asked.",
        fix: "Mend the driver: each step has one kind of answer.",
        spec: fetch!("concept-network-error"),
    }
    Aborted {
        code: "aborted", fault: Page,
        message: "The page aborted the request.",
        fix: "Nothing is wrong with the server.",
        spec: fetch!("concept-aborted-network-error"),
    }

    // The server's own refusals.
    OriginNotGranted {
        code: "origin-not-granted", fault: Server,
        message: "No grant of the policy names the request's origin.",
        fix: "Add the origin to a grant's allow_origins if its pages should have access.",
        spec: fetch!("http-origin"),
    }
    NullNotGranted {
        code: "null-not-granted", fault: Server,
        message: "The request's origin is null, and the policy does not grant that.",
        fix: "Serve the page from an origin of its own: a sandboxed frame, a local file and some redirects make it null.",
        spec: fetch!("http-origin"),
    }
    OriginRepeated {
        code: "origin-repeated", fault: Network,
        message: "The request has more than one Origin line, which no browser sends.",
        fix: "Look for a proxy on the way that adds an Origin of its own.",
        spec: fetch!("http-origin"),
    }
    RequestMethodMalformed {
        code: "request-method-malformed", fault: Network,
        message: "The preflight's Access-Control-Request-Method is no method, or stands there twice.",
        fix: "Look for what sent the preflight: no browser writes it so.",
        spec: fetch!("http-access-control-request-method"),
    }
    MethodNotGranted {
        code: "method-not-granted", fault: Server,
        message: "The grant that decides for the origin does not name the request's method.",
        fix: "Add the method to the grant's allow_methods, in the case in which it is sent.",
        spec: fetch!("http-access-control-request-method"),
    }
    HeadersNotGranted {
        code: "headers-not-granted", fault: Server,
        message: "The grant that decides for the origin does not name a header that the page sets.",
        fix: "Add the header to the grant's allow_headers.",
        spec: fetch!("http-access-control-request-headers"),
    }
    AuthorizationNotGranted {
        code: "authorization-not-granted", fault: Server,
        message: "The page sets Authorization, which * in allow_headers does not cover.",
        fix: "Write allow_headers = [\"*\", \"authorization\"].",
        spec: fetch!("cors-non-wildcard-request-header-name"),
    }
    HeadersOverBudget {
        code: "headers-over-budget", fault: Page,
        message: "The preflight's Access-Control-Request-Headers is longer than any list of the headers that are granted.",
        fix: "Set fewer headers, each once; the policy fixes how much of the list is read.",
        spec: fetch!("http-access-control-request-headers"),
    }
}

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
            assert!(reason.message().ends_with('.') && reason.fix().ends_with('.'), "{reason:?}");
            assert!(reason.spec().starts_with("https://") && reason.spec().contains('#'), "{reason:?}");
        }
    }
}
