//! Plays many scenarios in one browser: in several tabs at once, and alone where something was odd.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossing_conformance::{BrowserSuite, Observed, Played, Report, Scenario};
use url::Url;

use crate::browser::Engine;
use crate::play::{Batch, Play};
use crate::playable::cannot;
use crate::rig::{Rig, Tab};
use crate::rig_error::RigError;
use crate::share::{Job, share};
use crate::stage::is_loopback;

/// How many tabs play at once: while one waits for a page, the others work.
const TABS: usize = 6;
/// How often a browser may fall silent, each time to be started anew, before the run gives up.
const MOST_SILENCES: usize = 3;
/// The most odd scenarios that are played once more: if there are more, it is no chance.
const MOST_AGAIN: usize = 60;

/// A browser that plays scenarios.
#[derive(Debug)]
pub struct Player {
    engine: Engine,
    rig: Arc<Rig>,
    tabs: Vec<Tab>,
    /// How often it ended by itself.
    deaths: usize,
    /// How often it fell silent.
    silences: usize,
    /// Whether a page has ever reported.
    has_seen: bool,
    patience: Duration,
    notes: Vec<String>,
}

impl Player {
    /// Starts the browser. A page that reports nothing for as long as `patience` is given up.
    ///
    /// # Errors
    /// It is not there, or does not start.
    pub fn start(engine: Engine, patience: Duration) -> Result<Player, RigError> {
        let (rig, tabs) = Rig::start(engine, TABS, patience)?;
        let (deaths, silences, notes) = (0, 0, Vec::new());
        Ok(Player { engine, rig, tabs, deaths, silences, has_seen: false, patience, notes })
    }

    /// What the browser says of its version.
    pub fn version(&self) -> &str {
        &self.rig.version
    }

    /// What went wrong and was mended: for the person to know.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Plays a suite's scenarios and compares. What is odd is played once more, alone, before it counts.
    ///
    /// # Errors
    /// The browser ended a second time, fell silent again and again, or a scenario is none.
    pub fn play(&mut self, suite: &BrowserSuite) -> Result<Report, RigError> {
        let mut played = BTreeMap::new();
        let (mut together, mut alone) = (Vec::new(), Vec::new());
        for scenario in &suite.scenarios {
            match cannot(self.engine, scenario) {
                Some(_) => {}
                // Loopback's hosts are what they are: two such scenarios would meet.
                None if names_loopback(scenario) => alone.push(scenario),
                None => together.push(scenario),
            }
        }
        // Those that wait come first, so that the others are played meanwhile.
        together.sort_by_key(|scenario| {
            std::cmp::Reverse(scenario.steps().iter().map(|it| it.after).sum::<u64>())
        });
        self.fill(&mut played, &together, TABS)?;
        self.fill(&mut played, &alone, 1)?;
        let report = self.judged(suite, &played);
        let odd = report.odd();
        let again: Vec<&Scenario> =
            suite.scenarios.iter().filter(|it| odd.contains(&it.id) && played.contains_key(&it.id)).collect();
        if again.is_empty() || again.len() > MOST_AGAIN {
            return Ok(report);
        }
        self.fill(&mut played, &again, 1)?;
        let report = self.judged(suite, &played);
        let still = report.odd();
        for scenario in again.iter().filter(|it| !still.contains(&it.id)) {
            self.notes.push(format!("{} went as expected only when it was played alone", scenario.id));
        }
        Ok(report)
    }

    fn judged(&self, suite: &BrowserSuite, played: &BTreeMap<String, Played>) -> Report {
        suite.run(self.engine.name(), |scenario| match cannot(self.engine, scenario) {
            Some(why) => Played::Unsupported(why),
            None => played.get(&scenario.id).cloned().unwrap_or_else(|| Played::Seen(Vec::new())),
        })
    }

