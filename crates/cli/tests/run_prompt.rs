//! The prompt of `crossing run`, on a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use support::server;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who types, and reads.
struct Terminal {
    keys: File,
    screen: Receiver<Vec<u8>>,
    /// What has been read and not been waited for.
    read: String,
    child: Child,
}

impl Terminal {
    fn new(arguments: &[&str]) -> Terminal {
        let size = nix::pty::Winsize { ws_row: 40, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = nix::pty::openpty(&size, None).unwrap();
        let end = || Stdio::from(pair.slave.try_clone().unwrap());
        // A session of its own, so that Ctrl-C goes to it.
        let child = Command::new("setsid")
            .args(["--ctty", env!("CARGO_BIN_EXE_crossing"), "run"])
            .args(arguments)
            .env("TERM", "xterm")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        let keys = File::from(pair.master);
        let mut from = keys.try_clone().unwrap();
        let (sender, screen) = channel();
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = from.read(&mut piece) {
                if sender.send(piece[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Terminal { keys, screen, read: String::new(), child }
    }

    /// Reads on until the screen has shown this; all that it has shown till then.
    #[track_caller]
    fn sees(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            if let Some(at) = self.read.find(text) {
                let rest = self.read.split_off(at + text.len());
                return std::mem::replace(&mut self.read, rest);
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            match self.screen.recv_timeout(left) {
                Ok(piece) => self.read.push_str(&String::from_utf8_lossy(&piece)),
                Err(_) => panic!("'{text}' does not come; the screen shows: {:?}", self.read),
            }
        }
    }

    fn types(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
    }

    /// Waits for the prompt, types a line, and sees what it says.
    #[track_caller]
    fn asks(&mut self, line: &str, answer: &str) {
        self.sees("> ");
        self.types(&format!("{line}\r"));
        self.sees(&format!("\n{answer}\r\n"));
    }

    #[track_caller]
    fn ends(mut self) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(0));
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().unwrap();
        panic!("it does not end");
    }
}

#[test]
fn names_stay_and_promises_are_waited_for() {
    let port = server("HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 3\r\n\r\nyes");
    let mut terminal = Terminal::new(&["--origin", "https://app.example.com"]);
    terminal.sees("at https://app.example.com");
    terminal.asks("const answer = 42", "undefined");
    terminal.asks("answer + 1", "43");
    terminal.asks("_ + 1", "44");
    terminal.asks(&format!("const r = await fetch('http://127.0.0.1:{port}/')"), "undefined");
    terminal.asks("r.text()", "'yes'");
    terminal.asks("new Promise(() => {})", "Promise { <pending> }");
    terminal.asks("nowhere", "Uncaught ReferenceError: nowhere is not defined");
    terminal.asks("typeof document + typeof window", "'undefinedundefined'");
    terminal.asks("setTimeout(() => console.log('from', 'a timer'), 100)", "1");
    terminal.sees("from a timer");
    terminal.asks("function f() {\rreturn [1,\r2]}", "undefined");
    terminal.asks("f()", "[1, 2]");
    terminal.asks(".nothing", "'.nothing' is not known; .help says what is");
    terminal.sees("> ");
    terminal.types(".exit\r");
    terminal.ends();
}

#[test]
fn tab_completes_globals_properties_and_what_was_declared() {
    let mut terminal = Terminal::new(&[]);
    terminal.asks("let someNumbers = [3, 1, 2]", "undefined");
    for (typed, answer) in [
        ("someN\t.toSor\t()", "[1, 2, 3]"),
        ("typeof XMLHttpReq\t", "'function'"),
        ("1 + Number.MAX_SAFE_\t", "9007199254740992"),
        ("'x'.conso\t", "undefined"),
        (".he\t", "What you type"),
    ] {
        terminal.sees("> ");
        terminal.types(&format!("{typed}\r"));
        terminal.sees(&format!("\n{answer}"));
    }
    terminal.sees("> ");
    terminal.types("\x04");
    terminal.ends();
}

#[test]
fn ctrl_c_ends_what_runs_and_ctrl_d_the_prompt() {
    let mut terminal = Terminal::new(&[]);
    for endless in ["for (;;) {}", "await new Promise((done) => setTimeout(done, 1e6))"] {
        terminal.sees("> ");
        terminal.types(&format!("console.log('now'); {endless}\r"));
        terminal.sees("\nnow\r\n");
        terminal.types("\x03");
        terminal.sees("the script was interrupted");
    }
    // A line that is not wanted goes away, and so does a timer that does not end.
    terminal.sees("> ");
    terminal.types("setTimeout(() => { console.log('in', 'a timer'); for (;;) {} }); 'set'\r");
    // The prompt is drawn anew below what a timer says. Before that, keys and Ctrl-C are not the editor's.
    terminal.sees("in a timer");
    terminal.sees("> ");
    terminal.types("half a line");
    terminal.sees("half a line");
    terminal.types("\x03");
    // What is typed before the next prompt would go with the line.
    terminal.sees("\r\n");
    terminal.asks("6 * 7", "42");
    terminal.sees("> ");
    terminal.types("\x04");
    terminal.ends();
}

#[test]
fn the_person_hears_why_a_request_failed_and_more_if_wanted() {
    let port = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let mut terminal = Terminal::new(&["--origin", "https://app.example.com"]);
    let fetch = format!("fetch('http://127.0.0.1:{port}/').catch((error) => error.name)");
    terminal.sees("> ");
    terminal.types(&format!("{fetch}\r"));
    terminal.sees("acao-missing");
    terminal.sees("'TypeError'");
    terminal.asks(".trace", "every conversation is told");
    terminal.sees("> ");
    terminal.types(&format!("{fetch}\r"));
    terminal.sees(&format!("GET http://127.0.0.1:{port}/ -> 200"));
    terminal.sees("'TypeError'");
    terminal.sees("> ");
    terminal.types("\x04");
    terminal.ends();
}
