//! Opens an address: fetches a page or a script, as when a user types the address.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use crossing::browser::{
    Client, CredentialsMode, Destination, Mode, Prompts, RedirectMode, Referrer, Request, Response,
    ResponseType,
};
use crossing::headers::response::forbids_sniffing;
use crossing::headers::{MimeType, is_javascript, names};
use crossing_agent::{Agent, BlockingAgent, NetworkError, Outcome};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use url::Url;

use super::Page;
use crate::conversation::{Conversation, ConversationEnd};
use crate::redact::{display_url, without_credentials};

/// How many redirects are followed, as in the [Fetch Standard](https://fetch.spec.whatwg.org/#concept-http-redirect-fetch).
const MAX_REDIRECTS: usize = 20;
/// In how many bytes a page's own word about its encoding is looked for.
const PRESCAN: usize = 1024;

/// A page or a script at an address.
#[derive(Debug)]
pub enum Opened {
    /// A page.
    Page(Box<Page>),
    /// A script.
    Script {
        /// Where it was found in the end.
        url: Url,
        /// Its text.
        source: String,
    },
}

/// Fetches the page or the script at an address, as a browser does when a user types it. `on_conversation` gets each fetch.
///
/// The `Content-Type` decides which of the two it is; without one, a name in `.js` is a script. This function blocks, and must
/// not be called inside an asynchronous runtime.
///
/// ```
/// use axum::{Router, response::Html, routing::get};
/// use crossing_agent::Agent;
/// use crossing_js::{Opened, Runtime, open};
///
/// let app = Router::new().route("/", get(|| async { Html("<title>Hi</title>") }));
/// let agent = Agent::in_process().host("a.example", app).build()?;
/// let Opened::Page(page) = open(&agent, &"https://a.example/".parse()?, |_| {})? else { panic!("not a page") };
/// let mut runtime = Runtime::builder().page(*page).agent(agent).build()?;
/// runtime.run_until_idle()?;
/// assert_eq!(runtime.eval("document.title")?, "'Hi'");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When there is neither a page nor a script.
pub fn open(
    agent: &Agent,
    url: &Url,
    mut on_conversation: impl FnMut(Conversation),
) -> Result<Opened, OpenError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(OpenError::new(url, OpenProblem::Scheme));
    }
    let blocking =
        BlockingAgent::new(agent.clone()).map_err(|error| OpenError::new(url, OpenProblem::Start(error)))?;
    let mut url = url.clone();
    for _ in 0..=MAX_REDIRECTS {
        let (response, body) = fetch(&blocking, &url, &mut on_conversation)?;
        let Some(location) = redirect(&response) else { return classify(url, &response, &body) };
        let wrong = || OpenError::new(&url, OpenProblem::Redirect(location.clone()));
        let mut to = url.join(&location).map_err(|_| wrong())?;
        if !matches!(to.scheme(), "http" | "https") {
            return Err(wrong());
        }
        if to.fragment().is_none() {
            to.set_fragment(url.fragment());
        }
        url = to;
    }
    Err(OpenError::new(&url, OpenProblem::TooManyRedirects))
}

/// One request, by the page at that address itself: so nothing about it is cross-origin.
fn fetch(
    blocking: &BlockingAgent,
    url: &Url,
    on_conversation: &mut impl FnMut(Conversation),
) -> Result<(Response, Bytes), OpenError> {
    let client = Arc::new(Client { prompts: Prompts::Interactive, ..Client::at(url.clone()) });
    let request = Request::builder(url.clone())
        .mode(Mode::NoCors)
        .credentials(CredentialsMode::Include)
        .redirect(RedirectMode::Manual)
        .referrer(Referrer::None)
        .url_credentials()
        .destination(Destination::Document)
        .build()
        .map_err(|error| OpenError::new(url, OpenProblem::Broken(error.to_string())))?;
    let method = request.method().clone();
    let Outcome { result, exchanges, trace, .. } = blocking.fetch(&client, request, ());
    let mut report = |end| {
        on_conversation(Conversation {
            method: method.clone(),
            url: url.clone(),
            exchanges: exchanges.clone(),
            trace: trace.clone(),
            end,
        })
    };
    match result {
        Err(error) => {
            report(ConversationEnd::Failed(error.clone()));
            Err(OpenError::new(url, OpenProblem::Network(error)))
        }
        Ok(fetched) => {
            report(ConversationEnd::Responded {
                kind: fetched.response.kind,
                status: fetched.response.status,
            });
            let body = blocking
                .bytes(fetched.body)
                .map_err(|error| OpenError::new(url, OpenProblem::Broken(error.to_string())))?;
            Ok((fetched.response, body))
        }
    }
}

