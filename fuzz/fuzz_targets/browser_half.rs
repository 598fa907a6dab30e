//! Any request of a page, any answers of servers: a fetch ends, and no response is read that was not shared.
#![no_main]

use std::sync::Arc;

use crossing::browser::{
    BodyAccess, CacheMode, Client, ContentSecurityPolicy, CredentialsMode, Fetch, Input, Mode,
    PreflightCache, Profile, RedirectMode, Request, ResponseType, Settings, Step, Stored, Tracing,
};
use crossing::{Origin, ResponseHead, Time};
use crossing_fuzz::Pieces;
use http::StatusCode;
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 20] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
    "location",
    "cross-origin-resource-policy",
    "timing-allow-origin",
    "www-authenticate",
    "referrer-policy",
    "set-cookie",
    "content-type",
    "content-length",
    "range",
    "accept",
    "accept-language",
    "authorization",
    "x-a",
    "strict-transport-security",
];

const PAGES: [&str; 4] = ["https://a.test", "http://a.test", "https://b.test:8443", "null"];
const URLS: [&str; 6] = [
    "https://a.test/x",
    "https://b.test/x?y#z",
    "http://b.test/",
    "https://user:pass@b.test/",
    "data:text/plain,x",
    "http://b.test:25/",
];
/// More than the longest conversation: 21 requests, each with a preflight, and a few questions about each.
const MOST_STEPS: usize = 1000;

fuzz_target!(|bytes: &[u8]| {
    let mut pieces = Pieces::new(bytes);
    let page = pieces.one_of(PAGES);
    let mut client = Client::new(Origin::parse(page).unwrap_or(Origin::Opaque));
    let profile = pieces.one_of([Profile::standard(), Profile::consensus()]);
    if pieces.byte() > 250 {
        client.csp.push(ContentSecurityPolicy::parse(&pieces.text()));
    }
    let settings = Arc::new(Settings { profile, tracing: Tracing::On, ..Settings::default() });
    let client = Arc::new(client);
    let (mut cache, mut now) = (PreflightCache::new(), Time::from_secs(1));
    for _ in 0..4 {
        let Some(request) = request(&mut pieces) else { continue };
        let mode = request.mode();
        let mut fetch = Fetch::new(request, client.clone(), settings.clone());
        let mut input = Input::Start;
        for step in 0.. {
            assert!(step < MOST_STEPS, "it does not end");
            input = match fetch.step(input, now, &mut cache) {
                Step::Send(_) | Step::Local(_) => Input::Response(Box::new(head(&mut pieces))),
                Step::FindCookies(_) => Input::Cookies(None),
                Step::FindAuthorization(_) => Input::Authorization(None),
                Step::StoreCookies(..) | Step::StoreAuthorization(..) => Input::Done,
                Step::FindStored(_) => match pieces.byte() % 3 {
                    0 => Input::Stored(Stored::Nothing),
                    1 => Input::Stored(Stored::Fresh(Box::new(head(&mut pieces)))),
                    _ => Input::Stored(Stored::Stale(Box::new(head(&mut pieces)))),
                },
                Step::Freshen(head) => Input::Freshened(head),
                Step::Prompt(_) => Input::Credentials(None),
                Step::Digest(_) => Input::Digest(vec![pieces.byte()]),
                Step::Deliver(response) => {
                    if response.kind == ResponseType::Opaque {
                        assert_eq!(mode, Mode::NoCors);
                        assert!(response.headers.is_empty() && response.status == 0);
                        assert_ne!(response.body, BodyAccess::Readable);
                    }
                    break;
                }
                Step::Fail(_) => break,
            };
        }
        now = now + std::time::Duration::from_secs(pieces.byte().into());
    }
    assert!(cache.len() <= 10_000);
});

fn request(pieces: &mut Pieces<'_>) -> Option<Request> {
    let mut builder = Request::builder(pieces.one_of(URLS).parse().ok()?)
        .method(&pieces.text())
        .mode(pieces.one_of([Mode::Cors, Mode::Cors, Mode::Cors, Mode::NoCors, Mode::SameOrigin]))
        .credentials(pieces.one_of([
            CredentialsMode::Omit,
            CredentialsMode::SameOrigin,
            CredentialsMode::Include,
        ]))
        .redirect(pieces.one_of([
            RedirectMode::Follow,
            RedirectMode::Follow,
            RedirectMode::Error,
            RedirectMode::Manual,
        ]))
        .cache(pieces.one_of([CacheMode::Default, CacheMode::NoStore, CacheMode::ForceCache]));
    for (name, value) in pieces.headers(&NAMES, 8).iter() {
        builder = builder.header(name.as_str(), value.as_bytes());
    }
    if pieces.byte() > 200 {
        builder = builder.body(4, None);
    }
    builder.build().ok()
}

fn head(pieces: &mut Pieces<'_>) -> ResponseHead {
    let status = pieces.one_of([200, 204, 301, 302, 303, 307, 308, 304, 401, 403, 404, 407, 421, 500]);
    ResponseHead::new(StatusCode::from_u16(status).expect("a status"), pieces.headers(&NAMES, 12))
}
