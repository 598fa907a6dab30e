//! The network, on a thread of its own: a script that waits for one answer must not keep the others from coming.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use crossing::browser::{Client, Request, Response};
use crossing_agent::Agent;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, LocalSet};

use crate::conversation::Conversation;

/// What the network says about a fetch.
#[derive(Debug)]
pub(crate) enum News {
    /// The response's head, filtered.
    Head(Box<Response>),
    /// The next bytes of its body.
    Chunk(Bytes),
    /// The body is complete.
    End,
    /// A network error, before the response or within its body.
    Failed,
    /// What the script is not told; comes before the head or the failure.
    Told(Box<Conversation>),
}

enum Command {
    Start { id: u32, request: Box<Request>, body: Option<Bytes> },
    Cancel(u32),
}

/// The thread, and the way to it.
pub(crate) struct Network {
    commands: Option<mpsc::UnboundedSender<Command>>,
    news: Receiver<(u32, News)>,
    thread: Option<JoinHandle<()>>,
}

impl Network {
    pub(crate) fn new(agent: Agent, client: Arc<Client>, concurrent: usize) -> std::io::Result<Network> {
        let (commands, orders) = mpsc::unbounded_channel();
        let (tell, news) = channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("network".to_owned()).spawn(move || {
            LocalSet::new().block_on(&runtime, serve(agent, client, orders, tell, concurrent));
            // A resolver that still waits for a name is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Network { commands: Some(commands), news, thread: Some(thread) })
    }

    pub(crate) fn start(&self, id: u32, request: Box<Request>, body: Option<Bytes>) {
        self.command(Command::Start { id, request, body });
    }

    pub(crate) fn cancel(&self, id: u32) {
        self.command(Command::Cancel(id));
    }

    fn command(&self, command: Command) {
        if let Some(commands) = &self.commands {
            // The thread is there for as long as this is.
            let _ = commands.send(command);
        }
    }

    /// The next news, if it comes in time.
    pub(crate) fn wait(&self, limit: Duration) -> Option<(u32, News)> {
        self.news.recv_timeout(limit).ok()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(
    agent: Agent,
    client: Arc<Client>,
    mut orders: mpsc::UnboundedReceiver<Command>,
    tell: Sender<(u32, News)>,
    concurrent: usize,
) {
    let room = Rc::new(Semaphore::new(concurrent.max(1)));
    let mut running: HashMap<u32, AbortHandle> = HashMap::new();
    while let Some(order) = orders.recv().await {
        match order {
            Command::Start { id, request, body } => {
                running.retain(|_, task| !task.is_finished());
                let (agent, client, tell, room) = (agent.clone(), client.clone(), tell.clone(), room.clone());
                let task = tokio::task::spawn_local(async move {
                    let _room = room.acquire().await;
                    fetch(&agent, &client, *request, body, |news| drop(tell.send((id, news)))).await;
                });
                running.insert(id, task.abort_handle());
            }
            Command::Cancel(id) => {
                if let Some(task) = running.remove(&id) {
                    task.abort();
                }
            }
        }
    }
}

async fn fetch(
    agent: &Agent,
    client: &Arc<Client>,
    request: Request,
    body: Option<Bytes>,
    tell: impl Fn(News),
) {
    let (method, url) = (request.method().to_string(), request.url().to_string());
    let outcome = agent.fetch(client, request, body).await;
    let (fetched, error) = match outcome.result {
        Ok(fetched) => (Some(fetched), None),
        Err(error) => (None, Some(error)),
    };
    let (exchanges, trace) = (outcome.exchanges, outcome.trace);
    tell(News::Told(Box::new(Conversation { method, url, exchanges, trace, error })));
    let Some(fetched) = fetched else { return tell(News::Failed) };
    let mut body = fetched.body;
    tell(News::Head(Box::new(fetched.response)));
    loop {
        match body.chunk().await {
            Ok(Some(bytes)) => tell(News::Chunk(bytes)),
            Ok(None) => return tell(News::End),
            Err(_) => return tell(News::Failed),
        }
    }
}
