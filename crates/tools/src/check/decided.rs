//! What decided: which line of the request, which line of the answer, which byte.

use crossing::headers::names;
use crossing::{HeaderList, HeaderName, Reason, ResponseHead};
use http::header;

use crate::conversation::FetchRecord;
use crate::report::shown;
use crate::text::{shorten, visible};

/// The lines and the byte, in a sentence; `None` where no line of an answer decided.
pub(crate) fn of(told: &FetchRecord) -> Option<String> {
    let failure = &told.error()?.failure;
    let failed = told.exchanges.iter().rev().find(|exchange| exchange.kind == failure.exchange)?;
    let head = failed.response.as_ref()?;
    let asked = |name: &HeaderName| line(&failed.request.headers, name);
    let answered = |name: &HeaderName| line(&head.headers, name);
    let (acao, acac) = (names::ACCESS_CONTROL_ALLOW_ORIGIN, names::ACCESS_CONTROL_ALLOW_CREDENTIALS);
    let origin = value(&failed.request.headers, &header::ORIGIN);
    Some(match failure.reason {
        Reason::AcaoMissing | Reason::AcaoMultiple | Reason::AcaoInvalid | Reason::AcaoMismatch => {
            let met = met(&asked(&header::ORIGIN)?, answered(&acao), &acao, head);
            let sent = value(&head.headers, &acao).unwrap_or_default();
            match (failure.reason, origin) {
                (Reason::AcaoMismatch | Reason::AcaoInvalid, Some(origin)) => {
                    format!("{met}: {}", first_difference(&sent, &origin))
                }
                _ => met,
            }
        }
        Reason::AcaoWildcardCreds => {
            format!("'{}', where credentials are included", answered(&acao)?)
        }
        Reason::AcacInvalid => match (answered(&acac), value(&head.headers, &acac)) {
            (Some(line), Some(sent)) => format!("'{line}': {}", first_difference(&sent, "true")),
            _ => format!("no line {acac} in the answer, and credentials are included"),
        },
        Reason::PreflightStatus => format!("the status line: {}", head.status),
        Reason::PreflightRedirect => {
            format!(
                "the status line: {}, with '{}'",
                head.status,
                answered(&header::LOCATION).unwrap_or_default()
            )
        }
        Reason::PreflightAcamParse => malformed(head, &names::ACCESS_CONTROL_ALLOW_METHODS)?,
        Reason::PreflightAcahParse => malformed(head, &names::ACCESS_CONTROL_ALLOW_HEADERS)?,
        Reason::MethodNotAllowed => {
            let name = names::ACCESS_CONTROL_ALLOW_METHODS;
            met(&asked(&names::ACCESS_CONTROL_REQUEST_METHOD)?, answered(&name), &name, head)
        }
        Reason::HeaderNotAllowed => {
            let name = names::ACCESS_CONTROL_ALLOW_HEADERS;
            met(&asked(&names::ACCESS_CONTROL_REQUEST_HEADERS)?, answered(&name), &name, head)
        }
        Reason::RedirectUserinfo | Reason::RedirectLocation | Reason::RedirectScheme => {
            format!("'{}'", answered(&header::LOCATION)?)
        }
        Reason::Corp => {
            format!("'{}'", answered(&HeaderName::from_static("cross-origin-resource-policy"))?)
        }
        _ => return None,
    })
}

fn value(headers: &HeaderList, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| value.to_text())
}

fn line(headers: &HeaderList, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(shorten(&visible(&format!("{name}: {}", shown(name, &value)))))
}

/// A line of the request against one of the answer.
fn met(asked: &str, answered: Option<String>, name: &HeaderName, head: &ResponseHead) -> String {
    match answered {
        Some(answered) => format!("'{asked}' met '{answered}'"),
        None => format!("'{asked}' met no line {name} in the answer ({})", head.status.as_u16()),
    }
}

/// The first byte of the value in which it differs from what it had to be.
fn first_difference(sent: &str, wanted: &str) -> String {
    let at = sent.bytes().zip(wanted.bytes()).take_while(|(a, b)| a == b).count();
    let byte = |text: &str| text.as_bytes().get(at).map(|byte| told(*byte));
    match (byte(sent), byte(wanted)) {
        (Some(sent), Some(wanted)) => {
            format!("byte {} of its value is {sent}, and would have to be {wanted}", at + 1)
        }
        (Some(sent), None) => format!("byte {} of its value is {sent}, and nothing may follow", at + 1),
        (None, _) => format!("its value ends after {at} bytes, too early"),
    }
}

/// A byte as it can be shown.
fn told(byte: u8) -> String {
    if byte.is_ascii_graphic() { char::from(byte).to_string() } else { byte.escape_ascii().to_string() }
}

/// The first byte that cannot stand in a list of tokens.
fn malformed(head: &ResponseHead, name: &HeaderName) -> Option<String> {
    let value = value(&head.headers, name)?;
    let line = line(&head.headers, name)?;
    let mut after_blank = None;
    for (at, byte) in value.bytes().enumerate() {
        let in_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        match byte {
            b',' => after_blank = None,
            b' ' | b'\t' => after_blank = after_blank.map(|_| false),
            // Two tokens with a blank between them are no list.
            byte if in_token(byte) && after_blank != Some(false) => after_blank = Some(true),
            byte => {
                return Some(format!("'{line}': byte {} of its value is {}", at + 1, told(byte)));
            }
        }
    }
    Some(format!("'{line}'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossing::Value;

    #[test]
    fn the_first_byte_that_differs_is_named() {
        for (sent, wanted, told) in [
            ("https://b.test", "https://a.test", "byte 9 of its value is b, and would have to be a"),
            ("https://a.test/", "https://a.test", "byte 15 of its value is /, and nothing may follow"),
            ("https://a", "https://a.test", "its value ends after 9 bytes, too early"),
            ("True", "true", "byte 1 of its value is T, and would have to be t"),
            ("", "true", "its value ends after 0 bytes, too early"),
        ] {
            assert_eq!(first_difference(sent, wanted), told);
        }
    }

    #[test]
    fn the_byte_that_is_in_no_token_is_named() {
        let name = names::ACCESS_CONTROL_ALLOW_METHODS;
        for (value, byte) in [
            ("PUT, (x)", "byte 6 of its value is ("),
            ("PUT not", "byte 5 of its value is n"),
            ("\"PUT\"", "byte 1 of its value is \""),
        ] {
            let mut headers = HeaderList::new();
            headers.append(name.clone(), Value::new(value).unwrap());
            let told = malformed(&ResponseHead::new(http::StatusCode::OK, headers), &name).unwrap();
            assert!(told.ends_with(byte), "{told}");
        }
    }
}
