//! Plays scenarios on the core, in memory: no socket, no clock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossing::browser::{
    self, BodyAccess, Client, ContentSecurityPolicy, CookieContext, Fetch, HstsHosts,
    HttpCache as CachePresence, Input, MixedContent, PreflightCache, Profile, Prompts, Referrer,
    ReferrerPolicy, Referrers, RequestBuilder, Response, Site, Stored, Subdomains, UserPassword,
    basic_authorization,
};
use crossing::{HeaderList, HeaderName, Origin, Reason, RequestHead, ResponseHead, Time, Value};
use http::StatusCode;
use url::Url;

use crate::http_cache::HttpCache;
use crate::observed::{Ended, Observed, Played, Sent};
use crate::schema::{
    BodyKind, CacheMode, Credentials, EmbedderPolicy, Mode, NetworkFailure, Outcome, Page, Redirect, Request,
    RequestBody, Scenario, Server, Settings, TimingAccess,
};
use crate::text::Text;

/// Plays scenarios on the core's browser half, in memory; its server half answers where a scenario has a `policy`.
#[derive(Clone, Copy, Debug)]
pub struct CoreRunner {
    profile: Profile,
}

/// What outlives one step.
struct World {
    now: Time,
    preflights: PreflightCache,
    http_cache: HttpCache,
    jar: Jar,
    auth: BTreeMap<String, Value>,
    /// How often each server has answered in this step.
    used: Vec<u32>,
}

impl CoreRunner {
    /// A runner with this profile.
    pub fn new(profile: Profile) -> CoreRunner {
        CoreRunner { profile }
    }

    /// Plays a scenario.
    ///
    /// # Errors
    /// The scenario says something that cannot be: a URL or a header that is none, a request that nobody answers.
    pub fn play(&self, scenario: &Scenario) -> Result<Played, String> {
        let mut world = World {
            now: Time::from_secs(1_000_000),
            preflights: PreflightCache::new(),
            http_cache: HttpCache::default(),
            jar: Jar::with(&scenario.cookies),
            auth: BTreeMap::new(),
            used: Vec::new(),
        };
        for (origin, login) in &scenario.auth {
            world.auth.insert(origin.clone(), basic_authorization(&login.user, &login.password));
        }
        let settings = Arc::new(settings(&scenario.settings, self.profile)?);
        let mut seen = Vec::new();
        for step in scenario.steps() {
            world.now = world.now + Duration::from_secs(step.after);
            let servers = step.server.as_ref().unwrap_or(&scenario.server);
            if step.server.is_some() || seen.is_empty() {
                world.used = vec![0; servers.0.len()];
            }
            let page = step.page.as_ref().unwrap_or(&scenario.page);
            let mut client = client(page)?;
            client.prompts = if scenario.person.is_some() { Prompts::Person } else { Prompts::Nobody };
            let request = request(&step.request, &client)?;
            let observed = match request.build() {
                Err(error) => Observed {
                    end: Ended::without_response(Outcome::Refused, Some(error.to_string())),
                    wire: Some(Vec::new()),
                    cookies: Some(world.jar.by_host()),
                },
                Ok(request) => {
                    let fetch = Fetch::new(request, Arc::new(client), settings.clone());
                    let body = match &step.request.body {
                        Some(RequestBody::Source { text, .. } | RequestBody::Stream { text }) => {
                            text.as_str()
                        }
                        None => "",
                    };
                    drive(fetch, scenario, &servers.0, body, &mut world)?
                }
            };
            seen.push(observed);
        }
        Ok(Played::Seen(seen))
    }
}

