//! Our instructions and allocations, against those that are committed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::measure::Row;

/// How far the instructions may be off, in percent: compilers and C libraries differ. Allocations and bytes may not.
const TOLERANCE: i64 = 5;

type Counts = BTreeMap<String, [i64; 3]>;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("baseline.toml")
}

fn counts(rows: &[Row]) -> Counts {
    rows.iter()
        .map(|row| {
            let name = format!("{}: {}", format!("{:?}", row.framework).to_lowercase(), row.case);
            (name, [row.ours.instructions, row.ours.allocations, row.ours.bytes])
        })
        .collect()
}

pub fn write(rows: &[Row]) -> ExitCode {
    let mut text = String::from(
        "# What our adapters cost one request, the bare application taken off: [instructions, allocations, bytes].\n\
         # Written by `cargo run --release -p bench-server -- --write`.\n",
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

fn read() -> Option<Counts> {
    let text = std::fs::read_to_string(path()).ok()?;
    let line = |line: &str| {
        let (name, numbers) = line.split_once(" = ")?;
        let numbers: Vec<i64> =
            numbers.trim_matches(['[', ']']).split(", ").map_while(|number| number.parse().ok()).collect();
        Some((name.trim_matches('"').to_owned(), numbers.try_into().ok()?))
    };
    text.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

pub fn check(rows: &[Row]) -> ExitCode {
    let Some(baseline) = read() else {
        eprintln!("{}: missing or unreadable; make it with --write", path().display());
        return ExitCode::from(2);
    };
    let now = counts(rows);
    let mut off = 0;
    for name in now.keys().chain(baseline.keys().filter(|name| !now.contains_key(*name))) {
        let (then, now) = (baseline.get(name), now.get(name));
        if !then.zip(now).is_some_and(|(then, now)| agree(*then, *now)) {
            eprintln!("{name}: {then:?} in the baseline, {now:?} now [instructions, allocations, bytes]");
            off += 1;
        }
    }
    println!("{} cases, {off} off the baseline", now.len());
    if off == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn agree(then: [i64; 3], now: [i64; 3]) -> bool {
    (now[0] - then[0]).abs() * 100 <= then[0].abs() * TOLERANCE + 100 && then[1..] == now[1..]
}
