//! The ten cases of docs/ten-real-cases.md: `check` names the right cause first.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::process::{Directory, Server, free_port};
use support::scripted::{Answer, serve};
use support::{Run, run};

const FROM: &str = "https://app.example.com";
const ACAO: &str = "access-control-allow-origin";

fn check(url: &str, from: &str, more: &[&str]) -> Run {
    run(["check", url, "--from", from].iter().chain(more)).has_code(1)
}

/// The verdict's code, and the cause, which is told first; the page in docs/ says the same.
fn names(run: &Run, code: &str, cause: &str) {
    let verdict: Vec<&str> = run.out.lines().skip_while(|line| !line.contains(" ✗ blocked: ")).collect();
    assert_eq!(verdict[0], format!(" ✗ blocked: {code}"), "{}", run.out);
    assert!(verdict[1].trim_start().starts_with("cause "), "{}", run.out);
    let rest = verdict[1..]
        .iter()
        .enumerate()
        .take_while(|(at, line)| *at == 0 || line.starts_with("               "));
    let told: Vec<&str> = rest.flat_map(|(_, line)| line.split_whitespace()).skip(1).collect();
    let told = told.join(" ");
    assert!(told.starts_with(cause), "{told}");
    let page =
        include_str!("../../../docs/ten-real-cases.md").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(cause) && page.contains(&format!("`{code}`")), "the page lacks: {code}: {cause}");
}

fn at(port: u16) -> String {
    format!("http://127.0.0.1:{port}/items")
}

fn nginx(files: &Directory, server: &str) -> (Server, u16) {
    let (at, port) = (files.path().display(), free_port());
    let configuration = format!(
        "worker_processes 1; daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;
         events {{ worker_connections 64; }}
         http {{
             access_log off;
             client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/fastcgi;
             uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
             server {{ listen 127.0.0.1:{port}; {server} }}
         }}"
    );
    let configuration = files.write("nginx.conf", &configuration).display().to_string();
    let (prefix, log) = (at.to_string(), format!("{at}/error.log"));
    let args = ["-p", &prefix, "-c", &configuration, "-e", &log];
    (Server::start("nginx", "nginx", &args, port), port)
}

#[test]
fn case_01_the_application_is_down_behind_nginx() {
    let (files, dead) = (Directory::new(), free_port());
    let server = format!("location / {{ add_header {ACAO} *; proxy_pass http://127.0.0.1:{dead}; }}");
    let (_nginx, port) = nginx(&files, &server);
    names(
        &check(&at(port), FROM, &[]),
        "acao-missing",
        "A proxy answered in the application's place (502 Bad Gateway)",
    );
}

#[test]
fn case_02_application_and_proxy_both_add_the_header() {
    let application = serve(|_| Answer::new(200).with(ACAO, "*"));
    let files = Directory::new();
    let server =
        format!("location / {{ add_header {ACAO} {FROM}; proxy_pass http://127.0.0.1:{application}; }}");
    let (_nginx, port) = nginx(&files, &server);
    names(&check(&at(port), FROM, &[]), "acao-multiple", "The header is there 2 times");
}

#[test]
fn case_03_the_session_is_over() {
    let port = serve(|asked| match asked.target.as_str() {
        "/login" => Answer::new(200).with("content-type", "text/html").body("<form>"),
        _ => Answer::new(302).with("location", "/login"),
    });
    names(
        &check(&at(port), FROM, &["--credentials", "include"]),
        "acao-missing",
        "The server redirects to a login page",
    );
}

#[test]
fn case_04_the_preflight_must_log_in() {
    let port = serve(|asked| match asked.get("authorization") {
        None => Answer::new(401).with("www-authenticate", "Bearer"),
        Some(_) => Answer::new(200).with(ACAO, "*"),
    });
    names(
        &check(&at(port), FROM, &["-H", "authorization: Bearer t"]),
        "preflight-status",
        "The server wants the preflight to log in, and a preflight never carries credentials",
    );
}

#[test]
fn case_05_localhost_is_not_127_0_0_1() {
    let port = serve(|_| Answer::new(200).with(ACAO, "http://localhost:5173"));
    names(
        &check(&at(port), "http://127.0.0.1:5173", &[]),
        "acao-mismatch",
        "127.0.0.1 and localhost are the same machine, and two origins.",
    );
}

#[test]
fn case_06_a_cache_answers_with_what_another_page_was_given() {
    let port = serve(|_| Answer::new(200).with(ACAO, "https://www.example.com").with("age", "37"));
    names(&check(&at(port), FROM, &[]), "acao-mismatch", "The answer comes from a cache (age says so)");
}

#[test]
fn case_07_a_redirect_to_the_storage_makes_the_origin_null() {
    let storage = serve(|_| Answer::new(200).with(ACAO, FROM));
    let port = serve(move |_| {
        Answer::new(302).with(ACAO, FROM).with("location", &format!("http://localhost:{storage}/file"))
    });
    names(
        &check(&at(port), FROM, &[]),
        "acao-mismatch",
        "A redirect from one foreign origin to another made Origin null",
    );
}

#[test]
fn case_08_the_preflight_is_redirected_for_a_slash() {
    let port = serve(|asked| Answer::new(301).with("location", &format!("{}/", asked.target)));
    names(
        &check(&at(port), FROM, &["-X", "DELETE"]),
        "preflight-redirect",
        "The address differs by a slash at its end",
    );
}

#[test]
fn case_09_a_star_is_a_name_with_credentials() {
    let port = serve(|_| {
        let answer = Answer::new(200).with(ACAO, FROM).with("access-control-allow-credentials", "true");
        answer.with("access-control-allow-headers", "*")
    });
    names(
        &check(&at(port), FROM, &["-H", "x-token: t", "--credentials", "include"]),
        "header-not-allowed",
        "With credentials * is a header's name, and no wildcard: x-token must be named.",
    );
}

#[test]
fn case_10_patch_in_lower_case() {
    let port = serve(|_| Answer::new(200).with(ACAO, "*").with("access-control-allow-methods", "PATCH"));
    names(
        &check(&at(port), FROM, &["-X", "patch"]),
        "method-not-allowed",
        "patch is on the list in another case, and methods are compared to the byte",
    );
}

#[test]
fn other_differences_are_named() {
    for (granted, from, cause) in [
        ("http://app.example.com", FROM, "The scheme differs: the page is https, and http is granted."),
        (
            "https://app.example.com:8443",
            FROM,
            "The port differs: the page is on the default port, and port 8443",
        ),
        (
            "https://www.example.com",
            "https://example.com",
            "The page is on example.com, and www.example.com is granted",
        ),
    ] {
        let port = serve(move |_| Answer::new(200).with(ACAO, granted));
        let told = check(&at(port), from, &[]).out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(&format!("cause {cause}")), "{told}");
    }
    for (value, cause) in [
        ("https://app.example.com/", "The value https://app.example.com/ ends in a slash"),
        ("app.example.com", "The value app.example.com has no scheme"),
    ] {
        let port = serve(move |_| Answer::new(200).with(ACAO, value));
        let told = check(&at(port), FROM, &[]).out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(&format!("blocked: acao-invalid cause {cause}")), "{told}");
    }
}
