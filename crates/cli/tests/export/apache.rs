//! Apache httpd

use std::path::Path;
use std::process::Command;

use crate::proof;
use crate::server::{Kind, Setting, program};

const APACHE: Kind = Kind {
    target: "apache",
    file: "httpd.conf",
    whole,
    check: |file| command("-t", file),
    run: |file| command("-X", file),
};

fn command(what: &str, file: &Path) -> Command {
    let mut command = program(if Path::new("/usr/sbin/apache2").exists() { "apache2" } else { "httpd" });
    command.args([what, "-f"]).arg(file);
    command
}

/// What Debian and others keep in modules; elsewhere they are built in.
const MODULES: [&str; 7] =
    ["mpm_event", "authz_core", "setenvif", "headers", "rewrite", "proxy", "proxy_http"];

fn whole(setting: &Setting<'_>) -> String {
    let (folder, port) = (setting.folder.display(), setting.port);
    let config =
        setting.exported.replace("http://127.0.0.1:3000", &format!("http://127.0.0.1:{}", setting.upstream));
    let places = ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules"];
    let place = places.into_iter().find(|place| Path::new(place).is_dir()).expect("Apache's modules");
    let modules = MODULES.map(|name| format!("LoadModule {name}_module {place}/mod_{name}.so\n")).concat();
    format!(
        "{modules}ServerRoot {folder}\nServerName api.test\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\n\
         DefaultRuntimeDir {folder}\nMutex file:{folder} default\nErrorLog {folder}/error.log\nScoreBoardFile {folder}/board\n\
         DocumentRoot {folder}\n<VirtualHost *:{port}>\n{config}\n</VirtualHost>\n"
    )
}

#[test]
fn apache_shares_with_a_browser_what_the_policy_shares() {
    proof::shares_the_same(&APACHE);
}

#[test]
fn apache_shares_errors_too() {
    proof::shares_errors(&APACHE);
}
