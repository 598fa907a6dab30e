//! Which requests the lab's page may send. The server listens on loopback only; requests for another host name (DNS
//! rebinding) and requests of other sites are refused.

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};

use super::http_error::HttpError;
use super::http_server::{HttpResponse, header_value, host};
use super::live::LiveOrigins;

pub(super) struct Guard {
    /// `http://127.0.0.1:4700`
    pub(super) origin: String,
    /// The name of the origin, and the alias that redirects to it.
    hosts: [String; 2],
    content_security_policy: String,
}

impl Guard {
    /// Guards the lab on this port. Its page may load from the live origins.
    pub(super) fn new(port: u16, live: &LiveOrigins) -> Guard {
        Guard {
            origin: origin(port),
            hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
            content_security_policy: format!(
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {}; \
                 frame-src {}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                live.servers().join(" "),
                live.page()
            ),
        }
    }

    /// Whether `Host` is the alias. The page and the live origins must be of one site, so it is served under one name.
    pub(super) fn is_alias(&self, headers: &HeaderMap) -> bool {
        host(headers) == Some(self.hosts[1].as_bytes())
    }

    /// Refuses a request unless the lab's own page sends it, or the user opens the page.
    pub(super) fn admit(&self, method: &Method, headers: &HeaderMap) -> Result<(), HttpError> {
        let forbidden = |message: String| HttpError::new(StatusCode::FORBIDDEN, message);
        match host(headers) {
            Some(host) if self.hosts.iter().any(|known| known.as_bytes() == host) => {}
            _ => {
                let known = &self.hosts[0];
                return Err(forbidden(format!(
                    "the lab answers to the name {known} only, and Host names another"
                )));
            }
        }
        let origin = headers.get(header::ORIGIN);
        match origin {
            Some(origin) if origin.as_bytes() != self.origin.as_bytes() => {
                return Err(forbidden(
                    "Origin names another origin than the lab's: pages of others get nothing".to_owned(),
                ));
            }
            None if !matches!(*method, Method::GET | Method::HEAD) => {
                return Err(forbidden("a request that does something needs the lab's own Origin".to_owned()));
            }
            _ => {}
        }
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let navigates = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
        if matches!(site, Some(b"cross-site" | b"same-site")) && !navigates {
            return Err(forbidden(
                "Sec-Fetch-Site says that a page of others asks: it gets nothing".to_owned(),
            ));
        }
        Ok(())
    }

    /// Adds the headers that isolate the page from other origins.
    pub(super) fn isolate(&self, mut response: HttpResponse) -> HttpResponse {
        let lines: [(HeaderName, &str); 6] = [
            (header::CONTENT_SECURITY_POLICY, &self.content_security_policy),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CACHE_CONTROL, "no-store"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        ];
        for (name, text) in lines {
            response.headers_mut().insert(name, header_value(text));
        }
        response
    }
}

/// The origin of a lab on this port.
pub(super) fn origin(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}
