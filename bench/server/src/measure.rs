//! Runs the contestants, and counts.

use std::alloc::System;
use std::ops::Sub;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::cases::{self, Outcome};
use crate::contest::{Framework, Runner, Whom};

/// Tells this program that it runs under valgrind.
pub const UNDER_VALGRIND: &str = "--under-valgrind";

/// How many requests are counted together.
const CALLS: usize = 50;
const WARM_UP: usize = 20;
const ROUNDS: usize = 300;

/// What one request costs one contestant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    pub instructions: i64,
    pub allocations: i64,
    pub bytes: i64,
    pub nanoseconds: i64,
}

impl Sub for Cost {
    type Output = Cost;

    fn sub(self, other: Cost) -> Cost {
        Cost {
            instructions: self.instructions - other.instructions,
            allocations: self.allocations - other.allocations,
            bytes: self.bytes - other.bytes,
            nanoseconds: self.nanoseconds - other.nanoseconds,
        }
    }
}

/// One case in one framework. The costs are whole: what the bare application costs is not yet taken off.
pub struct Row {
    pub framework: Framework,
    pub case: &'static str,
    pub outcome: Outcome,
    pub bare: Cost,
    pub floor: Cost,
    pub ours: Cost,
    pub peer: Option<Cost>,
    pub peer_agrees: bool,
}

/// What valgrind counts: it looks for this name.
#[inline(never)]
fn counted_by_callgrind(runner: &mut dyn Runner) {
    runner.run();
    std::hint::black_box(());
}

/// Makes valgrind write what it has counted: it looks for this name, too.
#[inline(never)]
fn written_by_callgrind() {
    std::hint::black_box(());
}

/// The part of this program that runs under valgrind.
pub fn run_under_valgrind(whom: &str) {
    let whom = if whom == word(Whom::Ours) { Whom::Ours } else { Whom::Everyone };
    for framework in Framework::ALL {
        for case in cases::all() {
            for runner in framework.contest(&case, whom).runners() {
                for _ in 0..WARM_UP {
                    runner.prepare();
                    runner.run();
                }
                for _ in 0..CALLS {
                    runner.prepare();
                    counted_by_callgrind(&mut **runner);
                }
                written_by_callgrind();
            }
        }
    }
}

const fn word(whom: Whom) -> &'static str {
    match whom {
        Whom::Ours => "ours",
        Whom::Everyone => "everyone",
    }
}

/// Runs one case of one contestant many times, so that a profile shows nothing else.
pub fn profile(framework: &str, who: &str, case: &str, times: &str) -> ExitCode {
    let framework = Framework::ALL.into_iter().find(|known| known.name() == framework);
    let case = cases::all().into_iter().find(|known| known.name == case);
    let (Some(framework), Some(case), Ok(times)) = (framework, case, times.parse()) else {
        eprintln!("no such framework, no such case, or no number; the table names them");
        return ExitCode::from(2);
    };
    let contest = framework.contest(&case, Whom::Everyone);
    let runner = match who {
        "bare" => Some(contest.bare),
        "floor" => Some(contest.floor),
        "peer" => contest.peer,
        _ => Some(contest.ours),
    };
    if let Some(mut runner) = runner {
        for _ in 0..times {
            runner.prepare();
            counted_by_callgrind(&mut *runner);
        }
    }
    ExitCode::SUCCESS
}

/// Every case in every framework; the time only when peers are there to compare with.
pub fn all(whom: Whom) -> Vec<Row> {
    let mut instructions = instructions(whom).into_iter();
    let mut rows = Vec::new();
    for framework in Framework::ALL {
        for case in cases::all() {
            let mut contest = framework.contest(&case, whom);
            let mut costs = Vec::new();
            for runner in contest.runners() {
                let (allocations, bytes) = allocations(&mut **runner);
                let instructions = instructions.next().expect("one count for each contestant");
                costs.push(Cost { instructions, allocations, bytes, nanoseconds: 0 });
            }
            if whom == Whom::Everyone {
                for (cost, nanoseconds) in costs.iter_mut().zip(nanoseconds(contest.runners())) {
                    cost.nanoseconds = nanoseconds;
                }
            }
            rows.push(Row {
                framework,
                case: case.name,
                outcome: case.outcome,
                bare: costs[0],
                floor: costs[1],
                ours: costs[2],
                peer: costs.get(3).copied(),
                peer_agrees: contest.peer_agrees(),
            });
        }
    }
    assert_eq!(instructions.next(), None, "one count for each contestant");
    rows
}

fn allocations(runner: &mut dyn Runner) -> (i64, i64) {
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;
    let (mut allocations, mut bytes) = (0, 0);
    for _ in 0..CALLS {
        runner.prepare();
        let region = Region::new(ALLOCATOR);
        runner.run();
        let change = region.change();
        allocations += change.allocations + change.reallocations;
        bytes += change.bytes_allocated;
    }
    ((allocations / CALLS) as i64, (bytes / CALLS) as i64)
}

/// The best of many rounds, in turns, so that a busy machine is busy for all of them. Making the request is timed, too:
/// it is the same for all.
fn nanoseconds(mut runners: Vec<&mut Box<dyn Runner>>) -> Vec<i64> {
    let mut best = vec![i64::MAX; runners.len()];
    for _ in 0..ROUNDS {
        for (runner, best) in runners.iter_mut().zip(&mut best) {
            let start = Instant::now();
            for _ in 0..CALLS {
                runner.prepare();
                runner.run();
            }
            *best = (*best).min(start.elapsed().as_nanos() as i64 / CALLS as i64);
        }
    }
    best
}

/// Instructions of each contestant in each case, in the order of [`run_under_valgrind`].
fn instructions(whom: Whom) -> Vec<i64> {
    let folder = std::env::temp_dir().join(format!("bench-server-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for valgrind's files");
    let program = std::env::current_exe().expect("this program");
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind"])
        .arg(concat!("--toggle-collect=", module_path!(), "::counted_by_callgrind"))
        .arg(concat!("--dump-before=", module_path!(), "::written_by_callgrind"))
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .arg(program)
        .args([UNDER_VALGRIND, word(whom)])
        .status()
        .expect("valgrind, from the package of that name");
    assert!(status.success(), "valgrind: {status}");
    let counts = (1..).map_while(|nth| total(&folder.join(format!("out.{nth}")))).collect();
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    counts
}

/// The instructions in one of valgrind's files, for one request.
fn total(file: &Path) -> Option<i64> {
    let text = std::fs::read_to_string(file).ok()?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals:"))?;
    Some(total.trim().parse::<i64>().ok()? / CALLS as i64)
}
