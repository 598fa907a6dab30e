//! The console, and uncaught errors.

use std::cell::RefCell;
use std::rc::Rc;

use crossing_js::{Error, Limits, Runtime};

use crate::app::{runtime_within, seen};

#[test]
fn what_is_not_caught_is_reported() {
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
