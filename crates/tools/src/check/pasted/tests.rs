use crossing::browser::{CredentialsMode, ReferrerPolicy};

use super::*;

fn unfolded(text: &str) -> CheckOptions {
    unfold(&CheckOptions::new(text)).expect("it can be read").0
}

#[test]
fn a_copied_curl_command_is_the_page_s_request() {
    let copied = "curl 'https://api.test/items?x=1' \\\n  -X 'PUT' \\\n  -H 'accept: */*' \\\n  \
                  -H 'content-type: application/json' \\\n  -b 'sid=1; theme=dark' \\\n  -H 'origin: https://app.test' \\\n  \
                  -H 'referer: https://app.test/page' \\\n  -H 'sec-fetch-mode: cors' \\\n  -H 'user-agent: Mozilla/5.0' \\\n  \
                  --data-raw $'{\"name\":\"it\\'s\\u0021\"}' --compressed";
    let (args, dropped) = unfold(&CheckOptions::new(copied)).expect("it can be read");
    assert_eq!(args.url, "https://api.test/items?x=1");
    assert_eq!(args.from.as_deref(), Some("https://app.test"));
    assert_eq!(args.method.as_deref(), Some("PUT"));
    assert_eq!(args.headers, ["accept: */*", "content-type: application/json"]);
    assert_eq!(args.cookies, ["sid=1", "theme=dark"]);
    assert_eq!(args.credentials, Some(CredentialsMode::Include));
    assert_eq!(args.body.as_deref(), Some("{\"name\":\"it's!\"}"));
    assert_eq!(dropped, ["sec-fetch-mode", "user-agent"]);
}

#[test]
fn curl_s_shorthands_are_read() {
    for (command, method, url, body) in [
        ("curl api.test/x", None, "http://api.test/x", None),
        ("curl -XDELETE https://api.test/", Some("DELETE"), "https://api.test/", None),
        ("curl -I https://api.test/", Some("HEAD"), "https://api.test/", None),
        ("curl -G -d a=1 --data b=2 https://api.test/", None, "https://api.test/?a=1&b=2", None),
        ("curl --json '{}' https://api.test/", None, "https://api.test/", Some("{}")),
        ("curl --url=https://api.test/ -sS -L -o /dev/null", None, "https://api.test/", None),
        ("curl -sSL https://api.test/ | jq .", None, "https://api.test/", None),
        ("curl -sXPUT https://api.test/ >out 2>/dev/null", Some("PUT"), "https://api.test/", None),
        (r"curl 'https://api.test/p\[1\]?q=\{a\}'", None, "https://api.test/p[1]?q={a}", None),
    ] {
        let args = unfolded(command);
        assert_eq!(
            (args.method.as_deref(), args.url.as_str(), args.body.as_deref()),
            (method, url, body),
            "{command}"
        );
    }
    let empty = unfolded("curl -H 'X-Empty;' https://api.test/");
    assert_eq!(empty.headers, ["X-Empty: "]);
    let form = unfolded("curl -d a=1 https://api.test/");
    assert_eq!(form.headers, ["content-type: application/x-www-form-urlencoded"]);
}

#[test]
fn a_copied_fetch_call_is_the_page_s_request() {
    let copied = r#"fetch("https://api.test/items", {
  "headers": { "accept": "*/*", "x-token": "1", "sec-ch-ua": "\"x\"" },
  "referrer": "https://app.test/page",
  "referrerPolicy": "no-referrer",
  "body": "{\"a\":1}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
});"#;
    let args = unfolded(copied);
    assert_eq!(args.url, "https://api.test/items");
    assert_eq!(args.from.as_deref(), Some("https://app.test"));
    assert_eq!(args.headers, ["accept: */*", "x-token: 1"]);
    assert_eq!((args.method.as_deref(), args.credentials), (Some("POST"), Some(CredentialsMode::Include)));
    assert_eq!(args.referrer_policy, Some(ReferrerPolicy::NoReferrer));
    let written =
        "await fetch('https://api.test/', { method: 'PUT', headers: [['x-a', 'b']], // as typed\n })";
    let args = unfolded(written);
    assert_eq!((args.method.as_deref(), args.headers.as_slice()), (Some("PUT"), &["x-a: b".to_owned()][..]));
    assert_eq!(unfolded("fetch(`https://api.test/`)").url, "https://api.test/");
    let kept = "const r = await window.fetch('https://api.test/', {\n  method: 'POST', // :)\n  \
                headers: { 'content-type': 'application/json' },\n  body: JSON.stringify({ a: 1, b: ')' })\n})\n  \
                .then(r => r.json()).catch(() => {});";
    let args = unfolded(kept);
    assert_eq!((args.url.as_str(), args.method.as_deref()), ("https://api.test/", Some("POST")));
    let body: serde_json::Value =
        serde_json::from_str(args.body.as_deref().unwrap_or_default()).expect("JSON");
    assert_eq!(body, serde_json::json!({ "a": 1, "b": ")" }));
    for call in ["return fetch('https://api.test/')", "let x = fetch('https://api.test/').then(f)"] {
        assert_eq!(unfolded(call).url, "https://api.test/", "{call}");
    }
}

#[test]
fn flags_go_before_what_was_pasted() {
    let mut options = CheckOptions::new("curl -X PUT https://api.test/ -H 'origin: https://app.test'");
    options.from = Some("https://other.test".to_owned());
    options.method = Some("GET".to_owned());
    let args = unfold(&options).expect("it can be read").0;
    assert_eq!((args.from.as_deref(), args.method.as_deref()), (Some("https://other.test"), Some("GET")));
}

#[test]
fn what_cannot_be_read_says_why() {
    for (text, says) in [
        ("curl 'https://api.test/", "a quote is not closed"),
        ("curl -H", "-H has no value"),
        ("curl -H nocolon https://api.test/", "has no colon"),
        ("curl --proxy x https://api.test/", "'--proxy' is no option"),
        ("curl -s", "it has no URL"),
        ("curl a.test b.test", "two URLs"),
        ("curl -d @file https://api.test/", "is a file"),
        ("curl ^\"https://api.test/^\"", "cmd.exe"),
        ("fetch('https://api.test/'", "its ) is missing"),
        ("fetch(url, options)", "no literals"),
        ("fetch('https://api.test/', { body: JSON.stringify(data) })", "no literals"),
        ("fetch('https://api.test/', { mode: 'navigate' })", "mode is 'navigate'"),
    ] {
        let told = unfold(&CheckOptions::new(text)).expect_err(text).to_string();
        assert!(told.contains(says), "{text}: {told}");
    }
}
