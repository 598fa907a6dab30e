//! What holds for every policy, page, request and state of the cache. The oracle reads the policy's plain data, naively.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use crossing::browser::{
    BodyAccess, Client, CredentialsMode, Failure, Fetch, Input, Mode, PreflightCache, Profile, RedirectMode,
    Request, RequestBuilder, Response, Settings, Step, Stored, UserPassword,
};
use crossing::server::{Grant, Policy};
use crossing::{Decision, HeaderList, HeaderName, Origin, Reason, RequestHead, ResponseHead, Time, Value};
use http::StatusCode;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const SERVER: &str = "https://api.test/x";
const PAGES: [&str; 6] = [
    "https://a.test",
    "https://sub.a.test",
    "http://a.test",
    "https://a.test:8443",
    "https://c.test",
    "null",
];
const PATTERNS: [&str; 5] = ["https://a.test", "https://c.test", "https://*.a.test", "https://a.test:*", "*"];
const METHODS: [&str; 5] = ["PUT", "DELETE", "PATCH", "PURGE", "*"];
const NAMES: [&str; 5] = ["x-a", "X-B", "content-type", "authorization", "*"];
/// Header lines of a script, and whether each is CORS-safelisted.
const LINES: [(&str, &str, bool); 8] = [
    ("Accept", "text/html", true),
    ("Accept-Language", "de", true),
    ("Content-Type", "text/plain", true),
    ("Range", "bytes=0-5", true),
    ("X-A", "1", false),
    ("x-b", "2", false),
    ("Content-Type", "application/json", false),
    ("Authorization", "Bearer t", false),
];
const SAFELISTED: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

/// A grant as plain data.
#[derive(Clone, Debug)]
struct Plain {
    origins: Vec<&'static str>,
    credentials: bool,
    methods: Vec<&'static str>,
    headers: Vec<&'static str>,
    expose: Vec<&'static str>,
    max_age: Option<u64>,
}

/// A request as plain data.
#[derive(Clone, Debug)]
struct Ask {
    page: &'static str,
    method: &'static str,
    lines: Vec<(&'static str, &'static str, bool)>,
    include: bool,
    forced: bool,
    later: u64,
}

impl Plain {
    fn matches(&self, page: &str) -> bool {
        self.origins.iter().any(|pattern| match *pattern {
            "*" => true,
            "https://*.a.test" => page == "https://sub.a.test",
            "https://a.test:*" => page == "https://a.test" || page == "https://a.test:8443",
            exact => page == exact,
        })
    }

    fn is_for_all(&self) -> bool {
        self.origins.contains(&"*")
    }

    fn shares(&self, ask: &Ask) -> bool {
        !ask.include || self.credentials
    }

    fn grants_method(&self, method: &str) -> bool {
        ["GET", "HEAD", "POST"].contains(&method)
            || self.methods.contains(&method)
            || self.methods.contains(&"*")
    }

    fn grants_header(&self, name: &str) -> bool {
        let listed = self.headers.iter().any(|there| there.eq_ignore_ascii_case(name));
        listed || (self.headers.contains(&"*") && name != "authorization")
    }
}

impl Ask {
    fn unsafe_names(&self) -> Vec<String> {
        self.lines.iter().filter(|(_, _, safe)| !safe).map(|(name, ..)| name.to_ascii_lowercase()).collect()
    }

    fn needs_preflight(&self) -> bool {
        self.forced || !["GET", "HEAD", "POST"].contains(&self.method) || !self.unsafe_names().is_empty()
    }

    fn builder(&self) -> RequestBuilder {
        let mut builder = Request::builder(SERVER.parse().unwrap()).method(self.method);
        for (name, value, _) in &self.lines {
            builder = builder.header(name, value);
        }
        if self.include {
            builder = builder.credentials(CredentialsMode::Include);
        }
        if self.forced {
            builder = builder.forced_preflight();
        }
        builder
    }
}

