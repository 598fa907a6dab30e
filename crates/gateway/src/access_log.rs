//! The access log: a line a request. It contains no cookie, no query, and no header but the origin.

use std::fmt::Write as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use http::header::ORIGIN;
use http::{Request, StatusCode};

use crate::client_connection::ClientConnection;
use crate::config::AccessLog;

/// The parts of a request that are logged.
pub(crate) struct AccessLogEntry {
    client: String,
    method: String,
    host: String,
    path: String,
    origin: Option<String>,
    version: http::Version,
}

/// The policy's decision on a request, as it is logged. Empty where no policy decides.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LoggedDecision {
    pub(crate) verdict: &'static str,
    pub(crate) basis: &'static str,
}

impl AccessLogEntry {
    pub(crate) fn new<B>(client: &ClientConnection, request: &Request<B>) -> AccessLogEntry {
        let header = |name| request.headers().get(name).map(|value| lossy(value.as_bytes()));
        let host = match request.uri().authority() {
            Some(authority) => authority.as_str().to_owned(),
            None => header(http::header::HOST).unwrap_or_default(),
        };
        AccessLogEntry {
            client: client.address_text().to_owned(),
            method: request.method().as_str().to_owned(),
            // The part before an @ may contain a password.
            host: host.rsplit('@').next().unwrap_or_default().to_owned(),
            path: request.uri().path().to_owned(),
            origin: header(ORIGIN),
            version: request.version(),
        }
    }

    /// Formats the line, when the head of the response is known.
    pub(crate) fn format(
        self,
        form: AccessLog,
        started: Instant,
        decision: LoggedDecision,
        status: StatusCode,
    ) -> String {
        let status = status.as_u16();
        let micros = started.elapsed().as_micros();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time = rfc3339(now.as_secs(), now.subsec_millis());
        let AccessLogEntry { client, method, host, path, origin, version } = self;
        let mut line = String::with_capacity(256);
        let _ = match form {
            AccessLog::Json => {
                let origin = origin.map_or_else(|| "null".to_owned(), |origin| json_string(&origin));
                write!(
                    line,
                    "{{\"time\":\"{time}\",\"client\":\"{client}\",\"method\":{},\"host\":{},\"path\":{},\
                     \"version\":\"{version:?}\",\"origin\":{origin},\"status\":{status},\"micros\":{micros},\
                     \"cors\":\"{}\",\"basis\":\"{}\"}}",
                    json_string(&method),
                    json_string(&host),
                    json_string(&path),
                    decision.verdict,
                    decision.basis
                )
            }
            _ => write!(
                line,
                "{time} {client} {} {}{} {version:?} {status} {micros}us origin={} cors={} {}",
                escape_word(&method),
                escape_word(&host),
                escape_word(&path),
                escape_word(origin.as_deref().unwrap_or("-")),
                if decision.verdict.is_empty() { "-" } else { decision.verdict },
                decision.basis
            ),
        };
        line.truncate(line.trim_end().len());
        line.push('\n');
        line
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Escapes a text into one word, so that a client cannot forge the fields after it.
fn escape_word(text: &str) -> String {
    text.escape_default().to_string().replace(' ', "\\u{20}")
}

/// A JSON string literal.
fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' || c == '\u{7f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A time in UTC, from the seconds since 1970.
fn rfc3339(seconds: u64, millis: u32) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years that begin in March end with the leap day; all eras of 400 years are alike.
    let from_march = days + 719_468;
    let (era, day_of_era) = (from_march / 146_097, from_march % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Scheme;

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(rfc3339(0, 0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(951_782_400, 7), "2000-02-29T00:00:00.007Z");
        assert_eq!(rfc3339(1_735_689_599, 999), "2024-12-31T23:59:59.999Z");
    }

    #[test]
    fn no_password_is_in_a_line() {
        let client = ClientConnection::new(([127, 0, 0, 1], 1).into(), Scheme::Http);
        let absolute = Request::get("http://u:SECRET@a.test/x").body(()).unwrap();
        let named = Request::get("/x").header("host", "u:SECRET@a.test").body(()).unwrap();
        for request in [absolute, named] {
            for form in [AccessLog::Json, AccessLog::Text] {
                let entry = AccessLogEntry::new(&client, &request);
                let line =
                    entry.format(form, Instant::now(), LoggedDecision::default(), StatusCode::BAD_REQUEST);
                assert!(line.contains("a.test") && !line.contains("SECRET"), "{line}");
            }
        }
    }

    #[test]
    fn a_client_cannot_forge_the_rest_of_a_line() {
        let client = ClientConnection::new(([127, 0, 0, 1], 1).into(), Scheme::Http);
        let forged = "a 200 1us origin=b cors=granted 0";
        let request = Request::get("/x").header("host", forged).header("origin", forged).body(()).unwrap();
        let entry = AccessLogEntry::new(&client, &request);
        let line =
            entry.format(AccessLog::Text, Instant::now(), LoggedDecision::default(), StatusCode::BAD_REQUEST);
        assert_eq!(line.split(' ').count(), 9, "{line}");
    }

    #[test]
    fn json_strings_hold_no_control_character() {
        assert_eq!(json_string("a\"b\\c\nd"), "\"a\\\"b\\\\c\\u000ad\"");
    }
}
