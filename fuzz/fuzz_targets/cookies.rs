//! Any `Set-Cookie` lines, from any hosts: what a host gets, it was given.
#![no_main]

use std::time::Duration;

use crossing::Time;
use crossing::browser::{CookieContext, Site};
use crossing::headers::Value;
use crossing_agent::CookieJar;
use crossing_fuzz::Pieces;
use libfuzzer_sys::fuzz_target;

const URLS: [&str; 6] = [
    "https://a.test/",
    "https://sub.a.test/p/q",
    "http://a.test/p/",
    "https://b.test/",
    "http://127.0.0.1:8080/",
    "https://x.co.uk/",
];

fuzz_target!(|bytes: &[u8]| {
    let mut pieces = Pieces::new(bytes);
    let mut jar = CookieJar::new();
    let mut now = Time::from_secs(1_000_000_000);
    while !pieces.is_empty() {
        let context = CookieContext {
            url: pieces.one_of(URLS).parse().expect("a URL"),
            site: pieces.one_of([Site::Same, Site::Cross]),
            partition: pieces.one_of(["https://a.test", "https://b.test"]).into(),
        };
        let known = jar.len();
        if let Ok(line) = Value::new(pieces.line()) {
            jar.store(&context, &[line], now);
        }
        assert!(jar.len() <= known + 1);
        if let Some(value) = jar.find(&context, now) {
            assert!(!value.as_bytes().contains(&b'\n'));
        }
        now = now + Duration::from_secs(pieces.byte().into());
    }
});
