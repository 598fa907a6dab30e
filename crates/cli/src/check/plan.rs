//! What was typed, understood: every mistake is found before anything is sent.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crossing::browser::{Profile, Request, RequestBuilder, RequestError};
use crossing::{Origin, OriginError, Value};
use crossing_agent::ResolveOverride;
use url::Url;

use super::Server;
use super::pasted::{self, Misread};
use crate::args::CheckArgs;
use crate::text::shorten;

/// The longest value of a flag other than the body, in bytes. No server takes a line this long.
const LONGEST_VALUE: usize = 64 * 1024;

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
    pub(crate) resolve: Vec<ResolveOverride>,
    pub(crate) certificates: Certificates,
    pub(crate) timeout: Duration,
    /// Whose configuration is written; recognised where nobody says.
    pub(crate) server: Option<Server>,
}

/// Whose rules are asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Profiles {
    /// Those of one profile.
    One(Profile),
    /// Those of every profile, one after another.
    All,
}

/// Which certificates are trusted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Certificates {
    /// Those of the platform's authorities.
    Platform,
    /// Those of the authorities in this file.
    File(PathBuf),
    /// Any.
    Any,
}

/// A mistake on the command line: which flag, what is wrong, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    Origin(OriginError),
    NoOrigin,
    Pasted(Misread),
    Url { text: String, problem: String },
    Scheme { url: String, scheme: String },
    HeaderWithoutColon(String),
    LineBreak { flag: &'static str, text: String },
    TooLong { flag: &'static str, bytes: usize },
    Cookie(String),
    User,
    Resolve(String),
    Request(RequestError),
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mistake::Origin(error) => write!(f, "--from: {error}"),
            Mistake::NoOrigin => {
                f.write_str("whose page asks? Say it with --from, as in --from https://app.example.com")
            }
            Mistake::Pasted(misread) => misread.fmt(f),
            Mistake::Url { text, problem } => {
                write!(
                    f,
                    "'{}' is not a URL: {problem}; write it whole, as in https://example.com/",
                    shorten(text)
                )
            }
            Mistake::Scheme { url, scheme } => write!(
                f,
                "'{}' is a {scheme}: URL, and a page can ask other origins for http: and https: URLs only",
                shorten(url)
            ),
            Mistake::HeaderWithoutColon(text) => {
                write!(f, "-H '{}' has no colon; write it as 'Name: value'", shorten(text))
            }
            Mistake::LineBreak { flag, text } => {
                write!(f, "{flag} '{}' holds a line break or a NUL, which no header can hold", shorten(text))
            }
            Mistake::TooLong { flag, bytes } => {
                write!(f, "the value of {flag} has {bytes} bytes; at most {LONGEST_VALUE} are taken")
            }
            Mistake::Cookie(text) => {
                write!(f, "--cookie '{}' is not a cookie; write it as 'name=value', one each", shorten(text))
            }
            Mistake::User => f.write_str("--user has no colon; write it as NAME:PASSWORD"),
            Mistake::Resolve(text) => write!(
                f,
                "--resolve '{}' is not HOST:PORT:ADDR; write it as in api.example.com:443:127.0.0.1",
                shorten(text)
            ),
            Mistake::Request(error) => error.fmt(f),
        }
    }
}

impl Plan {
    /// Understands what was typed.
    pub(crate) fn new(args: &CheckArgs) -> Result<Plan, Mistake> {
        let (args, dropped) = pasted::unfold(args).map_err(Mistake::Pasted)?;
        let args = &args;
        refuse_long_values(args)?;
        let from = args.from.as_deref().ok_or(Mistake::NoOrigin)?;
        let page = Origin::parse(from).map_err(Mistake::Origin)?;
        let url = url(&args.url)?;
        let body = args.body.clone().map(String::into_bytes);
        let request = request(args, url)?.build().map_err(Mistake::Request)?;
        Ok(Plan {
            page,
            dropped,
            request,
            body,
            cookies: args.cookies.iter().map(|text| cookie(text)).collect::<Result<_, _>>()?,
            user: args.user.as_deref().map(user).transpose()?,
            profiles: Profile::from_name(&args.profile).map_or(Profiles::All, Profiles::One),
            repeat: args.repeat,
            resolve: args.resolve.iter().map(|text| resolve(text)).collect::<Result<_, _>>()?,
            certificates: match &args.cacert {
                _ if args.insecure => Certificates::Any,
                Some(file) => Certificates::File(file.clone()),
                None => Certificates::Platform,
            },
            timeout: Duration::from_secs_f64(args.timeout),
            server: args.server,
        })
    }
}

