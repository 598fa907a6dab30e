//! From the schema's words to the core's, and back.

use std::collections::BTreeMap;

use crossing::browser::{
    self, BodyAccess, Client, ContentSecurityPolicy, HstsHosts, HttpCache, MixedContent, Profile, Prompts,
    Referrer, ReferrerPolicy, Referrers, RequestBuilder, Response, Subdomains,
};
use crossing::{HeaderList, HeaderName, Origin, Value};
use url::Url;

use crate::observed::Ended;
use crate::schema::{BodyKind, Outcome, Page, Request, RequestBody, Settings, TimingAccess};
use crate::text::Text;

/// The header lines of a scenario.
pub(crate) fn header_list(lines: &[(Text, Text)]) -> Result<HeaderList, String> {
    let mut list = HeaderList::new();
    for (name, value) in lines {
        let parsed =
            HeaderName::from_bytes(name.0.as_bytes()).map_err(|_| format!("{name} is no header name"))?;
        let bytes = value.bytes().ok_or_else(|| format!("{name}: not every character is a byte"))?;
        list.append(parsed, Value::new(bytes).map_err(|error| format!("{name}: {error}"))?);
    }
    Ok(list)
}

/// A URL as it goes over the wire: without fragment, user and password.
pub(crate) fn without_secrets(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    // Both fail only for URLs that have no host, and those have no user either.
    let _ = (url.set_username(""), url.set_password(None));
    url
}

/// What a script sees of a response.
pub fn delivered(response: &Response) -> Ended {
    let mut headers = BTreeMap::new();
    for (name, value) in response.headers.sort_and_combine().iter() {
        headers.insert(name.as_str().to_owned(), value.to_text());
    }
    Ended {
        outcome: Outcome::Ok,
        reason: None,
        kind: Some(response.kind.as_str().to_owned()),
        status: Some(response.status),
        url: Some(response.url().map(String::from).unwrap_or_default()),
        redirected: Some(response.redirected()),
        headers,
        body: Some(match response.body {
            BodyAccess::Readable => BodyKind::Readable,
            BodyAccess::Null => BodyKind::Null,
            BodyAccess::Withheld => BodyKind::Withheld,
        }),
        timing: Some(if response.timing_allowed { TimingAccess::Allowed } else { TimingAccess::Withheld }),
    }
}

/// The person's settings.
///
/// # Errors
/// A header's value that is none.
pub fn settings(it: &Settings, profile: Profile) -> Result<browser::Settings, String> {
    let value = |text: &Option<String>| {
        text.as_ref().map(|text| Value::new(text).map_err(|error| error.to_string())).transpose()
    };
    let mut hsts = HstsHosts::default();
    for host in &it.hsts {
        match host.strip_prefix("*.") {
            Some(host) => hsts.add(host, Subdomains::Included),
            None => hsts.add(host, Subdomains::Excluded),
        }
    }
    Ok(browser::Settings {
        profile,
        user_agent: value(&it.user_agent)?,
        accept_language: value(&it.accept_language)?,
        accept_encoding: None,
        referrers: if it.no_referrers { Referrers::Never } else { Referrers::ByPolicy },
        mixed_content: if it.permit_mixed_content { MixedContent::Permitted } else { MixedContent::Blocked },
        http_cache: if it.http_cache { HttpCache::Present } else { HttpCache::Absent },
        hsts,
        tracing: browser::Tracing::Off,
    })
}

fn policy(token: &str) -> Result<ReferrerPolicy, String> {
    token.parse().map_err(|_| format!("{token} is no referrer policy"))
}

fn origin(text: &str) -> Result<Origin, String> {
    match text {
        "null" => Ok(Origin::Opaque),
        url => Url::parse(url).map(|url| Origin::from_url(&url)).map_err(|error| format!("{url}: {error}")),
    }
}

/// The page that asks.
///
/// # Errors
/// A URL or a policy that is none.
pub fn client(page: &Page, prompts: Prompts) -> Result<Client, String> {
    let mut client = Client::new(origin(&page.url)?);
    client.url = Url::parse(&page.url).ok();
    if let Some(top) = &page.top {
        client.top_level_origin = origin(top)?;
    }
    if let Some(token) = &page.referrer_policy {
        client.referrer_policy = policy(token)?;
    }
    client.csp = page.csp.iter().map(|text| ContentSecurityPolicy::parse(text)).collect();
    client.embedder_policy = page.embedder_policy;
    client.prompts = prompts;
    Ok(client)
}

/// The request, as a script makes it.
///
/// # Errors
/// A URL that is none. What a script would meet as an exception is the builder's to report.
pub fn request(it: &Request, client: &Client) -> Result<RequestBuilder, String> {
    let url = Url::options()
        .base_url(client.url.as_ref())
        .parse(&it.url)
        .map_err(|e| format!("{}: {e}", it.url))?;
    let mut builder = browser::Request::builder(url)
        .credentials(it.credentials)
        .mode(it.mode)
        .redirect(it.redirect)
        .cache(it.cache);
    if let Some(method) = &it.method {
        builder = builder.method(method);
    }
    for (name, value) in &it.headers {
        let bytes = value.bytes().ok_or_else(|| format!("{name}: not every character is a byte"))?;
        builder = builder.header(&name.0, bytes);
    }
    builder = match &it.body {
        None => builder,
        Some(RequestBody::Source { text, kind }) => {
            let kind = kind.as_ref().map(Value::new).transpose().map_err(|error| error.to_string())?;
            builder.body(text.len() as u64, kind)
        }
        Some(RequestBody::Stream { .. }) => builder.stream(),
    };
    builder = match it.referrer.as_deref() {
        None | Some("about:client") => builder,
        Some("no-referrer") => builder.referrer(Referrer::None),
        Some(url) => {
            builder.referrer(Referrer::Url(Url::parse(url).map_err(|error| format!("{url}: {error}"))?))
        }
    };
    if let Some(token) = &it.referrer_policy {
        builder = builder.referrer_policy(policy(token)?);
    }
    if it.upload_listener {
        builder = builder.forced_preflight();
    }
    if it.url_credentials {
        builder = builder.url_credentials();
    }
    Ok(builder)
}
