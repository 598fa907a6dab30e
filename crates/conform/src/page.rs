//! The pages that ask: what they are told, and what they report.

use crossing::browser::EmbedderPolicy;
use crossing_conformance::{BodyKind, Ended, Outcome, Page, Request, RequestBody, TimingAccess};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::naming::Naming;
use crate::rig_error::RigError;
use crate::stage::Document;

/// How long one request may take, in seconds: far longer than any does, but for those that a browser lets hang.
pub(crate) const LIMIT: u64 = 15;
const SCRIPT: &str = include_str!("page.js");

/// What a page saw of one request.
#[derive(Debug, Deserialize)]
struct Seen {
    outcome: String,
    r#type: Option<String>,
    status: Option<u16>,
    url: Option<String>,
    redirected: Option<bool>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
    timing: Option<String>,
}

/// The documents that make up a page, and the symbolic URL to begin at.
pub(crate) fn documents(
    page: &Page,
    cases: &Value,
    report: &str,
    naming: Naming,
) -> Result<(String, Vec<(String, Document)>), RigError> {
    let plan = json!({ "cases": cases, "report": report });
    let inner = html(&plan);
    if page.url == "null" {
        let top = "https://top.test/".to_owned();
        let plan = json!({ "frame": { "srcdoc": inner }, "report": report });
        let document = Document { status: 200, headers: headers(page), body: html(&plan) };
        return Ok((top.clone(), vec![(top, document)]));
    }
    let url = normal(&page.url)?;
    let document = Document { status: 200, headers: headers(page), body: inner };
    let mut documents = vec![(without_secrets(&url), document)];
    let Some(top) = &page.top else { return Ok((url.into(), documents)) };
    let top = normal(top)?;
    let plan = json!({ "frame": { "src": naming.outward(url.as_str()) }, "report": report });
    let wrapper = Document { status: 200, headers: headers(&Page::default()), body: html(&plan) };
    documents.push((without_secrets(&top), wrapper));
    Ok((top.into(), documents))
}

fn normal(url: &str) -> Result<Url, RigError> {
    url.parse().map_err(|error| RigError::Scenario(format!("{url}: {error}")))
}

fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    // Both fail only for URLs that have no host.
    let _ = (url.set_username(""), url.set_password(None));
    url.into()
}

fn headers(page: &Page) -> Vec<(String, String)> {
    let mut headers = vec![
        ("content-type".to_owned(), "text/html;charset=utf-8".to_owned()),
        ("cache-control".to_owned(), "no-store".to_owned()),
    ];
    if let Some(policy) = &page.referrer_policy {
        headers.push(("referrer-policy".to_owned(), policy.clone()));
    }
    for policy in &page.csp {
        // The page's own script has to run under any policy.
        let script = if policy.contains("default-src") { "; script-src 'unsafe-inline'" } else { "" };
        headers.push(("content-security-policy".to_owned(), format!("{policy}{script}")));
    }
    if page.embedder_policy != EmbedderPolicy::UnsafeNone {
        let keyword = page.embedder_policy.to_string();
        headers.push(("cross-origin-embedder-policy".to_owned(), keyword));
    }
    headers
}

fn html(plan: &Value) -> String {
    let script = script(plan);
    format!("<!doctype html><meta charset=utf-8><link rel=icon href=\"data:,\"><script>{script}</script>")
}

/// The page's script.
pub(crate) fn script(plan: &Value) -> String {
    // No `<` of the plan can end the script.
    let plan = plan.to_string().replace('<', "\\u003c");
    format!("const plan = {plan};\n{SCRIPT}")
}

/// A request, in the page's words.
pub(crate) fn told(request: &Request, naming: Naming, timing: bool) -> Value {
    let mut init = serde_json::Map::new();
    let mut set = |name: &str, value: &str| {
        init.insert(name.to_owned(), Value::from(value));
    };
    if let Some(method) = &request.method {
        set("method", method);
    }
    let mut set_mode = |name: &str, keyword: &str, default: &str| {
        if keyword != default {
            set(name, keyword);
        }
    };
    set_mode("credentials", request.credentials.as_str(), "same-origin");
    set_mode("mode", request.mode.as_str(), "cors");
    set_mode("redirect", request.redirect.as_str(), "follow");
    set_mode("cache", request.cache.as_str(), "default");
    match request.referrer.as_deref() {
        None => {}
        Some("no-referrer") => set("referrer", ""),
        Some(url) => set("referrer", &naming.outward(url)),
    }
    if let Some(policy) = &request.referrer_policy {
        set("referrerPolicy", policy);
    }
    let headers: Vec<(String, String)> =
        request.headers.iter().map(|(name, value)| (name.0.clone(), naming.outward(&value.0))).collect();
    let body = match &request.body {
        Some(RequestBody::Source { text, kind }) => json!({ "text": text, "type": kind }),
        Some(RequestBody::Stream { text }) => json!({ "text": text, "stream": true }),
        None => Value::Null,
    };
    json!({
        "url": naming.outward(&request.url), "init": init, "headers": headers, "body": body,
        "limit": LIMIT, "timing": timing, "xhr": request.upload_listener || request.url_credentials,
        "listener": request.upload_listener,
    })
}

/// What a page reported: for each case, what became of its steps.
pub(crate) fn seen(report: &str, naming: Naming) -> Result<Vec<Vec<Ended>>, RigError> {
    let cases: Vec<Vec<Seen>> =
        serde_json::from_str(report).map_err(|error| RigError::BadReport(format!("{error}: {report}")))?;
    Ok(cases.into_iter().map(|steps| steps.into_iter().map(|seen| ended(seen, naming)).collect()).collect())
}

fn ended(seen: Seen, naming: Naming) -> Ended {
    let outcome = match seen.outcome.as_str() {
        "ok" => Outcome::Ok,
        "refused" => Outcome::Refused,
        _ => Outcome::Fail,
    };
    let mut end = Ended::without_response(outcome, None);
    if seen.outcome == "hang" {
        end.reason = Some("no end within the time".to_owned());
    }
    end.kind = seen.r#type;
    end.status = seen.status;
    end.url = seen.url.map(|url| naming.inward(&url));
    end.redirected = seen.redirected;
    end.headers = seen.headers.into_iter().map(|(name, value)| (name, naming.inward(&value))).collect();
    end.body = match seen.body.as_deref() {
        Some("readable" | "broken") => Some(BodyKind::Readable),
        Some("null") => Some(BodyKind::Null),
        Some(_) => Some(BodyKind::Withheld),
        None => None,
    };
    end.timing = match seen.timing.as_deref() {
        Some("allowed") => Some(TimingAccess::Allowed),
        Some(_) => Some(TimingAccess::Withheld),
        None => None,
    };
    end
}