fn refuse_long_values(args: &CheckArgs) -> Result<(), Mistake> {
    let single = [("URL", Some(&args.url)), ("--from", args.from.as_ref()), ("-X", args.method.as_ref())];
    let single = single.into_iter().chain([("--user", args.user.as_ref())]);
    let single = single.filter_map(|(flag, value)| value.map(|value| (flag, value)));
    let repeated = [("-H", &args.headers), ("--cookie", &args.cookies), ("--resolve", &args.resolve)];
    let repeated =
        repeated.into_iter().flat_map(|(flag, values)| values.iter().map(move |value| (flag, value)));
    match single.chain(repeated).find(|(_, value)| value.len() > LONGEST_VALUE) {
        Some((flag, value)) => Err(Mistake::TooLong { flag, bytes: value.len() }),
        None => Ok(()),
    }
}

/// An address that a page can ask.
pub(crate) fn url(text: &str) -> Result<Url, Mistake> {
    let wrong = |problem: &str| Mistake::Url { text: text.to_owned(), problem: problem.to_owned() };
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        // `localhost:3000/x` is a URL with the scheme `localhost`.
        _ if !text.contains("://") && text.contains('.') || text.starts_with("localhost") => {
            Err(wrong("it has no scheme"))
        }
        scheme => Err(Mistake::Scheme { url: text.to_owned(), scheme: scheme.to_owned() }),
    }
}

fn request(args: &CheckArgs, url: Url) -> Result<RequestBuilder, Mistake> {
    let mut builder = Request::builder(url)
        .mode(keyword(args.mode.as_deref()))
        .credentials(keyword(args.credentials.as_deref()))
        .redirect(keyword(args.redirect.as_deref()))
        .referrer_policy(keyword(args.referrer_policy.as_deref()));
    if let Some(method) = args.method.as_deref().or(args.body.as_ref().map(|_| "POST")) {
        builder = builder.method(method);
    }
    for text in &args.headers {
        let (name, value) = text.split_once(':').ok_or_else(|| Mistake::HeaderWithoutColon(text.clone()))?;
        let value = value.trim_matches([' ', '\t']);
        if value.contains(['\r', '\n', '\0']) {
            return Err(Mistake::LineBreak { flag: "-H", text: text.clone() });
        }
        builder = builder.header(name, value);
    }
    if let Some(body) = &args.body {
        builder = builder.body(body.len() as u64, Some(Value::from_static("text/plain;charset=UTF-8")));
    }
    Ok(builder)
}

/// The value of a keyword; the default of its type where there is none.
fn keyword<T: FromStr + Default>(text: Option<&str>) -> T {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn cookie(text: &str) -> Result<String, Mistake> {
    if text.contains(['\r', '\n', '\0']) {
        return Err(Mistake::LineBreak { flag: "--cookie", text: text.to_owned() });
    }
    match text.split_once('=') {
        Some((name, _)) if !name.trim().is_empty() && !text.contains(';') => Ok(text.to_owned()),
        _ => Err(Mistake::Cookie(text.to_owned())),
    }
}

fn user(text: &str) -> Result<(String, String), Mistake> {
    let (name, password) = text.split_once(':').ok_or(Mistake::User)?;
    Ok((name.to_owned(), password.to_owned()))
}

/// A `--resolve`.
pub(crate) fn resolve(text: &str) -> Result<ResolveOverride, Mistake> {
    text.parse().map_err(|_| Mistake::Resolve(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_without_a_scheme_is_no_url() {
        for text in ["localhost:3000/x", "api.example.com:8080", "api.example.com/x", "http://", "//x"] {
            assert!(matches!(url(text), Err(Mistake::Url { .. })), "{text}");
        }
        assert!(matches!(url("file:///etc/passwd"), Err(Mistake::Scheme { .. })));
        assert!(matches!(url("data:,x"), Err(Mistake::Scheme { .. })));
    }
}
