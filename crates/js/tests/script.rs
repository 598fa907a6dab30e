//! Scripts over an application in this process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, Method};
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use crossing_agent::Agent;
use crossing_js::{Error, Limits, Runtime};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

fn app() -> Router {
    let shared = ("access-control-allow-origin", "*");
    Router::new()
        .route("/shared", get(move || async move { ([shared], "for everybody") }))
        .route("/slow", any(slow))
        .route("/never", get(never))
        .route(
            "/events",
            get(move || async move { ([shared, ("content-type", "text/event-stream")], EVENTS) }),
        )
        .route("/beacon", post(beacon))
        .route("/silent", get(pending::<()>))
        .route(
            "/later",
            get(move || async move {
                sleep(Duration::from_millis(1)).await;
                ([shared], "late")
            }),
        )
        .route("/faster", any(|| async { FASTER.notify_one() }))
        .route("/bare", get(|| async { "for its own pages" }))
        .route(
            "/echo",
            any(move |method: Method, headers: HeaderMap, body: String| async move {
                let kind = headers
                    .get("content-type")
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or("-")
                    .to_owned();
                let grants = [("access-control-allow-origin", "*"), ("access-control-allow-headers", "*")];
                (grants, format!("{method} {kind} {body}"))
            }),
        )
}

/// Whoever has heard of the upload's progress has no more need to wait.
static FASTER: Notify = Notify::const_new();

const EVENTS: &str = "event: news\nid: 7\ndata: two\ndata: lines\n\n: over\n";

/// Somebody has asked for what never comes.
static ASKED: Notify = Notify::const_new();

async fn never() {
    ASKED.notify_one();
    pending().await
}

/// Reads a body piece by piece, slowly until it is told otherwise, and says how long it was.
async fn slow(body: Body) -> impl IntoResponse {
    let (mut body, mut length, mut patience) = (Box::pin(body), 0, true);
    while let Some(Ok(frame)) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        length += frame.data_ref().map_or(0, Bytes::len);
        if patience {
            patience = timeout(Duration::from_millis(10), FASTER.notified()).await.is_err();
        }
    }
    ([("access-control-allow-origin", "*")], length.to_string())
}

fn runtime_within(limits: Limits) -> Runtime {
    let agent = Agent::in_process().host("api.test", app()).build().unwrap();
    let origin = "https://app.test".parse().unwrap();
    Runtime::builder().origin(origin).agent(agent).limits(limits).build().unwrap()
}

/// Runs a script to its end, and gives what it has put into `seen`.
fn seen(script: &str) -> String {
    let mut runtime = runtime_within(Limits::default());
    runtime.run_script("test.js", "var seen = [];").unwrap();
    runtime.run_script("test.js", script).unwrap();
    runtime.run_until_idle().unwrap();
    runtime.eval("seen.join(' ')").unwrap().trim_matches('\'').to_owned()
}

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
fn timers_microtasks_and_news_come_in_their_order() {
    let script = "
        setTimeout(() => seen.push('timer 2'), 2);
        setTimeout(() => { seen.push('timer 0'); queueMicrotask(() => seen.push('its microtask')); }, 0);
        setTimeout(() => seen.push('timer 0b'), 0);
        Promise.resolve().then(() => seen.push('microtask'));
        seen.push('script');";
    assert_eq!(seen(script), "script microtask timer 0 its microtask timer 0b timer 2");
}

/// What nobody hears of needs no task of its own; what somebody has heard of has its microtasks before what follows.
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

