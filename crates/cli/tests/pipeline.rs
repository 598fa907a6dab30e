//! The hook and the CI job of docs/pipeline.md, really run, in a repository of their own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::process::Directory;

const GOOD: &str = "[[grant]]\nallow_origins = [\"https://app.example.com\"]\n";
const WIDER: &str = "[[grant]]\nallow_origins = [\"https://*.example.com\"]\n";
const WRONG: &str = "[[grant]]\nallow_origins = [\"https://app.example.com/\"]\n";

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples")
}

/// A repository in a directory of its own, with the command in the path.
struct Repository(Directory);

impl Repository {
    fn new() -> Repository {
        let repository = Repository(Directory::new());
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    fn command(&self, program: &str) -> Command {
        let crossing = Path::new(env!("CARGO_BIN_EXE_crossing")).parent().unwrap();
        let path = format!("{}:{}", crossing.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(program);
        command.current_dir(self.0.path()).env("PATH", path).env("HOME", self.0.path());
        for variable in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "ALLOW_WIDENING", "POLICIES"] {
            command.env_remove(variable);
        }
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.com");
        }
        command
    }

    fn git(&self, args: &[&str]) {
        let output = self.command("git").args(args).output().expect("git starts");
        assert!(output.status.success(), "{args:?}: {}", told(&output));
    }

    /// Writes the file, and commits it.
    fn commit(&self, name: &str, text: &str, variables: &[(&str, &str)]) -> Output {
        std::fs::create_dir_all(self.0.path().join(name).parent().unwrap()).unwrap();
        self.0.write(name, text);
        self.git(&["add", "--all"]);
        self.command("git").args(["commit", "-m", "x"]).envs(variables.iter().copied()).output().unwrap()
    }
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_hook_refuses_errors_and_unapproved_widening() {
    let repository = Repository::new();
    let hook = repository.0.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::copy(examples().join("review-policies.sh"), hook).unwrap();
    let name = "deploy/cors policy.toml"; // a blank, too
    for (text, variables, passes, says) in [
        (WRONG, &[][..], false, "origin-trailing-slash"),
        (GOOD, &[], true, ""),
        (WIDER, &[], false, "This lets somebody in"),
        (WIDER, &[("ALLOW_WIDENING", "1")], true, "1 widened"),
        (GOOD, &[], true, "1 narrowed"),
        (WRONG, &[("ALLOW_WIDENING", "1")], false, "origin-trailing-slash"),
    ] {
        let output = repository.commit(name, text, variables);
        let told = told(&output);
        assert_eq!(output.status.success(), passes, "{text}\n{told}");
        assert!(told.contains(says), "{says} is not in:\n{told}");
    }
    // What is committed is looked at, not what lies in the directory.
    repository.commit(name, GOOD, &[]);
    repository.0.write("staged-policy.toml", GOOD);
    repository.git(&["add", "staged-policy.toml"]);
    repository.0.write("staged-policy.toml", WRONG);
    let output = repository.command("git").args(["commit", "-m", "x"]).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    // Other files are none of its business.
    repository.0.write("staged-policy.toml", GOOD);
    for other in ["Cargo.toml", "policy-engine/Cargo.toml"] {
        assert!(repository.commit(other, "[package]\n", &[]).status.success(), "{other}");
    }
}

#[test]
fn the_jobs_compare_with_where_the_branch_began() {
    let repository = Repository::new();
    std::fs::copy(examples().join("review-policies.sh"), repository.0.path().join("review-policies.sh"))
        .unwrap();
    assert!(repository.commit("policy.toml", GOOD, &[]).status.success());
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    assert!(repository.commit("policy.toml", WIDER, &[]).status.success());
    // The base goes on, and that is nothing of the branch's.
    repository.git(&["checkout", "--quiet", "main"]);
    assert!(repository.commit("other-policy.toml", WIDER, &[]).status.success());
    repository.git(&["checkout", "--quiet", "feature"]);
    for example in ["github-actions.yml", "gitlab-ci.yml"] {
        let text = std::fs::read_to_string(examples().join(example)).unwrap();
        let line = text.lines().find(|line| line.contains("review-policies.sh")).unwrap();
        let step = line.trim().trim_start_matches("run: ").trim_start_matches("- ");
        let job = |approved: &str| {
            let mut job = repository.command("sh");
            job.args(["-c", step]).env("BASE", "main").env("ALLOW_WIDENING", approved);
            job.output().unwrap()
        };
        let output = job("0");
        assert_eq!(output.status.code(), Some(1), "{example}: {}", told(&output));
        assert!(told(&output).contains("1 widened") && !told(&output).contains("other-policy"), "{step}");
        let output = job("1");
        assert_eq!(output.status.code(), Some(0), "{example}: {}", told(&output));
    }
}

#[test]
fn the_hooks_of_pre_commit_name_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let hooks = std::fs::read_to_string(root.join(".pre-commit-hooks.yaml")).unwrap();
    let page = std::fs::read_to_string(root.join("docs/pipeline.md")).unwrap();
    let after =
        |key: &str| hooks.lines().filter_map(move |line| line.trim().strip_prefix(key)).collect::<Vec<_>>();
    for id in after("- id: ") {
        assert!(page.contains(&format!("- id: {id}")), "{id}");
    }
    for entry in after("entry: ") {
        match entry.strip_prefix("crossing ") {
            Some(command) => {
                support::run([command, "--help"]).has_code(0);
            }
            None => assert!(root.join(entry).is_file(), "{entry}"),
        }
    }
    for pattern in after("files: ") {
        for (path, fits) in [
            ("policy.toml", true),
            ("deploy/cors policy.toml", true),
            ("policy-engine/Cargo.toml", false),
            ("policy.toml.bak", false),
        ] {
            let grep = std::process::Command::new("sh")
                .args(["-c", "printf '%s\\n' \"$1\" | grep -qE \"$2\"", "sh", path, pattern])
                .status()
                .unwrap();
            assert_eq!(grep.success(), fits, "{pattern} and {path}");
        }
    }
}
