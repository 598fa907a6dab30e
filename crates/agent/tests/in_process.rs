//! An application as a browser meets it: no port, no browser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, options};
use crossing::Reason;
use crossing::browser::{CacheMode, Mode};
use crossing_agent::{Agent, VirtualClock};

use common::run;

/// An API that lets one origin read and write its items.
fn api() -> Router {
    let shared =
        || [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://app.example.com"), (header::VARY, "origin")];
    let granted = [(header::ACCESS_CONTROL_ALLOW_METHODS, "PUT"), (header::ACCESS_CONTROL_MAX_AGE, "60")];
    let item = get(move || async move { (shared(), [("x-request-id", "1")], "an item") })
        .put(move |body: String| async move { (shared(), format!("now {body}")) })
        .options(move || async move { (StatusCode::NO_CONTENT, shared(), granted) });
    Router::new().route("/items/1", item).route("/bare", get(|| async { "not shared" }))
}

#[test]
fn an_application_is_met_as_a_browser_meets_it() {
    run(async {
        let clock = VirtualClock::default();
        let browser =
            Agent::in_process().clock(clock.clone()).host("api.example.com", api()).build().unwrap();
        let page = browser.page("https://app.example.com").unwrap();
        let item = "https://api.example.com/items/1";

        let response = page.get(item).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.header("content-type").as_deref(), Some("text/plain; charset=utf-8"));
        assert_eq!(response.header("x-request-id"), None, "it is not exposed");

        let response = page.put(item).text("new").send().await.unwrap();
        assert_eq!(response.wire(), [format!("OPTIONS {item} 204"), format!("PUT {item} 200")]);
        assert_eq!(response.text().await.unwrap(), "now new");

        let again = page.put(item).text("newer").send().await.unwrap();
        assert_eq!(again.wire(), [format!("PUT {item} 200")], "the preflight is remembered");
        clock.advance(Duration::from_secs(60));
        let later = page.put(item).text("newest").send().await.unwrap();
        assert_eq!(later.wire().len(), 2, "and forgotten after a minute");

        let blocked = page.delete(item).send().await.unwrap_err();
        assert_eq!(blocked.reason(), Some(Reason::MethodNotAllowed));
        let blocked = page.get("https://api.example.com/bare").send().await.unwrap_err();
        assert_eq!(blocked.reason(), Some(Reason::AcaoMissing));
        let stranger = browser.page("https://evil.example").unwrap();
        assert_eq!(stranger.get(item).send().await.unwrap_err().reason(), Some(Reason::AcaoMismatch));
        let nobody = page.get("https://other.example.com/").send().await.unwrap_err();
        assert_eq!(nobody.reason(), Some(Reason::Dns));
        assert!(nobody.to_string().contains("api.example.com"), "{nobody}");
    })
}

#[test]
fn a_host_may_be_given_with_its_port() {
    run(async {
        let app = |text: &'static str| Router::new().route("/", get(move || async move { text }));
        let browser =
            Agent::in_process().host("a.test", app("one")).host("a.test:81", app("two")).build().unwrap();
        let page = |origin: &str| browser.page(origin).unwrap();
        let text = async |origin: &str| page(origin).get("/").send().await.unwrap().text().await.unwrap();
        assert_eq!(text("http://a.test").await, "one");
        assert_eq!(text("http://a.test:82").await, "one");
        assert_eq!(text("http://a.test:81").await, "two");
    })
}

/// Says in its body how often it was asked.
fn counter(lines: &'static [(&'static str, &'static str)]) -> Router {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let answer = move |request: HeaderMap| {
        let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let validated = request.get("if-none-match").is_some_and(|etag| headers.get("etag") == Some(etag));
        async move {
            if validated {
                return (StatusCode::NOT_MODIFIED, headers, String::new());
            }
            (StatusCode::OK, headers, count.to_string())
        }
    };
    Router::new().route("/", get(answer.clone()).post(answer.clone())).route("/other", options(answer))
}

async fn texts(lines: &'static [(&'static str, &'static str)], waits: &[u64]) -> Vec<String> {
    let clock = VirtualClock::default();
    let browser = Agent::in_process()
        .clock(clock.clone())
        .http_cache(1 << 20)
        .host("a.test", counter(lines))
        .build()
        .unwrap();
    let page = browser.page("https://a.test").unwrap();
    let mut texts = Vec::new();
    for wait in waits {
        clock.advance(Duration::from_secs(*wait));
        let response = page.get("/").send().await.unwrap();
        let sent = response.exchanges.len();
        texts.push(format!("{} after {sent}", response.text().await.unwrap()));
    }
    texts
}

