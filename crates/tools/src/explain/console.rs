//! What the browsers' consoles say, and which reason each sentence stands for. `{}` stands for any text.

use crossing::Reason::{self, *};

/// Whose console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Console {
    Chromium,
    Firefox,
    Safari,
}

impl Console {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Console::Chromium => "Chromium",
            Console::Firefox => "Firefox",
            Console::Safari => "Safari",
        }
    }
}

/// Whether a browser of today says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    Current,
    Older,
}

/// A sentence of a console. One sentence may stand for several reasons: then the browser does not tell them apart.
pub(super) struct Wording {
    pub(super) console: Console,
    pub(super) age: Age,
    pub(super) text: &'static str,
    pub(super) reasons: &'static [Reason],
}

const fn chromium(text: &'static str, reasons: &'static [Reason]) -> Wording {
    Wording { console: Console::Chromium, age: Age::Current, text, reasons }
}

const fn firefox(text: &'static str, reasons: &'static [Reason]) -> Wording {
    Wording { console: Console::Firefox, age: Age::Current, text, reasons }
}

const fn safari(text: &'static str, reasons: &'static [Reason]) -> Wording {
    Wording { console: Console::Safari, age: Age::Current, text, reasons }
}

const fn older(mut wording: Wording) -> Wording {
    wording.age = Age::Older;
    wording
}

/// For these Firefox has one sentence.
const DID_NOT_SUCCEED: &[Reason] =
    &[Dns, Connection, Tls, Timeout, BrokenHttp, TooManyRedirects, RedirectLocation, RedirectUserinfo];

/// Where the line does not say what the server said, and another line beside it does.
const ANY_BLOCK: &[Reason] = &[
    AcaoMissing,
    AcaoMismatch,
    AcaoWildcardCreds,
    AcacInvalid,
    PreflightStatus,
    MethodNotAllowed,
    HeaderNotAllowed,
    Connection,
];

/// Names that a browser had for a reason, or has for one that the table names otherwise.
pub(super) const FORMER_NAMES: &[(&str, Reason)] = &[
    ("InvalidResponse", BrokenHttp),
    ("InsecurePrivateNetwork", LocalNetworkInsecure),
    ("InvalidPrivateNetworkAccess", LocalNetworkMismatch),
    ("UnexpectedPrivateNetworkAccess", LocalNetworkMismatch),
    ("PrivateNetworkAccessPermissionDenied", LocalNetworkRefused),
    ("PrivateNetworkAccessPermissionUnavailable", LocalNetworkRefused),
    ("PreflightMissingAllowPrivateNetwork", LocalNetworkRefused),
    ("PreflightInvalidAllowPrivateNetwork", LocalNetworkRefused),
    ("PreflightMissingPrivateNetworkAccessId", LocalNetworkRefused),
    ("PreflightMissingPrivateNetworkAccessName", LocalNetworkRefused),
    ("PreflightMissingAllowExternal", LocalNetworkRefused),
    ("PreflightInvalidAllowExternal", LocalNetworkRefused),
];

