//! [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#concept-http-redirect-fetch).

use http::{HeaderName, Method, StatusCode};
use url::Url;

use super::client_hints;
use super::fetch_params::FetchParams;
use super::profile::{Profile, RedirectUserinfo, RedirectedDelete, RedirectedHeaders, RepeatedLocation};
use super::referrer::ReferrerPolicy;
use super::request::{Body, Mode};
use super::trace::{Event, Tainting};
use crate::headers::names;
use crate::headers::request::{is_body_header, is_non_wildcard};
use crate::message::ResponseHead;
use crate::origin::Origin;
use crate::reason::Reason;

/// The most redirects that are followed.
const MOST_REDIRECTS: u8 = 20;

/// A [redirect status](https://fetch.spec.whatwg.org/#redirect-status).
pub(super) fn is_redirect_status(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a response leads.
pub(super) enum Location {
    /// It has no `Location`: it is delivered as it is.
    Nowhere,
    To(Url),
    Malformed,
}

/// The [location URL](https://fetch.spec.whatwg.org/#concept-response-location-url) of a response.
pub(super) fn location(head: &ResponseHead, url: &Url, profile: &Profile) -> Location {
    let mut lines = head.headers.lines(&names::LOCATION);
    let Some(line) = lines.next() else { return Location::Nowhere };
    let mut value = line.clone();
    for further in lines {
        match profile.repeated_location {
            RepeatedLocation::Failure => return Location::Malformed,
            RepeatedLocation::EqualOnes if further != line => return Location::Malformed,
            RepeatedLocation::EqualOnes => {}
            RepeatedLocation::Joined => value = head.headers.get(&names::LOCATION).unwrap_or(value),
        }
    }
    let line = value;
    let text = match std::str::from_utf8(line.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => escaped(line.as_bytes()),
    };
    match url.join(&text) {
        Err(_) => Location::Malformed,
        Ok(mut to) => {
            if to.fragment().is_none() {
                to.set_fragment(url.fragment());
            }
            Location::To(to)
        }
    }
}

/// Bytes that are no UTF-8 stay what they are, as browsers have it.
fn escaped(bytes: &[u8]) -> String {
    let escape = |&byte: &u8| match byte.is_ascii() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    bytes.iter().map(escape).collect()
}

/// Makes the request the one that follows the redirect.
///
/// # Errors
/// The redirect may not be followed.
pub(super) fn follow(params: &mut FetchParams, head: &ResponseHead, to: Url) -> Result<(), Reason> {
    if !matches!(to.scheme(), "http" | "https") {
        return Err(Reason::RedirectScheme);
    }
    if params.redirects == MOST_REDIRECTS {
        return Err(Reason::TooManyRedirects);
    }
    params.redirects += 1;
    let (from, target) = (Origin::from_url(params.url()), Origin::from_url(&to));
    let has_userinfo = !to.username().is_empty() || to.password().is_some();
    let cross_origin = params.request.mode == Mode::Cors && !params.client.origin.same_origin(&target);
    // Also back home, once the chain has left it.
    let nowhere = params.settings.profile.redirect_userinfo == RedirectUserinfo::Nowhere;
    if has_userinfo && (nowhere || cross_origin || params.tainting == Tainting::Cors) {
        return Err(Reason::RedirectUserinfo);
    }
    let status = head.status.as_u16();
    if status != 303 && params.request.body == Body::Stream {
        return Err(Reason::RedirectStream);
    }
    let mut dropped: Vec<HeaderName> = Vec::new();
    let mut method = None;
    // The moment another origin is seen, `Authorization` goes for good.
    let leaves_origin = !from.same_origin(&target);
    let (leaves_page, profile) = (!params.client.origin.same_origin(&target), params.settings.profile);
    let request = &mut params.request;
    let by_status = rewrites(status, &request.method);
    let becomes_get = by_status
        || (profile.redirected_delete == RedirectedDelete::BecomesGet
            && leaves_origin
            && request.method == Method::DELETE);
    if becomes_get {
        method = Some(Method::GET);
        request.method = Method::GET;
        request.body = Body::Null;
    }
    params.shows_origin &= !leaves_origin || !matches!(request.method, Method::GET | Method::HEAD);
    let takes_body = match profile.redirected_headers {
        RedirectedHeaders::Kept => becomes_get,
        RedirectedHeaders::Restored => becomes_get || rewrites(status, &params.method_at_first),
        RedirectedHeaders::RestoredWithCors => by_status,
    };
    set_anew(params, status, &target, becomes_get, takes_body);
    let request = &mut params.request;
    request.headers.retain(|name, _| {
        let goes = (takes_body && is_body_header(name.as_str()))
            || (leaves_origin && is_non_wildcard(name.as_str()))
            || (leaves_page && client_hints::is_removed_on_redirect(name, &profile));
        if goes {
            dropped.push(name.clone());
        }
        !goes
    });
    params.record(|| Event::Redirected { status: head.status, to: to.clone(), method, dropped });
    params.push_url(to);
    // Set the referrer policy on redirect: what this response says holds from here on.
    if let Some(policy) = ReferrerPolicy::from_headers(&head.headers) {
        params.policy = policy;
    }
    Ok(())
}

/// Whether a status makes a `GET` of a method.
fn rewrites(status: u16, method: &Method) -> bool {
    (matches!(status, 301 | 302) && *method == Method::POST)
        || (status == 303 && !matches!(*method, Method::GET | Method::HEAD))
}

/// Sets the headers that there were before any redirect, where the profile does.
fn set_anew(params: &mut FetchParams, status: u16, target: &Origin, becomes_get: bool, takes_body: bool) {
    let page = &params.client.origin;
    let with_cors =
        params.request.mode == Mode::Cors && (params.tainting == Tainting::Cors || !page.same_origin(target));
    let home = |url: &Url| page.matches_url(url);
    let left_home = params.url_list.windows(2).any(|pair| home(&pair[0]) && !home(&pair[1]));
    let Some(first) = params.headers_at_first.clone() else { return };
    let headers = &mut params.request.headers;
    match params.settings.profile.redirected_headers {
        RedirectedHeaders::Kept => {}
        RedirectedHeaders::Restored => {
            *headers = first;
            let names = params.names_at_first.iter();
            let again = names.filter(|name| takes_body && !becomes_get && is_body_header(name));
            params.names_again = again.cloned().collect();
        }
        RedirectedHeaders::RestoredWithCors if with_cors => {
            let is_gone = |name: &HeaderName| is_non_wildcard(name.as_str()) && !headers.contains(name);
            let lines = first.iter().filter(|(name, _)| !is_gone(name));
            *headers = lines.map(|(name, value)| (name.clone(), value.clone())).collect();
        }
        RedirectedHeaders::RestoredWithCors => {
            if matches!(status, 307 | 308)
                && !left_home
                && !headers.contains(&names::CONTENT_TYPE)
                && let Some(kind) = first.get(&names::CONTENT_TYPE)
            {
                headers.append(names::CONTENT_TYPE, kind);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::{HeaderList, Value};

    #[test]
    fn the_bytes_of_a_location_are_kept() {
        for (line, leads) in [
            (&b"/a b"[..], "https://b.test/a%20b"),
            ("/\u{e9}?\u{e9}".as_bytes(), "https://b.test/%C3%A9?%C3%A9"),
            (b"/\xe9?\xff", "https://b.test/%E9?%FF"),
            (b"#\xff", "https://b.test/x#%FF"),
        ] {
            let mut headers = HeaderList::new();
            headers.append(names::LOCATION, Value::new(line).expect("a value"));
            let head = ResponseHead::new(StatusCode::FOUND, headers);
            let from = Url::parse("https://b.test/x").expect("a URL");
            match location(&head, &from, &Profile::standard()) {
                Location::To(to) => assert_eq!(to.as_str(), leads),
                Location::Nowhere | Location::Malformed => unreachable!("it leads somewhere"),
            }
        }
    }
}
