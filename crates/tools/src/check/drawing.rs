//! The diagram of a fetch: page, browser and server side by side.
use crate::text::{Paint, fit, wrap};

/// An entry of the diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The page makes a request.
    Request(String),
    /// A detail of the request of the page.
    Detail(String),
    /// A note about what the browser decides.
    Note(Tone, String),
    /// The browser sends a request.
    Send(String),
    /// The server responds.
    Respond(String),
    /// A header line of a request or a response.
    Header(Emphasis, String),
    /// What the page gets.
    Result(Tone, String),
    /// An empty line.
    Gap,
}

/// The tone of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// The fetch goes on as the page needs it.
    Good,
    /// The fetch fails.
    Bad,
    /// Neither.
    Plain,
}

/// Whether a header line is emphasised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Emphasis {
    /// A header of CORS.
    Cors,
    /// No emphasis.
    None,
}

/// The column of the browser's lane, if there is room; the page's is at 1.
const BROWSER: usize = 26;

/// The smallest width.
pub(crate) const NARROWEST: usize = 40;

/// A sheet with a width.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet {
    /// The column of the browser's lane.
    browser: usize,
    /// The column of the server's lane.
    server: usize,
    paint: Paint,
}

impl Sheet {
    /// A sheet for a terminal of this width.
    pub(crate) fn new(width: usize, paint: Paint) -> Sheet {
        let width = width.clamp(NARROWEST, 110);
        Sheet { browser: BROWSER.min(width / 3), server: width - 3, paint }
    }

    /// Draws the entries, line by line.
    pub(crate) fn draw(self, page: &str, server: &str, entries: &[Entry]) -> String {
        let mut out = self.head(page, server);
        for entry in entries {
            for line in self.entry(entry) {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
        out
    }

    fn head(self, page: &str, server: &str) -> String {
        let words = format!(
            " {:<page$}{:<browser$}{:>server$}\n",
            "page",
            "browser",
            "server",
            page = self.browser - 1,
            browser = self.server - self.browser - 5,
            server = 6
        );
        let room = self.server;
        let (page, server) = (fit(page, room - 10), server.to_owned());
        let gap = (room).saturating_sub(page.chars().count() + server.chars().count());
        let names = if gap > 1 {
            format!(" {page}{}{server}\n", " ".repeat(gap))
        } else {
            let server = fit(&server, room);
            format!(" {page}\n {}{server}\n", " ".repeat(room - server.chars().count()))
        };
        self.paint.bold(words.trim_end()) + "\n" + &self.paint.note(names.trim_end()) + "\n"
    }

    fn entry(self, entry: &Entry) -> Vec<String> {
        let paint = self.paint;
        match entry {
            Entry::Request(text) => vec![self.left(&right_arrow(text, self.left_room()))],
            Entry::Detail(text) => {
                vec![self.left(&pad(&format!("   {}", fit(text, self.left_room() - 4)), self.left_room()))]
            }
            Entry::Result(tone, text) => {
                let arrow = left_arrow(text, self.left_room());
                vec![self.left(&self.tone(*tone, &arrow))]
            }
            Entry::Send(text) => vec![self.right(&right_arrow(text, self.right_room()))],
            Entry::Respond(text) => vec![self.right(&left_arrow(text, self.right_room()))],
            Entry::Header(emphasis, text) => self.notes("    ", text, |line| match emphasis {
                Emphasis::Cors => paint.note(line),
                Emphasis::None => line.to_owned(),
            }),
            Entry::Note(tone, text) => {
                let mark = match tone {
                    Tone::Good => " ✓ ",
                    Tone::Bad => " ✗ ",
                    Tone::Plain => " · ",
                };
                self.notes(mark, text, |line| match tone {
                    Tone::Plain => paint.dim(line),
                    tone => self.tone(*tone, line),
                })
            }
            Entry::Gap => vec![self.right(&" ".repeat(self.right_room()))],
        }
    }

    /// Lines between the browser's lane and the server's.
    fn notes(self, mark: &str, text: &str, paint: impl Fn(&str) -> String) -> Vec<String> {
        let indent = mark.chars().count();
        let lines = wrap(text, self.right_room() - indent - 1);
        let lines = lines.iter().enumerate().map(|(at, line)| {
            let start = if at == 0 { mark.to_owned() } else { " ".repeat(indent) };
            self.right(&paint(&pad(&format!("{start}{line}"), self.right_room())))
        });
        lines.collect()
    }

    fn tone(self, tone: Tone, text: &str) -> String {
        match tone {
            Tone::Good => self.paint.good(text),
            Tone::Bad => self.paint.bad(text),
            Tone::Plain => text.to_owned(),
        }
    }

    fn left_room(self) -> usize {
        self.browser - 2
    }

    fn right_room(self) -> usize {
        self.server - self.browser - 1
    }

    /// A line with this text between page and browser.
    fn left(self, text: &str) -> String {
        let lane = self.paint.dim("│");
        format!(" {lane}{text}{lane}{}{lane}", " ".repeat(self.right_room()))
    }

    /// A line with this text between browser and server.
    fn right(self, text: &str) -> String {
        let lane = self.paint.dim("│");
        format!(" {lane}{}{lane}{text}{lane}", " ".repeat(self.left_room()))
    }
}

fn pad(text: &str, width: usize) -> String {
    let used = text.chars().count();
    format!("{text}{}", " ".repeat(width.saturating_sub(used)))
}

/// `── text ────▶`
fn right_arrow(text: &str, width: usize) -> String {
    let text = fit(text, width - 6);
    let rest = width - 5 - text.chars().count();
    format!("── {text} {}▶", "─".repeat(rest))
}

/// `◀──── text ──`
fn left_arrow(text: &str, width: usize) -> String {
    let text = fit(text, width - 6);
    let rest = width - 5 - text.chars().count();
    format!("◀{} {text} ──", "─".repeat(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_ends_at_the_servers_lane() {
        for width in [1, 40, 60, 72, 80, 110, 500] {
            let sheet = Sheet::new(width, Paint::Plain);
            let entries = [
                Entry::Request("PUT /a/very/long/path/that/does/not/fit/into/the/room".into()),
                Entry::Detail("credentials: include".into()),
                Entry::Note(Tone::Bad, "a long thought ".repeat(20)),
                Entry::Send("OPTIONS /x".into()),
                Entry::Header(Emphasis::Cors, "x".repeat(300)),
                Entry::Respond("204 No Content".into()),
                Entry::Result(Tone::Bad, "TypeError".into()),
                Entry::Gap,
            ];
            let drawn = sheet.draw("https://a.test", "https://b.test", &entries);
            for line in drawn.lines().skip(2) {
                assert_eq!(line.chars().count(), sheet.server + 1, "{line}");
            }
        }
    }

    #[test]
    fn long_names_are_on_two_lines() {
        let sheet = Sheet::new(80, Paint::Plain);
        let long = format!("https://{}.test", "a".repeat(60));
        let drawn = sheet.draw("https://app.example.com", &long, &[]);
        assert_eq!(drawn.lines().count(), 3);
    }
}
