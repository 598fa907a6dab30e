//! The server scenarios: a policy, a request, and the exact answer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crossing::{HeaderList, Policy, RequestHead, ResponseHead};
use http::{Method, StatusCode};
use serde::Deserialize;
use toml::Spanned;

use crate::embedded;
use crate::load::{LoadError, Source, files};
use crate::policy;
use crate::report::{Difference, Report};
use crate::text::{Text, string_or_table};
use crate::translate::header_list;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Policies that several scenarios use.
    #[serde(default)]
    policy: BTreeMap<String, toml::Table>,
    scenario: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Spanned<String>,
    policy: PolicyRef,
    request: RawRequest,
    #[serde(default)]
    application: RawReply,
    expect: ServerExpect,
}

/// A policy by its name in the file, or spelled out.
enum PolicyRef {
    Named(String),
    Own(toml::Table),
}

impl From<String> for PolicyRef {
    fn from(name: String) -> PolicyRef {
        PolicyRef::Named(name)
    }
}

impl From<toml::Table> for PolicyRef {
    fn from(table: toml::Table) -> PolicyRef {
        PolicyRef::Own(table)
    }
}

string_or_table!(PolicyRef, toml::Table);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRequest {
    #[serde(default = "get")]
    method: String,
    #[serde(default = "root")]
    url: String,
    #[serde(default)]
    headers: Vec<(Text, Text)>,
}

fn get() -> String {
    "GET".to_owned()
}

fn root() -> String {
    "https://b.test/x".to_owned()
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReply {
    status: Option<u16>,
    #[serde(default)]
    headers: Vec<(Text, Text)>,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnsweredBy {
    /// The policy, without asking the application.
    Policy,
    /// The application; the policy edits the headers.
    Application,
}

/// The answer, to the letter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerExpect {
    /// Who answers.
    pub by: AnsweredBy,
    /// The status.
    pub status: u16,
    /// All lines of the watched headers (see [`is_watched`]), in any order.
    #[serde(default)]
    pub headers: Vec<(Text, Text)>,
}

/// One scenario: a policy, a request, what the application would say, and what is to come out.
#[derive(Clone, Debug)]
pub struct ServerScenario {
    /// The name with its file's: `preflight/a_name`.
    pub id: String,
    /// `file:line`.
    pub place: String,
    /// The policy.
    pub policy: Policy,
    /// The request, with its absolute URL.
    pub request: RequestHead,
    /// What the application says, if it is asked.
    pub application: ResponseHead,
    /// What is to come out.
    pub expect: ServerExpect,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct ServerReply {
    /// Who answered.
    pub by: AnsweredBy,
    /// The response.
    pub head: ResponseHead,
}

/// Whether a header's lines are compared: those of CORS and its neighbours, `X-…`, and in an answer of the policy's
/// `Content-Length`. What else a server adds (`Date`, `Server`) is its own affair.
pub fn is_watched(name: &str, by: AnsweredBy) -> bool {
    name.starts_with("access-control-")
        || name.starts_with("x-")
        || matches!(name, "vary" | "timing-allow-origin" | "cross-origin-resource-policy")
        || (by == AnsweredBy::Policy && name == "content-length")
}

/// All server scenarios.
#[derive(Clone, Debug, Default)]
pub struct ServerSuite {
    /// The scenarios, by file and line.
    pub scenarios: Vec<ServerScenario>,
}

impl ServerSuite {
    /// The scenarios of this version, which are inside the crate.
    ///
    /// # Errors
    /// None in a released version: a test loads them.
    pub fn embedded() -> Result<ServerSuite, LoadError> {
        ServerSuite::read(embedded::server().map(Ok))
    }

    /// Loads `server/*.toml` of a scenarios directory.
    ///
    /// # Errors
    /// The first thing that is wrong, with file and line; a policy that is refused is wrong.
    pub fn load(dir: &Path) -> Result<ServerSuite, LoadError> {
        ServerSuite::read(files(&dir.join("server"))?.into_iter().map(|path| Source::read(&path)))
    }

    fn read(sources: impl Iterator<Item = Result<Source, LoadError>>) -> Result<ServerSuite, LoadError> {
        let mut suite = ServerSuite::default();
        for source in sources {
            read(&source?, &mut suite.scenarios)?;
        }
        Ok(suite)
    }

    /// Plays every scenario; `Err` says why this server cannot play it.
    pub fn run(&self, mut play: impl FnMut(&ServerScenario) -> Result<ServerReply, &'static str>) -> Report {
        let mut report = Report::default();
        for scenario in &self.scenarios {
            match play(scenario).map(|reply| compare(&scenario.expect, &reply)) {
                Err(why) => report.unsupported.push((scenario.id.clone(), why)),
                Ok(differences) if differences.is_empty() => report.agree += 1,
                Ok(differences) => {
                    report.disagree.push((scenario.place.clone(), scenario.id.clone(), differences));
                }
            }
        }
        report
    }
}

fn read(source: &Source, scenarios: &mut Vec<ServerScenario>) -> Result<(), LoadError> {
    let File { policy: named, scenario: list } = source.parse()?;
    let mut seen = BTreeSet::new();
    for raw in list {
        let at = raw.name.span().start;
        let error = |problem: String| source.error(at, format!("{}: {problem}", raw.name.get_ref()));
        if !seen.insert(raw.name.get_ref().clone()) {
            return Err(error("there are two scenarios of this name".to_owned()));
        }
        let table = match &raw.policy {
            PolicyRef::Own(table) => table,
            PolicyRef::Named(name) => {
                named.get(name).ok_or_else(|| error(format!("there is no [policy.{name}]")))?
            }
        };
        let method = Method::from_bytes(raw.request.method.as_bytes())
            .map_err(|_| error(format!("{} is no method", raw.request.method)))?;
        let url = raw.request.url.parse().map_err(|e| error(format!("{}: {e}", raw.request.url)))?;
        let status =
            StatusCode::from_u16(raw.application.status.unwrap_or(200)).map_err(|e| error(e.to_string()))?;
        scenarios.push(ServerScenario {
            id: format!("{}/{}", source.stem, raw.name.get_ref()),
            place: source.place(at),
            policy: policy::parse(table).map_err(error)?,
            request: RequestHead { method, url, headers: header_list(&raw.request.headers).map_err(error)? },
            application: ResponseHead::new(status, header_list(&raw.application.headers).map_err(error)?),
            expect: raw.expect,
        });
    }
    Ok(())
}

fn compare(expect: &ServerExpect, reply: &ServerReply) -> Vec<Difference> {
    let mut out = Vec::new();
    if expect.by != reply.by {
        out.push(Difference::new("answered by", format!("{:?}", expect.by), format!("{:?}", reply.by)));
    }
    let status = reply.head.status.as_u16();
    if expect.status != status {
        out.push(Difference::new("status", expect.status, status));
    }
    let mut expected: Vec<String> =
        expect.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let mut got = watched(&reply.head.headers, reply.by);
    expected.sort();
    got.sort();
    if expected != got {
        out.push(Difference::new("headers", expected.join("\n"), got.join("\n")));
    }
    out
}

fn watched(headers: &HeaderList, by: AnsweredBy) -> Vec<String> {
    let lines = headers.iter().filter(|(name, _)| is_watched(name.as_str(), by));
    lines.map(|(name, value)| format!("{name}: {}", value.to_text())).collect()
}
