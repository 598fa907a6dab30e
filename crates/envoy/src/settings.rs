//! What stands in `filter_config`: a policy, or `file:` and where one is.

use crossing::server::{Decision, Diagnostic, Policy, PolicyHandle, Severity};

use crate::abi::LogLevel;
use crate::envoy;
use crate::view::{Request, Value};

/// Where the policy comes from.
#[derive(Debug)]
pub(crate) struct Source {
    policy: PolicyHandle,
}

impl Source {
    /// Lets the policy in force decide.
    pub(crate) fn decide(&self, request: &Request<'_, '_>) -> Decision<Value> {
        self.policy.decide(request)
    }
}

/// Reads a configuration. What is wrong goes to Envoy's log, each finding with its line and how to mend it.
pub(crate) fn load(config: &[u8]) -> Option<Source> {
    let Ok(text) = std::str::from_utf8(config) else {
        envoy::log(
            LogLevel::Error,
            "crossing: filter_config is not UTF-8. Make it a google.protobuf.StringValue that holds the policy, or file: and a path",
        );
        return None;
    };
    let policy = match text.strip_prefix("file:") {
        Some(path) => match std::fs::read_to_string(path) {
            Ok(text) => read(&text, path)?,
            Err(error) => {
                envoy::log(LogLevel::Error, &format!("crossing: {path} cannot be read: {error}"));
                return None;
            }
        },
        None => read(text, "filter_config")?,
    };
    Some(Source { policy: PolicyHandle::new(policy) })
}

fn read(text: &str, place: &str) -> Option<Policy> {
    match Policy::from_toml(text) {
        Ok(policy) => {
            tell(policy.warnings(), place);
            Some(policy)
        }
        Err(errors) => {
            tell(errors.diagnostics(), place);
            None
        }
    }
}

fn tell(findings: &[Diagnostic], place: &str) {
    for finding in findings {
        let level = match finding.severity() {
            Severity::Error => LogLevel::Error,
            Severity::Warning => LogLevel::Warn,
            Severity::Note => LogLevel::Info,
        };
        envoy::log(level, &format!("crossing: {place}: {finding}"));
    }
}
