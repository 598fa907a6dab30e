//! `crossing check` writes the mend; applied to the real server, it mends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::process::{Directory, Server, free_port};
use support::scripted::{Answer, serve};
use support::{Run, run};

const FROM: &str = "https://app.example.com";

fn check(url: &str, more: &[&str]) -> Run {
    run(["check", url, "--from", FROM].iter().chain(more))
}

/// The lines of the patch, with their marks.
fn patch(run: &Run) -> Vec<(char, String)> {
    let lines = run.out.lines().skip_while(|line| !line.trim_start().starts_with("patch "));
    let lines = lines.skip(1).skip_while(|line| !line.is_empty());
    let mark = |line: &str| Some((line.chars().nth(3)?, line.get(5..)?.to_owned()));
    lines.filter_map(mark).collect()
}

fn added(patch: &[(char, String)]) -> String {
    patch.iter().filter(|(mark, _)| *mark == '+').map(|(_, line)| format!("{line}\n")).collect()
}

fn nginx(files: &Directory, http: &str, location: &str, port: u16) -> Server {
    let at = files.path().display();
    let configuration = format!(
        "worker_processes 1; daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;
         events {{ worker_connections 64; }}
         http {{
             access_log off;
             client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/fastcgi;
             uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
             {http}
             server {{ listen 127.0.0.1:{port}; location /items {{ {location} }} }}
         }}"
    );
    let configuration = files.write("nginx.conf", &configuration).display().to_string();
    let (prefix, log) = (at.to_string(), format!("{at}/error.log"));
    Server::start("nginx", "nginx", &["-p", &prefix, "-c", &configuration, "-e", &log], port)
}

const PUT: &[&str] =
    &["-X", "PUT", "-H", "content-type: application/json", "-d", "{}", "--credentials", "include"];

#[test]
fn nginx_is_mended_by_its_patch() {
    for (location, end, flags) in [
        ("", "return 200 \"stored\";", PUT),
        ("if ($request_method = OPTIONS) { return 405; }", "return 200 \"stored\";", PUT),
        ("add_header Access-Control-Allow-Origin \"*\";", "return 404;", &["--credentials", "include"]),
        (
            "add_header Access-Control-Allow-Origin \"https://www.example.com\";",
            "return 200 \"stored\";",
            &[],
        ),
        ("", "return 401;", &["--cookie", "sid=1", "--credentials", "include"]),
    ] {
        let (files, port) = (Directory::new(), free_port());
        let url = format!("http://127.0.0.1:{port}/items");
        let broken = nginx(&files, "", &format!("{location} {end}"), port);
        let blocked = check(&url, flags).has_code(1);
        drop(broken);
        assert!(blocked.out.contains("patch       nginx, where it serves"), "{}", blocked.out);

        let patch = patch(&blocked);
        let inside = patch.iter().position(|(_, line)| line.starts_with("location ")).unwrap();
        let (http, inside) = patch.split_at(inside);
        // The lines that go are in the configuration, to the letter; an OPTIONS of its own goes, too.
        let mut kept = location.replace("if ($request_method = OPTIONS) { return 405; }", "");
        for (_, line) in inside.iter().filter(|(mark, _)| *mark == '-') {
            assert!(kept.contains(line.trim()), "{line}");
            kept = kept.replace(line.trim(), "");
        }
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}/items");
        let _mended = nginx(&files, &added(http), &format!("{kept} {} {end}", added(inside)), port);
        check(&url, flags).has_code(0);
        if !http.is_empty() {
            check(&url, &["--from", "https://www.example.com"][..0]).has_code(0);
            run(["check", &url, "--from", "https://www.example.com"]).has_code(0);
        }
    }
}

fn caddy(files: &Directory, site: &str, port: u16) -> Server {
    let text = format!("{{\n\tadmin off\n\tauto_https off\n}}\nhttp://127.0.0.1:{port} {{\n{site}\n}}\n");
    let file = files.write("Caddyfile", &text).display().to_string();
    Server::start("caddy", "caddy", &["run", "--config", &file, "--adapter", "caddyfile"], port)
}

#[test]
fn caddy_is_mended_by_its_patch() {
    let (files, port) = (Directory::new(), free_port());
    let broken = caddy(&files, "respond /items \"stored\"", port);
    let blocked = check(&format!("http://127.0.0.1:{port}/items"), PUT).has_code(1);
    drop(broken);
    let port = free_port();
    let site = format!("{}\nrespond /items \"stored\"", added(&patch(&blocked)));
    let _mended = caddy(&files, &site, port);
    check(&format!("http://127.0.0.1:{port}/items"), PUT).has_code(0);
}

