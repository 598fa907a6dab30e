//! `crossing explain`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::run;

const KEYS: [&str; 7] = ["chromium", "code", "fault", "firefox", "fix", "message", "spec"];

#[test]
fn the_list_has_every_reason_with_the_keys_that_were_promised() {
    let document = run(["explain", "--list", "--json"]).has_code(0).json();
    let reasons = document["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), crossing::Reason::ALL.len());
    for reason in reasons {
        let mut keys: Vec<&str> = reason.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, KEYS);
    }
    let told = run(["explain", "--list"]).has_code(0).out;
    assert!(crossing::Reason::ALL.iter().all(|reason| told.contains(reason.code())), "{told}");
}

#[test]
fn a_pasted_message_is_explained_with_the_way_to_see_it() {
    let pasted = "Access to XMLHttpRequest at 'https://api.test/x' from origin 'https://app.test' has been blocked by CORS \
                  policy: Response to preflight request doesn't pass access control check: It does not have HTTP ok status.";
    let told = run(["explain", pasted]).has_code(0).out;
    for part in
        ["preflight-status", "Answer OPTIONS", "crossing check 'https://api.test/x' --from https://app.test"]
    {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
    let document = run(["explain", "--json", pasted]).has_code(0).json();
    assert_eq!(document["reasons"][0]["chromium"], "PreflightInvalidStatus");
}

#[test]
fn a_message_that_stands_for_several_reasons_names_them_all() {
    let document =
        run(["explain", "--json", "Origin https://a.test is not allowed by Access-Control-Allow-Origin"]);
    let document = document.has_code(0).json();
    let codes: Vec<&str> = document["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["acao-missing", "acao-mismatch", "acao-invalid"]);
}

/// As people paste them, with what stands around.
#[test]
fn lines_of_real_consoles_are_found() {
    for (pasted, code) in [
        (
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at http://a.test/. (Reason: CORS header \u{2018}Origin\u{2019} cannot be added).",
            "origin-not-added",
        ),
        ("CORSOriginHeaderNotAdded", "origin-not-added"),
        (
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at http://a.test/. This can be fixed by moving the resource to the same domain or enabling CORS.",
            "acao-missing",
        ),
        ("Cross origin requests are only supported for HTTP.", "scheme"),
        (
            "[blocked] The page at https://a.test/ was not allowed to run insecure content from http://b.test/x.js.",
            "mixed-content",
        ),
        (
            "[blocked] The page at https://a.test/ was not allowed to display insecure content from http://b.test/.",
            "mixed-content",
        ),
        ("GET http://b.test/ads.js net::ERR_BLOCKED_BY_CLIENT", "blocked-by-client"),
        ("GET http://b.test/ net::ERR_FAILED 200 (OK)", "acao-missing"),
    ] {
        let document = run(["explain", "--json", pasted]).has_code(0).json();
        let reasons = document["reasons"].as_array().unwrap();
        assert!(reasons.iter().any(|reason| reason["code"] == code), "{pasted}: {reasons:?}");
    }
    // The line with the cause goes before the one without.
    let both = "has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.\n\
                GET http://b.test/ net::ERR_FAILED 200 (OK)";
    let document = run(["explain", "--json", both]).has_code(0).json();
    assert_eq!(document["reasons"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_not_recognised_ends_with_2_and_says_how_to_go_on() {
    for (text, says) in [
        ("acao-misssing", "Did you mean acao-missing?"),
        ("TypeError: Failed to fetch", "crossing check URL --from ORIGIN"),
        ("\u{1b}[31m nonsense", "\\u{1b}[31m nonsense"),
        ("", "no code"),
    ] {
        let run = run(["explain", text]).has_code(2);
        assert!(run.out.is_empty() && run.err.contains(says), "{text}: {}", run.err);
    }
    run(["explain"]).has_code(2);
    run(["explain", &"x'".repeat(60_000)]).has_code(2);
}