fn redirect(response: &Response) -> Option<String> {
    if response.kind != ResponseType::OpaqueRedirect {
        return None;
    }
    response.headers.get(&names::LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// What the response is.
fn classify(url: Url, response: &Response, body: &Bytes) -> Result<Opened, OpenError> {
    if !(200..300).contains(&response.status) {
        let text = crossing::headers::isomorphic_decode(&response.status_text);
        return Err(OpenError::new(&url, OpenProblem::Status(response.status, text)));
    }
    let mime = MimeType::extract(&response.headers);
    let essence = mime.as_ref().map(MimeType::essence);
    let charset = mime.as_ref().and_then(|mime| mime.parameter("charset"));
    let charset = charset.and_then(|label| Encoding::for_label(label.as_bytes()));
    let url = without_credentials(&url);
    let named = |ends: &[&str]| ends.iter().any(|end| url.path().to_ascii_lowercase().ends_with(end));
    let script = named(&[".js", ".mjs", ".cjs"]);
    match essence.as_deref() {
        Some(kind) if is_javascript(kind) => {}
        Some("text/html") if !script => {
            let encoding = encoding_of(body, charset);
            let (html, encoding, _) = encoding.decode(body);
            let page = Page { encoding, ..Page::received(url, &response.headers, &html) };
            return Ok(Opened::Page(Box::new(page)));
        }
        None | Some("text/plain" | "application/octet-stream")
            if script && !forbids_sniffing(&response.headers) => {}
        kind => return Err(OpenError::new(&url, OpenProblem::Type(kind.map(str::to_owned)))),
    }
    let (source, _, _) = charset.unwrap_or(UTF_8).decode(body);
    Ok(Opened::Script { url, source: source.into_owned() })
}

/// A page's [encoding](https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding): that of the
/// `Content-Type`, or that of the page's `<meta>`.
fn encoding_of(body: &[u8], charset: Option<&'static Encoding>) -> &'static Encoding {
    charset.or_else(|| prescan(&body[..body.len().min(PRESCAN)])).unwrap_or(WINDOWS_1252)
}

/// The first `charset=` that stands in a `<meta`.
fn prescan(head: &[u8]) -> Option<&'static Encoding> {
    let text = crossing::headers::isomorphic_decode(head).to_ascii_lowercase();
    let found = text.split("<meta").skip(1).find_map(|rest| {
        let tag = rest.split('>').next()?;
        let after = tag.split("charset").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
        let label = after.trim_start_matches(['"', '\'']);
        Encoding::for_label(label.split(['"', '\'', ' ', ';', '/']).next()?.as_bytes())
    })?;
    // The markup has been read as ASCII so far.
    Some(if [encoding_rs::UTF_16BE, encoding_rs::UTF_16LE].contains(&found) { UTF_8 } else { found })
}

/// Why there is neither a page nor a script.
#[derive(Debug)]
#[non_exhaustive]
pub struct OpenError {
    /// The address that was asked last, without a password.
    pub url: String,
    /// What is wrong with it.
    pub problem: OpenProblem,
}

impl OpenError {
    fn new(url: &Url, problem: OpenProblem) -> OpenError {
        OpenError { url: display_url(url), problem }
    }
}

/// What is wrong with an address.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenProblem {
    /// Only http and https are fetched.
    Scheme,
    /// No event loop can be started.
    Start(std::io::Error),
    /// No response came, or it may not be had.
    Network(NetworkError),
    /// The response broke off, or is too large.
    Broken(String),
    /// The status is none of success.
    Status(u16, String),
    /// It redirects to this text, which is not an http or https URL.
    Redirect(String),
    /// It redirects too many times.
    TooManyRedirects,
    /// The type is neither a page's nor a script's.
    Type(Option<String>),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.problem)
    }
}

impl fmt::Display for OpenProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenProblem::Scheme => f.write_str("only http and https addresses are fetched"),
            OpenProblem::Start(error) => write!(f, "no event loop: {error}"),
            OpenProblem::Network(error) => write!(f, "{}: {error}", error.failure.reason.code()),
            OpenProblem::Broken(problem) => f.write_str(problem),
            OpenProblem::Status(status, text) => write!(f, "the server answered {status} {text}"),
            OpenProblem::Redirect(to) => {
                let to: String = to.chars().take(80).collect();
                write!(f, "the server redirects to '{to}', which is no address of the web")
            }
            OpenProblem::TooManyRedirects => {
                write!(f, "the server has redirected more than {MAX_REDIRECTS} times")
            }
            OpenProblem::Type(kind) => {
                match kind {
                    Some(kind) => write!(f, "neither a page nor a script: its Content-Type is {kind}")?,
                    None => f.write_str("neither a page nor a script: it has no Content-Type")?,
                }
                f.write_str("; a page is text/html, and a script text/javascript")
            }
        }
    }
}

impl std::error::Error for OpenError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_its_encoding_itself_where_the_server_does_not() {
        for (head, name) in [
            ("<meta charset=utf-8>", "UTF-8"),
            ("<META CharSet='shift_jis'>", "Shift_JIS"),
            ("<meta http-equiv=content-type content=\"text/html; charset=koi8-r\">", "KOI8-R"),
            ("<meta charset=utf-16>", "UTF-8"),
            ("<p>charset=utf-8", "windows-1252"),
            ("<meta name=x><meta charset = utf-8 >", "UTF-8"),
        ] {
            assert_eq!(encoding_of(head.as_bytes(), None).name(), name, "{head}");
        }
        assert_eq!(encoding_of(b"<meta charset=utf-8>", Some(WINDOWS_1252)), WINDOWS_1252);
    }
}
