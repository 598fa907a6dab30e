//! Origins that are looked up while the server runs.
#![cfg(feature = "lookup")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crossing_tower::{Grant, LookupLayer, LookupLimits, OriginLookup, Policy, Question};
use http::{Request, Response};
use tower::{Layer, ServiceExt, service_fn};

const A: &str = "https://a.example";

#[derive(Clone, Copy)]
enum Answer {
    Yes,
    No,
    Fails,
    Never,
}

#[derive(Clone)]
struct Stub {
    answer: Answer,
    asked: Arc<AtomicUsize>,
}

impl OriginLookup for Stub {
    type Error = &'static str;

    async fn allows(&self, question: &Question) -> Result<bool, &'static str> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        match self.answer {
            Answer::Yes => Ok(question.header("x-tenant").is_none_or(|tenant| tenant == "1")),
            Answer::No => Ok(false),
            Answer::Fails => Err("the database is down"),
            Answer::Never => std::future::pending().await,
        }
    }
}

struct Bench {
    layer: LookupLayer<Stub>,
    asked: Arc<AtomicUsize>,
}

impl Bench {
    fn new(answer: Answer) -> Bench {
        Bench::with_limits(answer, LookupLimits::default())
    }

    fn with_limits(answer: Answer, limits: LookupLimits) -> Bench {
        let asked = Arc::new(AtomicUsize::new(0));
        let policy = Policy::builder()
            .grant(Grant::looked_up().allow_credentials(true).allow_methods(["PUT"]))
            .varies_on(["x-tenant"])
            .build()
            .unwrap();
        Bench {
            layer: LookupLayer::with_limits(policy, Stub { answer, asked: asked.clone() }, limits),
            asked,
        }
    }

    async fn ask(&self, request: http::request::Builder) -> Response<()> {
        let inner = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
        self.layer.layer(inner).oneshot(request.body(()).unwrap()).await.unwrap()
    }

    async fn shares_with(&self, origin: &str) -> bool {
        let response = self.ask(Request::get("/").header("origin", origin)).await;
        assert_eq!(response.headers()["vary"], "Origin, x-tenant");
        response.headers().get("access-control-allow-origin").is_some_and(|value| value == origin)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn an_answer_is_kept_for_as_long_as_was_said() {
    for (answer, shared) in [(Answer::Yes, true), (Answer::No, false)] {
        for (keep, asked) in [(Duration::from_secs(3_600), 1), (Duration::ZERO, 2)] {
            let bench = Bench::with_limits(answer, LookupLimits { keep, ..LookupLimits::default() });
            assert_eq!(bench.shares_with(A).await, shared);
            assert_eq!(bench.shares_with(A).await, shared);
            assert_eq!(bench.asked(), asked);
        }
    }
}

#[tokio::test]
async fn what_fails_or_takes_too_long_is_refused_and_not_kept() {
    for answer in [Answer::Fails, Answer::Never] {
        let limits = LookupLimits { timeout: Duration::from_millis(20), ..LookupLimits::default() };
        let bench = Bench::with_limits(answer, limits);
        assert!(!bench.shares_with(A).await);
        assert!(!bench.shares_with(A).await);
        assert_eq!(bench.asked(), 2);
    }
}

#[tokio::test]
async fn what_goes_beyond_the_limit_at_once_is_refused() {
    let bench = Bench::with_limits(Answer::Yes, LookupLimits { at_once: 1, ..LookupLimits::default() });
    let (first, second) = tokio::join!(bench.shares_with(A), bench.shares_with("https://b.example"));
    assert!(first && !second);
    assert!(bench.shares_with("https://b.example").await);
}

#[tokio::test]
async fn many_who_ask_the_same_wait_for_one_look_up() {
    let bench = Bench::new(Answer::Yes);
    let (one, two, three) = tokio::join!(bench.shares_with(A), bench.shares_with(A), bench.shares_with(A));
    assert!(one && two && three);
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn only_an_origin_that_a_browser_could_send_is_looked_up() {
    let bench = Bench::new(Answer::Yes);
    for origin in ["null", "https://A.example", "https://a.example/", "https://a.example:443", "x"] {
        assert!(!bench.shares_with(origin).await, "{origin}");
    }
    bench.ask(Request::get("/")).await;
    bench.ask(Request::get("/").header("origin", A).header("origin", A)).await;
    assert_eq!(bench.asked(), 0);
}

#[tokio::test]
async fn the_answer_may_hang_on_a_declared_header() {
    let bench = Bench::new(Answer::Yes);
    for (tenant, shared) in [("1", true), ("2", false), ("1", true)] {
        let response = bench.ask(Request::get("/").header("origin", A).header("x-tenant", tenant)).await;
        assert_eq!(response.headers().contains_key("access-control-allow-origin"), shared, "{tenant}");
    }
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn a_preflight_is_looked_up_too() {
    let bench = Bench::new(Answer::Yes);
    let preflight = Request::options("/").header("origin", A).header("access-control-request-method", "PUT");
    let response = bench.ask(preflight).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["access-control-allow-origin"], A);
    assert_eq!(response.headers()["access-control-allow-credentials"], "true");
}
