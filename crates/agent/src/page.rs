//! Pages: the shortest way to see an application as a browser's script does.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use crossing::browser::{
    CacheMode, Client, CredentialsMode, Event, Mode, RedirectMode, Request, RequestBuilder, RequestError,
    Response,
};
use crossing::{HeaderName, Origin, OriginError, Reason, Value};
use url::Url;

use crate::agent::Agent;
use crate::error::TransportError;
use crate::outcome::{NetworkError, WireExchange};
use crate::response_body::Body;

/// A page of this origin, `null` being an opaque one: see [`Client::new`].
///
/// # Errors
/// When the text is not an origin; the error describes the fix.
pub fn client(origin: &str) -> Result<Arc<Client>, OriginError> {
    Ok(Arc::new(Client::new(Origin::parse(origin)?)))
}

impl Agent {
    /// Opens a page of this origin.
    ///
    /// # Errors
    /// When the text is not an origin; the error describes the fix.
    pub fn page(&self, origin: &str) -> Result<Page, OriginError> {
        Ok(Page::new(self.clone(), client(origin)?))
    }

    /// Opens the page of a client, which has an address, policies and an embedder.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use crossing::Reason;
    /// use crossing::browser::{Client, ContentSecurityPolicy};
    /// use crossing_agent::Agent;
    ///
    /// let mut client = Client::at("https://app.example.com/start".parse()?);
    /// client.csp = vec![ContentSecurityPolicy::parse("connect-src 'self'")];
    /// let page = Agent::in_process().build()?.page_with(client);
    /// let error = page.get("https://api.example.com/").send().await.unwrap_err();
    /// assert_eq!(error.reason(), Some(Reason::Csp));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn page_with(&self, client: Client) -> Page {
        Page::new(self.clone(), Arc::new(client))
    }
}

/// A page in an [`Agent`].
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use axum::{Router, routing::put};
/// use crossing::Reason;
/// use crossing_agent::Agent;
///
/// let origin = ("access-control-allow-origin", "https://app.example.com");
/// let item = put(move || async move { ([origin], "stored") })
///     .options(move || async move { [origin, ("access-control-allow-methods", "PUT")] });
/// let agent = Agent::in_process().host("api.example.com", Router::new().route("/items/1", item)).build()?;
/// let url = "https://api.example.com/items/1";
///
/// let page = agent.page("https://app.example.com")?;
/// let response = page.put(url).text("new").send().await?;
/// assert_eq!(response.wire(), [format!("OPTIONS {url} 200"), format!("PUT {url} 200")]);
///
/// let error = page.request("DELETE", url).send().await.unwrap_err();
/// assert_eq!(error.reason(), Some(Reason::MethodNotAllowed));
/// let error = agent.page("https://other.example")?.put(url).send().await.unwrap_err();
/// assert_eq!(error.reason(), Some(Reason::AcaoMismatch));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Page {
    agent: Agent,
    client: Arc<Client>,
}

impl Page {
    pub(crate) fn new(agent: Agent, client: Arc<Client>) -> Page {
        Page { agent, client }
    }

    /// Begins a `GET`.
    pub fn get(&self, url: &str) -> PageRequest {
        self.request("GET", url)
    }

    /// Begins a `POST`.
    pub fn post(&self, url: &str) -> PageRequest {
        self.request("POST", url)
    }

    /// Begins a `PUT`.
    pub fn put(&self, url: &str) -> PageRequest {
        self.request("PUT", url)
    }

    /// Begins a `PATCH`.
    pub fn patch(&self, url: &str) -> PageRequest {
        self.request("PATCH", url)
    }

    /// Begins a `DELETE`.
    pub fn delete(&self, url: &str) -> PageRequest {
        self.request("DELETE", url)
    }

    /// Begins a request of any method. A relative URL is resolved against the page's own.
    pub fn request(&self, method: &str, url: &str) -> PageRequest {
        let url = match &self.client.url {
            Some(base) => base.join(url),
            None => Url::parse(url),
        };
        let builder = url.map(|url| Request::builder(url).method(method)).map_err(PageError::Url);
        PageRequest { page: self.clone(), builder, body: None, content_type: None }
    }
}

/// A request that a page makes; as with `fetch()`, mode `cors`, credentials `same-origin`.
#[must_use = "it is not sent before `send`"]
#[derive(Clone, Debug)]
pub struct PageRequest {
    page: Page,
    builder: Result<RequestBuilder, PageError>,
    body: Option<Bytes>,
    /// The type that the body brings along.
    content_type: Option<Value>,
}

