//! A play: every ask of a state, driven through the browser's half against the stage, on a clock of its own. Nothing
//! leaves the process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossing::browser::{
    BodyAccess, Client, Event, Failure, Fetch, Input, PreflightCache, Remembered, Remembrance, Request,
    Response, Send, Settings, Step, Stored, Tracing, basic_authorization,
};
use crossing::{Exchange, Origin, Reason, RequestHead, ResponseHead, Time, Value};
use crossing_agent::CookieJar;
use http::header::{CONTENT_LENGTH, HeaderValue};

use super::stage::{Answered, Stage};
use super::state::Plan;

/// The first second of 2026, at which every play begins.
const BEGIN: Time = Time::from_secs(1_767_225_600);

/// Something that happened.
pub(super) struct Moment {
    /// Which ask it belongs to.
    pub(super) ask: usize,
    /// Since the play began.
    pub(super) at: Duration,
    pub(super) what: What,
    /// The preflight cache after it.
    pub(super) cache: Vec<CacheLine>,
}

/// What happened.
pub(super) enum What {
    /// Time passed.
    Waited(Duration),
    /// The script asked.
    Asked(Request),
    /// The browser's half told of something.
    Told(Event),
    /// A server decided, and answers.
    Decided(Exchange, Origin, Box<Answered>),
    /// No server is there.
    NobodyThere(Origin),
    /// The script got a response, and of it this body.
    Delivered(Box<Response>, String),
    /// The script got an error.
    Failed(Box<Failure>),
}

/// An entry of the preflight cache.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(super) struct CacheLine {
    origin: String,
    url: String,
    kind: &'static str,
    name: String,
    with_credentials: bool,
    max_age: u64,
    left: u64,
}

impl CacheLine {
    fn new(entry: &Remembered<'_>) -> CacheLine {
        let (kind, name) = match entry.granted {
            Remembrance::Method(name) => ("method", name),
            Remembrance::HeaderName(name) => ("header", name),
        };
        CacheLine {
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

/// Plays a plan from its first ask to its last.
pub(super) fn play(plan: &Plan) -> Vec<Moment> {
    let mut browser = Browser::new(plan);
    for (at, ask) in plan.asks.iter().enumerate() {
        browser.ask = at;
        if ask.after > 0 {
            let pause = Duration::from_secs(ask.after);
            browser.now = browser.now + pause;
            browser.tell(What::Waited(pause));
        }
        browser.tell(What::Asked(ask.request.clone()));
        browser.fetch(ask.request.clone(), &plan.stage);
    }
    browser.moments
}

/// What outlives a fetch.
struct Browser {
    client: Arc<Client>,
    settings: Arc<Settings>,
    now: Time,
    preflights: PreflightCache,
    cookies: CookieJar,
    /// By origin.
    passwords: BTreeMap<String, Value>,
    ask: usize,
    moments: Vec<Moment>,
}

impl Browser {
    fn new(plan: &Plan) -> Browser {
        let settings = Settings {
            profile: plan.profile,
            referrers: plan.referrers,
            mixed_content: plan.mixed_content,
            tracing: Tracing::On,
            ..crossing_agent::default_settings()
        };
        let mut browser = Browser {
            client: Arc::new(plan.client.clone()),
            settings: Arc::new(settings),
            now: BEGIN,
            preflights: PreflightCache::new(),
            cookies: CookieJar::new(),
            passwords: BTreeMap::new(),
            ask: 0,
            moments: Vec::new(),
        };
        if let (true, Some(ask)) = (plan.signed_in, plan.asks.first()) {
            let url = ask.request.url();
            // A URL that a page can ask for has a host.
            let _ = browser.cookies.add(url, "sid=1");
            browser.passwords.insert(Origin::of(url).to_string(), basic_authorization("anna", "secret"));
        }
        browser
    }

    fn tell(&mut self, what: What) {
        self.tell_with(what, self.remembered());
    }

    fn tell_with(&mut self, what: What, cache: Vec<CacheLine>) {
        self.moments.push(Moment { ask: self.ask, at: self.now.since(BEGIN), what, cache });
    }

    fn remembered(&self) -> Vec<CacheLine> {
        self.preflights.entries(self.now).map(|entry| CacheLine::new(&entry)).collect()
    }

    fn fetch(&mut self, request: Request, stage: &Stage) {
        let mut fetch = Fetch::new(request, self.client.clone(), self.settings.clone());
        let mut input = Input::Start;
        let mut told = 0;
        let mut body = String::new();
        loop {
            let mut cache = self.remembered();
            let step = fetch.step(input, self.now, &mut self.preflights);
            for event in &fetch.trace()[told..] {
                // A step may tell of much; what is remembered changes where it says so.
                if matches!(event, Event::PreflightGranted(_) | Event::CacheCleared(_)) {
                    cache = self.remembered();
                }
                self.tell_with(What::Told(event.clone()), cache.clone());
            }
            told = fetch.trace().len();
            input = match step {
                Step::Send(send) => self.send(&send, stage, &mut body),
                Step::FindCookies(context) => Input::Cookies(self.cookies.find(&context, self.now)),
                Step::StoreCookies(context, lines) => {
                    self.cookies.store(&context, &lines, self.now);
                    Input::Done
                }
                Step::FindAuthorization(url) => {
                    Input::Authorization(self.passwords.get(Origin::of(&url).as_str()).cloned())
                }
                Step::StoreAuthorization(url, value) => {
                    self.passwords.insert(Origin::of(&url).to_string(), value);
                    Input::Done
                }
                // There is no HTTP cache, nobody to be prompted, and no URL but of http and https.
                Step::FindStored(_) => Input::Stored(Stored::Nothing),
                Step::Freshen(head) => Input::Freshened(head),
                Step::Prompt(_) => Input::Credentials(None),
                Step::Local(_) => Input::Failed(Reason::Scheme),
                // No page of the lab names integrity metadata.
                Step::Digest(_) => Input::Failed(Reason::Integrity),
                Step::Deliver(response) => {
                    let body = if response.body == BodyAccess::Readable { body } else { String::new() };
                    return self.tell(What::Delivered(response, body));
                }
                Step::Fail(failure) => return self.tell(What::Failed(failure)),
            };
        }
    }

    fn send(&mut self, send: &Send, stage: &Stage, body: &mut String) -> Input {
        let origin = Origin::of(&send.head.url);
        let Some(answered) = over_the_wire(&send.head).and_then(|request| stage.answer(&origin, &request))
        else {
            self.tell(What::NobodyThere(origin));
            return Input::Failed(Reason::Dns);
        };
        *body = if send.head.method == http::Method::HEAD { String::new() } else { answered.body.clone() };
        let head = as_it_arrives(&answered);
        self.tell(What::Decided(send.exchange, origin, Box::new(answered)));
        Input::Response(Box::new(head))
    }
}

/// A request as a server gets it.
fn over_the_wire(head: &RequestHead) -> Option<http::Request<()>> {
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

/// A response as it comes over HTTP/1.1: with its length.
fn as_it_arrives(answered: &Answered) -> ResponseHead {
    let mut head = answered.head.clone();
    let status = head.status.as_u16();
    if !matches!(status, 204 | 304) && !head.headers.contains(&CONTENT_LENGTH) {
        head.headers.append(CONTENT_LENGTH, Value::from(answered.body.len() as u64));
    }
    head.status_text = head.status.canonical_reason().unwrap_or_default().into();
    head
}
