//! [`XMLHttpRequest`](https://xhr.spec.whatwg.org/): the script's face of the browser half, as a state machine.
//!
//! The rule: after each call to a method that may bring events ([`Xhr::open`], [`Xhr::send`], [`Xhr::abort`], and those
//! that report how the fetch goes on), call [`Xhr::poll`] until it gives nothing, and do what each [`Action`] says before
//! the next. A handler may call any method in the meantime: what that call brings is polled, in the handler, first.
//!
//! ```
//! use crossing::browser::xhr::{Action, Xhr};
//! use crossing::Time;
//!
//! let mut xhr = Xhr::new(Default::default());
//! xhr.open("GET", "https://api.example/", None, Default::default())?;
//! while let Some(action) = xhr.poll() {
//!     assert!(matches!(action, Action::Dispatch(event) if event.kind.as_str() == "readystatechange"));
//! }
//! xhr.set_with_credentials(true)?;
//! xhr.send(None, Default::default(), Time::ZERO)?;
//! # Ok::<(), crossing::browser::xhr::XhrError>(())
//! ```

mod event;
mod progress;
mod request;
mod response;

use std::collections::VecDeque;
use std::time::Duration;

use http::Method;
use url::Url;

pub use event::{Action, Event, EventKind, Target, XhrError};
pub use progress::Outcome;
pub use request::{Credentials, Open, Timing, UploadListeners, XhrBody, XhrBodyKind};

use crate::browser::keyword::keywords;
use crate::browser::{Request, Response};
use crate::headers::{HeaderList, MimeType};
use crate::time::Time;

/// [States](https://xhr.spec.whatwg.org/#states), with the numbers that a script sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// `UNSENT`
    #[default]
    Unsent = 0,
    /// `OPENED`
    Opened = 1,
    /// `HEADERS_RECEIVED`
    HeadersReceived = 2,
    /// `LOADING`
    Loading = 3,
    /// `DONE`
    Done = 4,
}

/// Where the script runs: a window forbids a few things to synchronous requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Global {
    /// A worker, or a script without a page.
    #[default]
    Worker,
    /// A page.
    Window,
}

/// [Response types](https://xhr.spec.whatwg.org/#response-type).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseType {
    /// The empty string: text.
    #[default]
    Default,
    /// `arraybuffer`
    ArrayBuffer,
    /// `blob`
    Blob,
    /// `document`
    Document,
    /// `json`
    Json,
    /// `text`
    Text,
}

keywords!(ResponseType {
    Default => "",
    ArrayBuffer => "arraybuffer",
    Blob => "blob",
    Document => "document",
    Json => "json",
    Text => "text",
});

/// One `XMLHttpRequest` object.
#[derive(Debug)]
pub struct Xhr {
    global: Global,
    state: State,
    timing: Timing,
    send_invoked: bool,
    method: Method,
    url: Option<Url>,
    headers: HeaderList,
    timeout: Duration,
    credentials: Credentials,
    upload_listener: UploadListeners,
    upload_complete: bool,
    request_length: u64,
    transmitted: u64,
    response: Option<Response>,
    received: Vec<u8>,
    response_type: ResponseType,
    override_mime: Option<MimeType>,
    began: Option<Time>,
    last_upload_progress: Option<Time>,
    last_progress: Option<Time>,
    /// How many bytes the last `progress` told of.
    told: Option<u64>,
    /// Counts the calls to `open()` and `abort()`: what an earlier one has begun goes no further.
    generation: u64,
    /// What is still to be done: one queue for each call that is being driven, the innermost last.
    frames: Vec<VecDeque<Task>>,
}

