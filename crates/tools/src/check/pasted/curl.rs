//! A `curl` command line.

use std::collections::VecDeque;

use super::{Misread, Pasted, excerpt};

/// Reads a command line as a POSIX shell would split it.
pub(super) fn read(text: &str) -> Result<Pasted, Misread> {
    let wrong = |problem: String| Misread { what: "curl command", problem };
    if text.contains("^\"") {
        return Err(wrong("it is quoted for cmd.exe; copy it \"as cURL (bash)\"".to_owned()));
    }
    // A line that goes on in the next.
    let line = text.replace(" \\\r\n", " ").replace(" \\\n", " ");
    let words = shlex::split(&unescape_dollar_quotes(&line))
        .ok_or_else(|| wrong("a quote is not closed".to_owned()))?;
    let mut read = Reader::default();
    // What the shell does with the output is no part of the request.
    let ends = |word: &String| word.starts_with(['|', '>', '<', ';', '&']) || word.starts_with("2>");
    let words = words.into_iter().skip(1).take_while(|word| !ends(word));
    let mut words: VecDeque<String> = words.collect();
    while let Some(word) = words.pop_front() {
        let (flag, attached) = split(&word);
        let Some(kind) = Flag::of(flag) else {
            match word.strip_prefix('-') {
                // -sSL is -s -S -L, and the last may have a value.
                Some(letters) if bundled(letters) => {
                    words.push_front(format!("-{}", &letters[1..]));
                    words.push_front(format!("-{}", &letters[..1]));
                }
                Some(_) => {
                    return Err(wrong(format!(
                        "'{}' is no option that a page's request has",
                        excerpt(&word)
                    )));
                }
                None => read.url(word).map_err(wrong)?,
            }
            continue;
        };
        let value = match (kind, attached) {
            (Flag::Ignored | Flag::Head | Flag::Get | Flag::Insecure, _) => String::new(),
            (_, Some(value)) => value.to_owned(),
            _ => words.pop_front().ok_or_else(|| wrong(format!("{flag} has no value")))?,
        };
        read.flag(kind, value).map_err(wrong)?;
    }
    read.finish().map_err(wrong)
}

/// Whether these letters are options that stand together.
fn bundled(letters: &str) -> bool {
    letters.is_ascii()
        && letters.len() > 1
        && Flag::of(&format!("-{}", &letters[..1])).is_some_and(|flag| !flag.has_value())
        && Flag::of(&format!("-{}", &letters[1..2])).is_some()
}

