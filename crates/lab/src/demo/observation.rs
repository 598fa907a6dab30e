//! What a case requires and what was observed, in one form, so that both can be compared.

use std::fmt;

use crossing::{Exchange, HeaderList, HeaderName};
use crossing_agent::WireExchange;

use super::case::{Case, ExpectedResult, HeaderFact};
use super::servers::ReceivedRequest;
use crossing_tools::conversation::{End, FetchRecord};
use crossing_tools::report::shown;

/// The exchanges on the wire, and what the script got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observation {
    pub(crate) exchanges: Vec<Observed>,
    pub(crate) result: Observed,
}

/// An exchange or a result as text, and the headers that the case compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observed {
    pub(crate) line: String,
    pub(crate) headers: Vec<String>,
}

impl Observation {
    /// What the case requires.
    pub(crate) fn expected(case: &Case) -> Observation {
        let exchanges = case.exchanges.iter();
        let exchanges =
            exchanges.map(|exchange| Observed::expected(exchange.line.to_owned(), exchange.headers));
        let result = match case.result {
            ExpectedResult::Response { line, headers, body } => {
                Observed::expected(with_body(line, body), headers)
            }
            ExpectedResult::Error(reason) => {
                Observed { line: type_error(reason.code()), headers: Vec::new() }
            }
        };
        Observation { exchanges: exchanges.collect(), result }
    }

    /// What was observed: by the browser, and by the servers.
    pub(crate) fn observed(
        case: &Case,
        records: &[FetchRecord],
        received: &[ReceivedRequest],
    ) -> Observation {
        let recorded = records.iter().flat_map(|record| &record.exchanges);
        let facts = case.exchanges.iter().map(|expected| expected.headers).chain(std::iter::repeat(&[][..]));
        let mut exchanges: Vec<Observed> = recorded
            .zip(facts)
            .zip(received.iter().map(Some).chain(std::iter::repeat(None)))
            .map(|((exchange, facts), received)| {
                Observed::new(exchange_line(exchange, received), &exchange.request.headers, facts)
            })
            .collect();
        let unrecorded = received.iter().skip(exchanges.len());
        exchanges.extend(unrecorded.map(|received| Observed {
            line: format!("{} that the browser did not tell of", received.method),
            headers: Vec::new(),
        }));
        Observation { exchanges, result: result(case, records) }
    }
}

/// Method and status, and whether a preflight or its response has a body, or the servers received another request.
fn exchange_line(exchange: &WireExchange, received: Option<&ReceivedRequest>) -> String {
    let method = &exchange.request.method;
    let Some(response) = &exchange.response else { return format!("{method} without an answer") };
    let mut line = format!("{method} {}", response.status.as_u16());
    match received {
        Some(received) if received.method != *method => line.push_str(", which no server heard"),
        Some(received) if exchange.kind == Exchange::Preflight && received.body > 0 => {
            line.push_str(" with a body")
        }
        None => line.push_str(", which no server heard"),
        Some(_) => {}
    }
    let length = response.headers.get(&http::header::CONTENT_LENGTH);
    if exchange.kind == Exchange::Preflight && length.is_none_or(|length| length.as_bytes() != b"0") {
        line.push_str(", answered with a body");
    }
    line
}

fn result(case: &Case, records: &[FetchRecord]) -> Observed {
    let facts = match case.result {
        ExpectedResult::Response { headers, .. } => headers,
        ExpectedResult::Error(_) => &[],
    };
    match records.last().map(|record| &record.end) {
        Some(End::Response(response, body)) => {
            let line = format!("{} {}", response.status, response.kind.as_str());
            let line = with_body(&line, &String::from_utf8_lossy(&body.start));
            Observed::new(line, &response.headers, facts)
        }
        Some(End::BrokeOff(_, error) | End::Failed(error)) => {
            Observed { line: type_error(error.failure.reason.code()), headers: Vec::new() }
        }
        None => Observed { line: "nothing".to_owned(), headers: Vec::new() },
    }
}

fn with_body(line: &str, body: &str) -> String {
    if body.is_empty() { line.to_owned() } else { format!("{line} {body:?}") }
}

/// A script sees only the error; the code in parentheses is for the reader of the table.
fn type_error(code: &str) -> String {
    format!("TypeError ({code})")
}

impl Observed {
    fn expected(line: String, facts: &[(&str, HeaderFact)]) -> Observed {
        let headers = facts.iter().map(|(name, fact)| match fact {
            HeaderFact::Is(value) => present(name, value),
            HeaderFact::Absent => absent(name),
        });
        Observed { line, headers: headers.collect() }
    }

    fn new(line: String, headers: &HeaderList, facts: &[(&str, HeaderFact)]) -> Observed {
        let headers = facts.iter().map(|(name, _)| {
            let value = HeaderName::try_from(*name).ok().and_then(|name| Some((headers.get(&name)?, name)));
            value.map_or_else(|| absent(name), |(value, key)| present(name, &shown(&key, &value)))
        });
        Observed { line, headers: headers.collect() }
    }
}

fn present(name: &str, value: &str) -> String {
    format!("{name}: {value}")
}

fn absent(name: &str) -> String {
    format!("no {name}")
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)?;
        if !self.headers.is_empty() {
            write!(f, " [{}]", self.headers.join("; "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wire: ")?;
        if self.exchanges.is_empty() {
            f.write_str("nothing")?;
        }
        for (at, line) in self.exchanges.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            line.fmt(f)?;
        }
        write!(f, "; script: {}", self.result)
    }
}
