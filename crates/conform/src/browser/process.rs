//! A process with all its children.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{park, sleep};
use std::time::Duration;

/// A process that leads a group of its own. The whole group ends when this goes.
#[derive(Debug)]
pub(crate) struct Group {
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

/// The groups that are there, for whoever must end them all at once; `None` from then on.
static THERE: Mutex<Option<Vec<Known>>> = Mutex::new(Some(Vec::new()));

fn there() -> MutexGuard<'static, Option<Vec<Known>>> {
    THERE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends every group; from then on none is started any more.
pub(super) fn end_all() {
    let all = there().take().unwrap_or_default();
    all.iter().for_each(Known::end);
}

/// The variable that marks a browser's processes.
const MARK: &str = "CROSSING_CONFORM";
/// How often it is looked whether they have ended, and after how many looks they are no longer asked. There are twenty a
/// second.
const PATIENCE: u32 = 80;
const GRACE: u32 = 60;

impl Group {
    /// Starts the command; its processes are known by the directory that they have for themselves.
    pub(crate) fn start(mut command: Command, scratch: &Path) -> io::Result<Group> {
        let mark = scratch.display().to_string();
        let mut there = there();
        let Some(there) = there.as_mut() else {
            // The program is about to end: a browser that died of it is not started again.
            loop {
                park();
            }
        };
        let child = command.process_group(0).env(MARK, &mark).stdin(Stdio::null()).spawn()?;
        let known = Known { leader: child.id(), mark };
        there.push(known.clone());
        Ok(Group { child, known })
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
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
        self.signal("TERM");
        for waited in 0..PATIENCE {
            if self.members().is_empty() {
                return;
            }
            if waited >= GRACE {
                self.signal("KILL");
            }
            sleep(Duration::from_millis(50));
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
        if let Some(there) = there().as_mut() {
            there.retain(|known| *known != self.known);
        }
    }
}
