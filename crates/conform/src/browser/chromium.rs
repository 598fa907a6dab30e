//! How Chromium is started.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::certificate::Authority;
use crate::rig_error::RigError;

/// Settings that keep it to the scripted origins, and to what a page does by itself.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox", // it refuses to start as root with one; only pages of our own are opened
    "--disable-gpu",
    "--disable-popup-blocking", // the first page opens the other tabs
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-client-side-phishing-detection",
    "--disable-domain-reliability",
    "--disable-quic",
    "--metrics-recording-only",
    "--password-store=basic",
    "--lang=en-US",
    // An http page stays one; a page's address is on loopback, behind a proxy, and asks nobody's permission.
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable,OptimizationHints,Translate,MediaRouter,LocalNetworkAccessChecks",
    "--proxy-bypass-list=<-loopback>",
];

/// Cookies of other sites are allowed, as the standard has it; some builds block them by default.
const PREFERENCES: &str = r#"{"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": false, "default_content_setting_values": {"cookies": 1}}}"#;

pub(super) fn command(
    program: &Path,
    scratch: &Path,
    address: SocketAddr,
    authority: &Authority,
    url: &str,
) -> Result<Command, RigError> {
    let profile = scratch.join("profile");
    fs::create_dir_all(profile.join("Default")).map_err(RigError::Start)?;
    fs::write(profile.join("Default/Preferences"), PREFERENCES).map_err(RigError::Start)?;
    let mut command = Command::new(program);
    command
        .args(FLAGS)
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--proxy-server=http://{address}"))
        .arg(format!("--ignore-certificate-errors-spki-list={}", authority.pin()))
        .arg(url);
    Ok(command)
}
