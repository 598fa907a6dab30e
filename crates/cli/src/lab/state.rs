//! What is on the page: a page, what its script asks, and the servers. The page sends it, a share link holds it.

use crossing::browser::{
    Client, CredentialsMode, MixedContent, Mode, Profile, RedirectMode, ReferrerPolicy, Referrers, Request,
};
use crossing::{Origin, Value};
use serde::{Deserialize, Serialize};
use url::Url;

use super::mistake::{Mistake, Place, Wrong};
use super::raw;
use super::stage::{Role, Stage};
use crate::check::plan;

/// How much a script may ask in one go.
const MOST_ASKS: usize = 8;
/// How many servers there may be.
pub(super) const MOST_SERVERS: usize = 4;
/// The longest pause before an ask, in seconds.
const LONGEST_PAUSE: u64 = 86_400;

/// Everything that a play depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    pub(super) page: Page,
    #[serde(default)]
    pub(super) profile: ProfileName,
    pub(super) asks: Vec<Ask>,
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

/// The page, and the person before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    pub(super) origin: String,
    #[serde(default)]
    pub(super) referrer_policy: Option<String>,
    /// A setting of the person's: no `Referer`, ever.
    #[serde(default)]
    pub(super) never_referrer: bool,
    /// Another: an https page may ask http servers.
    #[serde(default)]
    pub(super) mixed_content: bool,
    /// The browser has a cookie of the first server's, and a user and a password for it.
    #[serde(default)]
    pub(super) signed_in: bool,
}

/// Which of a script's two ways to ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Via {
    #[default]
    Fetch,
    Xhr,
}

/// What a script asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    #[serde(default)]
    pub(super) via: Via,
    /// Seconds to wait before.
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
    pub(super) answers: Answers,
}

/// How a server answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Answers {
    /// As the same application without a word of CORS.
    Bare,
    /// As a policy decides.
    Policy { toml: String },
    /// Word for word: to a preflight, and to anything else.
    Raw { preflight: String, request: String },
}

/// A state that was understood.
pub(super) struct Plan {
    pub(super) client: Client,
    pub(super) profile: Profile,
    pub(super) referrers: Referrers,
    pub(super) mixed_content: MixedContent,
    pub(super) signed_in: bool,
    pub(super) asks: Vec<PlannedAsk>,
    pub(super) stage: Stage,
}

/// An ask that was understood.
pub(super) struct PlannedAsk {
    pub(super) after: u64,
    pub(super) request: Request,
}

impl State {
    /// Understands it; every mistake is told at once.
    pub(super) fn plan(&self) -> Result<Plan, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut keep = |place: Place, what: Wrong| mistakes.push(Mistake { place, what });
        let origin = Origin::parse(&self.page.origin)
            .map_err(|error| keep(Place::of("page.origin"), Wrong::Origin(error)))
            .unwrap_or(Origin::Opaque);
        let policy = match self.page.referrer_policy.as_deref() {
            None | Some("") => ReferrerPolicy::default(),
            Some(token) => ReferrerPolicy::from_token(token).unwrap_or_else(|| {
                keep(Place::of("page.referrer_policy"), Wrong::Word(token.to_owned()));
                ReferrerPolicy::default()
            }),
        };
        let profile = Profile::from_name(&self.profile.0).unwrap_or_else(|| {
            keep(Place::of("profile"), Wrong::Word(self.profile.0.clone()));
            Profile::default()
        });
        if self.asks.is_empty() || self.asks.len() > MOST_ASKS {
            keep(Place::of("asks"), Wrong::Count { least: 1, most: MOST_ASKS });
        }
        if self.servers.len() > MOST_SERVERS {
            keep(Place::of("servers"), Wrong::Count { least: 0, most: MOST_SERVERS });
        }
        let mut asks = Vec::new();
        for (at, ask) in self.asks.iter().enumerate().take(MOST_ASKS) {
            match ask.plan() {
                Ok(planned) => asks.push(planned),
                Err((field, what)) => keep(Place { path: format!("asks[{at}].{field}"), line: None }, what),
            }
        }
        let mut stage = Stage::new(&origin);
        for (at, server) in self.servers.iter().enumerate().take(MOST_SERVERS) {
            let path = |field: &str| format!("servers[{at}].{field}");
            match Origin::parse(&server.origin) {
                Err(error) => keep(Place { path: path("origin"), line: None }, Wrong::Origin(error)),
                Ok(Origin::Opaque) => {
                    keep(Place { path: path("origin"), line: None }, Wrong::Word(server.origin.clone()))
                }
                Ok(origin) => match server.answers.role() {
                    Ok(role) => stage.add(origin, role),
                    Err((field, line, what)) => keep(Place { path: path(field), line }, what),
                },
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Plan {
            client: Client { referrer_policy: policy, ..Client::new(origin) },
            profile,
            referrers: if self.page.never_referrer { Referrers::Never } else { Referrers::ByPolicy },
            mixed_content: match self.page.mixed_content {
                true => MixedContent::Permitted,
                false => MixedContent::Blocked,
            },
            signed_in: self.page.signed_in,
            asks,
            stage,
        })
    }
}

