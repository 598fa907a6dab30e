//! What CORS costs a request: ours, the peers of the two frameworks, and a floor, side by side in one run.
//!
//! `cargo run --release -p bench-server` prints the table; `-- --check` compares our instructions and allocations with
//! `baseline.toml`, and `-- --write` replaces it. Every figure is net: what the bare application costs is taken off.

mod baseline;
mod cases;
mod floor;
#[cfg(feature = "actix")]
mod in_actix;
mod in_tower;
mod measure;
mod table;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let wish = std::env::args().nth(1);
    match wish.as_deref() {
        Some(measure::UNDER_VALGRIND) => {
            measure::run_each_once();
            ExitCode::SUCCESS
        }
        Some("--check") => baseline::check(&measure::counts(measure::Whom::Ours)),
        Some("--write") => baseline::write(&measure::counts(measure::Whom::Ours)),
        None => {
            table::print(&measure::counts(measure::Whom::All));
            ExitCode::SUCCESS
        }
        Some(other) => {
            eprintln!("unknown wish {other:?}: --check, --write, or nothing");
            ExitCode::from(2)
        }
    }
}
