//! Scripts that do not end by themselves, or that misbehave: a clear error, and no crash.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

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
    Limits::default().time(Duration::from_secs(seconds))
}

/// A runtime whose memory is soon full.
fn small() -> Runtime {
    Runtime::builder().limits(seconds(60).memory(16 << 20)).build().unwrap()
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
        let result = run(script, seconds(1));
        assert!(matches!(result, Err(Error::TimeOver(_))), "{script}: {result:?}");
    }
}

#[test]
fn a_loop_without_end_is_ended_wherever_it_is() {
    for script in [
        "Promise.resolve().then(() => { for (;;); })",
        "setTimeout(() => { for (;;); })",
        "queueMicrotask(() => { for (;;); })",
        "[3, 2, 1].sort(() => { for (;;); })",
        "JSON.parse('[1]', () => { for (;;); })",
        "JSON.stringify({ toJSON() { for (;;); } })",
        "'x'.replace(/x/, () => { for (;;); })",
        "structuredClone({ get a() { for (;;); } })",
        "new XMLHttpRequest().open('GET', { toString() { for (;;); } })",
        "new Headers({ *[Symbol.iterator]() { for (;;) yield ['a', 'b']; } })",
        "new Request('https://api.test/', { get method() { for (;;); } })",
        "fetch('https://api.test/').then(() => { for (;;); })",
        "const x = new XMLHttpRequest(); x.open('GET', 'https://api.test/'); x.onload = () => { for (;;); }; x.send()",
        "new ReadableStream({ pull() { for (;;); } }).getReader().read()",
        "addEventListener('error', () => { for (;;); }); throw 1",
        "addEventListener('unhandledrejection', () => { for (;;); }); Promise.reject(1)",
        "[].indexOf.call({ length: 2 ** 53 - 1 }, 1)",
    ] {
        let limits = Limits::default().time(Duration::from_millis(300));
        let result = run(script, limits);
        assert!(matches!(result, Err(Error::TimeOver(_))), "{script}: {result:?}");
    }
}

#[test]
fn where_the_engine_does_not_come_back_the_program_is_told() {
    let (told, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let limits = Limits::default().time(Duration::from_millis(10));
        let tell = move || told.send(()).unwrap();
        let mut runtime = Runtime::builder().limits(limits).on_unresponsive(tell).build().unwrap();
        // The engine asks nobody in this loop, which ends all the same: the other tests go on beside it.
        let _ = runtime.run_script("test.js", "[].reverse.call({ length: 5e7 })");
    });
    hears.recv_timeout(Duration::from_secs(60)).unwrap();
}

#[test]
fn a_script_that_allocates_without_end_runs_out_of_memory() {
    let limits = seconds(60).memory(16 << 20);
    for script in [
        "const all = []; for (;;) all.push(new Uint8Array(1 << 20));",
        "const all = []; for (;;) all.push({ all });",
        "const all = []; (async () => { for (;;) all.push({ all }); })();",
        "for (let i = 0; i < 1e6; i++) setTimeout(() => {}, 0);",
        "for (let i = 0; i < 1e6; i++) setTimeout(console.log, 0, i);",
    ] {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let heard = lines.clone();
        let mut runtime = Runtime::builder()
            .limits(limits)
            .on_uncaught(move |error| heard.borrow_mut().push(error.to_string()))
            .build()
            .unwrap();
        let ended = runtime.run_script("test.js", script).and_then(|()| runtime.run_until_idle());
        assert!(matches!(ended, Err(Error::OutOfMemory(_))), "{script}: {ended:?}");
        assert_eq!(ended.unwrap_err().to_string(), "the script is out of memory: it may take 16 MiB");
        // What can still be told of it is told once.
        assert!(lines.borrow().iter().all(|line| line.contains("out of memory")), "{script}: {lines:?}");
        assert!(lines.borrow().len() <= 1, "{script}: {lines:?}");
        assert!(!runtime.is_pending(), "{script}");
        if script.contains("setTimeout") {
            // With the timers their memory has gone.
            assert_eq!(runtime.eval("1 + 1").unwrap(), "2", "{script}");
        }
    }
    let text = uncaught(run("let text = 'x'; for (;;) text += text;", limits));
    assert!(text.contains("memory") || text.contains("too long"), "{text}");
}

#[test]
fn whoever_types_can_go_on_when_the_memory_was_full() {
    let mut runtime = small();
    for _ in 0..3 {
        let full = runtime.eval_settled("for (let i = 0; i < 1e6; i++) setTimeout(console.log, 0, i)");
        assert!(matches!(full, Err(Error::OutOfMemory(_))), "{full:?}");
        assert_eq!(runtime.eval_settled("1 + 1").unwrap(), "2");
    }
}

#[test]
fn whoever_types_can_let_go_of_what_fills_the_memory() {
    let mut runtime = small();
    for _ in 0..3 {
        let full = runtime.eval_settled("var all = []; for (;;) all.push({})");
        assert!(full.is_err(), "{full:?}");
        let far = runtime.eval_settled("/(a+)+$/.test('a'.repeat(12) + 'b')");
        assert_eq!(far.unwrap(), "false");
        assert_eq!(runtime.eval_settled("all = null; 2 + 2").unwrap(), "4");
    }
}

#[test]
fn what_does_not_fit_into_memory_that_is_not_full_ends_no_script() {
    let limits = seconds(60).memory(64 << 20);
    let script = "
        setTimeout(() => { new Uint8Array(100 << 20) });
        setTimeout(() => { throw null });
        setTimeout(() => { Promise.reject(null) });
        setTimeout(() => { throw new Error('the last') });";
    let lines = Rc::new(RefCell::new(Vec::new()));
    let heard = lines.clone();
    let mut runtime = Runtime::builder()
        .limits(limits)
        .on_uncaught(move |error| heard.borrow_mut().push(error.text.lines().next().unwrap_or("").to_owned()))
        .build()
        .unwrap();
    runtime.run_script("test.js", script).unwrap();
    uncaught(runtime.run_until_idle());
    let said = ["InternalError: out of memory", "null", "(in promise) null", "Error: the last"];
    assert_eq!(*lines.borrow(), said);
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
    let limits = seconds(60).requests(1000);
    let xhr = "for (let i = 0; i < 100000; i++) { const x = new XMLHttpRequest(); x.open('GET', 'https://api.test/'); x.send(); }";
    let fetch = "for (let i = 0; i < 100000; i++) fetch('https://api.test/').catch(() => {});";
    for script in [xhr, fetch] {
        let result = run(script, limits);
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
