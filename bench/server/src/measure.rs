//! Runs the contestants, and counts.

use std::alloc::System;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::cases::{self, Case};
#[cfg(feature = "actix")]
use crate::in_actix;
use crate::in_tower;

/// One request through one contestant.
pub type Runner = Box<dyn FnMut()>;

/// Tells this program that it runs under valgrind.
pub const UNDER_VALGRIND: &str = "--under-valgrind";

const CALLS: usize = 20;
const ROUNDS: usize = 25;
const ROUND: Duration = Duration::from_micros(400);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    All,
    Ours,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    Tower,
    #[cfg(feature = "actix")]
    Actix,
}

/// What one request costs one contestant, the bare application taken off.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    pub instructions: i64,
    pub allocations: i64,
    pub bytes: i64,
    pub nanoseconds: i64,
}

pub struct Row {
    pub framework: Framework,
    pub case: &'static str,
    pub floor: Cost,
    pub ours: Cost,
    pub theirs: Cost,
}

/// Bare, ours, floor, theirs: the bare application comes first, to be taken off the others.
fn contestants(framework: Framework, case: &Case) -> [Runner; 4] {
    match framework {
        Framework::Tower => [in_tower::bare, in_tower::ours, in_tower::floor, in_tower::theirs],
        #[cfg(feature = "actix")]
        Framework::Actix => [in_actix::bare, in_actix::ours, in_actix::floor, in_actix::theirs],
    }
    .map(|contestant| contestant(case))
}

pub const FRAMEWORKS: &[Framework] = &[
    Framework::Tower,
    #[cfg(feature = "actix")]
    Framework::Actix,
];

/// What valgrind counts: it looks for this name, and writes one file for each call.
#[inline(never)]
fn counted_by_callgrind(runner: &mut Runner) {
    for _ in 0..CALLS {
        runner();
    }
    std::hint::black_box(());
}

/// The part of this program that runs under valgrind.
pub fn run_each_once() {
    for &framework in FRAMEWORKS {
        for case in cases::all() {
            for mut runner in contestants(framework, &case) {
                runner();
                runner();
                counted_by_callgrind(&mut runner);
            }
        }
    }
}

/// Counts for every case; the time only when all are asked for.
pub fn counts(whom: Whom) -> Vec<Row> {
    let mut instructions = instructions().into_iter();
    let mut rows = Vec::new();
    for &framework in FRAMEWORKS {
        for case in cases::all() {
            let mut runners = contestants(framework, &case);
            let mut costs = [Cost::default(); 4];
            for (cost, runner) in costs.iter_mut().zip(&mut runners) {
                cost.instructions = instructions.next().unwrap_or_default();
                (cost.allocations, cost.bytes) = allocations(runner);
            }
            if whom == Whom::All {
                for (cost, nanoseconds) in costs.iter_mut().zip(nanoseconds(&mut runners)) {
                    cost.nanoseconds = nanoseconds;
                }
            }
            let [bare, ours, floor, theirs] = costs;
            let net = |cost: Cost| Cost {
                instructions: cost.instructions - bare.instructions,
                allocations: cost.allocations - bare.allocations,
                bytes: cost.bytes - bare.bytes,
                nanoseconds: cost.nanoseconds - bare.nanoseconds,
            };
            let (floor, ours, theirs) = (net(floor), net(ours), net(theirs));
            rows.push(Row { framework, case: case.name, floor, ours, theirs });
        }
    }
    rows
}

fn allocations(runner: &mut Runner) -> (i64, i64) {
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;
    runner();
    let region = Region::new(ALLOCATOR);
    for _ in 0..CALLS {
        runner();
    }
    let change = region.change();
    let calls = CALLS as i64;
    ((change.allocations + change.reallocations) as i64 / calls, change.bytes_allocated as i64 / calls)
}

/// The best of many rounds, in turns, so that a busy machine is busy for all of them.
fn nanoseconds(runners: &mut [Runner; 4]) -> [i64; 4] {
    let mut best = [i64::MAX; 4];
    let calls = runners.each_mut().map(|runner| {
        let start = Instant::now();
        runner();
        (ROUND.as_nanos() / start.elapsed().as_nanos().max(1)).clamp(1, 2_000)
    });
    for _ in 0..ROUNDS {
        for ((runner, best), calls) in runners.iter_mut().zip(&mut best).zip(calls) {
            let start = Instant::now();
            for _ in 0..calls {
                runner();
            }
            *best = (*best).min((start.elapsed().as_nanos() / calls) as i64);
        }
    }
    best
}

/// Instructions of each contestant in each case, in the order of [`run_each_once`].
fn instructions() -> Vec<i64> {
    let folder = std::env::temp_dir().join(format!("bench-server-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for valgrind's files");
    let program = std::env::current_exe().expect("this program");
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--toggle-collect=*counted_by_callgrind*"])
        .arg("--dump-after=*counted_by_callgrind*")
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .arg(program)
        .arg(UNDER_VALGRIND)
        .status()
        .expect("valgrind, from the package of that name");
    assert!(status.success(), "valgrind: {status}");
    let mut totals = Vec::new();
    while let Some(total) = total(&folder, totals.len() + 1) {
        totals.push(total / CALLS as i64);
    }
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    assert_eq!(totals.len(), FRAMEWORKS.len() * cases::all().len() * 4, "one count for each contestant");
    totals
}

fn total(folder: &Path, nth: usize) -> Option<i64> {
    let file: PathBuf = folder.join(format!("out.{nth}"));
    let text = std::fs::read_to_string(file).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("totals:").or_else(|| line.strip_prefix("summary:")))?;
    line.trim().parse().ok()
}