#[rustfmt::skip]
pub(super) const WORDINGS: &[Wording] = &[
    chromium("No 'Access-Control-Allow-Origin' header is present on the requested resource.", &[AcaoMissing]),
    chromium("The 'Access-Control-Allow-Origin' header contains multiple values '{}', but only one is allowed.", &[AcaoMultiple]),
    chromium("The 'Access-Control-Allow-Origin' header contains the invalid value '{}'.", &[AcaoInvalid]),
    chromium("The 'Access-Control-Allow-Origin' header has a value '{}' that is not equal to the supplied origin.", &[AcaoMismatch]),
    chromium("The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.", &[AcaoWildcardCreds]),
    chromium("The value of the 'Access-Control-Allow-Credentials' header in the response is '{}' which must be 'true' when the request's credentials mode is 'include'.", &[AcacInvalid]),
    chromium("It does not have HTTP ok status.", &[PreflightStatus]),
    chromium("Redirect is not allowed for a preflight request.", &[PreflightRedirect]),
    chromium("Cannot parse Access-Control-Allow-Methods response header field in preflight response.", &[PreflightAcamParse]),
    chromium("Cannot parse Access-Control-Allow-Headers response header field in preflight response.", &[PreflightAcahParse]),
    chromium("Method {} is not allowed by Access-Control-Allow-Methods in preflight response.", &[MethodNotAllowed]),
    chromium("Request header field {} is not allowed by Access-Control-Allow-Headers in preflight response.", &[HeaderNotAllowed]),
    chromium("Redirect location '{}' contains a username and password, which is disallowed for cross-origin requests.", &[RedirectUserinfo]),
    chromium("Cross origin requests are only supported for protocol schemes: {}", &[Scheme, RedirectScheme]),
    chromium("Cross origin requests are not allowed by request mode.", &[Mode]),
    chromium("Request mode is \"same-origin\" but the URL's origin is not same as the request origin {}", &[Mode]),
    chromium("Request mode is \"no-cors\" but the redirect mode is not \"follow\".", &[NoCorsRedirectMode]),
    chromium("URL scheme \"{}\" is not supported.", &[Scheme]),
    chromium("The request client is not a secure context and the resource is in more-private address space `{}`.", &[LocalNetworkInsecure]),
    chromium("Permission was denied for this request to access the `{}` address space.", &[LocalNetworkRefused]),
    chromium("Request had a target IP address space of `{}` yet the resource is in address space `{}`.", &[LocalNetworkMismatch]),
    chromium("was loaded over HTTPS, but requested an insecure {}", &[MixedContent]),
    chromium("violates the following Content Security Policy directive: {}connect-src", &[Csp]),
    chromium("Refused to connect because it violates the document's Content Security Policy.", &[Csp]),
    chromium("net::ERR_TOO_MANY_REDIRECTS", &[TooManyRedirects]),
    chromium("net::ERR_INVALID_REDIRECT", &[RedirectLocation]),
    chromium("net::ERR_UNSAFE_REDIRECT", &[RedirectScheme]),
    chromium("net::ERR_UNSAFE_PORT", &[BadPort]),
    chromium("net::ERR_CACHE_MISS", &[CacheMiss]),
    chromium("net::ERR_BLOCKED_BY_RESPONSE.NotSame{}", &[Corp]),
    chromium("net::ERR_NAME_NOT_RESOLVED", &[Dns]),
    chromium("net::ERR_CONNECTION_{}", &[Connection]),
    chromium("net::ERR_ADDRESS_UNREACHABLE", &[Connection]),
    chromium("net::ERR_CERT_{}", &[Tls]),
    chromium("net::ERR_SSL_{}", &[Tls]),
    chromium("net::ERR_TIMED_OUT", &[Timeout]),
    chromium("net::ERR_CONNECTION_TIMED_OUT", &[Connection]),
    chromium("net::ERR_EMPTY_RESPONSE", &[BrokenHttp]),
    chromium("net::ERR_INVALID_HTTP_RESPONSE", &[BrokenHttp]),
    chromium("net::ERR_INCOMPLETE_CHUNKED_ENCODING", &[BrokenHttp]),
    chromium("net::ERR_CONTENT_LENGTH_MISMATCH", &[BrokenHttp]),
    chromium("net::ERR_BLOCKED_BY_CLIENT", &[BlockedByClient]),
    chromium("net::ERR_FAILED", ANY_BLOCK),
    older(chromium("The 'Access-Control-Allow-Origin' header has a value '{}' that is not equal to the supplied origin. Origin '{}' is therefore not allowed access.", &[AcaoMismatch])),
    older(chromium("A wildcard '*' cannot be used in the 'Access-Control-Allow-Origin' header when the credentials flag is true.", &[AcaoWildcardCreds])),
    older(chromium("Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is '{}'. It must be 'true' to allow credentials.", &[AcacInvalid])),
    older(chromium("Response for preflight has invalid HTTP status code {}", &[PreflightStatus])),
    older(chromium("Invalid HTTP status code {}", &[PreflightStatus])),
    older(chromium("Response for preflight is invalid (redirect)", &[PreflightRedirect])),
    older(chromium("The request was redirected to '{}', which is disallowed for cross-origin requests that require preflight.", &[PreflightRedirect])),
    older(chromium("Request header field {} is not allowed by Access-Control-Allow-Headers.", &[HeaderNotAllowed])),
    older(chromium("Origin {} is not allowed by Access-Control-Allow-Origin.", &[AcaoMissing, AcaoMismatch])),
    older(chromium("blocked by CORS policy: Invalid response.", &[BrokenHttp])),
    older(chromium("Request had no target IP address space, yet the resource is in address space `{}`.", &[LocalNetworkMismatch])),
    older(chromium("No 'Access-Control-Allow-Private-Network' header was present in the preflight response for this private network request targeting the `{}` address space.", &[LocalNetworkRefused])),
    older(chromium("The 'Access-Control-Allow-Private-Network' header in the preflight response for this private network request targeting the `{}` address space had a value of '{}', not 'true' as expected.", &[LocalNetworkRefused])),

    firefox("(Reason: CORS header 'Access-Control-Allow-Origin' missing)", &[AcaoMissing]),
    firefox("(Reason: Multiple CORS header 'Access-Control-Allow-Origin' not allowed)", &[AcaoMultiple]),
    firefox("(Reason: CORS header 'Access-Control-Allow-Origin' does not match '{}')", &[AcaoMismatch, AcaoInvalid]),
    firefox("(Reason: Credential is not supported if the CORS header 'Access-Control-Allow-Origin' is '*')", &[AcaoWildcardCreds]),
    firefox("(Reason: expected 'true' in CORS header 'Access-Control-Allow-Credentials')", &[AcacInvalid]),
    firefox("(Reason: CORS preflight response did not succeed)", &[PreflightStatus]),
    firefox("(Reason: CORS request external redirect not allowed)", &[PreflightRedirect]),
    firefox("(Reason: invalid token '{}' in CORS header 'Access-Control-Allow-Methods')", &[PreflightAcamParse]),
    firefox("(Reason: invalid token '{}' in CORS header 'Access-Control-Allow-Headers')", &[PreflightAcahParse]),
    firefox("(Reason: Did not find method in CORS header 'Access-Control-Allow-Methods')", &[MethodNotAllowed]),
    firefox("(Reason: header '{}' is not allowed according to header 'Access-Control-Allow-Headers' from CORS preflight response)", &[HeaderNotAllowed]),
    firefox("(Reason: CORS request not http)", &[Scheme, RedirectScheme]),
    firefox("(Reason: CORS disabled)", &[CorsDisabled]),
    firefox("(Reason: CORS header 'Origin' cannot be added)", &[OriginNotAdded]),
    firefox("(Reason: CORS request did not succeed)", DID_NOT_SUCCEED),
    firefox("Security Error: Content at {} may not load data from {}", &[Mode, Scheme]),
    firefox("was blocked due to its Cross-Origin-Resource-Policy header (or lack thereof)", &[Corp]),
    firefox("Blocked loading mixed active content", &[MixedContent]),
    firefox("blocked the loading of a resource{}connect-src", &[Csp]),
    older(firefox("(Reason: missing token '{}' in CORS header 'Access-Control-Allow-Headers' from CORS preflight channel)", &[HeaderNotAllowed])),
    older(firefox("(Reason: CORS preflight channel did not succeed)", &[PreflightStatus])),
    older(firefox("(Reason: CORS request failed)", DID_NOT_SUCCEED)),
    older(firefox("This can be fixed by moving the resource to the same domain or enabling CORS.", ANY_BLOCK)),

    safari("Origin {} is not allowed by Access-Control-Allow-Origin.", &[AcaoMissing, AcaoMismatch, AcaoInvalid]),
    safari("Access-Control-Allow-Origin cannot contain more than one origin.", &[AcaoMultiple]),
    safari("Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.", &[AcaoWildcardCreds]),
    safari("Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\".", &[AcacInvalid]),
    safari("Preflight response is not successful.", &[PreflightStatus, PreflightRedirect]),
    safari("Header Access-Control-Allow-Methods has an invalid value: {}", &[PreflightAcamParse]),
    safari("Header Access-Control-Allow-Headers has an invalid value: {}", &[PreflightAcahParse]),
    safari("Method {} is not allowed by Access-Control-Allow-Methods.", &[MethodNotAllowed]),
    safari("Request header field {} is not allowed by Access-Control-Allow-Headers.", &[HeaderNotAllowed]),
    safari("Not allowed to use restricted network port", &[BadPort]),
    safari("requested insecure content from {}", &[MixedContent]),
    safari("Cancelled load to {} because it violates the resource's Cross-Origin-Resource-Policy response header.", &[Corp]),
    safari("Cross origin requests are only supported for HTTP.", &[Scheme, RedirectScheme]),
    older(safari("was not allowed to {} insecure content from {}", &[MixedContent])),
    older(safari("No 'Access-Control-Allow-Origin' header is present on the requested resource.", &[AcaoMissing])),
    older(safari("Response for preflight is invalid", &[PreflightStatus, PreflightRedirect])),
];

