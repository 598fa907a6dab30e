//! What a script says: `open()`, `setRequestHeader()`, `send()`, `abort()` and the attributes.

use std::time::Duration;

use http::{HeaderName, Method};
use url::Url;

use super::{EventKind, Global, ResponseType, State, Target, Task, Xhr, XhrError};
use crate::browser::{CredentialsMode, Request};
use crate::headers::{HeaderList, MimeType, Value, names, request as rules};
use crate::method;
use crate::time::Time;

/// Whether the script waits for the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timing {
    /// It goes on; events tell it.
    #[default]
    Asynchronous,
    /// `open(…, false)`: it blocks.
    Synchronous,
}

/// [`withCredentials`](https://xhr.spec.whatwg.org/#the-withcredentials-attribute).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Cookies and HTTP authentication go to the page's own origin only.
    #[default]
    SameOrigin,
    /// They go to every origin.
    Include,
}

/// Whether somebody listens at `upload`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UploadListeners {
    /// Nobody.
    #[default]
    None,
    /// Somebody: a preflight is sent for it.
    Some,
}

/// The last three arguments of `open()`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// The third.
    pub timing: Timing,
    /// The fourth.
    pub username: Option<String>,
    /// The fifth.
    pub password: Option<String>,
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XhrBody {
    /// How many bytes there are.
    pub length: u64,
    /// The type that it brings along: `text/plain;charset=UTF-8` for a text, nothing for a buffer.
    pub content_type: Option<Value>,
    /// What it was made from.
    pub kind: XhrBodyKind,
}

/// What a body was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XhrBodyKind {
    /// A string, a document or a `URLSearchParams`: it is UTF-8, and a `charset` that says otherwise is mended.
    Text,
    /// Anything else.
    Bytes,
}

impl Xhr {
    /// [`open()`](https://xhr.spec.whatwg.org/#the-open()-method). `base` is what a relative URL is resolved against.
    ///
    /// # Errors
    /// As the method throws.
    pub fn open(&mut self, method: &str, url: &str, base: Option<&Url>, open: Open) -> Result<(), XhrError> {
        let parsed = Method::from_bytes(method.as_bytes()).map_err(|_| XhrError::Syntax)?;
        if method::is_forbidden(method.as_bytes()) {
            return Err(XhrError::Security);
        }
        let mut url = Url::options().base_url(base).parse(url).map_err(|_| XhrError::Syntax)?;
        if url.has_host() {
            // Both stay in the URL, whatever origin it is of; the protocol decides whether they go along.
            if let Some(username) = &open.username {
                let _ = url.set_username(username);
            }
            if let Some(password) = &open.password {
                let _ = url.set_password(Some(password));
            }
        }
        let bound = !self.timeout.is_zero() || self.response_type != ResponseType::Default;
        if open.timing == Timing::Synchronous && self.global == Global::Window && bound {
            return Err(XhrError::InvalidAccess);
        }
        self.begin();
        if self.send_invoked {
            self.push(Task::Cancel);
        }
        self.generation += 1;
        self.send_invoked = false;
        self.method = method::normalize(parsed);
        self.url = Some(url);
        self.headers = HeaderList::new();
        self.timing = open.timing;
        self.upload_listener = UploadListeners::None;
        self.response = None;
        self.received.clear();
        if self.state != State::Opened {
            self.state = State::Opened;
            self.fire_state_change();
        }
        Ok(())
    }

    fn is_ready_to_send(&self) -> Result<(), XhrError> {
        if self.state == State::Opened && !self.send_invoked { Ok(()) } else { Err(XhrError::InvalidState) }
    }

