//! The bindings of the script host: whatever a script calls, with whatever values, ends in time, and in an error at worst.
#![no_main]

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crossing_agent::{Agent, RequestBody};
use crossing_js::{Limits, Runtime};
use libfuzzer_sys::fuzz_target;
use tower_service::Service;

fn limits() -> Limits {
    Limits::default().memory(16 << 20).stack(256 << 10).time(Duration::from_millis(500)).requests(24)
}

/// How long after its time a script may go on: one call into the engine, on a machine with other work to do.
const GRACE: Duration = Duration::from_secs(5);

/// Shares a short answer with everybody.
#[derive(Clone)]
struct Echo;

impl Service<http::Request<RequestBody>> for Echo {
    type Response = http::Response<RequestBody>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<RequestBody>) -> Self::Future {
        let mut response = http::Response::new(request.uri().path().to_owned().into());
        for name in ["access-control-allow-origin", "access-control-allow-headers", "access-control-allow-methods"] {
            response.headers_mut().insert(name, http::HeaderValue::from_static("*"));
        }
        ready(Ok(response))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let script = match first {
        // As it stands; the rest of the time through the bindings.
        0 => String::from_utf8_lossy(rest).into_owned(),
        _ => format!("const bytes = {rest:?};\n{}", include_str!("js.js")),
    };
    let began = Instant::now();
    let agent = Agent::in_process().host("api.test", Echo).build().expect("an agent");
    let origin = "https://app.test".parse().expect("an origin");
    let mut runtime =
        Runtime::builder().origin(origin).agent(agent).limits(limits()).build().expect("a runtime");
    let _ = runtime.run_script("fuzz.js", &script).and_then(|()| runtime.run_until_idle());
    drop(runtime);
    assert!(began.elapsed() < limits().time + GRACE, "it went on for {:?}", began.elapsed());
});
