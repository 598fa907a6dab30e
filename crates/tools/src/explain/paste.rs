//! What somebody pasted: a code, a browser's name for one, or a line of a console.

use crossing::{Exchange, Reason};

use super::console::{ALL_THAT_A_SCRIPT_LEARNS, FORMER_NAMES, recognise};

/// How much of a text is looked at, in bytes.
const LONGEST: usize = 16 << 10;

/// A pasted text, and what it was taken for.
pub(super) struct Paste<'t> {
    text: &'t str,
    pub(super) meaning: Meaning,
    /// Which exchange it speaks of.
    pub(super) exchange: Exchange,
}

/// What a text was taken for.
pub(super) enum Meaning {
    /// Any of these.
    Reasons(Vec<Reason>),
    /// What scripts are told of every failure.
    Generic,
    /// Nothing; perhaps a code with a typing mistake.
    Unknown(Option<Reason>),
}

impl<'t> Paste<'t> {
    pub(super) fn read(text: &'t str) -> Paste<'t> {
        let end = (0..=LONGEST.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        let text = text[..end].trim();
        let lower = text.to_ascii_lowercase();
        let preflight = lower.contains("preflight") && Reason::from_code(&lower).is_none();
        let exchange = if preflight { Exchange::Preflight } else { Exchange::Request };
        let named = named(text);
        let meaning = if let Some(reason) = Reason::from_code(&lower) {
            Meaning::Reasons(vec![reason])
        } else if !named.is_empty() {
            Meaning::Reasons(named)
        } else if let Some(found) = recognise(text) {
            Meaning::Reasons(found.reasons)
        } else if ALL_THAT_A_SCRIPT_LEARNS.iter().any(|said| lower.contains(&said.to_ascii_lowercase())) {
            Meaning::Generic
        } else {
            Meaning::Unknown(near(&lower))
        };
        Paste { text, meaning, exchange }
    }

    /// The command that asks what the message is about, if the message says what that is.
    pub(super) fn check_command(&self) -> Option<String> {
        let urls: Vec<&str> = urls(self.text).filter(|url| !url.contains("/CORS/Errors/")).collect();
        let from = ["from origin '", "from origin ", "Origin "]
            .iter()
            .find_map(|lead| urls.iter().find(|url| self.text.contains(&format!("{lead}{url}"))));
        let url = urls.iter().find(|url| Some(*url) != from)?;
        Some(format!("crossing check '{url}' --from {}", from.copied().unwrap_or("ORIGIN")))
    }
}

/// The reasons whose names stand in a text, as Chromium's or Firefox's code has them, old numbers at their end or not.
fn named(text: &str) -> Vec<Reason> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.len() > 3);
    let words: Vec<&str> = words.map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit())).collect();
    let is_named = |reason: &&Reason| {
        let names =
            [reason.chromium(Exchange::Request), reason.chromium(Exchange::Preflight), reason.firefox()];
        let former = FORMER_NAMES.iter().filter(|(_, former)| former == *reason).map(|(name, _)| *name);
        let mut names = names.into_iter().flatten().chain(former);
        names.any(|name| words.iter().any(|word| word.eq_ignore_ascii_case(name)))
    };
    Reason::ALL.iter().filter(is_named).copied().collect()
}

/// A code that differs in a few letters.
fn near(text: &str) -> Option<Reason> {
    let tokens = |text: &str| text.split(['-', ' ', '_']).map(str::to_owned).collect::<Vec<_>>();
    let asked = tokens(text);
    let shared = |reason: &Reason| {
        let code = tokens(reason.code());
        let common = code.iter().filter(|part| asked.contains(part)).count();
        // Most of either, so that a sentence is no typing mistake.
        (common * 2 > code.len().max(asked.len())).then_some(common)
    };
    let close = Reason::ALL.iter().filter_map(|reason| Some((shared(reason)?, *reason)));
    close.max_by_key(|(common, _)| *common).map(|(_, reason)| reason).or_else(|| {
        Reason::ALL.iter().copied().find(|reason| differs_by_one(reason.code().as_bytes(), text.as_bytes()))
    })
}

/// Whether one letter was added, left out, exchanged, or swapped with its neighbour.
fn differs_by_one(a: &[u8], b: &[u8]) -> bool {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    match (a, b) {
        ([], [_]) | ([_], []) | ([_], [_]) => true,
        ([w, x], [y, z]) => w == z && x == y,
        _ => false,
    }
}

/// The http and https URLs in a text.
fn urls(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("http").filter_map(|(at, _)| {
        let url = &text[at..];
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return None;
        }
        let end =
            url.find(|c: char| c.is_whitespace() || "'\"<>`\u{2018}\u{2019}\u{201c}\u{201d}".contains(c));
        Some(url[..end.unwrap_or(url.len())].trim_end_matches(['.', ',', ';', ':', ')']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(text: &str) -> Vec<&'static str> {
        match Paste::read(text).meaning {
            Meaning::Reasons(reasons) => reasons.iter().map(|reason| reason.code()).collect(),
            Meaning::Generic => vec!["generic"],
            Meaning::Unknown(near) => near.map(|reason| reason.code()).into_iter().collect(),
        }
    }

    #[test]
    fn codes_and_names_of_old_and_new() {
        for (text, expected) in [
            ("acao-missing", &["acao-missing"][..]),
            (" ACAO-Missing\n", &["acao-missing"]),
            ("MissingAllowOriginHeader", &["acao-missing"]),
            ("PreflightMissingAllowOriginHeader", &["acao-missing"]),
            ("CORSMissingAllowHeaderFromPreflight2", &["header-not-allowed"]),
            (
                "https://developer.mozilla.org/docs/Web/HTTP/CORS/Errors/CORSMIssingAllowCredentials",
                &["acac-invalid"],
            ),
            ("CorsDisabledScheme", &["redirect-scheme", "scheme"]),
            ("Failed to fetch", &["generic"]),
            ("TypeError: Load failed", &["generic"]),
            ("acao-mising", &["acao-missing"]),
            ("missing acao", &["acao-missing"]),
            ("the weather is nice", &[]),
            ("", &[]),
        ] {
            assert_eq!(reasons(text), expected, "{text}");
        }
    }

    #[test]
    fn the_command_names_what_the_message_names() {
        for (text, command) in [
            (
                "Access to fetch at 'https://api.test/x?y=1' from origin 'https://app.test' has been blocked by CORS policy: \
                 No 'Access-Control-Allow-Origin' header is present on the requested resource.",
                Some("crossing check 'https://api.test/x?y=1' --from https://app.test"),
            ),
            (
                "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at \
                 http://api.test/. (Reason: CORS header \u{2018}Access-Control-Allow-Origin\u{2019} missing). Status code: 200.",
                Some("crossing check 'http://api.test/' --from ORIGIN"),
            ),
            (
                "Origin https://app.test is not allowed by Access-Control-Allow-Origin. Status code: 200\n\
                 Fetch API cannot load https://api.test/ due to access control checks.",
                Some("crossing check 'https://api.test/' --from https://app.test"),
            ),
            ("acao-missing", None),
        ] {
            assert_eq!(Paste::read(text).check_command().as_deref(), command, "{text}");
        }
    }
}
