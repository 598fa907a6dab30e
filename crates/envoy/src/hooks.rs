//! What Envoy calls. No panic goes further than this: it would end in Envoy's own code.

#![allow(unsafe_code, reason = "Envoy looks for these functions by their names, and passes pointers")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::abi::{
    Buffer, EnvoyConfig, EnvoyFilter, Header, HeadersStatus, LogLevel, Ours, PASS, VERSION, Version,
};
use crate::envoy::{self, Loading, Stream};
use crate::filter::{Action, Config, Filter, RouteConfig};
use crate::view;

/// Runs a hook; `None` if it panicked, which the log then says.
fn guarded<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}

/// Envoy has loaded the module.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_program_init() -> Version {
    std::panic::set_hook(Box::new(|panic| {
        envoy::log(LogLevel::Error, &format!("crossing: {panic}. This is a bug; please report it"));
    }));
    VERSION.as_ptr()
}

/// A filter is configured. What is returned is an `Arc<Config>`; null refuses the configuration.
///
/// # Safety
/// The buffers are valid until this returns.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_config_new(
    config_envoy: EnvoyConfig,
    name: Buffer,
    config: Buffer,
) -> Ours {
    // SAFETY: Envoy's pointers, in Envoy's hook.
    let (loading, name, config) = unsafe { (Loading::new(config_envoy), name.bytes(), config.bytes()) };
    match guarded(|| Config::new(&loading, name, config)).flatten() {
        Some(config) => Arc::into_raw(Arc::new(config)).cast(),
        None => std::ptr::null(),
    }
}

/// # Safety
/// The pointer came from the hook above, and comes for the last time.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_config_destroy(config: Ours) {
    if !config.is_null() {
        // SAFETY: it is the count that the hook above gave away.
        guarded(|| drop(unsafe { Arc::from_raw(config.cast::<Config>()) }));
    }
}

/// A route is configured. What is returned is a `Box<RouteConfig>`; null refuses the configuration.
///
/// # Safety
/// The buffers are valid until this returns.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_per_route_config_new(
    name: Buffer,
    config: Buffer,
) -> Ours {
    // SAFETY: Envoy's pointers, in Envoy's hook.
    let (name, config) = unsafe { (name.bytes(), config.bytes()) };
    match guarded(|| RouteConfig::new(name, config)).flatten() {
        Some(config) => Box::into_raw(Box::new(config)).cast_const().cast(),
        None => std::ptr::null(),
    }
}

/// # Safety
/// The pointer came from the hook above, and comes for the last time.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_per_route_config_destroy(config: Ours) {
    if !config.is_null() {
        // SAFETY: the hook above gave the box away.
        guarded(|| drop(unsafe { Box::from_raw(config.cast_mut().cast::<RouteConfig>()) }));
    }
}

/// A stream begins. What is returned is a `Box<Filter>`.
///
/// # Safety
/// The pointer came from the hook for configurations, and is in use.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_new(config: Ours, _: EnvoyFilter) -> Ours {
    let config = config.cast::<Config>();
    // SAFETY: Envoy holds one count for as long as the configuration is in use; the filter gets one of its own.
    let config = unsafe {
        Arc::increment_strong_count(config);
        Arc::from_raw(config)
    };
    guarded(|| Box::into_raw(Box::new(Filter::new(config))).cast_const().cast()).unwrap_or(std::ptr::null())
}

/// # Safety
/// The pointer came from the hook above, and comes for the last time.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_destroy(filter: Ours) {
    if !filter.is_null() {
        // SAFETY: the hook above gave the box away.
        guarded(|| drop(unsafe { Box::from_raw(filter.cast_mut().cast::<Filter>()) }));
    }
}

