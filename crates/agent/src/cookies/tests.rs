use std::time::Duration;

use super::*;
use crossing::browser::{CookieContext, Site};
use crossing::{Time, Value};

const NOW: Time = Time::from_secs(1_767_225_600);

fn context(url: &str, site: Site) -> CookieContext {
    CookieContext { url: url.parse().unwrap(), site, partition: "https://top.test".into() }
}

fn store(jar: &mut CookieJar, url: &str, line: &str) -> usize {
    jar.store(&context(url, Site::Same), &[Value::new(line).unwrap()], NOW)
}

fn find(jar: &mut CookieJar, url: &str, site: Site, now: Time) -> Option<String> {
    jar.find(&context(url, site), now).map(|value| value.to_text())
}

/// What the second URL gets after the first has set the line.
fn round(setter: &str, line: &str, getter: &str) -> Option<String> {
    let mut jar = CookieJar::new();
    store(&mut jar, setter, line);
    find(&mut jar, getter, Site::Same, NOW)
}

#[test]
fn cookies_go_where_domain_path_and_secure_say() {
    for (setter, line, getter, expected) in [
        ("https://a.test/", "a=b", "https://a.test/x", Some("a=b")),
        ("https://a.test/", "a=b", "http://a.test/", Some("a=b")),
        ("https://a.test/", "a=b", "https://a.test:8443/", Some("a=b")),
        ("https://a.test/", "a=b", "https://x.a.test/", None),
        ("https://a.test/", "a=b; Domain=a.test", "https://x.a.test/", Some("a=b")),
        ("https://a.test/", "a=b; Domain=.A.Test", "https://x.a.test/", Some("a=b")),
        ("https://x.a.test/", "a=b; Domain=a.test", "https://a.test/", Some("a=b")),
        ("https://a.test/", "a=b; Domain=x.a.test", "https://x.a.test/", None),
        ("https://a.test/", "a=b; Domain=b.test", "https://b.test/", None),
        ("https://a.test/", "a=b; Domain=test", "https://a.test/", None),
        ("https://a.co.uk/", "a=b; Domain=co.uk", "https://b.co.uk/", None),
        ("https://github.io/", "a=b; Domain=github.io", "https://github.io/", Some("a=b")),
        ("https://github.io/", "a=b; Domain=github.io", "https://x.github.io/", None),
        ("https://127.0.0.1/", "a=b; Domain=127.0.0.1", "https://127.0.0.1/", Some("a=b")),
        ("https://127.0.0.1/", "a=b; Domain=0.0.1", "https://127.0.0.1/", None),
        ("https://a.test/d/x", "a=b", "https://a.test/d", Some("a=b")),
        ("https://a.test/d/x", "a=b", "https://a.test/dx", None),
        ("https://a.test/d/x", "a=b; Path=/", "https://a.test/", Some("a=b")),
        ("https://a.test/d/x", "a=b; Path=d", "https://a.test/d/", Some("a=b")),
        ("https://a.test/", "a=b; Secure", "http://a.test/", None),
        ("http://a.test/", "a=b; Secure", "https://a.test/", None),
        ("http://localhost/", "a=b; Secure", "http://localhost:81/", Some("a=b")),
        ("http://127.0.0.1/", "a=b; Secure", "http://127.0.0.1/", Some("a=b")),
        ("https://a.test/", "b", "https://a.test/", Some("b")),
        ("https://a.test/", "=b", "https://a.test/", Some("b")),
        ("https://a.test/", " a = b c ; HttpOnly", "https://a.test/", Some("a=b c")),
        ("https://a.test/", "a=\"b;c\"", "https://a.test/", Some("a=\"b")),
        ("https://a.test/", "=", "https://a.test/", None),
        ("https://a.test/", "a=b\u{1}", "https://a.test/", None),
        ("https://a.test/", "a=b; Partitioned", "https://a.test/", None),
        ("https://a.test/", "a=b; Partitioned; Secure", "https://a.test/", Some("a=b")),
    ] {
        assert_eq!(round(setter, line, getter).as_deref(), expected, "{line} from {setter} at {getter}");
    }
}

