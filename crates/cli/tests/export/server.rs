//! A real server of any kind, started with a configuration, and asked.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crossing::{RequestHead, ResponseHead, Value};
use http::StatusCode;

use crate::support::process::{Directory, free_port};

/// How a kind of server is started.
pub(crate) struct Kind {
    /// Its name for `--to`.
    pub(crate) target: &'static str,
    /// What its configuration is called.
    pub(crate) file: &'static str,
    /// The whole configuration, around what was exported.
    pub(crate) whole: fn(&Setting<'_>) -> String,
    /// The command that checks a configuration, and the one that serves it in the foreground, as one process.
    pub(crate) check: fn(&Path) -> Command,
    pub(crate) run: fn(&Path) -> Command,
}

/// What a configuration is written for.
pub(crate) struct Setting<'s> {
    pub(crate) exported: &'s str,
    /// Where it listens.
    pub(crate) port: u16,
    /// Where the application does.
    pub(crate) upstream: u16,
    /// Where its files go.
    pub(crate) folder: &'s Path,
}

/// A server; it ends with the test.
pub(crate) struct Server {
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// Has the configuration checked, then starts the server with it, and waits until it listens.
    pub(crate) fn start(kind: &Kind, exported: &str, upstream: u16, files: &Directory) -> Server {
        let port = free_port();
        let setting = Setting { exported, port, upstream, folder: files.path() };
        let whole = (kind.whole)(&setting);
        let file = files.write(kind.file, &whole);
        let checked = output(&mut (kind.check)(&file));
        assert!(checked.0, "{}: {}\n{whole}", kind.target, checked.1);
        let log = files.path().join("log");
        let to = File::create(&log).expect("a log");
        let mut process = (kind.run)(&file)
            .current_dir(files.path())
            .stdin(Stdio::null())
            .stdout(to.try_clone().expect("a log"))
            .stderr(to)
            .spawn()
            .expect("the server, which was just there");
        let until = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = process.try_wait().expect("its state");
            if ended.is_some() || Instant::now() > until {
                let _ = process.kill();
                panic!(
                    "{}: {ended:?}: {}\n{whole}",
                    kind.target,
                    std::fs::read_to_string(&log).unwrap_or_default()
                );
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Server { process, port }
    }

    /// Its answer.
    pub(crate) fn ask(&self, request: &RequestHead) -> ResponseHead {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let path = request.url.path();
        let mut text =
            format!("{} {path} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n", request.method);
        for (name, value) in request.headers.iter().filter(|(name, _)| *name != http::header::CONNECTION) {
            write!(text, "{name}: {}\r\n", value.to_text()).unwrap();
        }
        text.push_str("\r\n");
        stream.write_all(text.as_bytes()).unwrap();
        // The head is enough: a server may wait for its client to close.
        let (mut head, mut byte) = (Vec::new(), [0]);
        let mut stream = BufReader::new(stream);
        while !head.ends_with(b"\r\n\r\n") {
            assert_eq!(
                stream.read(&mut byte).unwrap(),
                1,
                "no answer to {text}: {}",
                String::from_utf8_lossy(&head)
            );
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), Value::new(value.trim()).unwrap()));
        ResponseHead::new(StatusCode::from_u16(status).unwrap(), headers.collect())
    }
}

/// Whether a command succeeds, and what it says.
fn output(command: &mut Command) -> (bool, String) {
    let run = command.stdin(Stdio::null()).output();
    let run =
        run.unwrap_or_else(|error| panic!("{command:?}: {error}; ./test tests installs what is missing"));
    let said = [run.stdout, run.stderr].concat();
    (run.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// A program, also where only root looks for it.
pub(crate) fn program(name: &str) -> Command {
    let path = PathBuf::from("/usr/sbin").join(name);
    Command::new(if path.exists() { path } else { PathBuf::from(name) })
}
