//! Recorded traffic, judged again without sending a request.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use crossing::browser::Profile;
use crossing::headers::names;
use crossing::{Exchange, HeaderList, HeaderName, Origin, ResponseHead, Value};
use http::StatusCode;
use serde::{Serialize, Serializer};
use url::Url;

use super::checked::verdict;
use super::fetching;
use super::options::{CheckOptions, Profiles};
use super::pasted;
use super::remedy::Remedy;
use super::replay::{Recorded, Replay};
use super::report::Report;
use super::request::Plan;
use crate::har::{Entry, Har, Response};
use crate::report::{Document, Verdict};
use crate::text::{Paint, shorten, visible};

/// The largest body that is believed, in bytes: it is made up anew.
const LARGEST_BODY: i64 = 64 << 20;

/// A request of a page, judged under each profile.
struct Judged {
    method: String,
    url: Url,
    plan: Plan,
    reports: Vec<Report>,
}

impl Judged {
    fn lacks_preflight(&self) -> bool {
        self.reports.iter().flat_map(Report::told).any(|told| !told.assumed.is_empty())
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct FileDocument<'a> {
    entries: Vec<EntryDocument<'a>>,
}

#[derive(Serialize)]
struct EntryDocument<'a> {
    method: &'a str,
    url: &'a str,
    from: &'a str,
    profiles: BTreeMap<&'static str, &'a Document>,
}

/// The page requests of a recording, judged under each profile.
///
/// `Display` lists them, or shows the conversation of a single one; `Serialize` writes the document that `crossing check
/// --from-har --json` prints.
pub struct Recording {
    judged: Vec<Judged>,
    /// Entries that are not cross-origin requests of a page.
    passed_over: usize,
}

/// Why a recording cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingError(String);

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecordingError {}

/// Reads a HAR document, with or without a byte order mark.
///
/// # Errors
/// If it cannot be read, or is not HAR.
pub fn read_har(mut from: impl Read) -> Result<Har, RecordingError> {
    let start = skip_mark(&mut from).map_err(RecordingError)?;
    serde_json::from_reader(start.chain(from)).map_err(|error| {
        RecordingError(format!(
            "{error}; what browsers' tools export \"as HAR\" is expected, JSON with log.entries"
        ))
    })
}

impl Recording {
    /// Judges each cross-origin request of a page. The options add to what is recorded, and select the profiles.
    ///
    /// # Errors
    /// If an entry cannot be judged, or none is a cross-origin request of a page.
    pub async fn judge(har: &Har, options: &CheckOptions) -> Result<Recording, RecordingError> {
        let (judged, passed_over) = judge(har, options).await.map_err(RecordingError)?;
        if judged.is_empty() {
            return Err(RecordingError(format!(
                "none of its {} entries is a page's request to another origin{}",
                har.log.entries.len(),
                if options.url.is_empty() { "" } else { " with that in its address" }
            )));
        }
        Ok(Recording { judged, passed_over })
    }

    /// The verdict over all requests and profiles, as in [`Checked::verdict`](super::Checked::verdict).
    pub fn verdict(&self) -> Verdict {
        verdict(self.reports())
    }

    /// The list of requests, or the conversation of a single one.
    pub fn text(&self, width: usize, paint: Paint) -> String {
        tell(&self.judged, self.passed_over, width, paint)
    }

    /// Why a result is not known, a text for each.
    pub fn problems(&self) -> impl Iterator<Item = String> {
        self.reports().filter_map(Report::complaint)
    }

    /// How many requests have a preflight that is not recorded; it counts as granted.
    pub fn assumed_preflights(&self) -> usize {
        self.judged.iter().filter(|one| one.lacks_preflight()).count()
    }

    fn reports(&self) -> impl Iterator<Item = &Report> {
        self.judged.iter().flat_map(|one| &one.reports)
    }
}

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(80, Paint::Plain))
    }
}

impl Serialize for Recording {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        document(&self.judged).serialize(serializer)
    }
}