fn plain() -> impl Strategy<Value = Plain> {
    let lists = (
        subsequence(PATTERNS.to_vec(), 1..=2),
        any::<bool>(),
        subsequence(METHODS.to_vec(), 0..=3),
        subsequence(NAMES.to_vec(), 0..=3),
        subsequence(vec!["x-b", "X-C", "*"], 0..=2),
        option::of(select(vec![0, 1, 30, 600])),
    );
    lists.prop_map(|(origins, credentials, methods, headers, expose, max_age)| {
        let credentials = credentials && !origins.contains(&"*");
        Plain { origins, credentials, methods, headers, expose, max_age }
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let parts = (
        select(PAGES.to_vec()),
        select(vec!["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "PURGE"]),
        subsequence(LINES.to_vec(), 0..=3),
        any::<bool>(),
        prop::bool::weighted(0.2),
        select(vec![0u64, 0, 1, 4, 6, 29, 31, 601]),
    );
    parts.prop_map(|(page, method, mut lines, include, forced, later)| {
        // Two lines of one name are one matter more than this oracle wants to know of.
        lines.dedup_by_key(|(name, ..)| name.to_ascii_lowercase());
        if lines.iter().filter(|(name, ..)| *name == "Content-Type").count() > 1 {
            lines.retain(|(name, ..)| *name != "Content-Type");
        }
        Ask { page, method, lines, include, forced, later }
    })
}

fn build(grants: &[Plain]) -> Policy {
    let mut builder = Policy::builder();
    for plain in grants {
        let mut grant = Grant::new()
            .allow_origins(&plain.origins)
            .allow_credentials(plain.credentials)
            .allow_methods(&plain.methods)
            .allow_headers(&plain.headers)
            .expose_headers(&plain.expose);
        if let Some(seconds) = plain.max_age {
            grant = grant.max_age(seconds as i64);
        }
        builder = builder.grant(grant);
    }
    builder.build().unwrap_or_else(|errors| panic!("{errors}\n{grants:?}"))
}

fn client(page: &str) -> Arc<Client> {
    Arc::new(Client::new(if page == "null" { Origin::Opaque } else { Origin::parse(page).unwrap() }))
}

fn list(lines: &[(&str, &str)]) -> HeaderList {
    lines
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), Value::new(value).unwrap()))
        .collect()
}

/// Plays one fetch against `answer`; gives what was sent and the end.
fn play(
    mut fetch: Fetch,
    now: u64,
    cache: &mut PreflightCache,
    mut answer: impl FnMut(&RequestHead) -> ResponseHead,
) -> (Vec<RequestHead>, Result<Response, Box<Failure>>) {
    let mut sent = Vec::new();
    let mut input = Input::Start;
    loop {
        input = match fetch.step(input, Time::from_secs(now), cache) {
            Step::Send(send) => {
                let head = answer(&send.head);
                sent.push(send.head);
                Input::Response(Box::new(head))
            }
            Step::FindCookies(_) => Input::Cookies(None),
            Step::FindAuthorization(_) => Input::Authorization(None),
            Step::StoreCookies(..) | Step::StoreAuthorization(..) => Input::Done,
            Step::FindStored(_) => Input::Stored(Stored::Nothing),
            Step::Freshen(head) => Input::Freshened(head),
            Step::Prompt(_) => Input::Credentials(None),
            Step::Local(_) => Input::Failed(Reason::Scheme),
            Step::Digest(_) => Input::Failed(Reason::Integrity),
            Step::Deliver(response) => return (sent, Ok(*response)),
            Step::Fail(failure) => return (sent, Err(failure)),
        };
    }
}

/// A preflight that was granted, as far as it may be relied on.
struct Remembered {
    page: &'static str,
    include: bool,
    until: u64,
    methods: Vec<String>,
    names: Vec<String>,
}

impl Remembered {
    fn serves(&self, ask: &Ask, now: u64) -> bool {
        self.page == ask.page && now < self.until && (self.include || !ask.include)
    }
}

fn has(list: &[String], item: &str) -> bool {
    list.iter().any(|there| there == item || there == "*")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn both_halves_agree_with_the_policys_plain_data(grants in vec(plain(), 1..=3), asks in vec(ask(), 1..=5)) {
        let policy = build(&grants);
        let mut cache = PreflightCache::new();
        let mut remembered: Vec<Remembered> = Vec::new();
        let mut now = 1_000;
        for ask in &asks {
            now += ask.later;
            let grant = grants.iter().find(|grant| grant.matches(ask.page));
            let preflight_granted = grant.is_some_and(|grant| {
                grant.shares(ask)
                    && grant.grants_method(ask.method)
                    && ask.unsafe_names().iter().all(|name| grant.grants_header(name))
            });
            let readable = grant.is_some_and(|grant| grant.shares(ask)) && (!ask.needs_preflight() || preflight_granted);
            // By the standard: there `*` never grants Authorization, be it remembered or not.
            let settings = Arc::new(Settings { profile: Profile::standard(), ..Settings::default() });
            let fetch = Fetch::new(ask.builder().build().unwrap(), client(ask.page), settings);
            let (sent, end) = play(fetch, now, &mut cache, |request| {
                let app = list(&[("content-type", "a/b"), ("x-b", "1"), ("x-c", "1"), ("x-d", "1"), ("set-cookie", "a=b")]);
                answered(&policy, request, ResponseHead::new(StatusCode::OK, app))
            });
            prop_assert_eq!(end.is_ok(), readable, "{:?} of {:?}: {:?}", ask, grants, end);

            let methods: Vec<&str> = sent.iter().map(|head| head.method.as_str()).collect();
            let asked = methods.first() == Some(&"OPTIONS");
            prop_assert!(!asked || ask.needs_preflight(), "a needless preflight: {:?}", ask);
            prop_assert_eq!(methods.contains(&ask.method), !ask.needs_preflight() || preflight_granted);
            if ask.needs_preflight() && !asked {
                // It left without asking: what was granted before must cover it.
                let fresh = || remembered.iter().filter(|entry| entry.serves(ask, now));
                let method_covered = (["GET", "HEAD", "POST"].contains(&ask.method) && !ask.forced)
                    || fresh().any(|entry| has(&entry.methods, ask.method));
                prop_assert!(method_covered, "{:?} left without a matching preflight", ask);
                for name in ask.unsafe_names() {
                    prop_assert!(fresh().any(|entry| has(&entry.names, &name)), "{} left without a matching preflight", name);
                }
            }
            if let (true, true, Some(grant)) = (asked, preflight_granted, grant) {
                let star = |list: &[&str]| list.contains(&"*");
                let mut methods: Vec<String> = grant.methods.iter().map(|m| m.to_string()).collect();
                let mut names: Vec<String> = grant.headers.iter().map(|n| n.to_ascii_lowercase()).collect();
                // With credentials, `*` is answered by what was asked for.
                if grant.credentials {
                    if star(&grant.methods) { methods = Vec::new(); }
                    if star(&grant.headers) { names = Vec::new(); }
                }
                methods.push(ask.method.to_owned());
                names.extend(ask.unsafe_names());
                let until = now + grant.max_age.unwrap_or(5);
                remembered.push(Remembered { page: ask.page, include: ask.include, until, methods, names });
            }

            if let (Ok(response), Some(grant)) = (end, grant) {
                let star_counts = grant.expose.contains(&"*") && (!ask.include || grant.credentials);
                for (name, _) in response.headers.iter() {
                    let name = name.as_str();
                    let exposed = grant.expose.iter().any(|there| there.eq_ignore_ascii_case(name));
                    prop_assert!(SAFELISTED.contains(&name) || exposed || star_counts, "{} is readable", name);
                    prop_assert!(name != "set-cookie");
                }
                prop_assert_eq!(response.headers.contains(&HeaderName::from_static("x-d")), star_counts);
                prop_assert!(!(grant.is_for_all() && ask.include));
            }
        }
    }

    #[test]
    fn no_response_is_read_and_no_request_leaves_without_consent(
        ask in ask(),
        replies in vec(reply(), 1..=6),
        redirect in select(vec![RedirectMode::Follow, RedirectMode::Error, RedirectMode::Manual]),
    ) {
        let request = ask.builder().redirect(redirect).build().unwrap();
        let fetch = Fetch::new(request, client(ask.page), Arc::new(Settings::default()));
        let mut replies = replies.into_iter().cycle();
        let mut said = Vec::new();
        let (sent, end) = play(fetch, 0, &mut PreflightCache::new(), |_| {
            let head = replies.next().unwrap();
            said.push(head.clone());
            head
        });
        for (at, head) in sent.iter().enumerate() {
            let own = Origin::from_url(&head.url).as_str() == ask.page;
            let origin = text(&head.headers, "origin");
            // A first hop that is not home is cross-origin, and so is every later one.
            let crossed = sent[..=at].iter().any(|head| Origin::from_url(&head.url).as_str() != ask.page);
            prop_assert!(!crossed || origin.is_some(), "no Origin on {:?}", head);
            prop_assert!(crossed || own);
            if crossed && head.method != "OPTIONS" {
                let safe_method = ["GET", "HEAD", "POST"].contains(&head.method.as_str());
                let unsafe_names: Vec<String> = ask.unsafe_names().into_iter()
                    .filter(|name| head.headers.contains(&name.parse().unwrap())).collect();
                if !safe_method || !unsafe_names.is_empty() {
                    // What was asked for this URL in this origin's name, and granted.
                    let answers: Vec<&ResponseHead> = (0..at)
                        .filter(|&i| sent[i].method == "OPTIONS" && sent[i].url == head.url)
                        .filter(|&i| text(&sent[i].headers, "origin") == origin)
                        .map(|i| &said[i])
                        .filter(|answer| answer.status.is_success())
                        .filter(|answer| consents(answer, origin.as_deref().unwrap_or_default(), ask.include))
                        .collect();
                    let granted = |list: &'static str, item: &str| answers.iter().any(|answer| {
                        split(&answer.headers, list).iter()
                            .any(|there| there.eq_ignore_ascii_case(item) || (there == "*" && !ask.include))
                    });
                    let silent = answers.iter()
                        .any(|answer| !answer.headers.contains(&HeaderName::from_static("access-control-allow-methods")));
                    prop_assert!(!answers.is_empty(), "{} {} left unasked", head.method, head.url);
                    let method_granted = granted("access-control-allow-methods", head.method.as_str());
                    prop_assert!(safe_method || method_granted || (silent && ask.forced), "{} left", head.method);
                    for name in &unsafe_names {
                        prop_assert!(granted("access-control-allow-headers", name), "{} left", name);
                    }
                }
            }
        }
        if let Ok(response) = end {
            let (last, answer) = (sent.last().unwrap(), said.last().unwrap());
            let crossed = sent.iter().any(|head| Origin::from_url(&head.url).as_str() != ask.page);
            if crossed {
                let origin = text(&last.headers, "origin").unwrap();
                prop_assert!(consents(answer, &origin, ask.include), "{:?} was read", answer);
                if response.body == BodyAccess::Withheld {
                    prop_assert!(response.headers.is_empty() && response.status == 0);
                }
                let exposed = split(&answer.headers, "access-control-expose-headers");
                for (name, _) in response.headers.iter() {
                    let listed = exposed.iter().any(|there| there.eq_ignore_ascii_case(name.as_str()) || (there == "*" && !ask.include));
                    prop_assert!(SAFELISTED.contains(&name.as_str()) || listed, "{} is readable", name);
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(
        method in ".{0,8}",
        url in prop_oneof![Just("https://b.test/".to_owned()), "[a-z]{1,5}:.{0,12}", "https?://[^/]{0,12}/.{0,12}"],
        name in ".{0,8}",
        value in vec(any::<u8>(), 0..40),
        mode in select(vec![Mode::Cors, Mode::NoCors, Mode::SameOrigin]),
        inputs in vec(input(), 0..12),
    ) {
        let Ok(url) = url.parse() else { return Ok(()) };
        let built = Request::builder(url).method(&method).header(&name, &value).mode(mode).build();
        let Ok(request) = built else { return Ok(()) };
        drive_blindly(request, inputs);
    }

    #[test]
    fn no_sequence_of_inputs_makes_it_panic(ask in ask(), inputs in vec(input(), 0..20)) {
        drive_blindly(ask.builder().build().unwrap(), inputs);
    }

    #[test]
    fn no_request_makes_the_policy_panic_and_no_other_origin_is_shared_with(
        grants in vec(plain(), 1..=3),
        method in select(vec!["GET", "OPTIONS", "PUT"]),
        origin in prop_oneof![
            vec(any::<u8>(), 0..60),
            "https?://[a-z.*@:/]{0,20}a\\.test[:/.0-9a-z]{0,6}".prop_map(String::into_bytes),
            select(PAGES.to_vec()).prop_map(|page| page.as_bytes().to_vec()),
        ],
        asked in option::of(vec(any::<u8>(), 0..60)),
        names in vec(vec(any::<u8>(), 0..60), 0..3),
    ) {
        let policy = build(&grants);
        let mut headers = HeaderList::new();
        let mut add = |name: &'static str, bytes: &[u8]| {
            Value::new(bytes).map(|value| headers.append(HeaderName::from_static(name), value)).is_ok()
        };
        let has_origin = add("origin", &origin);
        if let Some(asked) = &asked { add("access-control-request-method", asked); }
        for name in &names { add("access-control-request-headers", name); }
        let request = RequestHead { method: method.parse().unwrap(), url: SERVER.parse().unwrap(), headers };
        let head = answered(&policy, &request, ResponseHead::new(StatusCode::OK, HeaderList::new()));
        if let (true, Some(allowed)) = (has_origin, text(&head.headers, "access-control-allow-origin")) {
            let known = text(&request.headers, "origin").filter(|origin| PAGES.contains(&origin.as_str()) && origin != "null");
            let by_pattern = |origin: &str| {
                let labels = |host: &str| host.split('.').all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase()));
                let sub = origin.strip_prefix("https://").and_then(|host| host.strip_suffix(".a.test")).is_some_and(labels);
                let port = origin.strip_prefix("https://a.test:").is_some_and(|port| port.parse::<u16>().is_ok_and(|n| n != 0 && n != 443 && n.to_string() == port));
                (sub && grants.iter().any(|g| g.origins.contains(&"https://*.a.test")))
                    || (port && grants.iter().any(|g| g.origins.contains(&"https://a.test:*")))
            };
            let origin = text(&request.headers, "origin").unwrap();
            let covered = known.is_some_and(|page| grants.iter().any(|grant| grant.matches(&page)));
            prop_assert!(allowed == "*" || (allowed == origin && (covered || by_pattern(&origin))), "{} for {}", allowed, origin);
            prop_assert!(allowed != "*" || grants.iter().any(Plain::is_for_all));
            prop_assert!(allowed != "*" || text(&head.headers, "access-control-allow-credentials").is_none());
        }
    }
}

