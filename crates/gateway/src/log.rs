//! Lines on standard output and standard error, each written by a thread of its own: whoever reads them slowly, or not at
//! all, holds up no request.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::metrics::Metrics;

/// How many bytes may wait for somebody to read them.
const MOST_WAITING: usize = 4 << 20;
/// How many are written at a time.
const PIECE: usize = 64 << 10;
/// How long the last lines may take, when the gateway stops.
const LAST_LINES: Duration = Duration::from_secs(1);

/// What the gateway tells.
pub(crate) struct Log {
    access: Lines,
    words: Lines,
}

struct Lines {
    queue: Sender<Item>,
    waiting: Arc<AtomicUsize>,
    /// How many could not be written.
    lost: Arc<AtomicUsize>,
}

enum Item {
    Line(String),
    /// Asks to be told when everything before it is written.
    Mark(Sender<()>),
}

impl Log {
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start() -> io::Result<Log> {
        Ok(Log {
            access: Lines::start("access-log", io::stdout())?,
            words: Lines::start("log", io::stderr())?,
        })
    }

    /// A line of the access log; dropped, and counted, when too many wait already. So are those that could not be written.
    pub(crate) fn access(&self, line: String, metrics: &Metrics) {
        let lost = self.access.lost.swap(0, Relaxed);
        if lost > 0 {
            self.dropped(lost, metrics, "cannot be written");
        }
        if !self.access.put(line) {
            self.dropped(1, metrics, "is not read as fast as it comes");
        }
    }

    fn dropped(&self, lines: usize, metrics: &Metrics, why: &str) {
        let before = metrics.dropped_log_lines.fetch_add(lines as u64, Relaxed);
        let dropped = before + lines as u64;
        // Told ever more seldom.
        if before.checked_ilog2() != dropped.checked_ilog2() {
            self.say(&format!("crossing: the access log {why}; lines dropped: {dropped}"));
        }
    }

    /// A line on standard error.
    pub(crate) fn say(&self, line: &str) {
        self.words.put(format!("{line}\n"));
    }

    /// Waits for the last lines to be written, but not for long.
    pub(crate) fn finish(&self) {
        self.access.finish();
        self.words.finish();
    }
}

impl Lines {
    fn start(name: &str, to: impl Write + Send + 'static) -> io::Result<Lines> {
        let (queue, items) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let lost = Arc::new(AtomicUsize::new(0));
        let (left, fails) = (waiting.clone(), lost.clone());
        std::thread::Builder::new().name(name.to_owned()).spawn(move || write(to, &items, &left, &fails))?;
        Ok(Lines { queue, waiting, lost })
    }

    /// Whether there was room for it.
    fn put(&self, line: String) -> bool {
        let length = line.len();
        let room = self.waiting.fetch_add(length, Relaxed) + length <= MOST_WAITING;
        if !(room && self.queue.send(Item::Line(line)).is_ok()) {
            self.waiting.fetch_sub(length, Relaxed);
            return false;
        }
        true
    }

    fn finish(&self) {
        let (tell, told) = channel();
        if self.queue.send(Item::Mark(tell)).is_ok() {
            let _ = told.recv_timeout(LAST_LINES);
        }
    }
}

/// Writes until nobody is left to say anything.
fn write(mut to: impl Write, items: &Receiver<Item>, waiting: &AtomicUsize, lost: &AtomicUsize) {
    let mut text = String::new();
    while let Ok(first) = items.recv() {
        let mut mark = None;
        for item in std::iter::once(first).chain(items.try_iter()) {
            match item {
                Item::Line(line) => text.push_str(&line),
                Item::Mark(tell) => mark = Some(tell),
            }
            if mark.is_some() || text.len() >= PIECE {
                break;
            }
        }
        // A log that cannot be written must not stop the service.
        if to.write_all(text.as_bytes()).and_then(|()| to.flush()).is_err() {
            lost.fetch_add(text.lines().count(), Relaxed);
        }
        waiting.fetch_sub(text.len(), Relaxed);
        text.clear();
        if let Some(tell) = mark {
            let _ = tell.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_written_in_its_order_before_the_end() {
        let (reader, writer) = io::pipe().unwrap();
        let lines = Lines::start("test", writer).unwrap();
        let expected: String = (0..1000).map(|nth| format!("line {nth}\n")).collect();
        assert!(expected.split_inclusive('\n').all(|line| lines.put(line.to_owned())));
        lines.finish();
        let mut written = vec![0; expected.len()];
        io::Read::read_exact(&mut &reader, &mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    #[test]
    fn what_nobody_reads_is_dropped_and_waited_for_no_longer_than_it_takes() {
        let (_reader, writer) = io::pipe().unwrap();
        let lines = Lines::start("test", writer).unwrap();
        let line = "x".repeat(1 << 20);
        assert!((0..4).all(|_| lines.put(line.clone())));
        assert!(!lines.put(line));
        lines.finish();
    }
}