/// What a script is told of every network error, by browser.
pub(super) const ALL_THAT_A_SCRIPT_LEARNS: [&str; 5] = [
    "Failed to fetch",
    "NetworkError when attempting to fetch resource",
    "Load failed",
    "Network Error",
    "due to access control checks",
];

/// What a pasted text was taken for.
pub(super) struct Recognised {
    /// The reasons that it may stand for.
    pub(super) reasons: Vec<Reason>,
    /// How exactly it was met: the length of what was compared.
    weight: usize,
}

/// Finds the sentence that fits a pasted text best.
pub(super) fn recognise(pasted: &str) -> Option<Recognised> {
    let pasted = plain(pasted);
    let mut best: Option<Recognised> = None;
    for wording in WORDINGS {
        let Some(weight) = weigh(&pasted, wording.text) else { continue };
        match &mut best {
            Some(best) if best.weight > weight => {}
            // Two browsers that say the same mean what either of them means.
            Some(best) if best.weight == weight => {
                for reason in wording.reasons {
                    if !best.reasons.contains(reason) {
                        best.reasons.push(*reason);
                    }
                }
            }
            _ => best = Some(Recognised { reasons: wording.reasons.to_vec(), weight }),
        }
    }
    best
}

/// How much of a text a sentence accounts for; `None` if it does not stand there.
fn weigh(pasted: &str, wording: &str) -> Option<usize> {
    let mut rest = pasted;
    let mut weight = 0;
    for part in wording.split("{}") {
        let part = plain(part);
        // What stands around a sentence is often left out by whoever copies it.
        let part = part.trim_matches([' ', '.', '(', ')']).trim_start_matches("reason: ");
        let at = rest.find(part)?;
        rest = &rest[at + part.len()..];
        weight += part.len();
    }
    Some(weight)
}

/// Lower case, plain quotes, single spaces: consoles and clipboards differ in these.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '"' | '`' => out.push('\''),
            c if c.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentence_is_recognised_as_its_own() {
        for wording in WORDINGS {
            let pasted = wording.text.replace("{}", "https://x.test");
            let found = recognise(&pasted).map(|found| found.reasons).unwrap_or_default();
            assert!(
                wording.reasons.iter().all(|reason| found.contains(reason)),
                "{}: {found:?}",
                wording.text
            );
        }
    }

    #[test]
    fn quotes_case_and_line_breaks_do_not_matter() {
        let pasted = "\u{201c}cors HEADER \u{2018}Access-Control-Allow-Origin\u{2019}\n missing\u{201d}";
        let pasted = format!("(Reason: {})", pasted.trim_matches(['\u{201c}', '\u{201d}']));
        assert_eq!(recognise(&pasted).map(|found| found.reasons), Some(vec![AcaoMissing]));
    }

    #[test]
    fn other_texts_are_not_recognised() {
        for text in ["", " ", "TypeError", "it does not work", "{}", "\u{0}\u{ffff}"] {
            assert!(recognise(text).is_none(), "{text}");
        }
    }
}
