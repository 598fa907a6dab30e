//! Pages: a window, a document of a few words, and the scripts of the markup.

mod document;
mod markup;
mod open;
mod script;

use std::collections::HashMap;

use crossing::browser::{Client, ContentSecurityPolicy, EmbedderPolicy, Prompts, ReferrerPolicy};
use crossing::headers::{HeaderList, HeaderName};
use encoding_rs::{Encoding, UTF_8};
use url::Url;

pub(crate) use document::{Document, Errors, Source};
pub use open::{OpenError, OpenProblem, Opened, open};

pub(crate) use script::{ScriptAction, Timing, request};

use markup::Markup;

/// A page, ready to be loaded: its address and policies, and its markup.
///
/// ```
/// use crossing::browser::Client;
/// use crossing_js::{ConsoleLevel, Page, Runtime};
///
/// let client = Client::at("https://app.example.com/".parse()?);
/// let page = Page::new(client, "<title>Hello</title><script>console.log(document.title)</script>");
/// let mut runtime = Runtime::builder()
///     .page(page)
///     .on_console(|level, line| assert_eq!((level, line), (ConsoleLevel::Log, "Hello")))
///     .build()?;
/// runtime.run_until_idle()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Page {
    pub(crate) client: Client,
    pub(crate) markup: Markup,
    /// What its external scripts are read as where nothing else is said.
    pub(crate) encoding: &'static Encoding,
    /// What stands at URLs that are not asked for over the network.
    pub(crate) files: HashMap<Url, Vec<u8>>,
}

impl Page {
    /// A page of this markup, for `client`. It is interactive: passwords in URLs are used for challenges, and where the user would
    /// be prompted for one, the request fails. Policies in `<meta>` are added to the client's own, for the page as a
    /// whole.
    pub fn new(client: Client, html: &str) -> Page {
        let markup = Markup::read(html);
        let mut client = Client { prompts: Prompts::Interactive, ..client };
        for (name, content) in &markup.pragmas {
            if name == "content-security-policy" {
                client.csp.extend(content.split(',').map(ContentSecurityPolicy::parse));
            }
        }
        for token in &markup.referrers {
            if let Ok(policy) = token.trim().to_ascii_lowercase().parse() {
                client.referrer_policy = policy;
            }
        }
        Page { client, markup, encoding: UTF_8, files: HashMap::new() }
    }

    /// The page that came with these headers from this URL.
    fn received(url: Url, headers: &HeaderList, html: &str) -> Page {
        let mut client = Client::at(url);
        client.csp = lines(headers, "content-security-policy")
            .flat_map(|line| line.split(',').map(ContentSecurityPolicy::parse).collect::<Vec<_>>())
            .collect();
        client.referrer_policy = ReferrerPolicy::from_headers(headers).unwrap_or_default();
        // A structured item: a token, and parameters that change nothing here.
        let embedder = lines(headers, "cross-origin-embedder-policy").next().unwrap_or_default();
        client.embedder_policy = match embedder.split(';').next().unwrap_or_default().trim() {
            "require-corp" => EmbedderPolicy::RequireCorp,
            "credentialless" => EmbedderPolicy::Credentialless,
            _ => EmbedderPolicy::UnsafeNone,
        };
        Page::new(client, html)
    }

    /// The address from which relative URLs count.
    pub(crate) fn base(&self) -> Option<Url> {
        let own = self.client.url.as_ref();
        let Some(href) = &self.markup.base else { return own.cloned() };
        // https://html.spec.whatwg.org/multipage/semantics.html#set-the-frozen-base-url
        let base = Url::options().base_url(own).parse(href).ok();
        base.filter(|url| !matches!(url.scheme(), "data" | "javascript")).or_else(|| own.cloned())
    }

    /// The `file:` URLs of its external scripts. A page from a disk has them beside it; what the program around does not
    /// [give](Page::file) is not there.
    pub fn file_scripts(&self) -> Vec<Url> {
        let base = self.base();
        let src = |script: &markup::Script| {
            let src = self.markup.elements[script.element].attribute("src")?;
            Url::options().base_url(base.as_ref()).parse(src).ok()
        };
        self.markup.scripts.iter().filter_map(src).filter(|url| url.scheme() == "file").collect()
    }

    /// Gives what stands at a `file:` URL, for pages of `file:` URLs alone.
    #[must_use]
    pub fn file(mut self, url: Url, bytes: Vec<u8>) -> Page {
        self.files.insert(url, bytes);
        self
    }
}

fn lines<'a>(headers: &'a HeaderList, name: &'static str) -> impl Iterator<Item = String> + 'a {
    let name = HeaderName::from_static(name);
    headers.iter().filter(move |(known, _)| **known == name).map(|(_, value)| value.to_text())
}
