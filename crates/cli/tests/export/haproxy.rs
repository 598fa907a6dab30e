//! HAProxy

use crate::proof;
use crate::server::{Kind, Setting, program};

const HAPROXY: Kind = Kind {
    target: "haproxy",
    file: "haproxy.cfg",
    whole,
    check: |file| {
        let mut command = program("haproxy");
        command.args(["-c", "-f"]).arg(file);
        command
    },
    run: |file| {
        let mut command = program("haproxy");
        command.args(["-db", "-f"]).arg(file);
        command
    },
};

fn whole(setting: &Setting<'_>) -> String {
    let config = setting
        .exported
        .replace("bind :8080", &format!("bind 127.0.0.1:{}", setting.port))
        .replace("127.0.0.1:3000", &format!("127.0.0.1:{}", setting.upstream));
    format!(
        "global\n    nbthread 1\ndefaults\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n\n{config}"
    )
}

#[test]
fn haproxy_shares_with_a_browser_what_the_policy_shares() {
    proof::shares_the_same(&HAPROXY);
}

#[test]
fn haproxy_shares_errors_too() {
    proof::shares_errors(&HAPROXY);
}