/// A server whose application stands behind a policy.
fn answered(policy: &Policy, request: &RequestHead, mut application: ResponseHead) -> ResponseHead {
    match policy.decide(request) {
        Decision::Answer(answer) => {
            let mut headers = HeaderList::new();
            let status = answer.status().try_into().unwrap();
            answer.apply(&mut headers);
            ResponseHead::new(status, headers)
        }
        Decision::Forward(forward) => {
            forward.apply(&mut application.headers);
            application
        }
    }
}

fn text(headers: &HeaderList, name: &'static str) -> Option<String> {
    headers.get(&HeaderName::from_static(name)).map(|value| value.to_text())
}

fn split(headers: &HeaderList, name: &'static str) -> Vec<String> {
    text(headers, name).unwrap_or_default().split(',').map(|item| item.trim().to_owned()).collect()
}

/// The CORS check in one sentence.
fn consents(head: &ResponseHead, origin: &str, include: bool) -> bool {
    let allowed = text(&head.headers, "access-control-allow-origin");
    let credentials = text(&head.headers, "access-control-allow-credentials");
    match include {
        true => allowed.as_deref() == Some(origin) && credentials.as_deref() == Some("true"),
        false => allowed.as_deref() == Some("*") || allowed.as_deref() == Some(origin),
    }
}

