//! Envoy's interface to dynamic modules, as far as an HTTP filter needs it: declared by hand, to the letter of
//! interface v0.1.0 (Envoy 1.38 and 1.39), which v0.2.0 (Envoy 1.40) keeps.

#![allow(unsafe_code, reason = "another program's functions can be declared in no other way")]

use std::ffi::{CStr, c_char, c_void};

/// The version that this module was written for.
pub(crate) const VERSION: &CStr = c"v0.1.0";

/// Bytes of Envoy's or of the module's: whoever receives them borrows.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buffer {
    pub(crate) at: *const u8,
    pub(crate) length: usize,
}

/// A header line.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) name: Buffer,
    pub(crate) value: Buffer,
}

/// Envoy's side of a filter's configuration.
pub(crate) type EnvoyConfig = *mut c_void;
/// Envoy's side of one stream's filter.
pub(crate) type EnvoyFilter = *mut c_void;
/// This module's side of something: a pointer that Envoy keeps, and hands back.
pub(crate) type Ours = *const c_void;
/// What program_init answers.
pub(crate) type Version = *const c_char;

/// Which headers are meant.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderKind {
    Request = 0,
    Response = 2,
}

/// How a message to the log weighs.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogLevel {
    Info = 2,
    Warn = 3,
    Error = 4,
}

/// What becomes of the headers after a hook has seen them.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadersStatus {
    Continue = 0,
    StopIteration = 1,
}

/// What becomes of a piece of a body, or of trailers: they pass.
pub(crate) const PASS: u32 = 0;
/// What a call about counters says when it was well.
pub(crate) const METRIC_OK: u32 = 0;

unsafe extern "C" {
    #[link_name = "envoy_dynamic_module_callback_log"]
    pub(crate) fn log(level: LogLevel, message: Buffer);

    #[link_name = "envoy_dynamic_module_callback_http_get_header"]
    pub(crate) fn get_header(
        filter: EnvoyFilter,
        kind: HeaderKind,
        name: Buffer,
        value: *mut Buffer,
        nth: usize,
        count: *mut usize,
    ) -> bool;

    #[link_name = "envoy_dynamic_module_callback_http_get_headers_size"]
    pub(crate) fn get_headers_size(filter: EnvoyFilter, kind: HeaderKind) -> usize;

    #[link_name = "envoy_dynamic_module_callback_http_get_headers"]
    pub(crate) fn get_headers(filter: EnvoyFilter, kind: HeaderKind, headers: *mut Header) -> bool;

    /// Sets a header to one line; takes it away where the value has no address.
    #[link_name = "envoy_dynamic_module_callback_http_set_header"]
    pub(crate) fn set_header(filter: EnvoyFilter, kind: HeaderKind, name: Buffer, value: Buffer) -> bool;

    /// Adds one line of a header.
    #[link_name = "envoy_dynamic_module_callback_http_add_header"]
    pub(crate) fn add_header(filter: EnvoyFilter, kind: HeaderKind, name: Buffer, value: Buffer) -> bool;

    /// Begins a response of the filter's own, as it is; `:status` is among the headers.
    #[link_name = "envoy_dynamic_module_callback_http_send_response_headers"]
    pub(crate) fn send_response_headers(
        filter: EnvoyFilter,
        headers: *mut Header,
        headers_count: usize,
        end_of_stream: bool,
    );

    #[link_name = "envoy_dynamic_module_callback_get_most_specific_route_config"]
    pub(crate) fn route_config(filter: EnvoyFilter) -> Ours;

    #[link_name = "envoy_dynamic_module_callback_http_filter_config_define_counter"]
    pub(crate) fn define_counter(
        config: EnvoyConfig,
        name: Buffer,
        labels: *mut Buffer,
        labels_count: usize,
        id: *mut usize,
    ) -> u32;

    #[link_name = "envoy_dynamic_module_callback_http_filter_increment_counter"]
    pub(crate) fn increment_counter(
        filter: EnvoyFilter,
        id: usize,
        labels: *mut Buffer,
        labels_count: usize,
        by: u64,
    ) -> u32;
}

impl Buffer {
    /// No bytes, and no address.
    pub(crate) const NOTHING: Buffer = Buffer { at: std::ptr::null(), length: 0 };

    pub(crate) const fn of(bytes: &[u8]) -> Buffer {
        Buffer { at: bytes.as_ptr(), length: bytes.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// They must live, unchanged, as long as the caller says.
    pub(crate) unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.at.is_null() || self.length == 0 {
            return &[];
        }
        // SAFETY: the caller vouches for address, length and life.
        unsafe { std::slice::from_raw_parts(self.at, self.length) }
    }
}
