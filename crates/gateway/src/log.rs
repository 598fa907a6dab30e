//! Lines on standard output and standard error. A separate thread writes each, so that a slow reader does not delay
//! requests.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::metrics::Metrics;

/// How many bytes may wait to be written.
const MAX_QUEUED_BYTES: usize = 4 << 20;
/// About how many bytes are written at a time.
const WRITE_BYTES: usize = 64 << 10;
/// How long the last lines may take when the gateway stops.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// The access log and the messages. Clones write through the same threads.
#[derive(Clone)]
pub(crate) struct Log {
    access: LineQueue,
    messages: LineQueue,
}

#[derive(Clone)]
struct LineQueue {
    queue: Sender<QueueItem>,
    queued_bytes: Arc<AtomicUsize>,
    /// How many lines could not be written.
    lost: Arc<AtomicUsize>,
}

enum QueueItem {
    Line(String),
    /// Receives a message when everything before it has been written.
    Flush(Sender<()>),
}

impl Log {
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start() -> io::Result<Log> {
        Ok(Log {
            access: LineQueue::start("access-log", io::stdout())?,
            messages: LineQueue::start("log", io::stderr())?,
        })
    }

    /// Writes a line of the access log. It is dropped and counted if too many are queued. Lines that could not be written are
    /// counted, too.
    pub(crate) fn access(&self, line: String, metrics: &Metrics) {
        let lost = self.access.lost.swap(0, Relaxed);
        if lost > 0 {
            self.count_dropped(lost, metrics, "cannot be written");
        }
        if !self.access.push(line) {
            self.count_dropped(1, metrics, "is not read as fast as it comes");
        }
    }

    fn count_dropped(&self, lines: usize, metrics: &Metrics, why: &str) {
        let before = metrics.dropped_log_lines.fetch_add(lines as u64, Relaxed);
        let dropped = before + lines as u64;
        // Logged each time the number doubles.
        if before.checked_ilog2() != dropped.checked_ilog2() {
            self.message(&format!("crossing: the access log {why}; lines dropped: {dropped}"));
        }
    }

    /// Writes a line to standard error.
    pub(crate) fn message(&self, line: &str) {
        self.messages.push(format!("{line}\n"));
    }

    /// Waits until the queued lines are written, at most a second for each output.
    pub(crate) fn flush(&self) {
        self.access.flush();
        self.messages.flush();
    }
}

impl LineQueue {
    fn start(name: &str, to: impl Write + Send + 'static) -> io::Result<LineQueue> {
        let (queue, items) = channel();
        let queued_bytes = Arc::new(AtomicUsize::new(0));
        let lost = Arc::new(AtomicUsize::new(0));
        let (queued, failed) = (queued_bytes.clone(), lost.clone());
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || write(to, &items, &queued, &failed))?;
        Ok(LineQueue { queue, queued_bytes, lost })
    }

    /// Queues a line. `false` if there is no room for it.
    fn push(&self, line: String) -> bool {
        let length = line.len();
        let room = self.queued_bytes.fetch_add(length, Relaxed) + length <= MAX_QUEUED_BYTES;
        if !(room && self.queue.send(QueueItem::Line(line)).is_ok()) {
            self.queued_bytes.fetch_sub(length, Relaxed);
            return false;
        }
        true
    }

    fn flush(&self) {
        let (done, flushed) = channel();
        if self.queue.send(QueueItem::Flush(done)).is_ok() {
            let _ = flushed.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

/// Writes lines until the last sender is dropped.
fn write(mut to: impl Write, items: &Receiver<QueueItem>, queued_bytes: &AtomicUsize, lost: &AtomicUsize) {
    let mut text = String::new();
    while let Ok(first) = items.recv() {
        let mut flush = None;
        for item in std::iter::once(first).chain(items.try_iter()) {
            match item {
                QueueItem::Line(line) => text.push_str(&line),
                QueueItem::Flush(done) => flush = Some(done),
            }
            if flush.is_some() || text.len() >= WRITE_BYTES {
                break;
            }
        }
        // An error of the log must not stop the gateway.
        if to.write_all(text.as_bytes()).and_then(|()| to.flush()).is_err() {
            lost.fetch_add(text.lines().count(), Relaxed);
        }
        queued_bytes.fetch_sub(text.len(), Relaxed);
        text.clear();
        if let Some(done) = flush {
            let _ = done.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_written_in_its_order_before_the_end() {
        let (reader, writer) = io::pipe().unwrap();
        let lines = LineQueue::start("test", writer).unwrap();
        let expected: String = (0..1000).map(|nth| format!("line {nth}\n")).collect();
        assert!(expected.split_inclusive('\n').all(|line| lines.push(line.to_owned())));
        lines.flush();
        let mut written = vec![0; expected.len()];
        io::Read::read_exact(&mut &reader, &mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    #[test]
    fn unread_lines_are_dropped_and_a_flush_waits_for_a_limited_time() {
        let (_reader, writer) = io::pipe().unwrap();
        let lines = LineQueue::start("test", writer).unwrap();
        let line = "x".repeat(1 << 20);
        assert!((0..4).all(|_| lines.push(line.clone())));
        assert!(!lines.push(line));
        lines.flush();
    }
}
