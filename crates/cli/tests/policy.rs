//! `crossing lint` and `crossing diff`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::path::PathBuf;

use serde_json::json;
use support::run;

/// Files for one test, gone when it ends.
struct Files(PathBuf);

impl Files {
    fn new(test: &str) -> Files {
        let directory = std::env::temp_dir().join(format!("crossing-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        Files(directory)
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const GOOD: &str = "[[grant]]\nallow_origins = [\"https://a.example\"]\n";

#[test]
fn lint_tells_each_fault_with_its_place_and_its_mend() {
    let files = Files::new("lint");
    let path = files.file("p.toml", "[[grant]]\nallow_origins = [\"https://a.example/\"]\nmax_age = 7200\n");
    let document = run(["lint", "--json", &path]).has_code(1).json();
    assert_eq!(
        document,
        json!({ "errors": [
            { "code": "origin-trailing-slash", "severity": "error", "path": path, "line": 2, "column": 18,
              "message": "'https://a.example/': An origin has no trailing slash; no browser would ever match this.",
              "suggestion": "https://a.example" },
            { "code": "max-age-capped", "severity": "warning", "path": path, "line": 3, "column": 11,
              "message": "'7200': Some browsers keep a preflight for less time: Safari 600 seconds, Chromium 7200.",
              "suggestion": "600" },
        ] })
    );
    let told = run(["lint", &path]).has_code(1).out;
    for part in [
        "error[origin-trailing-slash]",
        "p.toml:2:18",
        "^^^^",
        "try: https://a.example",
        "1 error, 1 warning",
    ] {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
}

#[test]
fn lint_ends_with_0_for_warnings_and_with_2_for_what_it_cannot_read() {
    let files = Files::new("lint-exit");
    let (good, warned) =
        (files.file("good.toml", GOOD), files.file("warned.toml", format!("{GOOD}max_age = 700\n")));
    let bytes = files.file("bytes.toml", [0xff, 0xfe, 0]);
    assert!(run(["lint", &good]).has_code(0).out.contains("nothing to mend"));
    run(["lint", &good, &warned]).has_code(0);
    let missing = run(["lint", &good, "/no/such/file"]).has_code(2);
    assert!(missing.out.contains("good.toml") && missing.err.contains("/no/such/file"), "{}", missing.err);
    assert!(run(["lint", &bytes]).has_code(2).err.contains("bytes.toml"));
    assert!(run(["lint", files.0.to_str().unwrap()]).has_code(2).err.contains("directory"));
    run(["lint"]).has_code(2);
}

#[test]
fn lint_survives_whatever_a_file_holds() {
    let files = Files::new("lint-odd");
    let long = format!("[[grant]]\nallow_origins = [\"{}\"]\n", "x".repeat(300_000));
    let deep = format!("a = {}1{}\n", "[".repeat(20_000), "]".repeat(20_000));
    for (name, text) in [
        ("empty", String::new()),
        ("long", long),
        ("deep", deep),
        ("escape", "[[grant]]\nallow_origins = [\"\\u001b[31m\"]\n".to_owned()),
        ("end", "[[grant".to_owned()),
        ("wide", "[[grant]]\nallow_origins = [\"https://\u{1f600}\u{200d}.example\"]\r\n".to_owned()),
    ] {
        let path = files.file(name, text);
        let told = run(["lint", &path]).has_code(1).out;
        assert!(told.contains("error[") && !told.contains('\u{1b}'), "{name}:\n{told}");
        assert!(told.lines().all(|line| line.chars().count() < 500), "{name}");
    }
}

#[test]
fn diff_ends_with_1_when_access_widens() {
    let files = Files::new("diff");
    let old = files.file("old.toml", GOOD);
    let new = files.file("new.toml", format!("{GOOD}allow_methods = [\"PUT\"]\n"));
    let put = json!({ "what": "methods", "names": ["PUT"], "example": "https://a.example",
                      "origins": ["https://a.example"], "old_grant": 0, "new_grant": 0 });
    let document = run(["diff", "--json", &old, &new]).has_code(1).json();
    assert_eq!(document, json!({ "widened": [put], "narrowed": [] }));
    let document = run(["diff", "--json", &new, &old]).has_code(0).json();
    assert_eq!(document, json!({ "widened": [], "narrowed": [put] }));
    let told = run(["diff", &old, &new]).has_code(1).out;
    assert!(told.contains("+ methods PUT for https://a.example (grant[0])"), "{told}");
    assert!(run(["diff", &new, &new]).has_code(0).out.contains("both grant the same"));
}

#[test]
fn diff_needs_two_policies() {
    let files = Files::new("diff-bad");
    let (good, bad) = (files.file("good.toml", GOOD), files.file("bad.toml", "[[grant]]\n"));
    let refused = run(["diff", &good, &bad]).has_code(2);
    assert!(refused.err.contains("error[origins-missing]") && refused.out.is_empty(), "{}", refused.err);
    assert!(run(["diff", &good, "/no/such/file"]).has_code(2).err.contains("/no/such/file"));
    run(["diff", &good]).has_code(2);
}

const GATEWAY: &str = "\
listen = \"127.0.0.1:8443\"
[[tls.certificate]]
chain = \"/nowhere/chain.pem\"
key   = \"/nowhere/key.pem\"
[[route]]
path     = \"/api/\"
upstream = \"http://127.0.0.1:3000\"
[[route.grant]]
allow_origins = [\"https://a.example\"]
";

#[test]
fn lint_reads_a_gateways_file_without_what_it_names() {
    let files = Files::new("lint-gateway");
    run(["lint", &files.file("good.toml", GATEWAY)]).has_code(0);
    let wrong = files.file("wrong.toml", GATEWAY.replace("a.example", "a.example/"));
    let document = run(["lint", "--json", &wrong]).has_code(1).json();
    assert_eq!(document["errors"][0]["code"], "origin-trailing-slash");
    assert_eq!(document["errors"][0]["line"], 9);
}

#[test]
fn diff_compares_what_becomes_of_each_request_of_a_gateway() {
    let files = Files::new("diff-gateway");
    let old = files.file("old.toml", GATEWAY);
    let route = |keys: &str, grants: &str| {
        format!("[[route]]\n{keys}\nupstream = \"http://127.0.0.1:3000\"\n{grants}")
    };
    let same = "[[route.grant]]\nallow_origins = [\"https://a.example\"]\n";
    let wider = "[[route.grant]]\nallow_origins = [\"https://*.b.example\"]\n";
    for (what, new, widened, narrowed) in [
        (
            "the same in a route of its own",
            GATEWAY.to_owned() + &route("path = \"/api/v1/\"", same),
            vec![],
            vec![],
        ),
        (
            "wider in a part",
            GATEWAY.to_owned() + &route("path = \"/api/v1/\"", wider),
            vec![("/api/v1/", "access")],
            vec![("/api/v1/", "access")],
        ),
        (
            "a host that was not served",
            GATEWAY.replace("path     = \"/api/\"", "host = \"api.test\"") + &route("path = \"/api/\"", same),
            vec![("api.test/", "access")],
            vec![],
        ),
        (
            "no policy",
            GATEWAY.replace("[[route.grant]]\nallow_origins = [\"https://a.example\"]\n", ""),
            vec![("/api/", "existing")],
            vec![("/api/", "access")],
        ),
        (
            "no route",
            GATEWAY.replace("/api/", "/else/"),
            vec![("/else/", "access")],
            vec![("/api/", "access")],
        ),
        (
            "preflights by the application",
            GATEWAY.replace("[[route.grant]]", "forward_preflights = true\n[[route.grant]]"),
            vec![("/api/", "existing")],
            vec![],
        ),
    ] {
        let new = files.file("new.toml", &new);
        let diff = run(["diff", "--json", &old, &new]).has_code(i32::from(!widened.is_empty())).json();
        let found = |key: &str| -> Vec<(String, String)> {
            let text = |change: &serde_json::Value, key: &str| change[key].as_str().unwrap().to_owned();
            let changes = diff[key].as_array().unwrap().iter();
            changes.map(|change| (text(change, "route"), text(change, "what"))).collect()
        };
        let owned = |all: Vec<(&str, &str)>| -> Vec<(String, String)> {
            all.into_iter().map(|(route, what)| (route.to_owned(), what.to_owned())).collect()
        };
        assert_eq!(
            (found("widened"), found("narrowed")),
            (owned(widened), owned(narrowed)),
            "{what}: {diff}"
        );
        run(["diff", &old, &new]);
    }
    let told =
        run(["diff", &old, &files.file("new.toml", GATEWAY.replace("a.example", "b.example"))]).has_code(1);
    assert!(
        told.out.starts_with("/api/\n+ access for https://b.example (grant[0], was none)\n"),
        "{}",
        told.out
    );
    let policy = files.file("policy.toml", GOOD);
    assert!(run(["diff", &old, &policy]).has_code(2).err.contains("not comparable"));
    assert!(run(["export", &old, "--to", "nginx"]).has_code(2).err.contains("a policy for each route"));
}
