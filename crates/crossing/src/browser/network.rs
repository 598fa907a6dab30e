//! [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch): the headers that
//! the browser adds by itself.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Method;
use url::Url;

use super::destination::Destination;
use super::fetch_params::FetchParams;
use super::preflight;
use super::profile::{
    AcceptLanguageOnPreflight, CacheHeadersOnPreflight, OriginByReferrerPolicy, PreflightMetadata,
    PreflightSite, RedirectedMetadata, RedirectedOrigin, RedirectedReferrer, ScriptedValidators,
    TaintedPreflight,
};
use super::referrer::{ReferrerPolicy, is_trustworthy};
use super::request::{Body, CacheMode, Mode};
use super::step::{CookieContext, Site};
use super::trace::{RedirectTaint, Tainting};
use super::wire_headers::wire_headers;
use crate::headers::{HeaderList, HeaderName, Value, names};
use crate::message::RequestHead;
use crate::origin::Origin;
use crate::reason::Exchange;

/// The head of the request itself, without credentials and validators.
pub(super) fn request_head(params: &FetchParams) -> (RequestHead, CacheMode) {
    let request = &params.request;
    let mut headers = wire_headers(params);
    if !headers.contains(&names::ACCEPT) {
        headers.append(names::ACCEPT, Value::from_static(request.destination.accept()));
    }
    append_if_absent(&mut headers, names::ACCEPT_LANGUAGE, params.settings.accept_language.as_ref());
    match request.body {
        Body::Source { length } => headers.append(names::CONTENT_LENGTH, Value::from(length)),
        Body::Null if matches!(request.method, Method::POST | Method::PUT) => {
            headers.append(names::CONTENT_LENGTH, Value::from(0));
        }
        Body::Null | Body::Stream => {}
    }
    append_referrer_and_origin(params, Exchange::Request, &mut headers);
    append_if_absent(&mut headers, names::USER_AGENT, params.settings.user_agent.as_ref());
    let cache = append_cache_mode(params, &mut headers);
    append_accept_encoding(params, &mut headers);
    (RequestHead { method: request.method.clone(), url: params.url().clone(), headers }, cache)
}

/// The head of the preflight: no body, no credentials, and none of the script's headers.
pub(super) fn preflight_head(params: &FetchParams, unsafe_names: &BTreeSet<&str>) -> RequestHead {
    let mut headers = HeaderList::with_capacity(10);
    let (method, profile) = (&params.request.method, &params.settings.profile);
    preflight::append_preflight_headers(method, unsafe_names, &params.request.headers, profile, &mut headers);
    if params.settings.profile.accept_language_on_preflight == AcceptLanguageOnPreflight::Present {
        append_if_absent(&mut headers, names::ACCEPT_LANGUAGE, params.settings.accept_language.as_ref());
    }
    append_referrer_and_origin(params, Exchange::Preflight, &mut headers);
    append_if_absent(&mut headers, names::USER_AGENT, params.settings.user_agent.as_ref());
    if params.settings.profile.cache_headers_on_preflight == CacheHeadersOnPreflight::Present {
        append_cache_mode(params, &mut headers);
    }
    append_accept_encoding(params, &mut headers);
    RequestHead { method: Method::OPTIONS, url: params.url().clone(), headers }
}

fn append_if_absent(headers: &mut HeaderList, name: HeaderName, value: Option<&Value>) {
    if let Some(value) = value
        && !headers.contains(&name)
    {
        headers.append(name, value.clone());
    }
}

/// A part of an encoded response cannot be decoded, so a request for a part asks for none.
fn append_accept_encoding(params: &FetchParams, headers: &mut HeaderList) {
    if headers.contains(&names::RANGE) {
        headers.append(names::ACCEPT_ENCODING, Value::from_static("identity"));
    } else {
        append_if_absent(headers, names::ACCEPT_ENCODING, params.settings.accept_encoding.as_ref());
    }
}

fn append_referrer_and_origin(params: &FetchParams, exchange: Exchange, headers: &mut HeaderList) {
    let referrer = match (exchange, params.settings.profile.redirected_referrer) {
        (Exchange::Preflight, RedirectedReferrer::OfFirstUrl) => &params.referrer_at_first,
        _ => &params.referrer,
    };
    if let Some(referrer) = referrer
        && let Ok(value) = Value::new(referrer.as_str())
    {
        headers.append(names::REFERER, value);
    }
    if let Some(origin) = origin_header(params, exchange)
        && let Ok(value) = Value::new(origin)
    {
        headers.append(names::ORIGIN, value);
    }
    append_fetch_metadata(params, exchange, headers);
}

