//! What most likely brought the failure about, from what the answer looks like.

use crossing::headers::names;
use crossing::{HeaderName, Origin, Reason, TupleOrigin};
use crossing_agent::WireExchange;
use http::{Method, header};
use url::Url;

use super::advice::varies_on_origin;
use crate::conversation::FetchRecord;
use crate::report::without_password;
use crate::text::shorten;

/// A sentence, where the answer shows more than the reason says.
pub(crate) fn of(told: &FetchRecord) -> Option<String> {
    let failure = &told.error()?.failure;
    let failed = told.exchanges.iter().rev().find(|e| e.kind == failure.exchange && e.response.is_some())?;
    let seen = Seen { failed, first: told.exchanges.first()?, subject: failure.subject.as_deref() };
    match failure.reason {
        Reason::AcaoMissing => seen.missing(),
        Reason::AcaoMismatch => seen.mismatch(),
        Reason::AcaoMultiple => seen.multiple(),
        Reason::AcaoInvalid => seen.invalid(),
        Reason::PreflightStatus => seen.preflight_status(),
        Reason::PreflightRedirect => seen.preflight_redirect(),
        Reason::MethodNotAllowed => seen.method(),
        Reason::HeaderNotAllowed => seen.header(),
        Reason::AcacInvalid => seen.credentials(),
        _ => None,
    }
}

/// The exchange that failed, and the first of the fetch.
struct Seen<'a> {
    failed: &'a WireExchange,
    first: &'a WireExchange,
    subject: Option<&'a str>,
}

