//! Pages over an application in this process: which scripts run, in which order, and what they find.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::rc::Rc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use crossing::browser::Client;
use crossing_agent::Agent;
use crossing_js::{Error, Limits, Opened, Page, Runtime, open};

fn script(text: &'static str) -> impl IntoResponse {
    ([("content-type", "text/javascript")], text)
}

fn agent(markup: &'static str) -> Agent {
    let html = |text: &'static str| ([("content-type", "text/html")], text);
    let own = Router::new()
        .route("/", get(move || async move { html(markup) }))
        .route(
            "/strict",
            get(move || async move {
                (
                    [(
                        "content-security-policy",
                        "script-src 'nonce-n' https://cdn.test; connect-src 'self'",
                    )],
                    html(markup),
                )
            }),
        )
        .route("/one.js", get(|| async { script("console.log('one', document.currentScript.src)") }))
        .route("/bare", get(|| async { "text" }))
        .route("/moved", get(|| async { Redirect::to("https://cdn.test/page") }))
        .route("/loop", get(|| async { Redirect::to("/loop") }))
        .route("/gone.js", get(|| async { (StatusCode::NOT_FOUND, script("console.log('gone')")) }))
        .route(
            "/private",
            get(move |headers: HeaderMap| async move {
                match headers.get(header::AUTHORIZATION) {
                    Some(value) if value == "Basic dTpw" => {
                        html("<script>console.log(location.href)</script>").into_response()
                    }
                    _ => (StatusCode::UNAUTHORIZED, [("www-authenticate", "Basic realm=\"x\"")])
                        .into_response(),
                }
            }),
        );
    let cdn = Router::new()
        .route("/page", get(move || async move { html("<script>console.log(origin)</script>") }))
        .route("/two.js", get(|| async { script("console.log('two'); throw new Error('inside')") }))
        .route(
            "/shared.js",
            get(|| async { ([("access-control-allow-origin", "*")], script("throw new Error('shared')")) }),
        )
        .route("/picture.js", get(|| async { ([("content-type", "image/png")], "console.log('picture')") }))
        .route(
            "/plain.js",
            get(|| async {
                (
                    [("content-type", "text/plain"), ("x-content-type-options", "nosniff")],
                    "console.log('plain')",
                )
            }),
        )
        .route(
            "/latin.js",
            get(|| async {
                ([("content-type", "text/javascript; charset=iso-8859-1")], b"console.log('\xe4')".to_vec())
            }),
        );
    Agent::in_process().host("app.test", own).host("cdn.test", cdn).build().unwrap()
}

/// Loads a page, and gives what was said: lines of the console, and after a `!` what the person was told.
fn load_at(url: &str, markup: &'static str) -> Vec<String> {
    let agent = agent(markup);
    let said = Rc::new(RefCell::new(Vec::new()));
    let [console, told, failed, uncaught] = [(); 4].map(|()| said.clone());
    let Opened::Page(page) = open(&agent, &url.parse().unwrap(), |_| ()).unwrap() else { panic!("no page") };
    let mut runtime = Runtime::builder()
        .page(*page)
        .agent(agent)
        .limits(Limits::default())
        .on_console(move |_, line| console.borrow_mut().push(line.to_owned()))
        .on_notice(move |text| told.borrow_mut().push(format!("! {text}")))
        .on_uncaught(move |error| {
            uncaught.borrow_mut().push(format!("! {}", error.text.lines().next().unwrap()))
        })
        .on_conversation(move |it| {
            if let crossing_js::ConversationEnd::Failed(error) = it.end {
                failed.borrow_mut().push(format!("! {}", error.failure.reason.code()));
            }
        })
        .build()
        .unwrap();
    match runtime.run_until_idle() {
        Ok(()) | Err(Error::Uncaught(_)) => {}
        Err(error) => panic!("{error}"),
    }
    drop(runtime);
    Rc::into_inner(said).unwrap().into_inner()
}

fn load(markup: &'static str) -> Vec<String> {
    load_at("https://app.test/", markup)
}