#[test]
fn stored_responses_are_used_while_fresh_and_validated_after() {
    run(async {
        assert_eq!(
            texts(&[("cache-control", "max-age=10")], &[0, 9, 2]).await,
            ["1 after 1", "1 after 0", "2 after 1"]
        );
        assert_eq!(
            texts(&[("cache-control", "max-age=10"), ("etag", "\"v\"")], &[0, 11, 9, 2]).await,
            ["1 after 1", "1 after 1", "1 after 0", "1 after 1"],
            "a 304 makes it fresh again"
        );
        assert_eq!(texts(&[("cache-control", "no-store")], &[0, 0]).await, ["1 after 1", "2 after 1"]);
        assert_eq!(
            texts(&[("cache-control", "max-age=10, private")], &[0, 0]).await,
            ["1 after 1", "1 after 0"]
        );
        assert_eq!(
            texts(&[("cache-control", "max-age=10"), ("vary", "*")], &[0, 0]).await,
            ["1 after 1", "2 after 1"]
        );
    })
}

#[test]
fn an_unsafe_method_empties_the_cache_for_its_url() {
    run(async {
        let lines = &[("cache-control", "max-age=10")];
        let browser = Agent::in_process().http_cache(1 << 20).host("a.test", counter(lines)).build().unwrap();
        let page = browser.page("https://a.test").unwrap();
        let text = async || page.get("/").send().await.unwrap().text().await.unwrap();
        assert_eq!((text().await, text().await), ("1".to_owned(), "1".to_owned()));
        page.post("/").send().await.unwrap();
        assert_eq!(text().await, "3");
        let forced = page.get("/").cache(CacheMode::Reload).send().await.unwrap();
        assert_eq!(forced.text().await.unwrap(), "4");
        assert_eq!(text().await, "4", "a reload is stored");
    })
}

#[test]
fn a_response_stored_without_cors_is_judged_when_cors_asks() {
    run(async {
        let lines = &[("cache-control", "max-age=10")];
        let browser = Agent::in_process().http_cache(1 << 20).host("b.test", counter(lines)).build().unwrap();
        let page = browser.page("https://a.test").unwrap();
        let opaque = page.get("https://b.test/").mode(Mode::NoCors).send().await.unwrap();
        assert_eq!(opaque.status(), 0);
        let blocked = page.get("https://b.test/").send().await.unwrap_err();
        assert_eq!(blocked.reason(), Some(Reason::AcaoMissing));
        let crossing_agent::PageError::Blocked(blocked) = blocked else { panic!("{blocked}") };
        assert_eq!(blocked.wire(), [""; 0], "nobody was asked again");
    })
}

#[test]
fn the_cache_is_bounded() {
    run(async {
        let app = Router::new().fallback(get(async || ([("cache-control", "max-age=100")], "x".repeat(900))));
        let browser = Agent::in_process().http_cache(20_000).host("a.test", app).build().unwrap();
        let page = browser.page("https://a.test").unwrap();
        let ask = async |path: &str| {
            let response = page.get(path).send().await.unwrap();
            let asked = response.exchanges.len();
            response.text().await.unwrap();
            asked
        };
        for number in 0..40 {
            assert_eq!(ask(&format!("/{number}")).await, 1);
        }
        assert_eq!(ask("/39").await, 0, "the newest is there");
        assert_eq!(ask("/0").await, 1, "the oldest has made room");
    })
}

#[test]
fn a_prompt_is_answered_three_times_at_most() {
    run(async {
        use crossing::browser::{Client, Prompts, UserPassword};
        let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = asked.clone();
        let app = Router::new().route(
            "/",
            get(|headers: HeaderMap| async move {
                let right = headers.get("authorization").is_some_and(|value| value == "Basic dTozcmQ=");
                let status = if right { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
                (status, [("www-authenticate", "Basic realm=\"x\"")], "")
            }),
        );
        let ask = move |_: &crossing::browser::Challenge| {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            let password = if number == 3 { "3rd".to_owned() } else { "wrong".to_owned() };
            Some(UserPassword { user: "u".to_owned(), password })
        };
        let browser = Agent::in_process().prompt(ask).host("a.test", app).build().unwrap();
        let client = Client::at("https://a.test/".parse().unwrap());
        let page = browser.page_with(Client { prompts: Prompts::Interactive, ..client });
        assert_eq!(page.get("/").send().await.unwrap().status(), 200);
        assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 3);
        assert_eq!(page.get("/").send().await.unwrap().exchanges.len(), 1, "what was accepted is kept");
    })
}

#[test]
fn a_challenge_that_nobody_answers_fails_with_a_reason_where_a_page_would_ask() {
    run(async {
        use crossing::browser::{Client, Prompts};
        let challenge =
            || async { (StatusCode::UNAUTHORIZED, [("www-authenticate", "Basic realm=\"x\"")], "") };
        let browser =
            Agent::in_process().host("a.test", Router::new().route("/", get(challenge))).build().unwrap();
        let client = Client::at("https://a.test/".parse().unwrap());
        let page = browser.page_with(Client { prompts: Prompts::Interactive, ..client.clone() });
        assert_eq!(page.get("/").send().await.unwrap_err().reason(), Some(Reason::AuthPrompt));
        let worker = browser.page_with(client);
        assert_eq!(worker.get("/").send().await.unwrap().status(), 401);
    });
}
