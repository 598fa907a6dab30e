//! The table.

use crate::measure::{FRAMEWORKS, Framework, Row};

pub fn print(rows: &[Row]) {
    for &framework in FRAMEWORKS {
        let peer = match framework {
            Framework::Tower => "tower-http",
            #[cfg(feature = "actix")]
            Framework::Actix => "actix-cors",
        };
        println!("\n{framework:?}: net of the bare application, for one request\n");
        println!(
            "| case | instructions: floor | ours | ours / floor | {peer} | {peer} / ours | ns: floor | ours | {peer} | allocations (bytes): floor | ours | {peer} |"
        );
        println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        for row in rows.iter().filter(|row| row.framework == framework) {
            let Row { case, floor, ours, theirs, .. } = row;
            println!(
                "| {case} | {} | {} | {} | {} | {} | {} | {} | {} | {} ({}) | {} ({}) | {} ({}) |",
                floor.instructions,
                ours.instructions,
                ratio(ours.instructions, floor.instructions),
                theirs.instructions,
                ratio(theirs.instructions, ours.instructions),
                floor.nanoseconds,
                ours.nanoseconds,
                theirs.nanoseconds,
                floor.allocations,
                floor.bytes,
                ours.allocations,
                ours.bytes,
                theirs.allocations,
                theirs.bytes,
            );
        }
    }
}

fn ratio(this: i64, that: i64) -> String {
    if this <= 0 || that <= 0 { "–".to_owned() } else { format!("{:.2}", this as f64 / that as f64) }
}
