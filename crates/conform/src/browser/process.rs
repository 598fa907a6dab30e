//! A process with all its children.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{park, sleep};
use std::time::{Duration, Instant};

use super::watch::{self, MARK};

/// A process that leads a group of its own. The whole group ends when this goes.
#[derive(Debug)]
pub(super) struct Group {
    child: Child,
    known: Known,
}

/// How the processes of a group are found.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    leader: u32,
    /// What all of its processes have in their environment, by which those that left the group are found.
    mark: String,
}

/// The groups that are there, for whoever must end them all at once.
#[derive(Debug)]
struct Roll(Mutex<Option<Vec<Known>>>);

static ROLL: Roll = Roll::new();

/// A start that is under way, its files included: no end begins before it has come to its end.
#[derive(Debug)]
pub(super) struct Starting<'a>(MutexGuard<'a, Option<Vec<Known>>>);

/// Begins a start. Once everything is being ended, this never returns: a browser that died of it is not started again, and
/// no file of one is made.
pub(super) fn starting() -> Starting<'static> {
    watch::begin();
    loop {
        match ROLL.starting() {
            Some(starting) => return starting,
            None => park(),
        }
    }
}

/// Ends every group; from then on none is started any more.
pub(super) fn end_all() {
    ROLL.end_all();
}

impl Roll {
    const fn new() -> Roll {
        Roll(Mutex::new(Some(Vec::new())))
    }

    /// `None` once everything is being ended.
    fn starting(&self) -> Option<Starting<'_>> {
        let there = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        there.is_some().then_some(Starting(there))
    }

    fn end_all(&self) {
        let begun = Instant::now();
        let all = loop {
            match self.0.try_lock() {
                Ok(mut there) => break there.take(),
                Err(TryLockError::Poisoned(there)) => break there.into_inner().take(),
                // A start that hangs is not waited for.
                Err(TryLockError::WouldBlock) if begun.elapsed() > LONGEST_START => return,
                Err(TryLockError::WouldBlock) => sleep(LOOK),
            }
        };
        all.unwrap_or_default().iter().for_each(Known::end);
    }

    fn forget(&self, gone: &Known) {
        let mut there = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = there.as_mut() {
            there.retain(|known| known != gone);
        }
    }
}

/// How often it is looked whether they have ended.
const LOOK: Duration = Duration::from_millis(50);
/// How long they may take to end by themselves, and how long it is tried to end them then.
const GRACE: Duration = Duration::from_secs(1);
const TRIED: Duration = Duration::from_secs(1);
/// How long a start that is under way is waited for, before everything is ended.
const LONGEST_START: Duration = Duration::from_secs(5);

impl Group {
    /// Starts the command; its processes are known by the directory that they have for themselves.
    pub(super) fn start(
        mut starting: Starting<'_>,
        mut command: Command,
        scratch: &Path,
    ) -> io::Result<Group> {
        let mark = scratch.display().to_string();
        let child = command.process_group(0).env(MARK, &mark).stdin(Stdio::null()).spawn()?;
        let known = Known { leader: child.id(), mark };
        starting.0.get_or_insert_default().push(known.clone());
        Ok(Group { child, known })
    }

    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// How its main process has ended; `None` also where nobody knows.
    pub(super) fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

/// What is done with processes that have been asked to end and are still there.
#[derive(Debug, PartialEq)]
enum Measure {
    Wait,
    Kill,
    /// Nothing helps.
    Leave,
}

impl Measure {
    fn after(time: Duration) -> Measure {
        match time {
            _ if time < GRACE => Measure::Wait,
            _ if time < GRACE + TRIED => Measure::Kill,
            _ => Measure::Leave,
        }
    }
}

impl Known {
    /// The processes that carry the mark, this group's and those that made a group of their own.
    fn members(&self) -> Vec<u32> {
        let wanted = format!("{MARK}={}", self.mark);
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        pids.filter(|pid| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|&byte| byte == 0).any(|variable| variable == wanted.as_bytes())
        })
        .collect()
    }

    /// Asks all of them to end, so that each can clear away what is its own, and ends those that do not.
    fn end(&self) {
        let begun = Instant::now();
        self.signal("TERM");
        while !self.members().is_empty() {
            match Measure::after(begun.elapsed()) {
                Measure::Wait => {}
                Measure::Kill => self.signal("KILL"),
                Measure::Leave => return,
            }
            sleep(LOOK);
        }
    }

    fn signal(&self, name: &str) {
        let mut command = Command::new("kill");
        command.arg(format!("-{name}")).arg("--").arg(format!("-{}", self.leader));
        command.args(self.members().iter().map(u32::to_string));
        // Those that are gone already are what is wanted.
        let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.known.end();
        // Both fail only where there is nothing left to end.
        let _ = (self.child.kill(), self.child.wait());
        ROLL.forget(&self.known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_waits_for_the_start_that_is_under_way_and_nothing_starts_after_it() {
        let roll = Roll::new();
        let ended = std::thread::scope(|scope| {
            let starting = roll.starting().unwrap();
            let end = scope.spawn(|| roll.end_all());
            // It cannot have begun: whoever is starting still makes files.
            assert!(!end.is_finished());
            let mut command = Command::new("sleep");
            command.arg("600");
            let mark = std::env::temp_dir().join(format!("a-start-under-way-{}", std::process::id()));
            let group = Group::start(starting, command, &mark).unwrap();
            end.join().unwrap();
            group.known.members().is_empty()
        });
        assert!(ended, "what was being started is still there");
        assert!(roll.starting().is_none());
    }

    #[test]
    fn who_does_not_end_by_itself_is_ended_within_a_second() {
        let after = |milliseconds| Measure::after(Duration::from_millis(milliseconds));
        assert_eq!([after(0), after(999)], [Measure::Wait, Measure::Wait]);
        assert_eq!([after(1000), after(1999)], [Measure::Kill, Measure::Kill]);
        assert_eq!(after(2000), Measure::Leave);
    }
}
