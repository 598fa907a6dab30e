//! Our instructions and allocations, against those that are committed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::measure::Row;

/// The compiler that made this program.
const RUSTC: &str = env!("RUSTC_VERSION");

/// How far the instructions may be off: C libraries and processors differ. Allocations and bytes may not.
const PERCENT: i64 = 5;
const SLACK: i64 = 20;

/// Instructions, allocations, bytes.
type Counts = BTreeMap<String, [i64; 3]>;

struct Baseline {
    rustc: String,
    counts: Counts,
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("baseline.toml")
}

fn counts(rows: &[Row]) -> Counts {
    let count = |row: &Row| {
        let ours = row.net_ours();
        let name = format!("{}: {}", row.framework.name(), row.case);
        (name, [ours.instructions, ours.allocations, ours.bytes])
    };
    rows.iter().map(count).collect()
}

pub fn write(rows: &[Row]) -> ExitCode {
    let mut text = format!(
        "# What our adapters cost one request, the bare application taken off: [instructions, allocations, bytes].\n\
         # Written by `cargo run --release -p bench-server -- --write`.\n\
         rustc = \"{RUSTC}\"\n"
    );
    for (name, [instructions, allocations, bytes]) in counts(rows) {
        let _ = writeln!(text, "\"{name}\" = [{instructions}, {allocations}, {bytes}]");
    }
    match std::fs::write(path(), text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", path().display());
            ExitCode::from(2)
        }
    }
}

fn read() -> Option<Baseline> {
    let text = std::fs::read_to_string(path()).ok()?;
    let mut baseline = Baseline { rustc: String::new(), counts: Counts::new() };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.split_once(" = ")?;
        if name == "rustc" {
            baseline.rustc = value.trim_matches('"').to_owned();
            continue;
        }
        let numbers = value.trim_matches(['[', ']']).split(", ");
        let numbers: Vec<i64> = numbers.map(str::parse).collect::<Result<_, _>>().ok()?;
        baseline.counts.insert(name.trim_matches('"').to_owned(), numbers.try_into().ok()?);
    }
    Some(baseline)
}

/// Holds the counts against the baseline. Another compiler makes other instructions, but not other allocations: then
/// these alone are compared, and it says so.
pub fn check(rows: &[Row]) -> ExitCode {
    let Some(baseline) = read() else {
        eprintln!("{}: missing or unreadable; make it with --write", path().display());
        return ExitCode::from(2);
    };
    let same_compiler = baseline.rustc == RUSTC;
    if !same_compiler {
        println!(
            "the baseline is of rustc {}, this is {RUSTC}: allocations and bytes are compared, instructions are not",
            baseline.rustc
        );
    }
    let now = counts(rows);
    let mut off = 0;
    for name in now.keys().chain(baseline.counts.keys().filter(|name| !now.contains_key(*name))) {
        let (then, now) = (baseline.counts.get(name), now.get(name));
        let agrees = then.zip(now).is_some_and(|(then, now)| {
            allocates_alike(then, now) && (!same_compiler || is_near(then[0], now[0]))
        });
        if !agrees {
            println!("{name}: {then:?} in the baseline, {now:?} now [instructions, allocations, bytes]");
            off += 1;
        }
    }
    println!("{} cases, {off} off the baseline", now.len());
    if off == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// As often, and as much: but for what a framework allocates once in many requests, which shows as a few bytes a request.
fn allocates_alike(then: &[i64; 3], now: &[i64; 3]) -> bool {
    then[1] == now[1] && (then[2] - now[2]).abs() <= 16
}

fn is_near(then: i64, now: i64) -> bool {
    (now - then).abs() * 100 <= then.abs() * PERCENT + SLACK * 100
}
