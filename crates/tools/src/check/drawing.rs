//! The story, drawn: page, browser and server side by side.

use super::story::{Beat, Mood, Weight};
use crate::text::{Paint, fit, wrap};

/// Where the browser's lane stands, if there is room; the page's stands at 1.
const BROWSER: usize = 26;

/// Narrower no sheet is.
pub(crate) const NARROWEST: usize = 40;

/// A sheet of some width.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet {
    /// Where the browser's lane stands.
    browser: usize,
    /// Where the server's lane stands.
    server: usize,
    paint: Paint,
}

impl Sheet {
    /// A sheet for a terminal of this width.
    pub(crate) fn new(width: usize, paint: Paint) -> Sheet {
        let width = width.clamp(NARROWEST, 110);
        Sheet { browser: BROWSER.min(width / 3), server: width - 3, paint }
    }

    /// Draws the whole story, line by line.
    pub(crate) fn draw(self, page: &str, server: &str, story: &[Beat]) -> String {
        let mut out = self.head(page, server);
        for beat in story {
            for line in self.beat(beat) {
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

    fn beat(self, beat: &Beat) -> Vec<String> {
        let paint = self.paint;
        match beat {
            Beat::Asks(text) => vec![self.left(&right_arrow(text, self.left_room()))],
            Beat::Wants(text) => {
                vec![self.left(&pad(&format!("   {}", fit(text, self.left_room() - 4)), self.left_room()))]
            }
            Beat::Gets(mood, text) => {
                let arrow = left_arrow(text, self.left_room());
                vec![self.left(&self.mood(*mood, &arrow))]
            }
            Beat::Sends(text) => vec![self.right(&right_arrow(text, self.right_room()))],
            Beat::Answers(text) => vec![self.right(&left_arrow(text, self.right_room()))],
            Beat::Carries(weight, text) => self.notes("    ", text, |line| match weight {
                Weight::Cors => paint.note(line),
                Weight::Other => line.to_owned(),
            }),
            Beat::Thinks(mood, text) => {
                let mark = match mood {
                    Mood::Good => " ✓ ",
                    Mood::Bad => " ✗ ",
                    Mood::Plain => " · ",
                };
                self.notes(mark, text, |line| match mood {
                    Mood::Plain => paint.dim(line),
                    mood => self.mood(*mood, line),
                })
            }
            Beat::Pause => vec![self.right(&" ".repeat(self.right_room()))],
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

    fn mood(self, mood: Mood, text: &str) -> String {
        match mood {
            Mood::Good => self.paint.good(text),
            Mood::Bad => self.paint.bad(text),
            Mood::Plain => text.to_owned(),
        }
    }

    fn left_room(self) -> usize {
        self.browser - 2
    }

    fn right_room(self) -> usize {
        self.server - self.browser - 1
    }

    /// What stands between page and browser.
    fn left(self, text: &str) -> String {
        let lane = self.paint.dim("│");
        format!(" {lane}{text}{lane}{}{lane}", " ".repeat(self.right_room()))
    }

    /// What stands between browser and server.
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
            let story = [
                Beat::Asks("PUT /a/very/long/path/that/does/not/fit/into/the/room".into()),
                Beat::Wants("credentials: include".into()),
                Beat::Thinks(Mood::Bad, "a long thought ".repeat(20)),
                Beat::Sends("OPTIONS /x".into()),
                Beat::Carries(Weight::Cors, "x".repeat(300)),
                Beat::Answers("204 No Content".into()),
                Beat::Gets(Mood::Bad, "TypeError".into()),
                Beat::Pause,
            ];
            let drawn = sheet.draw("https://a.test", "https://b.test", &story);
            for line in drawn.lines().skip(2) {
                assert_eq!(line.chars().count(), sheet.server + 1, "{line}");
            }
        }
    }

    #[test]
    fn long_names_stand_on_two_lines() {
        let sheet = Sheet::new(80, Paint::Plain);
        let long = format!("https://{}.test", "a".repeat(60));
        let drawn = sheet.draw("https://app.example.com", &long, &[]);
        assert_eq!(drawn.lines().count(), 3);
    }
}
