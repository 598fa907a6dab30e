//! A response as the user types it: a status, header lines, and after an empty line a body.

use std::fmt;

use crossing::Value;
use http::header::CONTENT_ENCODING;
use http::{HeaderName, StatusCode};

use crossing_tools::text::shorten;

#[derive(Clone, Debug)]
pub(super) struct RawResponse {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, Value)>,
    pub(super) body: String,
}

/// A line that is wrong.
#[derive(Debug)]
pub(super) struct RawResponseError {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) kind: RawResponseErrorKind,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RawResponseErrorKind {
    Status(String),
    NoColon(String),
    Name(String),
    Value(String),
    /// A body with a content coding, which cannot be typed.
    Coding(String),
}

impl RawResponseErrorKind {
    pub(super) fn code(&self) -> &'static str {
        match self {
            RawResponseErrorKind::Status(_) => "raw-status",
            RawResponseErrorKind::NoColon(_) => "raw-header",
            RawResponseErrorKind::Name(_) => "raw-name",
            RawResponseErrorKind::Value(_) => "raw-value",
            RawResponseErrorKind::Coding(_) => "raw-coding",
        }
    }

    pub(super) fn value(&self) -> &str {
        let (RawResponseErrorKind::Status(text)
        | RawResponseErrorKind::NoColon(text)
        | RawResponseErrorKind::Name(text)
        | RawResponseErrorKind::Value(text)
        | RawResponseErrorKind::Coding(text)) = self;
        text
    }
}

impl fmt::Display for RawResponseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = shorten(self.value());
        match self {
            RawResponseErrorKind::Status(_) => {
                write!(f, "'{value}' is no status: begin with a number from 200 to 599")
            }
            RawResponseErrorKind::NoColon(_) => write!(f, "'{value}' has no colon; write it as name: value"),
            RawResponseErrorKind::Name(_) => write!(f, "'{value}' is not a header name"),
            RawResponseErrorKind::Value(_) => {
                write!(f, "the value of {value} holds a byte that no header can hold")
            }
            RawResponseErrorKind::Coding(_) => {
                write!(f, "the body is typed as it is, and not coded as {value}: no browser could read it")
            }
        }
    }
}

/// Parses a response. The status may be alone, with its phrase, or in a whole status line.
pub(super) fn parse(text: &str) -> Result<RawResponse, RawResponseError> {
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let first = lines.next().unwrap_or_default().trim();
    let status = status(first)
        .ok_or_else(|| RawResponseError { line: 1, kind: RawResponseErrorKind::Status(first.to_owned()) })?;
    let mut headers = Vec::new();
    let mut coding = None;
    for (number, line) in (2..).zip(lines.by_ref()) {
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = header(line).map_err(|kind| RawResponseError { line: number, kind })?;
        if name == CONTENT_ENCODING && !value.to_text().eq_ignore_ascii_case("identity") {
            coding =
                Some(RawResponseError { line: number, kind: RawResponseErrorKind::Coding(value.to_text()) });
        }
        headers.push((name, value));
    }
    let body = lines.collect::<Vec<_>>().join("\n");
    match coding.filter(|_| !body.is_empty()) {
        Some(error) => Err(error),
        None => Ok(RawResponse { status, headers, body }),
    }
}

fn status(line: &str) -> Option<StatusCode> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("HTTP/"));
    let number = words.next()?.parse::<u16>().ok().filter(|number| (200..600).contains(number))?;
    StatusCode::from_u16(number).ok()
}

fn header(line: &str) -> Result<(HeaderName, Value), RawResponseErrorKind> {
    let (name, value) = line.split_once(':').ok_or_else(|| RawResponseErrorKind::NoColon(line.to_owned()))?;
    let known = HeaderName::try_from(name).map_err(|_| RawResponseErrorKind::Name(name.to_owned()))?;
    let value = Value::new(value.trim_matches([' ', '\t'])).ok().filter(|value| value.to_http().is_some());
    Ok((known, value.ok_or_else(|| RawResponseErrorKind::Value(name.to_owned()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_parsed_as_it_is_typed() {
        let response = parse("HTTP/1.1 302 Found\r\nLocation: /x\nx-a:\n\nhello\nyou").unwrap();
        assert_eq!(response.status, 302);
        assert_eq!(response.headers.len(), 2);
        assert_eq!(response.body, "hello\nyou");
        assert_eq!(parse("204").unwrap().status, 204);
        assert!(parse("200\ncontent-encoding: gzip\n").is_ok(), "there is nothing to decode");
    }

    #[test]
    fn wrong_lines_are_named() {
        for (text, line, kind) in [
            ("", 1, RawResponseErrorKind::Status(String::new())),
            ("100", 1, RawResponseErrorKind::Status("100".to_owned())),
            ("200\nx", 2, RawResponseErrorKind::NoColon("x".to_owned())),
            ("200\na: b\nx y: z", 3, RawResponseErrorKind::Name("x y".to_owned())),
            ("200\na: b\u{1}", 2, RawResponseErrorKind::Value("a".to_owned())),
            ("200\nContent-Encoding: gzip\n\nplain", 2, RawResponseErrorKind::Coding("gzip".to_owned())),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.line, error.kind), (line, kind), "{text:?}");
        }
    }
}
