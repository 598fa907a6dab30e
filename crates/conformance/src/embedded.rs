//! The scenarios of this version, inside the crate.

use crate::load::Source;

macro_rules! sources {
    ($folder:literal: $($name:literal)+) => {
        &[$(($name, include_str!(concat!("../scenarios/", $folder, "/", $name)))),+]
    };
}

/// The files of `scenarios/browser/`, by name.
const BROWSER: &[(&str, &str)] = sources! { "browser":
    "both-halves.toml"
    "content-security-policy.toml"
    "cors-check.toml"
    "cors-preflight-cache.toml"
    "cors-preflight-fetch.toml"
    "cors-safelisted-request-header.toml"
    "cors-safelisted-response-header-name.toml"
    "cross-origin-resource-policy.toml"
    "fetch-metadata.toml"
    "forbidden-request-header.toml"
    "hsts.toml"
    "http-cache.toml"
    "http-fetch.toml"
    "http-network-or-cache-fetch.toml"
    "http-redirect-fetch.toml"
    "main-fetch.toml"
    "methods.toml"
    "mixed-content.toml"
    "opaque-origins.toml"
    "origin-header.toml"
    "port-blocking.toml"
    "redirect-taint.toml"
    "referrer-policy.toml"
    "tao-check.toml"
};

/// The files of `scenarios/server/`, by name.
const SERVER: &[(&str, &str)] = sources! { "server":
    "enforcement.toml"
    "origins.toml"
    "preflights.toml"
    "responses.toml"
};

pub(crate) fn browser() -> impl Iterator<Item = Source> {
    BROWSER.iter().map(|&(name, text)| Source::new(name, text))
}

pub(crate) fn server() -> impl Iterator<Item = Source> {
    SERVER.iter().map(|&(name, text)| Source::new(name, text))
}

pub(crate) fn divergences() -> Source {
    Source::new("divergences.toml", include_str!("../scenarios/divergences.toml"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::path::Path;

    use super::*;
    use crate::load::files;

    /// A file that is missing from the list would not be played.
    #[test]
    fn every_scenario_file_is_inside() {
        let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        for (folder, inside) in [("browser", BROWSER), ("server", SERVER)] {
            let there: Vec<String> = files(&scenarios.join(folder))
                .unwrap()
                .iter()
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect();
            assert_eq!(there, inside.iter().map(|(name, _)| *name).collect::<Vec<_>>(), "scenarios/{folder}");
        }
    }
}
