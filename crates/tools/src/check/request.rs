//! A check that is ready to run: every mistake is found before anything is sent.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use crossing::browser::{CredentialsMode, Mode, RedirectMode, Request, RequestBuilder, RequestError};
use crossing::{Origin, OriginError, Value};
use url::Url;

use super::options::{CheckOptions, Profiles};
use super::pasted::{self, Misread};
use crate::network::{Network, UrlError, parse_url};
use crate::server::Server;
use crate::text::shorten;

/// The longest value of a flag other than the body, in bytes. No server takes a line this long.
const LONGEST_VALUE: usize = 64 * 1024;

/// How many times a check may send its request.
const REPEATS: RangeInclusive<u32> = 1..=100;

/// A check, ready to run. It has secrets in it, and no `Debug`.
pub(crate) struct Plan {
    pub(crate) page: Origin,
    /// What was pasted with the request and no page can set.
    pub(crate) dropped: Vec<String>,
    pub(crate) request: Request,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) cookies: Vec<String>,
    pub(crate) user: Option<(String, String)>,
    pub(crate) profiles: Profiles,
    pub(crate) repeat: u32,
    pub(crate) network: Network,
    pub(crate) timeout: Duration,
    /// Whose configuration is written; recognised where nobody says.
    pub(crate) server: Option<Server>,
}

/// A wrong option of a check: which one, what is wrong, and how to fix it. Options are called by the flags of `crossing check`.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckError {
    /// The page's origin is not an origin.
    Origin(OriginError),
    /// The page's origin is missing.
    NoOrigin,
    /// The pasted request cannot be read.
    Pasted(Misread),
    /// The URL cannot be requested by a page.
    Url(UrlError),
    /// A header has no colon.
    HeaderWithoutColon(String),
    /// A value contains a line break or a NUL.
    LineBreak {
        /// The flag.
        flag: &'static str,
        /// Its value.
        text: String,
    },
    /// A value is too long.
    TooLong {
        /// The flag.
        flag: &'static str,
        /// The length of its value.
        bytes: usize,
    },
    /// A cookie is not `name=value`.
    Cookie(String),
    /// The user name and password are not separated by a colon.
    User,
    /// The request is to be sent fewer than 1 or more than 100 times.
    Repeat(u32),
    /// The request is not valid.
    Request(RequestError),
}

impl std::error::Error for CheckError {}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckError::Origin(error) => write!(f, "--from: {error}"),
            CheckError::NoOrigin => {
                f.write_str("whose page asks? Say it with --from, as in --from https://app.example.com")
            }
            CheckError::Pasted(misread) => misread.fmt(f),
            CheckError::Url(error) => error.fmt(f),
            CheckError::HeaderWithoutColon(text) => {
                write!(f, "-H '{}' has no colon; write it as 'Name: value'", shorten(text))
            }
            CheckError::LineBreak { flag, text } => {
                write!(f, "{flag} '{}' holds a line break or a NUL, which no header can hold", shorten(text))
            }
            CheckError::TooLong { flag, bytes } => {
                write!(f, "the value of {flag} has {bytes} bytes; at most {LONGEST_VALUE} are taken")
            }
            CheckError::Cookie(text) => {
                write!(f, "--cookie '{}' is not a cookie; write it as 'name=value', one each", shorten(text))
            }
            CheckError::User => f.write_str("--user has no colon; write it as NAME:PASSWORD"),
            CheckError::Repeat(times) => {
                write!(f, "--repeat {times}: write a number from {} to {}", REPEATS.start(), REPEATS.end())
            }
            CheckError::Request(error) => error.fmt(f),
        }
    }
}