/// The origin that a preflight names.
pub(super) fn preflight_origin(params: &FetchParams) -> &str {
    match params.settings.profile.tainted_preflight {
        TaintedPreflight::Tainted => params.origin(),
        TaintedPreflight::Page => params.client.origin.as_str(),
    }
}

/// [Append a request `Origin` header](https://fetch.spec.whatwg.org/#append-a-request-origin-header).
fn origin_header(params: &FetchParams, exchange: Exchange) -> Option<&str> {
    // Whoever uses CORS has agreed to show the origin: no referrer policy takes it away.
    if exchange == Exchange::Preflight {
        return Some(preflight_origin(params));
    }
    if params.tainting == Tainting::Cors {
        return Some(params.origin());
    }
    if matches!(params.request.method, Method::GET | Method::HEAD) && !keeps_origin(params) {
        return None;
    }
    if params.request.mode == Mode::Cors {
        return Some(params.origin());
    }
    let policy = match params.settings.profile.redirected_origin {
        RedirectedOrigin::Kept if !stays(params) => return Some(params.origin()),
        RedirectedOrigin::Kept => params.policy_at_first(),
        RedirectedOrigin::AsTainted | RedirectedOrigin::NullElsewhere => params.policy,
    };
    let page = &params.client.origin;
    let is_https = matches!(page, Origin::Tuple(tuple) if tuple.scheme() == "https");
    let downgrade = is_https && params.url().scheme() != "https";
    let hidden = match policy {
        ReferrerPolicy::NoReferrer | ReferrerPolicy::SameOrigin
            if params.settings.profile.origin_by_referrer_policy == OriginByReferrerPolicy::OnDowngrade =>
        {
            downgrade
        }
        ReferrerPolicy::NoReferrer => true,
        ReferrerPolicy::NoReferrerWhenDowngrade
        | ReferrerPolicy::StrictOrigin
        | ReferrerPolicy::StrictOriginWhenCrossOrigin => downgrade,
        ReferrerPolicy::SameOrigin => !page.matches_url(params.url()),
        ReferrerPolicy::Origin | ReferrerPolicy::OriginWhenCrossOrigin | ReferrerPolicy::UnsafeUrl => false,
    };
    let elsewhere =
        params.settings.profile.redirected_origin == RedirectedOrigin::NullElsewhere && !stays(params);
    Some(if hidden || elsewhere { "null" } else { params.origin() })
}

/// Whether a `GET` shows the origin that the request showed before a redirect.
fn keeps_origin(params: &FetchParams) -> bool {
    params.settings.profile.redirected_origin == RedirectedOrigin::Kept && params.shows_origin
}

/// Whether no redirect has led to another origin.
fn stays(params: &FetchParams) -> bool {
    params.url_list.windows(2).all(|pair| Origin::from_url(&pair[0]).matches_url(&pair[1]))
}

/// [Fetch metadata](https://w3c.github.io/webappsec-fetch-metadata/): to trustworthy URLs only.
fn append_fetch_metadata(params: &FetchParams, exchange: Exchange, headers: &mut HeaderList) {
    let changes = |pair: &[Url]| !Origin::from_url(&pair[0]).matches_url(&pair[1]);
    let absent = params.settings.profile.redirected_metadata == RedirectedMetadata::Absent
        && exchange != Exchange::Preflight
        && params.request.mode == Mode::Cors
        && params.url_list.windows(2).last().is_some_and(changes);
    let names_mode = params.settings.profile.preflight_metadata == PreflightMetadata::ModeAlways;
    if exchange == Exchange::Preflight && names_mode && !is_trustworthy(params.url()) {
        headers.append(names::SEC_FETCH_MODE, Value::from_static("cors"));
    }
    if absent || !is_trustworthy(params.url()) {
        return;
    }
    let request = &params.request;
    let (destination, mode, site) = match (&request.destination, exchange, request.mode) {
        // No page has led there.
        (Destination::Document, ..) => ("document", "navigate", "none"),
        (_, Exchange::Preflight, _) => ("empty", "cors", preflight_site(params)),
        (destination, _, Mode::Cors) => (destination.as_str(), "cors", own_site(params)),
        (destination, _, Mode::NoCors) => (destination.as_str(), "no-cors", own_site(params)),
        (destination, _, Mode::SameOrigin) => (destination.as_str(), "same-origin", own_site(params)),
    };
    headers.append(names::SEC_FETCH_DEST, Value::from_static(destination));
    headers.append(names::SEC_FETCH_MODE, Value::from_static(mode));
    headers.append(names::SEC_FETCH_SITE, Value::from_static(site));
}

