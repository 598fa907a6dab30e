//! Text for people: its width, its colours, and nothing in it that a terminal would obey.

/// How much of what was typed is repeated in a message, in bytes.
pub const LONGEST_ECHO: usize = 400;

/// A text on one line: control characters escaped, and cut when it is long.
pub fn shorten(text: &str) -> String {
    let visible = visible(text);
    match visible.char_indices().nth(LONGEST_ECHO / 2) {
        Some((cut, _)) if visible.len() > LONGEST_ECHO => {
            format!("{}… ({} bytes)", &visible[..cut], text.len())
        }
        _ => visible,
    }
}

/// A text with its control characters escaped, so that a terminal shows them and does not obey them.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

/// The same of a text of several lines, which stay lines.
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// A text of at most `width` characters; what is cut away leaves a `…`.
pub fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Breaks a text into lines of at most `width` characters, at spaces where there are any.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let used = lines.last().map_or(0, |line| line.chars().count());
            let gap = usize::from(used > 0);
            if used + gap + word.len() <= width {
                if let Some(line) = lines.last_mut() {
                    line.extend(std::iter::repeat_n(' ', gap).chain(word));
                }
                break;
            }
            if used > 0 {
                lines.push(String::new());
                continue;
            }
            let rest = word.split_off(width);
            if let Some(line) = lines.last_mut() {
                line.extend(word);
            }
            lines.push(String::new());
            word = rest;
        }
    }
    lines
}

/// Whether and how text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Without colour: for a file or a pipe.
    Plain,
    /// With colour: for a terminal.
    Colour,
}

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        match self {
            Paint::Plain => text.to_owned(),
            Paint::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }

    /// Bold.
    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// Dim, for labels.
    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    /// Green, for what is allowed.
    pub fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    /// Red, for what is blocked.
    pub fn bad(self, text: &str) -> String {
        self.with("31", text)
    }

    /// Cyan, for remarks.
    pub fn note(self, text: &str) -> String {
        self.with("36", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        assert_eq!(visible("a\x1b[31mb\u{9b}\r\n"), "a\\u{1b}[31mb\\u{9b}\\r\\n");
        assert_eq!(visible_lines("a\x1b\n\r\n"), "a\\u{1b}\n\\r\n");
    }

    #[test]
    fn long_texts_are_cut_and_counted() {
        let long = "x".repeat(100_000);
        let short = shorten(&long);
        assert!(short.len() < LONGEST_ECHO && short.ends_with("(100000 bytes)"), "{short}");
        assert_eq!(shorten("short"), "short");
    }

    #[test]
    fn lines_break_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("é é", 1), ["é", "é"]);
    }

    #[test]
    fn what_is_too_wide_ends_in_an_ellipsis() {
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("abcd", 4), "abcd");
    }
}
