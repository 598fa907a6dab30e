//! `crossing run` with pages and addresses, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::Write;
use std::process::Stdio;

use support::process::Directory;
use support::scripted::{Answer, Asked, serve};
use support::{Run, crossing, run};

fn html(markup: &str) -> Answer {
    Answer::new(200).with("content-type", "text/html; charset=utf-8").body(markup)
}

fn script(source: &str) -> Answer {
    Answer::new(200).with("content-type", "text/javascript").body(source)
}

/// A site: its `/` has this markup, in which `CDN` is the address of another.
fn site(markup: &str) -> String {
    let cdn = serve(|asked| match asked.target.as_str() {
        "/lib.js" => script("console.log('lib', typeof inline); throw new Error('inside');"),
        "/shared.js" => script("throw new Error('shared');").with("access-control-allow-origin", "*"),
        "/latin.js" => Answer::new(200).with("content-type", "text/javascript").body("console.log('\u{fc}')"),
        "/data" => Answer::new(200).body("not shared"),
        _ => Answer::new(404),
    });
    let markup = markup.replace("CDN", &format!("http://127.0.0.1:{cdn}"));
    let port = serve(move |asked| match asked.target.as_str() {
        "/" => html(&markup).with("set-cookie", "session=secret; HttpOnly").with("set-cookie", "theme=dark"),
        "/echo" => Answer::new(200).body(asked.get("cookie").unwrap_or("-")),
        "/private" => private(asked),
        "/script.js" => script("console.log(origin, location.pathname, typeof document, typeof window)"),
        "/module.mjs" => script("console.log('classic')"),
        "/moved.js" => Answer::new(302).with("location", "/script.js"),
        "/away.js" => Answer::new(302).with("location", "file:///etc/passwd"),
        "/fallback.js" => html("<p>an app</p>"),
        "/style.css" => Answer::new(200).with("content-type", "text/css"),
        _ => Answer::new(404),
    });
    format!("http://127.0.0.1:{port}")
}

fn private(asked: &Asked) -> Answer {
    match asked.get("authorization") {
        Some("Basic bWU6c2VjcmV0") => Answer::new(200).body("well done"),
        _ => Answer::new(401).with("www-authenticate", "Basic realm=\"x\""),
    }
}

fn lines(run: &Run) -> Vec<&str> {
    run.out.lines().collect()
}

#[test]
fn a_page_runs_its_scripts_in_order_wherever_they_come_from() {
    let site = site(
        "<title>A page</title>
         <script>var inline = 1; console.log(document.title, document.readyState);
         onerror = (message) => { console.log('heard:', message); };
         addEventListener('load', () => console.log('load', document.readyState));</script>
         <script src=CDN/lib.js></script><script src=CDN/shared.js crossorigin></script>
         <script src=CDN/latin.js></script>
         <script>console.log('last')</script>",
    );
    let run = run(["run", &site]).has_code(1);
    assert_eq!(
        lines(&run),
        [
            "A page loading",
            "lib number",
            "heard: Script error.",
            "heard: Uncaught Error: shared",
            "\u{fc}",
            "last",
            "load complete"
        ]
    );
    // The person hears what the page does not.
    assert!(run.err.contains("Uncaught Error: inside\n"), "{}", run.err);
}

#[test]
fn a_page_sees_and_sets_the_cookies_that_are_its_own() {
    let site = site(
        "<script>console.log(document.cookie);
         document.cookie = 'a=b'; document.cookie = 'session=stolen'; document.cookie = 'h=1; HttpOnly';
         fetch('/echo').then((r) => r.text()).then((text) => console.log(text.split('; ').sort().join(' ')));
         </script>",
    );
    let run = run(["run", &site]).has_code(0);
    assert_eq!(lines(&run), ["theme=dark", "a=b session=secret theme=dark"]);
}

#[test]
fn credentials_of_a_url_answer_a_page_and_a_prompt_fails_with_a_reason() {
    let page = |url: &str| {
        site(&format!(
            "<script>const xhr = new XMLHttpRequest(); xhr.open('GET', {url});
             xhr.onloadend = () => console.log(xhr.status, xhr.responseText); xhr.send();</script>"
        ))
    };
    let with = run(["run", &page("location.origin.replace('//', '//me:secret@') + '/private'")]).has_code(0);
    assert_eq!((with.out.as_str(), with.err.as_str()), ("200 well done\n", ""));
    let without = run(["run", &page("'/private'")]).has_code(0);
    assert_eq!(without.out, "0 \n");
    assert!(without.err.contains("/private: auth-prompt: "), "{}", without.err);
    // A script alone has nobody who could be asked, and sees the 401.
    let site = site("");
    let code = "const xhr = new XMLHttpRequest(); xhr.open('GET', '/private', false); xhr.send(); console.log(xhr.status)";
    assert_eq!(run(["run", "--url", &site, "-e", code]).has_code(0).out, "401\n");
    let opened = run(["run", &format!("{}/private", site.replace("//", "//me:wrong@"))]).has_code(2);
    assert!(
        opened.err.contains("/private: auth-prompt: ") && !opened.err.contains("wrong"),
        "{}",
        opened.err
    );
}

