//! What was found, for people and as a document.

use serde::Serialize;

use super::findings::Finding;
use super::plan::Plan;
use super::probe::{Exchange, Probe};
use super::severity::Severity;
use super::target::Target;
use crate::report::shown;
use crate::text::{Paint, visible, wrap};

/// How wide the words before a text are.
const MARGIN: usize = 10;

/// A target, and what became of it.
pub(crate) struct Audited {
    pub(crate) target: Target,
    pub(crate) findings: Vec<Finding>,
    /// Why it could not be judged, or not in full.
    pub(crate) problem: Option<String>,
}

/// What `--json` prints.
#[derive(Serialize)]
pub(crate) struct Document {
    findings: Vec<AuditFinding>,
}

/// A misconfiguration that was found.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AuditFinding {
    /// A stable code, as in `docs/for-security-reviews.md`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, with what makes this case special.
    pub title: String,
    /// The URL.
    pub url: String,
    /// The exchanges that show it, each with a command that repeats it.
    pub proof: String,
    /// How to fix it.
    pub advice: &'static str,
}

/// What `--dry-run --json` prints.
#[derive(Serialize)]
pub(crate) struct DryDocument {
    requests: Vec<RequestDocument>,
}

#[derive(Serialize)]
struct RequestDocument {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
}

impl Audited {
    /// Why it could not be judged, or not completely.
    pub(crate) fn complaint(&self) -> Option<String> {
        let problem = self.problem.as_ref()?;
        Some(format!("crossing: {}: {}", self.target.url, visible(problem)))
    }
}

impl Finding {
    /// The title, and what makes this case special.
    pub(crate) fn title(&self) -> String {
        let title = self.class.row().title;
        if self.remark.is_empty() { title.to_owned() } else { format!("{title}: {}", visible(&self.remark)) }
    }

    /// The exchanges, each with a command that repeats it.
    pub(crate) fn proof_text(&self) -> String {
        self.proof.iter().map(transcript).collect::<Vec<_>>().join("\n\n")
    }
}

pub(crate) fn document(audited: &[Audited]) -> Document {
    Document { findings: findings(audited).collect() }
}

pub(crate) fn findings(audited: &[Audited]) -> impl Iterator<Item = AuditFinding> {
    audited.iter().flat_map(|one| {
        one.findings.iter().map(|finding| AuditFinding {
            code: finding.class.row().code,
            severity: finding.severity,
            title: finding.title(),
            url: one.target.url.to_string(),
            proof: finding.proof_text(),
            advice: finding.class.row().advice,
        })
    })
}

pub(crate) fn dry_document(plans: &[Plan]) -> DryDocument {
    let requests = plans.iter().flat_map(Plan::iter).map(|probe| RequestDocument {
        method: probe.method.to_string(),
        url: probe.url.to_string(),
        headers: sent(probe).collect(),
    });
    DryDocument { requests: requests.collect() }
}

/// What would be sent, a line each.
pub(crate) fn dry(plans: &[Plan], rate: f64, most: u32) -> String {
    let mut out = String::new();
    let mut count = 0;
    for plan in plans {
        for probe in plan.iter() {
            count += 1;
            let lines = sent(probe).filter(|(name, _)| !matches!(name.as_str(), "user-agent" | "accept"));
            let lines = lines.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("; ");
            out.push_str(&format!("{} {}  {lines}\n", probe.method, probe.url));
        }
    }
    let seconds = f64::from(count) / rate;
    out + &format!("{count} requests, at most {most} a URL, at least {seconds:.0} s; nothing was sent\n")
}

/// The header lines of a probe.
fn sent(probe: &Probe) -> impl Iterator<Item = (String, String)> {
    let lines: Vec<_> =
        probe.head().headers.iter().map(|(name, value)| (name.to_string(), value.to_text())).collect();
    lines.into_iter()
}

