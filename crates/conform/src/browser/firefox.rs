//! How Firefox is started.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::certificate::Authority;
use crate::rig_error::RigError;

/// Settings that keep it to the scripted origins, and to what a page does by itself.
const PREFERENCES: &[(&str, &str)] = &[
    ("app.normandy.enabled", "false"),
    ("app.update.enabled", "false"),
    ("browser.aboutwelcome.enabled", "false"),
    ("browser.safebrowsing.malware.enabled", "false"),
    ("browser.safebrowsing.phishing.enabled", "false"),
    ("browser.sessionstore.resume_from_crash", "false"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("browser.startup.homepage_override.mstone", "\"ignore\""),
    ("browser.startup.page", "0"),
    ("browser.tabs.warnOnClose", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("datareporting.healthreport.uploadEnabled", "false"),
    ("dom.disable_open_during_load", "false"), // the first page opens the other tabs
    ("dom.min_background_timeout_value", "4"),
    ("dom.popup_maximum", "-1"),
    ("dom.security.https_first", "false"),
    ("dom.security.https_first_schemeless", "false"),
    ("extensions.systemAddon.update.enabled", "false"),
    ("extensions.update.enabled", "false"),
    ("intl.accept_languages", "\"en-US, en\""),
    ("media.gmp-manager.updateEnabled", "false"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    // Cookies of other sites are in one jar, as the standard has it: partitioning is a policy of its own.
    ("network.cookie.cookieBehavior", "0"),
    ("network.http.http3.enable", "false"),
    ("network.http.speculative-parallel-limit", "0"),
    ("network.http.max-persistent-connections-per-proxy", "64"),
    ("network.predictor.enabled", "false"),
    ("network.dns.disablePrefetch", "true"),
    ("network.prefetch-next", "false"),
    ("network.proxy.type", "1"),
    ("network.proxy.allow_hijacking_localhost", "true"),
    ("network.proxy.no_proxies_on", "\"\""),
    ("network.trr.mode", "5"),
    ("privacy.partition.network_state", "true"),
    ("security.warn_submit_secure_to_insecure", "false"),
    ("services.settings.server", "\"data:,\""),
    ("toolkit.telemetry.enabled", "false"),
    ("toolkit.telemetry.server", "\"\""),
    ("trailhead.firstrun.didSeeAboutWelcome", "true"),
];

pub(super) fn command(
    program: &Path,
    scratch: &Path,
    address: SocketAddr,
    authority: &Authority,
    url: &str,
) -> Result<Command, RigError> {
    let profile = scratch.join("profile");
    fs::create_dir_all(&profile).map_err(RigError::Start)?;
    let mut preferences = String::new();
    for (name, value) in PREFERENCES {
        preferences.push_str(&format!("user_pref(\"{name}\", {value});\n"));
    }
    for scheme in ["http", "ssl"] {
        preferences.push_str(&format!("user_pref(\"network.proxy.{scheme}\", \"{}\");\n", address.ip()));
        preferences.push_str(&format!("user_pref(\"network.proxy.{scheme}_port\", {});\n", address.port()));
    }
    fs::write(profile.join("user.js"), preferences).map_err(RigError::Start)?;
    trust(&profile, authority)?;
    let mut command = Command::new(program);
    command.args(["--headless", "--no-remote", "--new-instance", "--profile"]).arg(&profile).arg(url);
    command.env("MOZ_CRASHREPORTER_DISABLE", "1").env("MOZ_DISABLE_AUTO_SAFE_MODE", "1");
    Ok(command)
}

/// Puts our authority among the profile's own.
fn trust(profile: &Path, authority: &Authority) -> Result<(), RigError> {
    let pem = profile.join("authority.pem");
    fs::write(&pem, authority.pem()).map_err(RigError::Start)?;
    let database = format!("sql:{}", profile.display());
    let certutil = |arguments: &[&str]| {
        let output = Command::new("certutil").args(arguments).stdin(Stdio::null()).output();
        match output {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(RigError::Start(std::io::Error::other(format!(
                "certutil: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(RigError::Missing { program: "certutil".to_owned(), package: "libnss3-tools" })
            }
            Err(error) => Err(RigError::Start(error)),
        }
    };
    certutil(&["-N", "-d", &database, "--empty-password"])?;
    let pem = pem.display().to_string();
    certutil(&["-A", "-d", &database, "-n", "crossing conform", "-t", "C,,", "-i", &pem])
}