/// What it leaked of each would be more than the memory that there is.
#[test]
fn a_listener_that_holds_its_target_is_let_go_with_it() {
    let mut runtime = runtime_within(Limits::default().memory(3 << 20));
    let script = "
        for (let i = 0; i < 6000; i++) {
            const target = new EventTarget();
            target.addEventListener('x', () => target);
            const xhr = new XMLHttpRequest();
            xhr.upload.onload = xhr.onload = () => xhr;
        }
        globalThis.done = true;";
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
fn listeners_come_and_go_while_an_event_is_dispatched() {
    let script = "
        const target = new EventTarget();
        const removed = () => seen.push('removed');
        target.addEventListener('x', () => {
            seen.push('first');
            target.removeEventListener('x', removed);
            target.addEventListener('x', () => seen.push('later'), { once: true });
        });
        target.addEventListener('x', removed);
        target.addEventListener('x', () => seen.push('captures'), true);
        target.addEventListener('x', () => seen.push('captures once'), { capture: true, once: true });
        target.dispatchEvent(new Event('x'));
        seen.push('|');
        target.dispatchEvent(new Event('x'));
        seen.push('|');
        target.addEventListener('x', (event) => event.stopPropagation(), true);
        target.addEventListener('x', () => seen.push('of the same phase'), true);
        target.dispatchEvent(new Event('x'));
        seen.push('|');
        target.addEventListener('y', (event) => event.stopImmediatePropagation());
        target.addEventListener('y', () => seen.push('too late'));
        target.dispatchEvent(new Event('y'));
        const stopped = new Event('x');
        stopped.stopPropagation();
        target.dispatchEvent(stopped);";
    assert_eq!(
        seen(script),
        "captures captures once first | captures first later | captures of the same phase |"
    );
}

#[test]
fn a_handler_keeps_its_place_and_a_listener_is_added_once() {
    let script = "
        const xhr = new XMLHttpRequest();
        const twice = () => seen.push('twice');
        xhr.addEventListener('load', twice);
        xhr.onload = () => seen.push('first');
        xhr.addEventListener('load', twice);
        xhr.addEventListener('load', twice, true);
        xhr.addEventListener('load', () => seen.push('last'));
        xhr.onload = () => seen.push('second');
        xhr.dispatchEvent(new Event('load'));
        xhr.onload = 1;
        seen.push(xhr.onload);
        const nothing = {};
        xhr.onload = nothing;
        seen.push(xhr.onload === nothing);
        xhr.dispatchEvent(new Event('load'));
        for (let i = 0; i < 1000; i++) xhr.addEventListener('x', () => {});";
    assert_eq!(seen(script), "twice twice second last  true twice twice last");
}

#[test]
fn what_is_no_target_or_no_text_is_refused_as_in_a_browser() {
    let script = "
        const tried = (what) => { try { what(); seen.push('taken'); } catch (error) { seen.push(error.name, error.message); } };
        const { set } = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, 'onreadystatechange');
        tried(() => set.call(new EventTarget(), () => {}));
        tried(() => EventTarget.prototype.dispatchEvent.call({}, new Event('x')));
        tried(() => new EventTarget().dispatchEvent({}));
        const xhr = new XMLHttpRequest();
        tried(() => xhr.overrideMimeType('\\ud800'));
        tried(() => xhr.addEventListener('\\ud800', () => {}));
        tried(() => xhr.open('GET', 'https://api.test/?\\ud800'));
        tried(() => xhr.setRequestHeader('x', '\\ud800'));
        tried(() => xhr.removeEventListener('x', 5));
        tried(() => xhr.open('GET', Symbol()));
        tried(() => xhr.open('GET'));
        tried(() => xhr.open({ toString() { throw new RangeError('mine'); } }, 'x'));";
    assert_eq!(
        seen(script),
        "TypeError Illegal invocation TypeError Illegal invocation TypeError the argument is no Event taken taken taken \
         TypeError a character of the string is no byte TypeError the listener is neither a function nor an object TypeError cannot convert symbol to string \
         TypeError open: 2 arguments required, but 1 given \
         RangeError mine"
    );
}

#[test]
fn microtasks_follow_each_listener_unless_a_script_waits_for_it() {
    let script = "
        const xhr = new XMLHttpRequest();
        const hear = (what) => () => {
            seen.push(what);
            queueMicrotask(() => seen.push('micro'));
        };
        xhr.addEventListener('load', hear('first'));
        xhr.addEventListener('load', hear('second'));
        xhr.addEventListener('loadend', () => {
            // Here the script is on the stack.
            const other = new EventTarget();
            other.addEventListener('x', hear('third'));
            other.addEventListener('x', hear('fourth'));
            other.dispatchEvent(new Event('x'));
            const another = new XMLHttpRequest();
            another.open('GET', 'https://api.test/never');
            another.onabort = hear('abort');
            another.send();
            another.abort();
            seen.push('end');
        });
        xhr.open('GET', 'https://api.test/shared');
        xhr.send();";
    assert_eq!(seen(script), "first micro second micro third fourth abort end micro micro micro");
}

#[test]
fn every_event_needs_a_type() {
    let script = "
        for (const Kind of [Event, CustomEvent, ErrorEvent, MessageEvent, ProgressEvent, PromiseRejectionEvent]) {
          try { seen.push(new Kind().type); } catch (error) { seen.push(error.message); }
        }";
    let needs = |kind: &str| format!("{kind}: 1 argument required, but 0 given");
    let told = ["Event", "CustomEvent", "ErrorEvent", "MessageEvent", "ProgressEvent"].map(needs).join(" ");
    assert_eq!(seen(script), format!("{told} PromiseRejectionEvent: 2 arguments required, but 0 given"));
}

#[test]
fn a_number_is_no_big_integer() {
    let script = "
        for (const wrong of [() => new ProgressEvent('x', { loaded: 1n }), () => { new XMLHttpRequest().timeout = 1n; }]) {
            try { wrong(); seen.push('taken'); } catch (error) { seen.push(error.name); }
        }";
    assert_eq!(seen(script), "TypeError TypeError");
}

