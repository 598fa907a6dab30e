//! Writes the draft, with what could not be known as comments, until the policy's own check takes it.

use crossing::server::{Diagnostic, Policy, Problem, Severity};

use super::implied::{Implied, Names};
use super::{Findings, HEADERS, METHODS};
use crate::audit::class::Class;
use crate::text::visible;

/// So often what the check refuses is taken out; each round takes out something.
const MOST_ROUNDS: usize = 256;

/// One grant to be.
struct Grant {
    origins: Vec<String>,
    implied: Implied,
    /// What was seen and does not stand in the grant.
    remarks: Vec<String>,
}

/// A policy to be.
struct Draft<'f> {
    findings: &'f Findings,
    grants: Vec<Grant>,
    insecure: bool,
}

/// The text of the policy; `None` where nobody is granted anything.
pub(super) fn policy(findings: &Findings) -> Option<String> {
    let mut draft = Draft { findings, grants: grants(findings), insecure: false };
    if draft.grants.is_empty() {
        return None;
    }
    for _ in 0..MOST_ROUNDS {
        let text = draft.text();
        let Err(errors) = Policy::from_toml(&text) else { return Some(text) };
        let refused = errors.errors().find(|error| error.severity() == Severity::Error)?;
        if !draft.mend(refused) {
            break;
        }
    }
    None
}

fn grants(findings: &Findings) -> Vec<Grant> {
    let mut grants: Vec<Grant> = Vec::new();
    let everybody = findings.stranger.clone().map(|mut implied| {
        let with_credentials = std::mem::take(&mut implied.credentials);
        let warning =
            "Everybody was granted with credentials: no policy says so here. Name who needs them above.";
        let remarks = with_credentials.then(|| warning.to_owned()).into_iter().collect();
        Grant { origins: vec!["*".to_owned()], implied, remarks }
    });
    for (origin, implied) in &findings.own {
        let Some(implied) = implied else { continue };
        if everybody.as_ref().is_some_and(|everybody| everybody.implied == *implied) {
            continue;
        }
        match grants.iter_mut().find(|grant| grant.implied == *implied) {
            Some(grant) => grant.origins.push(origin.clone()),
            None => grants.push(Grant {
                origins: vec![origin.clone()],
                implied: implied.clone(),
                remarks: Vec::new(),
            }),
        }
    }
    grants.extend(everybody);
    grants
}

impl Draft<'_> {
    /// Takes out what the check does not take; whether there was something.
    fn mend(&mut self, refused: &Diagnostic) -> bool {
        if refused.problem == Problem::InsecureOrigin {
            return !std::mem::replace(&mut self.insecure, true);
        }
        let Some((at, key)) = place(&refused.path) else { return false };
        let Some(grant) = self.grants.get_mut(at) else { return false };
        let list = match key {
            "allow_methods" => &mut grant.implied.methods,
            "allow_headers" => &mut grant.implied.headers,
            "expose_headers" => &mut grant.implied.expose,
            "cross_origin_resource_policy" => {
                let value = grant.implied.embedding.take();
                let value = value.map(|value| format!("Cross-Origin-Resource-Policy: {}", visible(&value)));
                grant.remarks.extend(value);
                return true;
            }
            _ => return false,
        };
        let subject = refused.subject.as_deref().unwrap_or_default();
        let Some(name) = list.named.iter().find(|name| name.as_str() == subject).cloned() else {
            // Too long to be told whole, or told otherwise: nothing of it is known to be right.
            let told = format!("{key} was not readable: {}", refused.message());
            *list = Names::default();
            grant.remarks.push(visible(&told));
            return true;
        };
        list.named.remove(&name);
        grant.remarks.push(visible(&format!("not taken over: {}", refused.message())));
        true
    }

    fn text(&self) -> String {
        let mut out = self.top();
        if self.findings.preflight_status == Some(204) {
            out.push_str("\npreflight_status = 204\n");
        }
        if self.insecure {
            out.push_str("\n# As it is; with https: origins alone this would not be needed.\n");
            out.push_str("dangerously_allow_insecure_origins = true\n");
        }
        for grant in &self.grants {
            out.push_str("\n[[grant]]\n");
            out.push_str(&grant.text());
        }
        out
    }

    fn top(&self) -> String {
        let findings = self.findings;
        let mut out = format!(
            "# What {} answered to {} requests, as a policy: a start, to be reviewed.\n",
            visible(findings.url.as_str()),
            findings.requests
        );
        let mut say = |text: &str| out.push_str(&format!("# {text}\n"));
        say("It grants what was seen to be granted, and nothing else. Not known from outside:");
        say("- other origins: each was tried that --own names, and one whom nobody has heard of;");
        say(&format!("- other methods than {}, unless the answers list them;", METHODS.join(", ")));
        say("- other headers than these, unless the answers list them:");
        say(&format!("  {};", HEADERS.join(", ")));
        say("- other paths, other answers of the same path, and whom a login lets in.");
        for (origin, _) in findings.own.iter().filter(|(_, implied)| implied.is_none()) {
            say(&format!("{origin} is not granted."));
        }
        // Who grants everybody grants these.
        let around = findings.around.iter().filter(|_| findings.stranger.is_none());
        let mut told = Vec::new();
        for (origin, class) in around {
            if told.contains(class) {
                continue;
            }
            told.push(*class);
            let hint = match class {
                Class::Subany => "a pattern (https://*.) seems to stand there; write it if it is meant",
                Class::Portany => "any port (:*) seems to do; write it if it is meant",
                Class::Subhttp => "http: is granted where https: is; it is left out",
                _ => "any page can make its origin null; it is left out",
            };
            say(&format!("{} is granted, too: {hint}.", visible(origin)));
        }
        out
    }
}

