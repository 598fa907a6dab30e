//! Apache httpd

use std::path::Path;
use std::process::Command;

use crossing::Value;

use crate::application::Application;
use crate::server::{Kind, Server, Setting, program};
use crate::support::process::Directory;
use crate::{Export, proof};

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

#[test]
fn apache_takes_no_header_of_a_request_for_its_own_variable() {
    let (files, application) = (Directory::new(), Application::start());
    let policy = "[[grant]]\nallow_origins = [\"https://a.test\"]\nallow_credentials = true\n";
    let export = Export::of(policy, APACHE.target, &files);
    let server = Server::start(&APACHE, &export.config, application.port, &files);
    for (origin, shared) in [("https://a.test", 1), ("https://evil.test", 0)] {
        for preflight in [false, true] {
            let method = if preflight { "OPTIONS" } else { "GET" };
            let mut request = proof::request(method, "/x", Some(origin), preflight);
            for variable in ["CORS_ALLOW_0", "CORS_GRANT", "CORS_PREFLIGHT"] {
                request.headers.append(variable.parse().unwrap(), Value::new("0").unwrap());
            }
            let got = server.ask(&request);
            assert_eq!(proof::lines(&got, "access-control-allow-origin").len(), shared, "{origin}: {got:?}");
        }
    }
}
