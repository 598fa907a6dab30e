//! Which origins gain or lose access from one policy to another.

mod routes;

use std::fmt;

use crossing::server::{Change, Diff};
use routes::RouteDiff;
use serde::{Serialize, Serializer};

use crate::policy_file::Contents;
use crate::text::{Paint, visible};

/// The difference between two policy files, or between two gateway files route by route.
///
/// `Display` lists the changes without colour; `Serialize` writes the document that `crossing diff --json` prints.
pub struct FileDiff {
    diffs: Vec<(Option<String>, Diff)>,
}

/// Why two files cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiffError {
    /// One is a gateway file, the other a policy file.
    DifferentKinds,
}

impl fmt::Display for DiffError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one file is a gateway's, the other a policy: they are not comparable")
    }
}

impl std::error::Error for DiffError {}

impl FileDiff {
    /// Compares two files.
    ///
    /// # Errors
    /// If one is a gateway file and the other is not.
    pub fn between(old: &Contents, new: &Contents) -> Result<FileDiff, DiffError> {
        let diffs = match (old, new) {
            (Contents::Policy(old), Contents::Policy(new)) => vec![(None, Diff::between(old, new))],
            (Contents::Gateway(old), Contents::Gateway(new)) => {
                let diffs = routes::between(old, new).into_iter();
                diffs.map(|RouteDiff { route, diff }| (Some(route), diff)).collect()
            }
            _ => return Err(DiffError::DifferentKinds),
        };
        Ok(FileDiff { diffs })
    }

    /// Whether access widens for an origin.
    pub fn widens(&self) -> bool {
        self.diffs.iter().any(|(_, diff)| !diff.widened.is_empty())
    }

    /// The changes, below the route that they belong to.
    pub fn text(&self, paint: Paint) -> String {
        tell(&self.diffs, paint)
    }
}

impl fmt::Display for FileDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Paint::Plain))
    }
}

impl Serialize for FileDiff {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = |changes: fn(&Diff) -> &[Change]| {
            let each = self.diffs.iter().flat_map(move |(route, diff)| {
                changes(diff).iter().map(|change| document(route.as_deref(), change))
            });
            each.collect()
        };
        let document = Document { widened: all(|diff| &diff.widened), narrowed: all(|diff| &diff.narrowed) };
        document.serialize(serializer)
    }
}

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

fn document<'a>(route: Option<&'a str>, change: &'a Change) -> ChangeDocument<'a> {
    ChangeDocument {
        route,
        what: change.kind.as_str(),
        names: change.kind.names(),
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
