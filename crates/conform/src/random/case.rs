//! A random case: a page's requests and the servers' answers, as data that can be cut down and written as a scenario.

use std::fmt::Write as _;

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// An origin, a URL or `null`.
    pub(crate) page: String,
    pub(crate) steps: Vec<Ask>,
    pub(crate) answers: Vec<Answer>,
}

/// A request, as a script makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) method: Option<String>,
    /// An origin; the path is the case's.
    pub(crate) to: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Text and type.
    pub(crate) body: Option<(String, Option<String>)>,
    /// Further keys, such as `credentials`, with their values.
    pub(crate) options: Vec<(&'static str, &'static str)>,
}

/// A server's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Which of the places in a chain of redirects: `x`, `y`, `z`.
    pub(crate) place: &'static str,
    /// The origin of the place.
    pub(crate) at: String,
    pub(crate) method: Option<&'static str>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// The place that a redirect leads to: origin and place.
    pub(crate) location: Option<String>,
}

impl Case {
    /// The scenario, with paths that begin with `path`. What is expected stands in `expect`, one for each step.
    pub(crate) fn to_toml(&self, name: &str, path: &str, expect: &[String]) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "[[scenario]]\nname = {}\npage = {}", quoted(name), quoted(&self.page));
        out.push_str("server = [\n");
        for answer in &self.answers {
            let _ = write!(out, "    {{ at = {}", quoted(&format!("{}{path}{}", answer.at, answer.place)));
            if let Some(method) = answer.method {
                let _ = write!(out, ", method = {}", quoted(method));
            }
            let _ = write!(out, ", status = {}, headers = [", answer.status);
            let location = answer.location.as_ref().map(|to| {
                let at = to.rfind('/').unwrap_or(0);
                ("location".to_owned(), format!("{}{path}{}", &to[..at], &to[at + 1..]))
            });
            out.push_str(&lines(answer.headers.iter().chain(&location)));
            out.push_str("] },\n");
        }
        out.push_str("]\n");
        let single = self.steps.len() == 1;
        if !single {
            out.push_str("one_page = true\n");
        }
        for (at, step) in self.steps.iter().enumerate() {
            if !single {
                out.push_str("[[scenario.step]]\n");
            }
            let _ = write!(out, "request = {{ url = {}", quoted(&format!("{}{path}x", step.to)));
            if let Some(method) = &step.method {
                let _ = write!(out, ", method = {}", quoted(method));
            }
            if !step.headers.is_empty() {
                let _ = write!(out, ", headers = [{}]", lines(step.headers.iter()));
            }
            if let Some((text, kind)) = &step.body {
                let _ = write!(out, ", body = {{ text = {}", quoted(text));
                if let Some(kind) = kind {
                    let _ = write!(out, ", type = {}", quoted(kind));
                }
                out.push_str(" }");
            }
            for (key, value) in &step.options {
                let _ = write!(out, ", {key} = {}", quoted(value));
            }
            let _ = writeln!(out, " }}\nexpect = {}", expect.get(at).map_or("{ outcome = \"ok\" }", |it| it));
        }
        out
    }

    /// Smaller cases, the boldest cuts first.
    pub(crate) fn smaller(&self) -> Vec<Case> {
        let mut out = Vec::new();
        let mut cut = |change: &dyn Fn(&mut Case)| {
            let mut case = self.clone();
            change(&mut case);
            if case != *self {
                out.push(case);
            }
        };
        if self.steps.len() > 1 {
            for at in 0..self.steps.len() {
                cut(&|case| drop(case.steps.remove(at)));
            }
        }
        cut(&|case| case.page = "https://a.test".to_owned());
        for at in 0..self.steps.len() {
            cut(&|case| case.steps[at].headers.clear());
            cut(&|case| case.steps[at].options.clear());
            cut(&|case| case.steps[at].body = None);
            cut(&|case| case.steps[at].method = None);
            for line in 0..self.steps[at].headers.len() {
                cut(&|case| drop(case.steps[at].headers.remove(line)));
                cut(&|case| {
                    let value = &mut case.steps[at].headers[line].1;
                    let half = value.chars().count() / 2;
                    *value = value.chars().take(half).collect();
                });
            }
            for option in 0..self.steps[at].options.len() {
                cut(&|case| {
                    case.steps[at].options.remove(option);
                });
            }
            cut(&|case| {
                if let Some((_, kind)) = &mut case.steps[at].body {
                    *kind = Some("text/plain;charset=UTF-8".to_owned());
                }
            });
        }
        for at in 0..self.answers.len() {
            cut(&|case| drop(case.answers.remove(at)));
            cut(&|case| {
                case.answers[at].status = if case.answers[at].location.is_some() { 302 } else { 200 }
            });
            for line in 0..self.answers[at].headers.len() {
                // Without it the HTTP cache would come in.
                if self.answers[at].headers[line].0 != "cache-control" {
                    cut(&|case| drop(case.answers[at].headers.remove(line)));
                }
            }
        }
        out
    }
}

fn lines<'a>(lines: impl Iterator<Item = &'a (String, String)>) -> String {
    lines.map(|(name, value)| format!("[{}, {}]", quoted(name), quoted(value))).collect::<Vec<_>>().join(", ")
}

/// A basic string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            c => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
        }
    }
    out + "\""
}
