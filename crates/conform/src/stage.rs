//! What the scripted origins say, what they heard, and what the browser's page is to do next.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crossing::RequestHead;
use crossing_conformance::{Answered, Script, Sent};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::naming::Naming;

/// What one scenario (or a batch of cases, told apart by their paths) has on the servers.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// Documents that a navigation gets, by symbolic URL.
    pub(crate) documents: BTreeMap<String, Document>,
    /// Servers and their log, by the path that they answer for.
    pub(crate) parts: Vec<Part>,
    /// The cookies that navigations to `/conform/jar` brought along, by host.
    pub(crate) jar: BTreeMap<String, String>,
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connections {
    Kept,
    /// Each serves one request.
    One,
}

/// The servers of one case.
#[derive(Debug)]
pub(crate) struct Part {
    /// `/`, or a path such as `/k3/`.
    pub(crate) path: String,
    pub(crate) script: Script,
    pub(crate) connections: Connections,
    pub(crate) sent: Vec<Sent>,
    /// How many had been sent when each further step began.
    pub(crate) marks: Vec<usize>,
    /// Why a request could not be answered.
    pub(crate) problem: Option<String>,
}

/// What a navigation gets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// Everything that the servers share with whoever directs them.
#[derive(Debug)]
pub(crate) struct Stage {
    inner: Mutex<Inner>,
    tabs: Vec<TabEnds>,
}

/// What the servers know of one tab.
#[derive(Debug)]
pub(crate) struct TabEnds {
    /// Where the waiting page is to go next.
    pub(crate) next: tokio::sync::Mutex<UnboundedReceiver<String>>,
    /// Where its pages' reports go.
    pub(crate) reports: Sender<String>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: BTreeMap<u32, Entry>,
    /// The entry that hosts without a number belong to: the one that was put on last.
    last: u32,
}

impl Stage {
    pub(crate) fn new(tabs: Vec<TabEnds>) -> Stage {
        Stage { inner: Mutex::default(), tabs }
    }

    /// What is known of a tab, if there is one of this number.
    pub(crate) fn tab(&self, number: usize) -> Option<&TabEnds> {
        self.tabs.get(number)
    }

    /// How many tabs there are.
    pub(crate) fn tabs(&self) -> usize {
        self.tabs.len()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an entry on, beside those that are there.
    pub(crate) fn put(&self, naming: Naming, entry: Entry) {
        let mut inner = self.lock();
        inner.entries.insert(naming.0, entry);
        inner.last = naming.0;
    }

    /// Takes an entry off.
    pub(crate) fn take(&self, naming: Naming) -> Entry {
        self.lock().entries.remove(&naming.0).unwrap_or_default()
    }

    /// Changes an entry.
    pub(crate) fn with<T>(&self, naming: Naming, act: impl FnOnce(&mut Entry) -> T) -> T {
        act(self.lock().entries.entry(naming.0).or_default())
    }

    /// Whose host this is, if it is one of an entry's that is on.
    pub(crate) fn naming_of(&self, host: &str) -> Option<Naming> {
        let inner = self.lock();
        match Naming::of_host(host) {
            Some(naming) => inner.entries.contains_key(&naming.0).then_some(naming),
            // Our own browser has no tabs, and uses the symbolic names.
            None if self.tabs.is_empty() => Some(Naming::SYMBOLIC),
            // Addresses and `localhost` cannot be renamed. Whatever else a browser asks for is its own affair.
            None => is_loopback(host).then_some(Naming(inner.last)),
        }
    }

    /// The document for a navigation to this symbolic URL.
    pub(crate) fn document(&self, naming: Naming, url: &str) -> Option<Document> {
        self.lock().entries.get(&naming.0)?.documents.get(url).cloned()
    }

    /// Notes the cookies that a navigation brought along.
    pub(crate) fn note_cookies(&self, naming: Naming, host: &str, cookies: String) {
        if let Some(entry) = self.lock().entries.get_mut(&naming.0) {
            entry.jar.insert(host.to_owned(), cookies);
        }
    }

    /// Notes that the next step of a case begins.
    pub(crate) fn mark(&self, naming: Naming, case: usize) {
        if let Some(entry) = self.lock().entries.get_mut(&naming.0)
            && let Some(part) = entry.parts.get_mut(case)
        {
            part.marks.push(part.sent.len());
        }
    }

    /// Logs a request and answers it.
    pub(crate) fn answer(
        &self,
        naming: Naming,
        head: &RequestHead,
        sent: Sent,
    ) -> Option<(Answered, Connections)> {
        let mut inner = self.lock();
        let entry = inner.entries.get_mut(&naming.0)?;
        let path = head.url.path();
        let part = entry.parts.iter_mut().find(|part| path.starts_with(&part.path))?;
        part.sent.push(sent);
        match part.script.answer(head) {
            Ok(answered) => Some((answered, part.connections)),
            Err(problem) => {
                part.problem = Some(problem);
                None
            }
        }
    }
}

/// Whether a host is one that cannot be renamed.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.ends_with(']')
        || host.parse::<std::net::IpAddr>().is_ok()
}
