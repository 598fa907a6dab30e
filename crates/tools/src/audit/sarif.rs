//! The findings as [SARIF 2.1.0](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), which code scanners read.

use serde_json::{Value, json};
use url::Url;

use super::class::Class;
use super::report::Audited;

/// The log: one run, with a rule for each class.
pub(crate) fn log(audited: &[Audited]) -> Value {
    let results: Vec<Value> = audited.iter().flat_map(results).collect();
    let complete = audited.iter().all(|one| one.problem.is_none());
    let unjudged = audited.iter().filter_map(|one| {
        let text = format!("{}: {}", one.target.url, one.problem.as_ref()?);
        Some(json!({ "level": "error", "message": { "text": text } }))
    });
    let unjudged: Vec<Value> = unjudged.collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "crossing audit",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://fetch.spec.whatwg.org/#http-cors-protocol",
                "rules": Class::ALL.iter().map(|class| rule(*class)).collect::<Vec<_>>(),
            } },
            "invocations": [{ "executionSuccessful": complete, "toolExecutionNotifications": unjudged }],
            "results": results,
        }],
    })
}

fn rule(class: Class) -> Value {
    let row = class.row();
    json!({
        "id": row.code,
        "shortDescription": { "text": row.title },
        "help": { "text": help(class) },
        "helpUri": row.references.first().map(|reference| reference.url),
        "defaultConfiguration": { "level": row.severity.sarif_level() },
        "properties": {
            "security-severity": row.severity.score(),
            "tags": ["security", "external/cwe/cwe-942", "WSTG-CLNT-07"],
        },
    })
}

fn help(class: Class) -> String {
    let row = class.row();
    let references = row.references.iter().map(|reference| format!("{} {}", reference.name, reference.url));
    std::iter::once(row.advice.to_owned()).chain(references).collect::<Vec<_>>().join("\n")
}

fn results(one: &Audited) -> Vec<Value> {
    let result = |finding: &super::findings::Finding| {
        let code = finding.class.row().code;
        json!({
            "ruleId": code,
            "ruleIndex": Class::ALL.iter().position(|class| *class == finding.class),
            "level": finding.severity.sarif_level(),
            "message": { "text": format!("{}\n\n{}\n\n{}", finding.title(), finding.class.row().advice, finding.proof_text()) },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": artifact(&one.target.url) },
                    "region": { "startLine": 1 },
                },
                "logicalLocations": [{ "fullyQualifiedName": one.target.url.as_str(), "kind": "resource" }],
            }],
            // The same fault at the same address is the same alert.
            "partialFingerprints": { "classAndAddress/v1": format!("{code} {}", one.target.url) },
            "properties": { "severity": finding.severity.as_str(), "security-severity": finding.severity.score() },
        })
    };
    one.findings.iter().map(result).collect()
}

/// The address as a path: code scanning takes an alert only for what could be a file of the repository.
fn artifact(url: &Url) -> String {
    let place = &url[url::Position::BeforeHost..url::Position::AfterPath];
    // A colon before the first slash would make it a scheme.
    place.replace(':', "%3A")
}