/// `--data=x`, `-Hx` and `-H x` are the same.
fn split(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
    }
    match word.char_indices().nth(2) {
        Some((at, _)) if word.starts_with('-') && Flag::of(&word[..at]).is_some_and(Flag::has_value) => {
            (&word[..at], Some(&word[at..]))
        }
        _ => (word, None),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flag {
    Method,
    Header,
    Data,
    Json,
    Cookie,
    User,
    Referer,
    Url,
    Head,
    Get,
    Insecure,
    Form,
    /// Changes nothing for a page, and has no value.
    Ignored,
    /// The same, with a value.
    IgnoredWithValue,
}

impl Flag {
    fn of(word: &str) -> Option<Flag> {
        Some(match word {
            "-X" | "--request" => Flag::Method,
            "-H" | "--header" => Flag::Header,
            "-d" | "--data" | "--data-raw" | "--data-ascii" | "--data-binary" => Flag::Data,
            "--json" => Flag::Json,
            "-b" | "--cookie" => Flag::Cookie,
            "-u" | "--user" => Flag::User,
            "-e" | "--referer" => Flag::Referer,
            "--url" => Flag::Url,
            "-I" | "--head" => Flag::Head,
            "-G" | "--get" => Flag::Get,
            "-k" | "--insecure" => Flag::Insecure,
            "-F" | "--form" | "-T" | "--upload-file" => Flag::Form,
            "-L" | "--location" | "-s" | "--silent" | "-S" | "--show-error" | "-v" | "--verbose" | "-i"
            | "--include" | "-f" | "--fail" | "-g" | "--globoff" | "--compressed" | "--http1.1"
            | "--http2" | "--ipv4" | "-4" | "--ipv6" | "-6" => Flag::Ignored,
            "-A" | "--user-agent" | "-o" | "--output" | "-m" | "--max-time" | "-w" | "--write-out"
            | "--connect-timeout" | "-D" | "--dump-header" | "-c" | "--cookie-jar" => Flag::IgnoredWithValue,
            _ => return None,
        })
    }

    fn has_value(self) -> bool {
        !matches!(self, Flag::Ignored | Flag::Head | Flag::Get | Flag::Insecure)
    }
}

#[derive(Default)]
struct Reader {
    pasted: Pasted,
    get: bool,
    head: bool,
    json: bool,
}

impl Reader {
    fn flag(&mut self, flag: Flag, value: String) -> Result<(), String> {
        let pasted = &mut self.pasted;
        match flag {
            Flag::Method => pasted.method = Some(value),
            // curl's way to send a header without a value.
            Flag::Header if value.ends_with(';') && !value.contains(':') => {
                pasted.headers.push((value.trim_end_matches(';').trim().to_owned(), String::new()));
            }
            Flag::Header => match value.split_once(':') {
                Some((name, value)) => {
                    pasted.headers.push((name.trim().to_owned(), value.trim_matches([' ', '\t']).to_owned()));
                }
                None => return Err(format!("the header '{}' has no colon", excerpt(&value))),
            },
            Flag::Data | Flag::Json if value.starts_with('@') => {
                return Err(format!("'{}' is a file; paste its contents", excerpt(&value)));
            }
            Flag::Data | Flag::Json => {
                self.json |= flag == Flag::Json;
                match &mut pasted.body {
                    Some(body) => body.extend(["&", value.as_str()]),
                    None => pasted.body = Some(value),
                }
            }
            Flag::Cookie if !value.contains('=') => {
                return Err(format!("'{}' is a file of cookies; write name=value", excerpt(&value)));
            }
            Flag::Cookie => pasted.headers.push(("cookie".to_owned(), value)),
            Flag::User => pasted.user = Some(value),
            Flag::Referer => pasted.headers.push(("referer".to_owned(), value)),
            Flag::Url => self.url(value)?,
            Flag::Head => self.head = true,
            Flag::Get => self.get = true,
            Flag::Form => return Err("forms and files are not read; give the body with -d".to_owned()),
            Flag::Insecure | Flag::Ignored | Flag::IgnoredWithValue => {}
        }
        Ok(())
    }

    fn url(&mut self, url: String) -> Result<(), String> {
        if !self.pasted.url.is_empty() {
            return Err(format!("it has two URLs; the second is '{}'", excerpt(&url)));
        }
        // curl expands what stands in [] and {}; a browser copies them escaped.
        let plain = |url: String, c: char| url.replace(&format!("\\{c}"), &c.to_string());
        let url = ['[', ']', '{', '}'].into_iter().fold(url, plain);
        // curl takes http for a host that stands alone.
        self.pasted.url = if url.contains("://") { url } else { format!("http://{url}") };
        Ok(())
    }

    fn finish(mut self) -> Result<Pasted, String> {
        let pasted = &mut self.pasted;
        if pasted.url.is_empty() {
            return Err("it has no URL".to_owned());
        }
        if self.get {
            if let Some(query) = pasted.body.take() {
                let mark = if pasted.url.contains('?') { '&' } else { '?' };
                pasted.url = format!("{}{mark}{query}", pasted.url);
            }
        } else if self.head {
            pasted.method.get_or_insert_with(|| "HEAD".to_owned());
        }
        let typed = pasted.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if pasted.body.is_some() && !typed {
            let kind = if self.json { "application/json" } else { "application/x-www-form-urlencoded" };
            pasted.headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        Ok(self.pasted)
    }
}

/// `$'…'`, as bash has it, in plain quotes: browsers copy a body so that has a quote or an exclamation mark in it.
fn unescape_dollar_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(" $'") {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 3..];
        let mut plain = String::new();
        let mut chars = rest.char_indices();
        let mut end = rest.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' => {
                    end = at + 1;
                    break;
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => plain.push('\n'),
                    Some('r') => plain.push('\r'),
                    Some('t') => plain.push('\t'),
                    Some('u') => {
                        let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        plain.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    Some(c) => plain.push(c),
                    None => {}
                },
                c => plain.push(c),
            }
        }
        rest = &rest[end..];
        // A shell has no way to quote NUL, and no header and no URL has one.
        out.push_str(&shlex::try_quote(&plain.replace('\0', "")).unwrap_or_default());
    }
    out + rest
}
