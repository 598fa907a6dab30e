//! What the script's natives share: the wire to the network, the timers, and what the script has said.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossing::Time;
use crossing::browser::xhr::Global;
use crossing::browser::{Client, Request};
use crossing_agent::Agent;
use rquickjs::Ctx;
use tokio::sync::mpsc::UnboundedSender;
use url::Url;

use crate::blob_store::{self, Blob};
use crate::conversation::Conversation;
use crate::error::ScriptError;
use crate::limits::Limits;
use crate::network::{FetchHandle, FetchId, Network, NetworkEvent};
use crate::network::{Upload, UploadChunk};
use crate::output::Output;
use crate::page::Document;
use crate::runtime_handle::RuntimeHandle;
use crate::timers::Timers;
use crate::xhr::InFlightXhr;

/// How many bytes may come before the engine collects its garbage, which may hold them.
const MAX_UNCOLLECTED: usize = 16 << 20;

/// Who is told of a conversation's news.
#[derive(Clone)]
pub(crate) enum Consumer {
    Xhr(InFlightXhr),
    Fetch,
    /// The page, for its script of this number.
    Script(usize),
}

/// Why the script is to be ended at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    TimeOver,
    TooManyRequests,
    Interrupted,
}

pub(crate) struct Host {
    pub(crate) client: Arc<Client>,
    pub(crate) limits: Limits,
    pub(crate) timers: RefCell<Timers>,
    /// When conversations of an `XMLHttpRequest` are given up, by the network's time.
    timeouts: RefCell<Timers>,
    pub(crate) output: RefCell<Output>,
    /// The browser, for what no request asks it: cookies.
    pub(crate) agent: Agent,
    /// The page, where the global is a window.
    pub(crate) document: Option<Document>,
    /// The [blob URL store](https://w3c.github.io/FileAPI/#BlobURLStore).
    pub(crate) blobs: RefCell<HashMap<String, Blob>>,
    network: Network,
    /// By conversation; what holds it, unless all the news is there already.
    consumers: RefCell<BTreeMap<FetchId, (Consumer, Option<FetchHandle>)>>,
    /// Where the pieces of streamed bodies are put.
    pieces: RefCell<BTreeMap<FetchId, UnboundedSender<UploadChunk>>>,
    /// NetworkEvent that came while the script waited for other news.
    backlog: RefCell<VecDeque<(FetchId, NetworkEvent)>>,
    errors: RefCell<Vec<ScriptError>>,
    stop: Cell<Option<StopReason>>,
    /// Whether the prelude has something to do after the microtasks.
    pub(crate) wants_checkpoint: Cell<bool>,
    /// Whether no script is on the stack while events are dispatched.
    is_stack_empty: Cell<bool>,
    /// How many bytes have come since the engine last collected its garbage, of which it counts none.
    uncollected: Cell<usize>,
    interrupted: Arc<AtomicBool>,
    start: Instant,
    requests: Cell<u32>,
}

impl Host {
    pub(crate) fn new(
        (agent, network): (Agent, Network),
        client: Arc<Client>,
        limits: Limits,
        output: Output,
        document: Option<Document>,
    ) -> Host {
        Host {
            agent,
            document,
            interrupted: Arc::default(),
            client,
            limits,
            timers: RefCell::default(),
            timeouts: RefCell::default(),
            output: RefCell::new(output),
            blobs: RefCell::default(),
            network,
            consumers: RefCell::default(),
            pieces: RefCell::default(),
            backlog: RefCell::default(),
            errors: RefCell::default(),
            stop: Cell::default(),
            wants_checkpoint: Cell::default(),
            is_stack_empty: Cell::default(),
            uncollected: Cell::default(),
            start: Instant::now(),
            requests: Cell::default(),
        }
    }

    /// The time since the start.
    pub(crate) fn now(&self) -> Time {
        Time(self.start.elapsed())
    }

    /// The moment of the engine's clock that is this time.
    pub(crate) fn instant(&self, time: Time) -> Option<Instant> {
        self.start.checked_add(time.0)
    }

