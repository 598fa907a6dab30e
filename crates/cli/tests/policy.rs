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