/// Runs one fetch to its end.
fn drive(
    mut fetch: Fetch,
    scenario: &Scenario,
    servers: &[Server],
    body: &str,
    world: &mut World,
) -> Result<Observed, String> {
    let mut wire = Vec::new();
    let mut last = None;
    let mut input = Input::Start;
    let end = loop {
        input = match fetch.step(input, world.now, &mut world.preflights) {
            browser::Step::Send(send) => {
                let with_body = send.body == browser::SendBody::Request;
                wire.push(sent(&send.head, if with_body { body } else { "" }));
                let answer = answer(&send.head, servers, &mut world.used)?;
                if let (browser::CacheUse::Store, Ok(head)) = (send.cache, &answer) {
                    world.http_cache.store(&partition(scenario), &send.head, head, world.now);
                }
                last = Some(send.head);
                match answer {
                    Ok(head) => Input::Response(Box::new(head)),
                    Err(reason) => Input::Failed(reason),
                }
            }
            browser::Step::FindCookies(context) => Input::Cookies(world.jar.find(&context)),
            browser::Step::StoreCookies(context, lines) => {
                world.jar.store(&context, &lines);
                Input::Done
            }
            browser::Step::FindAuthorization(url) => {
                Input::Authorization(world.auth.get(Origin::of(&url).as_str()).cloned())
            }
            browser::Step::StoreAuthorization(url, value) => {
                world.auth.insert(Origin::of(&url).as_str().to_owned(), value);
                Input::Done
            }
            browser::Step::Prompt(_) => {
                let types = scenario.person.as_ref().and_then(|person| person.types.clone());
                Input::Credentials(types.map(|it| UserPassword { user: it.user, password: it.password }))
            }
            browser::Step::FindStored(query) => {
                Input::Stored(match world.http_cache.find(&query, world.now) {
                    Stored::Nothing => Stored::Nothing,
                    found => found,
                })
            }
            browser::Step::Freshen(head) => {
                let request = last.take().ok_or("a 304 without a request")?;
                match world.http_cache.freshen(&partition(scenario), &request, &head, world.now) {
                    Some(head) => Input::Freshened(Box::new(head)),
                    None => return Err("a 304 without a stored response".to_owned()),
                }
            }
            browser::Step::Local(url) if url.scheme() == "data" => {
                Input::Response(Box::new(ResponseHead::new(StatusCode::OK, HeaderList::new())))
            }
            browser::Step::Local(_) => Input::Failed(Reason::Scheme),
            browser::Step::Deliver(response) => break delivered(&response),
            browser::Step::Fail(failure) => {
                break Ended::without_response(Outcome::Fail, Some(failure.reason.code().to_owned()));
            }
        };
    };
    Ok(Observed { end, wire: Some(wire), cookies: Some(world.jar.by_host()) })
}

/// What the scripted servers say.
fn answer(
    request: &RequestHead,
    servers: &[Server],
    used: &mut [u32],
) -> Result<Result<ResponseHead, Reason>, String> {
    let fits = |(at, server): &(usize, &Server)| {
        let there = match &server.at {
            None => true,
            Some(at) => {
                let mut url = request.url.clone();
                url.set_fragment(None);
                *at == url.as_str() || *at == Origin::of(&request.url).as_str()
            }
        };
        let method = server.method.as_deref().is_none_or(|method| method == request.method.as_str());
        there && method && server.times.is_none_or(|times| used[*at] < times)
    };
    let Some((at, server)) = servers.iter().enumerate().find(fits) else {
        return Err(format!("no server answers {} {}", request.method, request.url));
    };
    used[at] += 1;
    if let Some(failure) = server.fails {
        return Ok(Err(match failure {
            NetworkFailure::Dns => Reason::Dns,
            NetworkFailure::Connection => Reason::Connection,
            NetworkFailure::Tls => Reason::Tls,
            NetworkFailure::Timeout => Reason::Timeout,
            NetworkFailure::BrokenHttp => Reason::BrokenHttp,
        }));
    }
    let status = StatusCode::from_u16(server.status.unwrap_or(200)).map_err(|error| error.to_string())?;
    Ok(Ok(ResponseHead::new(status, header_list(&server.headers)?)))
}

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

fn sent(head: &RequestHead, body: &str) -> Sent {
    let headers =
        head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.to_text())).collect();
    let mut url = head.url.clone();
    url.set_fragment(None);
    Sent { method: head.method.to_string(), url: url.to_string(), headers, body: Some(body.to_owned()) }
}

fn delivered(response: &Response) -> Ended {
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

fn settings(it: &Settings, profile: Profile) -> Result<browser::Settings, String> {
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
        http_cache: if it.http_cache { CachePresence::Present } else { CachePresence::Absent },
        hsts,
        tracing: browser::Tracing::Off,
    })
}

fn policy(token: &str) -> Result<ReferrerPolicy, String> {
    ReferrerPolicy::from_token(token).ok_or_else(|| format!("{token} is no referrer policy"))
}

fn origin(text: &str) -> Result<Origin, String> {
    match text {
        "null" => Ok(Origin::Opaque),
        url => Url::parse(url).map(|url| Origin::of(&url)).map_err(|error| format!("{url}: {error}")),
    }
}

