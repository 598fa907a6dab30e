//! A state that was parsed: typed values, ready to be simulated.

use std::str::FromStr;

use crossing::browser::{Client, MixedContent, Profile, ReferrerPolicy, Referrers, Request};
use crossing::{Origin, Policy, Value};

use super::raw_response;
use super::servers::{Responder, Servers};
use super::state::{Page, RequestApi, ScriptRequest, Server, ServerBehavior, State};
use super::state_error::{StateError, StateErrorKind as Kind};
use crossing_tools::network::parse_url;

/// The most requests of a script.
const MAX_REQUESTS: usize = 8;
/// The most servers.
const MAX_SERVERS: usize = 4;
/// The longest pause before a request, in seconds.
const MAX_PAUSE: u64 = 86_400;

pub(super) struct Setup {
    pub(super) client: Client,
    pub(super) profile: Profile,
    pub(super) referrers: Referrers,
    pub(super) mixed_content: MixedContent,
    pub(super) signed_in: bool,
    pub(super) requests: Vec<ScheduledRequest>,
    pub(super) servers: Servers,
}

/// A request, and when the script makes it.
pub(super) struct ScheduledRequest {
    /// The pause before the request, in seconds.
    pub(super) after: u64,
    pub(super) request: Request,
}

impl Setup {
    /// Parses a state, and reports all its errors, not only the first.
    pub(super) fn parse(state: &State) -> Result<Setup, Vec<StateError>> {
        let mut errors = Vec::new();
        let client = client(&state.page, &mut errors);
        let profile = Profile::from_name(&state.profile.0).unwrap_or_else(|| {
            errors.push(error("profile", Kind::UnknownValue(state.profile.0.clone())));
            Profile::default()
        });
        if state.requests.is_empty() || state.requests.len() > MAX_REQUESTS {
            errors.push(error("asks", Kind::Count { least: 1, most: MAX_REQUESTS }));
        }
        if state.servers.len() > MAX_SERVERS {
            errors.push(error("servers", Kind::Count { least: 0, most: MAX_SERVERS }));
        }
        let requests = requests(&state.requests, &mut errors);
        let servers = servers(&client.origin, &state.servers, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Setup {
            client,
            profile,
            referrers: if state.page.never_referrer { Referrers::Never } else { Referrers::ByPolicy },
            mixed_content: match state.page.mixed_content {
                true => MixedContent::Permitted,
                false => MixedContent::Blocked,
            },
            signed_in: state.page.signed_in,
            requests,
            servers,
        })
    }
}

fn error(path: impl Into<String>, kind: Kind) -> StateError {
    StateError { path: path.into(), line: None, kind }
}

fn client(page: &Page, errors: &mut Vec<StateError>) -> Client {
    let origin = Origin::parse(&page.origin).unwrap_or_else(|wrong| {
        errors.push(error("page.origin", Kind::Origin(wrong)));
        Origin::Opaque
    });
    let referrer_policy = match page.referrer_policy.as_deref() {
        None | Some("") => ReferrerPolicy::default(),
        Some(token) => token.parse().unwrap_or_else(|_| {
            errors.push(error("page.referrer_policy", Kind::UnknownValue(token.to_owned())));
            ReferrerPolicy::default()
        }),
    };
    Client { referrer_policy, ..Client::new(origin) }
}

fn requests(requests: &[ScriptRequest], errors: &mut Vec<StateError>) -> Vec<ScheduledRequest> {
    let mut parsed = Vec::new();
    for (at, request) in requests.iter().enumerate().take(MAX_REQUESTS) {
        match ScheduledRequest::parse(request) {
            Ok(request) => parsed.push(request),
            Err((field, kind)) => errors.push(error(format!("asks[{at}].{field}"), kind)),
        }
    }
    parsed
}