#[test]
fn scripts_run_in_their_order_and_then_the_page_is_told() {
    let said = load(
        "<title> A \n page </title><p id=before>text</p>
         <script>
           const log = (...words) => console.log(...words);
           document.onreadystatechange = () => log(document.readyState);
           document.addEventListener('DOMContentLoaded', (event) => log('document', event.type));
           addEventListener('DOMContentLoaded', () => log('window DOMContentLoaded'));
           window.onload = () => log('load', document.getElementById('after').tagName);
           log(document.readyState, document.title, self === window, top === parent, typeof WorkerGlobalScope);
           log(document.getElementById('before').textContent, document.getElementById('after'));
         </script>
         <script defer src=one.js></script>
         <script src=https://cdn.test/latin.js></script>
         <script>log('last')</script><div id=after></div>",
    );
    assert_eq!(
        said,
        [
            "loading A page true true undefined",
            "text null",
            "ä",
            "last",
            "interactive",
            "one https://app.test/one.js",
            "document DOMContentLoaded",
            "window DOMContentLoaded",
            "complete",
            "load DIV",
        ]
    );
}

#[test]
fn what_goes_wrong_in_a_script_of_another_origin_is_heard_only_where_it_is_shared() {
    let said = load(
        "<script>onerror = (message, file, line) => { console.log(message, file, line); return true; }</script>
         <script src=https://cdn.test/two.js></script>
         <script src=https://cdn.test/shared.js crossorigin></script>
         <script src=https://cdn.test/two.js crossorigin></script>
         <script>
           nowhere();
         </script>",
    );
    assert_eq!(
        said,
        [
            "two",
            "Script error.  0",
            "Uncaught Error: shared https://cdn.test/shared.js 1",
            "! acao-missing",
            "Uncaught ReferenceError: nowhere is not defined https://app.test/ 6",
        ]
    );
}

#[test]
fn what_is_no_script_is_not_run_and_the_person_hears_why() {
    let said = load(
        "<script src=https://cdn.test/picture.js></script><script src=https://cdn.test/plain.js></script>
<script src=gone.js></script><script type=module>console.log('module')</script><script src=http://></script>
<script type=application/json>{}</script><script nomodule>console.log('classic')</script>",
    );
    assert_eq!(
        said,
        [
            "! script-mime-type",
            "! script-nosniff",
            "! the page's script on line 2 is not run: https://app.test/gone.js: the server answered 404 Not Found",
            "! the page's script on line 2 is not run: a module script: modules are not run",
            "! the page's script on line 2 is not run: its src 'http://' is no URL",
            "classic",
        ]
    );
}

#[test]
fn a_policy_decides_which_scripts_run_and_where_they_connect() {
    let said = load_at(
        "https://app.test/strict",
        "<script>console.log('inline')</script><script src=one.js></script><script src=https://cdn.test/latin.js></script>
         <script nonce=n>fetch('https://cdn.test/shared.js').catch((error) => console.log(error.message))</script>",
    );
    let blocked = "csp-script: The page's Content-Security-Policy does not allow this script.";
    assert_eq!(
        said,
        [
            &format!("! the page's script on line 1 is not run: {blocked}"),
            "! csp-script",
            "ä",
            "! csp",
            "Failed to fetch",
        ]
    );
}

#[test]
fn relative_urls_count_from_the_base() {
    let said = load(
        "<base href=https://cdn.test/><script src=latin.js></script>
         <script>const xhr = new XMLHttpRequest(); xhr.open('GET', 'shared.js'); xhr.onload = () => console.log(xhr.responseURL); xhr.send();
         console.log(document.baseURI, new Request('x').url, location.href)</script>",
    );
    assert_eq!(
        said,
        ["ä", "https://cdn.test/ https://cdn.test/x https://app.test/", "https://cdn.test/shared.js"]
    );
}

#[test]
fn a_synchronous_xhr_of_a_window_has_neither_timeout_nor_type() {
    let said = load(
        "<script>for (const set of [(x) => { x.timeout = 1; }, (x) => { x.responseType = 'json'; }]) {
           const xhr = new XMLHttpRequest(); xhr.open('GET', '/', false);
           try { set(xhr); console.log('set'); } catch (error) { console.log(error.name); }
         }</script>",
    );
    assert_eq!(said, ["InvalidAccessError", "InvalidAccessError"]);
}

