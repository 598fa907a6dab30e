//! Simulates a state: the browser half sends every request of the script to the simulated servers, on a virtual clock.
//! Nothing leaves the process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossing::browser::{
    BodyAccess, CachedGrant, Client, Event, Failure, Fetch, Input, PreflightCache, PreflightCacheEntry,
    Request, Response, Send, Settings, Step, Stored, Tracing, basic_authorization,
};
use crossing::{Exchange, Origin, Reason, RequestHead, ResponseHead, Time, Value};
use crossing_agent::CookieJar;
use http::header::{CONTENT_LENGTH, HeaderValue};

use super::servers::{ServerResponse, Servers};
use super::setup::Setup;

/// When every simulation begins: the first second of 2026.
const BEGIN: Time = Time::from_secs(1_767_225_600);

/// Something that happened.
pub(super) struct TimelineEntry {
    /// The index of the request that it belongs to.
    pub(super) request: usize,
    /// Since the simulation began.
    pub(super) at: Duration,
    pub(super) occurrence: Occurrence,
    /// The preflight cache after it.
    pub(super) cache: Vec<CacheEntry>,
}

/// What happened.
pub(super) enum Occurrence {
    /// Time passed.
    Waited(Duration),
    /// The script made a request.
    Requested(Request),
    /// The browser half reported an event.
    Traced(Event),
    /// A server responded.
    Responded(Exchange, Origin, Box<ServerResponse>),
    /// No server has this origin.
    NoServer(Origin),
    /// The script got a response, with this body.
    Delivered(Box<Response>, String),
    /// The script got an error.
    Failed(Box<Failure>),
}

/// An entry of the preflight cache.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(super) struct CacheEntry {
    origin: String,
    url: String,
    kind: &'static str,
    name: String,
    with_credentials: bool,
    max_age: u64,
    left: u64,
}

impl CacheEntry {
    fn new(entry: &PreflightCacheEntry<'_>) -> CacheEntry {
        let (kind, name) = match entry.granted {
            CachedGrant::Method(name) => ("method", name),
            CachedGrant::HeaderName(name) => ("header", name),
        };
        CacheEntry {
            origin: entry.origin.to_owned(),
            url: entry.url.to_owned(),
            kind,
            name: name.to_owned(),
            with_credentials: entry.credentials == crossing::browser::CredentialsMode::Include,
            max_age: entry.max_age.as_secs(),
            left: entry.left.as_secs(),
        }
    }
}

/// Simulates every request, from the first to the last.
pub(super) fn simulate(setup: &Setup) -> Vec<TimelineEntry> {
    let mut browser = SimulatedBrowser::new(setup);
    for (at, scheduled) in setup.requests.iter().enumerate() {
        browser.request = at;
        if scheduled.after > 0 {
            let pause = Duration::from_secs(scheduled.after);
            browser.now = browser.now + pause;
            browser.record(Occurrence::Waited(pause));
        }
        browser.record(Occurrence::Requested(scheduled.request.clone()));
        browser.fetch(scheduled.request.clone(), &setup.servers);
    }
    browser.timeline
}

/// What is shared by all fetches.
struct SimulatedBrowser {
    client: Arc<Client>,
    settings: Arc<Settings>,
    now: Time,
    preflights: PreflightCache,
    cookies: CookieJar,
    /// By origin.
    passwords: BTreeMap<String, Value>,
    request: usize,
    timeline: Vec<TimelineEntry>,
}

impl SimulatedBrowser {
    fn new(setup: &Setup) -> SimulatedBrowser {
        let settings = Settings {
            profile: setup.profile,
            referrers: setup.referrers,
            mixed_content: setup.mixed_content,
            tracing: Tracing::On,
            ..crossing_agent::default_settings()
        };
        let mut browser = SimulatedBrowser {
            client: Arc::new(setup.client.clone()),
            settings: Arc::new(settings),
            now: BEGIN,
            preflights: PreflightCache::new(),
            cookies: CookieJar::new(),
            passwords: BTreeMap::new(),
            request: 0,
            timeline: Vec::new(),
        };
        if let (true, Some(first)) = (setup.signed_in, setup.requests.first()) {
            let url = first.request.url();
            // This cannot fail: the URL of a request has a host.
            let _ = browser.cookies.add(url, "sid=1");
            browser
                .passwords
                .insert(Origin::from_url(url).to_string(), basic_authorization("anna", "secret"));
        }
        browser
    }