impl Grant {
    fn text(&self) -> String {
        let Implied { credentials, methods, headers, expose, max_age, timing, embedding } = &self.implied;
        let mut out: String = self.remarks.iter().map(|remark| format!("# {remark}\n")).collect();
        let mut line = |key: &str, value: String| out.push_str(&format!("{key:<17} = {value}\n"));
        line("allow_origins", array(self.origins.iter().map(String::as_str)));
        if *credentials {
            line("allow_credentials", "true".to_owned());
        }
        let safelisted = ["GET", "HEAD", "POST", "OPTIONS"];
        let methods = names(methods, |method| !safelisted.contains(&method));
        let headers = names(headers, |_| true);
        let expose = names(expose, |_| true);
        for (key, list) in
            [("allow_methods", methods), ("allow_headers", headers), ("expose_headers", expose)]
        {
            if !list.is_empty() {
                line(key, array(list.into_iter()));
            }
        }
        if let Some(seconds) = max_age {
            line("max_age", seconds.to_string());
        }
        if *timing {
            line("timing_allow_origin", "true".to_owned());
        }
        if let Some(policy) = embedding {
            line("cross_origin_resource_policy", quoted(policy));
        }
        out
    }
}

/// A list as it is written: beside `*` stands `authorization` alone, which `*` does not cover.
fn names(names: &Names, keep: impl Fn(&str) -> bool) -> Vec<&str> {
    let named = names.named.iter().map(String::as_str);
    if !names.any {
        return named.filter(|name| keep(name)).collect();
    }
    let authorization = named.filter(|name| name.eq_ignore_ascii_case("authorization"));
    std::iter::once("*").chain(authorization).collect()
}

/// `grant[1].allow_headers[0]`: the number of the grant, and the key.
fn place(path: &str) -> Option<(usize, &str)> {
    let (number, rest) = path.strip_prefix("grant[")?.split_once(']')?;
    let key = rest.strip_prefix('.')?;
    Some((number.parse().ok()?, key.split('[').next()?))
}

fn array<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", texts.map(quoted).collect::<Vec<_>>().join(", "))
}

/// A TOML string: what a server sent may hold anything.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_grant_and_a_key() {
        assert_eq!(place("grant[1].allow_headers[0]"), Some((1, "allow_headers")));
        assert_eq!(place("grant[0].max_age"), Some((0, "max_age")));
        assert_eq!(place("debug"), None);
    }

    #[test]
    fn a_string_stays_one() {
        assert_eq!(quoted("a\"b\\c\u{7}"), r#""a\"b\\c\u0007""#);
    }
}
