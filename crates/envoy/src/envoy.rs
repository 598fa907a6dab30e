//! Envoy, as safe code sees it.

#![allow(unsafe_code, reason = "each function here makes one call of the interface safe")]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr::NonNull;

use crate::abi::{self, Buffer, EnvoyConfig, EnvoyFilter, Header, HeaderKind, LogLevel};

/// Writes a line to Envoy's log.
pub(crate) fn log(level: LogLevel, message: &str) {
    // SAFETY: Envoy reads the message before it returns; any thread may call.
    unsafe { abi::log(level, Buffer::of(message.as_bytes())) }
}

/// A configuration that Envoy is about to load.
pub(crate) struct Loading(EnvoyConfig);

/// A counter of Envoy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counter(usize);

impl Loading {
    /// # Safety
    /// The pointer is the one that Envoy gave to the hook that runs.
    pub(crate) unsafe fn new(config: EnvoyConfig) -> Loading {
        Loading(config)
    }

    /// Defines a counter, with or without a label; `None` if Envoy has none to give.
    pub(crate) fn counter(&self, name: &str, label: Option<&str>) -> Option<Counter> {
        let mut labels = [label.map_or(Buffer::NOTHING, |label| Buffer::of(label.as_bytes()))];
        let mut id = 0;
        // SAFETY: the configuration is being loaded; Envoy copies the name and the label, and writes an id.
        let result = unsafe {
            let name = Buffer::of(name.as_bytes());
            abi::define_counter(self.0, name, labels.as_mut_ptr(), usize::from(label.is_some()), &raw mut id)
        };
        (result == abi::METRIC_OK).then_some(Counter(id))
    }
}

/// One request and its response, for as long as a hook runs. What it lends ends where something is set, and so does
/// what Envoy lends: setting borrows it exclusively.
pub(crate) struct Stream<'h> {
    filter: EnvoyFilter,
    hook: PhantomData<&'h mut ()>,
}

impl Stream<'_> {
    /// # Safety
    /// The pointer is the one that Envoy gave to the hook that runs, and no other `Stream` of it is in use.
    pub(crate) unsafe fn new<'h>(filter: EnvoyFilter) -> Stream<'h> {
        Stream { filter, hook: PhantomData }
    }

    /// The lines of one header, in order.
    #[inline]
    pub(crate) fn lines(&self, kind: HeaderKind, name: &'static str) -> Lines<'_> {
        Lines { filter: self.filter, kind, name, next: 0, count: None, stream: PhantomData }
    }

    /// All headers, in order: one call, where asking for each would cost one a header.
    #[inline]
    pub(crate) fn headers<'s>(&'s self, kind: HeaderKind, room: &'s mut Room) -> Headers<'s> {
        // SAFETY: the hook runs, so the filter is alive.
        let count = unsafe { abi::get_headers_size(self.filter, kind) };
        let start = room.start(count);
        // SAFETY: there is room for as many headers as Envoy has just counted, and nothing was set in between.
        let written = unsafe { abi::get_headers(self.filter, kind, start) };
        // SAFETY: Envoy has written them, and the room is borrowed for as long as they are.
        Headers(if written { unsafe { std::slice::from_raw_parts(start, count) } } else { &[] })
    }

    /// The names of all headers, in order.
    #[inline]
    pub(crate) fn names(&self, kind: HeaderKind) -> impl Iterator<Item = &[u8]> {
        let mut room = Room::new();
        let count = self.headers(kind, &mut room).0.len();
        // SAFETY: Envoy has just written so many, and nothing is set while the stream is borrowed.
        (0..count).map(move |nth| unsafe { (*room.start(count).add(nth)).name.bytes() })
    }

    /// Sets a header of the response to one line.
    pub(crate) fn set(&mut self, name: &str, value: &[u8]) {
        self.set_or_remove(name, Buffer::of(value));
    }

    /// Adds a line of a header to the response.
    pub(crate) fn add(&mut self, name: &str, value: &[u8]) {
        // SAFETY: the hook runs, so the filter is alive; Envoy copies name and value; nothing is lent out (`&mut`).
        unsafe {
            let (name, value) = (Buffer::of(name.as_bytes()), Buffer::of(value));
            abi::add_header(self.filter, HeaderKind::Response, name, value);
        }
    }

    /// Takes a header of the response away.
    pub(crate) fn remove(&mut self, name: &str) {
        self.set_or_remove(name, Buffer::NOTHING);
    }

    fn set_or_remove(&mut self, name: &str, value: Buffer) {
        // SAFETY: the hook runs, so the filter is alive; Envoy copies name and value; nothing is lent out (`&mut`).
        unsafe { abi::set_header(self.filter, HeaderKind::Response, Buffer::of(name.as_bytes()), value) };
    }

    /// What the route says about this filter: the pointer that the hook for such configurations returned.
    pub(crate) fn route_config<T>(&self) -> Option<&T> {
        // SAFETY: the hook runs, so the filter is alive; Envoy keeps the route, and with it the configuration, until
        // the hook has returned. Only `hooks` makes such pointers, all of one type.
        unsafe {
            NonNull::new(abi::route_config(self.filter).cast_mut().cast::<T>()).map(|config| config.as_ref())
        }
    }

    /// Counts one.
    pub(crate) fn count(&self, counter: Counter, label: Option<&str>) {
        let mut labels = [label.map_or(Buffer::NOTHING, |label| Buffer::of(label.as_bytes()))];
        let labels_count = usize::from(label.is_some());
        // SAFETY: the hook runs, so the filter is alive; Envoy copies the label.
        unsafe { abi::increment_counter(self.filter, counter.0, labels.as_mut_ptr(), labels_count, 1) };
    }

    /// Answers the request without a body, with nothing but these headers, `:status` among them. Envoy may take the
    /// filter down before this returns, so the stream is used up.
    ///
    /// Not by Envoy's own local reply, which costs twice as much and turns a refused gRPC call into a good one.
    pub(crate) fn respond(self, headers: &mut [Header]) {
        // SAFETY: the hook runs, so the filter is alive; Envoy copies the headers before it returns.
        unsafe { abi::send_response_headers(self.filter, headers.as_mut_ptr(), headers.len(), true) };
    }
}

