//! `crossing run`: what a script prints, what a person is told, and the exit code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{run, server};

const SHARED: &str = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
const SILENT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
const APP: [&str; 2] = ["--origin", "https://app.example.com"];

fn eval(code: &str, more: &[&str]) -> support::Run {
    run(["run", "-e", code].into_iter().chain(more.iter().copied()))
}

#[test]
fn the_example_prints_what_a_browser_would_show() {
    let port = server(SHARED);
    let example =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/xhr.js")).unwrap();
    let code = example.replace("18002", &port.to_string());
    let told = eval(&code, &APP).has_code(0);
    let mut lines: Vec<&str> = told.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        ["withCredentials false: 200 hello", "withCredentials true: an error, and no more than that"]
    );
    assert!(told.err.contains("acao-wildcard-creds"), "{}", told.err);
}

#[test]
fn a_blocked_request_is_a_type_error_to_the_script_and_a_reason_to_the_person() {
    let url = format!("http://127.0.0.1:{}/", server(SILENT));
    let told =
        eval(&format!("fetch('{url}').catch((error) => console.log(error.name, error.message))"), &APP);
    let told = told.has_code(0);
    assert_eq!(told.out, "TypeError Failed to fetch\n");
    assert!(told.err.contains("acao-missing") && told.err.contains("fix:"), "{}", told.err);
}

#[test]
fn what_nobody_catches_ends_with_1() {
    for (code, said) in [
        ("throw new Error('mine')", "Uncaught Error: mine"),
        ("Promise.reject(new RangeError('late'))", "Uncaught (in promise) RangeError: late"),
        ("setTimeout(() => { throw 'text'; })", "Uncaught text"),
        ("let x = ;", "SyntaxError"),
    ] {
        let told = eval(code, &[]).has_code(1);
        assert!(told.err.contains(said), "{code}: {}", told.err);
    }
}

#[test]
fn the_console_is_divided_between_the_two_outputs() {
    let told =
        eval("console.log('%s is %d', 'one', 1.5, [1, 'a'], { b: null }); console.warn('careful');", &[]);
    let told = told.has_code(0);
    assert_eq!((told.out.as_str(), told.err.as_str()), ("one is 1 [1, \"a\"] {b: null}\n", "careful\n"));
}

#[test]
fn the_script_believes_in_the_address_it_is_given() {
    let told = eval(
        "console.log(location.href, self.origin, new Request('x').url)",
        &["--url", "https://a.example/p/q?r"],
    );
    assert_eq!(told.has_code(0).out, "https://a.example/p/q?r https://a.example https://a.example/p/x\n");
    assert_eq!(eval("console.log(self.origin)", &[]).has_code(0).out, "null\n");
}

#[test]
fn a_script_without_an_end_is_ended_with_2() {
    for code in
        ["for (;;);", "setInterval(() => {}, 1)", "fetch('http://127.0.0.1:9/').finally(() => { for (;;); })"]
    {
        let told = eval(code, &["--timeout", "1"]).has_code(2);
        assert!(told.err.contains("ran for longer than 1 s"), "{code}: {}", told.err);
    }
}

#[test]
fn a_conversation_is_shown_with_trace() {
    let url = format!("http://127.0.0.1:{}/", server(SHARED));
    let told =
        eval(&format!("fetch('{url}').then((r) => console.log(r.type))"), &[&APP[..], &["--trace"]].concat());
    let told = told.has_code(0);
    assert_eq!(told.out, "cors\n");
    assert!(told.err.contains("the CORS check passes"), "{}", told.err);
}

#[test]
fn mistakes_say_what_to_mend() {
    for (args, said) in [
        (&["run"][..], "required"),
        (&["run", "no-such-file.js"], "no-such-file.js"),
        (&["run", "-e", "1", "--origin", "https://a.example/path"], "--origin"),
        (&["run", "-e", "1", "--url", "a.example"], "--url 'a.example' is not a URL"),
        (&["run", "-e", "1", "--url", "file:///x"], "http: or https:"),
        (&["run", "-e", "1", "--resolve", "x"], "--resolve 'x'"),
        (&["run", "-e", "1", "--cacert", "no-such-file.pem"], "no-such-file.pem"),
        (&["run", "-e", "1", "--profile", "netscape"], "netscape"),
    ] {
        let told = run(args.iter().copied()).has_code(2);
        assert!(told.err.contains(said), "{args:?}: {}", told.err);
    }
}

#[test]
fn every_case_of_the_demo_comes_out_the_same_as_a_script() {
    let document = run(["demo", "--xhr", "--json"]).has_code(0).json();
    let plain = run(["demo", "--json"]).has_code(0).json();
    assert_eq!(document["failed"], 0);
    assert_eq!(document["ok"], plain["ok"]);
    for (script, case) in document["cases"].as_array().unwrap().iter().zip(plain["cases"].as_array().unwrap())
    {
        assert_eq!(script["got"], case["got"]);
    }
}
