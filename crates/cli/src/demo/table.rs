//! The table that a person reads.

use super::Played;
use super::case::{API, APP, CDN};
use super::observed::Line;
use crate::text::{Paint, visible, wrap};

/// Between two columns.
const GAP: usize = 2;
/// The mark before each row.
const MARK: usize = 3;

/// How wide each column is.
struct Columns([usize; 4]);

impl Columns {
    fn of(width: usize) -> Columns {
        let room = width.clamp(80, 132) - MARK - 3 * GAP - 1;
        let [title, promise, wire] = [room * 33 / 100, room * 22 / 100, room * 26 / 100];
        Columns([title, promise, wire, room - title - promise - wire])
    }

    /// Cells side by side, as many lines as the highest needs.
    fn row(&self, mark: &str, cells: [Vec<String>; 4], paint: impl Fn(usize, &str) -> String) -> String {
        let height = cells.iter().map(Vec::len).max().unwrap_or_default();
        let mut out = String::new();
        for at in 0..height {
            let mut line = if at == 0 { mark.to_owned() } else { " ".repeat(MARK) };
            for (column, (cell, width)) in cells.iter().zip(self.0).enumerate() {
                let text = cell.get(at).map(String::as_str).unwrap_or_default();
                let gap = width.saturating_sub(text.chars().count()) + GAP;
                line.push_str(&if text.is_empty() { String::new() } else { paint(column, text) });
                line.push_str(&" ".repeat(gap));
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

/// Draws everything that was played.
pub(super) fn draw(chapters: &[(&'static str, Vec<Played>)], width: usize, paint: Paint) -> String {
    let columns = Columns::of(width);
    let mut out = format!(" A page at {APP} asks {API}, which may redirect to {CDN}.\n\n");
    let heads = ["case", "expected", "over the wire", "the script sees"].map(|head| vec![head.to_owned()]);
    out.push_str(&columns.row("   ", heads, |_, text| paint.dim(text)));
    for (title, played) in chapters {
        out.push_str(&format!("\n {}\n", paint.bold(title)));
        for played in played {
            out.push_str(&row(played, &columns, paint));
        }
    }
    let all = chapters.iter().flat_map(|(_, played)| played);
    let failed = all.clone().filter(|played| !played.is_as_expected()).count();
    let total = all.count();
    out.push_str(&match failed {
        0 => format!("\n {} cases, all as expected\n", paint.good(&format!("✓ {total}"))),
        _ => format!("\n {} of {total} cases not as expected\n", paint.bad(&format!("✗ {failed}"))),
    });
    out
}

fn row(played: &Played, columns: &Columns, paint: Paint) -> String {
    let [title, promise, wire, seen] = columns.0;
    let ok = played.is_as_expected();
    let mark = if ok { paint.good(" ✓ ") } else { paint.bad(" ✗ ") };
    let cells = [
        wrap(played.case.title, title),
        wrap(played.case.promise, promise),
        match played.got.wire.as_slice() {
            [] => vec!["nothing".to_owned()],
            lines => lines.iter().flat_map(|line| cell(line, wire)).collect(),
        },
        cell(&played.got.seen, seen),
    ];
    let mut out = columns.row(&mark, cells, |column, text| match column {
        0 => text.to_owned(),
        1 => paint.dim(text),
        _ if text.starts_with(' ') => paint.dim(text),
        _ => text.to_owned(),
    });
    if !ok {
        for (word, observed) in [("expected", &played.expected), ("got", &played.got)] {
            out.push_str(&format!(
                "     {} {}\n",
                paint.bad(&format!("{word:<8}")),
                visible(&observed.to_string())
            ));
        }
    }
    out
}

/// A line, and under it the headers that the case looks at.
fn cell(line: &Line, width: usize) -> Vec<String> {
    let mut lines = wrap(&visible(&line.line), width);
    for header in &line.headers {
        let header = wrap(&visible(header), width - 1);
        lines.extend(header.into_iter().map(|text| format!(" {text}")));
    }
    lines
}
