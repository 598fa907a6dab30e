//! The browser scenarios: loaded, checked, and compared with what a runner saw.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::Path;

use crossing::Reason;

use crate::compare::compare;
use crate::divergence::{self, Divergence};
use crate::embedded;
use crate::load::{LoadError, Source, files};
use crate::observed::Played;
use crate::report::{Difference, Report};
use crate::schema::{Expect, File, Outcome, Scenario, Step};

/// All browser scenarios, and the known divergences.
#[derive(Clone, Debug, Default)]
pub struct BrowserSuite {
    /// The scenarios, by file and line.
    pub scenarios: Vec<Scenario>,
    /// The known divergences.
    pub divergences: Vec<Divergence>,
    /// Why some of them are in no profile: what no switch expresses, by name.
    pub causes: BTreeMap<String, String>,
}

impl BrowserSuite {
    /// The scenarios of this version, which are inside the crate.
    ///
    /// # Errors
    /// None in a released version: a test loads them.
    pub fn embedded() -> Result<BrowserSuite, LoadError> {
        BrowserSuite::read(embedded::browser().map(Ok), &embedded::divergences())
    }

    /// Loads `browser/*.toml` and `divergences.toml` of a scenarios directory.
    ///
    /// # Errors
    /// The first thing that is wrong, with file and line.
    pub fn load(dir: &Path) -> Result<BrowserSuite, LoadError> {
        let sources = files(&dir.join("browser"))?.into_iter().map(|path| Source::read(&path));
        BrowserSuite::read(sources, &Source::read(&dir.join("divergences.toml"))?)
    }

    fn read(
        sources: impl Iterator<Item = Result<Source, LoadError>>,
        divergences: &Source,
    ) -> Result<BrowserSuite, LoadError> {
        let mut suite = BrowserSuite::default();
        for source in sources {
            suite.scenarios.extend(scenarios(&source?)?);
        }
        (suite.causes, suite.divergences) = divergence::read(divergences)?;
        Ok(suite)
    }

    /// Reads the text of a file of scenarios.
    ///
    /// # Errors
    /// The first thing that is wrong, with the line.
    pub fn parse(text: &str) -> Result<Vec<Scenario>, LoadError> {
        scenarios(&Source::new("file.toml", text))
    }

    /// Plays every scenario with `play`, as the engine or profile `engine`.
    ///
    /// A scenario with a divergence for the engine must go as the divergence says; if it goes as the scenario says, the
    /// divergence is out of date, and that fails the run like any other difference.
    pub fn run(&self, engine: &str, mut play: impl FnMut(&Scenario) -> Played) -> Report {
        let played = self.try_run(engine, |scenario| Ok::<_, Infallible>(play(scenario)));
        played.unwrap_or_else(|never| match never {})
    }

    /// The same, with a runner that can fail.
    ///
    /// # Errors
    /// The runner's.
    pub fn try_run<E>(
        &self,
        engine: &str,
        mut play: impl FnMut(&Scenario) -> Result<Played, E>,
    ) -> Result<Report, E> {
        let mut report = Report { stale: self.stale(), ..Report::default() };
        for scenario in &self.scenarios {
            let seen = match play(scenario)? {
                Played::Unsupported(why) => {
                    report.unsupported.push((scenario.id.clone(), why));
                    continue;
                }
                Played::Seen(seen) => seen,
            };
            let steps = scenario.steps();
            let mut differences = Vec::new();
            if seen.len() != steps.len() {
                differences.push(Difference::new("steps", steps.len(), seen.len()));
            }
            for (at, (step, seen)) in steps.iter().zip(&seen).enumerate() {
                let known = self.divergences.iter().find(|known| {
                    known.on == engine && known.scenario == scenario.id && known.step == at + 1
                });
                let found = match known {
                    Some(known) => compare(&step.expect.overridden_by(&known.expect), seen),
                    None => compare(&step.expect, seen),
                };
                if known.is_some() && !found.is_empty() && compare(&step.expect, seen).is_empty() {
                    report
                        .stale
                        .push((scenario.id.clone(), format!("on {engine} now goes as the scenario says")));
                    continue;
                }
                differences.extend(found.into_iter().map(|difference| match steps.len() {
                    1 => difference,
                    _ => Difference { about: format!("step {}: {}", at + 1, difference.about), ..difference },
                }));
            }
            match differences.is_empty() {
                true => report.agree += 1,
                false => report.disagree.push((scenario.place.clone(), scenario.id.clone(), differences)),
            }
        }
        Ok(report)
    }

    /// Divergences that speak of nothing.
    fn stale(&self) -> Vec<(String, String)> {
        let speaks = |known: &Divergence| {
            self.scenarios
                .iter()
                .any(|s| s.id == known.scenario && (1..=s.steps().len()).contains(&known.step))
        };
        let stale = self.divergences.iter().filter(|known| !speaks(known));
        stale
            .map(|known| (known.scenario.clone(), format!("on {}: there is no such scenario", known.on)))
            .collect()
    }
}