/// A reply that is often nearly right.
fn reply() -> impl Strategy<Value = ResponseHead> {
    let parts = (
        select(vec![200u16, 200, 200, 204, 302, 303, 307, 401, 403, 404, 500]),
        option::weighted(
            0.8,
            select(vec!["*", "https://a.test", "https://c.test", "null", "https://a.test, *"]),
        ),
        option::weighted(0.7, select(vec!["true", "false", "True"])),
        option::weighted(0.7, select(vec!["*", "PUT", "put", "PUT, DELETE", "P T"])),
        option::weighted(0.7, select(vec!["*", "x-a", "x-a, X-B, authorization", "content-type", "a b"])),
        option::weighted(0.5, select(vec!["*", "x-b", "x b"])),
        option::weighted(
            0.5,
            select(vec![
                "/y",
                "https://c.test/",
                "https://a.test/",
                "https://api.test/z",
                "ftp://x/",
                "https://u:p@a.test/",
            ]),
        ),
    );
    parts.prop_map(|(status, acao, acac, acam, acah, aceh, location)| {
        let mut lines = vec![("x-b", "1"), ("content-type", "a/b")];
        lines.extend(acao.map(|v| ("access-control-allow-origin", v)));
        lines.extend(acac.map(|v| ("access-control-allow-credentials", v)));
        lines.extend(acam.map(|v| ("access-control-allow-methods", v)));
        lines.extend(acah.map(|v| ("access-control-allow-headers", v)));
        lines.extend(aceh.map(|v| ("access-control-expose-headers", v)));
        lines.extend(location.map(|v| ("location", v)));
        ResponseHead::new(status.try_into().unwrap(), list(&lines))
    })
}

