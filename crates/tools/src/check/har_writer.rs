//! A conversation as a HAR document.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossing::{Exchange, HeaderList, RequestHead};
use crossing_agent::WireExchange;
use http::header;
use url::Url;

use super::report::Report;
use super::request::Plan;
use crate::conversation::{End, FetchRecord};
use crate::har::{Content, Empty, Entry, Har, Log, Page, Pair, Program, Request, Response, Timings};
use crate::report::shown;

/// Whether cookies, passwords and tokens are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// As `(present)`.
    Hidden,
    /// As they are.
    Written,
}

/// The fetches of every profile, a page for each.
pub(super) fn text(plan: &Plan, reports: &[Report], secrets: Secrets) -> Result<String, serde_json::Error> {
    let mut log = Log {
        version: "1.2".to_owned(),
        creator: Some(Program { name: "crossing".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }),
        pages: Vec::new(),
        entries: Vec::new(),
    };
    for report in reports {
        let id = format!("page_{}", report.profile.name);
        let first = report.told().iter().flat_map(|told| &told.exchanges).next();
        log.pages.push(Page {
            id: id.clone(),
            started_date_time: first.map(|exchange| date(exchange.sent)).unwrap_or_default(),
            title: plan.page.as_str().to_owned(),
            page_timings: Empty::default(),
        });
        for told in report.told() {
            let last = told.exchanges.len().saturating_sub(1);
            let body = match &told.end {
                End::Response(_, body) => body.bytes,
                End::BrokeOff(..) | End::Failed(_) => 0,
            };
            log.entries.extend(told.exchanges.iter().enumerate().map(|(at, exchange)| {
                let size = if at == last { body } else { 0 };
                entry(&id, exchange, told, plan, size, secrets)
            }));
            log.entries.extend(unsent(&id, told, plan, secrets));
        }
    }
    Ok(serde_json::to_string_pretty(&Har { log })? + "\n")
}

/// The page's request where its preflight was the end of it: browsers list it too, without an answer.
fn unsent(page: &str, told: &FetchRecord, plan: &Plan, secrets: Secrets) -> Option<Entry> {
    let preflight = told.exchanges.last().filter(|_| told.error().is_some())?;
    if told.exchanges.iter().any(|exchange| exchange.kind != Exchange::Preflight) {
        return None;
    }
    let mut headers = plan.request.headers().clone();
    headers.extend(
        preflight.request.headers.lines(&header::ORIGIN).map(|origin| (header::ORIGIN, origin.clone())),
    );
    let request =
        RequestHead { method: plan.request.method().clone(), url: plan.request.url().clone(), headers };
    let mut never = preflight.clone();
    (never.kind, never.request, never.response) = (Exchange::Request, request, None);
    Some(entry(page, &never, told, plan, 0, secrets))
}

fn entry(
    page: &str,
    exchange: &WireExchange,
    told: &FetchRecord,
    plan: &Plan,
    size: u64,
    secrets: Secrets,
) -> Entry {
    let request = &exchange.request;
    let milliseconds = exchange.took.as_secs_f64() * 1e3;
    Entry {
        pageref: Some(page.to_owned()),
        started_date_time: date(exchange.sent),
        time: milliseconds,
        request: Request {
            method: request.method.to_string(),
            url: url(&request.url),
            http_version: "unknown".to_owned(),
            cookies: cookies(&request.headers, secrets),
            headers: pairs(&request.headers, secrets),
            query_string: request.url.query_pairs().map(|(name, value)| pair(&name, &value)).collect(),
            post_data: None,
            headers_size: -1,
            body_size: content_length(&request.headers),
        },
        response: Some(response(exchange, told, size, secrets)),
        cache: Empty::default(),
        timings: Timings { send: 0.0, wait: milliseconds, receive: 0.0 },
        resource_type: Some(
            if exchange.kind == Exchange::Preflight { "preflight" } else { "fetch" }.to_owned(),
        ),
        credentials: Some(plan.request.credentials().to_string()),
    }
}

fn response(exchange: &WireExchange, told: &FetchRecord, size: u64, secrets: Secrets) -> Response {
    let headers = HeaderList::new();
    let head = exchange.response.as_ref();
    let headers = head.map_or(&headers, |head| &head.headers);
    let get = |name| headers.get(&name).map(|value| value.to_text()).unwrap_or_default();
    let error = told.error().filter(|_| head.is_none());
    Response {
        status: head.map_or(0, |head| i64::from(head.status.as_u16())),
        status_text: head
            .map(|head| String::from_utf8_lossy(&head.status_text).into_owned())
            .unwrap_or_default(),
        http_version: "unknown".to_owned(),
        cookies: Vec::new(),
        headers: pairs(headers, secrets),
        content: Content { size: i64::try_from(size).unwrap_or(-1), mime_type: get(header::CONTENT_TYPE) },
        redirect_url: headers
            .get(&header::LOCATION)
            .map(|to| if secrets == Secrets::Written { to.to_text() } else { shown(&header::LOCATION, &to) })
            .unwrap_or_default(),
        headers_size: -1,
        body_size: content_length(headers),
        error: error.map(|error| error.failure.reason.code().to_owned()),
    }
}

/// What the head says of the body's length; -1 where it says nothing.
fn content_length(headers: &HeaderList) -> i64 {
    let length = crossing::headers::response::content_length(headers);
    length.and_then(|length| i64::try_from(length).ok()).unwrap_or(-1)
}

/// An address without user and password: they never go over the wire in it.
fn url(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

fn pair(name: &str, value: &str) -> Pair {
    Pair { name: name.to_owned(), value: value.to_owned() }
}

fn pairs(headers: &HeaderList, secrets: Secrets) -> Vec<Pair> {
    let pairs = headers.iter().map(|(name, value)| match secrets {
        Secrets::Hidden => pair(name.as_str(), &shown(name, value)),
        Secrets::Written => pair(name.as_str(), &value.to_text()),
    });
    pairs.collect()
}

fn cookies(headers: &HeaderList, secrets: Secrets) -> Vec<Pair> {
    let cookies = headers.get(&header::COOKIE).map(|value| value.to_text()).unwrap_or_default();
    let cookies = cookies.split("; ").filter_map(|cookie| cookie.split_once('='));
    let value = |value| if secrets == Secrets::Written { value } else { "(present)" };
    cookies.map(|(name, text)| pair(name, value(text))).collect()
}

/// A moment as ISO 8601 has it, in UTC.
fn date(moment: SystemTime) -> String {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (seconds, milliseconds) = (since.as_secs(), since.subsec_millis());
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

/// Year, month and day, so many days after 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let (mut year, mut left) = (1970, days);
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if left < length {
            break;
        }
        left -= length;
        year += 1;
    }
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in months {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (year, month, left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        for (days, date) in
            [(0, (1970, 1, 1)), (59, (1970, 3, 1)), (11_016, (2000, 2, 29)), (20_453, (2025, 12, 31))]
        {
            assert_eq!(civil(days), date);
        }
    }
}
