//! Random cases, played in a browser and on the core; each disagreement is cut down to a smallest scenario.

mod case;
mod dice;
mod generate;
mod judge;

use crossing::browser::Profile;
use crossing_conformance::{BrowserSuite, CoreRunner, Difference, Observed, Played, Scenario};

use crate::player::Player;
use crate::rig_error::RigError;
use case::Case;
use dice::Dice;

/// How many cases one page plays.
const BATCH: usize = 40;
/// How many pages are handed out at once.
const WAVE: usize = 12;
/// How often a disagreement is cut down further.
const ROUNDS: usize = 24;

/// What to play.
#[derive(Clone, Copy, Debug)]
pub struct Random {
    /// How many cases.
    pub count: usize,
    /// Which cases: the same seed, the same cases.
    pub seed: u64,
    /// What our engine plays them as.
    pub profile: Profile,
    /// How many disagreements are cut down before the run gives up.
    pub most: usize,
}

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct RandomReport {
    /// How many cases were played.
    pub played: usize,
    /// How many requests went over the wire.
    pub requests: usize,
    /// In how many the browser and our engine saw the same.
    pub agree: usize,
    /// Of these, how many only when they were played once more, alone.
    pub again: usize,
    /// The others.
    pub disagree: Vec<Disagreement>,
}

/// A case that the browser and our engine see differently.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// `seed/number`.
    pub name: String,
    /// The smallest scenario that still shows it.
    pub scenario: String,
    /// What differs there: our engine's in `expected`, the browser's in `got`.
    pub differences: Vec<Difference>,
}

impl Random {
    /// Plays, and tells now and then how far it is.
    ///
    /// # Errors
    /// The browser ended or fell silent.
    pub fn run(
        &self,
        player: &mut Player,
        mut progress: impl FnMut(&RandomReport),
    ) -> Result<RandomReport, RigError> {
        let mut report = RandomReport::default();
        let mut dice = Dice::new(self.seed);
        while report.played < self.count && report.disagree.len() < self.most {
            let mut batches: Vec<Vec<Case>> = Vec::new();
            let mut scenarios = Vec::new();
            let mut left = self.count - report.played;
            while left > 0 && batches.len() < WAVE {
                let page = dice.pick(generate::PAGES);
                let cases: Vec<Case> =
                    (0..BATCH.min(left)).map(|_| generate::case(&mut dice, page)).collect();
                left -= cases.len();
                scenarios.push(batch(&cases)?);
                batches.push(cases);
            }
            let mut odd = Vec::new();
            let seen = player.batches(&scenarios)?;
            for ((cases, scenarios), seen) in batches.iter().zip(&scenarios).zip(&seen) {
                for ((case, scenario), seen) in cases.iter().zip(scenarios).zip(seen) {
                    report.requests += seen.iter().flat_map(|it| &it.wire).map(Vec::len).sum::<usize>();
                    match judge::compare(&self.ours(scenario)?, seen).is_empty() {
                        true => report.agree += 1,
                        false => odd.push((format!("{}/{}", self.seed, report.played), case)),
                    }
                    report.played += 1;
                }
            }
            for (name, case) in odd {
                if report.disagree.len() == self.most {
                    break;
                }
                match self.cut_down(player, name, case)? {
                    Some(found) => report.disagree.push(found),
                    None => {
                        report.agree += 1;
                        report.again += 1;
                    }
                }
            }
            progress(&report);
        }
        Ok(report)
    }

    fn ours(&self, scenario: &Scenario) -> Result<Vec<Observed>, RigError> {
        match CoreRunner::new(self.profile).play(scenario) {
            Ok(Played::Seen(seen)) => Ok(seen),
            Ok(Played::Unsupported(why)) => Err(RigError::Scenario(why.to_owned())),
            Err(error) => Err(RigError::Scenario(error)),
        }
    }

    /// The first of these cases that shows a difference, and what differs. They are played side by side.
    fn first_that_differs(
        &self,
        player: &mut Player,
        cases: &[Case],
    ) -> Result<Option<(Case, Vec<Difference>)>, RigError> {
        // A cut may leave a request without an answer: then there is nothing to compare.
        let sound: Vec<Case> = cases
            .iter()
            .filter(|case| scenario(case, "/").is_ok_and(|scenario| self.ours(&scenario).is_ok()))
            .cloned()
            .collect();
        let batches: Vec<&[Case]> =
            sound.chunk_by(|a, b| a.page == b.page).flat_map(|same| same.chunks(BATCH)).collect();
        let scenarios = batches.iter().map(|cases| batch(cases)).collect::<Result<Vec<_>, _>>()?;
        let seen = player.batches(&scenarios)?;
        for ((cases, scenarios), seen) in batches.iter().zip(&scenarios).zip(&seen) {
            for ((case, scenario), seen) in cases.iter().zip(scenarios).zip(seen) {
                let differences = judge::compare(&self.ours(scenario)?, seen);
                if !differences.is_empty() {
                    return Ok(Some((case.clone(), differences)));
                }
            }
        }
        Ok(None)
    }

    /// Cuts a disagreement down; `None` if it does not happen again when it is played alone.
    fn cut_down(
        &self,
        player: &mut Player,
        name: String,
        case: &Case,
    ) -> Result<Option<Disagreement>, RigError> {
        let mut case = case.clone();
        let again = self.first_that_differs(player, std::slice::from_ref(&case))?;
        let Some((_, mut differences)) = again else { return Ok(None) };
        for _ in 0..ROUNDS {
            match self.first_that_differs(player, &case.smaller())? {
                Some(smaller) => (case, differences) = smaller,
                None => break,
            }
        }
        let scenario = case.to_toml("found_by_chance", "/", &[]);
        Ok(Some(Disagreement { name, scenario, differences }))
    }
}

/// The scenarios of cases that one page plays side by side.
fn batch(cases: &[Case]) -> Result<Vec<Scenario>, RigError> {
    cases.iter().enumerate().map(|(at, case)| scenario(case, &format!("/k{at}/"))).collect()
}

fn scenario(case: &Case, path: &str) -> Result<Scenario, RigError> {
    let text = format!("spec = \"random\"\n{}", case.to_toml("random", path, &[]));
    let parsed =
        BrowserSuite::parse(&text).map_err(|error| RigError::Scenario(format!("{error}\n{text}")))?;
    parsed.into_iter().next().ok_or_else(|| RigError::Scenario("no scenario".to_owned()))
}