#[test]
fn an_event_source_hears_its_events_and_a_beacon_arrives() {
    let script = "
        const source = new EventSource('https://api.test/events');
        source.onopen = () => seen.push('open');
        source.addEventListener('news', (event) => seen.push(...event.data.split('\\n'), event.lastEventId, event.origin));
        source.onerror = () => {
            seen.push(source.readyState);
            source.close();
            seen.push(navigator.sendBeacon('https://api.test/beacon', 'sent'));
        };";
    assert_eq!(seen(script), "open two lines 7 https://api.test 0 true");
    assert_eq!(*BEACON.lock().unwrap(), "sent");
}

/// What a beacon has brought.
static BEACON: Mutex<String> = Mutex::new(String::new());

async fn beacon(body: String) {
    *BEACON.lock().unwrap() = body;
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
fn whoever_waits_for_a_synchronous_request_can_be_interrupted() {
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
fn what_nobody_catches_is_told() {
    for (script, said) in [
        ("throw new TypeError('no')", "TypeError: no"),
        ("Promise.reject(new Error('never'))", "(in promise) Error: never"),
        ("setTimeout(() => { throw 1 })", "1"),
        ("throw null", "null"),
        ("throw Object.create(null)", "[Object: null prototype] {}"),
        (&format!("{BOMB} throw bomb"), "Proxy({ a: [1] })"),
        (&format!("{BOMB} Promise.reject(bomb)"), "(in promise) Proxy({ a: [1] })"),
        ("throw Object.defineProperty(new Error(), 'message', { get() { throw 1 } })", "[an error that"),
        ("(", "SyntaxError"),
    ] {
        let mut runtime = runtime_within(Limits::default());
        runtime.run_script("test.js", script).unwrap();
        match runtime.run_until_idle() {
            Err(Error::Uncaught(error)) => assert!(error.text.starts_with(said), "{script}: {error}"),
            other => panic!("{script}: {other:?}"),
        }
    }
}

/// A proxy all of whose traps throw.
const BOMB: &str = "const traps = new Proxy({}, { get(_, name) { return () => { throw new Error('the trap ' + String(name)) } } });
    const bomb = new Proxy({ a: [1] }, traps);";

#[test]
fn the_console_shows_a_proxy_without_its_traps() {
    for (value, shown) in [
        ("bomb", "Proxy({ a: [1] })"),
        ("[bomb, { bomb }]", "[Proxy({ a: [1] }), { bomb: Proxy({ a: [1] }) }]"),
        ("'%d %f %s', bomb, bomb, bomb", "NaN NaN Proxy({ a: [1] })"),
        ("new Proxy(() => {}, traps)", "Proxy([Function])"),
        ("new Proxy([1, 2], {})", "Proxy([1, 2])"),
        ("(({ proxy, revoke }) => (revoke(), proxy))(Proxy.revocable({}, {}))", "Proxy (revoked)"),
        ("Object.create(bomb, { own: { value: 1, enumerable: true } })", "{ own: 1 }"),
        ("Object.setPrototypeOf(new Map(), bomb)", "{}"),
        ("(() => { const it = {}; it.it = new Proxy(it, traps); return it })()", "{ it: Proxy([Circular]) }"),
        ("(() => { class A {} A.prototype.constructor = new Proxy(A, traps); return new A() })()", "{}"),
    ] {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let heard = lines.clone();
        let mut runtime = Runtime::builder()
            .on_console(move |_, line| heard.borrow_mut().push(line.to_owned()))
            .build()
            .unwrap();
        runtime.run_script("test.js", &format!("{BOMB} console.log({value})")).unwrap();
        runtime.run_until_idle().unwrap();
        assert_eq!(*lines.borrow(), [shown], "{value}");
    }
}

#[test]
fn a_proxy_that_is_typed_is_shown_without_its_traps() {
    let mut runtime = runtime_within(Limits::default());
    assert_eq!(runtime.eval_settled(&format!("{BOMB} bomb")).unwrap(), "Proxy({ a: [1] })");
    assert_eq!(runtime.eval_settled("Promise.resolve([bomb])").unwrap(), "[Proxy({ a: [1] })]");
}

#[test]
fn the_console_does_not_throw_what_a_value_throws() {
    let seen = seen(
        "console.log(Object.defineProperty(new Error(), 'message', { get() { throw 1 } }), { get constructor() { throw 1 } });
        console.log('%d', { toString() { throw 1 } });
        let deep = {};
        for (let i = 0; i < 1e5; i++) deep = new Proxy(deep, {});
        console.log(deep);
        seen.push('on');",
    );
    assert_eq!(seen, "on");
}

#[test]
fn fetch_is_readable_where_it_is_shared_and_rejects_elsewhere() {
    let script = "
        (async () => {
            const shared = await fetch('https://api.test/shared');
            seen.push(shared.type, shared.status, await shared.text(), shared.bodyUsed);
            await fetch('https://api.test/bare').catch((error) => seen.push(error.name));
            const opaque = await fetch('https://api.test/bare', { mode: 'no-cors' });
            seen.push(opaque.type, opaque.status, (await opaque.text()).length);
        })()";
    assert_eq!(seen(script), "cors 200 for everybody true TypeError opaque 0 0");
}

#[test]
fn each_kind_of_body_brings_its_type() {
    let script = "
        (async () => {
            const bodies = ['a', new URLSearchParams('b=1'), new Blob(['c'], { type: 'text/x-c' }), new Uint8Array([100])];
            for (const body of bodies) {
                seen.push(await (await fetch('https://api.test/echo', { method: 'POST', body })).text() + ';');
            }
            const form = new FormData();
            form.append('e', 'f');
            const echoed = await (await fetch('https://api.test/echo', { method: 'POST', body: form })).text();
            seen.push(/multipart.form-data; boundary=(\\S+) --\\1/.test(echoed));
        })()";
    assert_eq!(
        seen(script),
        "POST text/plain;charset=UTF-8 a; POST application/x-www-form-urlencoded;charset=UTF-8 b=1; \
         POST text/x-c c; POST - d; true"
    );
}

#[test]
fn a_body_is_delivered_only_if_it_has_the_digest_that_the_script_names() {
    let script = "
        (async () => {
            const right = 'sha256-DIGEST';
            for (const [integrity, init] of [[right, {}], ['sha256-AAAA', {}], ['sha256-AAAA ' + right, {}], ['', {}],
                [right, { mode: 'no-cors' }]]) {
                await fetch('https://api.test/shared', { integrity, ...init }).then(
                    async (response) => seen.push((await response.text()).length), (error) => seen.push(error.name));
            }
        })()";
    assert_eq!(seen(&script.replace("DIGEST", DIGEST)), "13 TypeError 13 13 TypeError");
}

/// Of `for everybody`, by another program.
const DIGEST: &str = "0MTCoQU7UJzi19gu9H6+O29r9ylAxzDgaIfvPyfvgNw=";

#[test]
fn a_stream_goes_out_piece_by_piece_after_a_preflight() {
    let script = "
        (async () => {
            let pulled = 0;
            const stream = new ReadableStream({
                pull(controller) {
                    pulled += 1;
                    if (pulled > 3) controller.close();
                    else controller.enqueue(new TextEncoder().encode('piece ' + pulled + ';'));
                },
            }, { highWaterMark: 0 });
            const response = await fetch('https://api.test/echo', { method: 'POST', body: stream, duplex: 'half' });
            seen.push(await response.text(), pulled);
            const refused = new ReadableStream({ pull() { seen.push('asked for in vain'); } }, { highWaterMark: 0 });
            await fetch('https://api.test/bare', { method: 'POST', body: refused, duplex: 'half' })
                .catch((error) => seen.push(error.name));
            for (const chunk of ['text', null]) {
                const bad = new ReadableStream({ start(c) { c.enqueue(chunk); }, cancel(e) { seen.push('cancelled', e.name); } });
                await fetch('https://api.test/echo', { method: 'POST', body: bad, duplex: 'half' })
                    .catch((error) => seen.push(error.name));
            }
            const broken = new ReadableStream({ pull(c) { c.error(new Error('mine')); } }, { highWaterMark: 0 });
            await fetch('https://api.test/echo', { method: 'POST', body: broken, duplex: 'half' })
                .catch((error) => seen.push(error.name));
        })()";
    assert_eq!(
        seen(script),
        "POST - piece 1;piece 2;piece 3; 4 TypeError cancelled TypeError TypeError cancelled TypeError TypeError TypeError"
    );
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

#[test]
fn random_values_fill_integers_only() {
    let script = "
        const view = crypto.getRandomValues(new Uint32Array(64));
        seen.push(new Set(view).size > 60, crypto.getRandomValues(new Uint8Array(8).subarray(4)).length);
        for (const bad of [new Float32Array(1), new Uint8Array(65537), {}, new DataView(new ArrayBuffer(1))]) {
            try { crypto.getRandomValues(bad); } catch (error) { seen.push(error.name); }
        }
        seen.push(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()));";
    assert_eq!(seen(script), "true 4 TypeMismatchError QuotaExceededError TypeError TypeMismatchError true");
}