/// The first bytes, without the byte order mark that some tools write.
fn skip_mark(reader: &mut impl Read) -> Result<std::io::Cursor<Vec<u8>>, String> {
    let mut start = Vec::new();
    reader.take(3).read_to_end(&mut start).map_err(|error| error.to_string())?;
    if start == b"\xEF\xBB\xBF" {
        start.clear();
    }
    Ok(std::io::Cursor::new(start))
}

/// Judges each request of a page; and counts what was none, or has no address that a page can ask.
async fn judge(har: &Har, args: &CheckOptions) -> Result<(Vec<Judged>, usize), String> {
    let mut answers = Vec::new();
    let mut asked = Vec::new();
    let mut passed_over = 0;
    for entry in &har.log.entries {
        let url = Url::parse(&entry.request.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let Some(url) = url else {
            passed_over += 1;
            continue;
        };
        // What the browser blocked has no answer, and is the most interesting of all.
        let answer = recorded(entry, &url);
        asked.push((entry, url, answer.as_ref().map(|_| answers.len())));
        answers.extend(answer);
    }
    let replay = Replay::new(answers);
    let mut judged = Vec::new();
    for (entry, url, answer) in asked {
        // A preflight, or where a redirect led: judged with the request that it belongs to.
        if kind(entry) == Exchange::Preflight || answer.is_some_and(|at| replay.given(at)) {
            continue;
        }
        let chosen = args.url.is_empty() || url.as_str().contains(&args.url);
        let plan = if chosen && is_fetch(entry) { plan(har, entry, args)? } else { None };
        match plan {
            Some(plan) => judged.push(judge_one(entry, url, plan, &replay).await?),
            None => passed_over += 1,
        }
    }
    Ok((judged, passed_over))
}

async fn judge_one(entry: &Entry, url: Url, plan: Plan, replay: &Replay) -> Result<Judged, String> {
    let profiles = match &plan.profiles {
        Profiles::One(profile) => vec![*profile],
        Profiles::All => Profile::ALL.to_vec(),
    };
    let before = replay.mark();
    let mut reports = Vec::new();
    for profile in profiles {
        replay.rewind(before);
        let told = fetching::ask_recorded(profile, &plan, replay.clone()).await;
        let told = told.map_err(|error| error.to_string())?;
        let remedy = Remedy::find(profile, &plan, &told).await;
        reports.push(Report::new(profile, &plan, vec![told], remedy));
    }
    Ok(Judged { method: entry.request.method.clone(), url, plan, reports })
}

fn kind(entry: &Entry) -> Exchange {
    let asks = entry.request.get(names::ACCESS_CONTROL_REQUEST_METHOD.as_str()).is_some();
    if asks && entry.request.method == "OPTIONS" { Exchange::Preflight } else { Exchange::Request }
}

/// What was answered; `None` where no answer was recorded.
fn recorded(entry: &Entry, url: &Url) -> Option<Recorded> {
    let response = entry.response.as_ref()?;
    Some(Recorded {
        kind: kind(entry),
        method: entry.request.method.clone(),
        url: url.clone(),
        head: head(response)?,
        length: usize::try_from(response.content.size.clamp(0, LARGEST_BODY)).unwrap_or(0),
    })
}

fn head(response: &Response) -> Option<ResponseHead> {
    // A browser that blocks an answer writes 0 or -1 in its status' place. CORS does not depend on it, where the lines are there.
    let status = match u16::try_from(response.status).ok().filter(|status| *status > 0) {
        Some(status) => StatusCode::from_u16(status).ok()?,
        None if response.headers.is_empty() => return None,
        None => StatusCode::OK,
    };
    let mut headers = HeaderList::new();
    for pair in &response.headers {
        // The recorded body is decoded; a name with a colon before it is HTTP/2's own.
        if pair.name.eq_ignore_ascii_case("content-encoding") || pair.name.starts_with(':') {
            continue;
        }
        // Some tools join a header's lines with line breaks.
        for line in pair.value.split('\n') {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(pair.name.as_str()), Value::new(line.trim()))
            {
                headers.append(name, value);
            }
        }
    }
    Some(ResponseHead::new(status, headers))
}

