//! A check, and its result.

use std::collections::BTreeMap;
use std::fmt;

use crossing::browser::Profile;
use serde::{Serialize, Serializer};

use super::fetching::{self, SetupError};
use super::har_writer::{self, Secrets};
use super::options::{CheckOptions, Patch, Profiles};
use super::remedy::Remedy;
use super::report::Report;
use super::request::{CheckError, Plan};
use crate::report::{Document, Verdict};
use crate::text::Paint;

/// A request that a page makes, ready to be sent.
///
/// ```
/// use crossing_tools::check::{Check, CheckOptions};
/// use crossing_tools::report::Verdict;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
/// let url = format!("http://127.0.0.1:{port}/"); // no server listens here
/// let mut options = CheckOptions::new(url);
/// options.from = Some("https://app.example.com".to_owned());
/// let checked = Check::new(&options)?.run().await?;
/// assert_eq!(checked.verdict(), Verdict::Unreachable);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct Check {
    plan: Plan,
    patch: Patch,
}

/// The result of a [`Check`]: one report for each profile.
///
/// `Display` writes the conversation, the verdict and the fix, 80 columns wide and without colour. `Serialize` writes the
/// document that `crossing check --json` prints.
pub struct Checked {
    plan: Plan,
    reports: Vec<Report>,
}

impl Check {
    /// Parses the options, and a request that was pasted in place of the URL.
    ///
    /// # Errors
    /// If an option is missing or wrong; the message names the option and what to write.
    pub fn new(options: &CheckOptions) -> Result<Check, CheckError> {
        Ok(Check { plan: Plan::new(options)?, patch: options.patch })
    }

    /// The names of the pasted headers that are ignored, because the browser sets them.
    pub fn ignored(&self) -> &[String] {
        &self.plan.dropped
    }

    /// Sends the request under the rules of each profile, at most as often as the options say.
    ///
    /// # Errors
    /// If the agent cannot be set up: certificates that cannot be read, cookies that are not cookies. A request that fails is a
    /// result, not an error.
    pub async fn run(self) -> Result<Checked, SetupError> {
        let profiles = match &self.plan.profiles {
            Profiles::One(profile) => std::slice::from_ref(profile),
            Profiles::All => Profile::ALL,
        };
        let mut reports = Vec::with_capacity(profiles.len());
        for profile in profiles {
            let records = fetching::ask_as(*profile, &self.plan).await?;
            let remedy = match records.last().filter(|_| self.patch == Patch::Find) {
                Some(record) => Remedy::find(*profile, &self.plan, record).await,
                None => None,
            };
            reports.push(Report::new(*profile, &self.plan, records, remedy));
        }
        Ok(Checked { plan: self.plan, reports })
    }
}

impl Checked {
    /// The verdict over all profiles: unreachable if one could not tell, else blocked if one blocks.
    pub fn verdict(&self) -> Verdict {
        verdict(&self.reports)
    }

    /// The conversation and the verdict, a text for each profile.
    pub fn text(&self, width: usize, paint: Paint) -> String {
        let texts: Vec<String> =
            self.reports.iter().map(|report| report.tell(&self.plan, width, paint)).collect();
        texts.join("\n")
    }

    /// Why a result is not known, a text for each profile that could not tell.
    pub fn problems(&self) -> impl Iterator<Item = String> {
        self.reports.iter().filter_map(Report::complaint)
    }

    /// The conversation as a HAR 1.2 document.
    ///
    /// # Errors
    /// If the document cannot be written as JSON.
    pub fn har(&self, secrets: Secrets) -> Result<String, serde_json::Error> {
        har_writer::text(&self.plan, &self.reports, secrets)
    }
}

pub(super) fn verdict<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Verdict {
    let verdicts: Vec<Verdict> = reports.into_iter().map(|report| report.document.verdict).collect();
    if verdicts.contains(&Verdict::Unreachable) {
        Verdict::Unreachable
    } else if verdicts.contains(&Verdict::Blocked) {
        Verdict::Blocked
    } else {
        Verdict::Allowed
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(80, Paint::Plain))
    }
}

/// The document of several profiles.
#[derive(Serialize)]
struct ByProfile<'a> {
    profiles: BTreeMap<&'static str, &'a Document>,
}

impl Serialize for Checked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (&self.plan.profiles, self.reports.as_slice()) {
            (Profiles::One(_), [report]) => report.document.serialize(serializer),
            _ => {
                let profiles = self.reports.iter().map(|report| (report.profile.name, &report.document));
                ByProfile { profiles: profiles.collect() }.serialize(serializer)
            }
        }
    }
}