    /// When the script must have ended; `None` is never.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.start.checked_add(self.limits.time)
    }

    /// Why the script is to end, if it is; asked by the engine between its instructions.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        if self.interrupted.load(Ordering::Relaxed) && self.interrupted.swap(false, Ordering::Relaxed) {
            self.stop.set(Some(StopReason::Interrupted));
        }
        if self.stop.get().is_none() && self.start.elapsed() >= self.limits.time {
            self.stop.set(Some(StopReason::TimeOver));
        }
        self.stop.get()
    }

    /// Runs what dispatches events by itself, with no script on the stack.
    pub(crate) fn with_empty_stack<T>(&self, dispatch: impl FnOnce() -> T) -> T {
        self.is_stack_empty.set(true);
        let result = dispatch();
        self.is_stack_empty.set(false);
        result
    }

    /// [Calls back](https://webidl.spec.whatwg.org/#call-a-user-objects-operation) a script. When it has returned, and nothing
    /// of a script is left on the stack, the microtasks follow
    /// ([clean up after running script](https://html.spec.whatwg.org/multipage/webappapis.html#clean-up-after-running-script)).
    pub(crate) fn call_back<T>(&self, ctx: &Ctx<'_>, callback: impl FnOnce() -> T) -> T {
        let is_last = self.is_stack_empty.replace(false);
        let result = callback();
        if is_last {
            while self.stop_reason().is_none() && ctx.execute_pending_job() {}
            self.is_stack_empty.set(true);
        }
        result
    }

    /// Whether so many bytes have come that the garbage may hold too many of them.
    pub(crate) fn wants_collection(&self) -> bool {
        let wants = self.uncollected.get() > MAX_UNCOLLECTED;
        if wants {
            self.uncollected.set(0);
        }
        wants
    }

    /// Goes on after an interruption.
    pub(crate) fn resume(&self) {
        self.stop.set(None);
    }

    /// A hand on this for other threads.
    pub(crate) fn runtime_handle(&self) -> RuntimeHandle {
        RuntimeHandle { interrupted: self.interrupted.clone(), news: self.network.reports() }
    }

    /// The address from which relative URLs count.
    pub(crate) fn base(&self) -> Option<&Url> {
        self.document.as_ref().map_or(self.client.url.as_ref(), |document| document.base.as_ref())
    }

    /// Which kind of global it is.
    pub(crate) fn global(&self) -> Global {
        if self.document.is_some() { Global::Window } else { Global::Worker }
    }

    /// Begins a conversation; `None` when there have been too many.
    pub(crate) fn begin(&self, request: Box<Request>, upload: Upload, consumer: Consumer) -> Option<FetchId> {
        let id = self.requests.get();
        if id >= self.limits.requests {
            self.stop.set(Some(StopReason::TooManyRequests));
            return None;
        }
        self.requests.set(id + 1);
        let handle = if request.url().scheme() == "blob" {
            let news = blob_store::answer(&self.blobs.borrow(), &request);
            self.backlog.borrow_mut().extend(news.into_iter().map(|news| (id, news)));
            None
        } else {
            Some(self.network.begin(id, request, upload))
        };
        self.consumers.borrow_mut().insert(id, (consumer, handle));
        Some(id)
    }

    /// Begins a conversation with a streamed body.
    pub(crate) fn begin_streamed(&self, request: Box<Request>) -> Option<FetchId> {
        let (pieces, upload) = Upload::stream();
        let id = self.begin(request, upload, Consumer::Fetch)?;
        self.pieces.borrow_mut().insert(id, pieces);
        Some(id)
    }

    /// The next piece of a streamed body.
    pub(crate) fn put_piece(&self, id: FetchId, piece: UploadChunk) {
        if let Some(pieces) = self.pieces.borrow().get(&id) {
            // A conversation that is over wants none.
            let _ = pieces.send(piece);
        }
    }

    /// Ends a conversation: nothing more is told of it.
    pub(crate) fn cancel(&self, id: FetchId) {
        self.forget(id);
    }

    /// Whether something is still to come.
    pub(crate) fn is_pending(&self) -> bool {
        !self.consumers.borrow().is_empty() || self.timers.borrow_mut().next_due().is_some()
    }

    /// The next news of any conversation, if there is any by then.
    pub(crate) fn next_news(&self, until: Option<Instant>) -> Option<(FetchId, NetworkEvent)> {
        if let Some(news) = self.backlog.borrow_mut().pop_front() {
            return Some(news);
        }
        self.receive(until)
    }

    /// The next news of this conversation; all others wait.
    pub(crate) fn next_news_of(&self, id: FetchId, until: Option<Instant>) -> Option<NetworkEvent> {
        let at = self.backlog.borrow().iter().position(|(of, _)| *of == id);
        if let Some((_, news)) = at.and_then(|at| self.backlog.borrow_mut().remove(at)) {
            return Some(news);
        }
        loop {
            let (of, news) = self.receive(until)?;
            if of == id {
                return Some(news);
            }
            self.backlog.borrow_mut().push_back((of, news));
            if self.stop_reason().is_some() {
                return None;
            }
        }
    }

    /// The next news, if it has come already, is of this conversation, and is of such a kind.
    pub(crate) fn more_news_of(
        &self,
        id: FetchId,
        is_wanted: impl Fn(&NetworkEvent) -> bool,
    ) -> Option<NetworkEvent> {
        let mut backlog = self.backlog.borrow_mut();
        if backlog.is_empty() {
            backlog.push_back(self.sift(|| self.network.come())?);
        }
        let (_, news) = backlog.pop_front_if(|(of, news)| *of == id && is_wanted(news))?;
        Some(news)
    }

    fn receive(&self, until: Option<Instant>) -> Option<(FetchId, NetworkEvent)> {
        self.sift(|| self.network.wait(until))
    }

    /// The next news that is for the script; the rest is for whoever runs it.
    fn sift(&self, next: impl Fn() -> Option<(FetchId, NetworkEvent)>) -> Option<(FetchId, NetworkEvent)> {
        loop {
            match next()? {
                (_, NetworkEvent::Conversation(conversation)) => self.tell(*conversation),
                news => {
                    if let (_, NetworkEvent::Chunk(bytes)) = &news {
                        self.uncollected.set(self.uncollected.get().saturating_add(bytes.len()));
                    }
                    return Some(news);
                }
            }
        }
    }

    fn tell(&self, conversation: Conversation) {
        self.output.borrow_mut().conversation(conversation);
    }

    /// Who is to be told; after the last news, nobody any more.
    pub(crate) fn consumer(&self, id: FetchId, news: &NetworkEvent) -> Option<Consumer> {
        match news {
            NetworkEvent::End | NetworkEvent::Failed(_) => self.forget(id),
            _ => self.consumers.borrow().get(&id).map(|(consumer, _)| consumer.clone()),
        }
    }

    fn forget(&self, id: FetchId) -> Option<Consumer> {
        self.timeouts.borrow_mut().clear(id);
        self.pieces.borrow_mut().remove(&id);
        self.consumers.borrow_mut().remove(&id).map(|(consumer, _)| consumer)
    }

    /// Ends all conversations.
    pub(crate) fn forget_all(&self) {
        let gone = self.consumers.take();
        drop(gone);
    }

    /// Says when an `XMLHttpRequest` gives up this conversation, unless the script computes meanwhile.
    pub(crate) fn set_timeout(&self, id: FetchId, due: Option<Time>) {
        let mut timeouts = self.timeouts.borrow_mut();
        match due.and_then(|due| self.network.time().checked_add(due.since(self.now()))) {
            Some(due) => timeouts.set(id, due),
            None => timeouts.clear(id),
        }
    }

    /// The `XMLHttpRequest` that gives up next, if it is time.
    pub(crate) fn take_late(&self) -> Option<InFlightXhr> {
        let id = self.timeouts.borrow_mut().take_due(self.network.time())?;
        match self.consumers.borrow().get(&id)? {
            (Consumer::Xhr(xhr), _) => Some(xhr.clone()),
            (Consumer::Fetch | Consumer::Script(_), _) => None,
        }
    }

    /// When the next timer or `XMLHttpRequest` is due, if the script does nothing but wait from now on.
    pub(crate) fn next_due(&self, now: Instant) -> Option<Instant> {
        let timer = self.timers.borrow_mut().next_due();
        let timeout = self.timeouts.borrow_mut().next_due();
        let timeout =
            timeout.and_then(|due| now.checked_add(due.saturating_duration_since(self.network.time())));
        [timer, timeout].into_iter().flatten().min()
    }

    pub(crate) fn set_timer(&self, id: u32, after: Duration) {
        if let Some(due) = Instant::now().checked_add(after) {
            self.timers.borrow_mut().set(id, due);
        }
    }

    /// Keeps an exception that nobody caught.
    pub(crate) fn uncaught(&self, text: String) {
        let error = ScriptError { text };
        self.output.borrow_mut().uncaught(&error);
        self.errors.borrow_mut().push(error);
    }

    pub(crate) fn take_errors(&self) -> Vec<ScriptError> {
        self.errors.take()
    }
}
