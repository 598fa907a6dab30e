//! Drives one fetch from its first step to its last.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use crossing::browser::{
    Body as BodyKind, BodyAccess, CacheQuery, CacheUse, Challenge, Client, Fetch, Hash, Input, Request, Send,
    SendBody, Step, Stored,
};
use crossing::{Exchange, Reason, RequestHead, ResponseHead, Time};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::agent::{Agent, AgentState};
use crate::content_coding::Decoder;
use crate::data_url;
use crate::error::TransportError;
use crate::http_cache::{CacheKey, CacheWriter, HttpCache, StorableResponse, is_unsafe};
use crate::limits::deadline_after;
use crate::options::Recording;
use crate::outcome::{Fetched, NetworkError, Outcome, WireExchange};
use crate::request_body::RequestBody;
use crate::response_body::{Body, ReceivedBody};
use crate::sync::lock;
use crate::transport::{self, IncomingBody};

/// How often a fetch prompts for a password: without a limit, wrong answers would prompt for ever.
const MAX_PROMPTS: usize = 3;

impl Agent {
    /// Fetches for a page.
    ///
    /// The body is the one that the request was built for: of the length that it announced, or a stream.
    pub async fn fetch(
        &self,
        client: &Arc<Client>,
        request: Request,
        body: impl Into<RequestBody>,
    ) -> Outcome {
        let mut driver = FetchDriver::new(&self.0, client, request, body.into());
        driver.run().await
    }
}

struct FetchDriver<'a> {
    state: &'a AgentState,
    fetch: Fetch,
    body: RequestBody,
    mismatch: Option<TransportError>,
    deadline: Instant,
    exchanges: Vec<WireExchange>,
    /// The body of the last response.
    received: Option<ReceivedBody>,
    cached: Option<Cached>,
    prompts: usize,
    detail: Option<String>,
}

/// What the HTTP cache needs to know, if there is one.
struct Cached {
    cache: Arc<Mutex<HttpCache>>,
    partition: Arc<str>,
    /// What the last look-up found.
    found: Option<(CacheKey, Bytes)>,
}