fn servers(page: &Origin, servers: &[Server], errors: &mut Vec<StateError>) -> Servers {
    let mut parsed = Servers::new(page);
    for (at, server) in servers.iter().enumerate().take(MAX_SERVERS) {
        let path = |field: &str| format!("servers[{at}].{field}");
        match Origin::parse(&server.origin) {
            Err(wrong) => errors.push(error(path("origin"), Kind::Origin(wrong))),
            Ok(Origin::Opaque) => {
                errors.push(error(path("origin"), Kind::UnknownValue(server.origin.clone())));
            }
            Ok(origin) => match Responder::parse(&server.behavior) {
                Ok(responder) => parsed.add(origin, responder),
                Err((field, line, kind)) => errors.push(StateError { path: path(field), line, kind }),
            },
        }
    }
    parsed
}

impl ScheduledRequest {
    fn parse(request: &ScriptRequest) -> Result<ScheduledRequest, (&'static str, Kind)> {
        if request.after > MAX_PAUSE {
            return Err(("after", Kind::Count { least: 0, most: MAX_PAUSE as usize }));
        }
        let url = parse_url(&request.url).map_err(|wrong| ("url", Kind::Url(wrong.to_string())))?;
        let mut builder = Request::builder(url)
            .mode(keyword(request.mode.as_deref()).map_err(|kind| ("mode", kind))?)
            .credentials(keyword(request.credentials.as_deref()).map_err(|kind| ("credentials", kind))?)
            .redirect(keyword(request.redirect.as_deref()).map_err(|kind| ("redirect", kind))?)
            .method(&request.method);
        for (name, value) in &request.headers {
            let bytes = byte_string(value.trim_matches([' ', '\t']));
            let bytes = bytes.ok_or_else(|| ("request", Kind::NotByteString(name.clone())))?;
            builder = builder.header(name, bytes);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.len() as u64, Some(Value::from_static("text/plain;charset=UTF-8")));
        }
        match (request.upload_listener, request.via) {
            (true, RequestApi::Xhr) => builder = builder.forced_preflight(),
            (true, RequestApi::Fetch) => return Err(("upload_listener", Kind::FetchUploadListener)),
            (false, _) => {}
        }
        if request.via == RequestApi::Xhr && !is_supported_by_xhr(request) {
            return Err(("via", Kind::UnsupportedByXhr));
        }
        let built = builder.build().map_err(|wrong| ("request", Kind::Request(wrong)))?;
        Ok(ScheduledRequest { after: request.after, request: built })
    }
}

/// `XMLHttpRequest` has one mode, follows redirects, and has no `omit`.
fn is_supported_by_xhr(request: &ScriptRequest) -> bool {
    matches!(request.mode.as_deref(), None | Some("cors"))
        && matches!(request.redirect.as_deref(), None | Some("follow"))
        && request.credentials.as_deref() != Some("omit")
}

/// The value of a keyword; the default of its type where there is none.
fn keyword<T: FromStr + Default>(text: Option<&str>) -> Result<T, Kind> {
    match text {
        None => Ok(T::default()),
        Some(text) => text.parse().map_err(|_| Kind::UnknownValue(text.to_owned())),
    }
}

/// A script's text as the bytes of a header's value: one byte a character, up to U+00FF.
fn byte_string(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// The field of a server's behavior, the line, and what is wrong there.
type BehaviorError = (&'static str, Option<usize>, Kind);

impl Responder {
    fn parse(behavior: &ServerBehavior) -> Result<Responder, BehaviorError> {
        Ok(match behavior {
            ServerBehavior::Bare => Responder::Bare,
            ServerBehavior::Policy { toml } => match Policy::from_toml(toml) {
                Ok(policy) => Responder::Policy(policy),
                Err(_) => return Err(("policy", None, Kind::Policy)),
            },
            ServerBehavior::Raw { preflight, request } => {
                let parse = |field, text: &str| {
                    raw_response::parse(text)
                        .map_err(|wrong| (field, Some(wrong.line), Kind::RawResponse(wrong.kind)))
                };
                Responder::Raw {
                    preflight: parse("preflight", preflight)?,
                    request: parse("request", request)?,
                }
            }
        })
    }
}
