//! The terminal: its width, and whether it is coloured.

use std::io::{self, IsTerminal};

use crossing_tools::text::Paint;

/// The width of the terminal in columns; 80 without one.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
}

/// Colour for standard output: on a terminal, unless [`NO_COLOR`](https://no-color.org) is set.
pub(crate) fn stdout_paint() -> Paint {
    paint(io::stdout().is_terminal())
}

/// The same for standard error.
pub(crate) fn stderr_paint() -> Paint {
    paint(io::stderr().is_terminal())
}

fn paint(terminal: bool) -> Paint {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if terminal && !set("NO_COLOR") && !dumb { Paint::Colour } else { Paint::Plain }
}
