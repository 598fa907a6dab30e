//! Event targets and their listeners.

use crossing_js::Limits;

use crate::app::{runtime_within, seen};

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
