//! What the host remembers for a script.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossing::Time;
use crossing::browser::xhr::{Global, Xhr, XhrError};
use crossing::browser::{Client, Request};
use crossing_agent::{Clock, SystemClock};

use crate::builder::{Hear, Watch};
use crate::limits::Limits;
use crate::network::{Network, News};

/// To whom the news about a fetch go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A promise, or whoever else of the prelude's began it.
    Prelude,
    /// An `XMLHttpRequest`.
    Xhr(u32),
}

/// An `XMLHttpRequest`, and what belongs to it.
pub(crate) struct Object {
    pub(crate) xhr: Xhr,
    /// The fetch that is under way.
    pub(crate) fetch: Option<u32>,
    /// What was given to `send()`.
    pub(crate) body: Option<Bytes>,
    /// What a synchronous `send()` throws when its events have been dispatched.
    pub(crate) error: Option<XhrError>,
}

/// The host of one script.
pub(crate) struct Host {
    pub(crate) client: Arc<Client>,
    pub(crate) network: Network,
    pub(crate) user_agent: String,
    pub(crate) limits: Limits,
    pub(crate) hear: Box<Hear>,
    pub(crate) watch: Box<Watch>,
    pub(crate) uncaught: usize,
    pub(crate) xhrs: HashMap<u32, Object>,
    pub(crate) fetches: HashMap<u32, Owner>,
    /// News that came while a synchronous request was waited for.
    pub(crate) backlog: VecDeque<(u32, News)>,
    /// Timers by when they are due; those of one moment in the order of their making.
    pub(crate) timers: BTreeMap<(Instant, u64), u32>,
    pub(crate) until: Instant,
    clock: SystemClock,
    last: u64,
    requests: u32,
}

impl Host {
    pub(crate) fn new(
        client: Arc<Client>,
        network: Network,
        user_agent: String,
        limits: Limits,
        hear: Box<Hear>,
        watch: Box<Watch>,
    ) -> Host {
        Host {
            client,
            network,
            user_agent,
            limits,
            hear,
            watch,
            uncaught: 0,
            xhrs: HashMap::new(),
            fetches: HashMap::new(),
            backlog: VecDeque::new(),
            timers: BTreeMap::new(),
            until: far(limits.time),
            clock: SystemClock::new(),
            last: 0,
            requests: 0,
        }
    }

    /// The time as the state machines count it.
    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// A number that was not given before.
    pub(crate) fn number(&mut self) -> u32 {
        self.last += 1;
        self.last as u32
    }

    pub(crate) fn add_xhr(&mut self) -> u32 {
        let id = self.number();
        let object = Object { xhr: Xhr::new(Global::Worker), fetch: None, body: None, error: None };
        self.xhrs.insert(id, object);
        id
    }

    /// Begins a fetch; `None` when the script has made too many.
    pub(crate) fn start(&mut self, owner: Owner, request: Box<Request>, body: Option<Bytes>) -> Option<u32> {
        self.requests += 1;
        if self.requests > self.limits.requests {
            return None;
        }
        let id = self.number();
        self.fetches.insert(id, owner);
        self.network.start(id, request, body);
        Some(id)
    }

    pub(crate) fn cancel(&mut self, fetch: u32) {
        if self.fetches.remove(&fetch).is_some() {
            self.network.cancel(fetch);
        }
    }

    /// What a request beyond the limit is answered with.
    pub(crate) fn too_many(&self) -> String {
        format!("the script has made {} requests, which is its limit", self.limits.requests)
    }

    pub(crate) fn start_timer(&mut self, id: u32, delay: Duration) {
        self.last += 1;
        let due = far(delay);
        self.timers.insert((due, self.last), id);
    }

    pub(crate) fn stop_timer(&mut self, id: u32) {
        self.timers.retain(|_, timer| *timer != id);
    }

    /// When something happens by itself: a timer, or the timeout of an `XMLHttpRequest`.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let timer = self.timers.first_key_value().map(|((due, _), _)| *due);
        let now = self.now();
        let deadlines = self.xhrs.values().filter(|object| object.fetch.is_some());
        let deadlines = deadlines.filter_map(|object| object.xhr.deadline());
        let deadline = deadlines.min().map(|deadline| Instant::now() + deadline.since(now));
        timer.into_iter().chain(deadline).min()
    }

    /// The timer that is due.
    pub(crate) fn due_timer(&mut self) -> Option<u32> {
        let entry = self.timers.first_entry().filter(|entry| entry.key().0 <= Instant::now())?;
        Some(entry.remove())
    }

    /// The `XMLHttpRequest` whose time is over.
    pub(crate) fn due_xhr(&self) -> Option<u32> {
        let now = self.now();
        let late = |object: &Object| {
            object.fetch.is_some() && object.xhr.deadline().is_some_and(|deadline| deadline <= now)
        };
        self.xhrs.iter().filter(|(_, object)| late(object)).map(|(id, _)| *id).min()
    }

    /// Whether nothing is left that could happen.
    pub(crate) fn is_idle(&self) -> bool {
        self.timers.is_empty() && self.fetches.is_empty() && self.backlog.is_empty()
    }
}

/// The moment so far from now; what is too far to be told is a year away.
fn far(delay: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    let now = Instant::now();
    now.checked_add(delay.min(YEAR)).unwrap_or(now)
}
