//! `XMLHttpRequest`, and the event loop under it.

use std::thread;

use crossing_js::{Error, Limits};

use crate::app::{ASKED, runtime_within, seen};

#[test]
fn an_xhr_of_another_origin_is_readable_where_it_is_shared() {
    let script = "
        for (const path of ['shared', 'bare']) {
            const xhr = new XMLHttpRequest();
            xhr.open('GET', 'https://api.test/' + path);
            xhr.onloadend = () => seen.push(path, xhr.status, xhr.responseText);
            xhr.send();
        }";
    let seen = seen(script);
    assert!(seen.contains("shared 200 for everybody"), "{seen}");
    assert!(seen.contains("bare 0 "), "{seen}");
}

#[test]
fn a_synchronous_xhr_blocks_and_throws() {
    let script = "
        const xhr = new XMLHttpRequest();
        xhr.open('POST', 'https://api.test/echo', false);
        xhr.send('ja');
        seen.push(xhr.responseText);
        xhr.open('GET', 'https://api.test/bare', false);
        try { xhr.send(); } catch (error) { seen.push(error.name, error.code, error instanceof DOMException); }";
    assert_eq!(seen(script), "POST text/plain;charset=UTF-8 ja NetworkError 19 true");
}

#[test]
fn timers_microtasks_and_events_come_in_their_order() {
    let script = "
        setTimeout(() => seen.push('timer 2'), 2);
        setTimeout(() => { seen.push('timer 0'); queueMicrotask(() => seen.push('its microtask')); }, 0);
        setTimeout(() => seen.push('timer 0b'), 0);
        Promise.resolve().then(() => seen.push('microtask'));
        seen.push('script');";
    assert_eq!(seen(script), "script microtask timer 0 its microtask timer 0b timer 2");
}

/// An event without a listener does not get a task; after a listener, its microtasks run before the next event.
#[test]
fn microtasks_come_between_the_states_of_an_xhr() {
    let script = "
        const xhr = new XMLHttpRequest();
        xhr.open('GET', 'https://api.test/shared');
        const heard = (what) => {
            seen.push(what + xhr.readyState);
            Promise.resolve().then(() => seen.push('then' + xhr.readyState));
        };
        xhr.onreadystatechange = () => heard('state');
        xhr.onload = () => heard('load');
        xhr.send();
        // Nobody hears of this one before its end.
        const quiet = new XMLHttpRequest();
        quiet.open('GET', 'https://api.test/shared');
        quiet.onload = () => seen.push('quiet' + quiet.readyState);
        quiet.send();";
    assert_eq!(seen(script), "state2 then2 state3 then3 state4 then4 load4 then4 quiet4",);
}

/// What it kept of each would be more than the memory that there is.
#[test]
fn a_signal_keeps_nothing_of_the_requests_that_are_over() {
    let mut runtime = runtime_within(Limits::default().memory(3 << 20));
    let script = "
        const { signal } = new AbortController();
        (async () => {
            for (let i = 0; i < 3000; i++) await (await fetch('https://api.test/shared', { signal })).text();
            globalThis.done = true;
        })();";
    runtime.run_script("test.js", script).unwrap();
    runtime.run_until_idle().unwrap();
    assert_eq!(runtime.eval("done").unwrap(), "true");
}

/// The engine ends the process where something of it is still held.
#[test]
fn a_runtime_may_go_while_its_requests_are_under_way() {
    let mut runtime = runtime_within(Limits::default());
    let script = "
        for (let i = 0; i < 3; i++) {
            const xhr = new XMLHttpRequest();
            xhr.open('GET', 'https://api.test/silent');
            xhr.upload.onload = xhr.onload = () => xhr;
            xhr.timeout = 1e6;
            xhr.send();
        }
        fetch('https://api.test/silent');";
    runtime.run_script("test.js", script).unwrap();
    assert!(runtime.is_pending());
    drop(runtime);
}

#[test]
fn the_network_goes_on_between_timers_that_are_always_due() {
    let script = "
        let over = false;
        const busy = () => { if (!over) setTimeout(busy); };
        busy();
        fetch('https://api.test/later').then((r) => r.text()).then((text) => { over = true; seen.push(text); });
        const xhr = new XMLHttpRequest();
        xhr.open('GET', 'https://api.test/later');
        xhr.timeout = 60000;
        xhr.onloadend = () => seen.push(xhr.status);
        xhr.send();";
    let seen = seen(script);
    assert!(["late 200", "200 late"].contains(&seen.as_str()), "{seen}");
}

#[test]
fn an_xhr_gives_up_at_its_timeout_even_if_that_is_set_late() {
    let script = "
        for (const late of [false, true]) {
            const xhr = new XMLHttpRequest();
            xhr.open('GET', 'https://api.test/silent');
            for (const kind of ['load', 'error', 'timeout']) xhr.addEventListener(kind, () => seen.push(kind, xhr.readyState));
            if (!late) xhr.timeout = 2;
            xhr.send();
            if (late) setTimeout(() => { xhr.timeout = 1; }, 3);
        }";
    assert_eq!(seen(script), "timeout 4 timeout 4");
}

#[test]
fn a_long_task_does_not_use_up_the_timeout() {
    let script = "
        const xhr = new XMLHttpRequest();
        xhr.open('GET', 'https://api.test/later');
        xhr.timeout = 200;
        xhr.onloadend = (event) => seen.push(xhr.status);
        xhr.send();
        for (const start = performance.now(); performance.now() - start < 250;);";
    assert_eq!(seen(script), "200");
}

#[test]
fn a_synchronous_request_can_be_interrupted() {
    let mut runtime = runtime_within(Limits::default());
    let remote = runtime.handle();
    thread::spawn(move || {
        let waiting = tokio::runtime::Builder::new_current_thread().build().unwrap();
        waiting.block_on(ASKED.notified());
        remote.interrupt();
    });
    let script =
        "const xhr = new XMLHttpRequest(); xhr.open('GET', 'https://api.test/never', false); xhr.send();";
    let ended = runtime.run_script("test.js", script);
    assert!(matches!(ended, Err(Error::Interrupted)), "{ended:?}");
    assert_eq!(runtime.eval("1 + 1").unwrap(), "2");
}

#[test]
fn an_upload_tells_of_its_progress_while_it_goes_out() {
    let script = "
        const xhr = new XMLHttpRequest();
        xhr.open('POST', 'https://api.test/slow');
        let early = 0;
        xhr.upload.onprogress = (event) => {
            if (event.loaded === event.total) return;
            early += 1;
            fetch('https://api.test/faster', { mode: 'no-cors' });
        };
        for (const kind of ['loadstart', 'load', 'loadend']) {
            xhr.upload.addEventListener(kind, (event) => seen.push(kind, event.loaded, event.total));
        }
        xhr.onload = () => seen.push(xhr.responseText, early > 0);
        xhr.send(new Uint8Array(1 << 25));";
    assert_eq!(
        seen(script),
        "loadstart 0 33554432 load 33554432 33554432 loadend 33554432 33554432 33554432 true"
    );
}
