//! The [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0): the question and the judgement of
//! its answer.

use std::collections::BTreeSet;
use std::time::Duration;

use http::{HeaderName, Method};

use super::classify::unsafe_lines;
use super::cors_check::cors_check;
use super::profile::{
    AuthorizationUnderWildcard, ForcedMethod, MalformedMaxAge, NegativeMaxAge, Profile, RequestedNames,
    SameOriginPreflight,
};
use super::request::{CredentialsMode, ForcedPreflight};
use crate::headers::grammar::{delta_seconds, token_list};
use crate::headers::request::is_non_wildcard;
use crate::headers::{HeaderList, Value, isomorphic_decode, names};
use crate::message::ResponseHead;
use crate::method;
use crate::reason::Reason;

/// The seconds for which a preflight counts when the server does not say.
const DEFAULT_MAX_AGE: u64 = 5;

/// What a preflight asks for.
pub(super) struct PreflightQuestion<'a> {
    pub(super) method: &'a Method,
    /// The CORS-unsafe request-header names: lower-case, sorted, each once.
    pub(super) unsafe_names: &'a BTreeSet<&'a str>,
    /// All of the request's header names.
    pub(super) headers: &'a HeaderList,
    pub(super) origin: &'a str,
    pub(super) credentials: CredentialsMode,
    pub(super) forced: ForcedPreflight,
    /// Whether the answer must be shared.
    pub(super) home: SameOriginPreflight,
}

/// What a preflight granted, for the cache.
pub(super) struct PreflightGrant {
    pub(super) methods: Vec<Box<str>>,
    /// In lower case.
    pub(super) header_names: Vec<Box<str>>,
    pub(super) max_age: Duration,
}

/// A refused preflight: why, and the method, name or value that decided it.
pub(super) struct PreflightRefusal {
    pub(super) reason: Reason,
    pub(super) subject: Option<String>,
    /// What it does grant, if it is sound and only grants too little.
    pub(super) grant: Option<PreflightGrant>,
}

fn refuse<T>(reason: Reason, subject: Option<String>) -> Result<T, PreflightRefusal> {
    Err(PreflightRefusal { reason, subject, grant: None })
}

/// The two headers that make a preflight one, after its `Accept`.
pub(super) fn append_preflight_headers(
    method: &Method,
    unsafe_names: &BTreeSet<&str>,
    lines: &HeaderList,
    profile: &Profile,
    headers: &mut HeaderList,
) {
    headers.append(names::ACCEPT, Value::from_static("*/*"));
    if let Ok(value) = Value::new(method.as_str()) {
        headers.append(names::ACCESS_CONTROL_REQUEST_METHOD, value);
    }
    if !unsafe_names.is_empty() {
        // A comma and no space: so it was first implemented, and so servers expect it.
        let often = |name: &str| match profile.requested_names {
            RequestedNames::Once => 1,
            RequestedNames::ForEachLine => {
                unsafe_lines(lines, profile).iter().filter(|(line, _)| line.as_str() == name).count().max(1)
            }
        };
        let names = unsafe_names.iter().flat_map(|name| std::iter::repeat_n(*name, often(name)));
        let joined = names.collect::<Vec<_>>().join(",");
        if let Ok(value) = Value::new(joined) {
            headers.append(names::ACCESS_CONTROL_REQUEST_HEADERS, value);
        }
    }
}

