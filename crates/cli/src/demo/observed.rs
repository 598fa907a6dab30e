//! What a case promises and what came of it, in the same words.

use std::fmt;

use crossing::{Exchange, HeaderList, HeaderName};
use crossing_agent::WireExchange;

use super::case::{Case, Fact, Seen};
use super::servers::Heard;
use crate::asking::{End, Told};
use crate::document::shown;

/// What went over the wire, and what the script sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observed {
    pub(crate) wire: Vec<Line>,
    pub(crate) seen: Line,
}

/// A line, and the headers that the case looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) line: String,
    pub(crate) headers: Vec<String>,
}

impl Observed {
    /// What must come of the case.
    pub(crate) fn promised(case: &Case) -> Observed {
        let wire = case.wire.iter().map(|wire| Line::promised(wire.line.to_owned(), wire.headers));
        let seen = match case.seen {
            Seen::Response { line, headers, body } => Line::promised(with_body(line, body), headers),
            Seen::Error(reason) => Line { line: type_error(reason.code()), headers: Vec::new() },
        };
        Observed { wire: wire.collect(), seen }
    }

    /// What came of it; `heard` is what the servers say.
    pub(crate) fn seen(case: &Case, told: &[Told], heard: &[Heard]) -> Observed {
        let exchanges = told.iter().flat_map(|told| &told.exchanges);
        let facts = case.wire.iter().map(|wire| wire.headers).chain(std::iter::repeat(&[][..]));
        let mut wire: Vec<Line> = exchanges
            .zip(facts)
            .zip(heard.iter().map(Some).chain(std::iter::repeat(None)))
            .map(|((exchange, facts), heard)| {
                Line::got(wire_line(exchange, heard), &exchange.request.headers, facts)
            })
            .collect();
        let unannounced = heard.iter().skip(wire.len());
        wire.extend(unannounced.map(|heard| Line {
            line: format!("{} that the browser did not tell of", heard.method),
            headers: Vec::new(),
        }));
        Observed { wire, seen: script_line(case, told) }
    }
}

/// Method and status; and it is said when either end of a preflight has a body, or the server heard something else.
fn wire_line(exchange: &WireExchange, heard: Option<&Heard>) -> String {
    let method = &exchange.request.method;
    let Some(answer) = &exchange.response else { return format!("{method} without an answer") };
    let mut line = format!("{method} {}", answer.status.as_u16());
    match heard {
        Some(heard) if heard.method != *method => line.push_str(", which no server heard"),
        Some(heard) if exchange.kind == Exchange::Preflight && heard.body > 0 => {
            line.push_str(" with a body")
        }
        None => line.push_str(", which no server heard"),
        Some(_) => {}
    }
    let length = answer.headers.get(&http::header::CONTENT_LENGTH);
    if exchange.kind == Exchange::Preflight && length.is_none_or(|length| length.as_bytes() != b"0") {
        line.push_str(", answered with a body");
    }
    line
}

fn script_line(case: &Case, told: &[Told]) -> Line {
    let facts = match case.seen {
        Seen::Response { headers, .. } => headers,
        Seen::Error(_) => &[],
    };
    match told.last().map(|told| &told.end) {
        Some(End::Response(response, body)) => {
            let line = format!("{} {}", response.status, response.kind.as_str());
            let line = with_body(&line, &String::from_utf8_lossy(&body.start));
            Line::got(line, &response.headers, facts)
        }
        Some(End::BrokeOff(_, error) | End::Failed(error)) => {
            Line { line: type_error(error.failure.reason.code()), headers: Vec::new() }
        }
        None => Line { line: "nothing".to_owned(), headers: Vec::new() },
    }
}

fn with_body(line: &str, body: &str) -> String {
    if body.is_empty() { line.to_owned() } else { format!("{line} {body:?}") }
}

/// A script sees the error alone; the code in brackets is for people.
fn type_error(code: &str) -> String {
    format!("TypeError ({code})")
}

impl Line {
    fn promised(line: String, facts: &[(&str, Fact)]) -> Line {
        let headers = facts.iter().map(|(name, fact)| match fact {
            Fact::Is(value) => there(name, value),
            Fact::Absent => not_there(name),
        });
        Line { line, headers: headers.collect() }
    }

    fn got(line: String, headers: &HeaderList, facts: &[(&str, Fact)]) -> Line {
        let headers = facts.iter().map(|(name, _)| {
            let value = HeaderName::try_from(*name).ok().and_then(|name| Some((headers.get(&name)?, name)));
            value.map_or_else(|| not_there(name), |(value, key)| there(name, &shown(&key, &value)))
        });
        Line { line, headers: headers.collect() }
    }
}

fn there(name: &str, value: &str) -> String {
    format!("{name}: {value}")
}

fn not_there(name: &str) -> String {
    format!("no {name}")
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)?;
        if !self.headers.is_empty() {
            write!(f, " [{}]", self.headers.join("; "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wire: ")?;
        if self.wire.is_empty() {
            f.write_str("nothing")?;
        }
        for (at, line) in self.wire.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            line.fmt(f)?;
        }
        write!(f, "; script: {}", self.seen)
    }
}
