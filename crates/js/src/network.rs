//! The network's own thread: a script may block, and its conversations go on.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossing::Exchange;
use crossing::browser::{Client, Request, Response};
use crossing_agent::{Agent, Outcome};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, Semaphore};
use tokio::task::{AbortHandle, LocalSet};

use crate::trace::{Conversation, End};
use crate::upload::Upload;

/// How many conversations are held at once; the others wait for their turn.
const AT_ONCE: usize = 128;

/// How long the last bytes of a request's body are under way before it is told, unless an answer comes: a browser looks
/// at its sockets no oftener.
const UPLOAD_TICK: Duration = Duration::from_millis(100);

/// The number of a conversation.
pub(crate) type FetchId = u32;

/// What is known of the request's body when the conversation comes to a head or an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestBodySent {
    Yes,
    No,
}

/// What the network says of a conversation.
#[derive(Debug)]
pub(crate) enum News {
    Head(Box<Response>, RequestBodySent),
    Chunk(Bytes),
    End,
    /// So many bytes of the request's body have gone out.
    Sent(u64),
    /// All of it has.
    BodySent,
    /// The next piece of the request's body is wanted.
    Wanted,
    Failed(RequestBodySent),
    Told(Box<Conversation>),
    /// Nothing: a wait is to end.
    Woken,
}

enum Command {
    Begin(FetchId, Box<Request>, Upload),
    Cancel(FetchId),
}

/// The script's end of the wire to the network's thread.
pub(crate) struct Network {
    /// Where news come from, for others who have some.
    pub(crate) reports: Sender<(FetchId, News)>,
    commands: UnboundedSender<Command>,
    news: Receiver<(FetchId, News)>,
}

impl Network {
    pub(crate) fn start(agent: Agent, client: Arc<Client>) -> io::Result<Network> {
        let (commands, orders) = unbounded_channel();
        let (reports, news) = mpsc::channel();
        let for_others = reports.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("network".to_owned()).spawn(move || {
            let desk = Desk { agent, client, reports, turns: Arc::new(Semaphore::new(AT_ONCE)) };
            LocalSet::new().block_on(&runtime, serve(orders, &desk));
            // A resolver that still waits for a name is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Network { reports: for_others, commands, news })
    }

    pub(crate) fn begin(&self, id: FetchId, request: Request, upload: Upload) {
        // The thread ends only with this sender.
        let _ = self.commands.send(Command::Begin(id, Box::new(request), upload));
    }

    pub(crate) fn cancel(&self, id: FetchId) {
        let _ = self.commands.send(Command::Cancel(id));
    }

    /// The next news, if there is any by then; `None` for the time being over.
    pub(crate) fn wait(&self, until: Option<Instant>) -> Option<(FetchId, News)> {
        let Some(until) = until else { return self.news.recv().ok() };
        self.news.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
    }
}

/// What every conversation needs.
#[derive(Clone)]
struct Desk {
    agent: Agent,
    client: Arc<Client>,
    reports: Sender<(FetchId, News)>,
    turns: Arc<Semaphore>,
}

async fn serve(mut orders: UnboundedReceiver<Command>, desk: &Desk) {
    let mut running: HashMap<FetchId, AbortHandle> = HashMap::new();
    let mut sweep_at = 2 * AT_ONCE;
    while let Some(command) = orders.recv().await {
        match command {
            Command::Begin(id, request, upload) => {
                let task = tokio::task::spawn_local(converse(desk.clone(), id, *request, upload));
                running.insert(id, task.abort_handle());
                if running.len() >= sweep_at {
                    running.retain(|_, task| !task.is_finished());
                    sweep_at = 2 * running.len().max(AT_ONCE);
                }
            }
            Command::Cancel(id) => {
                if let Some(task) = running.remove(&id) {
                    task.abort();
                }
            }
        }
    }
}

/// Tells that the request's body has gone out, some time after it has.
struct Teller(AbortHandle);

impl Teller {
    fn start(id: FetchId, reports: &Sender<(FetchId, News)>, whole: Arc<Notify>) -> Teller {
        let reports = reports.clone();
        let telling = async move {
            whole.notified().await;
            tokio::time::sleep(UPLOAD_TICK).await;
            let _ = reports.send((id, News::BodySent));
        };
        Teller(tokio::task::spawn_local(telling).abort_handle())
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Holds one conversation, and reports.
async fn converse(desk: Desk, id: FetchId, request: Request, upload: Upload) {
    let Ok(_turn) = desk.turns.clone().acquire_owned().await else { return };
    let report = |news| {
        // A script that has ended is told nothing more.
        let _ = desk.reports.send((id, news));
    };
    let (whole, told) = (Arc::new(Notify::new()), matches!(upload, Upload::Told(_)));
    let body = upload.into_body(id, &desk.reports, &whole);
    let teller = told.then(|| Teller::start(id, &desk.reports, whole));
    let (method, url) = (request.method().clone(), request.url().clone());
    let Outcome { result, trace, exchanges } = desk.agent.fetch(&desk.client, request, body).await;
    drop(teller);
    let answered = exchanges.iter().any(|it| it.kind == Exchange::Request && it.response.is_some());
    let sent = if answered { RequestBodySent::Yes } else { RequestBodySent::No };
    let tell = |end| report(News::Told(Box::new(Conversation { method, url, exchanges, trace, end })));
    let mut fetched = match result {
        Ok(fetched) => fetched,
        Err(error) => {
            tell(End::Failed(error));
            report(News::Failed(sent));
            return;
        }
    };
    tell(End::Responded { kind: fetched.response.kind, status: fetched.response.status });
    report(News::Head(Box::new(fetched.response), RequestBodySent::Yes));
    loop {
        match fetched.body.chunk().await {
            Ok(Some(chunk)) => report(News::Chunk(chunk)),
            Ok(None) => return report(News::End),
            Err(_) => return report(News::Failed(RequestBodySent::Yes)),
        }
    }
}
