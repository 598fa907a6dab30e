//! Reads a script that makes a request: a `fetch(…)` call, or an `XMLHttpRequest` whose arguments are written out.

use serde::Serialize;

use super::state::{Ask, Via};
use crate::check::pasted::{self, Pasted};

/// What was read, or why nothing was.
#[derive(Serialize)]
pub(super) struct CodeDocument {
    ask: Option<Ask>,
    message: String,
}

/// Reads a script.
pub(super) fn document(code: &str) -> CodeDocument {
    match read(code) {
        Ok(ask) => CodeDocument { ask: Some(ask), message: String::new() },
        Err(message) => CodeDocument { ask: None, message },
    }
}

fn read(code: &str) -> Result<Ask, String> {
    if code.contains("XMLHttpRequest") || code.contains(".open(") {
        return read_xhr(code);
    }
    let at = code.find("fetch(").ok_or("there is no fetch(…) and no XMLHttpRequest in it")?;
    let arguments = arguments(&code[at + "fetch(".len()..]).ok_or("a parenthesis is missing")?;
    let pasted =
        pasted::fetch::read(&format!("fetch({arguments})")).map_err(|misread| misread.to_string())?;
    Ok(of_fetch(pasted))
}

fn of_fetch(pasted: Pasted) -> Ask {
    let usual = |word: Option<String>, default: &str| word.filter(|word| word != default);
    Ask {
        via: Via::Fetch,
        after: 0,
        method: pasted.method.unwrap_or_else(|| "GET".to_owned()),
        url: pasted.url,
        headers: pasted.headers,
        body: pasted.body,
        mode: usual(pasted.mode, "cors"),
        credentials: usual(pasted.credentials, "same-origin"),
        redirect: usual(pasted.redirect, "follow"),
        upload_listener: false,
    }
}

fn read_xhr(code: &str) -> Result<Ask, String> {
    let mut ask = Ask {
        via: Via::Xhr,
        after: 0,
        method: String::new(),
        url: String::new(),
        headers: Vec::new(),
        body: None,
        mode: None,
        credentials: None,
        redirect: None,
        upload_listener: false,
    };
    for (method, arguments) in calls(code)? {
        let texts = |count| literals(arguments).filter(|texts| texts.len() >= count);
        let wrong = || format!("the arguments of {method} are no literals: {arguments}");
        match method {
            "open" => {
                let texts = texts(2).ok_or_else(wrong)?;
                (ask.method, ask.url) = (texts[0].clone(), texts[1].clone());
            }
            "setRequestHeader" => {
                let texts = texts(2).ok_or_else(wrong)?;
                ask.headers.push((texts[0].clone(), texts[1].clone()));
            }
            "send" if arguments.trim().is_empty() || arguments.trim() == "null" => {}
            "send" => ask.body = texts(1).ok_or_else(wrong)?.into_iter().next(),
            _ => {}
        }
    }
    if ask.url.is_empty() {
        return Err("xhr.open(method, url) is missing".to_owned());
    }
    let squeezed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if squeezed.contains(".withCredentials=true") {
        ask.credentials = Some("include".to_owned());
    }
    ask.upload_listener = squeezed.contains(".upload.on") || squeezed.contains(".upload.addEventListener(");
    Ok(ask)
}

/// The calls that shape a request, in order, each with its arguments.
fn calls(code: &str) -> Result<Vec<(&'static str, &str)>, String> {
    let mut found = Vec::new();
    for method in ["open", "setRequestHeader", "send"] {
        let call = format!(".{method}(");
        for (at, _) in code.match_indices(&call) {
            let arguments = arguments(&code[at + call.len()..])
                .ok_or_else(|| format!("a parenthesis is missing after {method}"))?;
            found.push((method, arguments));
        }
    }
    Ok(found)
}

/// What stands before the parenthesis that closes; strings may hold some.
fn arguments(text: &str) -> Option<&str> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') if depth == 0 => return Some(&text[..at]),
            (None, ')') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Arguments that are texts, written out.
fn literals(arguments: &str) -> Option<Vec<String>> {
    let array: Vec<serde_json::Value> =
        json5::from_str(&format!("[{}]", arguments.replace('`', "\""))).ok()?;
    let texts: Vec<String> = array.into_iter().map_while(|value| value.as_str().map(str::to_owned)).collect();
    (!texts.is_empty()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fetch_call_is_read_out_of_the_script_around_it() {
        let code = "const answer = await fetch('https://a.test/x)', { method: 'PUT', headers: { 'x-a': '1' },\n body: '{}' });";
        let ask = read(code).unwrap();
        assert_eq!((ask.method.as_str(), ask.url.as_str()), ("PUT", "https://a.test/x)"));
        assert_eq!(ask.headers, [("x-a".to_owned(), "1".to_owned())]);
        assert_eq!(ask.body.as_deref(), Some("{}"));
        assert_eq!(read("fetch('https://a.test/', { mode: 'cors' })").unwrap().mode, None);
    }

    #[test]
    fn an_xmlhttprequest_is_read_call_by_call() {
        let code = "const xhr = new XMLHttpRequest();
            xhr.open(\"POST\", \"https://a.test/\", true);
            xhr.withCredentials = true;
            xhr.setRequestHeader('X-A', '(1)');
            xhr.upload.onprogress = () => {};
            xhr.send('a=1');";
        let ask = read(code).unwrap();
        assert_eq!((ask.via, ask.method.as_str()), (Via::Xhr, "POST"));
        assert_eq!(ask.headers, [("X-A".to_owned(), "(1)".to_owned())]);
        assert_eq!((ask.body.as_deref(), ask.credentials.as_deref()), (Some("a=1"), Some("include")));
        assert!(ask.upload_listener);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (code, why) in [
            ("", "no fetch"),
            ("fetch('x'", "parenthesis"),
            ("fetch(url)", "no literals"),
            ("new XMLHttpRequest()", "open"),
            ("xhr.open(method, url)", "no literals"),
            ("xhr.open('GET'", "parenthesis"),
        ] {
            let message = read(code).unwrap_err();
            assert!(message.contains(why), "{code:?}: {message}");
        }
    }
}