/// A command that repeats the exchange, and what of the answer matters.
fn transcript(exchange: &Exchange) -> String {
    let mut words = vec!["curl".to_owned(), "-si".to_owned()];
    match exchange.probe.method.as_str() {
        "GET" => {}
        "HEAD" => words = vec!["curl".to_owned(), "-sI".to_owned()],
        method => words.extend(["-X".to_owned(), method.to_owned()]),
    }
    for (name, value) in
        sent(&exchange.probe).filter(|(name, _)| !matches!(name.as_str(), "user-agent" | "accept"))
    {
        words.extend(["-H".to_owned(), format!("{name}: {value}")]);
    }
    if let Some(body) = exchange.probe.body {
        words.extend(["-d".to_owned(), body.to_owned()]);
    }
    words.push(exchange.probe.url.to_string());
    let command = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "));
    let mut lines = vec![format!("$ {}", visible(&command))];
    let head = &exchange.answer.head;
    lines.push(format!("HTTP {}", head.status));
    let told = head.headers.iter().filter(|(name, _)| matters(name.as_str()));
    lines.extend(told.map(|(name, value)| visible(&format!("{name}: {}", shown(name, value)))));
    lines.join("\n")
}

fn matters(name: &str) -> bool {
    name.starts_with("access-control-")
        || matches!(
            name,
            "vary"
                | "cache-control"
                | "age"
                | "x-cache"
                | "cf-cache-status"
                | "location"
                | "set-cookie"
                | "www-authenticate"
                | "timing-allow-origin"
                | "upgrade"
                | "x-crossing-audit"
                | "content-type"
        )
}

/// The report for people.
pub(crate) fn tell(audited: &[Audited], width: usize, paint: Paint) -> String {
    let room = width.clamp(40, 110) - MARGIN - 4;
    let mut out = String::new();
    for one in audited {
        out.push_str(&format!(" {}\n", paint.bold(one.target.url.as_str())));
        if one.findings.is_empty() {
            out.push_str(&format!("   {}\n", paint.good("✓ nothing found")));
        }
        for finding in &one.findings {
            out.push_str(&tell_finding(finding, room, paint));
        }
        out.push('\n');
    }
    out + &sum(audited, paint)
}

fn tell_finding(finding: &Finding, room: usize, paint: Paint) -> String {
    let row = finding.class.row();
    let mark = format!("{} {}", finding.severity.as_str(), row.code);
    let mark = if finding.severity > Severity::Low { paint.bad(&mark) } else { paint.note(&mark) };
    let mut out = format!("\n   {mark}\n");
    let mut say = |word: &str, text: &str, lines: &mut dyn Iterator<Item = String>| {
        let mut word = word;
        for line in
            text.split('\n').filter(|text| !text.is_empty()).flat_map(|text| wrap(text, room)).chain(lines)
        {
            out.push_str(format!("   {}{line}", paint.dim(&format!("{word:<MARGIN$}"))).trim_end());
            out.push('\n');
            word = "";
        }
    };
    say("what", &finding.title(), &mut std::iter::empty());
    // A command must stay whole, to be copied.
    let proof = finding.proof_text();
    say("proof", "", &mut proof.lines().map(str::to_owned));
    say("advice", row.advice, &mut std::iter::empty());
    let references: Vec<&str> = row.references.iter().map(|reference| reference.name).collect();
    say("see", &references.join(", "), &mut std::iter::empty());
    out
}

fn sum(audited: &[Audited], paint: Paint) -> String {
    let all = || audited.iter().flat_map(|one| &one.findings);
    let levels = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    let counted = levels.map(|level| (level, all().filter(|finding| finding.severity == level).count()));
    let told: Vec<String> = counted
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| format!("{count} {}", level.as_str()))
        .collect();
    let worst = all().map(|finding| finding.severity).max();
    let unjudged = audited.iter().filter(|one| one.problem.is_some()).count();
    let mark = match worst {
        Some(severity) if severity > Severity::Info => paint.bad("✗"),
        _ if unjudged > 0 => paint.bad("?"),
        _ => paint.good("✓"),
    };
    let findings = if told.is_empty() { "no findings".to_owned() } else { told.join(", ") };
    let unjudged = if unjudged > 0 { format!("; {unjudged} not judged in full") } else { String::new() };
    let urls = audited.len();
    format!(" {mark} {urls} URL{}: {findings}{unjudged}\n", if urls == 1 { "" } else { "s" })
}