/// See [`Stream::lines`].
pub(crate) struct Lines<'s> {
    filter: EnvoyFilter,
    kind: HeaderKind,
    name: &'static str,
    next: usize,
    /// Known once Envoy was asked.
    count: Option<usize>,
    stream: PhantomData<&'s ()>,
}

impl<'s> Iterator for Lines<'s> {
    type Item = &'s [u8];

    #[inline]
    fn next(&mut self) -> Option<&'s [u8]> {
        if self.count.is_some_and(|count| self.next >= count) {
            return None;
        }
        let (mut value, mut count) = (Buffer::NOTHING, 0);
        // SAFETY: the stream is borrowed, so its hook runs and nothing is set meanwhile: Envoy's bytes stay.
        let value = unsafe {
            let name = Buffer::of(self.name.as_bytes());
            let there =
                abi::get_header(self.filter, self.kind, name, &raw mut value, self.next, &raw mut count);
            there.then(|| value.bytes())
        };
        self.count = Some(count);
        self.next += 1;
        value
    }
}

/// So many headers need no memory of their own.
const FEW: usize = 32;

/// Where Envoy writes the headers of a message.
pub(crate) struct Room {
    few: [MaybeUninit<Header>; FEW],
    many: Vec<Header>,
}

impl Room {
    #[inline]
    pub(crate) fn new() -> Room {
        Room { few: [const { MaybeUninit::uninit() }; FEW], many: Vec::new() }
    }

    /// Where there is room for so many.
    #[inline]
    fn start(&mut self, count: usize) -> *mut Header {
        if count <= FEW {
            return self.few.as_mut_ptr().cast();
        }
        self.many.reserve(count);
        self.many.as_mut_ptr()
    }
}

/// All headers of a message, as Envoy lends them.
#[derive(Clone, Copy)]
pub(crate) struct Headers<'s>(&'s [Header]);

impl<'s> Headers<'s> {
    /// The name of each, in order.
    #[inline]
    pub(crate) fn names(self) -> impl Iterator<Item = &'s [u8]> {
        // SAFETY: the stream is borrowed, so its hook runs and nothing is set meanwhile: Envoy's bytes stay.
        self.0.iter().map(|header| unsafe { header.name.bytes() })
    }

    /// The lines that have this name, in order.
    #[inline]
    pub(crate) fn lines(self, name: &'static str) -> impl Iterator<Item = &'s [u8]> {
        // SAFETY: as above.
        let named = move |header: &&Header| unsafe { header.name.bytes() } == name.as_bytes();
        // SAFETY: as above.
        self.0.iter().filter(named).map(|header| unsafe { header.value.bytes() })
    }

    /// Those in this range, counted from 0.
    #[inline]
    pub(crate) fn among(self, range: Range<usize>) -> Headers<'s> {
        Headers(self.0.get(range).unwrap_or_default())
    }
}