#[test]
fn what_failed_is_told_to_the_person_and_with_trace_everything() {
    let site = site("<script>fetch('CDN/data').catch((error) => console.log(error.message))</script>");
    let plain = run(["run", &site]).has_code(0);
    assert_eq!(plain.out, "Failed to fetch\n");
    assert!(plain.err.contains("/data: acao-missing: ") && plain.err.contains("\n  fix: "), "{}", plain.err);
    let traced = run(["run", "--trace", &site]).has_code(0);
    let page = format!("GET {site}/\n  GET {site}/ -> 200\n  basic response, status 200\n");
    assert!(traced.err.starts_with(&page), "{}", traced.err);
    assert_eq!(traced.err.matches("acao-missing").count(), 1, "{}", traced.err);
}

#[test]
fn a_script_from_an_address_is_of_that_address_unless_told_otherwise() {
    let site = site("");
    let own = run(["run", &format!("{site}/moved.js")]).has_code(0);
    assert_eq!(own.out, format!("{site} /script.js undefined undefined\n"));
    let told = run(["run", "--origin", "https://a.test", &format!("{site}/script.js")]).has_code(0);
    assert_eq!(told.out, "https://a.test / undefined undefined\n");
    let told = run(["run", "--url", "https://a.test/x", &format!("{site}/script.js")]).has_code(0);
    assert_eq!(told.out, "https://a.test /x undefined undefined\n");
}

#[test]
fn a_page_from_the_disk_has_the_scripts_beside_it() {
    let directory = Directory::new();
    directory.write("outside.js", "console.log('outside')");
    std::fs::create_dir_all(directory.path().join("site/lib")).unwrap();
    directory.write("site/lib/a.js", "console.log('beside', document.currentScript.src.startsWith('file:'))");
    let markup =
        "<script src=lib/a.js></script><script src=../outside.js></script><script src=lib/none.js></script>
        <script>console.log(origin, location.protocol)</script>";
    let page = directory.write("site/page.HTML", markup);
    let here = run(["run".as_ref(), page.as_os_str()]).has_code(0);
    assert_eq!(lines(&here), ["beside true", "null file:"]);
    assert_eq!(here.err.matches("no file beside the page").count(), 2, "{}", here.err);
    let site = site("");
    let markup = directory.write("elsewhere.html", "<script src=script.js></script>");
    let there = run(["run", "--url", &site, markup.to_str().unwrap()]).has_code(0);
    assert_eq!(there.out, format!("{site} / object object\n"));
}

#[test]
fn a_script_may_come_from_standard_input() {
    for arguments in [&["run"][..], &["run", "-"], &["run", "--origin", "https://a.test", "-"]] {
        let mut command = crossing();
        let spawned =
            command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawned.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all("console.log(origin, 'ö'); console.warn('w')".as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let origin = if arguments.len() > 2 { "https://a.test" } else { "null" };
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{origin} ö\n"));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "w\n");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn an_address_that_does_not_answer_takes_no_longer_than_it_may() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", silent.local_addr().unwrap());
    let run = run(["run", "--timeout", "0.5", &address]).has_code(2);
    assert!(run.err.starts_with(&format!("crossing: {address}: timeout: ")), "{}", run.err);
}

#[test]
fn what_cannot_be_run_is_named_and_nothing_hangs() {
    let site = site("<p>");
    let directory = Directory::new();
    let script = directory.write("a.js", "");
    let script = script.to_str().unwrap();
    let latin = directory.path().join("latin.js");
    std::fs::write(&latin, b"'\xfc'").unwrap();
    let page = directory.write("a.html", "");
    let at = |path: &str| format!("{site}{path}");
    for (arguments, said) in [
        (&[directory.path().to_str().unwrap()][..], "a directory; give a script, a page or an address"),
        (&[latin.to_str().unwrap()], "latin.js: not UTF-8 at byte 1; save it as UTF-8"),
        (&["nowhere.js"], "nowhere.js: no such file; an address begins with http:// or https://"),
        (&["localhost:1/x.js"], "no such file; an address begins with"),
        (&["file:///nowhere.js"], "no such file"),
        (&["ftp://a.test/x.js"], "only http and https addresses are fetched"),
        (&["http://"], "empty host"),
        (&[&at("/none.js")], "/none.js: the server answered 404"),
        (&[&at("/away.js")], "redirects to 'file:///etc/passwd', which is no address of the web"),
        (&[&at("/fallback.js")], "its Content-Type is text/html"),
        (
            &[&at("/style.css")],
            "its Content-Type is text/css; a page is text/html, and a script text/javascript",
        ),
        (&["http://127.0.0.1:1/"], "bad-port"),
        (&["http://nowhere.invalid/"], "dns"),
        (&["--url", "https://a.test/", &at("/")], "give neither --origin nor --url"),
        (&["--url", "a.test", script], "--url 'a.test'"),
        (&["--origin", "https://a.test/", script], "--origin"),
        (&[script, &at("/")], "it is run alone"),
        (&[script, page.to_str().unwrap()], "it is run alone"),
        (&["--resolve", "x", &at("/")], "--resolve"),
        (&["--cacert", "/nowhere.pem", &at("/")], "/nowhere.pem"),
    ] {
        let run = run(["run"].iter().chain(arguments)).has_code(2);
        assert!(run.err.starts_with("crossing: ") && run.err.contains(said), "{arguments:?}: {}", run.err);
    }
}
