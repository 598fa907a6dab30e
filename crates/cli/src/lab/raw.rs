//! An answer as it is typed: a status, header lines, and after an empty line a body.

use std::fmt;

use crossing::Value;
use http::header::CONTENT_ENCODING;
use http::{HeaderName, StatusCode};

use crate::text::shorten;

/// An answer, word for word.
#[derive(Clone, Debug)]
pub(super) struct RawReply {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, Value)>,
    pub(super) body: String,
}

/// What is wrong with a line.
#[derive(Debug)]
pub(super) struct RawMistake {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) what: RawProblem,
}

/// What can be wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RawProblem {
    Status(String),
    NoColon(String),
    Name(String),
    Value(String),
    /// The body is coded in a way that nobody can type.
    Coding(String),
}

impl RawProblem {
    pub(super) fn code(&self) -> &'static str {
        match self {
            RawProblem::Status(_) => "raw-status",
            RawProblem::NoColon(_) => "raw-header",
            RawProblem::Name(_) => "raw-name",
            RawProblem::Value(_) => "raw-value",
            RawProblem::Coding(_) => "raw-coding",
        }
    }

    pub(super) fn about(&self) -> &str {
        let (RawProblem::Status(text)
        | RawProblem::NoColon(text)
        | RawProblem::Name(text)
        | RawProblem::Value(text)
        | RawProblem::Coding(text)) = self;
        text
    }
}

impl fmt::Display for RawProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = shorten(self.about());
        match self {
            RawProblem::Status(_) => write!(f, "'{about}' is no status: begin with a number from 200 to 599"),
            RawProblem::NoColon(_) => write!(f, "'{about}' has no colon; write it as name: value"),
            RawProblem::Name(_) => write!(f, "'{about}' is not a header name"),
            RawProblem::Value(_) => write!(f, "the value of {about} holds a byte that no header can hold"),
            RawProblem::Coding(_) => {
                write!(f, "the body is typed as it is, and not coded as {about}: no browser could read it")
            }
        }
    }
}

/// Reads an answer. The status may stand alone, with its phrase, or in a whole status line.
pub(super) fn read(text: &str) -> Result<RawReply, RawMistake> {
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let first = lines.next().unwrap_or_default().trim();
    let status =
        status(first).ok_or_else(|| RawMistake { line: 1, what: RawProblem::Status(first.to_owned()) })?;
    let mut headers = Vec::new();
    let mut coding = None;
    for (number, line) in (2..).zip(lines.by_ref()) {
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = header(line).map_err(|what| RawMistake { line: number, what })?;
        if name == CONTENT_ENCODING && !value.to_text().eq_ignore_ascii_case("identity") {
            coding = Some(RawMistake { line: number, what: RawProblem::Coding(value.to_text()) });
        }
        headers.push((name, value));
    }
    let body = lines.collect::<Vec<_>>().join("\n");
    match coding.filter(|_| !body.is_empty()) {
        Some(mistake) => Err(mistake),
        None => Ok(RawReply { status, headers, body }),
    }
}

fn status(line: &str) -> Option<StatusCode> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("HTTP/"));
    let number = words.next()?.parse::<u16>().ok().filter(|number| (200..600).contains(number))?;
    StatusCode::from_u16(number).ok()
}

fn header(line: &str) -> Result<(HeaderName, Value), RawProblem> {
    let (name, value) = line.split_once(':').ok_or_else(|| RawProblem::NoColon(line.to_owned()))?;
    let known = HeaderName::try_from(name).map_err(|_| RawProblem::Name(name.to_owned()))?;
    let value = Value::new(value.trim_matches([' ', '\t'])).ok().filter(|value| value.to_http().is_some());
    Ok((known, value.ok_or_else(|| RawProblem::Value(name.to_owned()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_it_is_typed() {
        let reply = read("HTTP/1.1 302 Found\r\nLocation: /x\nx-a:\n\nhello\nyou").unwrap();
        assert_eq!(reply.status, 302);
        assert_eq!(reply.headers.len(), 2);
        assert_eq!(reply.body, "hello\nyou");
        assert_eq!(read("204").unwrap().status, 204);
        assert!(read("200\ncontent-encoding: gzip\n").is_ok(), "there is nothing to decode");
    }

    #[test]
    fn wrong_lines_are_named() {
        for (text, line, what) in [
            ("", 1, RawProblem::Status(String::new())),
            ("100", 1, RawProblem::Status("100".to_owned())),
            ("200\nx", 2, RawProblem::NoColon("x".to_owned())),
            ("200\na: b\nx y: z", 3, RawProblem::Name("x y".to_owned())),
            ("200\na: b\u{1}", 2, RawProblem::Value("a".to_owned())),
            ("200\nContent-Encoding: gzip\n\nplain", 2, RawProblem::Coding("gzip".to_owned())),
        ] {
            let mistake = read(text).unwrap_err();
            assert_eq!((mistake.line, mistake.what), (line, what), "{text:?}");
        }
    }
}
