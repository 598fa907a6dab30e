//! The fetches of a script: those in flight, their uploads, and the events that wait for the script.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crossing::browser::Request;
use tokio::sync::mpsc::UnboundedSender;

use crate::network::{EventSender, FetchHandle, FetchId, Network, NetworkEvent, Upload, UploadChunk};
use crate::output::Output;
use crate::timers::Timers;

/// How many bytes may be received before the engine collects its garbage, which may hold them.
const MAX_UNCOLLECTED: usize = 16 << 20;

/// The fetches of a script; a `C` takes the events of each.
pub(crate) struct Fetches<C> {
    network: Network,
    /// What takes the events, and what keeps the fetch going unless all of its events are in the backlog.
    in_flight: RefCell<BTreeMap<FetchId, (C, Option<FetchHandle>)>>,
    /// Where the chunks of streamed bodies are put.
    uploads: RefCell<BTreeMap<FetchId, UnboundedSender<UploadChunk>>>,
    /// When a consumer gives up its fetch, by the network's time.
    timeouts: RefCell<Timers>,
    /// Events that were received while the script waited for others.
    backlog: RefCell<VecDeque<(FetchId, NetworkEvent)>>,
    output: Rc<RefCell<Output>>,
    begun: Cell<u32>,
    /// How many bytes were received since the engine last collected its garbage: it does not count them itself.
    uncollected: Cell<usize>,
}

impl<C: Clone> Fetches<C> {
    pub(crate) fn new(network: Network, output: Rc<RefCell<Output>>) -> Fetches<C> {
        Fetches {
            network,
            in_flight: RefCell::default(),
            uploads: RefCell::default(),
            timeouts: RefCell::default(),
            backlog: RefCell::default(),
            output,
            begun: Cell::default(),
            uncollected: Cell::default(),
        }
    }

    /// How many have begun so far.
    pub(crate) fn begun(&self) -> u32 {
        self.begun.get()
    }

    /// Where other threads put events.
    pub(crate) fn event_sender(&self) -> EventSender {
        self.network.event_sender()
    }

    pub(crate) fn begin(&self, request: Box<Request>, upload: Upload, consumer: C) -> FetchId {
        let id = self.next_id();
        let handle = self.network.begin(id, request, upload);
        self.in_flight.borrow_mut().insert(id, (consumer, Some(handle)));
        id
    }

    /// Sets where the chunks of a streamed body are put.
    pub(crate) fn set_upload(&self, id: FetchId, chunks: UnboundedSender<UploadChunk>) {
        self.uploads.borrow_mut().insert(id, chunks);
    }

    /// Begins a fetch that needs no network: these are its events.
    pub(crate) fn begin_local(&self, events: Vec<NetworkEvent>, consumer: C) -> FetchId {
        let id = self.next_id();
        self.backlog.borrow_mut().extend(events.into_iter().map(|event| (id, event)));
        self.in_flight.borrow_mut().insert(id, (consumer, None));
        id
    }

    fn next_id(&self) -> FetchId {
        self.begun.replace(self.begun.get() + 1)
    }

    /// Sends the next chunk of a streamed body.
    pub(crate) fn send_chunk(&self, id: FetchId, chunk: UploadChunk) {
        if let Some(chunks) = self.uploads.borrow().get(&id) {
            // A fetch that has ended does not read it.
            let _ = chunks.send(chunk);
        }
    }

    /// Ends a fetch: it has no more events.
    pub(crate) fn cancel(&self, id: FetchId) {
        self.remove(id);
    }

    pub(crate) fn cancel_all(&self) {
        let gone = self.in_flight.take();
        drop(gone);
    }

    /// Whether a fetch is in flight.
    pub(crate) fn is_pending(&self) -> bool {
        !self.in_flight.borrow().is_empty()
    }

    /// The next event of any fetch, if there is one until then.
    pub(crate) fn next_event(&self, until: Option<Instant>) -> Option<(FetchId, NetworkEvent)> {
        if let Some(event) = self.backlog.borrow_mut().pop_front() {
            return Some(event);
        }
        self.receive(|| self.network.wait(until))
    }