/// Judges the answer.
pub(super) fn judge_preflight(
    question: &PreflightQuestion<'_>,
    answer: &ResponseHead,
    profile: &Profile,
) -> Result<PreflightGrant, PreflightRefusal> {
    // The standard asks for a passed CORS check and an ok status in one breath; the status is the better explanation.
    if answer.status.is_redirection() && answer.headers.contains(&names::LOCATION) {
        return refuse(Reason::PreflightRedirect, Some(answer.status.as_u16().to_string()));
    }
    if !answer.status.is_success() {
        return refuse(Reason::PreflightStatus, Some(answer.status.as_u16().to_string()));
    }
    if question.home == SameOriginPreflight::Checked
        && let Err(failure) = cors_check(question.origin, question.credentials, &answer.headers)
    {
        return refuse(failure.reason, failure.value.map(|value| value.to_text()));
    }
    // Either one malformed fails the preflight, even where nothing depends on it.
    let extract = |name: &HeaderName, reason| {
        let text = || answer.headers.get(name).map(|value| value.to_text());
        match token_list(&answer.headers, name) {
            Ok(tokens) => {
                Ok(tokens.map(|tokens| tokens.into_iter().map(isomorphic_decode).collect::<Vec<_>>()))
            }
            Err(_) => refuse(reason, text()),
        }
    };
    let methods = extract(&names::ACCESS_CONTROL_ALLOW_METHODS, Reason::PreflightAcamParse)?;
    let header_names =
        extract(&names::ACCESS_CONTROL_ALLOW_HEADERS, Reason::PreflightAcahParse)?.unwrap_or_default();
    // So that a preflight which was only forced is cached.
    let own = methods.is_none() && question.forced == ForcedPreflight::Yes;
    let mut methods = methods.unwrap_or_default();
    if own && profile.forced_method == ForcedMethod::Granted {
        methods.push(question.method.to_string());
    }
    let judged =
        judge_method(question, &methods).and_then(|()| judge_header_names(question, &header_names, profile));
    if own && profile.forced_method == ForcedMethod::NotGranted {
        methods.push(question.method.to_string());
    }
    let grant = PreflightGrant {
        methods: methods.into_iter().map(Box::from).collect(),
        header_names: header_names.into_iter().map(|name| name.to_ascii_lowercase().into()).collect(),
        max_age: max_age(&answer.headers, profile),
    };
    match judged {
        Ok(()) => Ok(grant),
        Err(refusal) => Err(PreflightRefusal { grant: Some(grant), ..refusal }),
    }
}

/// `*` is a wildcard only without credentials.
fn has_wildcard(question: &PreflightQuestion<'_>, list: &[String]) -> bool {
    question.credentials != CredentialsMode::Include && list.iter().any(|item| item == "*")
}

fn judge_method(question: &PreflightQuestion<'_>, methods: &[String]) -> Result<(), PreflightRefusal> {
    let name = question.method.as_str();
    let granted =
        methods.iter().any(|m| m == name) || method::is_safelisted(name) || has_wildcard(question, methods);
    if granted { Ok(()) } else { refuse(Reason::MethodNotAllowed, Some(name.to_owned())) }
}

fn judge_header_names(
    question: &PreflightQuestion<'_>,
    listed: &[String],
    profile: &Profile,
) -> Result<(), PreflightRefusal> {
    let is_listed = |name: &str| listed.iter().any(|item| item.eq_ignore_ascii_case(name));
    if profile.authorization_under_wildcard == AuthorizationUnderWildcard::Refused {
        let unlisted = question
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .find(|name| is_non_wildcard(name) && !is_listed(name));
        if let Some(name) = unlisted {
            return refuse(Reason::HeaderNotAllowed, Some(name.to_owned()));
        }
    }
    let wildcard = has_wildcard(question, listed);
    match question.unsafe_names.iter().find(|name| !is_listed(name) && !wildcard) {
        Some(name) => refuse(Reason::HeaderNotAllowed, Some((*name).to_owned())),
        None => Ok(()),
    }
}

/// How long the answer counts.
fn max_age(headers: &HeaderList, profile: &Profile) -> Duration {
    let name = &names::ACCESS_CONTROL_MAX_AGE;
    let seconds = match delta_seconds(headers, name) {
        Ok(Some(seconds)) => seconds,
        Ok(None) => DEFAULT_MAX_AGE,
        Err(_) => match profile.negative_max_age {
            NegativeMaxAge::NotCached if is_negative(headers.get(name)) => 0,
            _ => match profile.malformed_max_age {
                MalformedMaxAge::FiveSeconds => DEFAULT_MAX_AGE,
                MalformedMaxAge::NotCached
                    if headers.get(name).is_some_and(|it| !it.as_bytes().is_empty()) =>
                {
                    0
                }
                MalformedMaxAge::NotCached => DEFAULT_MAX_AGE,
                MalformedMaxAge::SignAccepted => signed(headers.get(name)).unwrap_or(DEFAULT_MAX_AGE),
            },
        },
    };
    Duration::from_secs(seconds.min(profile.max_age_cap))
}

fn signed(value: Option<Value>) -> Option<u64> {
    match value?.as_bytes() {
        [b'+', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => {
            std::str::from_utf8(digits).ok()?.parse().ok()
        }
        _ => None,
    }
}

fn is_negative(value: Option<Value>) -> bool {
    value.is_some_and(|value| match value.as_bytes() {
        [b'-', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    })
}