    fn record(&mut self, occurrence: Occurrence) {
        self.record_with(occurrence, self.cached());
    }

    fn record_with(&mut self, occurrence: Occurrence, cache: Vec<CacheEntry>) {
        let (request, at) = (self.request, self.now.since(BEGIN));
        self.timeline.push(TimelineEntry { request, at, occurrence, cache });
    }

    fn cached(&self) -> Vec<CacheEntry> {
        self.preflights.entries(self.now).map(|entry| CacheEntry::new(&entry)).collect()
    }

    fn fetch(&mut self, request: Request, servers: &Servers) {
        let mut fetch = Fetch::new(request, self.client.clone(), self.settings.clone());
        let mut input = Input::Start;
        let mut recorded = 0;
        let mut body = String::new();
        loop {
            let mut cache = self.cached();
            let step = fetch.step(input, self.now, &mut self.preflights);
            for event in &fetch.trace()[recorded..] {
                // One step may report many events; the cache changes at these two.
                if matches!(event, Event::PreflightGranted(_) | Event::CacheCleared(_)) {
                    cache = self.cached();
                }
                self.record_with(Occurrence::Traced(event.clone()), cache.clone());
            }
            recorded = fetch.trace().len();
            input = match step {
                Step::Send(send) => self.send(&send, servers, &mut body),
                Step::FindCookies(context) => Input::Cookies(self.cookies.find(&context, self.now)),
                Step::StoreCookies(context, lines) => {
                    self.cookies.store(&context, &lines, self.now);
                    Input::Done
                }
                Step::FindAuthorization(url) => {
                    Input::Authorization(self.passwords.get(Origin::from_url(&url).as_str()).cloned())
                }
                Step::StoreAuthorization(url, value) => {
                    self.passwords.insert(Origin::from_url(&url).to_string(), value);
                    Input::Done
                }
                // The simulation has no HTTP cache, no prompt, and no URLs except http and https.
                Step::FindStored(_) => Input::Stored(Stored::Nothing),
                Step::Freshen(head) => Input::Freshened(head),
                Step::Prompt(_) => Input::Credentials(None),
                Step::Local(_) => Input::Failed(Reason::Scheme),
                // A state has no integrity metadata.
                Step::Digest(_) => Input::Failed(Reason::Integrity),
                Step::Deliver(response) => {
                    let body = if response.body == BodyAccess::Readable { body } else { String::new() };
                    return self.record(Occurrence::Delivered(response, body));
                }
                Step::Fail(failure) => return self.record(Occurrence::Failed(failure)),
            };
        }
    }

    fn send(&mut self, send: &Send, servers: &Servers, body: &mut String) -> Input {
        let origin = Origin::from_url(&send.head.url);
        let Some(response) = on_the_wire(&send.head).and_then(|request| servers.respond(&origin, &request))
        else {
            self.record(Occurrence::NoServer(origin));
            return Input::Failed(Reason::Dns);
        };
        *body = if send.head.method == http::Method::HEAD { String::new() } else { response.body.clone() };
        let head = as_received(&response);
        self.record(Occurrence::Responded(send.exchange, origin, Box::new(response)));
        Input::Response(Box::new(head))
    }
}

/// A request as a server receives it.
fn on_the_wire(head: &RequestHead) -> Option<http::Request<()>> {
    let mut request = http::Request::new(());
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = head.url[url::Position::BeforePath..url::Position::AfterQuery].parse().ok()?;
    for (name, value) in head.headers.iter() {
        request.headers_mut().append(name.clone(), value.to_http()?);
    }
    let host = head.url[url::Position::BeforeHost..url::Position::AfterPort].parse::<HeaderValue>().ok()?;
    request.headers_mut().insert(http::header::HOST, host);
    Some(request)
}

/// A response as HTTP/1.1 carries it: with its length.
fn as_received(response: &ServerResponse) -> ResponseHead {
    let mut head = response.head.clone();
    let status = head.status.as_u16();
    if !matches!(status, 204 | 304) && !head.headers.contains(&CONTENT_LENGTH) {
        head.headers.append(CONTENT_LENGTH, Value::from(response.body.len() as u64));
    }
    head.status_text = head.status.canonical_reason().unwrap_or_default().into();
    head
}
