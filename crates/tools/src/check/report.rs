//! The result of a check: the document, and the diagram with the verdict.

use crossing::Origin;
use crossing::browser::{Profile, Response};
use url::Url;

use super::advice;
use super::cause;
use super::decided;
use super::drawing::{Entry, NARROWEST, Sheet};
use super::narration;
use super::notes;
use super::options::Profiles;
use super::remedy::Remedy;
use super::request::Plan;
use crate::conversation::{End, FetchRecord};
use crate::report::{Document, ReasonDocument, ResponseDocument, Verdict};
use crate::story;
use crate::text::{Paint, shorten, visible, wrap};

/// How wide the words before a text are.
const MARGIN: usize = 12;

/// One profile's answer.
pub(crate) struct Report {
    pub(crate) profile: Profile,
    pub(crate) document: Document,
    told: Vec<FetchRecord>,
    /// What would mend it, where a server can.
    remedy: Option<Remedy>,
    /// The URL that was asked for first.
    url: Url,
}

impl Report {
    /// The last fetch decides: the ones before it were allowed.
    pub(crate) fn new(
        profile: Profile,
        plan: &Plan,
        told: Vec<FetchRecord>,
        remedy: Option<Remedy>,
    ) -> Report {
        let error = told.last().and_then(FetchRecord::error);
        let mut reason = error.map(ReasonDocument::new);
        if let (Some(reason), Some(last)) = (&mut reason, told.last()) {
            reason.fix = advice::fix(last, plan).unwrap_or(reason.fix);
        }
        let document = Document {
            verdict: match error {
                None => Verdict::Allowed,
                Some(error) if error.failure.reason.is_unreachable() => Verdict::Unreachable,
                Some(_) => Verdict::Blocked,
            },
            reason,
            exchanges: told.iter().flat_map(FetchRecord::exchange_documents).collect(),
            response: match told.last().map(|told| &told.end) {
                Some(End::Response(response, body)) => Some(ResponseDocument::new(response, body.bytes)),
                _ => None,
            },
        };
        Report { profile, document, told, remedy, url: plan.request.url().clone() }
    }

    /// Every fetch, in order.
    pub(crate) fn told(&self) -> &[FetchRecord] {
        &self.told
    }

    /// Why the question has no answer, for standard error.
    pub(crate) fn complaint(&self) -> Option<String> {
        let reason =
            self.document.reason.as_ref().filter(|_| self.document.verdict == Verdict::Unreachable)?;
        let mut why = format!("crossing: {}: {}\n          {}", reason.code, reason.message, reason.fix);
        if let Some(End::BrokeOff(response, _)) = self.told.last().map(|told| &told.end) {
            why.push_str(&format!(
                "\n          The head of the response did pass: {} {}. Only its body did not end well.",
                response.status,
                response.kind.as_str()
            ));
        }
        Some(why)
    }

    /// The diagram, and the verdict below it.
    pub(crate) fn tell(&self, plan: &Plan, width: usize, paint: Paint) -> String {
        let mut out = String::new();
        if plan.profiles == Profiles::All {
            out.push_str(&format!(" {}\n\n", paint.bold(&format!("profile {}", self.profile.name))));
        }
        let server = Origin::from_url(&self.url);
        out.push_str(&Sheet::new(width, paint).draw(
            plan.page.as_str(),
            server.as_str(),
            &self.entries(plan),
        ));
        out.push('\n');
        for line in self.verdict(plan, width, paint) {
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// The entries of every fetch, with a gap between two.
    fn entries(&self, plan: &Plan) -> Vec<Entry> {
        let mut entries = Vec::new();
        for record in &self.told {
            if !entries.is_empty() {
                entries.push(Entry::Gap);
            }
            entries.extend(narration::entries(&story::steps(&plan.request, record), &self.url));
        }
        entries
    }

    fn verdict(&self, plan: &Plan, width: usize, paint: Paint) -> Vec<String> {
        let room = width.clamp(NARROWEST, 110) - MARGIN - 4;
        let mut lines = Vec::new();
        let mut say = |word: &str, text: &str| {
            // An address stays whole, to be opened.
            let whole = text.starts_with("https://") && !text.contains(' ');
            let told = if whole { vec![text.to_owned()] } else { wrap(text, room) };
            for (at, line) in told.iter().enumerate() {
                let word = if at == 0 { word } else { "" };
                lines.push(format!("   {}{line}", paint.dim(&format!("{word:<MARGIN$}"))));
            }
        };
        if let Some(told) = self.told.last()
            && let End::Response(response, body) = &told.end
        {
            say("body", &format!("{} bytes", body.bytes));
            let readable = names(response);
            if !readable.is_empty() {
                say("readable", &readable.join(", "));
            }
            for (rule, names) in narration::withheld(&told.trace) {
                say("withheld", &format!("{} ({rule})", names.join(", ")));
            }
        }
        let head = match (&self.document.reason, self.document.verdict) {
            (None, _) => paint.good(" ✓ allowed"),
            // Standard error says why.
            (Some(reason), Verdict::Unreachable) => paint.bad(&format!(" ? unreachable: {}", reason.code)),
            (Some(reason), _) => {
                if let Some(cause) = self.told.last().and_then(cause::of) {
                    say("cause", &cause);
                }
                if let Some(decided) = self.told.last().and_then(decided::of) {
                    say("decided by", &decided);
                }
                say("why", &reason.message);
                say("fix", reason.fix);
                say("whose", reason.whose());
                say("spec", reason.spec);
                let known = [("Chromium", reason.chromium), ("Firefox", reason.firefox)];
                let known =
                    known.iter().filter_map(|(browser, name)| name.map(|name| format!("{browser}: {name}")));
                let known = known.collect::<Vec<_>>().join(", ");
                if !known.is_empty() {
                    say("known as", &known);
                }
                paint.bad(&format!(" ✗ blocked: {}", reason.code))
            }
        };
        for note in self.told.last().map(|told| notes::of(told, plan)).unwrap_or_default() {
            say("note", &note);
        }
        lines.insert(0, head);
        if let Some(remedy) = &self.remedy {
            lines.extend(remedy.tell(MARGIN, room, paint));
        }
        lines
    }
}

fn names(response: &Response) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in response.headers.iter() {
        if !names.iter().any(|known| known == name.as_str()) {
            names.push(shorten(&visible(name.as_str())));
        }
    }
    names
}
