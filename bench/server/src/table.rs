//! The tables.

use crate::contest::Framework;
use crate::large::{Building, ORIGINS};
use crate::measure::{Cost, Row};

impl Row {
    pub fn net(&self, cost: Cost) -> Cost {
        cost - self.bare
    }

    pub fn net_ours(&self) -> Cost {
        self.net(self.ours)
    }

    pub fn ours_to_floor(&self) -> f64 {
        ratio(self.net_ours(), self.net(self.floor))
    }

    /// How much more the peer needs, where it does the same work: net for requests that the application sees, whole
    /// for preflights, which it does not.
    pub fn peer_to_ours(&self) -> Option<f64> {
        let peer = self.peer.filter(|_| self.peer_agrees)?;
        Some(if self.outcome.is_preflight() {
            ratio(peer, self.ours)
        } else {
            ratio(self.net(peer), self.net_ours())
        })
    }
}

fn ratio(this: Cost, that: Cost) -> f64 {
    this.instructions as f64 / that.instructions.max(1) as f64
}

pub fn print(rows: &[Row]) {
    for framework in Framework::ALL {
        let rows = rows.iter().filter(|row| row.framework == framework);
        match framework.peer() {
            None => print_framework(framework, rows),
            Some(peer) => print_with_peer(framework, peer, rows),
        }
    }
}

fn print_framework<'r>(framework: Framework, rows: impl Iterator<Item = &'r Row>) {
    println!("\n### {}\n", framework.name());
    println!("| case | floor | ours | ours / floor | ns | allocations (bytes) |");
    println!("|---|--:|--:|--:|--:|--:|");
    for row in rows {
        let (floor, ours) = (row.net(row.floor), row.net_ours());
        println!(
            "| {} | {} | {} | {:.2} | {} · {} | {} · {} |",
            row.case,
            floor.instructions,
            ours.instructions,
            row.ours_to_floor(),
            floor.nanoseconds,
            ours.nanoseconds,
            memory(floor),
            memory(ours),
        );
    }
}

fn print_with_peer<'r>(framework: Framework, peer: &str, rows: impl Iterator<Item = &'r Row>) {
    println!("\n### {}\n", framework.name());
    println!("| case | floor | ours | ours / floor | {peer} | {peer} / ours | ns | allocations (bytes) |");
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    for row in rows {
        let (floor, ours) = (row.net(row.floor), row.net_ours());
        let theirs = row.net(row.peer.unwrap_or_default());
        println!(
            "| {} | {} | {} | {:.2} | {} | {} | {} · {} · {} | {} · {} · {} |",
            row.case,
            floor.instructions,
            ours.instructions,
            row.ours_to_floor(),
            theirs.instructions,
            row.peer_to_ours().map_or("other work".to_owned(), |ratio| format!("{ratio:.1}")),
            floor.nanoseconds,
            ours.nanoseconds,
            theirs.nanoseconds,
            memory(floor),
            memory(ours),
            memory(theirs),
        );
    }
}

fn memory(cost: Cost) -> String {
    match cost.allocations {
        0 => "0".to_owned(),
        allocations => format!("{allocations} ({})", cost.bytes),
    }
}

pub fn print_building(building: &Building) {
    let Building { set, policy, bytes } = building;
    println!("\n### building {ORIGINS} origins\n");
    println!("| `HashSet<String>` | policy | policy / set | policy keeps |");
    println!("|--:|--:|--:|--:|");
    println!(
        "| {:.1} ms | {:.1} ms | {:.2} | {:.2} MiB |",
        set.as_secs_f64() * 1e3,
        policy.as_secs_f64() * 1e3,
        policy.as_secs_f64() / set.as_secs_f64(),
        *bytes as f64 / f64::from(1 << 20)
    );
}
