//! The schema of browser scenarios. `scenarios/README.md` describes it for people.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crossing::browser::{CacheMode, CredentialsMode, EmbedderPolicy, Mode, RedirectMode};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::text::{Text, string_or_table};

/// A file of scenarios.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) spec: String,
    pub(crate) scenario: Vec<Scenario>,
}

/// One scenario: a page asks, servers answer, and what is to be seen.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The behaviour, in `snake_case`.
    pub name: Spanned<String>,
    /// The anchor, if it is another than the file's.
    pub spec: Option<String>,
    /// The page that asks.
    pub page: Page,
    /// What the person has settled.
    #[serde(default)]
    pub settings: Settings,
    /// Cookies that are there before the first step: by host, `a=b; c=d`. As if set with `SameSite=None; Secure`.
    #[serde(default)]
    pub cookies: BTreeMap<String, String>,
    /// Users and passwords that are known before the first step, by origin: the authentication entries.
    #[serde(default)]
    pub auth: BTreeMap<String, Login>,
    /// Who is asked for a password, and what they type. Without it nobody can be asked.
    pub person: Option<Person>,
    /// The request, where there is one step only.
    pub request: Option<Request>,
    /// Who answers.
    #[serde(default)]
    pub server: Servers,
    /// What is to be seen, where there is one step only.
    pub expect: Option<Expect>,
    /// Several requests, one after another.
    #[serde(default)]
    pub step: Vec<Step>,
    /// Whether all steps are of one page that stays open; else each has a page of its own.
    #[serde(default)]
    pub one_page: bool,
    /// The name with its file's: `cors-check/a_name`.
    #[serde(skip)]
    pub id: String,
    /// `file:line`.
    #[serde(skip)]
    pub place: String,
}

impl Scenario {
    /// The steps; a scenario with a `request` of its own has one.
    pub fn steps(&self) -> Vec<Step> {
        match (&self.request, &self.expect) {
            (Some(request), Some(expect)) => {
                vec![Step { request: request.clone(), expect: expect.clone(), ..Step::default() }]
            }
            _ => self.step.clone(),
        }
    }
}

/// One request of several.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How long after the step before, in seconds.
    #[serde(default)]
    pub after: u64,
    /// The page that asks, if it is another.
    pub page: Option<Page>,
    /// The request.
    pub request: Request,
    /// Who answers, if it is another.
    pub server: Option<Servers>,
    /// What is to be seen.
    pub expect: Expect,
}

/// The page that asks. Written as a string, it is an origin, a URL or `null`.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its origin or URL; `null` for a page with an opaque origin.
    pub url: String,
    /// The origin or URL in the address bar, if the page is framed by another.
    pub top: Option<String>,
    /// Its referrer policy.
    pub referrer_policy: Option<String>,
    /// Its Content-Security-Policies.
    pub csp: Vec<String>,
    /// Its embedder policy.
    pub embedder_policy: EmbedderPolicy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageTable {
    url: String,
    top: Option<String>,
    referrer_policy: Option<String>,
    #[serde(default)]
    csp: Vec<String>,
    #[serde(default, deserialize_with = "keyword")]
    embedder_policy: EmbedderPolicy,
}

impl From<String> for Page {
    fn from(url: String) -> Page {
        Page { url, ..Page::default() }
    }
}

impl From<PageTable> for Page {
    fn from(it: PageTable) -> Page {
        let PageTable { url, top, referrer_policy, csp, embedder_policy } = it;
        Page { url, top, referrer_policy, csp, embedder_policy }
    }
}

string_or_table!(Page, PageTable);

/// What the person and the program around the pages have settled.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Pages that came over https may ask for http URLs.
    #[serde(default)]
    pub permit_mixed_content: bool,
    /// `Referer` is never sent.
    #[serde(default)]
    pub no_referrers: bool,
    /// Hosts that want https; `*.b.test` is `b.test` and all under it.
    #[serde(default)]
    pub hsts: Vec<String>,
    /// There is an HTTP cache.
    #[serde(default)]
    pub http_cache: bool,
    /// The `Accept-Language` to send.
    pub accept_language: Option<String>,
    /// The `User-Agent` to send.
    pub user_agent: Option<String>,
}