impl Ask {
    fn plan(&self) -> Result<PlannedAsk, (&'static str, Wrong)> {
        if self.after > LONGEST_PAUSE {
            return Err(("after", Wrong::Count { least: 0, most: LONGEST_PAUSE as usize }));
        }
        let url = self.address().map_err(|what| ("url", what))?;
        let mut builder = Request::builder(url)
            .mode(self.mode().map_err(|what| ("mode", what))?)
            .credentials(self.credentials().map_err(|what| ("credentials", what))?)
            .redirect(self.redirect().map_err(|what| ("redirect", what))?)
            .method(&self.method);
        for (name, value) in &self.headers {
            let bytes = byte_string(value.trim_matches([' ', '\t']));
            let bytes = bytes.ok_or_else(|| ("request", Wrong::NoByteString(name.clone())))?;
            builder = builder.header(name, bytes);
        }
        if let Some(body) = &self.body {
            builder = builder.body(body.len() as u64, Some(Value::from_static("text/plain;charset=UTF-8")));
        }
        match (self.upload_listener, self.via) {
            (true, Via::Xhr) => builder = builder.forced_preflight(),
            (true, Via::Fetch) => return Err(("upload_listener", Wrong::ListenerOfFetch)),
            (false, _) => {}
        }
        if self.via == Via::Xhr && !self.is_possible_with_xhr() {
            return Err(("via", Wrong::NotWithXhr));
        }
        let request = builder.build().map_err(|error| ("request", Wrong::Request(error)))?;
        Ok(PlannedAsk { after: self.after, request })
    }

    /// The URL as a page could ask for it.
    pub(super) fn address(&self) -> Result<Url, Wrong> {
        plan::url(&self.url).map_err(|mistake| Wrong::Url(mistake.to_string()))
    }

    /// `XMLHttpRequest` has one mode, follows redirects, and knows no `omit`.
    fn is_possible_with_xhr(&self) -> bool {
        matches!(self.mode.as_deref(), None | Some("cors"))
            && matches!(self.redirect.as_deref(), None | Some("follow"))
            && self.credentials.as_deref() != Some("omit")
    }

    fn mode(&self) -> Result<Mode, Wrong> {
        Ok(match self.mode.as_deref() {
            None | Some("cors") => Mode::Cors,
            Some("no-cors") => Mode::NoCors,
            Some("same-origin") => Mode::SameOrigin,
            Some(word) => return Err(Wrong::Word(word.to_owned())),
        })
    }

    fn credentials(&self) -> Result<CredentialsMode, Wrong> {
        Ok(match self.credentials.as_deref() {
            Some("omit") => CredentialsMode::Omit,
            None | Some("same-origin") => CredentialsMode::SameOrigin,
            Some("include") => CredentialsMode::Include,
            Some(word) => return Err(Wrong::Word(word.to_owned())),
        })
    }

    fn redirect(&self) -> Result<RedirectMode, Wrong> {
        Ok(match self.redirect.as_deref() {
            None | Some("follow") => RedirectMode::Follow,
            Some("error") => RedirectMode::Error,
            Some("manual") => RedirectMode::Manual,
            Some(word) => return Err(Wrong::Word(word.to_owned())),
        })
    }
}

/// A script's text as the bytes of a header: one for each character, so that none can be beyond U+00FF.
fn byte_string(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// Where in a server's answers something is wrong: the field, the line, and what.
type WrongAnswer = (&'static str, Option<usize>, Wrong);

impl Answers {
    fn role(&self) -> Result<Role, WrongAnswer> {
        Ok(match self {
            Answers::Bare => Role::Bare,
            Answers::Policy { toml } => match crossing::Policy::from_toml(toml) {
                Ok(policy) => Role::Policy(policy),
                Err(_) => return Err(("policy", None, Wrong::Policy)),
            },
            Answers::Raw { preflight, request } => {
                let read = |field, text: &str| {
                    raw::read(text).map_err(|wrong| (field, Some(wrong.line), Wrong::Raw(wrong.what)))
                };
                Role::Raw { preflight: read("preflight", preflight)?, request: read("request", request)? }
            }
        })
    }
}