#[derive(Clone, Debug)]
enum Any {
    Fit(ResponseHead),
    Start,
    Failed,
    Cookies(Vec<u8>),
    Authorization,
    Stored(ResponseHead),
    Freshened(ResponseHead),
    Credentials,
    Done,
    Abort,
}

/// A head of arbitrary bytes, or one that is nearly right.
fn any_head() -> impl Strategy<Value = ResponseHead> {
    let names = select(vec![
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-max-age",
        "access-control-expose-headers",
        "location",
        "referrer-policy",
        "timing-allow-origin",
        "cross-origin-resource-policy",
        "set-cookie",
        "www-authenticate",
        "etag",
    ]);
    let wild = (100u16..=999, vec((names, vec(any::<u8>(), 0..30)), 0..6)).prop_map(|(status, lines)| {
        let mut headers = HeaderList::new();
        for (name, bytes) in lines {
            if let Ok(value) = Value::new(bytes) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        ResponseHead::new(status.try_into().unwrap(), headers)
    });
    prop_oneof![wild, reply()]
}

fn input() -> impl Strategy<Value = Any> {
    prop_oneof![
        6 => any_head().prop_map(Any::Fit),
        1 => Just(Any::Start),
        1 => Just(Any::Failed),
        1 => vec(any::<u8>(), 0..20).prop_map(Any::Cookies),
        1 => Just(Any::Authorization),
        1 => any_head().prop_map(Any::Stored),
        1 => any_head().prop_map(Any::Freshened),
        1 => Just(Any::Credentials),
        1 => Just(Any::Done),
        1 => Just(Any::Abort),
    ]
}

/// Feeds a fetch with what comes, fitting or not.
fn drive_blindly(request: Request, inputs: Vec<Any>) {
    let mut fetch = Fetch::new(request, client("https://a.test"), Arc::new(Settings::default()));
    let mut cache = PreflightCache::new();
    let mut step = fetch.step(Input::Start, Time::ZERO, &mut cache);
    for (at, any) in inputs.into_iter().enumerate() {
        let input = match any {
            // What answers the step, as often as not.
            Any::Fit(head) => match step {
                Step::Send(_) | Step::Local(_) => Input::Response(Box::new(head)),
                Step::FindCookies(_) => Input::Cookies(None),
                Step::FindAuthorization(_) => Input::Authorization(None),
                Step::FindStored(_) => Input::Stored(Stored::Stale(Box::new(head))),
                Step::Freshen(_) => Input::Freshened(Box::new(head)),
                Step::Prompt(_) => Input::Credentials(None),
                _ => Input::Done,
            },
            Any::Start => Input::Start,
            Any::Failed => Input::Failed(Reason::Connection),
            Any::Cookies(bytes) => Input::Cookies(Value::new(bytes).ok()),
            Any::Authorization => Input::Authorization(Some(Value::from_static("Basic x"))),
            Any::Stored(head) => Input::Stored(Stored::Fresh(Box::new(head))),
            Any::Freshened(head) => Input::Freshened(Box::new(head)),
            Any::Credentials => {
                Input::Credentials(Some(UserPassword { user: "u".to_owned(), password: "p".to_owned() }))
            }
            Any::Done => Input::Done,
            Any::Abort => Input::Abort,
        };
        step = fetch.step(input, Time::from_secs(at as u64), &mut cache);
    }
}
