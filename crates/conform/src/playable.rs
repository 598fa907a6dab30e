//! What a browser can play.

use crossing::browser::CredentialsMode;
use crossing_conformance::{NetworkFailure, RequestBody, Scenario, Servers};

use crate::browser::Engine;

/// The longest time that is waited for a cache to forget, in seconds.
const PATIENCE: u64 = 8;

/// Why a browser cannot play it.
pub(crate) fn cannot(engine: Engine, scenario: &Scenario) -> Option<&'static str> {
    let steps = scenario.steps();
    let servers = steps.iter().filter_map(|step| step.server.as_ref()).chain([&scenario.server]);
    let failures: Vec<NetworkFailure> =
        servers.flat_map(|servers| &servers.0).filter_map(|it| it.fails).collect();
    let settings = &scenario.settings;
    if failures.iter().any(|failure| matches!(failure, NetworkFailure::Timeout)) {
        Some("how long a browser waits is its own affair")
    } else if page_is_upgraded(scenario) {
        Some("the page itself would be asked for over https")
    } else if scenario.person.is_some() {
        Some("nobody types a password into a browser without a window")
    } else if asks_for_a_password(scenario) {
        Some("a browser asks somebody for the password")
    } else if !scenario.auth.is_empty() {
        Some("a browser learns passwords from a person only")
    } else if steps.iter().any(|step| matches!(step.request.body, Some(RequestBody::Stream { .. }))) {
        Some("no engine streams a request's body over HTTP/1.1")
    } else if settings.permit_mixed_content || settings.no_referrers {
        Some("a setting that the browser does not have")
    } else if settings.accept_language.is_some() || settings.user_agent.is_some() {
        Some("the browser has a language and a name of its own")
    } else if steps.iter().any(|step| step.after > PATIENCE) {
        Some("nobody waits so long")
    } else if engine == Engine::WebKit && !settings.hsts.is_empty() {
        Some("a host whose certificate is only tolerated cannot ask for https")
    } else {
        None
    }
}

/// Whether a server challenges a request that takes credentials along.
fn asks_for_a_password(scenario: &Scenario) -> bool {
    let challenges = |servers: &Servers| {
        let mut lines = servers.0.iter().filter(|it| it.status == Some(401)).flat_map(|it| &it.headers);
        lines.any(|(name, _)| name.0.eq_ignore_ascii_case("www-authenticate"))
    };
    scenario.steps().iter().any(|step| {
        let page = &step.page.as_ref().unwrap_or(&scenario.page).url;
        let at_home = step.request.url.starts_with('/') || step.request.url.starts_with(page.as_str());
        let takes_along = match step.request.credentials {
            CredentialsMode::Omit => false,
            CredentialsMode::SameOrigin => at_home,
            CredentialsMode::Include => true,
        };
        takes_along && challenges(step.server.as_ref().unwrap_or(&scenario.server))
    })
}

/// Whether a page is of a host that wants https, and is not.
fn page_is_upgraded(scenario: &Scenario) -> bool {
    let Some(host) = scenario.page.url.strip_prefix("http://") else { return false };
    scenario.settings.hsts.iter().any(|known| known.trim_start_matches("*.") == host)
        && scenario.steps().iter().any(|step| step.request.url.contains(host))
}