impl Seen<'_> {
    fn status(&self) -> u16 {
        self.failed.response.as_ref().map_or(0, |head| head.status.as_u16())
    }

    fn get(&self, name: &HeaderName) -> Option<String> {
        self.failed.response.as_ref()?.headers.get(name).map(|value| value.to_text())
    }

    fn sent(&self, name: &HeaderName) -> Option<String> {
        self.failed.request.headers.get(name).map(|value| value.to_text())
    }

    fn varies_on_origin(&self) -> bool {
        self.failed.response.as_ref().is_some_and(varies_on_origin)
    }

    /// The request was redirected before this.
    fn was_redirected(&self) -> bool {
        self.first.request.url != self.failed.request.url
    }

    fn missing(&self) -> Option<String> {
        let status = self.failed.response.as_ref()?.status;
        let html = self.get(&header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
        let url = &self.failed.request.url;
        if status.is_redirection() {
            let to = self.get(&header::LOCATION)?;
            let to = url.join(&to).ok()?;
            return Some(match leads_to_login(&to) {
                true => "The server redirects to a login page: the session is over, or was never there. An API should answer 401.".to_owned(),
                false => format!(
                    "The server redirects to {}, and the redirect itself is not shared: each hop must be.",
                    shorten(&without_password(to.into()))
                ),
            });
        }
        if self.was_redirected() && (html || leads_to_login(url)) {
            return Some(
                "A redirect led to a page for people: a login, most likely, because the session is over."
                    .to_owned(),
            );
        }
        match status.as_u16() {
            502..=504 => Some(format!(
                "A proxy answered in the application's place ({status}): the application is down or slow, and the proxy's error has no CORS headers."
            )),
            413 | 429 | 431 | 403 | 401 if status.is_client_error() => Some(format!(
                "The answer is an error ({status}), given before the application's CORS code ran."
            )),
            400..=599 => Some(format!(
                "The answer is an error ({status}), and errors go out without the headers that other answers may have."
            )),
            _ if self.varies_on_origin() => Some(format!(
                "The server answers by a list of origins (Vary: Origin says so), and {} is not on it.",
                shorten(&self.sent(&header::ORIGIN)?)
            )),
            _ => None,
        }
    }

    fn mismatch(&self) -> Option<String> {
        let asked = self.sent(&header::ORIGIN)?;
        let granted = self.get(&names::ACCESS_CONTROL_ALLOW_ORIGIN)?;
        if asked == "null" {
            return Some(match self.was_redirected() {
                true => "A redirect from one foreign origin to another made Origin null, which the last server does not grant.".to_owned(),
                false => "The page's origin is null: a local file, a sandboxed frame, or a data: address.".to_owned(),
            });
        }
        let varies = self.varies_on_origin() || self.get(&header::VARY).is_some_and(|vary| vary == "*");
        let cached =
            [header::AGE, HeaderName::from_static("x-cache"), HeaderName::from_static("cf-cache-status")];
        if let Some(name) = cached.iter().find(|name| self.get(name).is_some()).filter(|_| !varies) {
            return Some(format!(
                "The answer comes from a cache ({name} says so) that kept what another page was given: Vary: Origin is missing."
            ));
        }
        match (Origin::parse(&asked).ok()?, Origin::parse(&granted).ok()?) {
            (Origin::Tuple(asked), Origin::Tuple(granted)) => difference(&asked, &granted),
            _ => None,
        }
    }

    fn multiple(&self) -> Option<String> {
        let head = self.failed.response.as_ref()?;
        let name = names::ACCESS_CONTROL_ALLOW_ORIGIN;
        let lines: Vec<String> = head.headers.lines(&name).map(|value| value.to_text()).collect();
        match lines.as_slice() {
            [list] => Some(format!("One line holds a list: {}. A browser compares it whole.", shorten(list))),
            lines => Some(format!(
                "The header is there {} times ({}): the application adds it, and a proxy in front adds it again.",
                lines.len(),
                shorten(&lines.join("; "))
            )),
        }
    }

    fn invalid(&self) -> Option<String> {
        let value = self.get(&names::ACCESS_CONTROL_ALLOW_ORIGIN)?;
        let asked = self.sent(&header::ORIGIN)?;
        let what = if value.trim_end_matches('/') == asked {
            "ends in a slash; an origin has none"
        } else if value.contains('*') {
            "is a pattern, and no browser reads patterns"
        } else if !value.contains("://") {
            "has no scheme"
        } else if value.contains(['"', '\'']) {
            "is in quotes"
        } else {
            "is no origin: scheme, host and port, and nothing else"
        };
        Some(format!("The value {} {what}.", shorten(&value)))
    }

    fn preflight_status(&self) -> Option<String> {
        let authenticate = self.get(&header::WWW_AUTHENTICATE).is_some();
        Some(match self.status() {
            401 | 407 => "The server wants the preflight to log in, and a preflight never carries credentials: authentication runs before CORS.".to_owned(),
            403 if authenticate => "Authentication runs before CORS, and a preflight never carries credentials.".to_owned(),
            403 => "The server refuses the preflight: the origin is not on its list, or a firewall or CSRF protection stands before CORS.".to_owned(),
            404 => "Nothing is routed at this address for OPTIONS.".to_owned(),
            405 | 501 => "The server does not know OPTIONS here: no CORS code runs before its routes.".to_owned(),
            500..=599 => format!("The server, or a proxy before it, failed at the preflight ({}).", self.status()),
            _ => return None,
        })
    }

    fn preflight_redirect(&self) -> Option<String> {
        let from = &self.failed.request.url;
        let to = from.join(&self.get(&header::LOCATION)?).ok()?;
        let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
        Some(if leads_to_login(&to) {
            "Authentication redirects the preflight to a login page: it runs before CORS.".to_owned()
        } else if from.scheme() == "http" && to.scheme() == "https" && from.host() == to.host() {
            format!("The server wants https: ask {} itself.", shorten(to.as_str()))
        } else if from.host() == to.host() && path(from) == path(&to) {
            format!("The address differs by a slash at its end: ask {} itself.", shorten(to.as_str()))
        } else {
            format!("The address has moved: ask {} itself.", shorten(to.as_str()))
        })
    }

    fn method(&self) -> Option<String> {
        let method = self.sent(&names::ACCESS_CONTROL_REQUEST_METHOD)?;
        let allowed = self.get(&names::ACCESS_CONTROL_ALLOW_METHODS);
        let Some(allowed) = allowed else {
            return Some(format!(
                "The preflight is granted, and names no methods at all; {method} must be named."
            ));
        };
        let members = || allowed.split(',').map(str::trim);
        if members().any(|member| member != method && member.eq_ignore_ascii_case(&method)) {
            return Some(format!(
                "{method} is on the list in another case, and methods are compared to the byte: {}.",
                shorten(&allowed)
            ));
        }
        members().any(|member| member == "*").then(|| {
            format!("With credentials * is a method's name, and no wildcard: {method} must be named.")
        })
    }

    fn header(&self) -> Option<String> {
        let name = self.subject?;
        let allowed = self.get(&names::ACCESS_CONTROL_ALLOW_HEADERS).unwrap_or_default();
        let wildcard = allowed.split(',').any(|member| member.trim() == "*");
        Some(match (wildcard, name) {
            (true, "authorization") => "* never covers Authorization: it must be named.".to_owned(),
            (true, name) => {
                format!("With credentials * is a header's name, and no wildcard: {name} must be named.")
            }
            (false, "content-type") => {
                "A JSON body needs Content-Type granted: only what a form can send goes without.".to_owned()
            }
            (false, "traceparent" | "tracestate" | "sentry-trace" | "baggage") => {
                format!("A tracing library in the page added {name} to its requests.")
            }
            (false, _) => return None,
        })
    }

    fn credentials(&self) -> Option<String> {
        let value = self.get(&names::ACCESS_CONTROL_ALLOW_CREDENTIALS)?;
        value
            .eq_ignore_ascii_case("true")
            .then(|| format!("The value is {value}, and it is compared to the byte with true."))
            .or_else(|| {
                self.failed
                    .request
                    .method
                    .eq(&Method::OPTIONS)
                    .then(|| format!("The preflight's value is {}.", shorten(&value)))
            })
    }
}

fn leads_to_login(url: &Url) -> bool {
    let text = format!("{}{}", url.host_str().unwrap_or_default(), url.path()).to_ascii_lowercase();
    ["login", "signin", "sign-in", "sso", "oauth", "auth/", "/auth", "saml"]
        .iter()
        .any(|word| text.contains(word))
}

/// In what two origins differ.
fn difference(asked: &TupleOrigin, granted: &TupleOrigin) -> Option<String> {
    let here = ["localhost", "127.0.0.1", "[::1]"];
    let (one, other) = (asked.host(), granted.host());
    let what = if one == other && asked.scheme() != granted.scheme() {
        format!("The scheme differs: the page is {}, and {} is granted.", asked.scheme(), granted.scheme())
    } else if one == other {
        let port = |origin: &TupleOrigin| {
            origin.port().map_or("the default port".to_owned(), |port| format!("port {port}"))
        };
        format!("The port differs: the page is on {}, and {} is granted.", port(asked), port(granted))
    } else if here.contains(&one) && here.contains(&other) {
        format!("{one} and {other} are the same machine, and two origins.")
    } else if one.strip_prefix("www.") == Some(other) || other.strip_prefix("www.") == Some(one) {
        format!("The page is on {one}, and {other} is granted: with www. and without are two origins.")
    } else {
        format!("The server grants one fixed origin, {}, whoever asks.", granted.as_str())
    };
    Some(what)
}
