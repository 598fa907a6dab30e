//! What CORS costs a request: ours, the peers of the two frameworks, and a floor, side by side in one run.
//!
//! `cargo run --release -p bench-server` prints the tables; `-- --check` compares our instructions and allocations with
//! `baseline.toml`, and holds them against the limits; `-- --write` replaces the baseline; `-- --profile …` runs one
//! case many times, for callgrind.

mod baseline;
mod cases;
mod contest;
mod floor;
mod floor_in_actix;
mod in_actix;
mod in_core;
mod in_tower;
mod large;
mod limits;
mod measure;
mod table;

use std::process::ExitCode;

use contest::Whom;

#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => {
            let rows = measure::all(Whom::Everyone);
            let building = large::measure();
            table::print(&rows);
            table::print_building(&building);
            limits::report(&rows, Some(&building))
        }
        ["--check"] => {
            let rows = measure::all(Whom::Ours);
            let limits = limits::report(&rows, None);
            if limits == ExitCode::SUCCESS { baseline::check(&rows) } else { limits }
        }
        ["--write"] => baseline::write(&measure::all(Whom::Ours)),
        ["--profile", framework, who, case, times] => measure::profile(framework, who, case, times),
        [measure::UNDER_VALGRIND, whom] => {
            measure::run_under_valgrind(whom);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!(
                "usage: bench-server [--check | --write | --profile core|tower|actix bare|floor|ours|peer CASE TIMES]"
            );
            ExitCode::from(2)
        }
    }
}