#[test]
fn apache_is_mended_by_its_patch() {
    let modules = "/usr/lib/apache2/modules";
    let serve = |files: &Directory, patch: &str, port: u16| {
        let at = files.path().display();
        let load: String = ["mpm_event", "authz_core", "headers", "rewrite", "setenvif", "alias"]
            .iter()
            .map(|module| format!("LoadModule {module}_module {modules}/mod_{module}.so\n"))
            .collect();
        files.write("items", "stored");
        let configuration = format!(
            "ServerRoot {at}\nServerName localhost\nPidFile {at}/pid\nErrorLog {at}/error.log\nListen 127.0.0.1:{port}\n{load}\
             DocumentRoot {at}\n<Directory {at}>\nRequire all granted\n</Directory>\n{patch}\n"
        );
        let file = files.write("httpd.conf", &configuration).display().to_string();
        Server::start("apache2", "apache2-bin", &["-X", "-f", &file], port)
    };
    let (files, port) = (Directory::new(), free_port());
    let broken = serve(&files, "", port);
    let flags = &["-H", "x-token: 7", "--credentials", "include"];
    let blocked = check(&format!("http://127.0.0.1:{port}/items"), flags).has_code(1);
    drop(broken);
    assert!(blocked.out.contains("patch       Apache, where"), "{}", blocked.out);
    let whole: String = patch(&blocked).iter().map(|(_, line)| format!("{line}\n")).collect();
    let port = free_port();
    let _mended = serve(&files, &whole, port);
    check(&format!("http://127.0.0.1:{port}/items"), flags).has_code(0);
}

/// A server that says a name, and refuses OPTIONS.
fn named(name: &'static str, value: &'static str) -> Run {
    let port = serve(move |asked| match asked.is_preflight() {
        true => Answer::new(403).with(name, value),
        false => Answer::new(200).with(name, value),
    });
    check(&format!("http://127.0.0.1:{port}/items"), PUT).has_code(1)
}

#[test]
fn each_server_gets_its_own_words() {
    for (name, value, heading, words) in [
        ("x-powered-by", "Express", "Express", &["app.use(cors({", "credentials: true,"][..]),
        ("x-application-context", "app", "Spring", &[".allowedMethods(\"PUT\")", ".allowCredentials(true);"]),
        ("server", "uvicorn", "FastAPI", &["allow_methods=[\"PUT\"],", "allow_headers=[\"content-type\"],"]),
        ("server", "hyper", "axum", &[".allow_credentials(true)", "CorsLayer::new("]),
        ("server", "envoy", "Envoy", &["- exact: \"https://app.example.com\"", "allow_credentials: true"]),
        ("server", "AmazonS3", "S3", &["\"AllowedMethods\": [\"PUT\"],"]),
        ("apigw-requestid", "a=", "Amazon API Gateway", &["AllowCredentials=true"]),
        ("x-kong-response-latency", "1", "Kong", &["- name: cors", "credentials: true"]),
        (
            "server",
            "gws",
            "whatever serves",
            &["HTTP/1.1 204 No Content", "Access-Control-Allow-Methods: PUT"],
        ),
    ] {
        let run = named(name, value);
        assert!(run.out.contains(&format!("patch       {heading}")), "{heading}: {}", run.out);
        let added = added(&patch(&run));
        assert!(added.contains(FROM), "{added}");
        for word in words {
            assert!(added.contains(word), "{heading}: {word} is not in\n{added}");
        }
        assert!(run.out.contains("would follow; the patch mends them, too"), "{}", run.out);
    }
}

#[test]
fn where_nobody_has_been_is_not_guessed() {
    let port = serve(|_| Answer::new(302).with("location", "/elsewhere"));
    let redirected = check(&format!("http://127.0.0.1:{port}/"), &[]).has_code(1);
    let told = redirected.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("blocked: acao-missing") && told.contains("patch whatever serves"), "{told}");
    assert!(
        told.contains("the browser would go on to") && told.contains("/elsewhere; check that next"),
        "{told}"
    );
}

#[test]
fn the_next_error_is_named_even_where_no_header_mends_it() {
    let port = serve(|_| Answer::new(302).with("location", "http://user:secret@api.example.com/"));
    let redirected = check(&format!("http://127.0.0.1:{port}/"), &[]).has_code(1);
    let told = redirected.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("blocked: acao-missing"), "{told}");
    let then = "redirect-userinfo (http://api.example.com/) would follow, and no header mends that.";
    assert!(told.contains(then) && !told.contains("secret"), "{told}");
}

#[test]
fn what_is_the_pages_fault_gets_no_patch() {
    let port = serve(|_| Answer::new(200).with("access-control-allow-origin", "*"));
    let mode = check(&format!("http://127.0.0.1:{port}/"), &["--mode", "same-origin"]).has_code(1);
    assert!(mode.out.contains("blocked: mode") && !mode.out.contains("patch"), "{}", mode.out);
}