#[test]
fn another_site_sends_and_stores_none_cookies_only() {
    let url = "https://b.test/";
    for (line, crosses) in [
        ("a=b", false),
        ("a=b; SameSite=Lax", false),
        ("a=b; SameSite=Strict; Secure", false),
        ("a=b; SameSite=bogus; Secure", false),
        ("a=b; SameSite=none; Secure", true),
    ] {
        let mut jar = CookieJar::new();
        assert_eq!(store(&mut jar, url, line), 1, "{line}");
        assert_eq!(find(&mut jar, url, Site::Cross, NOW).is_some(), crosses, "sent: {line}");
        let mut jar = CookieJar::new();
        let kept = jar.store(&context(url, Site::Cross), &[Value::new(line).unwrap()], NOW);
        assert_eq!(kept == 1, crosses, "stored: {line}");
    }
    assert_eq!(round(url, "a=b; SameSite=None", url), None, "None needs Secure");
}

#[test]
fn prefixes_are_promises() {
    let url = "https://a.test/";
    for (line, kept) in [
        ("__Secure-a=b; Secure", true),
        ("__Secure-a=b", false),
        ("__secure-a=b", false),
        ("__Host-a=b; Secure; Path=/", true),
        ("__Host-a=b; Secure", false),
        ("__Host-a=b; Secure; Path=/; Domain=a.test", false),
        ("__Host-a=b; Path=/", false),
        ("__Http-a=b; Secure; HttpOnly", true),
        ("__Http-a=b; Secure", false),
        ("__Host-Http-a=b; Secure; Path=/; HttpOnly", true),
        ("__Host-Http-a=b; Secure; Path=/", false),
        ("=__Host-a=b; Secure; Path=/", false),
        ("__Secure-a", false),
    ] {
        assert_eq!(store(&mut CookieJar::new(), url, line) == 1, kept, "{line}");
    }
}

