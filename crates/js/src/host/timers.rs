//! Timers, by the number that the script has for each.

use std::time::Duration;

use rquickjs::{Object, Result};

use super::{Shared, put};

pub(super) fn install(native: &Object<'_>, host: &Shared) -> Result<()> {
    let shared = host.clone();
    put(native, "timerStart", move |id: u32, milliseconds: u32| {
        shared.borrow_mut().start_timer(id, Duration::from_millis(milliseconds.into()));
    })?;
    let shared = host.clone();
    put(native, "timerStop", move |id: u32| shared.borrow_mut().stop_timer(id))
}
