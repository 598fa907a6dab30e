//! Parses a script that makes a request: a `fetch(…)` call, or an `XMLHttpRequest`, whose arguments are literals.

use serde::Serialize;

use super::state::{RequestApi, ScriptRequest};
use crossing::browser::{CredentialsMode, Mode, RedirectMode};
use crossing_tools::check::pasted::{self, Pasted};

/// The request, or why the script cannot be parsed.
#[derive(Serialize)]
pub(super) struct ScriptDocument {
    ask: Option<ScriptRequest>,
    message: String,
}

pub(super) fn document(code: &str) -> ScriptDocument {
    match parse(code) {
        Ok(request) => ScriptDocument { ask: Some(request), message: String::new() },
        Err(message) => ScriptDocument { ask: None, message },
    }
}

fn parse(code: &str) -> Result<ScriptRequest, String> {
    if code.contains("XMLHttpRequest") || code.contains(".open(") {
        return parse_xhr(code);
    }
    let at = code.find("fetch(").ok_or("there is no fetch(…) and no XMLHttpRequest in it")?;
    let arguments = arguments(&code[at + "fetch(".len()..]).ok_or("a parenthesis is missing")?;
    let pasted =
        pasted::fetch::read(&format!("fetch({arguments})")).map_err(|misread| misread.to_string())?;
    Ok(from_fetch(pasted))
}

fn from_fetch(pasted: Pasted) -> ScriptRequest {
    ScriptRequest {
        via: RequestApi::Fetch,
        after: 0,
        method: pasted.method.unwrap_or_else(|| "GET".to_owned()),
        url: pasted.url,
        headers: pasted.headers,
        body: pasted.body,
        mode: pasted.mode.filter(|mode| *mode != Mode::Cors).map(|mode| mode.to_string()),
        credentials: pasted
            .credentials
            .filter(|credentials| *credentials != CredentialsMode::SameOrigin)
            .map(|credentials| credentials.to_string()),
        redirect: pasted
            .redirect
            .filter(|redirect| *redirect != RedirectMode::Follow)
            .map(|redirect| redirect.to_string()),
        upload_listener: false,
    }
}

fn parse_xhr(code: &str) -> Result<ScriptRequest, String> {
    let mut request = ScriptRequest {
        via: RequestApi::Xhr,
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
                (request.method, request.url) = (texts[0].clone(), texts[1].clone());
            }
            "setRequestHeader" => {
                let texts = texts(2).ok_or_else(wrong)?;
                request.headers.push((texts[0].clone(), texts[1].clone()));
            }
            "send" if arguments.trim().is_empty() || arguments.trim() == "null" => {}
            "send" => request.body = texts(1).ok_or_else(wrong)?.into_iter().next(),
            _ => {}
        }
    }
    if request.url.is_empty() {
        return Err("xhr.open(method, url) is missing".to_owned());
    }
    let squeezed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if squeezed.contains(".withCredentials=true") {
        request.credentials = Some("include".to_owned());
    }
    request.upload_listener =
        squeezed.contains(".upload.on") || squeezed.contains(".upload.addEventListener(");
    Ok(request)
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

/// The text before the closing parenthesis. Parentheses inside strings do not count.
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

/// The arguments, as far as they are string literals.
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
    fn a_fetch_call_is_found_in_the_script_around_it() {
        let code = "const answer = await fetch('https://a.test/x)', { method: 'PUT', headers: { 'x-a': '1' },\n body: '{}' });";
        let request = parse(code).unwrap();
        assert_eq!((request.method.as_str(), request.url.as_str()), ("PUT", "https://a.test/x)"));
        assert_eq!(request.headers, [("x-a".to_owned(), "1".to_owned())]);
        assert_eq!(request.body.as_deref(), Some("{}"));
        assert_eq!(parse("fetch('https://a.test/', { mode: 'cors' })").unwrap().mode, None);
    }

    #[test]
    fn an_xmlhttprequest_is_parsed_call_by_call() {
        let code = "const xhr = new XMLHttpRequest();
            xhr.open(\"POST\", \"https://a.test/\", true);
            xhr.withCredentials = true;
            xhr.setRequestHeader('X-A', '(1)');
            xhr.upload.onprogress = () => {};
            xhr.send('a=1');";
        let request = parse(code).unwrap();
        assert_eq!((request.via, request.method.as_str()), (RequestApi::Xhr, "POST"));
        assert_eq!(request.headers, [("X-A".to_owned(), "(1)".to_owned())]);
        assert_eq!((request.body.as_deref(), request.credentials.as_deref()), (Some("a=1"), Some("include")));
        assert!(request.upload_listener);
    }

    #[test]
    fn a_script_that_cannot_be_parsed_says_why() {
        for (code, why) in [
            ("", "no fetch"),
            ("fetch('x'", "parenthesis"),
            ("fetch(url)", "no literals"),
            ("new XMLHttpRequest()", "open"),
            ("xhr.open(method, url)", "no literals"),
            ("xhr.open('GET'", "parenthesis"),
        ] {
            let message = parse(code).unwrap_err();
            assert!(message.contains(why), "{code:?}: {message}");
        }
    }
}