    /// [`setRequestHeader()`](https://xhr.spec.whatwg.org/#the-setrequestheader()-method). A forbidden header is ignored;
    /// a second value joins the first.
    ///
    /// # Errors
    /// As the method throws.
    pub fn set_request_header(&mut self, name: &str, value: &[u8]) -> Result<(), XhrError> {
        self.is_ready_to_send()?;
        let value = Value::new(value).map_err(|_| XhrError::Syntax)?;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| XhrError::Syntax)?;
        if !rules::is_forbidden(&name, &value) {
            self.headers.combine(name, value);
        }
        Ok(())
    }

    /// [`timeout`](https://xhr.spec.whatwg.org/#the-timeout-attribute); zero is none.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sets [`timeout`](https://xhr.spec.whatwg.org/#the-timeout-attribute); it counts from the beginning of the fetch.
    ///
    /// # Errors
    /// [`XhrError::InvalidAccess`] for a synchronous request in a window.
    pub fn set_timeout(&mut self, timeout: Duration) -> Result<(), XhrError> {
        if self.global == Global::Window && self.timing == Timing::Synchronous {
            return Err(XhrError::InvalidAccess);
        }
        self.timeout = timeout;
        Ok(())
    }

    /// When [`timed_out`](Xhr::timed_out) is due, as things stand.
    pub fn deadline(&self) -> Option<Time> {
        let began = self.began.filter(|_| self.send_invoked && !self.timeout.is_zero())?;
        Some(began + self.timeout)
    }

    /// [`withCredentials`](https://xhr.spec.whatwg.org/#the-withcredentials-attribute).
    pub fn with_credentials(&self) -> bool {
        self.credentials == Credentials::Include
    }

    /// Sets [`withCredentials`](https://xhr.spec.whatwg.org/#the-withcredentials-attribute).
    ///
    /// # Errors
    /// [`XhrError::InvalidState`] once the request is sent.
    pub fn set_with_credentials(&mut self, include: bool) -> Result<(), XhrError> {
        if self.send_invoked || !matches!(self.state, State::Unsent | State::Opened) {
            return Err(XhrError::InvalidState);
        }
        self.credentials = if include { Credentials::Include } else { Credentials::SameOrigin };
        Ok(())
    }

    /// [`responseType`](https://xhr.spec.whatwg.org/#the-responsetype-attribute).
    pub fn response_type(&self) -> ResponseType {
        self.response_type
    }

    /// Sets [`responseType`](https://xhr.spec.whatwg.org/#the-responsetype-attribute). Outside of a window `document` is
    /// ignored.
    ///
    /// # Errors
    /// As the setter throws.
    pub fn set_response_type(&mut self, kind: ResponseType) -> Result<(), XhrError> {
        if self.global != Global::Window && kind == ResponseType::Document {
            return Ok(());
        }
        if matches!(self.state, State::Loading | State::Done) {
            return Err(XhrError::InvalidState);
        }
        if self.global == Global::Window && self.timing == Timing::Synchronous {
            return Err(XhrError::InvalidAccess);
        }
        self.response_type = kind;
        Ok(())
    }

    /// [`overrideMimeType()`](https://xhr.spec.whatwg.org/#the-overridemimetype()-method).
    ///
    /// # Errors
    /// [`XhrError::InvalidState`] once the body is coming.
    pub fn override_mime_type(&mut self, mime: &str) -> Result<(), XhrError> {
        if matches!(self.state, State::Loading | State::Done) {
            return Err(XhrError::InvalidState);
        }
        // A character that is no byte may stand nowhere in a MIME type, and neither may a control character.
        let bytes: Vec<u8> = mime.chars().map(|c| u8::try_from(c).unwrap_or(1)).collect();
        self.override_mime = MimeType::parse(&bytes).or_else(|| MimeType::parse(b"application/octet-stream"));
        Ok(())
    }

    /// [`send()`](https://xhr.spec.whatwg.org/#the-send()-method). Whether somebody listens at `upload` counts now, and
    /// not later: such a listener brings a preflight.
    ///
    /// # Errors
    /// [`XhrError::InvalidState`] unless the request is open and not yet sent.
    pub fn send(
        &mut self,
        body: Option<XhrBody>,
        listeners: UploadListeners,
        now: Time,
    ) -> Result<(), XhrError> {
        self.is_ready_to_send()?;
        let Some(url) = self.url.clone() else { return Err(XhrError::InvalidState) };
        let body = body.filter(|_| !matches!(self.method, Method::GET | Method::HEAD));
        if let Some(body) = &body {
            self.set_content_type(body);
        }
        self.upload_listener = listeners;
        self.upload_complete = body.is_none();
        self.request_length = body.as_ref().map_or(0, |body| body.length);
        let request = self.request(url, body).map_err(|_| XhrError::Syntax)?;
        self.transmitted = 0;
        self.send_invoked = true;
        self.began = Some(now);
        self.last_progress = None;
        self.told = None;
        // Browsers tell of no upload within the first interval.
        self.last_upload_progress = Some(now);
        self.begin();
        if self.timing == Timing::Synchronous {
            self.push(Task::FetchAndWait(Box::new(request)));
            return Ok(());
        }
        let generation = self.generation;
        self.fire(Target::Xhr, EventKind::LoadStart, 0, 0);
        if !self.upload_complete && listeners == UploadListeners::Some {
            self.push(Task::UploadLoadStart { generation });
        }
        self.push(Task::Fetch { request: Box::new(request), generation });
        Ok(())
    }

    fn request(&self, url: Url, body: Option<XhrBody>) -> Result<Request, crate::browser::RequestError> {
        let mut builder = Request::builder(url).method(self.method.as_str()).url_credentials();
        for (name, value) in self.headers.iter() {
            builder = builder.line(name.clone(), value.clone());
        }
        if let Some(body) = body {
            builder = builder.body(body.length, None);
        }
        if self.credentials == Credentials::Include {
            builder = builder.credentials(CredentialsMode::Include);
        }
        if self.upload_listener == UploadListeners::Some {
            builder = builder.forced_preflight();
        }
        builder.build()
    }

    /// The type that the body brings, unless the script set one; of that one a wrong `charset` is mended.
    fn set_content_type(&mut self, body: &XhrBody) {
        match (self.headers.get(&names::CONTENT_TYPE), &body.content_type) {
            (None, None) => {}
            (None, Some(brought)) => self.headers.set(names::CONTENT_TYPE, brought.clone()),
            (Some(_), _) if body.kind == XhrBodyKind::Bytes => {}
            (Some(own), _) => {
                let Some(mut mime) = MimeType::parse(own.as_bytes()) else { return };
                let is_wrong = mime.parameter("charset").is_some_and(|c| !c.eq_ignore_ascii_case("utf-8"));
                if is_wrong {
                    mime.set_parameter("charset", "UTF-8");
                    if let Ok(value) =
                        Value::new(mime.to_string().chars().map(|c| c as u8).collect::<Vec<u8>>())
                    {
                        self.headers.set(names::CONTENT_TYPE, value);
                    }
                }
            }
        }
    }

    /// [`abort()`](https://xhr.spec.whatwg.org/#the-abort()-method).
    pub fn abort(&mut self) {
        self.begin();
        if self.send_invoked {
            self.push(Task::Cancel);
        }
        let in_flight = (self.state == State::Opened && self.send_invoked)
            || matches!(self.state, State::HeadersReceived | State::Loading);
        if in_flight {
            self.generation += 1;
            self.request_error(EventKind::Abort);
        }
        self.push(Task::Settle);
    }
}
