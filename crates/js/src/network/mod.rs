//! The network, on the script's own thread: fetches make progress whenever the script waits.

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

/// How many fetches are in flight at the same time; the others wait.
const MAX_CONCURRENT: usize = 128;

/// How long a wait spins instead of sleeping, if the last event came within this time.
const SPIN_TIME: Duration = Duration::from_micros(250);

/// A fetch in flight. When this is dropped, the fetch ends and reports nothing more.
pub(crate) struct FetchHandle {
    _held: oneshot::Sender<()>,
}

/// The fetches, and the events that they report.
pub(crate) struct Network {
    state: Rc<NetworkState>,
    /// Those that the next wait begins.
    begun: RefCell<Vec<Pin<Box<dyn Future<Output = ()>>>>>,
    events: RefCell<UnboundedReceiver<(FetchId, NetworkEvent)>>,
    start: Instant,
    waited: Cell<Duration>,
    /// [`SPIN_TIME`], or nothing where the server may need the one core meanwhile.
    spin_time: Duration,
    /// How long the next wait spins: `spin_time`, if the last one was not longer.
    next_spin: Cell<Duration>,
    /// There until the end.
    runtime: Option<LocalRuntime>,
}

impl Network {
    pub(crate) fn new(agent: Agent, client: Arc<Client>) -> io::Result<Network> {
        let (sender, events) = unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build_local(Default::default())?;
        let state =
            Rc::new(NetworkState { agent, client, events: sender, permits: Semaphore::new(MAX_CONCURRENT) });
        Ok(Network {
            state,
            begun: RefCell::default(),
            events: RefCell::new(events),
            start: Instant::now(),
            waited: Cell::default(),
            spin_time: if available_parallelism().is_ok_and(|cores| cores.get() > 1) {
                SPIN_TIME
            } else {
                Duration::ZERO
            },
            next_spin: Cell::default(),
            runtime: Some(runtime),
        })
    }

    /// Where other threads put events.
    pub(crate) fn event_sender(&self) -> EventSender {
        self.state.events.clone()
    }

    /// The network's time: it stands still while a script computes.
    pub(crate) fn time(&self) -> Instant {
        self.start + self.waited.get()
    }

    /// Begins a fetch; nothing is sent before the next wait.
    pub(crate) fn begin(&self, id: FetchId, request: Box<Request>, upload: Upload) -> FetchHandle {
        let (held, mut dropped) = oneshot::channel();
        let state = self.state.clone();
        self.begun.borrow_mut().push(Box::pin(async move {
            let mut fetch = pin!(run_fetch(&state, id, request, upload));
            poll_fn(|cx| match Pin::new(&mut dropped).poll(cx) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending => fetch.as_mut().poll(cx),
            })
            .await;
        }));
        FetchHandle { _held: held }
    }

    /// The next event, if it was received already.
    pub(crate) fn received(&self) -> Option<(FetchId, NetworkEvent)> {
        self.events.borrow_mut().try_recv().ok()
    }

    /// The next event, if there is one until then.
    pub(crate) fn wait(&self, until: Option<Instant>) -> Option<(FetchId, NetworkEvent)> {
        // What was received already comes before the sockets are polled again.
        if let Some(event) = self.received() {
            return Some(event);
        }
        let events = &mut *self.events.borrow_mut();
        let began = Instant::now();
        let event = self.runtime.as_ref()?.block_on(async {
            for fetch in self.begun.borrow_mut().drain(..) {
                spawn_local(fetch);
            }
            if until.is_none_or(|until| until > began) {
                if let Some(event) = self.spin(events, began).await {
                    return Some(event);
                }
                return match until {
                    None => events.recv().await,
                    Some(until) => timeout_at(until.into(), events.recv()).await.ok().flatten(),
                };
            }
            // Once for what is ready to run, and to look at the sockets; once for what has come over them.
            for _ in 0..2 {
                yield_now().await;
            }
            events.try_recv().ok()
        });
        let waited = began.elapsed();
        self.next_spin.set(if event.is_some() && waited < self.spin_time {
            self.spin_time
        } else {
            Duration::ZERO
        });
        self.waited.set(self.waited.get() + waited);
        event
    }

    /// What comes while the sockets are asked over and over, for a short time, if the last answer has come in it: to sleep,
    /// and to be woken, would cost as much of the processor's time, and take half as long again.
    async fn spin(
        &self,
        events: &mut UnboundedReceiver<(FetchId, NetworkEvent)>,
        began: Instant,
    ) -> Option<(FetchId, NetworkEvent)> {
        while began.elapsed() < self.next_spin.get() {
            yield_now().await;
            if let Ok(event) = events.try_recv() {
                return Some(event);
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
