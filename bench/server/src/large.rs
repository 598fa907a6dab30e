//! What a large policy costs to build: beside a set of the same origins as text.

use std::alloc::System;
use std::collections::HashSet;
use std::hint::black_box;
use std::time::{Duration, Instant};

use crossing_tower::{Grant, Policy};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

pub const ORIGINS: usize = 100_000;
const ROUNDS: usize = 7;

pub struct Building {
    /// Filling a `HashSet<String>` from the list.
    pub set: Duration,
    /// Building the policy from the list.
    pub policy: Duration,
    /// What the policy keeps.
    pub bytes: usize,
}

pub fn measure() -> Building {
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;
    let origins: Vec<String> = (0..ORIGINS).map(|nth| format!("https://app-{nth:06}.example.com")).collect();
    let build = || Policy::builder().grant(Grant::new().allow_origins(&origins)).build();
    let region = Region::new(ALLOCATOR);
    let policy = build();
    let change = region.change();
    let bytes = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
    drop(black_box(policy));
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let set: HashSet<String> = origins.iter().cloned().collect();
        best[0] = best[0].min(start.elapsed());
        drop(black_box(set));
        let start = Instant::now();
        let policy = build();
        best[1] = best[1].min(start.elapsed());
        drop(black_box(policy));
    }
    Building { set: best[0], policy: best[1], bytes }
}
