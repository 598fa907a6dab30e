//! What a script hears from an `XMLHttpRequest`, and what its driver is told to do.

use std::fmt;

use crate::browser::Request;

/// What the driver does next, in order.
#[derive(Debug)]
pub enum Action {
    /// Dispatch this event. The script's handlers may call any method; drive what those calls bring first.
    Dispatch(Event),
    /// Begin this fetch, and report to the object as it goes on.
    Fetch(Box<Request>),
    /// Begin this fetch, block until it is over, and give its end to [`complete`](super::Xhr::complete).
    FetchAndWait(Box<Request>),
    /// Cancel the fetch that is going on, if there is one: nothing more is to be reported of it.
    Cancel,
}

/// An event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which object it is dispatched at.
    pub target: Target,
    /// Its type.
    pub kind: EventKind,
    /// [`loaded`](https://xhr.spec.whatwg.org/#dom-progressevent-loaded), in bytes.
    pub loaded: u64,
    /// [`total`](https://xhr.spec.whatwg.org/#dom-progressevent-total), in bytes; 0 where it is not known.
    pub total: u64,
}

impl Event {
    /// [`lengthComputable`](https://xhr.spec.whatwg.org/#dom-progressevent-lengthcomputable).
    pub const fn length_computable(&self) -> bool {
        self.total != 0
    }

    pub(super) const fn new(target: Target, kind: EventKind, loaded: u64, total: u64) -> Event {
        Event { target, kind, loaded, total }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.target == Target::Upload { "upload " } else { "" };
        write!(f, "{at}{}", self.kind.as_str())
    }
}

/// The object at which an event is dispatched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The `XMLHttpRequest`.
    Xhr,
    /// Its `upload`.
    Upload,
}

/// An event's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The state changed, or more of the body came. The one event here that is no `ProgressEvent`.
    ReadyStateChange,
    /// The fetch begins.
    LoadStart,
    /// Bytes went out, or came in.
    Progress,
    /// It was aborted.
    Abort,
    /// It failed.
    Error,
    /// It is complete.
    Load,
    /// It took too long.
    Timeout,
    /// It is over, one way or another.
    LoadEnd,
}

impl EventKind {
    /// All of them.
    pub const ALL: [EventKind; 8] = [
        EventKind::ReadyStateChange,
        EventKind::LoadStart,
        EventKind::Progress,
        EventKind::Abort,
        EventKind::Error,
        EventKind::Load,
        EventKind::Timeout,
        EventKind::LoadEnd,
    ];

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<EventKind> {
        EventKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The type as a script writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            EventKind::ReadyStateChange => "readystatechange",
            EventKind::LoadStart => "loadstart",
            EventKind::Progress => "progress",
            EventKind::Abort => "abort",
            EventKind::Error => "error",
            EventKind::Load => "load",
            EventKind::Timeout => "timeout",
            EventKind::LoadEnd => "loadend",
        }
    }
}

/// An exception that a method throws: a `DOMException` of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XhrError {
    /// The object's state does not allow this now.
    InvalidState,
    /// A method, URL, header name or value is malformed.
    Syntax,
    /// The method is forbidden.
    Security,
    /// A synchronous request in a window allows neither a timeout nor a response type.
    InvalidAccess,
    /// A synchronous request failed.
    Network,
    /// A synchronous request took too long.
    Timeout,
    /// A synchronous request was aborted.
    Abort,
}

impl XhrError {
    /// The exception's `name`.
    pub const fn name(self) -> &'static str {
        match self {
            XhrError::InvalidState => "InvalidStateError",
            XhrError::Syntax => "SyntaxError",
            XhrError::Security => "SecurityError",
            XhrError::InvalidAccess => "InvalidAccessError",
            XhrError::Network => "NetworkError",
            XhrError::Timeout => "TimeoutError",
            XhrError::Abort => "AbortError",
        }
    }
}

impl fmt::Display for XhrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            XhrError::InvalidState => "the object's state does not allow this now",
            XhrError::Syntax => "the method, URL, header name or header value is malformed",
            XhrError::Security => "the method is forbidden",
            XhrError::InvalidAccess => {
                "a synchronous request in a window allows neither a timeout nor a response type"
            }
            XhrError::Network => "the request failed",
            XhrError::Timeout => "the request took too long",
            XhrError::Abort => "the request was aborted",
        })
    }
}

impl std::error::Error for XhrError {}
