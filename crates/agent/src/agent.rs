//! The agent: what outlives one fetch.

use std::sync::{Arc, Mutex};

use crossing::browser::{
    Challenge, Client, CookieContext, PreflightCache, Settings, Site, UserPassword, basic_authorization,
};
use url::Url;

use crate::auth_entries::AuthEntries;
use crate::clock::Clock;
use crate::cookies::CookieJar;
use crate::http_cache::HttpCache;
use crate::limits::Limits;
use crate::options::{Recording, StreamedUploads};
use crate::sync::lock;
use crate::transport::Transport;

/// A browser without a window: the cookies, caches and connections that its pages share. Clones share them, too.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use axum::{Router, routing::get};
/// use crossing::Reason;
/// use crossing::browser::Request;
/// use crossing_agent::{Agent, client};
///
/// let app = Router::new().route("/", get(|| async { "hello" }));
/// let agent = Agent::in_process().host("api.example.com", app).build()?;
/// let request = Request::builder("https://api.example.com/".parse()?).build()?;
///
/// let same_origin = agent.fetch(&client("https://api.example.com")?, request.clone(), ()).await;
/// assert_eq!(same_origin.result?.body.text().await?, "hello");
/// let cross_origin = agent.fetch(&client("https://app.example.com")?, request, ()).await;
/// assert_eq!(cross_origin.reason(), Some(Reason::AcaoMissing));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Agent(pub(crate) Arc<AgentState>);

/// The state that all fetches share.
pub(crate) struct AgentState {
    pub(crate) settings: Arc<Settings>,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) preflights: Mutex<PreflightCache>,
    pub(crate) cookies: Mutex<CookieJar>,
    pub(crate) passwords: Mutex<AuthEntries>,
    pub(crate) prompt: Option<Box<PasswordPrompt>>,
    pub(crate) http_cache: Option<Arc<Mutex<HttpCache>>>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) limits: Limits,
    pub(crate) recording: Recording,
    pub(crate) streamed_uploads: StreamedUploads,
}

/// Returns the user and the password for a challenge.
pub(crate) type PasswordPrompt = dyn Fn(&Challenge) -> Option<UserPassword> + Send + Sync;

impl Agent {
    /// The settings of the browser.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Gives access to the cookie jar, which is locked meanwhile.
    pub fn cookies<T>(&self, look: impl FnOnce(&mut CookieJar) -> T) -> T {
        look(&mut lock(&self.0.cookies))
    }

    /// Reads [`document.cookie`](https://html.spec.whatwg.org/multipage/dom.html#dom-document-cookie) for a page's script.
    /// A page that did not come over HTTP has no cookies.
    pub fn document_cookie(&self, page: &Client) -> String {
        let now = self.0.clock.now();
        let find = |context| lock(&self.0.cookies).find_for_script(&context, now);
        cookie_context(page).map(find).unwrap_or_default()
    }

    /// Sets `document.cookie`: `line` is one cookie, in the syntax of `Set-Cookie`.
    pub fn set_document_cookie(&self, page: &Client, line: &str) {
        let now = self.0.clock.now();
        if let Some(context) = cookie_context(page) {
            lock(&self.0.cookies).store_for_script(&context, line, now);
        }
    }

    /// Sends user and password to this origin whenever credentials are included: an
    /// [authentication entry](https://fetch.spec.whatwg.org/#authentication-entries) for all of its paths.
    pub fn add_password(&self, url: &Url, user: &str, password: &str) {
        let mut root = url.clone();
        root.set_path("/");
        lock(&self.0.passwords).store(&root, basic_authorization(user, password));
    }

    /// Clears the preflight cache.
    pub fn clear_preflights(&self) {
        *lock(&self.0.preflights) = PreflightCache::new();
    }
}

/// The context in which a page reads its own cookies.
fn cookie_context(page: &Client) -> Option<CookieContext> {
    let url = page.url.clone().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let own = page.top_level_origin.same_site(&page.origin);
    let site = if own { Site::Same } else { Site::Cross };
    Some(CookieContext { url, site, partition: page.partition() })
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}
