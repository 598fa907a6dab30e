//! A fetch as a browser makes it, with everything that happened.

use std::sync::Arc;

use crossing::browser::{Client, Event, Failure, Request, Response};
use crossing::{Exchange, Reason};
use crossing_agent::{Agent, NetworkError, TransportError, WireExchange};
use url::Url;

use crate::report::ExchangeDocument;

/// How much of a body is kept, in bytes; the rest is counted.
const KEPT: usize = 1024;

/// A fetch, from the page's request to its end.
#[derive(Debug)]
pub struct FetchRecord {
    /// What mattered, in order.
    pub trace: Vec<Event>,
    /// What went over the wire, in order.
    pub exchanges: Vec<WireExchange>,
    /// How it ended.
    pub end: End,
    /// Where a recording lacks the preflight, and it was taken for granted.
    pub assumed: Vec<Url>,
}

/// How a fetch ended.
#[derive(Debug)]
pub enum End {
    /// The script got a response, and its body to the end.
    Response(Response, BodyRead),
    /// The script got a response, and then its body failed.
    BrokeOff(Response, NetworkError),
    /// The script got nothing.
    Failed(NetworkError),
}

/// A body that was read.
#[derive(Debug, Default)]
pub struct BodyRead {
    /// Its length.
    pub bytes: u64,
    /// Its first bytes.
    pub start: Vec<u8>,
}

/// Asks once.
pub async fn ask(agent: &Agent, page: &Arc<Client>, request: Request, body: Option<Vec<u8>>) -> FetchRecord {
    let url = request.url().clone();
    let outcome = agent.fetch(page, request, body).await;
    let end = match outcome.result {
        Err(error) => End::Failed(error),
        Ok(mut fetched) => match read(&mut fetched.body).await {
            Ok(body) => End::Response(fetched.response, body),
            Err(error) => {
                let url = fetched.response.url().unwrap_or(url);
                let exchange = Exchange::Request;
                let failure = Box::new(Failure { reason: error.reason, exchange, subject: None, url });
                End::BrokeOff(fetched.response, NetworkError::new(failure, Some(error.detail)))
            }
        },
    };
    FetchRecord { trace: outcome.trace, exchanges: outcome.exchanges, end, assumed: Vec::new() }
}

async fn read(body: &mut crossing_agent::Body) -> Result<BodyRead, TransportError> {
    let mut read = BodyRead::default();
    while let Some(chunk) = body.chunk().await? {
        read.bytes += chunk.len() as u64;
        let room = KEPT - read.start.len();
        read.start.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok(read)
}

impl FetchRecord {
    /// Forgets the preflights to these addresses: they were not recorded, and are not shown as if they were.
    pub fn assume(&mut self, preflights: Vec<Url>) {
        let assumed = |url: &Url| preflights.contains(url);
        let unrecorded = |one: &WireExchange| one.kind == Exchange::Preflight && assumed(&one.request.url);
        self.exchanges.retain(|one| !unrecorded(one));
        let mut forgetting = false;
        self.trace.retain(|event| {
            match event {
                Event::Sent(Exchange::Preflight, head) => forgetting = assumed(&head.url),
                Event::PreflightGranted(_) => return !std::mem::take(&mut forgetting),
                _ => {}
            }
            !forgetting
        });
        self.assumed = preflights;
    }

    /// Why the script got no whole response, if it did not.
    pub fn error(&self) -> Option<&NetworkError> {
        match &self.end {
            End::Response(..) => None,
            End::BrokeOff(_, error) | End::Failed(error) => Some(error),
        }
    }

    /// What went over the wire. A request without a connection never did.
    pub fn exchange_documents(&self) -> impl Iterator<Item = ExchangeDocument> {
        let reason = self.error().map(|error| error.failure.reason);
        let unconnected = matches!(reason, Some(Reason::Dns | Reason::Connection | Reason::Tls));
        let sent = self.exchanges.iter().filter(move |exchange| exchange.response.is_some() || !unconnected);
        sent.map(ExchangeDocument::new)
    }
}