#[test]
fn cookies_expire() {
    let url = "https://a.test/";
    let after = |line: &str, seconds: u64| {
        let mut jar = CookieJar::new();
        store(&mut jar, url, line);
        find(&mut jar, url, Site::Same, NOW + Duration::from_secs(seconds)).is_some()
    };
    assert!(after("a=b; Max-Age=10", 9) && !after("a=b; Max-Age=10", 10));
    assert!(!after("a=b; Max-Age=0", 0) && !after("a=b; Max-Age=-1", 0));
    assert!(after("a=b; Max-Age=x", 1_000_000) && after("a=b; Max-Age=", 1_000_000));
    assert!(after("a=b; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 9));
    assert!(!after("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 0));
    assert!(after("a=b; Expires=Thu, 01 Jan 2026 00:00:10 GMT", 9));
    assert!(!after("a=b; Expires=Thu, 01 Jan 2026 00:00:10 GMT", 10));
    assert!(!after("a=b; Max-Age=99999999999999999999", 400 * 86_400), "400 days at most");
}

#[test]
fn a_cookie_that_is_over_deletes_its_like() {
    let mut jar = CookieJar::new();
    store(&mut jar, "https://a.test/", "a=1");
    store(&mut jar, "https://a.test/", "a=2; Path=/x");
    assert_eq!(jar.len(), 2);
    store(&mut jar, "https://a.test/", "a=; Max-Age=0");
    assert_eq!(jar.len(), 1);
    assert_eq!(find(&mut jar, "https://a.test/x", Site::Same, NOW).as_deref(), Some("a=2"));
}

#[test]
fn longer_paths_come_first_then_older_cookies() {
    let mut jar = CookieJar::new();
    for line in ["old=1; Path=/", "long=1; Path=/x", "new=1; Path=/", "old=2; Path=/"] {
        store(&mut jar, "https://a.test/", line);
    }
    assert_eq!(
        find(&mut jar, "https://a.test/x", Site::Same, NOW).as_deref(),
        Some("long=1; old=2; new=1"),
        "a replaced cookie keeps its age"
    );
}

#[test]
fn an_insecure_connection_does_not_touch_a_secure_cookie() {
    let mut jar = CookieJar::new();
    store(&mut jar, "https://x.a.test/", "a=1; Secure; Domain=a.test; Path=/p");
    assert_eq!(store(&mut jar, "http://a.test/", "a=2; Path=/p"), 0);
    assert_eq!(store(&mut jar, "http://a.test/", "a=2; Path=/p/q"), 0);
    assert_eq!(store(&mut jar, "http://a.test/", "a=2; Path=/"), 1);
    assert_eq!(store(&mut jar, "http://a.test/", "b=2; Path=/p"), 1);
}

#[test]
fn limits_hold() {
    let url = "https://a.test/";
    assert!(round(url, &format!("a={}", "x".repeat(4095)), url).is_some());
    assert!(round(url, &format!("a={}", "x".repeat(4096)), url).is_none());
    let path = format!("/{}", "x".repeat(1024));
    assert!(round(url, &format!("a=b; Path={path}"), url).is_some(), "an attribute too long is passed over");
    let mut jar = CookieJar::new();
    for number in 0..200 {
        store(&mut jar, url, &format!("c{number}=1"));
    }
    assert_eq!(jar.len(), 180);
    assert!(!find(&mut jar, url, Site::Same, NOW).unwrap().contains("c0="), "the oldest is gone");
    for number in 0..4000 {
        store(&mut jar, &format!("https://h{number}.test/"), "a=b");
    }
    assert!(jar.len() <= 3000, "{}", jar.len());
}

#[test]
fn partitioned_cookies_stay_with_their_site() {
    let mut jar = CookieJar::new();
    store(&mut jar, "https://b.test/", "a=b; Secure; SameSite=None; Partitioned");
    let mut elsewhere = context("https://b.test/", Site::Cross);
    assert!(jar.find(&elsewhere, NOW).is_some());
    elsewhere.partition = "https://other.test".into();
    assert!(jar.find(&elsewhere, NOW).is_none());
}

#[test]
fn an_added_cookie_is_left_to_the_credentials_mode() {
    let mut jar = CookieJar::new();
    let url = "http://b.test/x/y".parse().unwrap();
    jar.add(&url, "a=b").unwrap();
    assert_eq!(find(&mut jar, "http://b.test/", Site::Cross, NOW).as_deref(), Some("a=b"));
    for wrong in ["a", "=b", "", "a=b;c", "a=b\n"] {
        assert!(jar.add(&url, wrong).is_err(), "{wrong:?}");
    }
    assert!(!jar.add(&url, "name=hunter2;").unwrap_err().to_string().contains("hunter2"));
}

#[test]
fn a_script_neither_sees_nor_sets_nor_replaces_what_is_http_only() {
    let mut jar = CookieJar::new();
    let page = context("https://a.test/x", Site::Same);
    store(&mut jar, "https://a.test/", "session=secret; HttpOnly; Path=/");
    store(&mut jar, "https://a.test/", "theme=dark; Path=/");
    assert_eq!(jar.find_for_script(&page, NOW), "theme=dark");
    for (line, kept) in [
        ("lang=de; Path=/", true),
        ("mine=1; HttpOnly", false),
        ("session=other; Path=/", false),
        ("session=; Max-Age=0; Path=/", false),
        ("__Http-a=1; Secure; Path=/", false),
        ("theme=; Max-Age=0; Path=/", true),
        ("a=b; Domain=other.test", false),
    ] {
        assert_eq!(jar.store_for_script(&page, line, NOW), kept, "{line}");
    }
    assert_eq!(jar.find_for_script(&page, NOW), "lang=de");
    let sent = find(&mut jar, "https://a.test/", Site::Same, NOW);
    assert_eq!(sent.as_deref(), Some("session=secret; lang=de"));
}

#[test]
fn a_refused_cookie_is_refused_for_a_reason() {
    use CookieRefusal::*;
    let mut jar = CookieJar::new();
    store(&mut jar, "https://a.test/", "old=1; Secure");
    for (url, site, line, expected) in [
        ("https://a.test/", Site::Same, "a=b", None),
        ("https://a.test/", Site::Cross, "a=b; SameSite=None; Secure", None),
        ("https://a.test/", Site::Cross, "a=b", Some(CrossSite)),
        ("https://a.test/", Site::Cross, "a=b; SameSite=Lax; Secure", Some(CrossSite)),
        ("https://a.test/", Site::Cross, "a=b; SameSite=None", Some(NoneWithoutSecure)),
        ("http://a.test/", Site::Same, "a=b; Secure", Some(SecureOverHttp)),
        ("http://a.test/", Site::Same, "old=2", Some(Shadow)),
        ("https://a.test/", Site::Same, "a=b; Domain=b.test", Some(Domain)),
        ("https://a.test/", Site::Same, "a=b; Partitioned", Some(PartitionedWithoutSecure)),
        ("https://a.test/", Site::Same, "__Host-a=b", Some(Prefix)),
        ("https://a.test/", Site::Same, "", Some(Malformed)),
    ] {
        let refusal = jar.refusal(&context(url, site), &Value::new(line).unwrap(), NOW);
        assert_eq!(refusal, expected, "{line}");
        assert_eq!(jar.len(), 1, "nothing is stored by asking");
    }
}
