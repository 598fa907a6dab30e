//! The network, on the script's own thread: its conversations go on whenever the script waits.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossing::Exchange;
use crossing::browser::{Client, Failure, Request, Response};
use crossing_agent::{Agent, NetworkError, Outcome};
use tokio::runtime::{Builder, LocalRuntime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::task::{AbortHandle, spawn_local, yield_now};
use tokio::time::{sleep, timeout_at};

use crate::trace::{Conversation, End};
use crate::upload::Upload;

/// How many conversations are held at once; the others wait for their turn.
const AT_ONCE: usize = 128;

/// How long the last bytes of a request's body are under way before it is told, unless an answer comes: a browser looks
/// at its sockets no oftener.
const UPLOAD_TICK: Duration = Duration::from_millis(100);

/// How long an answer may take to be waited for awake, if the next one is.
const BRISK: Duration = Duration::from_micros(250);

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

/// The way on which news come.
pub(crate) type Reports = UnboundedSender<(FetchId, News)>;

/// A conversation that goes on. When it is dropped, the conversation ends, and nothing more is told of it.
pub(crate) struct Ongoing {
    _held: oneshot::Sender<()>,
}

/// The conversations, and what they have to say.
pub(crate) struct Network {
    desk: Rc<Desk>,
    /// Those that the next wait begins.
    begun: RefCell<Vec<Pin<Box<dyn Future<Output = ()>>>>>,
    news: RefCell<UnboundedReceiver<(FetchId, News)>>,
    start: Instant,
    waited: Cell<Duration>,
    /// [`BRISK`], or nothing where the server may need the one core meanwhile.
    brisk: Duration,
    /// How long the next wait is awake: `brisk`, if the last one was no longer.
    awake: Cell<Duration>,
    /// There until the end.
    runtime: Option<LocalRuntime>,
}

/// What every conversation needs.
struct Desk {
    agent: Agent,
    client: Arc<Client>,
    reports: Reports,
    turns: Semaphore,
}

impl Network {
    pub(crate) fn new(agent: Agent, client: Arc<Client>) -> io::Result<Network> {
        let (reports, news) = unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build_local(Default::default())?;
        let desk = Rc::new(Desk { agent, client, reports, turns: Semaphore::new(AT_ONCE) });
        Ok(Network {
            desk,
            begun: RefCell::default(),
            news: RefCell::new(news),
            start: Instant::now(),
            waited: Cell::default(),
            brisk: if available_parallelism().is_ok_and(|cores| cores.get() > 1) {
                BRISK
            } else {
                Duration::ZERO
            },
            awake: Cell::default(),
            runtime: Some(runtime),
        })
    }

    /// For others who have news.
    pub(crate) fn reports(&self) -> Reports {
        self.desk.reports.clone()
    }

    /// The time as the conversations have it: it stands still while a script computes.
    pub(crate) fn time(&self) -> Instant {
        self.start + self.waited.get()
    }

    /// Begins a conversation; nothing of it happens before the next wait.
    pub(crate) fn begin(&self, id: FetchId, request: Box<Request>, upload: Upload) -> Ongoing {
        let (held, mut dropped) = oneshot::channel();
        let desk = self.desk.clone();
        self.begun.borrow_mut().push(Box::pin(async move {
            let mut conversation = pin!(converse(&desk, id, request, upload));
            poll_fn(|cx| match Pin::new(&mut dropped).poll(cx) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending => conversation.as_mut().poll(cx),
            })
            .await;
        }));
        Ongoing { _held: held }
    }

    /// The next news, if there is any already.
    pub(crate) fn come(&self) -> Option<(FetchId, News)> {
        self.news.borrow_mut().try_recv().ok()
    }

    /// The next news, if there is any by then; `None` for the time being over.
    pub(crate) fn wait(&self, until: Option<Instant>) -> Option<(FetchId, News)> {
        // What has come already is heard before the sockets are asked again.
        if let Some(news) = self.come() {
            return Some(news);
        }
        let news = &mut *self.news.borrow_mut();
        let began = Instant::now();
        let news = self.runtime.as_ref()?.block_on(async {
            for conversation in self.begun.borrow_mut().drain(..) {
                spawn_local(conversation);
            }
            if until.is_none_or(|until| until > began) {
                if let Some(news) = self.awake(news, began).await {
                    return Some(news);
                }
                return match until {
                    None => news.recv().await,
                    Some(until) => timeout_at(until.into(), news.recv()).await.ok().flatten(),
                };
            }
            // Once for what is ready to run, and to look at the sockets; once for what has come over them.
            for _ in 0..2 {
                yield_now().await;
            }
            news.try_recv().ok()
        });
        let waited = began.elapsed();
        self.awake.set(if news.is_some() && waited < self.brisk { self.brisk } else { Duration::ZERO });
        self.waited.set(self.waited.get() + waited);
        news
    }

    /// What comes while the sockets are asked over and over, for a short time, if the last answer has come in it: to sleep,
    /// and to be woken, would cost as much of the processor's time, and take half as long again.
    async fn awake(
        &self,
        news: &mut UnboundedReceiver<(FetchId, News)>,
        began: Instant,
    ) -> Option<(FetchId, News)> {
        while began.elapsed() < self.awake.get() {
            yield_now().await;
            if let Ok(news) = news.try_recv() {
                return Some(news);
            }
        }
        None
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A resolver that still waits for a name is not waited for.
            runtime.shutdown_background();
        }
    }
}

/// Tells that the request's body has gone out, some time after it has.
struct Teller(AbortHandle);

impl Teller {
    fn start(id: FetchId, reports: &Reports, whole: Arc<Notify>) -> Teller {
        let reports = reports.clone();
        let telling = async move {
            whole.notified().await;
            sleep(UPLOAD_TICK).await;
            let _ = reports.send((id, News::BodySent));
        };
        Teller(spawn_local(telling).abort_handle())
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Holds one conversation, and reports.
async fn converse(desk: &Desk, id: FetchId, request: Box<Request>, upload: Upload) {
    let Ok(_turn) = desk.turns.acquire().await else { return };
    let report = |news| {
        // A script that has ended is told nothing more.
        let _ = desk.reports.send((id, news));
    };
    let (whole, told) = (Arc::new(Notify::new()), matches!(upload, Upload::Told(_)));
    let body = upload.into_body(id, &desk.reports, &whole);
    let teller = told.then(|| Teller::start(id, &desk.reports, whole));
    let (method, url) = (request.method().clone(), request.url().clone());
    let Outcome { result, trace, exchanges } = desk.agent.fetch(&desk.client, *request, body).await;
    drop(teller);
    let answered = exchanges.iter().any(|it| it.kind == Exchange::Request && it.response.is_some());
    let sent = if answered { RequestBodySent::Yes } else { RequestBodySent::No };
    let (asked, at) = (method.clone(), url.clone());
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
            Err(error) => {
                let (reason, exchange) = (error.reason, Exchange::Request);
                let failure = Failure { reason, exchange, subject: None, url: at.clone() };
                let end =
                    End::Failed(NetworkError { failure: Box::new(failure), detail: Some(error.detail) });
                let (exchanges, trace) = (Vec::new(), Vec::new());
                let told = Conversation { method: asked, url: at, exchanges, trace, end };
                report(News::Told(Box::new(told)));
                return report(News::Failed(RequestBodySent::Yes));
            }
        }
    }
}
