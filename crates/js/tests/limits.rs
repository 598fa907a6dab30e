//! Scripts that do not end by themselves, or that misbehave: a clear error, and no crash.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use crossing_agent::Agent;
use crossing_js::{Error, Limits, Runtime};

fn run(script: &str, limits: Limits) -> Result<(), Error> {
    let app = Router::new().route("/", get(|| async { ([("access-control-allow-origin", "*")], "yes") }));
    let agent = Agent::in_process().host("api.test", app).build().unwrap();
    let mut runtime = Runtime::builder().agent(agent).limits(limits).build()?;
    runtime.run_script("test.js", script)?;
    runtime.run_until_idle()
}

fn seconds(seconds: u64) -> Limits {
    Limits { time: Duration::from_secs(seconds), ..Limits::default() }
}

#[track_caller]
fn uncaught(result: Result<(), Error>) -> String {
    match result {
        Err(Error::Uncaught(error)) => error.text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_loop_without_end_is_ended() {
    for script in [
        "for (;;);",
        "(function again() { Promise.resolve().then(again); })()",
        "setInterval(() => {}, 0)",
        "setTimeout(() => {}, 1e9)",
        "try { for (;;); } finally { for (;;); }",
        "while (true) { try { for (;;); } catch {} }",
        "/(x+x+)+y/.test('x'.repeat(60))",
    ] {
        let begin = Instant::now();
        let result = run(script, seconds(1));
        assert!(matches!(result, Err(Error::TimeOver(_))), "{script}: {result:?}");
        assert!(begin.elapsed() < Duration::from_secs(10), "{script}");
    }
}

#[test]
fn a_script_that_allocates_without_end_runs_out_of_memory() {
    let limits = Limits { memory: 16 << 20, ..seconds(60) };
    for script in [
        "const all = []; for (;;) all.push(new Uint8Array(1 << 20));",
        "let text = 'x'; for (;;) text += text;",
        "const all = []; for (;;) all.push({ all });",
    ] {
        let result = run(script, limits);
        let text = uncaught(result);
        assert!(text.contains("memory") || text.contains("too long"), "{script}: {text}");
    }
}

#[test]
fn a_script_that_recurses_without_end_overflows_its_stack_only() {
    for script in [
        "function again() { again(); } again();",
        "const proxy = new Proxy({}, { get: (target, key, self) => self[key] }); proxy.x;",
        "let nested = []; for (let i = 0; i < 1e5; i++) nested = [nested]; JSON.stringify(nested);",
        "const target = new EventTarget(); target.onx = null; target.addEventListener('x', () => target.dispatchEvent(new Event('x'))); target.dispatchEvent(new Event('x'));",
    ] {
        let text = uncaught(run(script, seconds(60)));
        assert!(text.contains("stack"), "{script}: {text}");
    }
}

#[test]
fn a_hundred_thousand_requests_are_too_many() {
    let limits = Limits { requests: 1000, ..seconds(60) };
    let xhr = "for (let i = 0; i < 100000; i++) { const x = new XMLHttpRequest(); x.open('GET', 'https://api.test/'); x.send(); }";
    let fetch = "for (let i = 0; i < 100000; i++) fetch('https://api.test/').catch(() => {});";
    for script in [xhr, fetch] {
        let begin = Instant::now();
        let result = run(script, limits);
        assert!(begin.elapsed() < Duration::from_secs(10), "it went on for {:?}", begin.elapsed());
        assert!(matches!(result, Err(Error::TooManyRequests(_))), "{result:?}");
    }
}

#[test]
fn what_handlers_throw_is_told_and_the_events_go_on() {
    let script = "
        const kinds = ['readystatechange', 'loadstart', 'progress', 'load', 'loadend'];
        const xhr = new XMLHttpRequest();
        let events = 0;
        for (const kind of kinds) xhr['on' + kind] = () => { events += 1; throw new Error(kind); };
        xhr.open('GET', 'https://api.test/');
        xhr.send();
        xhr.addEventListener('loadend', () => { if (events < 8) throw new Error('only ' + events); });";
    assert!(uncaught(run(script, seconds(60))).starts_with("Error: readystatechange"));
}

#[test]
fn a_getter_that_throws_in_open_throws_out_of_it() {
    for script in [
        "new XMLHttpRequest().open('GET', { toString() { throw new Error('mine'); } })",
        "new XMLHttpRequest().open({ get toString() { throw new Error('mine'); } }, '/')",
        "new XMLHttpRequest().open('GET', '/', true, { toString() { throw new Error('mine'); } })",
    ] {
        assert!(uncaught(run(script, seconds(60))).starts_with("Error: mine"), "{script}");
    }
}

#[test]
fn a_script_reaches_no_file_no_process_and_no_environment() {
    let script = "
        for (const name of ['require', 'process', 'std', 'os', 'Deno', 'Bun', '__loadScript', 'scriptArgs']) {
            if (name in globalThis) throw new Error(name);
        }
        import('/etc/passwd').then(() => { throw new Error('a file'); }, () => {});";
    run(script, seconds(60)).unwrap();
}