fn preflight_site(params: &FetchParams) -> &'static str {
    match params.settings.profile.preflight_site {
        PreflightSite::OfChain => own_site(params),
        PreflightSite::OfTaint if params.redirect_taint != RedirectTaint::SameOrigin => "cross-site",
        PreflightSite::OfTaint => own_site(params),
        PreflightSite::OfUrl => fetch_site(&params.client.origin, std::slice::from_ref(params.url())),
    }
}

fn own_site(params: &FetchParams) -> &'static str {
    fetch_site(&params.client.origin, &params.url_list)
}

/// [`Sec-Fetch-Site`](https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header): the farthest URL of the
/// chain counts.
fn fetch_site(page: &Origin, urls: &[Url]) -> &'static str {
    let mut site = "same-origin";
    for url in urls {
        let origin = Origin::from_url(url);
        if page.same_origin(&origin) {
            continue;
        }
        if !page.same_site(&origin) {
            return "cross-site";
        }
        site = "same-site";
    }
    site
}

/// Whether a script has set what keeps the cache out.
fn has_validators(headers: &HeaderList) -> bool {
    const VALIDATORS: [HeaderName; 5] = [
        names::IF_MODIFIED_SINCE,
        names::IF_NONE_MATCH,
        names::IF_UNMODIFIED_SINCE,
        names::IF_MATCH,
        names::IF_RANGE,
    ];
    VALIDATORS.iter().any(|name| headers.contains(name))
}

/// The cache mode that holds: a script's own validators keep the cache out.
pub(super) fn cache_mode(params: &FetchParams) -> CacheMode {
    match (params.request.cache, params.settings.profile.scripted_validators) {
        (CacheMode::Default, validators) if has_validators(&params.request.headers) => match validators {
            ScriptedValidators::NoStore => CacheMode::NoStore,
            ScriptedValidators::NoCache => CacheMode::NoCache,
        },
        (mode, _) => mode,
    }
}

/// The headers that the cache mode brings, and the mode that the HTTP cache sees: a script's own validators are no use to
/// it.
fn append_cache_mode(params: &FetchParams, headers: &mut HeaderList) -> CacheMode {
    let mode = cache_mode(params);
    let (no_cache, zero) = (Value::from_static("no-cache"), Value::from_static("max-age=0"));
    match mode {
        CacheMode::NoCache => append_if_absent(headers, names::CACHE_CONTROL, Some(&zero)),
        CacheMode::NoStore | CacheMode::Reload => {
            append_if_absent(headers, names::PRAGMA, Some(&no_cache));
            append_if_absent(headers, names::CACHE_CONTROL, Some(&no_cache));
        }
        CacheMode::Default | CacheMode::ForceCache | CacheMode::OnlyIfCached => {}
    }
    if mode == params.request.cache { mode } else { CacheMode::NoStore }
}

/// What the cookie jar looks at for this hop.
pub(super) fn cookie_context(params: &FetchParams) -> CookieContext {
    let top = &params.client.top_level_origin;
    let stays = top.same_site(&params.client.origin) && top.same_site(&Origin::from_url(params.url()));
    CookieContext {
        url: params.url().clone(),
        site: if stays { Site::Same } else { Site::Cross },
        partition: params.partition.clone(),
    }
}

/// The [`Authorization` value](https://www.rfc-editor.org/rfc/rfc7617.html#section-2) for a user and a password.
pub fn basic_authorization(user: &str, password: &str) -> Value {
    let encoded = BASE64.encode(format!("{user}:{password}"));
    Value::new(format!("Basic {encoded}")).unwrap_or(Value::from_static("Basic"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_encoded() {
        for (user, password, value) in [
            ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ("", "", "Basic Og=="),
            ("a", "b", "Basic YTpi"),
            ("ab", "c", "Basic YWI6Yw=="),
        ] {
            assert_eq!(basic_authorization(user, password), *value);
        }
    }

    #[test]
    fn the_farthest_url_decides_the_site() {
        let page = Origin::parse("https://a.example.com").unwrap();
        let site =
            |urls: &[&str]| fetch_site(&page, &urls.iter().map(|u| u.parse().unwrap()).collect::<Vec<_>>());
        assert_eq!(site(&["https://a.example.com/x"]), "same-origin");
        assert_eq!(site(&["https://b.example.com/x"]), "same-site");
        assert_eq!(site(&["http://a.example.com/x"]), "cross-site");
        assert_eq!(site(&["https://b.test/", "https://a.example.com/x"]), "cross-site");
    }
}