/// # Safety
/// Envoy's own filter, and the pointer that the hook for streams returned.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_request_headers(
    filter_envoy: EnvoyFilter,
    filter: Ours,
    _end_of_stream: bool,
) -> HeadersStatus {
    // SAFETY: Envoy's pointer, in Envoy's hook.
    let stream = unsafe { Stream::new(filter_envoy) };
    // SAFETY: Envoy calls one hook of a stream at a time. The borrow ends here: answering may end the filter.
    let action = unsafe { filter.cast_mut().cast::<Filter>().as_mut() }
        .and_then(|filter| guarded(|| filter.on_request(&stream)));
    match action {
        Some(Action::Continue) => HeadersStatus::Continue,
        Some(Action::Answer(answer)) => {
            // Nothing panics here: the grant that an answer names is one of its own policy.
            view::lend(&answer, |headers| stream.respond(headers));
            HeadersStatus::StopIteration
        }
        // What cannot be decided about is not let through.
        None => {
            let status = Header { name: Buffer::of(b":status"), value: Buffer::of(b"500") };
            stream.respond(&mut [status]);
            HeadersStatus::StopIteration
        }
    }
}

/// # Safety
/// Envoy's own filter, and the pointer that the hook for streams returned.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_response_headers(
    filter_envoy: EnvoyFilter,
    filter: Ours,
    _end_of_stream: bool,
) -> HeadersStatus {
    // SAFETY: Envoy's pointer, in Envoy's hook.
    let mut stream = unsafe { Stream::new(filter_envoy) };
    // SAFETY: Envoy calls one hook of a stream at a time.
    let edited = unsafe { filter.cast_mut().cast::<Filter>().as_mut() }
        .and_then(|filter| guarded(|| filter.on_response(&mut stream)));
    if edited.is_none() {
        // A response that was edited by half is shared with nobody.
        stream.remove("access-control-allow-origin");
        stream.remove("access-control-allow-credentials");
    }
    HeadersStatus::Continue
}

/// The hooks that have nothing to do, and must be there.
macro_rules! nothing_to_do {
    ($( $name:ident($($argument:ty),*) $(-> $status:ident)?; )+) => { $(
        #[unsafe(no_mangle)]
        extern "C" fn $name($(_: $argument),*) $(-> nothing_to_do!(@type $status))? { $($status)? }
    )+ };
    (@type PASS) => { u32 };
}

nothing_to_do! {
    envoy_dynamic_module_on_http_filter_request_body(EnvoyFilter, Ours, bool) -> PASS;
    envoy_dynamic_module_on_http_filter_request_trailers(EnvoyFilter, Ours) -> PASS;
    envoy_dynamic_module_on_http_filter_response_body(EnvoyFilter, Ours, bool) -> PASS;
    envoy_dynamic_module_on_http_filter_response_trailers(EnvoyFilter, Ours) -> PASS;
    envoy_dynamic_module_on_http_filter_stream_complete(EnvoyFilter, Ours);
    envoy_dynamic_module_on_http_filter_http_callout_done(EnvoyFilter, Ours, u64, u32, Ours, usize, Ours, usize);
    envoy_dynamic_module_on_http_filter_http_stream_headers(EnvoyFilter, Ours, u64, Ours, usize, bool);
    envoy_dynamic_module_on_http_filter_http_stream_data(EnvoyFilter, Ours, u64, Ours, usize, bool);
    envoy_dynamic_module_on_http_filter_http_stream_trailers(EnvoyFilter, Ours, u64, Ours, usize);
    envoy_dynamic_module_on_http_filter_http_stream_complete(EnvoyFilter, Ours, u64);
    envoy_dynamic_module_on_http_filter_http_stream_reset(EnvoyFilter, Ours, u64, u32);
    envoy_dynamic_module_on_http_filter_scheduled(EnvoyFilter, Ours, u64);
    envoy_dynamic_module_on_http_filter_downstream_above_write_buffer_high_watermark(EnvoyFilter, Ours);
    envoy_dynamic_module_on_http_filter_downstream_below_write_buffer_low_watermark(EnvoyFilter, Ours);
}