impl Plan {
    /// Understands what was typed.
    pub(crate) fn new(args: &CheckOptions) -> Result<Plan, CheckError> {
        let (args, dropped) = pasted::unfold(args).map_err(CheckError::Pasted)?;
        let args = &args;
        refuse_long_values(args)?;
        // A check that sends nothing would report "allowed".
        if !REPEATS.contains(&args.repeat) {
            return Err(CheckError::Repeat(args.repeat));
        }
        let from = args.from.as_deref().ok_or(CheckError::NoOrigin)?;
        let page = Origin::parse(from).map_err(CheckError::Origin)?;
        let url = parse_url(&args.url).map_err(CheckError::Url)?;
        let body = args.body.clone().map(String::into_bytes);
        let request = request(args, url)?.build().map_err(CheckError::Request)?;
        Ok(Plan {
            page,
            dropped,
            request,
            body,
            cookies: args.cookies.iter().map(|text| cookie(text)).collect::<Result<_, _>>()?,
            user: args.user.as_deref().map(user).transpose()?,
            profiles: args.profiles.clone(),
            repeat: args.repeat,
            network: args.network.clone(),
            timeout: args.timeout,
            server: args.server,
        })
    }
}

fn refuse_long_values(args: &CheckOptions) -> Result<(), CheckError> {
    let single = [("URL", Some(&args.url)), ("--from", args.from.as_ref()), ("-X", args.method.as_ref())];
    let single = single.into_iter().chain([("--user", args.user.as_ref())]);
    let single = single.filter_map(|(flag, value)| value.map(|value| (flag, value)));
    let repeated = [("-H", &args.headers), ("--cookie", &args.cookies)];
    let repeated =
        repeated.into_iter().flat_map(|(flag, values)| values.iter().map(move |value| (flag, value)));
    match single.chain(repeated).find(|(_, value)| value.len() > LONGEST_VALUE) {
        Some((flag, value)) => Err(CheckError::TooLong { flag, bytes: value.len() }),
        None => Ok(()),
    }
}

fn request(args: &CheckOptions, url: Url) -> Result<RequestBuilder, CheckError> {
    let mut builder = Request::builder(url)
        .mode(args.mode.unwrap_or(Mode::Cors))
        .credentials(args.credentials.unwrap_or(CredentialsMode::SameOrigin))
        .redirect(args.redirect.unwrap_or(RedirectMode::Follow))
        .referrer_policy(args.referrer_policy.unwrap_or_default());
    if let Some(method) = args.method.as_deref().or(args.body.as_ref().map(|_| "POST")) {
        builder = builder.method(method);
    }
    for text in &args.headers {
        let (name, value) =
            text.split_once(':').ok_or_else(|| CheckError::HeaderWithoutColon(text.clone()))?;
        let value = value.trim_matches([' ', '\t']);
        if value.contains(['\r', '\n', '\0']) {
            return Err(CheckError::LineBreak { flag: "-H", text: text.clone() });
        }
        builder = builder.header(name, value);
    }
    if let Some(body) = &args.body {
        builder = builder.body(body.len() as u64, Some(Value::from_static("text/plain;charset=UTF-8")));
    }
    Ok(builder)
}

fn cookie(text: &str) -> Result<String, CheckError> {
    if text.contains(['\r', '\n', '\0']) {
        return Err(CheckError::LineBreak { flag: "--cookie", text: text.to_owned() });
    }
    match text.split_once('=') {
        Some((name, _)) if !name.trim().is_empty() && !text.contains(';') => Ok(text.to_owned()),
        _ => Err(CheckError::Cookie(text.to_owned())),
    }
}

fn user(text: &str) -> Result<(String, String), CheckError> {
    let (name, password) = text.split_once(':').ok_or(CheckError::User)?;
    Ok((name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_would_send_nothing_is_refused() {
        let with = |repeat| {
            let mut options = CheckOptions::new("http://127.0.0.1/");
            options.from = Some("https://app.example.com".to_owned());
            options.repeat = repeat;
            Plan::new(&options).err()
        };
        assert_eq!(with(1), None);
        assert_eq!(with(0), Some(CheckError::Repeat(0)));
        assert_eq!(with(101), Some(CheckError::Repeat(101)));
    }
}