fn client(page: &Page) -> Result<Client, String> {
    let mut client = Client::new(origin(&page.url)?);
    client.url = Url::parse(&page.url).ok();
    if let Some(top) = &page.top {
        client.top_level_origin = origin(top)?;
    }
    if let Some(token) = &page.referrer_policy {
        client.referrer_policy = policy(token)?;
    }
    client.csp = page.csp.iter().map(|text| ContentSecurityPolicy::parse(text)).collect();
    client.embedder_policy = match page.embedder_policy {
        EmbedderPolicy::UnsafeNone => browser::EmbedderPolicy::UnsafeNone,
        EmbedderPolicy::Credentialless => browser::EmbedderPolicy::Credentialless,
        EmbedderPolicy::RequireCorp => browser::EmbedderPolicy::RequireCorp,
    };
    Ok(client)
}

fn request(it: &Request, client: &Client) -> Result<RequestBuilder, String> {
    let url = Url::options()
        .base_url(client.url.as_ref())
        .parse(&it.url)
        .map_err(|e| format!("{}: {e}", it.url))?;
    let mut builder = browser::Request::builder(url)
        .credentials(match it.credentials {
            Credentials::Omit => browser::CredentialsMode::Omit,
            Credentials::SameOrigin => browser::CredentialsMode::SameOrigin,
            Credentials::Include => browser::CredentialsMode::Include,
        })
        .mode(match it.mode {
            Mode::Cors => browser::Mode::Cors,
            Mode::NoCors => browser::Mode::NoCors,
            Mode::SameOrigin => browser::Mode::SameOrigin,
        })
        .redirect(match it.redirect {
            Redirect::Follow => browser::RedirectMode::Follow,
            Redirect::Error => browser::RedirectMode::Error,
            Redirect::Manual => browser::RedirectMode::Manual,
        })
        .cache(match it.cache {
            CacheMode::Default => browser::CacheMode::Default,
            CacheMode::NoStore => browser::CacheMode::NoStore,
            CacheMode::Reload => browser::CacheMode::Reload,
            CacheMode::NoCache => browser::CacheMode::NoCache,
            CacheMode::ForceCache => browser::CacheMode::ForceCache,
            CacheMode::OnlyIfCached => browser::CacheMode::OnlyIfCached,
        });
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

fn partition(scenario: &Scenario) -> String {
    client(&scenario.page).map(|client| client.partition().to_string()).unwrap_or_default()
}

/// Cookies, as far as scenarios need them: by host, with `Secure` and `SameSite`.
#[derive(Debug, Default)]
struct Jar(BTreeMap<String, Vec<Cookie>>);

#[derive(Clone, Debug)]
struct Cookie {
    name: String,
    value: String,
    secure: bool,
    cross_site: bool,
}

impl Jar {
    fn with(cookies: &BTreeMap<String, String>) -> Jar {
        let cookie = |text: &str| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            Cookie { name: name.to_owned(), value: value.to_owned(), secure: true, cross_site: true }
        };
        Jar(cookies
            .iter()
            .map(|(host, list)| (host.clone(), list.split("; ").map(cookie).collect()))
            .collect())
    }

    fn find(&self, context: &CookieContext) -> Option<Value> {
        let fits = |cookie: &&Cookie| {
            (context.url.scheme() == "https" || !cookie.secure)
                && (context.site == Site::Same || cookie.cross_site)
        };
        let found: Vec<_> =
            self.0.get(context.url.host_str()?)?.iter().filter(fits).map(Cookie::pair).collect();
        if found.is_empty() { None } else { Value::new(found.join("; ")).ok() }
    }

    fn store(&mut self, context: &CookieContext, lines: &[Value]) {
        for line in lines {
            let text = line.to_text();
            let mut parts = text.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
            let has = |attribute: &str| attributes.iter().any(|a| a == attribute);
            let (secure, cross_site) = (has("secure"), has("samesite=none") && has("secure"));
            if context.site == Site::Cross && !cross_site {
                continue;
            }
            let host = context.url.host_str().unwrap_or_default();
            let cookies = self.0.entry(host.to_owned()).or_default();
            cookies.retain(|cookie| cookie.name != name);
            cookies.push(Cookie { name: name.to_owned(), value: value.to_owned(), secure, cross_site });
        }
    }

    fn by_host(&self) -> BTreeMap<String, String> {
        let joined = |cookies: &[Cookie]| cookies.iter().map(Cookie::pair).collect::<Vec<_>>().join("; ");
        self.0.iter().map(|(host, cookies)| (host.clone(), joined(cookies))).collect()
    }
}

impl Cookie {
    fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}
