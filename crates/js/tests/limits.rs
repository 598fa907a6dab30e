//! What a script cannot do, however it tries.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crossing_agent::Agent;
use crossing_js::{Level, Limits, Message, Runtime, ScriptError};

const SHORT: Limits = Limits {
    memory: 32 << 20,
    stack: 256 << 10,
    time: Duration::from_millis(1500),
    requests: 50,
    concurrent: 4,
};

/// Runs a script without a network; gives its end and what nobody caught.
fn run(source: &str) -> (Result<(), ScriptError>, Vec<String>) {
    let uncaught: Rc<RefCell<Vec<String>>> = Rc::default();
    let heard = uncaught.clone();
    let mut runtime = Runtime::builder("https://app.example/")
        .agent(Agent::in_process().build().unwrap())
        .limits(SHORT)
        .on_message(move |message: Message| {
            if message.level == Level::Uncaught {
                heard.borrow_mut().push(message.text);
            }
        })
        .build()
        .unwrap();
    let result = runtime.run(source);
    drop(runtime);
    (result, uncaught.take())
}

#[test]
fn a_script_that_loops_for_ever_is_ended() {
    for source in [
        "for (;;);",
        "(function again() { Promise.resolve().then(again); })();",
        "(function again() { setTimeout(again, 0); })();",
        "setInterval(() => { for (;;); }, 1);",
        "/(a+)+b/.test('a'.repeat(40));",
    ] {
        let (result, _) = run(source);
        assert_eq!(result, Err(ScriptError::TimeOver(SHORT.time)), "{source}");
    }
}

#[test]
fn a_script_that_waits_for_ever_is_ended() {
    assert_eq!(run("setTimeout(() => {}, 1e9);").0, Err(ScriptError::TimeOver(SHORT.time)));
}

#[test]
fn a_script_that_allocates_for_ever_is_ended() {
    for source in [
        "const all = []; for (;;) all.push(new Array(1000).fill(0));",
        "let text = 'x'; for (;;) text += text;",
        "const all = []; for (;;) all.push(new XMLHttpRequest());",
    ] {
        let (result, _) = run(source);
        let ended = matches!(
            result,
            Err(ScriptError::OutOfMemory(_) | ScriptError::TimeOver(_) | ScriptError::Exception(_))
        );
        assert!(ended, "{source}: {result:?}");
    }
}

#[test]
fn a_script_that_recurses_for_ever_gets_an_error_that_it_can_catch() {
    let (result, uncaught) =
        run("function f() { f(); } try { f(); } catch (error) { throw new Error(error.name); }");
    assert!(
        matches!(&result, Err(ScriptError::Exception(text)) if text.contains("RangeError")),
        "{result:?}"
    );
    assert!(uncaught.is_empty());
    for source in [
        "JSON.parse('['.repeat(1e6));",
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a);",
    ] {
        assert!(run(source).0.is_err(), "{source}");
    }
}

#[test]
fn requests_beyond_the_limit_fail() {
    let (result, uncaught) = run(
        "for (let i = 0; i < 100000; i++) { const xhr = new XMLHttpRequest(); xhr.open('GET', 'https://api.example/'); xhr.send(); if (i > 200) break; }
         let failed = 0;
         for (let i = 0; i < 100; i++) fetch('https://api.example/').catch((error) => { if (/limit/.test(error.message)) failed += 1; });
         setTimeout(() => { if (failed !== 100) throw new Error(`${failed} failed`); }, 200);",
    );
    assert_eq!((result, uncaught), (Ok(()), Vec::new()));
}

#[test]
fn what_every_handler_throws_is_reported_and_stops_nothing() {
    let (result, uncaught) = run("const xhr = new XMLHttpRequest();
         for (const type of ['readystatechange', 'loadstart', 'error', 'loadend']) {
           xhr[`on${type}`] = () => { throw new Error(type); };
         }
         xhr.open('GET', 'https://api.example/');
         xhr.send();");
    assert_eq!(result, Ok(()));
    let told: Vec<&str> = uncaught.iter().filter_map(|text| text.lines().next()).collect();
    let expected = ["readystatechange", "loadstart", "readystatechange", "error", "loadend"];
    assert_eq!(told, expected.map(|type_| format!("Uncaught Error: {type_}")));
}

#[test]
fn a_getter_that_throws_leaves_everything_as_it_was() {
    let (result, uncaught) = run(
        "const xhr = new XMLHttpRequest();
         const bad = { toString() { throw new Error('mine'); } };
         for (const call of [() => xhr.open(bad, '/'), () => xhr.open('GET', bad), () => fetch(bad), () => new Headers(bad)]) {
           try { call()?.catch?.((error) => { if (error.message !== 'mine') throw error; }); }
           catch (error) { if (error.message !== 'mine') throw error; }
         }
         fetch('https://a.example/', { get method() { throw new Error('mine'); } }).catch(() => {});
         if (xhr.readyState !== 0) throw new Error('it was opened');",
    );
    assert_eq!((result, uncaught), (Ok(()), Vec::new()));
}

#[test]
fn a_script_finds_no_file_no_process_and_no_engine() {
    let (result, _) = run(
        "for (const name of ['require', 'process', 'std', 'os', 'Deno', 'document', 'window', 'native', 'WorkerGlobalScope', 'gc']) {
           if (name in self) throw new Error(name);
         }
         import('fs').then(() => { throw new Error('a module was loaded'); }, () => {});",
    );
    assert_eq!(result, Ok(()));
}