    /// The next event of this fetch, if there is one until then and the script is not stopped; the events of all others wait.
    pub(crate) fn next_event_of(
        &self,
        id: FetchId,
        until: Option<Instant>,
        is_stopped: impl Fn() -> bool,
    ) -> Option<NetworkEvent> {
        let at = self.backlog.borrow().iter().position(|(owner, _)| *owner == id);
        if let Some((_, event)) = at.and_then(|at| self.backlog.borrow_mut().remove(at)) {
            return Some(event);
        }
        loop {
            let (owner, event) = self.receive(|| self.network.wait(until))?;
            if owner == id {
                return Some(event);
            }
            self.backlog.borrow_mut().push_back((owner, event));
            if is_stopped() {
                return None;
            }
        }
    }

    /// The next event, if it was received already, belongs to this fetch, and is wanted.
    pub(crate) fn received_event_of(
        &self,
        id: FetchId,
        is_wanted: impl Fn(&NetworkEvent) -> bool,
    ) -> Option<NetworkEvent> {
        let mut backlog = self.backlog.borrow_mut();
        if backlog.is_empty() {
            backlog.push_back(self.receive(|| self.network.received())?);
        }
        let (owner, event) = backlog.front()?;
        if *owner != id || !is_wanted(event) {
            return None;
        }
        backlog.pop_front().map(|(_, event)| event)
    }

    /// The next event for the script. A conversation is for the program that runs it.
    fn receive(&self, next: impl Fn() -> Option<(FetchId, NetworkEvent)>) -> Option<(FetchId, NetworkEvent)> {
        loop {
            match next()? {
                (_, NetworkEvent::Conversation(conversation)) => {
                    self.output.borrow_mut().conversation(*conversation);
                }
                event => {
                    if let (_, NetworkEvent::Chunk(bytes)) = &event {
                        self.uncollected.set(self.uncollected.get().saturating_add(bytes.len()));
                    }
                    return Some(event);
                }
            }
        }
    }

    /// What takes this event. After the last one the fetch is no longer in flight.
    pub(crate) fn consumer(&self, id: FetchId, event: &NetworkEvent) -> Option<C> {
        match event {
            NetworkEvent::End | NetworkEvent::Failed(_) => self.remove(id),
            _ => self.in_flight.borrow().get(&id).map(|(consumer, _)| consumer.clone()),
        }
    }

    fn remove(&self, id: FetchId) -> Option<C> {
        self.timeouts.borrow_mut().clear(id);
        self.uploads.borrow_mut().remove(&id);
        self.in_flight.borrow_mut().remove(&id).map(|(consumer, _)| consumer)
    }

    /// Sets after which time of waiting the consumer gives up its fetch; `None` is never. The time in which the script
    /// computes does not count.
    pub(crate) fn set_timeout(&self, id: FetchId, after: Option<Duration>) {
        let mut timeouts = self.timeouts.borrow_mut();
        match after.and_then(|after| self.network.time().checked_add(after)) {
            Some(due) => timeouts.set(id, due),
            None => timeouts.clear(id),
        }
    }

    /// The next fetch whose timeout is due.
    pub(crate) fn take_timed_out(&self) -> Option<(FetchId, C)> {
        let id = self.timeouts.borrow_mut().take_due(self.network.time())?;
        self.in_flight.borrow().get(&id).map(|(consumer, _)| (id, consumer.clone()))
    }

    /// When the next timeout is due, if the script does nothing but wait from now on.
    pub(crate) fn next_timeout(&self, now: Instant) -> Option<Instant> {
        let due = self.timeouts.borrow_mut().next_due()?;
        now.checked_add(due.saturating_duration_since(self.network.time()))
    }

    /// Whether so many bytes were received that the garbage may hold too many of them.
    pub(crate) fn wants_collection(&self) -> bool {
        let wants = self.uncollected.get() > MAX_UNCOLLECTED;
        if wants {
            self.uncollected.set(0);
        }
        wants
    }
}