impl PageRequest {
    /// Adds a header.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.with(|builder| builder.header(name, value))
    }

    /// A text, which brings `text/plain;charset=UTF-8` along.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.body = Some(text.into().into());
        self.content_type = Some(Value::from_static("text/plain;charset=UTF-8"));
        self
    }

    /// Bytes, which bring no type.
    pub fn bytes(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body = Some(bytes.into());
        self.content_type = None;
        self
    }

    /// The credentials mode.
    pub fn credentials(self, credentials: CredentialsMode) -> Self {
        self.with(|builder| builder.credentials(credentials))
    }

    /// Credentials to every origin: `credentials: "include"`, or `withCredentials`.
    pub fn with_credentials(self) -> Self {
        self.credentials(CredentialsMode::Include)
    }

    /// The mode.
    pub fn mode(self, mode: Mode) -> Self {
        self.with(|builder| builder.mode(mode))
    }

    /// The redirect mode.
    pub fn redirect(self, redirect: RedirectMode) -> Self {
        self.with(|builder| builder.redirect(redirect))
    }

    /// The cache mode.
    pub fn cache(self, cache: CacheMode) -> Self {
        self.with(|builder| builder.cache(cache))
    }

    fn with(mut self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        self.builder = self.builder.map(change);
        self
    }

    /// Sends it, as a browser would.
    ///
    /// # Errors
    /// When a script would meet a `TypeError`: the request cannot be made, or the browser blocks it.
    pub async fn send(self) -> Result<PageResponse, PageError> {
        let mut builder = self.builder?;
        if let Some(body) = &self.body {
            builder = builder.body(body.len() as u64, self.content_type);
        }
        let request = builder.build().map_err(PageError::Request)?;
        let outcome = self.page.agent.fetch(&self.page.client, request, self.body).await;
        match outcome.result {
            Ok(fetched) => Ok(PageResponse {
                response: fetched.response,
                body: fetched.body,
                exchanges: outcome.exchanges,
                trace: outcome.trace,
            }),
            Err(error) => Err(PageError::Blocked(Blocked { error, exchanges: outcome.exchanges })),
        }
    }
}

/// What the script gets.
#[derive(Debug)]
#[non_exhaustive]
pub struct PageResponse {
    /// The head, filtered.
    pub response: Response,
    /// The body.
    pub body: Body,
    /// What went over the wire, if the agent records it.
    pub exchanges: Vec<WireExchange>,
    /// What was decided on the way, if the agent traces it.
    pub trace: Vec<Event>,
}

impl PageResponse {
    /// The status; 0 if it is withheld.
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// What `response.headers.get(name)` gives: `None` if the header is absent, or not for the script to see.
    pub fn header(&self, name: &str) -> Option<String> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        self.response.headers.get(&name).map(|value| value.to_text())
    }

    /// What went over the wire, a line each: `OPTIONS https://api.example.com/items 204`.
    pub fn wire(&self) -> Vec<String> {
        wire(&self.exchanges)
    }

    /// What `response.text()` gives.
    ///
    /// # Errors
    /// When the body breaks off, takes too long or is too large.
    pub async fn text(self) -> Result<String, TransportError> {
        self.body.text().await
    }
}

fn wire(exchanges: &[WireExchange]) -> Vec<String> {
    let line = |exchange: &WireExchange| {
        let status = exchange.response.as_ref().map_or("-", |head| head.status.as_str()).to_owned();
        format!("{} {} {status}", exchange.request.method, exchange.request.url)
    };
    exchanges.iter().map(line).collect()
}

/// A [network error](https://fetch.spec.whatwg.org/#concept-network-error): the script sees no details; this type has them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Blocked {
    /// Why.
    pub error: NetworkError,
    /// What went over the wire, if the agent records it.
    pub exchanges: Vec<WireExchange>,
}

impl Blocked {
    /// What went over the wire, a line each: `OPTIONS https://api.example.com/items 405`.
    pub fn wire(&self) -> Vec<String> {
        wire(&self.exchanges)
    }
}

/// Why there is no response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PageError {
    /// The URL is not valid.
    Url(url::ParseError),
    /// The request cannot be made.
    Request(RequestError),
    /// The browser blocks it, or no response came.
    Blocked(Blocked),
}

impl PageError {
    /// The row of the table, if the browser has blocked the request.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            PageError::Blocked(blocked) => Some(blocked.error.failure.reason),
            PageError::Url(_) | PageError::Request(_) => None,
        }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PageError::Url(error) => write!(f, "the URL cannot be read: {error}"),
            PageError::Request(error) => error.fmt(f),
            PageError::Blocked(blocked) => {
                write!(f, "{}: {}", blocked.error.failure.reason.code(), blocked.error)
            }
        }
    }
}

impl std::error::Error for PageError {}