/// A user and a password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: String,
}

/// Somebody who can be asked for a password.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// What they type; without it they dismiss the prompt.
    pub types: Option<Login>,
}

/// A request, as a script makes it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// `GET` if absent.
    pub method: Option<String>,
    /// Where to; relative to the page.
    pub url: String,
    /// The headers that the script sets, in order.
    #[serde(default)]
    pub headers: Vec<(Text, Text)>,
    /// The body.
    pub body: Option<RequestBody>,
    /// The credentials mode.
    #[serde(default, deserialize_with = "keyword")]
    pub credentials: CredentialsMode,
    /// The mode.
    #[serde(default, deserialize_with = "keyword")]
    pub mode: Mode,
    /// The redirect mode.
    #[serde(default, deserialize_with = "keyword")]
    pub redirect: RedirectMode,
    /// The cache mode.
    #[serde(default, deserialize_with = "keyword")]
    pub cache: CacheMode,
    /// `about:client`, `no-referrer` or a URL.
    pub referrer: Option<String>,
    /// The referrer policy.
    pub referrer_policy: Option<String>,
    /// An upload listener is registered (so it is an `XMLHttpRequest`): the use-CORS-preflight flag.
    #[serde(default)]
    pub upload_listener: bool,
    /// User and password of the URL answer a challenge (so it is an `XMLHttpRequest`).
    #[serde(default)]
    pub url_credentials: bool,
}

/// A value of the core, by the standard's keyword.
fn keyword<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

/// A request's body. A string brings along `text/plain;charset=UTF-8`.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// Bytes that can be sent again.
    Source {
        /// The bytes, UTF-8.
        text: String,
        /// The content type that the body brings along, if any.
        kind: Option<String>,
    },
    /// A stream of these bytes, which can be read once.
    Stream {
        /// The bytes, UTF-8.
        text: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyTable {
    #[serde(default)]
    text: Text,
    r#type: Option<String>,
    #[serde(default)]
    stream: bool,
}

impl RequestBody {
    /// The bytes, UTF-8.
    pub fn text(&self) -> &str {
        match self {
            RequestBody::Source { text, .. } | RequestBody::Stream { text } => text,
        }
    }
}

impl From<String> for RequestBody {
    fn from(text: String) -> RequestBody {
        RequestBody::Source { text, kind: Some("text/plain;charset=UTF-8".to_owned()) }
    }
}

impl From<BodyTable> for RequestBody {
    fn from(it: BodyTable) -> RequestBody {
        match it.stream {
            true => RequestBody::Stream { text: it.text.0 },
            false => RequestBody::Source { text: it.text.0, kind: it.r#type },
        }
    }
}

string_or_table!(RequestBody, BodyTable);

/// Who answers: one table, or a list of which the first that fits and is not used up answers.
#[derive(Clone, Debug, Default)]
pub struct Servers(pub Vec<Server>);

impl<'de> Deserialize<'de> for Servers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Servers, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Servers;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table, or a list of tables")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Servers, A::Error> {
                let mut list = Vec::new();
                while let Some(server) = seq.next_element()? {
                    list.push(server);
                }
                Ok(Servers(list))
            }

            fn visit_map<M: serde::de::MapAccess<'de>>(self, map: M) -> Result<Servers, M::Error> {
                let table = serde::de::value::MapAccessDeserializer::new(map);
                Server::deserialize(table).map(|server| Servers(vec![server]))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// An answer, and what it answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Only requests to this URL, or to this origin.
    pub at: Option<String>,
    /// Only requests with this method.
    pub method: Option<String>,
    /// So often; without it, always.
    pub times: Option<u32>,
    /// The status; 200 if absent.
    pub status: Option<u16>,
    /// The header lines, in order.
    #[serde(default)]
    pub headers: Vec<(Text, Text)>,
    /// The body.
    #[serde(default)]
    pub body: String,
    /// No answer comes, for this reason.
    pub fails: Option<NetworkFailure>,
    /// A policy (of `crossing`'s own schema) that stands before this answer.
    pub policy: Option<toml::Table>,
}