    fn fill(
        &mut self,
        played: &mut BTreeMap<String, Played>,
        scenarios: &[&Scenario],
        tabs: usize,
    ) -> Result<(), RigError> {
        let seen = self.all(scenarios.iter().map(|scenario| Play(scenario)).collect(), tabs)?;
        for (scenario, seen) in scenarios.iter().zip(seen) {
            // One whose page posts nothing has seen no step.
            played.insert(scenario.id.clone(), Played::Seen(seen.unwrap_or_default()));
        }
        Ok(())
    }

    /// Plays batches: each batch's scenarios side by side in one page.
    pub(crate) fn batches(&mut self, batches: &[Vec<Scenario>]) -> Result<Vec<Vec<Vec<Observed>>>, RigError> {
        let seen = self.all(batches.iter().map(|batch| Batch(batch)).collect(), TABS)?;
        let silent = || RigError::NoReport { after: self.patience };
        seen.into_iter().map(|it| it.ok_or_else(silent)).collect()
    }

    /// Does all jobs; `None` for one that fell silent twice, the second time alone in a fresh browser.
    fn all<J: Job>(&mut self, jobs: Vec<J>, tabs: usize) -> Result<Vec<Option<J::Seen>>, RigError> {
        let mut seen: Vec<Option<J::Seen>> = jobs.iter().map(|_| None).collect();
        let mut left: Vec<(usize, J)> = jobs.into_iter().enumerate().collect();
        let mut silent = Vec::new();
        while !left.is_empty() {
            if self.tabs.is_empty() {
                self.fell_silent()?;
            }
            let tabs = tabs.min(self.tabs.len());
            let shared = share(&mut self.tabs, tabs, left);
            for (at, it) in shared.seen {
                self.has_seen = true;
                seen[at] = Some(it);
            }
            silent.extend(shared.silent);
            left = shared.left;
            match shared.error {
                Some(death @ RigError::Died { .. }) => self.died(death)?,
                Some(error) => return Err(error),
                None => {}
            }
        }
        let mut in_a_row = 0;
        for (at, job) in silent {
            if self.tabs.len() < TABS {
                self.silences += 1;
                self.fell_silent()?;
            }
            let shared = share(&mut self.tabs, 1, vec![(0, job)]);
            match shared.error {
                Some(death @ RigError::Died { .. }) => self.died(death)?,
                Some(error) => return Err(error),
                None => {}
            }
            seen[at] = shared.seen.into_iter().next().map(|(_, it)| it);
            self.has_seen |= seen[at].is_some();
            in_a_row = if seen[at].is_some() { 0 } else { in_a_row + 1 };
            if in_a_row == 2 || self.silences > MOST_SILENCES || !self.has_seen {
                return Err(RigError::NoReport { after: self.patience });
            }
        }
        Ok(seen)
    }

    fn died(&mut self, death: RigError) -> Result<(), RigError> {
        self.deaths += 1;
        if self.deaths > 1 {
            return Err(death);
        }
        self.notes.push(format!("the browser was started once more: {death}"));
        self.restart()
    }

    fn fell_silent(&mut self) -> Result<(), RigError> {
        let seconds = self.patience.as_secs();
        self.notes
            .push(format!("a page posted nothing for {seconds} s, and the browser was started once more"));
        self.restart()
    }

    fn restart(&mut self) -> Result<(), RigError> {
        // The old one goes before the new one comes.
        self.tabs.clear();
        self.rig.stop();
        let (rig, tabs) = Rig::start(self.engine, TABS, self.patience)?;
        (self.rig, self.tabs) = (rig, tabs);
        Ok(())
    }
}

/// Whether one of the scenario's servers is on loopback, by address or by name.
fn names_loopback(scenario: &Scenario) -> bool {
    let steps = scenario.steps();
    let servers = steps.iter().filter_map(|step| step.server.as_ref()).chain([&scenario.server]);
    let answers = servers.flat_map(|servers| &servers.0);
    let urls = answers.flat_map(|it| it.at.iter().chain(it.headers.iter().map(|(_, value)| &value.0)));
    let loopback = |url: &String| Url::parse(url).is_ok_and(|url| url.host_str().is_some_and(is_loopback));
    urls.chain(steps.iter().map(|step| &step.request.url)).any(loopback)
}
