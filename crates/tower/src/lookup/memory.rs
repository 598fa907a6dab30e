//! What was looked up already.

use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::{OriginLookup, Question};
use crate::observe;

#[derive(Debug)]
pub(super) struct Memory<L> {
    lookup: L,
    limits: LookupLimits,
    answers: Cache<Question, Answer>,
    at_once: Semaphore,
}

/// What look-ups may cost; what goes beyond is refused.
#[derive(Clone, Copy, Debug)]
pub struct LookupLimits {
    /// How long a request waits for a look-up: 2 seconds unless told otherwise.
    pub timeout: Duration,
    /// How long an answer is kept: a minute.
    pub keep: Duration,
    /// How many answers are kept: 1 024.
    pub capacity: usize,
    /// How many look-ups run at once: 64.
    pub at_once: usize,
}

impl Default for LookupLimits {
    fn default() -> LookupLimits {
        let (timeout, keep) = (Duration::from_secs(2), Duration::from_secs(60));
        LookupLimits { timeout, keep, capacity: 1_024, at_once: 64 }
    }
}

#[derive(Clone, Copy, Debug)]
struct Answer {
    allowed: bool,
    until: Instant,
}

impl Answer {
    fn is_fresh(&self) -> bool {
        Instant::now() < self.until
    }
}

impl<L: OriginLookup> Memory<L> {
    pub(super) fn new(lookup: L, limits: LookupLimits) -> Memory<L> {
        let at_once = limits.at_once.min(Semaphore::MAX_PERMITS);
        Memory { lookup, limits, answers: Cache::new(limits.capacity), at_once: Semaphore::new(at_once) }
    }

    /// The answer, if it is known without waiting.
    pub(super) fn known(&self, question: &Question) -> Option<bool> {
        self.answers.get(question).filter(Answer::is_fresh).map(|answer| answer.allowed)
    }

    /// The answer. Whatever fails is a no.
    pub(super) async fn ask(&self, question: Question) -> bool {
        match timeout(self.limits.timeout, self.find(&question)).await {
            Ok(Ok(allowed)) => allowed,
            Ok(Err(Failure::Lookup(error))) => failed(&question, &error),
            Ok(Err(Failure::TooMany)) => failed(&question, &"too many look-ups at once"),
            Err(elapsed) => failed(&question, &elapsed),
        }
    }

    /// Many who ask the same wait for one look-up.
    async fn find(&self, question: &Question) -> Result<bool, Failure<L::Error>> {
        loop {
            match self.answers.get_value_or_guard_async(question).await {
                Ok(answer) if answer.is_fresh() => return Ok(answer.allowed),
                Ok(_) => drop(self.answers.remove(question)),
                Err(place) => {
                    let Ok(_permit) = self.at_once.try_acquire() else { return Err(Failure::TooMany) };
                    let allowed = self.lookup.allows(question).await.map_err(Failure::Lookup)?;
                    // Not kept if the place is gone meanwhile: then it is asked for again.
                    let _ = place.insert(Answer { allowed, until: Instant::now() + self.limits.keep });
                    return Ok(allowed);
                }
            }
        }
    }
}

enum Failure<E> {
    Lookup(E),
    TooMany,
}

fn failed(question: &Question, error: &dyn std::fmt::Display) -> bool {
    observe::lookup_failed(question.origin(), error);
    false
}
