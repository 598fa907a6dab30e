//! What the engine does not let itself be interrupted in: `[].fill.call({ length: 2 ** 53 })`.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// How long after the script's time the engine has to come back.
const GRACE: Duration = Duration::from_secs(1);

/// Somebody who acts when the engine does not come back. It goes with the runtime.
pub(crate) struct Watchdog {
    _running: Sender<()>,
}

impl Watchdog {
    pub(crate) fn watch(time: Duration, act: Box<dyn FnOnce() + Send>) -> io::Result<Watchdog> {
        let (running, ended) = mpsc::channel::<()>();
        let watch = move || {
            if ended.recv_timeout(time.saturating_add(GRACE)) == Err(RecvTimeoutError::Timeout) {
                act();
            }
        };
        thread::Builder::new().name("watchdog".to_owned()).spawn(watch)?;
        Ok(Watchdog { _running: running })
    }
}
