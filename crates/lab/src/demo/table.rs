//! The table of `crossing demo`.

use std::fmt;

use super::case::{API, APP, CDN};
use super::observation::Observed;
use super::report::{CaseResult, Report};
use crossing_tools::text::{Paint, visible, wrap};

/// Between two columns.
const GAP: usize = 2;
/// The mark before each row.
const MARK: usize = 3;
/// The smallest width for four columns side by side.
const WIDE: usize = 112;

/// How the four cells of a case share the width.
enum Layout {
    /// Title, promise, exchanges and result, side by side.
    Four([usize; 4]),
    /// Title and promise, and below them exchanges and result.
    Two([usize; 2]),
}

impl Layout {
    fn new(width: usize) -> Layout {
        let room = width.clamp(80, 132) - MARK - 1;
        if width >= WIDE {
            let room = room - 3 * GAP;
            let [title, promise, wire] = [room * 30 / 100, room * 22 / 100, room * 28 / 100];
            Layout::Four([title, promise, wire, room - title - promise - wire])
        } else {
            let left = room * 58 / 100;
            Layout::Two([left, room - GAP - left])
        }
    }

    fn heads(&self, paint: Paint) -> String {
        let row = |widths: &[usize], heads: &[&str]| {
            let cells: Vec<_> = heads.iter().map(|head| vec![(*head).to_owned()]).collect();
            row("   ", widths, &cells, |_, text| paint.dim(text))
        };
        match self {
            Layout::Four(widths) => row(widths, &["case", "expected", "over the wire", "the script sees"]),
            Layout::Two(widths) => {
                row(widths, &["case", "expected"]) + &row(widths, &["  over the wire", "  the script sees"])
            }
        }
    }

    fn case(&self, mark: &str, result: &CaseResult, paint: Paint) -> String {
        let (title, promise) = (result.case.title, result.case.promise);
        let exchanges = |width| match result.observed.exchanges.as_slice() {
            [] => vec!["nothing".to_owned()],
            lines => lines.iter().flat_map(|line| cell(line, width)).collect(),
        };
        let detail = |text: &str| if text.starts_with(' ') { paint.dim(text) } else { text.to_owned() };
        match *self {
            Layout::Four(widths) => {
                let [a, b, c, d] = widths;
                let cells =
                    [wrap(title, a), wrap(promise, b), exchanges(c), cell(&result.observed.result, d)];
                row(mark, &widths, &cells, |column, text| match column {
                    0 => text.to_owned(),
                    1 => paint.dim(text),
                    _ => detail(text),
                })
            }
            Layout::Two(widths) => {
                let [left, right] = widths;
                let first = [wrap(title, left), wrap(promise, right)];
                let second = [indent(exchanges(left - 2)), indent(cell(&result.observed.result, right - 2))];
                row(mark, &widths, &first, |_, text| paint.bold(text))
                    + &row("   ", &widths, &second, |_, text| paint.dim(text))
            }
        }
    }
}

/// Cells side by side. The row is as high as its highest cell.
fn row(mark: &str, widths: &[usize], cells: &[Vec<String>], paint: impl Fn(usize, &str) -> String) -> String {
    let height = cells.iter().map(Vec::len).max().unwrap_or_default();
    let mut out = String::new();
    for at in 0..height {
        let mut line = if at == 0 { mark.to_owned() } else { " ".repeat(MARK) };
        for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
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

fn indent(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| format!("  {line}")).collect()
}

impl Report {
    /// The table, for a terminal of this width.
    pub fn text(&self, width: usize, paint: Paint) -> String {
        draw(self, width, paint)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(80, Paint::Plain))
    }
}

/// Draws the results of all cases.
fn draw(report: &Report, width: usize, paint: Paint) -> String {
    let layout = Layout::new(width);
    let mut out = format!(" A page at {APP} asks {API}, which may redirect to {CDN}.\n\n");
    out.push_str(&layout.heads(paint));
    for chapter in &report.chapters {
        out.push_str(&format!("\n {}\n", paint.bold(chapter.title)));
        for result in &chapter.results {
            out.push_str(&case_rows(result, &layout, paint));
        }
    }
    let (failed, total) = (report.failed(), report.total());
    out.push_str(&match failed {
        0 => format!("\n {} cases, all as expected\n", paint.good(&format!("✓ {total}"))),
        _ => format!("\n {} of {total} cases not as expected\n", paint.bad(&format!("✗ {failed}"))),
    });
    out
}

fn case_rows(result: &CaseResult, layout: &Layout, paint: Paint) -> String {
    let ok = result.is_as_expected();
    let mark = if ok { paint.good(" ✓ ") } else { paint.bad(" ✗ ") };
    let mut out = layout.case(&mark, result, paint);
    if !ok {
        for (word, observation) in [("expected", &result.expected), ("got", &result.observed)] {
            out.push_str(&format!(
                "     {} {}\n",
                paint.bad(&format!("{word:<8}")),
                visible(&observation.to_string())
            ));
        }
    }
    out
}

/// A line, and below it the headers that the case compares.
fn cell(observed: &Observed, width: usize) -> Vec<String> {
    let mut lines = wrap(&visible(&observed.line), width);
    for header in &observed.headers {
        let header = wrap(&visible(header), width - 1);
        lines.extend(header.into_iter().map(|text| format!(" {text}")));
    }
    lines
}