impl<'a> FetchDriver<'a> {
    fn new(
        state: &'a AgentState,
        client: &Arc<Client>,
        request: Request,
        body: RequestBody,
    ) -> FetchDriver<'a> {
        let cached = state.http_cache.as_ref().map(|cache| Cached {
            cache: cache.clone(),
            partition: client.partition(),
            found: None,
        });
        FetchDriver {
            state,
            mismatch: body_mismatch(&request, &body),
            fetch: Fetch::new(request, client.clone(), state.settings.clone()),
            body,
            deadline: deadline_after(state.limits.total),
            exchanges: Vec::new(),
            received: None,
            cached,
            prompts: 0,
            detail: None,
        }
    }

    async fn run(&mut self) -> Outcome {
        let state = self.state;
        let mut input = Input::Start;
        let result = loop {
            let now = state.clock.now();
            let step = self.fetch.step(input, now, &mut lock(&state.preflights));
            input = match step {
                Step::Send(send) => self.send(*send).await,
                Step::FindCookies(context) => Input::Cookies(lock(&state.cookies).find(&context, now)),
                Step::StoreCookies(context, lines) => {
                    lock(&state.cookies).store(&context, &lines, now);
                    Input::Done
                }
                Step::FindAuthorization(url) => Input::Authorization(lock(&state.passwords).find(&url)),
                Step::StoreAuthorization(url, value) => {
                    lock(&state.passwords).store(&url, value);
                    Input::Done
                }
                Step::Prompt(challenge) => self.prompt(&challenge),
                Step::FindStored(query) => Input::Stored(self.find_stored(&query, now)),
                Step::Freshen(head) => Input::Freshened(self.freshen(head, now)),
                Step::Local(url) => self.local(&url),
                Step::Digest(hash) => self.digest(hash).await,
                Step::Deliver(response) => {
                    let body = match self.received.take() {
                        Some(received) if response.body == BodyAccess::Readable => {
                            Body::new(received, &state.limits, self.deadline)
                        }
                        received => {
                            self.drain(received).await;
                            Body::empty()
                        }
                    };
                    break Ok(Fetched { response: *response, body });
                }
                Step::Fail(failure) => break Err(NetworkError { failure, detail: self.detail.take() }),
            };
        };
        Outcome { result, trace: self.fetch.trace().to_vec(), exchanges: std::mem::take(&mut self.exchanges) }
    }

    /// Reads the whole body, and keeps it for the script.
    async fn digest(&mut self, hash: Hash) -> Input {
        let body = match self.received.take() {
            Some(received) => Body::new(received, &self.state.limits, self.deadline),
            None => Body::empty(),
        };
        match body.bytes().await {
            Ok(bytes) => {
                let function = match hash {
                    Hash::Sha256 => &ring::digest::SHA256,
                    Hash::Sha384 => &ring::digest::SHA384,
                    Hash::Sha512 => &ring::digest::SHA512,
                };
                let digest = ring::digest::digest(function, &bytes).as_ref().to_vec();
                self.received = Some(ReceivedBody {
                    body: IncomingBody::from_bytes(bytes),
                    decoder: None,
                    cache_writer: None,
                });
                Input::Digest(digest)
            }
            Err(error) => self.failed(error),
        }
    }

    async fn drain(&self, received: Option<ReceivedBody>) {
        if let Some(received) = received {
            received.drain(&self.state.limits).await;
        }
    }

    /// Prompts for a password; without a prompt the fetch fails.
    fn prompt(&mut self, challenge: &Challenge) -> Input {
        let Some(ask) = &self.state.prompt else { return Input::Failed(Reason::AuthPrompt) };
        self.prompts += 1;
        let typed = if self.prompts <= MAX_PROMPTS { ask(challenge) } else { None };
        Input::Credentials(typed)
    }

    fn find_stored(&mut self, query: &CacheQuery, now: Time) -> Stored {
        let Some(cached) = &mut self.cached else { return Stored::Nothing };
        let key = CacheKey::new(&query.head.url, &query.partition);
        let Some(found) = lock(&cached.cache).find(&key, &query.head, now) else { return Stored::Nothing };
        cached.found = Some((key, found.body.clone()));
        if let Stored::Fresh(head) | Stored::Stale(head) = &found.stored {
            self.received = Some(stored_body(head, found.body));
        }
        found.stored
    }

    fn freshen(&mut self, update: Box<ResponseHead>, now: Time) -> Box<ResponseHead> {
        let Some(Cached { cache, found: Some((key, body)), .. }) = &self.cached else { return update };
        // What was found may have been evicted meanwhile: then the 304 stands alone.
        let head = lock(cache).freshen(key, &update, now).map_or(update, Box::new);
        self.received = Some(stored_body(&head, body.clone()));
        head
    }

    fn local(&mut self, url: &Url) -> Input {
        match data_url::respond(url) {
            Ok((head, body)) => {
                let body = IncomingBody::from_bytes(body);
                self.received = Some(ReceivedBody { body, decoder: None, cache_writer: None });
                Input::Response(Box::new(head))
            }
            Err(error) => self.failed(error),
        }
    }

    fn failed(&mut self, error: TransportError) -> Input {
        self.detail = Some(error.detail);
        Input::Failed(error.reason)
    }

    async fn send(&mut self, send: Send) -> Input {
        let last = self.received.take();
        self.drain(last).await;
        match self.exchange(send).await {
            Ok((head, received)) => {
                self.received = Some(received);
                Input::Response(Box::new(head))
            }
            Err(error) => self.failed(error),
        }
    }

    async fn exchange(&mut self, send: Send) -> Result<(ResponseHead, ReceivedBody), TransportError> {
        if let (Exchange::Request, Some(mismatch)) = (send.exchange, self.mismatch.take()) {
            return Err(mismatch);
        }
        let body = match send.body {
            SendBody::Null => RequestBody::default(),
            SendBody::Request => self.body.replay(),
        };
        let head = send.head;
        if self.state.recording == Recording::On {
            let request = head.clone();
            let (sent, took) = (SystemTime::now(), Duration::ZERO);
            self.exchanges.push(WireExchange { kind: send.exchange, request, response: None, sent, took });
        }
        let limits = &self.state.limits;
        let began = Instant::now();
        let (until, limit) = match deadline_after(limits.head) {
            head if head < self.deadline => (head, limits.head),
            _ => (self.deadline, limits.total),
        };
        let (over, streamed) = (&*self.state.transport, self.state.streamed_uploads);
        let (answer, body) = timeout_at(until, transport::send(over, &head, body, send.connection, streamed))
            .await
            .map_err(|_| TransportError::timeout("response", limit))??;
        if let Some(exchange) = self.exchanges.last_mut() {
            exchange.response = Some(answer.clone());
            exchange.took = began.elapsed();
        }
        let cache_writer = self.cache_writer(&head, &answer, send.cache);
        let decoder = Decoder::from_headers(&answer.headers).map(Box::new);
        Ok((answer, ReceivedBody { body, decoder, cache_writer }))
    }

    /// Where the body will be stored, if HTTP and the core allow it.
    fn cache_writer(
        &self,
        request: &RequestHead,
        head: &ResponseHead,
        cache: CacheUse,
    ) -> Option<Box<CacheWriter>> {
        let cached = self.cached.as_ref()?;
        if is_unsafe(&request.method) && head.status.as_u16() < 400 {
            lock(&cached.cache).invalidate(&request.url);
        }
        if cache == CacheUse::Bypass {
            return None;
        }
        let key = CacheKey::new(&request.url, &cached.partition);
        let storable = StorableResponse::new(key, request, head, self.state.clock.now())?;
        Some(Box::new(CacheWriter::new(cached.cache.clone(), storable)))
    }
}

fn stored_body(head: &ResponseHead, body: Bytes) -> ReceivedBody {
    let decoder = Decoder::from_headers(&head.headers).map(Box::new);
    ReceivedBody { body: IncomingBody::from_bytes(body), decoder, cache_writer: None }
}

/// Whether the body is another than the one that the request was built for.
fn body_mismatch(request: &Request, body: &RequestBody) -> Option<TransportError> {
    let (announced, length) = match (request.body(), body.length()) {
        (BodyKind::Stream, None) => return None,
        (BodyKind::Null, Some(0)) => return None,
        (BodyKind::Source { length: announced }, Some(length)) if announced == length => return None,
        (announced, length) => (announced, length),
    };
    let given = length.map_or("a stream".to_owned(), |length| format!("{length} bytes"));
    Some(TransportError::new(
        Reason::Misuse,
        format!("the request announces the body {announced:?}, and {given} were given"),
    ))
}