/// Something to be done, in the order of the standard.
#[derive(Debug)]
enum Task {
    Fire(Event),
    Cancel,
    FetchAndWait(Box<Request>),
    /// Unless a handler of `loadstart` has changed the object's mind.
    Fetch {
        request: Box<Request>,
        generation: u64,
    },
    UploadLoadStart {
        generation: u64,
    },
    /// After the handlers of state 4: they may have opened the object for another request.
    UploadError(EventKind),
    /// After the handlers of state 2.
    HeadersSeen {
        generation: u64,
    },
    /// After the handlers of the last `progress`.
    Finish {
        generation: u64,
    },
    /// After the handlers of `abort()`: an object that is done is unsent again, without an event.
    Settle,
}

impl Xhr {
    /// A new object.
    pub fn new(global: Global) -> Xhr {
        Xhr {
            global,
            state: State::Unsent,
            timing: Timing::default(),
            send_invoked: false,
            method: Method::GET,
            url: None,
            headers: HeaderList::new(),
            timeout: Duration::ZERO,
            credentials: Credentials::default(),
            upload_listener: UploadListeners::default(),
            upload_complete: true,
            request_length: 0,
            transmitted: 0,
            response: None,
            received: Vec::new(),
            response_type: ResponseType::default(),
            override_mime: None,
            began: None,
            last_upload_progress: None,
            last_progress: None,
            told: None,
            generation: 0,
            frames: Vec::new(),
        }
    }

    /// [`readyState`](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-readystate).
    pub fn ready_state(&self) -> State {
        self.state
    }

    /// Whether somebody hears how the request's body gets on.
    pub fn reports_upload(&self) -> bool {
        self.is_in_flight() && self.upload_listener == UploadListeners::Some
    }

    /// The next thing to do; `None` when the last call has been driven to its end.
    pub fn poll(&mut self) -> Option<Action> {
        loop {
            let Some(task) = self.frames.last_mut()?.pop_front() else {
                self.frames.pop();
                return None;
            };
            if let Some(action) = self.perform(task) {
                return Some(action);
            }
        }
    }

    fn perform(&mut self, task: Task) -> Option<Action> {
        match task {
            Task::Fire(event) => Some(Action::Dispatch(event)),
            Task::Cancel => Some(Action::Cancel),
            Task::FetchAndWait(request) => Some(Action::FetchAndWait(request)),
            Task::Fetch { request, generation } => {
                let still = generation == self.generation && self.state == State::Opened && self.send_invoked;
                still.then_some(Action::Fetch(request))
            }
            Task::UploadLoadStart { generation } => (generation == self.generation).then(|| {
                Action::Dispatch(Event::new(Target::Upload, EventKind::LoadStart, 0, self.request_length))
            }),
            Task::UploadError(kind) => {
                if self.upload_complete {
                    return None;
                }
                self.upload_complete = true;
                if self.upload_listener == UploadListeners::Some
                    && let Some(frame) = self.frames.last_mut()
                {
                    frame.push_front(Task::Fire(Event::new(Target::Upload, EventKind::LoadEnd, 0, 0)));
                    return Some(Action::Dispatch(Event::new(Target::Upload, kind, 0, 0)));
                }
                None
            }
            Task::HeadersSeen { generation } => {
                if generation == self.generation && self.state == State::HeadersReceived && !self.has_body() {
                    self.end_of_body();
                }
                None
            }
            Task::Finish { generation } => {
                if generation == self.generation {
                    self.finish();
                }
                None
            }
            Task::Settle => {
                if self.state == State::Done {
                    self.state = State::Unsent;
                    self.response = None;
                }
                None
            }
        }
    }

    /// Begins a queue for the call that is being made.
    fn begin(&mut self) {
        self.frames.push(VecDeque::new());
    }

    fn push(&mut self, task: Task) {
        match self.frames.last_mut() {
            Some(frame) => frame.push_back(task),
            None => self.frames.push(VecDeque::from([task])),
        }
    }

    fn fire(&mut self, target: Target, kind: EventKind, loaded: u64, total: u64) {
        self.push(Task::Fire(Event::new(target, kind, loaded, total)));
    }

    fn fire_state_change(&mut self) {
        self.fire(Target::Xhr, EventKind::ReadyStateChange, 0, 0);
    }
}
