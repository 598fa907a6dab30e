//! Somebody who ends the browsers of a program that has been killed, and so could not.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::Scratch;

/// The variable that marks a browser's processes.
pub(super) const MARK: &str = "CROSSING_CONFORM";

/// Waits until its standard input is closed, which it is when the program has ended, however it has. Then it ends what carries
/// the mark, first by asking, and removes the files.
const SCRIPT: &str = r#"
read -r _
for signal in TERM KILL KILL; do
  pids=$(grep -lsF "$1" /proc/[0-9]*/environ | cut -d / -f 3)
  [ "$pids" ] || break
  kill -s $signal $pids
  sleep 1
done
rm -rf -- "$2"*
"#;

/// Lets the program be watched from now on. Where there is no shell, nobody watches.
pub(super) fn begin() {
    // As long as it is held, its standard input stays open.
    static WATCH: OnceLock<Option<Child>> = OnceLock::new();
    WATCH.get_or_init(|| {
        let files = Scratch::prefix();
        let files = std::env::temp_dir().join(files).into_os_string();
        let mut mark = std::ffi::OsString::from(format!("{MARK}="));
        mark.push(&files);
        Command::new("/bin/sh")
            .args(["-c", SCRIPT, "crossing-conform-watch"])
            .args([mark, files])
            // What a terminal sends to the program's group does not reach it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()
    });
}
