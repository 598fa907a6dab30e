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

use crate::agent::{Agent, Shared};
use crate::cache::{CacheKey, HttpCache, Storable, Storing, is_unsafe};
use crate::coding::Decoder;
use crate::data_url;
use crate::error::TransportError;
use crate::limits::after;
use crate::options::Recording;
use crate::outcome::{Fetched, NetworkError, Outcome, WireExchange};
use crate::request_body::RequestBody;
use crate::response_body::{Arrived, Body};
use crate::sync::lock;
use crate::transport::IncomingBody;
use crate::wire;

/// How often a fetch asks for a password: whoever answers wrongly would be asked for ever.
const MOST_PROMPTS: usize = 3;

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
        let mut drive = Drive::new(&self.0, client, request, body.into());
        drive.run().await
    }
}

struct Drive<'a> {
    shared: &'a Shared,
    fetch: Fetch,
    body: RequestBody,
    misfit: Option<TransportError>,
    until: Instant,
    exchanges: Vec<WireExchange>,
    /// The body of the last response.
    arrived: Option<Arrived>,
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

impl<'a> Drive<'a> {
    fn new(shared: &'a Shared, client: &Arc<Client>, request: Request, body: RequestBody) -> Drive<'a> {
        let cached = shared.http_cache.as_ref().map(|cache| Cached {
            cache: cache.clone(),
            partition: client.partition(),
            found: None,
        });
        Drive {
            shared,
            misfit: misfit(&request, &body),
            fetch: Fetch::new(request, client.clone(), shared.settings.clone()),
            body,
            until: after(shared.limits.total),
            exchanges: Vec::new(),
            arrived: None,
            cached,
            prompts: 0,
            detail: None,
        }
    }

    async fn run(&mut self) -> Outcome {
        let shared = self.shared;
        let mut input = Input::Start;
        let result = loop {
            let now = shared.clock.now();
            let step = self.fetch.step(input, now, &mut lock(&shared.preflights));
            input = match step {
                Step::Send(send) => self.send(*send).await,
                Step::FindCookies(context) => Input::Cookies(lock(&shared.cookies).find(&context, now)),
                Step::StoreCookies(context, lines) => {
                    lock(&shared.cookies).store(&context, &lines, now);
                    Input::Done
                }
                Step::FindAuthorization(url) => Input::Authorization(lock(&shared.passwords).find(&url)),
                Step::StoreAuthorization(url, value) => {
                    lock(&shared.passwords).store(&url, value);
                    Input::Done
                }
                Step::Prompt(challenge) => self.prompt(&challenge),
                Step::FindStored(query) => Input::Stored(self.find_stored(&query, now)),
                Step::Freshen(head) => Input::Freshened(self.freshen(head, now)),
                Step::Local(url) => self.local(&url),
                Step::Digest(hash) => self.digest(hash).await,
                Step::Deliver(response) => {
                    let body = match self.arrived.take() {
                        Some(arrived) if response.body == BodyAccess::Readable => {
                            Body::new(arrived, &shared.limits, self.until)
                        }
                        arrived => {
                            self.drain(arrived).await;
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
        let body = match self.arrived.take() {
            Some(arrived) => Body::new(arrived, &self.shared.limits, self.until),
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
                self.arrived =
                    Some(Arrived { body: IncomingBody::bytes(bytes), decoder: None, storing: None });
                Input::Digest(digest)
            }
            Err(error) => self.failed(error),
        }
    }

    async fn drain(&self, arrived: Option<Arrived>) {
        if let Some(arrived) = arrived {
            arrived.drain(&self.shared.limits).await;
        }
    }

    /// Asks whoever types passwords; without anybody the fetch fails at once.
    fn prompt(&mut self, challenge: &Challenge) -> Input {
        let Some(ask) = &self.shared.prompt else { return Input::Failed(Reason::AuthPrompt) };
        self.prompts += 1;
        let typed = if self.prompts <= MOST_PROMPTS { ask(challenge) } else { None };
        Input::Credentials(typed)
    }

    fn find_stored(&mut self, query: &CacheQuery, now: Time) -> Stored {
        let Some(cached) = &mut self.cached else { return Stored::Nothing };
        let key = CacheKey::new(&query.head.url, &query.partition);
        let Some(found) = lock(&cached.cache).find(&key, &query.head, now) else { return Stored::Nothing };
        cached.found = Some((key, found.body.clone()));
        if let Stored::Fresh(head) | Stored::Stale(head) = &found.stored {
            self.arrived = Some(stored_body(head, found.body));
        }
        found.stored
    }

    fn freshen(&mut self, update: Box<ResponseHead>, now: Time) -> Box<ResponseHead> {
        let Some(Cached { cache, found: Some((key, body)), .. }) = &self.cached else { return update };
        // What was found may have been evicted meanwhile: then the 304 stands alone.
        let head = lock(cache).freshen(key, &update, now).map_or(update, Box::new);
        self.arrived = Some(stored_body(&head, body.clone()));
        head
    }

    fn local(&mut self, url: &Url) -> Input {
        match data_url::respond(url) {
            Ok((head, body)) => {
                let body = IncomingBody::bytes(body);
                self.arrived = Some(Arrived { body, decoder: None, storing: None });
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
        let last = self.arrived.take();
        self.drain(last).await;
        match self.exchange(send).await {
            Ok((head, arrived)) => {
                self.arrived = Some(arrived);
                Input::Response(Box::new(head))
            }
            Err(error) => self.failed(error),
        }
    }

    async fn exchange(&mut self, send: Send) -> Result<(ResponseHead, Arrived), TransportError> {
        if let (Exchange::Request, Some(misfit)) = (send.exchange, self.misfit.take()) {
            return Err(misfit);
        }
        let body = match send.body {
            SendBody::Null => RequestBody::default(),
            SendBody::Request => self.body.replay(),
        };
        let head = send.head;
        if self.shared.recording == Recording::On {
            let request = head.clone();
            let (sent, took) = (SystemTime::now(), Duration::ZERO);
            self.exchanges.push(WireExchange { kind: send.exchange, request, response: None, sent, took });
        }
        let limits = &self.shared.limits;
        let began = Instant::now();
        let (until, limit) = match after(limits.head) {
            head if head < self.until => (head, limits.head),
            _ => (self.until, limits.total),
        };
        let (transport, streamed) = (&*self.shared.transport, self.shared.streamed_uploads);
        let response = timeout_at(until, wire::send(transport, &head, body, send.connection, streamed))
            .await
            .map_err(|_| TransportError::timeout("response", limit))??;
        let (answer, body) = wire::incoming(response);
        if let Some(exchange) = self.exchanges.last_mut() {
            exchange.response = Some(answer.clone());
            exchange.took = began.elapsed();
        }
        let storing = self.storing(&head, &answer, send.cache);
        let decoder = Decoder::of(&answer.headers).map(Box::new);
        Ok((answer, Arrived { body, decoder, storing }))
    }

    /// Where the body will be stored, if HTTP and the core allow it.
    fn storing(&self, request: &RequestHead, head: &ResponseHead, cache: CacheUse) -> Option<Box<Storing>> {
        let cached = self.cached.as_ref()?;
        if is_unsafe(&request.method) && head.status.as_u16() < 400 {
            lock(&cached.cache).invalidate(&request.url);
        }
        if cache == CacheUse::Bypass {
            return None;
        }
        let key = CacheKey::new(&request.url, &cached.partition);
        let storable = Storable::new(key, request, head, self.shared.clock.now())?;
        Some(Box::new(Storing::new(cached.cache.clone(), storable)))
    }
}

fn stored_body(head: &ResponseHead, body: Bytes) -> Arrived {
    let decoder = Decoder::of(&head.headers).map(Box::new);
    Arrived { body: IncomingBody::bytes(body), decoder, storing: None }
}

/// Whether the body is another than the one that the request was built for.
fn misfit(request: &Request, body: &RequestBody) -> Option<TransportError> {
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