fn scenarios(source: &Source) -> Result<Vec<Scenario>, LoadError> {
    let File { spec, scenario: mut list } = source.parse()?;
    if spec.is_empty() {
        return Err(source.error(0, "spec is empty: name the anchor in the standard"));
    }
    let mut seen = BTreeSet::new();
    for scenario in &mut list {
        let at = scenario.name.span().start;
        let name = scenario.name.get_ref();
        scenario.id = format!("{}/{name}", source.stem);
        scenario.place = source.place(at);
        if !seen.insert(name.clone()) {
            return Err(source.error(at, format!("there are two scenarios named {name}")));
        }
        if let Some(problem) = problem(scenario) {
            return Err(source.error(at, format!("{name}: {problem}")));
        }
    }
    Ok(list)
}

fn problem(scenario: &Scenario) -> Option<String> {
    let name = scenario.name.get_ref();
    let snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || !name.chars().all(snake) {
        return Some("a name is in snake_case".to_owned());
    }
    let one = (scenario.request.is_some(), scenario.expect.is_some());
    match (one, scenario.step.is_empty()) {
        ((true, true), true) | ((false, false), false) => {}
        _ => return Some("write either request and expect, or [[scenario.step]]s".to_owned()),
    }
    let moves = |step: &Step| step.after > 0 || step.page.is_some() || step.server.is_some();
    if scenario.one_page && (!scenario.cookies.is_empty() || scenario.step.iter().any(moves)) {
        return Some("one_page knows no cookies, and in its steps no after, page or server".to_owned());
    }
    scenario.steps().iter().find_map(problem_of_step)
}

fn problem_of_step(step: &Step) -> Option<String> {
    let Expect { outcome, reason, wire, .. } = &step.expect;
    match (outcome, reason) {
        (None, _) => return Some("expect says no outcome".to_owned()),
        (Some(Outcome::Fail), None) => return Some("expect fails, and says no reason".to_owned()),
        (Some(Outcome::Ok), Some(_)) => return Some("expect is ok, and says a reason".to_owned()),
        (Some(Outcome::Fail), Some(code)) if Reason::from_code(code).is_none() => {
            return Some(format!("there is no reason {code}"));
        }
        _ => {}
    }
    let malformed =
        |line: &str| !line.split_once(' ').is_some_and(|(_, to)| to.starts_with('/') || to.contains("://"));
    let line = wire.iter().flatten().find(|line| malformed(&line.line))?;
    Some(format!("'{}' is no line of the wire: write METHOD /path or METHOD URL", line.line))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn load(scenario: &str) -> Result<Vec<Scenario>, String> {
        scenarios(&Source::new("file.toml", format!("spec = \"x\"\n[[scenario]]\n{scenario}")))
            .map_err(|e| e.to_string())
    }

    const REST: &str = "page = \"https://a.test\"\nrequest = { url = \"https://b.test/x\" }\n";

    #[test]
    fn the_example_of_the_design_is_valid() {
        let text = r#"
name    = "wildcard_is_refused_when_credentials_are_included"
page    = "https://a.test"
request = { method = "GET", url = "https://b.test/x", credentials = "include" }
server  = { headers = [["access-control-allow-origin", "*"]] }     # a raw reply, or policy = { … }
expect  = { outcome = "fail", reason = "acao-wildcard-creds", wire = ["GET /x"] }
"#;
        let list = load(text).unwrap();
        assert_eq!(list[0].id, "file/wildcard_is_refused_when_credentials_are_included");
        assert_eq!(list[0].place, "file.toml:4");
    }

    #[test]
    fn complaints_name_file_and_line() {
        let ok = "expect = { outcome = \"ok\" }";
        for (text, complaint) in [
            (format!("name = \"a\"\n{REST}{ok}\ncolour = 1"), "file.toml:7: unknown field `colour`"),
            (
                format!("name = \"a\"\n{REST}expect = {{ outcome = \"ok\", statu = 1 }}"),
                "file.toml:6: unknown field `statu`",
            ),
            (
                format!("name = \"a\"\n{REST}expect = {{ outcome = \"maybe\" }}"),
                "file.toml:6: unknown variant `maybe`",
            ),
            (format!("name = \"A b\"\n{REST}{ok}"), "file.toml:3: A b: a name is in snake_case"),
            (format!("name = \"a\"\n{REST}"), "file.toml:3: a: write either"),
            (
                format!("name = \"a\"\n{REST}expect = {{ outcome = \"fail\", reason = \"x\" }}"),
                "file.toml:3: a: there is no reason x",
            ),
            (
                format!("name = \"a\"\none_page = true\ncookies = {{ \"b.test\" = \"a=b\" }}\n{REST}{ok}"),
                "file.toml:3: a: one_page knows no cookies",
            ),
            (
                format!("name = \"a\"\n{REST}expect = {{ outcome = \"ok\", wire = [\"GET\"] }}"),
                "file.toml:3: a: 'GET' is no line",
            ),
            (
                format!(
                    "name = \"a\"\n{REST}expect = {{ outcome = \"ok\", wire = [{{ line = \"GET /\", tims = 2 }}] }}"
                ),
                "file.toml:6: unknown field `tims`",
            ),
        ] {
            let got = load(&text).unwrap_err();
            assert!(got.starts_with(complaint), "{got}\n{text}");
        }
    }
}
