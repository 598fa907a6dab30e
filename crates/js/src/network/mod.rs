//! The network, on the script's own thread: its conversations go on whenever the script waits.

mod event;
mod run_fetch;
mod upload;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use crossing::browser::{Client, Request};
use crossing_agent::Agent;
use tokio::runtime::{Builder, LocalRuntime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{spawn_local, yield_now};
use tokio::time::timeout_at;

pub(crate) use event::{EventSender, FetchId, NetworkEvent, RequestBodySent};
pub(crate) use upload::{Upload, UploadChunk};

use run_fetch::{NetworkState, run_fetch};

/// How many conversations are held at once; the others wait for their turn.
const MAX_CONCURRENT: usize = 128;

/// How long an answer may take to be waited for awake, if the next one is.
const SPIN_TIME: Duration = Duration::from_micros(250);

/// A conversation that goes on. When it is dropped, the conversation ends, and nothing more is told of it.
pub(crate) struct FetchHandle {
    _held: oneshot::Sender<()>,
}

/// The conversations, and what they have to say.
pub(crate) struct Network {
    state: Rc<NetworkState>,
    /// Those that the next wait begins.
    begun: RefCell<Vec<Pin<Box<dyn Future<Output = ()>>>>>,
    news: RefCell<UnboundedReceiver<(FetchId, NetworkEvent)>>,
    start: Instant,
    waited: Cell<Duration>,
    /// [`SPIN_TIME`], or nothing where the server may need the one core meanwhile.
    spin_time: Duration,
    /// How long the next wait is awake: `spin_time`, if the last one was no longer.
    awake: Cell<Duration>,
    /// There until the end.
    runtime: Option<LocalRuntime>,
}

impl Network {
    pub(crate) fn new(agent: Agent, client: Arc<Client>) -> io::Result<Network> {
        let (reports, news) = unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build_local(Default::default())?;
        let state = Rc::new(NetworkState { agent, client, reports, permits: Semaphore::new(MAX_CONCURRENT) });
        Ok(Network {
            state,
            begun: RefCell::default(),
            news: RefCell::new(news),
            start: Instant::now(),
            waited: Cell::default(),
            spin_time: if available_parallelism().is_ok_and(|cores| cores.get() > 1) {
                SPIN_TIME
            } else {
                Duration::ZERO
            },
            awake: Cell::default(),
            runtime: Some(runtime),
        })
    }

    /// For others who have news.
    pub(crate) fn reports(&self) -> EventSender {
        self.state.reports.clone()
    }

    /// The time as the conversations have it: it stands still while a script computes.
    pub(crate) fn time(&self) -> Instant {
        self.start + self.waited.get()
    }

    /// Begins a conversation; nothing of it happens before the next wait.
    pub(crate) fn begin(&self, id: FetchId, request: Box<Request>, upload: Upload) -> FetchHandle {
        let (held, mut dropped) = oneshot::channel();
        let state = self.state.clone();
        self.begun.borrow_mut().push(Box::pin(async move {
            let mut conversation = pin!(run_fetch(&state, id, request, upload));
            poll_fn(|cx| match Pin::new(&mut dropped).poll(cx) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending => conversation.as_mut().poll(cx),
            })
            .await;
        }));
        FetchHandle { _held: held }
    }

    /// The next news, if there is any already.
    pub(crate) fn come(&self) -> Option<(FetchId, NetworkEvent)> {
        self.news.borrow_mut().try_recv().ok()
    }

    /// The next news, if there is any by then; `None` for the time being over.
    pub(crate) fn wait(&self, until: Option<Instant>) -> Option<(FetchId, NetworkEvent)> {
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
        self.awake.set(if news.is_some() && waited < self.spin_time {
            self.spin_time
        } else {
            Duration::ZERO
        });
        self.waited.set(self.waited.get() + waited);
        news
    }

    /// What comes while the sockets are asked over and over, for a short time, if the last answer has come in it: to sleep,
    /// and to be woken, would cost as much of the processor's time, and take half as long again.
    async fn awake(
        &self,
        news: &mut UnboundedReceiver<(FetchId, NetworkEvent)>,
        began: Instant,
    ) -> Option<(FetchId, NetworkEvent)> {
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
