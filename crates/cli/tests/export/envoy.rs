//! Envoy

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::proof;
use crate::server::{Kind, Setting};

const ENVOY: Kind = Kind {
    target: "envoy",
    file: "envoy.yaml",
    whole,
    check: |file| command(&["--mode", "validate"], file),
    run: |file| command(&["--disable-hot-restart", "--concurrency", "1"], file),
};

/// The binary, which `tools/envoy` fetches once.
static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let run = Command::new(root.join("tools/envoy")).arg("1.40.0").output().expect("tools/envoy");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    PathBuf::from(String::from_utf8(run.stdout).expect("a path").trim())
});

fn command(args: &[&str], file: &Path) -> Command {
    let mut command = Command::new(&*BINARY);
    command.args(args).args(["--log-level", "warning", "--config-path"]).arg(file);
    command
}

fn whole(setting: &Setting<'_>) -> String {
    setting
        .exported
        .replace("\"0.0.0.0\"", "\"127.0.0.1\"")
        .replace("port_value: 8080", &format!("port_value: {}", setting.port))
        .replace("port_value: 3000", &format!("port_value: {}", setting.upstream))
}

#[test]
fn envoy_shares_with_a_browser_what_the_policy_shares() {
    proof::shares_the_same(&ENVOY);
}

#[test]
fn envoy_shares_errors_too() {
    proof::shares_errors(&ENVOY);
}
