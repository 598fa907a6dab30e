//! `crossing diff`: who gains or loses access from one policy to another.

mod routes;

use crossing::server::{Change, Diff};
use routes::RouteDiff;
use serde::Serialize;

use crate::args::DiffArgs;
use crate::output::{self, Exit};
use crate::policy_file::{Contents, PolicyFile};
use crate::text::{Paint, visible};

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    widened: Vec<ChangeDocument<'a>>,
    narrowed: Vec<ChangeDocument<'a>>,
}

#[derive(Serialize)]
struct ChangeDocument<'a> {
    /// Of two files of a gateway: for which requests, by host and path.
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<&'a str>,
    /// `access`, `credentials`, `methods`, `request-headers`, `exposed-headers`, `timing`, `embedding`, `enforcement` or
    /// `existing`.
    what: &'static str,
    /// Which methods or headers; empty for anything else.
    names: &'a [String],
    /// An origin that it changes for.
    example: &'a str,
    /// One origin for each class that the patterns tell apart; the first twenty.
    origins: &'a [String],
    /// The grants that decide, counted from 0; `None` where none does.
    old_grant: Option<usize>,
    new_grant: Option<usize>,
}

/// Compares, tells, and says with which exit code to end: 1 when access widens.
pub(crate) fn run(args: &DiffArgs) -> Exit {
    let policies = [&args.old, &args.new].map(|path| {
        let file = match PolicyFile::read(path) {
            Ok(file) => file,
            Err(message) => {
                output::cannot_tell(&message);
                return None;
            }
        };
        if file.contents.is_err() {
            output::complain(file.draw(Paint::for_stderr()).trim_end());
            output::cannot_tell(&format!("{}: no policy, so there is nothing to compare", file.source.name));
        }
        file.contents.ok()
    });
    let diffs = match policies {
        [Some(Contents::Policy(old)), Some(Contents::Policy(new))] => vec![(None, Diff::between(&old, &new))],
        [Some(Contents::Gateway(old)), Some(Contents::Gateway(new))] => {
            let diffs = routes::between(&old, &new).into_iter();
            diffs.map(|RouteDiff { route, diff }| (Some(route), diff)).collect()
        }
        [Some(_), Some(_)] => {
            return output::cannot_tell(
                "one file is a gateway's, the other a policy: they are not comparable",
            );
        }
        _ => return Exit::Unknown,
    };
    if args.json {
        let all = |changes: fn(&Diff) -> &[Change]| {
            let each = diffs.iter().flat_map(move |(route, diff)| {
                changes(diff).iter().map(|change| document(route.as_deref(), change))
            });
            each.collect()
        };
        output::print_json(&Document {
            widened: all(|diff| &diff.widened),
            narrowed: all(|diff| &diff.narrowed),
        });
    } else {
        output::print(tell(&diffs, Paint::for_stdout()).as_bytes());
    }
    if diffs.iter().all(|(_, diff)| diff.widened.is_empty()) { Exit::Yes } else { Exit::No }
}

fn document<'a>(route: Option<&'a str>, change: &'a Change) -> ChangeDocument<'a> {
    ChangeDocument {
        route,
        what: change.what.as_str(),
        names: change.what.names(),
        example: &change.example,
        origins: &change.origins,
        old_grant: change.old_grant,
        new_grant: change.new_grant,
    }
}

/// The changes, below the route they are of.
fn tell(diffs: &[(Option<String>, Diff)], paint: Paint) -> String {
    if diffs.iter().all(|(_, diff)| diff.is_empty()) {
        return format!("{} both grant the same\n", paint.good("✓"));
    }
    let mut out = String::new();
    let (mut wide, mut narrow) = (0, 0);
    for (route, diff) in diffs {
        if let Some(route) = route {
            out.push_str(&format!("{}\n", visible(route)));
        }
        for change in &diff.widened {
            out.push_str(&line(&paint.bad("+"), change, paint));
        }
        for change in &diff.narrowed {
            out.push_str(&line(&paint.good("-"), change, paint));
        }
        wide += diff.widened.len();
        narrow += diff.narrowed.len();
    }
    let mark = if wide == 0 { paint.good("✓") } else { paint.bad("✗") };
    out.push_str(&format!("{mark} {wide} widened, {narrow} narrowed\n"));
    out
}

/// `+ credentials for https://a.example and 2 more (grant[0], was grant[1])`
fn line(mark: &str, change: &Change, paint: Paint) -> String {
    let name = |grant: Option<usize>| grant.map_or_else(|| "none".to_owned(), |at| format!("grant[{at}]"));
    let decided = match (change.old_grant, change.new_grant) {
        (None, None) => String::new(),
        (a, b) if a == b => paint.dim(&format!(" ({})", name(a))),
        (a, b) => paint.dim(&format!(" ({}, was {})", name(b), name(a))),
    };
    format!("{mark} {}{decided}\n", visible(&change.to_string()))
}
