//! nginx

use crate::proof;
use crate::server::{Kind, Setting, program};

const NGINX: Kind = Kind {
    target: "nginx",
    file: "nginx.conf",
    whole,
    check: |file| {
        let mut command = program("nginx");
        command.args(["-q", "-t", "-e", "stderr", "-p"]).arg(file.parent().unwrap()).arg("-c").arg(file);
        command
    },
    run: |file| {
        let mut command = program("nginx");
        command.args(["-e", "stderr", "-p"]).arg(file.parent().unwrap()).arg("-c").arg(file);
        command
    },
};

fn whole(setting: &Setting<'_>) -> String {
    let folder = setting.folder.display();
    let config = setting
        .exported
        .replace("listen 8080;", &format!("listen 127.0.0.1:{};", setting.port))
        .replace("http://127.0.0.1:3000", &format!("http://127.0.0.1:{}", setting.upstream));
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {folder}/{kind};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\n{config}\n}}\n"
    )
}

#[test]
fn nginx_shares_with_a_browser_what_the_policy_shares() {
    proof::shares_the_same(&NGINX);
}

#[test]
fn nginx_shares_errors_too() {
    proof::shares_errors(&NGINX);
}
