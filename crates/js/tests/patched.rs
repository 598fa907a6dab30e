//! Scripts that change what the language gives them: the interfaces of the Web work nevertheless, as they do in a browser.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use axum::Router;
use axum::routing::any;
use crossing_agent::Agent;
use crossing_js::Runtime;

fn runtime() -> Runtime {
    let granted =
        [("access-control-allow-origin", "*"), ("access-control-expose-headers", "x-own"), ("x-own", "1")];
    let app = Router::new()
        .route("/shared", any(move |body: String| async move { (granted, format!("for everybody {body}")) }));
    let agent = Agent::in_process().host("api.test", app).build().unwrap();
    Runtime::builder().origin("https://app.test".parse().unwrap()).agent(agent).build().unwrap()
}

/// Runs scripts to their end, and gives what they have put into `seen`.
fn seen(scripts: &[&str]) -> String {
    let mut runtime = runtime();
    runtime.run_script("test.js", "var seen = '', see = (it) => { seen += it + ' '; }, TestEvent = Event, Controller = AbortController, concat = ''.concat;").unwrap();
    for script in scripts {
        runtime.run_script("test.js", script).unwrap();
    }
    runtime.run_until_idle().unwrap_or_else(|error| panic!("{scripts:?}: {error}"));
    // A console shows text by way of it.
    runtime.eval("''.__proto__.concat = concat; seen").unwrap().trim_matches('\'').trim().to_owned()
}

/// What a script may do to the language.
const PATCHES: &[&str] = &[
    "",
    "for (const name of ['get', 'set', 'has', 'delete']) Map.prototype[name] = () => { throw new Error(name); };",
    "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = null;",
    "for (const name of ['push', 'slice', 'splice', 'indexOf', 'filter', 'find', 'map', 'includes', 'some', 'join', 'concat', 'forEach'])
         Array.prototype[name] = () => { throw new Error(name); };",
    "Array.prototype[Symbol.iterator] = null;",
    "for (const at of [0, 1, 2, 3]) Object.defineProperty(Array.prototype, at, { set() { throw new Error('set'); }, get() { return 'got'; } });",
    "for (const name of ['Object', 'Array', 'Map', 'Set', 'Reflect', 'Symbol', 'Boolean', 'Number', 'String', 'JSON', 'Promise',
         'Uint8Array', 'TypeError', 'Event', 'ProgressEvent', 'ErrorEvent', 'AbortSignal', 'EventTarget', 'DOMException', 'Headers', 'Request', 'Response'])
         globalThis[name] = null;",
    "for (const name of ['once', 'passive', 'capture', 'signal', 'bytes', 'get', 'set', 'value', 'writable', 'stream', 'incoming'])
         Object.prototype[name] = 1;",
    "String.prototype.concat = () => 'OWN';",
    "String.prototype.toWellFormed = () => { throw new Error('toWellFormed'); };",
    "Promise.prototype.then = Promise.resolve = Promise.withResolvers = () => { throw new Error('then'); };",
];

/// Runs a script after each of these patches.
fn unmoved<'a>(patches: impl IntoIterator<Item = &'a &'a str>, script: &str, expected: &str) {
    for patch in patches {
        assert_eq!(seen(&[patch, script]), expected, "{patch}");
    }
}

#[test]
fn an_xhr_works() {
    let script = "
        const xhr = new XMLHttpRequest();
        xhr.open('POST', 'https://api.test/shared');
        xhr.upload.onload = (event) => see('sent ' + event.loaded);
        xhr.onreadystatechange = () => see(xhr.readyState);
        xhr.addEventListener('load', () => see(xhr.responseText + xhr.getResponseHeader('x-own')), false);
        xhr.addEventListener('load', { handleEvent(event) { see(event.loaded + event.type); } });
        xhr.onloadend = () => {
            see('end');
            xhr.onloadend = xhr.onreadystatechange = null;
            xhr.open('GET', 'https://api.test/shared', false);
            xhr.setRequestHeader('accept', 'x/y');
            xhr.send();
            see(xhr.response);
        };
        xhr.send('ja');";
    unmoved(
        PATCHES,
        script,
        "sent 2 2 3 4 for everybody ja1 16load end for everybody 1 14load for everybody",
    );
}

#[test]
fn events_and_timers_work() {
    let script = "
        const target = new XMLHttpRequest().upload;
        const hear = (event) => see(event.type);
        target.addEventListener('x', hear);
        target.addEventListener('x', (event) => see('once'), { __proto__: null, once: true });
        target.addEventListener('y', hear, false);
        addEventListener('error', (event) => {
            see('error');
            event.preventDefault();
            setTimeout(late, 1, 'timer');
        });
        const late = (what) => {
            see(what);
            clearTimeout(setTimeout(() => see('cleared'), 1));
            const first = setInterval(() => { see('interval'); clearInterval(first); }, 2);
        };
        setTimeout(() => { throw 'thrown'; });
        see(target.onload);
        target.onload = hear;
        target.onload = null;
        target.removeEventListener('y', hear);
        target.dispatchEvent(new TestEvent('x'));
        target.dispatchEvent(new TestEvent('x'));
        target.dispatchEvent(new TestEvent('y'));";
    unmoved(PATCHES, script, "null x once x error timer interval");
}

#[test]
fn fetch_and_signals_work() {
    let script = "
        const controller = new Controller();
        const { signal } = controller;
        (async () => {
            const response = await fetch('https://api.test/shared', { __proto__: null, cache: 'no-store', signal });
            see(response.status + await response.text());
            signal.onabort = () => see('abort');
            controller.abort('why');
            try { await fetch('https://api.test/shared', { __proto__: null, signal }); } catch (reason) { see(reason); }
        })();";
    // The natives give it lists.
    let patches = PATCHES.iter().filter(|patch| !patch.contains("Array.prototype, at"));
    unmoved(patches, script, "200for everybody  abort why");
}