/// Whether a page's script or its CORS-enabled element asked; navigations and plain images are not judged.
fn is_fetch(entry: &Entry) -> bool {
    if let Some(mode) = entry.request.get("sec-fetch-mode") {
        return mode == "cors" || mode == "same-origin";
    }
    match entry.resource_type.as_deref() {
        Some(kind) => matches!(kind, "fetch" | "xhr" | "font"),
        None => entry.request.get("origin").is_some(),
    }
}

/// The request as its page made it; `None` where no page is known, or it asked its own origin.
fn plan(har: &Har, entry: &Entry, args: &CheckOptions) -> Result<Option<Plan>, String> {
    let page = || {
        let id = entry.pageref.as_ref()?;
        let page = har.log.pages.iter().find(|page| page.id == *id)?;
        Some(Origin::from_url(&Url::parse(&page.title).ok()?).to_string())
    };
    let (mut args, _) = pasted::har::unfold(entry, args);
    args.from = args.from.or_else(page);
    let Some(from) = &args.from else { return Ok(None) };
    let own = Url::parse(&args.url).is_ok_and(|url| Origin::from_url(&url).to_string() == *from);
    if own {
        return Ok(None);
    }
    Plan::new(&args).map(Some).map_err(|mistake| format!("{}: {mistake}", shorten(&entry.request.url)))
}

fn document(judged: &[Judged]) -> FileDocument<'_> {
    let entries = judged.iter().map(|one| EntryDocument {
        method: &one.method,
        url: one.url.as_str(),
        from: one.plan.page.as_str(),
        profiles: one.reports.iter().map(|report| (report.profile.name, &report.document)).collect(),
    });
    FileDocument { entries: entries.collect() }
}

/// One request is told as a story; many are listed.
fn tell(judged: &[Judged], passed_over: usize, width: usize, paint: Paint) -> String {
    if let [one] = judged {
        let told: Vec<String> =
            one.reports.iter().map(|report| report.tell(&one.plan, width, paint)).collect();
        return told.join("\n");
    }
    let mut out = String::new();
    let mut blocked = 0;
    for one in judged {
        let allowed = one.reports.iter().all(|report| report.document.verdict == Verdict::Allowed);
        blocked += usize::from(!allowed);
        let mark = if allowed { paint.good("✓") } else { paint.bad("✗") };
        let what = visible(&format!("{} {}", one.method, one.url));
        out.push_str(&format!(
            " {mark} {} {}\n",
            shorten(&what),
            paint.dim(&format!("from {}", one.plan.page.as_str()))
        ));
        for (verdict, profiles) in verdicts(&one.reports) {
            if verdict != "allowed" || profiles.len() < one.reports.len() {
                let whose = if profiles.len() == one.reports.len() {
                    String::new()
                } else {
                    format!(" ({})", profiles.join(", "))
                };
                out.push_str(&format!("     {verdict}{whose}\n"));
            }
        }
    }
    let rest = if passed_over > 0 { format!("; other entries: {passed_over}") } else { String::new() };
    let mark = if blocked > 0 { paint.bad("✗") } else { paint.good("✓") };
    let hint =
        if blocked > 0 { "\n   a part of an address, before the flags, tells one of them whole" } else { "" };
    out + &format!(
        "\n {mark} {} requests to other origins, {blocked} not allowed{rest}{hint}\n",
        judged.len()
    )
}

/// What was decided, and by which profiles.
fn verdicts(reports: &[Report]) -> Vec<(String, Vec<&'static str>)> {
    let mut all: Vec<(String, Vec<&'static str>)> = Vec::new();
    for report in reports {
        let verdict = match (&report.document.reason, report.document.verdict) {
            (Some(reason), Verdict::Unreachable) => format!("not known: {} {}", reason.code, reason.message),
            (Some(reason), _) => format!("blocked: {}: {}", reason.code, reason.message),
            (None, _) => "allowed".to_owned(),
        };
        match all.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, profiles)) => profiles.push(report.profile.name),
            None => all.push((verdict, vec![report.profile.name])),
        }
    }
    all
}
