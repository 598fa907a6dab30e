//! Caddy

use std::path::Path;
use std::process::Command;

use crate::proof;
use crate::server::{Kind, Setting, program};

const CADDY: Kind = Kind {
    target: "caddy",
    file: "Caddyfile",
    whole,
    check: |file| command("validate", file),
    run: |file| command("run", file),
};

fn command(what: &str, file: &Path) -> Command {
    let folder = file.parent().unwrap();
    let mut command = program("caddy");
    command.args([what, "--adapter", "caddyfile", "--config"]).arg(file);
    for home in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        command.env(home, folder);
    }
    command
}

fn whole(setting: &Setting<'_>) -> String {
    let config = setting
        .exported
        .replace(
            ":8080 {",
            &format!(
                "http://127.0.0.1:{}, http://api.test:{} {{\n\tbind 127.0.0.1",
                setting.port, setting.port
            ),
        )
        .replace("127.0.0.1:3000", &format!("127.0.0.1:{}", setting.upstream));
    format!("{{\n\tadmin off\n\tauto_https off\n}}\n\n{config}")
}

#[test]
fn caddy_shares_with_a_browser_what_the_policy_shares() {
    proof::shares_the_same(&CADDY);
}

#[test]
fn caddy_shares_errors_too() {
    proof::shares_errors(&CADDY);
}
