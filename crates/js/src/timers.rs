//! [Timers](https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers): when the next is due.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Instant;

/// The timers that are set, by the numbers that the prelude gives them.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BinaryHeap<Reverse<(Instant, u64, u32)>>,
    /// Of each number the latest setting: what is in the queue besides is void.
    set: BTreeMap<u32, u64>,
    settings: u64,
}

impl Timers {
    pub(crate) fn set(&mut self, id: u32, due: Instant) {
        self.settings += 1;
        self.set.insert(id, self.settings);
        self.queue.push(Reverse((due, self.settings, id)));
    }

    pub(crate) fn clear(&mut self, id: u32) {
        self.set.remove(&id);
    }

    /// When the next timer is due; `None` without one.
    pub(crate) fn next_due(&mut self) -> Option<Instant> {
        loop {
            let Reverse((due, setting, id)) = *self.queue.peek()?;
            if self.set.get(&id) == Some(&setting) {
                return Some(due);
            }
            self.queue.pop();
        }
    }

    /// Takes the next timer if it is due: by the moment, then in the order of setting.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<u32> {
        if self.next_due()? > now {
            return None;
        }
        let Reverse((_, _, id)) = self.queue.pop()?;
        self.set.remove(&id);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn timers_of_one_moment_keep_their_order_and_a_cleared_one_is_void() {
        let mut timers = Timers::default();
        let now = Instant::now();
        for id in [3, 1, 2] {
            timers.set(id, now);
        }
        timers.set(9, now + Duration::from_secs(1));
        timers.clear(1);
        assert_eq!(timers.take_due(now), Some(3));
        assert_eq!(timers.take_due(now), Some(2));
        assert_eq!(timers.take_due(now), None);
        assert_eq!(timers.next_due(), Some(now + Duration::from_secs(1)));
    }
}