/// Why no answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkFailure {
    /// The host has no address.
    Dns,
    /// The connection is refused or breaks.
    Connection,
    /// The certificate is not trusted.
    Tls,
    /// Nothing comes.
    Timeout,
    /// What comes is not HTTP.
    BrokenHttp,
}

/// What is to be seen. What is absent is not looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// How it ends.
    pub outcome: Option<Outcome>,
    /// The code of the reason. A browser's script cannot see it.
    pub reason: Option<String>,
    /// The response's type.
    pub r#type: Option<String>,
    /// The status that the script sees.
    pub status: Option<u16>,
    /// The URL that the script sees.
    pub url: Option<String>,
    /// Whether the script sees that there was a redirect.
    pub redirected: Option<bool>,
    /// Headers that the script can read, with these values. Others may be readable as well.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The names of all headers that the script can read, in lower case, sorted.
    pub readable: Option<Vec<String>>,
    /// Headers that the script cannot read.
    #[serde(default)]
    pub hidden: Vec<String>,
    /// Whether the script gets a body.
    pub body: Option<BodyKind>,
    /// Whether the script sees precise times.
    pub timing: Option<TimingAccess>,
    /// What goes over the wire, in order.
    pub wire: Option<Vec<WireLine>>,
    /// The cookies that are there afterwards: by host, `a=b; c=d`.
    #[serde(default)]
    pub cookies: BTreeMap<String, String>,
}

impl Expect {
    /// This expectation, with what `other` says in place of it.
    pub fn overridden_by(&self, other: &Expect) -> Expect {
        let mut out = self.clone();
        let other = other.clone();
        out.outcome = other.outcome.or(out.outcome);
        out.reason = if other.outcome == Some(Outcome::Ok) { None } else { other.reason.or(out.reason) };
        out.r#type = other.r#type.or(out.r#type);
        out.status = other.status.or(out.status);
        out.url = other.url.or(out.url);
        out.redirected = other.redirected.or(out.redirected);
        out.headers.extend(other.headers);
        out.readable = other.readable.or(out.readable);
        out.hidden.extend(other.hidden);
        out.body = other.body.or(out.body);
        out.timing = other.timing.or(out.timing);
        out.wire = other.wire.or(out.wire);
        out.cookies.extend(other.cookies);
        if out.outcome != Some(Outcome::Ok) {
            out = Expect {
                outcome: out.outcome,
                reason: out.reason,
                wire: out.wire,
                cookies: out.cookies,
                ..Expect::default()
            };
        }
        out
    }
}

/// How a fetch ends for the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There is a response.
    Ok,
    /// There is a network error.
    Fail,
    /// The request cannot be made at all: an exception before anything is sent.
    Refused,
}

/// Whether the script gets a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyKind {
    /// It can read it.
    Readable,
    /// There is none.
    Null,
    /// It is withheld.
    Withheld,
}

/// Whether the script sees precise times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimingAccess {
    /// It does.
    Allowed,
    /// It does not.
    Withheld,
}

/// A request as it goes over the wire. Written as a string, `GET /x` or `GET https://c.test/x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireLine {
    /// Method and target; a target that begins with `/` goes to any host.
    pub line: String,
    /// So often, one after another.
    pub times: usize,
    /// Headers that it carries, with these values (lines of one name joined by `, `).
    pub headers: BTreeMap<String, Text>,
    /// Headers that it does not carry.
    pub absent: Vec<String>,
    /// Its body.
    pub body: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireTable {
    line: String,
    #[serde(default = "once")]
    times: usize,
    #[serde(default)]
    headers: BTreeMap<String, Text>,
    #[serde(default)]
    absent: Vec<String>,
    body: Option<Text>,
}

fn once() -> usize {
    1
}

impl From<String> for WireLine {
    fn from(line: String) -> WireLine {
        WireLine { line, times: 1, headers: BTreeMap::new(), absent: Vec::new(), body: None }
    }
}

impl From<WireTable> for WireLine {
    fn from(it: WireTable) -> WireLine {
        let WireTable { line, times, headers, absent, body } = it;
        WireLine { line, times, headers, absent, body }
    }
}

string_or_table!(WireLine, WireTable);