#[test]
fn an_address_leads_to_a_page_a_script_or_an_error() {
    let opened = |url: &str| open(&agent("<p>"), &url.parse().unwrap(), |_| ());
    match opened("https://app.test/moved#x") {
        Ok(Opened::Page(_)) => {}
        other => panic!("{other:?}"),
    }
    match opened("https://app.test/one.js") {
        Ok(Opened::Script { url, source }) => {
            assert!(url.path() == "/one.js" && source.starts_with("console"))
        }
        other => panic!("{other:?}"),
    }
    for (url, said) in [
        (
            "https://app.test/bare",
            "https://app.test/bare: neither a page nor a script: its Content-Type is text/plain",
        ),
        ("https://app.test/gone.js", "https://app.test/gone.js: the server answered 404 Not Found"),
        ("https://app.test/loop", "https://app.test/loop: the server has redirected more than 20 times"),
        ("https://cdn.test/picture.js", "its Content-Type is image/png"),
        ("https://cdn.test/plain.js", "its Content-Type is text/plain"),
        ("ftp://app.test/", "ftp://app.test/: only http and https addresses are fetched"),
        ("https://u:wrong@app.test/private", "https://app.test/private: auth-prompt"),
        ("https://app.test/private", "https://app.test/private: auth-prompt"),
    ] {
        match opened(url) {
            Err(error) => assert!(error.to_string().contains(said), "{url}: {error}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}

#[test]
fn a_redirected_page_is_of_where_it_came_from_and_a_password_opens_its_own() {
    assert_eq!(load_at("https://app.test/moved", ""), ["https://cdn.test"]);
    assert_eq!(load_at("https://u:p@app.test/private", ""), ["https://app.test/private"]);
}

#[test]
fn a_page_reads_no_cookie_that_is_not_for_it() {
    let agent = agent("");
    let url = "https://app.test/".parse().unwrap();
    let client = Client::at(url);
    agent.set_document_cookie(&client, "seen=1");
    let page = Page::new(
        client,
        "<script>document.cookie = 'a=b; path=/'; document.cookie = 'h=1; HttpOnly'; document.cookie = 'x=1; domain=cdn.test'; var seen = document.cookie;</script>",
    );
    let mut runtime = Runtime::builder().page(page).agent(agent).build().unwrap();
    runtime.run_until_idle().unwrap();
    assert_eq!(runtime.eval("seen").unwrap(), "'seen=1; a=b'");
}

#[test]
fn a_page_of_the_disk_has_the_files_that_it_is_given_and_no_others() {
    let client = Client::at("file:///pages/index.html".parse().unwrap());
    let page = Page::new(
        client,
        "<script src=a.js></script><script src=b.js async></script><script>console.log(document.cookie = 'a=b', document.cookie === '', origin)</script>",
    );
    let files: Vec<String> = page.file_scripts().iter().map(ToString::to_string).collect();
    assert_eq!(files, ["file:///pages/a.js", "file:///pages/b.js"]);
    let said = Rc::new(RefCell::new(Vec::new()));
    let [console, told] = [(); 2].map(|()| said.clone());
    let mut runtime = Runtime::builder()
        .page(page.file("file:///pages/a.js".parse().unwrap(), b"console.log('beside')".to_vec()))
        .on_console(move |_, line| console.borrow_mut().push(line.to_owned()))
        .on_notice(move |line| told.borrow_mut().push(line.to_owned()))
        .build()
        .unwrap();
    runtime.run_until_idle().unwrap();
    assert_eq!(
        *said.borrow(),
        [
            "beside",
            "a=b true null",
            "the page's script on line 1 is not run: file:///pages/b.js: no file beside the page"
        ]
    );
}

#[test]
fn a_script_runs_only_with_the_integrity_that_it_has() {
    let said = load(
        "<script src=one.js integrity=sha256-QSmP2U3fOVYvCYB6f0X9IgtZHadB/fiL95HlWhL6aAE=></script>
         <script src=one.js integrity=sha256-AAAA></script><script src=https://cdn.test/latin.js integrity=sha256-AAAA></script>",
    );
    assert_eq!(said, ["one https://app.test/one.js", "! integrity", "! integrity"]);
}

#[test]
fn a_page_stays_where_it_is() {
    let said = load(
        "<script>location = '/x'; location.href = '/x'; location.reload(); console.log(location.href)</script>",
    );
    let told = "! the page would go elsewhere, and is not followed";
    assert_eq!(said, [told, told, told, "https://app.test/"]);
}