/// Granted, `null` is granted to every page: whoever frames itself in a sandbox has it.
#[test]
fn no_server_is_told_to_grant_null() {
    let all = |more: &[&str], answer: fn() -> Answer| {
        let url = format!("http://127.0.0.1:{}/items", serve(move |_| answer()));
        let blocked = run(["check", &url, "--from", "null"].iter().chain(more)).has_code(1);
        let json = run(["check", &url, "--from", "null", "--json"].iter().chain(more)).has_code(1).json();
        assert!(!blocked.out.contains("patch"), "{}", blocked.out);
        (blocked.out.split_whitespace().collect::<Vec<_>>().join(" "), json["reason"]["fix"].to_string())
    };
    let credentials = ["--credentials", "include"];
    let everybody = || Answer::new(200).with("access-control-allow-origin", "*");
    for (more, answer, advice) in [
        (&credentials[..], everybody as fn() -> Answer, "let it ask without credentials"),
        (
            &credentials,
            || Answer::new(200).with("access-control-allow-origin", "null"),
            "let it ask without credentials",
        ),
        (&[], || Answer::new(200), "send * if everybody may read this"),
        (
            &[],
            || Answer::new(200).with("access-control-allow-origin", "https://a.test"),
            "Give the page an origin",
        ),
    ] {
        let (told, json) = all(more, answer);
        assert!(told.contains(advice) && told.contains("null is any sandboxed page"), "{told}");
        assert!(json.contains(advice), "{json}");
    }
    // What stands before the grant is still mended.
    let port = serve(|asked| Answer::new(if asked.is_preflight() { 405 } else { 200 }));
    let put = run(["check", &format!("http://127.0.0.1:{port}/"), "--from", "null", "-X", "PUT"]).has_code(1);
    let told = put.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("204 No Content") && told.contains("acao-missing would follow"), "{told}");
    assert!(!told.contains("Access-Control-Allow-Origin: null"), "{told}");
}

#[test]
fn a_list_of_origins_is_added_to_and_not_overruled() {
    let (files, port) = (Directory::new(), free_port());
    let list = |more: &str| {
        format!(
            "map $http_origin $granted {{ default \"\"; \"https://www.example.com\" $http_origin; {more} }}"
        )
    };
    let location = "add_header Access-Control-Allow-Origin $granted always; add_header Vary Origin always; return 200 \"stored\";";
    let broken = nginx(&files, &list(""), location, port);
    let url = format!("http://127.0.0.1:{port}/items");
    let blocked = check(&url, &[]).has_code(1);
    drop(broken);
    let told = blocked.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("the list of origins that nginx keeps for"), "{told}");
    assert!(told.contains("answers by a list of origins (Vary: Origin says so)"), "{told}");
    let added = added(&patch(&blocked));
    assert!(!added.contains("add_header"), "{added}");
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}/items");
    let _mended = nginx(&files, &list(&added), location, port);
    check(&url, &[]).has_code(0);
    run(["check", &url, "--from", "https://www.example.com"]).has_code(0);

    // Of another server only the origin is told.
    let port = serve(|_| Answer::new(200).with("x-powered-by", "Express").with("vary", "Origin"));
    let blocked = check(&format!("http://127.0.0.1:{port}/"), &[]).has_code(1);
    assert!(blocked.out.contains("\n   + https://app.example.com\n"), "{}", blocked.out);
    assert!(!blocked.out.contains("app.use("), "{}", blocked.out);
}

#[test]
fn what_nginx_would_no_longer_inherit_stands_in_the_patch() {
    let port = serve(|_| {
        let answer = Answer::new(200).with("server", "nginx").with("vary", "Accept-Encoding");
        answer.with("access-control-expose-headers", "x-total")
    });
    let blocked = check(&format!("http://127.0.0.1:{port}/"), &[]).has_code(1);
    for line in [
        "   +     add_header Access-Control-Allow-Origin \"https://app.example.com\" always;",
        "         add_header Access-Control-Expose-Headers \"x-total\" always;",
        "         add_header Vary \"Accept-Encoding\" always;",
    ] {
        assert!(blocked.out.lines().any(|known| known == line), "{line}\n{}", blocked.out);
    }
    assert!(blocked.out.contains("nginx inherits no add_header"), "{}", blocked.out);
}

#[test]
fn an_application_that_is_down_is_to_be_started() {
    for flags in [&[][..], PUT] {
        let port = serve(|_| Answer::new(502).with("server", "nginx"));
        let down = check(&format!("http://127.0.0.1:{port}/"), flags).has_code(1);
        assert!(down.out.contains("Start the application"), "{}", down.out);
        assert!(!down.out.contains("patch"), "{}", down.out);
    }
}
