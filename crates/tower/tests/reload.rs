//! Requests during swaps: each answer belongs wholly to one policy.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use crossing_tower::{Cors, Grant, Policy, PolicyHandle};
use http::{Request, Response};
use tower::{Service, service_fn};

const SWAPS: usize = 1_000;
const REQUESTS: usize = 10_000;

/// A policy that says its number in each header it sends.
fn numbered(number: usize) -> Policy {
    let grant = Grant::new()
        .allow_origins(["https://*.example"])
        .allow_methods([format!("M{number}"), "PUT".to_owned()])
        .allow_headers([format!("x-{number}"), "x-all".to_owned()])
        .expose_headers([format!("x-{number}")])
        .max_age(number as i64);
    Policy::builder().grant(grant).build().unwrap()
}

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the service does not wait"),
    }
}

/// The numbers that the headers of an answer say.
fn numbers(response: &Response<()>) -> Vec<usize> {
    let number = |text: &str| {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    };
    ["allow-methods", "allow-headers", "max-age", "expose-headers"]
        .into_iter()
        .filter_map(|name| response.headers().get(format!("access-control-{name}")))
        .map(|value| number(value.to_str().unwrap()))
        .collect()
}

#[test]
fn each_answer_belongs_wholly_to_one_policy() {
    let policies: Vec<Policy> = (0..SWAPS).map(numbered).collect();
    let handle = PolicyHandle::new(numbered(0));
    let answered = AtomicUsize::new(0);
    let seen = std::thread::scope(|scope| {
        scope.spawn(|| {
            for (nth, policy) in policies.into_iter().enumerate() {
                // The swaps are spread over the requests.
                while answered.load(Ordering::Relaxed) < nth * (REQUESTS / SWAPS) {
                    std::thread::yield_now();
                }
                handle.replace(Ok(policy)).unwrap();
            }
        });
        let inner = |_: Request<()>| async { Ok::<_, Infallible>(Response::new(())) };
        let mut service = Cors::new(service_fn(inner), handle.clone());
        let mut seen = Vec::with_capacity(REQUESTS);
        for nth in 0..REQUESTS {
            let request = Request::builder().uri("/").header("origin", "https://a.example");
            let (request, expected) = if nth % 2 == 0 {
                let preflight = request.method("OPTIONS").header("access-control-request-method", "PUT");
                (preflight.header("access-control-request-headers", "x-all"), 3)
            } else {
                (request, 1)
            };
            let response = now(service.call(request.body(()).unwrap())).unwrap();
            answered.fetch_add(1, Ordering::Relaxed);
            let numbers = numbers(&response);
            assert_eq!(numbers.len(), expected, "{response:?}");
            assert!(numbers.iter().all(|number| *number == numbers[0]), "{response:?}");
            seen.push(numbers[0]);
        }
        seen
    });
    assert!(seen.is_sorted(), "no policy comes back");
}

#[test]
fn an_exchange_while_the_application_works_does_not_touch_the_answer() {
    let handle = PolicyHandle::new(numbered(1));
    let exchange = handle.clone();
    let inner = service_fn(move |_: Request<()>| {
        exchange.replace(Ok(numbered(2))).unwrap();
        async { Ok::<_, Infallible>(Response::new(())) }
    });
    let request = || Request::get("/").header("origin", "https://a.example").body(()).unwrap();
    let mut service = Cors::new(inner, handle);
    assert_eq!(numbers(&now(service.call(request())).unwrap()), [1]);
    assert_eq!(numbers(&now(service.call(request())).unwrap()), [2]);
}
