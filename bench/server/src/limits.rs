//! What must hold, whatever the machine.

use std::process::ExitCode;

use crate::cases::Outcome;
use crate::contest::Framework;
use crate::large::Building;
use crate::measure::Row;

/// Tells which limits hold, and fails if one does not.
pub fn report(rows: &[Row], building: Option<&Building>) -> ExitCode {
    let mut broken: Vec<String> = rows.iter().flat_map(of_row).collect();
    for framework in Framework::ALL {
        broken.extend(across_cases(rows, framework));
    }
    broken.extend(building.into_iter().flat_map(of_building));
    println!();
    for line in &broken {
        println!("over the limit: {line}");
    }
    if broken.is_empty() {
        println!("every limit holds");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn of_row(row: &Row) -> Vec<String> {
    let mut broken = Vec::new();
    let mut limit = |holds: bool, what: &str| {
        if !holds {
            broken.push(format!("{}: {}: {what}", row.framework.name(), row.case));
        }
    };
    let (to_floor, to_peer) = demanded(row);
    limit(row.ours_to_floor() <= to_floor, &format!("more than {to_floor} times the floor's instructions"));
    limit(row.ours.allocations <= row.floor.allocations, "more allocations than the floor");
    if let Some(ratio) = row.peer_to_ours() {
        limit(ratio >= to_peer, &format!("the peer needs less than {to_peer} times our instructions"));
    }
    broken
}

/// At most so many times the floor's instructions, and a peer that needs at least so many times ours.
///
/// With actix-web the framework's own part is most of the floor, so that a simple request cannot be twice as fast as the
/// peer's, and a preflight that is refused for its headers pays for looking up two more headers; `bench/README.md` has
/// the profile. What holds there is held.
fn demanded(row: &Row) -> (f64, f64) {
    let place = match row.framework {
        // The peer's own count of one case swings by a tenth from run to run; around twice ours, that is.
        Framework::Tower if row.outcome == Outcome::PreflightGranted => return (1.5, 1.9),
        Framework::Core | Framework::Tower => return (1.5, 2.0),
        Framework::Actix => 1.15,
        Framework::AroundActix => 1.6,
    };
    match row.outcome {
        Outcome::PreflightGranted => (1.5, 2.0),
        Outcome::PreflightRefused if row.case == "preflight, refused" => (1.5, place),
        Outcome::PreflightRefused => (1.95, 2.0),
        Outcome::NotCors | Outcome::Granted | Outcome::Refused => (1.5, 1.1),
    }
}

fn across_cases(rows: &[Row], framework: Framework) -> Vec<String> {
    let cost = |case: &str| {
        let row = rows.iter().find(|row| row.framework == framework && row.case == case);
        row.expect("the case is in the table").net_ours().instructions
    };
    let name = framework.name();
    let mut broken = Vec::new();
    for (hostile, ordinary) in [
        ("preflight, 16 KB of commas", "preflight, 3 headers"),
        ("preflight, 1 000 names", "preflight, 3 headers"),
    ] {
        if cost(hostile) > cost(ordinary) {
            broken.push(format!("{name}: {hostile}: dearer than an ordinary one"));
        }
    }
    for (many, one) in [
        ("100 000 origins, the last", "one origin, allowed"),
        ("100 000 origins, refused", "one origin, refused"),
    ] {
        if cost(many) * 2 > cost(one) * 3 {
            broken.push(format!("{name}: {many}: more than 1.5 times what one origin costs"));
        }
    }
    broken
}

fn of_building(building: &Building) -> Vec<String> {
    let mut broken = Vec::new();
    if building.policy > 5 * building.set {
        broken.push("building takes more than 5 times as long as filling a set".to_owned());
    }
    if building.bytes > 12 << 20 {
        broken.push("a large policy keeps more than 12 MiB".to_owned());
    }
    broken
}
