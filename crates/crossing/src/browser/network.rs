//! [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch): the headers that
//! the browser adds by itself.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Method;
use url::Url;

use super::destination::Destination;
use super::job::Job;
use super::preflight;
use super::profile::{
    AcceptLanguageOnPreflight, CacheHeadersOnPreflight, HiddenOrigin, PreflightMetadata, PreflightSite,
    RedirectedMetadata, RedirectedOrigin, RedirectedReferrer, ScriptedValidators, TaintedPreflight,
};
use super::referrer::{ReferrerPolicy, is_trustworthy};
use super::request::{Body, CacheMode, Mode};
use super::spelling::spelled;
use super::step::{CookieContext, Site};
use super::trace::{RedirectTaint, Tainting};
use crate::headers::{HeaderList, HeaderName, Value, names};
use crate::message::RequestHead;
use crate::origin::Origin;
use crate::reason::Exchange;

/// The head of the request itself, without credentials and validators.
pub(super) fn request_head(job: &Job) -> (RequestHead, CacheMode) {
    let request = &job.request;
    let mut headers = spelled(job);
    if !headers.contains(&names::ACCEPT) {
        headers.append(names::ACCEPT, Value::from_static(request.destination.accept()));
    }
    append_if_absent(&mut headers, names::ACCEPT_LANGUAGE, job.settings.accept_language.as_ref());
    match request.body {
        Body::Source { length } => headers.append(names::CONTENT_LENGTH, Value::from(length)),
        Body::Null if matches!(request.method, Method::POST | Method::PUT) => {
            headers.append(names::CONTENT_LENGTH, Value::from(0));
        }
        Body::Null | Body::Stream => {}
    }
    append_referrer_and_origin(job, Exchange::Request, &mut headers);
    append_if_absent(&mut headers, names::USER_AGENT, job.settings.user_agent.as_ref());
    let cache = append_cache_mode(job, &mut headers);
    append_accept_encoding(job, &mut headers);
    (RequestHead { method: request.method.clone(), url: job.url().clone(), headers }, cache)
}

/// The head of the preflight: no body, no credentials, and none of the script's headers.
pub(super) fn preflight_head(job: &Job, unsafe_names: &BTreeSet<&str>) -> RequestHead {
    let mut headers = HeaderList::with_capacity(10);
    let (method, profile) = (&job.request.method, &job.settings.profile);
    preflight::question_headers(method, unsafe_names, &job.request.headers, profile, &mut headers);
    if job.settings.profile.accept_language_on_preflight == AcceptLanguageOnPreflight::Present {
        append_if_absent(&mut headers, names::ACCEPT_LANGUAGE, job.settings.accept_language.as_ref());
    }
    append_referrer_and_origin(job, Exchange::Preflight, &mut headers);
    append_if_absent(&mut headers, names::USER_AGENT, job.settings.user_agent.as_ref());
    if job.settings.profile.cache_headers_on_preflight == CacheHeadersOnPreflight::Present {
        append_cache_mode(job, &mut headers);
    }
    append_accept_encoding(job, &mut headers);
    RequestHead { method: Method::OPTIONS, url: job.url().clone(), headers }
}

fn append_if_absent(headers: &mut HeaderList, name: HeaderName, value: Option<&Value>) {
    if let Some(value) = value
        && !headers.contains(&name)
    {
        headers.append(name, value.clone());
    }
}

/// A part of an encoded response cannot be decoded, so a request for a part asks for none.
fn append_accept_encoding(job: &Job, headers: &mut HeaderList) {
    if headers.contains(&names::RANGE) {
        headers.append(names::ACCEPT_ENCODING, Value::from_static("identity"));
    } else {
        append_if_absent(headers, names::ACCEPT_ENCODING, job.settings.accept_encoding.as_ref());
    }
}

fn append_referrer_and_origin(job: &Job, exchange: Exchange, headers: &mut HeaderList) {
    let referrer = match (exchange, job.settings.profile.redirected_referrer) {
        (Exchange::Preflight, RedirectedReferrer::OfFirst) => &job.referrer_at_first,
        _ => &job.referrer,
    };
    if let Some(referrer) = referrer
        && let Ok(value) = Value::new(referrer.as_str())
    {
        headers.append(names::REFERER, value);
    }
    if let Some(origin) = origin_header(job, exchange)
        && let Ok(value) = Value::new(origin)
    {
        headers.append(names::ORIGIN, value);
    }
    append_fetch_metadata(job, exchange, headers);
}

/// The origin that a preflight names.
pub(super) fn preflight_origin(job: &Job) -> &str {
    match job.settings.profile.tainted_preflight {
        TaintedPreflight::Tainted => job.origin(),
        TaintedPreflight::Page => job.client.origin.as_str(),
    }
}

