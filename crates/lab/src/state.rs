//! The state of the page: a page, what its script requests, and the servers. The page sends it, and a share link holds it.

use crossing::browser::Profile;
use serde::{Deserialize, Serialize};

/// Everything that a simulation depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    pub(super) page: Page,
    #[serde(default)]
    pub(super) profile: ProfileName,
    #[serde(rename = "asks")]
    pub(super) requests: Vec<ScriptRequest>,
    pub(super) servers: Vec<Server>,
}

/// The name of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct ProfileName(pub(super) String);

impl Default for ProfileName {
    fn default() -> ProfileName {
        ProfileName(Profile::default().name.to_owned())
    }
}

/// The page, and its user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    pub(super) origin: String,
    #[serde(default)]
    pub(super) referrer_policy: Option<String>,
    /// A setting of the user: the browser never sends `Referer`.
    #[serde(default)]
    pub(super) never_referrer: bool,
    /// A setting of the user: an https page may request http URLs.
    #[serde(default)]
    pub(super) mixed_content: bool,
    /// The browser has a cookie of the first server, and a user name and a password for it.
    #[serde(default)]
    pub(super) signed_in: bool,
}

/// The interface that a script makes a request with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RequestApi {
    #[default]
    Fetch,
    Xhr,
}

/// A request of the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptRequest {
    #[serde(default)]
    pub(super) via: RequestApi,
    /// The pause before the request, in seconds.
    #[serde(default)]
    pub(super) after: u64,
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) headers: Vec<(String, String)>,
    #[serde(default)]
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) mode: Option<String>,
    #[serde(default)]
    pub(super) credentials: Option<String>,
    #[serde(default)]
    pub(super) redirect: Option<String>,
    /// An `XMLHttpRequest` with a listener for its upload.
    #[serde(default)]
    pub(super) upload_listener: bool,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Server {
    pub(super) origin: String,
    #[serde(rename = "answers")]
    pub(super) behavior: ServerBehavior,
}

/// How a server responds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum ServerBehavior {
    /// As the application, without CORS.
    Bare,
    /// As a policy decides.
    Policy { toml: String },
    /// With fixed responses: to a preflight, and to any other request.
    Raw { preflight: String, request: String },
}
