//! The rows.

use super::{Fault, Row};

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
        cause: "The CORS middleware is missing, or runs after routing, authentication or an error page; a proxy or a gateway answered in the server's place; the allow-list does not know the origin.",
        fix: "Send Access-Control-Allow-Origin with the page's origin on every response of this resource, errors included.",
        rule: "A cors response without Access-Control-Allow-Origin fails the CORS check.",
        spec: fetch!("concept-cors-check"),
        chromium: "MissingAllowOriginHeader" / "PreflightMissingAllowOriginHeader", firefox: "CORSMissingAllowOrigin",
    }
    AcaoMultiple {
        code: "acao-multiple", fault: Server,
        message: "The response names more than one origin in Access-Control-Allow-Origin, and only one value is allowed.",
        cause: "Both the application and a proxy in front of it set the header, or a list of origins was written into one value.",
        fix: "Send the header once: let either the application or the proxy set it, and answer with the one origin that asked.",
        rule: "The header's lines are joined, and the joined value is compared as a whole.",
        spec: fetch!("concept-cors-check"),
        chromium: "MultipleAllowOriginValues" / "PreflightMultipleAllowOriginValues",
        firefox: "CORSMultipleAllowOriginNotAllowed",
    }
    AcaoInvalid {
        code: "acao-invalid", fault: Server,
        message: "Access-Control-Allow-Origin holds something that is neither an origin, nor null, nor *.",
        cause: "A trailing slash, a path, a missing scheme, quotes, or a pattern such as *.example.com.",
        fix: "Send the origin exactly as the browser sent it: scheme, host and port, no path, no trailing slash, no pattern.",
        rule: "The value is compared with * and with the serialized origin, and is never read as a pattern.",
        spec: fetch!("concept-cors-check"),
        chromium: "InvalidAllowOriginValue" / "PreflightInvalidAllowOriginValue",
        firefox: "CORSAllowOriginNotMatchingOrigin",
    }
    AcaoMismatch {
        code: "acao-mismatch", fault: Server,
        message: "Access-Control-Allow-Origin names another origin than the one that asked.",
        cause: "www and no www, http and https, another port, localhost and 127.0.0.1; one origin written down for all; a cache that stored the answer to another page; a redirect that made the origin null.",
        fix: "Choose the value from a list by the request's Origin, and add Vary: Origin so that no cache mixes them up.",
        rule: "The value equals the serialized origin of the request to the byte.",
        spec: fetch!("concept-cors-check"),
        chromium: "AllowOriginMismatch" / "PreflightAllowOriginMismatch", firefox: "CORSAllowOriginNotMatchingOrigin",
    }
    AcaoWildcardCreds {
        code: "acao-wildcard-creds", fault: Server,
        message: "Access-Control-Allow-Origin is *, which does not share a response that was asked for with credentials.",
        cause: "The server is open to everybody, and the script sets withCredentials or credentials: include, often in a shared client.",
        fix: "Answer with the page's origin and Access-Control-Allow-Credentials: true, or let the page ask without credentials.",
        rule: "The * stands for any origin only where the credentials mode is not include.",
        spec: fetch!("cors-protocol-and-credentials"),
        chromium: "WildcardOriginNotAllowed" / "PreflightWildcardOriginNotAllowed",
        firefox: "CORSNotSupportingCredentials",
    }
    AcacInvalid {
        code: "acac-invalid", fault: Server,
        message: "The page asked with credentials, and Access-Control-Allow-Credentials is missing or is not exactly true.",
        cause: "The header is missing on the preflight or on the response, or says True, 1 or yes.",
        fix: "Send Access-Control-Allow-Credentials: true, in lower case, on the preflight's answer and on the response.",
        rule: "With credentials mode include the value is true, in these four lower-case letters.",
        spec: fetch!("concept-cors-check"),
        chromium: "InvalidAllowCredentials" / "PreflightInvalidAllowCredentials",
        firefox: "CORSMissingAllowCredentials",
    }

    // The preflight.
    PreflightStatus {
        code: "preflight-status", fault: Server,
        message: "The preflight was answered with a status outside 200 to 299.",
        cause: "OPTIONS is not routed (404, 405), needs a login (401, 403), or never reaches the CORS middleware; a gateway answers it.",
        fix: "Answer OPTIONS with 200 or 204 before authentication, routing and CSRF checks see it.",
        rule: "The answer to a preflight counts only with an ok status, 200 to 299.",
        spec: fetch!("cors-preflight-fetch-0"),
        chromium: "PreflightInvalidStatus", firefox: "CORSPreflightDidNotSucceed",
    }
    PreflightRedirect {
        code: "preflight-redirect", fault: Server,
        message: "The preflight was answered with a redirect, and a preflight follows none.",
        cause: "http to https, a trailing slash, or a login page that redirects every request without a session.",
        fix: "Call the final URL (https, with or without the trailing slash), and keep OPTIONS out of login redirects.",
        rule: "A preflight is fetched without following redirects, and a redirect's status is not an ok status.",
        spec: fetch!("cors-preflight-fetch-0"),
        chromium: "PreflightDisallowedRedirect", firefox: "CORSExternalRedirectNotAllowed",
    }
    PreflightAcamParse {
        code: "preflight-acam-parse", fault: Server,
        message: "The preflight's Access-Control-Allow-Methods is not a list of methods.",
        cause: "Quotes, semicolons or brackets around the methods.",
        fix: "Send method names with commas between them, and nothing else: PUT, DELETE.",
        rule: "A header that does not match its syntax fails the preflight as a whole.",
        spec: fetch!("http-new-header-syntax"),
        chromium: "InvalidAllowMethodsPreflightResponse", firefox: "CORSInvalidAllowMethod",
    }
    PreflightAcahParse {
        code: "preflight-acah-parse", fault: Server,
        message: "The preflight's Access-Control-Allow-Headers is not a list of header names.",
        cause: "Quotes, semicolons, spaces between names, or a colon after one.",
        fix: "Send header names with commas between them, and nothing else: authorization, content-type.",
        rule: "A header that does not match its syntax fails the preflight as a whole.",
        spec: fetch!("http-new-header-syntax"),
        chromium: "InvalidAllowHeadersPreflightResponse", firefox: "CORSInvalidAllowHeader",
    }
    MethodNotAllowed {
        code: "method-not-allowed", fault: Server,
        message: "The preflight's Access-Control-Allow-Methods does not grant the request's method.",
        cause: "PATCH in lower case, a method that nobody listed, or * where credentials are included.",
        fix: "List the method, in the case in which it is sent; with credentials * is no wildcard.",
        rule: "A method that is not CORS-safelisted is listed, or * is and there are no credentials.",
        spec: fetch!("cors-preflight-fetch-0"),
        chromium: "MethodDisallowedByPreflightResponse", firefox: "CORSMethodNotFound",
    }
    HeaderNotAllowed {
        code: "header-not-allowed", fault: Server,
        message: "The preflight's Access-Control-Allow-Headers does not grant a header that the page sets.",
        cause: "Authorization, Content-Type: application/json, X-Requested-With, or a header that a tracing library adds; or * where credentials are included.",
        fix: "List the header by name; with credentials * is no wildcard, and it may not cover Authorization.",
        rule: "Each CORS-unsafe request-header name is listed, in any case, or * is and there are no credentials.",
        spec: fetch!("cors-preflight-fetch-0"),
        chromium: "HeaderDisallowedByPreflightResponse", firefox: "CORSMissingAllowHeaderFromPreflight",
    }

    // Redirects.
    RedirectUserinfo {
        code: "redirect-userinfo", fault: Server,
        message: "A cross-origin redirect leads to a URL with a user or a password in it.",
        cause: "The server repeats the user and the password of the URL in Location.",
        fix: "Redirect to a URL without user:password@.",
        rule: "A cors request follows no redirect to a URL with credentials, once it has left its origin.",
        spec: fetch!("concept-http-redirect-fetch"),
        chromium: "RedirectContainsCredentials", firefox: "CORSDidNotSucceed",
    }
    TooManyRedirects {
        code: "too-many-redirects", fault: Server,
        message: "The response is the twenty-first redirect in a row.",
        cause: "A login loop, http and https that redirect to each other, or a slash that comes and goes.",
        fix: "Look for a loop: a login page, http to https and back, a trailing slash that comes and goes.",
        rule: "A fetch follows twenty redirects.",
        spec: fetch!("concept-http-redirect-fetch"),
        firefox: "CORSDidNotSucceed",
    }
    RedirectLocation {
        code: "redirect-location", fault: Server,
        message: "A redirect's Location is no URL, or stands there twice with different values.",
        cause: "Location holds spaces or a template that nobody filled in, or two layers both set it.",
        fix: "Send one Location header with one URL.",
        rule: "A location that cannot be parsed is a network error.",
        spec: fetch!("concept-response-location-url"),
        firefox: "CORSDidNotSucceed",
    }
    RedirectScheme {
        code: "redirect-scheme", fault: Server,
        message: "A redirect leads to a URL that is neither http nor https.",
        cause: "Location leads to a custom scheme, to data: or to file:.",
        fix: "Redirect to an http or https URL.",
        rule: "A redirect leads to an HTTP(S) scheme.",
        spec: fetch!("concept-http-redirect-fetch"),
        chromium: "CorsDisabledScheme", firefox: "CORSRequestNotHttp",
    }
    RedirectRefused {
        code: "redirect-refused", fault: Page,
        message: "The server redirects, and the page asked with redirect mode error.",
        cause: "The script guards itself against redirects.",
        fix: "Ask for the final URL, or leave the redirect mode at follow.",
        rule: "With redirect mode error a redirect is a network error.",
        spec: fetch!("concept-http-fetch"),
    }
    RedirectStream {
        code: "redirect-stream", fault: Page,
        message: "A redirect asks for the body again, and a streamed body cannot be sent twice.",
        cause: "307 and 308 repeat the body, and a stream is read once.",
        fix: "Send the body as text, bytes or a Blob, or ask for the final URL.",
        rule: "A body without a source is not sent again.",
        spec: fetch!("concept-http-redirect-fetch"),
    }

    // Before anything is sent.
    Mode {
        code: "mode", fault: Page,
        message: "The URL is of another origin than the page, and the page asked with mode same-origin.",
        cause: "The script sets mode: same-origin, or a library does.",
        fix: "Ask with mode cors, or for a URL of the page's own origin.",
        rule: "A request of another origin with mode same-origin is a network error.",
        spec: fetch!("concept-main-fetch"),
        chromium: "DisallowedByMode",
    }
    NoCorsRedirectMode {
        code: "no-cors-redirect-mode", fault: Page,
        message: "A cross-origin request with mode no-cors may only follow redirects.",
        cause: "The script sets both mode: no-cors and a redirect mode.",
        fix: "Leave the redirect mode at follow, or ask with mode cors.",
        rule: "A no-cors request of another origin follows redirects.",
        spec: fetch!("concept-main-fetch"),
    }
    Scheme {
        code: "scheme", fault: Page,
        message: "Only http and https URLs can be asked for across origins.",
        cause: "The http:// before the host is missing, the page is a local file, or the URL has a scheme of an app's own.",
        fix: "Use an http or https URL; a missing http:// makes a host name look like a scheme.",
        rule: "Only an HTTP(S) scheme is fetched with mode cors.",
        spec: fetch!("concept-main-fetch"),
        chromium: "CorsDisabledScheme", firefox: "CORSRequestNotHttp",
    }
    BadPort {
        code: "bad-port", fault: Browser,
        message: "The URL's port belongs to another protocol, and browsers never send HTTP there.",
        cause: "The development server listens on a port that once belonged to another protocol, as 6000 or 6667.",
        fix: "Serve on another port.",
        rule: "A request to a bad port is blocked before a connection is made.",
        spec: fetch!("port-blocking"),
    }
    MixedContent {
        code: "mixed-content", fault: Page,
        message: "A page that came over https asks for an http URL.",
        cause: "The API has no certificate, or the page's configuration still says http://.",
        fix: "Serve the resource over https.",
        rule: "A secure page's request to a URL that is not potentially trustworthy is blocked.",
        spec: "https://w3c.github.io/webappsec-mixed-content/#should-block-fetch",
    }
    Csp {
        code: "csp", fault: Page,
        message: "The page's Content-Security-Policy does not list the URL under connect-src.",
        cause: "The API's origin is new, and the page's policy is older.",
        fix: "Add the URL's origin to connect-src of the page's Content-Security-Policy.",
        rule: "A connection that no source expression of connect-src matches is blocked.",
        spec: "https://w3c.github.io/webappsec-csp/#directive-connect-src",
    }
    CspScript {
        code: "csp-script", fault: Page,
        message: "The page's Content-Security-Policy does not allow this script.",
        cause: "The script's origin is new and the page's policy is older; an inline script under a policy without 'unsafe-inline', or with a nonce that is not the policy's.",
        fix: "Add the script's origin, or its nonce, to script-src of the page's Content-Security-Policy.",
        rule: "A script that neither a source expression nor a nonce of script-src matches is blocked.",
        spec: "https://w3c.github.io/webappsec-csp/#directive-script-src",
    }
    CacheMiss {
        code: "cache-miss", fault: Page,
        message: "The page asked with cache mode only-if-cached, and no stored response fits.",
        cause: "Nothing is stored for this URL, or what is stored differs by a header that Vary names.",
        fix: "Use another cache mode.",
        rule: "With cache mode only-if-cached the network is not asked.",
        spec: fetch!("concept-http-network-or-cache-fetch"),
    }

    // The response, apart from the CORS check.
    Corp {
        code: "corp", fault: Server,
        message: "The response's Cross-Origin-Resource-Policy keeps it from pages of other origins or sites.",
        cause: "A security header of a framework's default, and a page of another site that embeds the resource.",
        fix: "Send Cross-Origin-Resource-Policy: cross-origin, or ask with mode cors.",
        rule: "A no-cors response whose policy names a smaller circle than the page is a network error.",
        spec: fetch!("cross-origin-resource-policy-header"),
    }
    ScriptMimeType {
        code: "script-mime-type", fault: Server,
        message: "The response is an image, audio, video or a table by its Content-Type, and is not run as a script.",
        cause: "A src that leads to another kind of file, or a server that guesses the type from the name.",
        fix: "Send Content-Type: text/javascript with scripts.",
        rule: "A script-like request is not answered by audio/*, image/*, video/* or text/csv.",
        spec: fetch!("should-response-to-request-be-blocked-due-to-mime-type?"),
    }
    ScriptNosniff {
        code: "script-nosniff", fault: Server,
        message: "The response says X-Content-Type-Options: nosniff, and its Content-Type is none of a script.",
        cause: "A server that sends scripts as text/plain, or an error page in the script's place.",
        fix: "Send Content-Type: text/javascript with scripts.",
        rule: "With nosniff a script-like request is answered by a JavaScript MIME type only.",
        spec: fetch!("should-response-to-request-be-blocked-due-to-nosniff?"),
    }
    AuthPrompt {
        code: "auth-prompt", fault: User,
        message: "The server asks for a user and a password, and nobody is there to type them.",
        cause: "A session is over and the server answers 401 with a challenge.",
        fix: "Give the credentials with the request, or answer 401 without WWW-Authenticate.",
        rule: "A challenge asks the person, where there is a window to ask in.",
        spec: fetch!("concept-http-network-or-cache-fetch"),
    }
    ProxyAuth {
        code: "proxy-auth", fault: Network,
        message: "A proxy asks for a user and a password (407).",
        cause: "A company's proxy without the person's credentials.",
        fix: "Configure the proxy's credentials; a server that is no proxy must not answer 407.",
        rule: "A proxy's challenge asks the person, where there is a window to ask in.",
        spec: fetch!("concept-http-network-or-cache-fetch"),
    }
    AuthStream {
        code: "auth-stream", fault: Page,
        message: "The server asks for credentials after a streamed body was sent, which cannot be sent twice.",
        cause: "The server asks for a login after the upload, instead of before it.",
        fix: "Send the body as text, bytes or a Blob.",
        rule: "A body without a source is not sent again.",
        spec: fetch!("concept-http-network-or-cache-fetch"),
    }

    // What a browser forbids for reasons of its own.
    LocalNetworkInsecure {
        code: "local-network-insecure", fault: Page,
        message: "A page of the internet that came over http asks an address of a private network or of this machine.",
        cause: "A page on http:// talks to a router, a printer, or a program on the person's machine.",
        fix: "Serve the page over https; then the browser asks the person for permission.",
        rule: "Only a secure context may ask an address that is more private than its own.",
        spec: "https://wicg.github.io/local-network-access/#local-network-access-check",
        chromium: "InsecureLocalNetwork",
    }
    LocalNetworkRefused {
        code: "local-network-refused", fault: User,
        message: "A page of the internet asks an address of a private network or of this machine, and the person did not permit it.",
        cause: "The browser asked for permission to reach the local network, and the answer was no, or nobody was there to answer.",
        fix: "Permit it in the browser's settings for the site, or serve the resource from a public address.",
        rule: "An address that is more private than the page's needs the person's permission.",
        spec: "https://wicg.github.io/local-network-access/#local-network-access-check",
        chromium: "LocalNetworkAccessPermissionDenied",
    }
    LocalNetworkMismatch {
        code: "local-network-mismatch", fault: Page,
        message: "The page said in which address space the server lies, and it lies in another one.",
        cause: "targetAddressSpace says local where the server is on this machine, or the name now leads to another address.",
        fix: "Say targetAddressSpace: loopback for this machine, local for a private network, and nothing for the internet.",
        rule: "A server outside the address space that was declared for it is not asked.",
        spec: "https://wicg.github.io/local-network-access/#local-network-access-check",
        chromium: "InvalidLocalNetworkAccess",
    }
    OriginNotAdded {
        code: "origin-not-added", fault: Browser,
        message: "The browser could not add Origin to its own request.",
        cause: "An extension, or a program in front of the browser, changed the request. No page and no server can bring it about.",
        fix: "Try without extensions, in a fresh profile.",
        rule: "A cors request carries Origin.",
        spec: fetch!("append-a-request-origin-header"),
        firefox: "CORSOriginHeaderNotAdded",
    }
    BlockedByClient {
        code: "blocked-by-client", fault: User,
        message: "Something in the browser stopped the request before it went out. This is no CORS error.",
        cause: "An ad blocker or another extension, by a word in the address; or a rule of whoever manages the browser.",
        fix: "Try without extensions. If that helps, give the address another name, without words such as ads, track or analytics.",
        rule: "There is no such rule: what runs in the browser may stop any request.",
        spec: fetch!("concept-network-error"),
    }
    CorsDisabled {
        code: "cors-disabled", fault: User,
        message: "Requests to other origins are switched off in this browser.",
        cause: "Firefox's setting content.cors.disable, which somebody or a hardening script turned on.",
        fix: "Set content.cors.disable to false in about:config.",
        rule: "There is no such rule: the setting forbids what the standard allows.",
        spec: fetch!("http-cors-protocol"),
        firefox: "CORSDisabled",
    }

    // Not CORS at all.
    Dns {
        code: "dns", fault: Network,
        message: "The host's name could not be resolved. This is no CORS error.",
        cause: "A typing mistake, a name of an internal network, or a resolver that is down.",
        fix: "Check the name, and the resolver.",
        rule: "A host that resolves to no address is a network error.",
        spec: fetch!("resolving-domains"),
        firefox: "CORSDidNotSucceed",
    }
    Connection {
        code: "connection", fault: Network,
        message: "No connection to the server came about. This is no CORS error.",
        cause: "The server is not running, listens on another port or address, or a firewall drops the packets.",
        fix: "Check that the server runs and listens on this address and port, and that no firewall is in between.",
        rule: "A connection that fails is a network error.",
        spec: fetch!("concept-connection-obtain"),
        firefox: "CORSDidNotSucceed",
    }
    Tls {
        code: "tls", fault: Network,
        message: "The TLS handshake failed, most often for want of a trusted certificate. This is no CORS error.",
        cause: "A self-signed or outdated certificate, a certificate for another name, or plain http on the port.",
        fix: "Install a certificate for this name from an authority that the browser trusts.",
        rule: "A connection whose TLS handshake fails is a network error.",
        spec: fetch!("concept-connection-obtain"),
        firefox: "CORSDidNotSucceed",
    }
    Timeout {
        code: "timeout", fault: Network,
        message: "The answer took longer than the time allowed. This is no CORS error.",
        cause: "A slow query, a dead upstream behind a proxy, or a time limit that is too short.",
        fix: "Find out what the server waits for; a proxy's time-out page often lacks the CORS headers, too.",
        rule: "A request that is still running after its timeout is terminated.",
        spec: "https://xhr.spec.whatwg.org/#the-timeout-attribute",
        firefox: "CORSDidNotSucceed",
    }
    BrokenHttp {
        code: "broken-http", fault: Server,
        message: "What the server sent is no HTTP response, or breaks off. This is no CORS error.",
        cause: "The server crashed while it answered, speaks another protocol, or a proxy cut the response off.",
        fix: "Look at the server's log; it may have crashed, or speak another protocol on this port.",
        rule: "A connection that breaks before the head has come is a network error.",
        spec: fetch!("concept-http-network-fetch"),
        firefox: "CORSDidNotSucceed",
    }
    Integrity {
        code: "integrity", fault: Page,
        message: "The response's body is another than the one that the script's integrity names, or may not be read. This is no CORS error.",
        cause: "The file on the server has changed; a proxy has changed it on the way; the mode is no-cors, so that nothing may be read.",
        fix: "Compute the hash of the file anew, and ask in mode cors.",
        rule: "The body has a digest that the strongest hash function of the integrity metadata names.",
        spec: fetch!("concept-request-integrity-metadata"),
    }
    StreamNeedsHttp2 {
        code: "stream-needs-http2", fault: Server,
        message: "The request's body is a stream, and the server does not speak HTTP/2. This is no CORS error.",
        cause: "Development servers and plain http speak HTTP/1.1, over which browsers stream no request.",
        fix: "Serve over HTTPS with HTTP/2, or send the whole body at once: a Blob, a buffer or a text.",
        rule: "A body that can be read once only is sent over HTTP/2 or HTTP/3.",
        spec: fetch!("concept-http-network-fetch"),
    }
    BodyTooLarge {
        code: "body-too-large", fault: User,
        message: "The response's body is larger than the limit that was set. This is no CORS error.",
        cause: "A download, or an answer that never ends.",
        fix: "Raise the limit.",
        rule: "Reading ends where the embedder's limit is.",
        spec: fetch!("concept-http-network-fetch"),
    }
    NotRecorded {
        code: "not-recorded", fault: User,
        message: "The answer is not in the recording, so nobody can say what the browser made of it.",
        cause: "Browsers' tools leave the head out of an answer that CORS has blocked, and many leave out preflights.",
        fix: "Ask the server itself, with crossing check and the address, or record with what keeps every answer.",
        rule: "There is no such rule: what was not recorded cannot be judged.",
        spec: fetch!("concept-network-error"),
    }
    Misuse {
        code: "misuse", fault: Page,
        message: "The program that drives the fetch answered another question than the one asked.",
        cause: "A mistake in the code around the state machine.",
        fix: "Mend the driver: each step has one kind of answer.",
        rule: "There is no such rule: a driver answers what it was asked.",
        spec: fetch!("concept-network-error"),
    }
    Aborted {
        code: "aborted", fault: Page,
        message: "The page aborted the request.",
        cause: "The person left, or the script called abort().",
        fix: "Nothing is wrong with the server.",
        rule: "An aborted fetch ends with an aborted network error.",
        spec: fetch!("concept-aborted-network-error"),
    }

    // The server's own refusals.
    OriginNotGranted {
        code: "origin-not-granted", fault: Server,
        message: "No grant of the policy names the request's origin.",
        cause: "The page's origin is new, or differs in scheme, subdomain or port from the one that is listed.",
        fix: "Add the origin to a grant's allow_origins if its pages should have access.",
        rule: "A server shares a response with the origins that it chooses.",
        spec: fetch!("http-origin"),
    }
    NullNotGranted {
        code: "null-not-granted", fault: Server,
        message: "The request's origin is null, and the policy does not grant that.",
        cause: "A sandboxed frame, a local file, a data: URL, or a redirect across two origins.",
        fix: "Serve the page from an origin of its own: a sandboxed frame, a local file and some redirects make it null.",
        rule: "An opaque origin is serialized as null, which any page can bring about.",
        spec: fetch!("http-origin"),
    }
    OriginRepeated {
        code: "origin-repeated", fault: Network,
        message: "The request has more than one Origin line, which no browser sends.",
        cause: "A proxy or a test client adds a second line.",
        fix: "Look for a proxy on the way that adds an Origin of its own.",
        rule: "A request has one Origin header.",
        spec: fetch!("http-origin"),
    }
    RequestMethodMalformed {
        code: "request-method-malformed", fault: Network,
        message: "The preflight's Access-Control-Request-Method is no method, or stands there twice.",
        cause: "A scanner, or a client written by hand.",
        fix: "Look for what sent the preflight: no browser writes it so.",
        rule: "Access-Control-Request-Method holds one method.",
        spec: fetch!("http-access-control-request-method"),
    }
    MethodNotGranted {
        code: "method-not-granted", fault: Server,
        message: "The grant that decides for the origin does not name the request's method.",
        cause: "The method is not in the grant's list, or is there in another case.",
        fix: "Add the method to the grant's allow_methods, in the case in which it is sent.",
        rule: "A preflight asks for the method that the request will have.",
        spec: fetch!("http-access-control-request-method"),
    }
    HeadersNotGranted {
        code: "headers-not-granted", fault: Server,
        message: "The grant that decides for the origin does not name a header that the page sets.",
        cause: "A header that a new version of the page, or a tracing library, sets.",
        fix: "Add the header to the grant's allow_headers.",
        rule: "A preflight asks for every CORS-unsafe request-header name, sorted and in lower case.",
        spec: fetch!("http-access-control-request-headers"),
    }
    AuthorizationNotGranted {
        code: "authorization-not-granted", fault: Server,
        message: "The page sets Authorization, which * in allow_headers does not cover.",
        cause: "allow_headers = [\"*\"], written in the belief that it covers everything.",
        fix: "Write allow_headers = [\"*\", \"authorization\"].",
        rule: "Authorization is a CORS non-wildcard request-header name.",
        spec: fetch!("cors-non-wildcard-request-header-name"),
    }
    HeadersOverBudget {
        code: "headers-over-budget", fault: Page,
        message: "The preflight's Access-Control-Request-Headers is longer than any list of the headers that are granted.",
        cause: "A scanner that wants to keep the server busy, or a page that sets hundreds of headers.",
        fix: "Set fewer headers, each once; the policy fixes how much of the list is read.",
        rule: "A preflight asks for every CORS-unsafe request-header name once.",
        spec: fetch!("http-access-control-request-headers"),
    }
}