/// [Append a request `Origin` header](https://fetch.spec.whatwg.org/#append-a-request-origin-header).
fn origin_header(job: &Job, exchange: Exchange) -> Option<&str> {
    // Whoever uses CORS has agreed to show the origin: no referrer policy takes it away.
    if exchange == Exchange::Preflight {
        return Some(preflight_origin(job));
    }
    if job.tainting == Tainting::Cors {
        return Some(job.origin());
    }
    if matches!(job.request.method, Method::GET | Method::HEAD) && !keeps_origin(job) {
        return None;
    }
    if job.request.mode == Mode::Cors {
        return Some(job.origin());
    }
    let policy = match job.settings.profile.redirected_origin {
        RedirectedOrigin::Kept if !stays(job) => return Some(job.origin()),
        RedirectedOrigin::Kept => job.policy_at_first(),
        RedirectedOrigin::AsTainted | RedirectedOrigin::NullElsewhere => job.policy,
    };
    let page = &job.client.origin;
    let is_https = matches!(page, Origin::Tuple(tuple) if tuple.scheme() == "https");
    let downgrade = is_https && job.url().scheme() != "https";
    let hidden = match policy {
        ReferrerPolicy::NoReferrer | ReferrerPolicy::SameOrigin
            if job.settings.profile.hidden_origin == HiddenOrigin::OnDowngrade =>
        {
            downgrade
        }
        ReferrerPolicy::NoReferrer => true,
        ReferrerPolicy::NoReferrerWhenDowngrade
        | ReferrerPolicy::StrictOrigin
        | ReferrerPolicy::StrictOriginWhenCrossOrigin => downgrade,
        ReferrerPolicy::SameOrigin => !page.is_of(job.url()),
        ReferrerPolicy::Origin | ReferrerPolicy::OriginWhenCrossOrigin | ReferrerPolicy::UnsafeUrl => false,
    };
    let elsewhere = job.settings.profile.redirected_origin == RedirectedOrigin::NullElsewhere && !stays(job);
    Some(if hidden || elsewhere { "null" } else { job.origin() })
}

/// Whether a `GET` shows the origin that the request showed before a redirect.
fn keeps_origin(job: &Job) -> bool {
    job.settings.profile.redirected_origin == RedirectedOrigin::Kept && job.shows_origin
}

/// Whether no redirect has led to another origin.
fn stays(job: &Job) -> bool {
    job.url_list.windows(2).all(|pair| Origin::of(&pair[0]).is_of(&pair[1]))
}

/// [Fetch metadata](https://w3c.github.io/webappsec-fetch-metadata/): to trustworthy URLs only.
fn append_fetch_metadata(job: &Job, exchange: Exchange, headers: &mut HeaderList) {
    let changes = |pair: &[Url]| !Origin::of(&pair[0]).is_of(&pair[1]);
    let absent = job.settings.profile.redirected_metadata == RedirectedMetadata::Absent
        && exchange != Exchange::Preflight
        && job.request.mode == Mode::Cors
        && job.url_list.windows(2).last().is_some_and(changes);
    let names_mode = job.settings.profile.preflight_metadata == PreflightMetadata::ModeAlways;
    if exchange == Exchange::Preflight && names_mode && !is_trustworthy(job.url()) {
        headers.append(names::SEC_FETCH_MODE, Value::from_static("cors"));
    }
    if absent || !is_trustworthy(job.url()) {
        return;
    }
    let request = &job.request;
    let (destination, mode, site) = match (&request.destination, exchange, request.mode) {
        // No page has led there.
        (Destination::Document, ..) => ("document", "navigate", "none"),
        (_, Exchange::Preflight, _) => ("empty", "cors", preflight_site(job)),
        (destination, _, Mode::Cors) => (destination.as_str(), "cors", own_site(job)),
        (destination, _, Mode::NoCors) => (destination.as_str(), "no-cors", own_site(job)),
        (destination, _, Mode::SameOrigin) => (destination.as_str(), "same-origin", own_site(job)),
    };
    headers.append(names::SEC_FETCH_DEST, Value::from_static(destination));
    headers.append(names::SEC_FETCH_MODE, Value::from_static(mode));
    headers.append(names::SEC_FETCH_SITE, Value::from_static(site));
}

fn preflight_site(job: &Job) -> &'static str {
    match job.settings.profile.preflight_site {
        PreflightSite::OfChain => own_site(job),
        PreflightSite::OfTaint if job.redirect_taint != RedirectTaint::SameOrigin => "cross-site",
        PreflightSite::OfTaint => own_site(job),
        PreflightSite::OfUrl => fetch_site(&job.client.origin, std::slice::from_ref(job.url())),
    }
}

fn own_site(job: &Job) -> &'static str {
    fetch_site(&job.client.origin, &job.url_list)
}

/// [`Sec-Fetch-Site`](https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header): the farthest URL of the
/// chain counts.
fn fetch_site(page: &Origin, urls: &[Url]) -> &'static str {
    let mut site = "same-origin";
    for url in urls {
        let origin = Origin::of(url);
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
pub(super) fn cache_mode(job: &Job) -> CacheMode {
    match (job.request.cache, job.settings.profile.scripted_validators) {
        (CacheMode::Default, validators) if has_validators(&job.request.headers) => match validators {
            ScriptedValidators::NoStore => CacheMode::NoStore,
            ScriptedValidators::NoCache => CacheMode::NoCache,
        },
        (mode, _) => mode,
    }
}

/// The headers that the cache mode brings, and the mode that the HTTP cache sees: a script's own validators are no use to
/// it.
fn append_cache_mode(job: &Job, headers: &mut HeaderList) -> CacheMode {
    let mode = cache_mode(job);
    let (no_cache, zero) = (Value::from_static("no-cache"), Value::from_static("max-age=0"));
    match mode {
        CacheMode::NoCache => append_if_absent(headers, names::CACHE_CONTROL, Some(&zero)),
        CacheMode::NoStore | CacheMode::Reload => {
            append_if_absent(headers, names::PRAGMA, Some(&no_cache));
            append_if_absent(headers, names::CACHE_CONTROL, Some(&no_cache));
        }
        CacheMode::Default | CacheMode::ForceCache | CacheMode::OnlyIfCached => {}
    }
    if mode == job.request.cache { mode } else { CacheMode::NoStore }
}

/// What the cookie jar looks at for this hop.
pub(super) fn cookie_context(job: &Job) -> CookieContext {
    let top = &job.client.top_level_origin;
    let stays = top.same_site(&job.client.origin) && top.same_site(&Origin::of(job.url()));
    CookieContext {
        url: job.url().clone(),
        site: if stays { Site::Same } else { Site::Cross },
        partition: job.partition.clone(),
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
