//! What the server would have to say, and how its configuration says it.

mod patch;
mod writers;

use crossing::browser::Profile;
use crossing::{Exchange, Reason};
use crossing_agent::{NetworkError, WireExchange};
use url::Url;

use super::advice;
use super::fetching;
use super::replay::{Recorded, Replay};
use super::request::Plan;
use crate::conversation::FetchRecord;
use crate::server::Server;
use crate::text::{Paint, shorten, visible, wrap};
use patch::{GrantedBy, Part};
use writers::{Line, Mark};

/// How many faults in a row are looked behind.
const MOST_FAULTS: usize = 16;

/// The smallest change that was found.
#[derive(Debug)]
pub(crate) struct Remedy {
    parts: Vec<Part>,
    /// What would fail after the first change, one after another.
    next: Vec<Next>,
    /// Where the browser would go then, and nobody has been.
    beyond: Option<Url>,
}

/// An error behind the first.
#[derive(Debug)]
struct Next {
    reason: Reason,
    about: Option<String>,
    fix: &'static str,
    mended: Mended,
}

/// Whether the patch mends it, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mended {
    /// It does.
    Yes,
    /// No header of a server's can.
    No,
}

impl Remedy {
    /// Plays the fetch again with the answers changed, in memory, until it passes or nothing more can be changed.
    pub(crate) async fn find(profile: Profile, plan: &Plan, told: &FetchRecord) -> Option<Remedy> {
        let mut remedy = Remedy { parts: Vec::new(), next: Vec::new(), beyond: None };
        let first = told.error()?;
        if first.failure.reason.is_unreachable() || !remedy.extend(first, &told.exchanges, plan.server) {
            return None;
        }
        for _ in 0..MOST_FAULTS {
            // What a list grants to those on it was not seen.
            if remedy.parts.iter().any(|part| part.granted_by == GrantedBy::List) {
                break;
            }
            let again = remedy.replay(profile, plan, told).await?;
            let Some(error) = again.error() else { break };
            if error.failure.reason.is_unreachable() {
                remedy.beyond = again.exchanges.last().map(|exchange| exchange.request.url.clone());
                break;
            }
            let mended = match remedy.extend(error, &again.exchanges, plan.server) {
                true => Mended::Yes,
                false => Mended::No,
            };
            let failure = &error.failure;
            let fix = advice::fix(&again, plan).unwrap_or(failure.reason.fix());
            remedy.next.push(Next { reason: failure.reason, about: failure.subject.clone(), fix, mended });
            if mended == Mended::No {
                break;
            }
        }
        Some(remedy)
    }

    /// Adds what mends this error; false if nothing does.
    fn extend(&mut self, error: &NetworkError, exchanges: &[WireExchange], chosen: Option<Server>) -> bool {
        let failure = &error.failure;
        let failed = exchanges.iter().rev().find(|e| e.kind == failure.exchange && e.response.is_some());
        let Some(failed) = failed else { return false };
        let url = &failed.request.url;
        if let Some(part) = self.parts.iter_mut().find(|part| part.url == *url) {
            return part.extend(failure.reason, failed);
        }
        let Some(mut part) = Part::new(failed, chosen) else { return false };
        let extended = part.extend(failure.reason, failed);
        if extended {
            self.parts.push(part);
        }
        extended
    }

    async fn replay(&self, profile: Profile, plan: &Plan, told: &FetchRecord) -> Option<FetchRecord> {
        let mut recorded: Vec<Recorded> = told.exchanges.iter().filter_map(Recorded::of).collect();
        for one in &mut recorded {
            self.change(one);
        }
        // What was never answered says most likely what its preflight said.
        let guesses: Vec<Recorded> = told
            .exchanges
            .iter()
            .filter(|exchange| exchange.kind == Exchange::Preflight)
            .filter_map(patch::guess)
            .map(|mut guess| {
                self.change(&mut guess);
                guess
            })
            .collect();
        recorded.extend(guesses);
        fetching::ask_recorded(profile, plan, Replay::new(recorded)).await.ok()
    }

    fn change(&self, recorded: &mut Recorded) {
        if let Some(part) = self.parts.iter().find(|part| part.url == recorded.url) {
            part.apply(recorded);
        }
    }

    /// Under a margin of so many characters.
    pub(crate) fn tell(&self, margin: usize, room: usize, paint: Paint) -> Vec<String> {
        let mut lines = Vec::new();
        let say = |word: &str, text: &str| -> Vec<String> {
            let told = wrap(text, room).into_iter().enumerate().map(|(at, line)| {
                let word = if at == 0 { word } else { "" };
                format!("   {}{line}", paint.dim(&format!("{word:<margin$}")))
            });
            told.collect()
        };
        let mended: Vec<String> =
            self.next.iter().filter(|next| next.mended == Mended::Yes).map(Next::told).collect();
        if !mended.is_empty() {
            let them = if mended.len() == 1 { "it" } else { "them" };
            lines.extend(say(
                "then",
                &format!("{} would follow; the patch mends {them}, too", mended.join(", ")),
            ));
        }
        for next in self.next.iter().filter(|next| next.mended == Mended::No) {
            let text = format!("{} would follow, and no header mends that. {}", next.told(), next.fix);
            lines.extend(say("then", &text));
        }
        if let Some(url) = &self.beyond {
            let text = format!("the browser would go on to {}; check that next", place(url));
            lines.extend(say("then", &text));
        }
        for part in &self.parts {
            lines.extend(say("patch", &heading(part)));
            lines.push(String::new());
            for Line { mark, text } in writers::write(part) {
                let text = visible(&text);
                lines.push(match mark {
                    Mark::Add => paint.good(&format!("   + {text}")),
                    Mark::Remove => paint.bad(&format!("   - {text}")),
                    Mark::Keep => format!("     {text}"),
                });
            }
            lines.push(String::new());
        }
        lines.pop();
        lines
    }
}

impl Next {
    /// The code, and what it is about.
    fn told(&self) -> String {
        match self.about.as_deref().filter(|about| !about.is_empty()) {
            Some(about) => format!("{} ({})", self.reason.code(), shorten(about)),
            None => self.reason.code().to_owned(),
        }
    }
}

/// For whom the patch is.
fn heading(part: &Part) -> String {
    let place = place(&part.url);
    match part.server {
        _ if part.granted_by == GrantedBy::List => {
            format!("the list of origins that {} keeps for {place}; then check again", part.server.name())
        }
        Server::Unknown => format!("whatever serves {place}"),
        server => format!("{}, where it serves {place}", server.name()),
    }
}

fn place(url: &Url) -> String {
    shorten(&url[..url::Position::AfterPath])
}
