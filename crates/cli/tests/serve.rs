//! `crossing serve`: starting, refusing to, reloading and stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use support::{crossing, run, server};

const PATIENCE: Duration = Duration::from_secs(20);

/// A directory for one test, gone when it ends.
struct Files(PathBuf);

impl Files {
    fn new(test: &str) -> Files {
        let directory = std::env::temp_dir().join(format!("crossing-serve-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        Files(directory)
    }

    fn file(&self, text: &str) -> String {
        let path = self.0.join("gateway.toml");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The command, while it serves.
struct Serving {
    child: Child,
    lines: mpsc::Receiver<String>,
    port: u16,
}

impl Serving {
    fn start(file: &str) -> Serving {
        let mut command = crossing();
        command.args(["serve", file]);
        Serving::by(command)
    }

    fn by(mut command: Command) -> Serving {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let mut serving = Serving { child, lines, port: 0 };
        let line = serving.until("listening on");
        serving.port = line.rsplit(':').next().unwrap().parse().unwrap();
        serving
    }

    /// Waits for a line on standard error.
    fn until(&self, part: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no line says {part}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn get(&self) -> String {
        let mut stream = self.connect();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\norigin: https://a.test\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    fn ends_with(mut self, code: i32) {
        let began = std::time::Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(code));
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn file_for(port: u16, origin: &str) -> String {
    format!(
        "listen = '127.0.0.1:0'\n[[route]]\nupstream = 'http://127.0.0.1:{port}'\n[[route.grant]]\nallow_origins = ['{origin}']\n"
    )
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi";

#[test]
fn what_cannot_be_served_ends_with_2_and_says_why() {
    let files = Files::new("bad");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let route = "[[route]]\nupstream = 'http://127.0.0.1:1'\n";
    let cases = [
        (format!("listen = '{taken}'\n{route}"), vec!["another program listens there", &taken]),
        (format!("listen = '203.0.113.1:80'\n{route}"), vec!["this machine has no such address"]),
        (
            format!("listen = '127.0.0.1:0'\n[[tls.certificate]]\nchain = 'no.pem'\nkey = 'no.key'\n{route}"),
            vec!["certificate-invalid", "no.pem: No such file", "gateway.toml:3:9"],
        ),
        (
            "listen = '127.0.0.1:0'\n[[route]]\nupstream = 'b/c'\n".to_owned(),
            vec!["error[upstream-invalid]", "gateway.toml:3:12", "try: http://b", "it cannot be served"],
        ),
    ];
    for (text, parts) in cases {
        let told = run(["serve", &files.file(&text)]).has_code(2);
        for part in parts {
            assert!(told.err.contains(part), "{part} is not in:\n{}", told.err);
        }
    }
    let missing = run(["serve", "/no/such/file.toml"]).has_code(2).err;
    assert!(missing.contains("/no/such/file.toml: No such file"), "{missing}");
    std::fs::write(files.0.join("latin1.toml"), b"listen = '127.0.0.1:0'\n# caf\xe9\n").unwrap();
    let latin1 = run(["serve", files.0.join("latin1.toml").to_str().unwrap()]).has_code(2).err;
    assert!(latin1.contains("latin1.toml: line 2 is not UTF-8"), "{latin1}");
    let pipe = files.0.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.to_str().unwrap(), "/dev/zero"] {
        let told = run(["serve", path]).has_code(2).err;
        assert!(told.contains(&format!("{path}: it is no regular file")), "{told}");
        let chain = files.file(&format!(
            "listen = '127.0.0.1:0'\n[[tls.certificate]]\nchain = '{path}'\nkey = 'x'\n{route}"
        ));
        let told = run(["serve", &chain]).has_code(2).err;
        assert!(told.contains(&format!("{path}: it is no regular file")), "{told}");
    }
    let directory = run(["serve", files.0.to_str().unwrap()]).has_code(2).err;
    assert!(directory.contains("Is a directory"), "{directory}");
}

#[test]
fn check_tells_the_findings_and_starts_nothing() {
    let files = Files::new("check");
    let good = run(["serve", &files.file(&file_for(1, "https://a.test")), "--check"]).has_code(0);
    assert!(good.out.contains("nothing to mend"), "{}", good.out);
    let bad = files.file(&file_for(1, "https://a.test/"));
    assert!(run(["serve", &bad, "--check"]).has_code(2).out.contains("error[origin-trailing-slash]"));
    let document = run(["serve", &bad, "--check", "--json"]).has_code(2).json();
    assert_eq!(document["errors"][0]["code"], "origin-trailing-slash");
    assert_eq!(document["errors"][0]["line"], 5);
}

#[test]
fn a_changed_file_comes_into_force_and_a_bad_one_changes_nothing() {
    let files = Files::new("reload");
    let port = server(OK);
    let path = files.file(&file_for(port, "https://b.test"));
    let serving = Serving::start(&path);
    let granted = |response: &str| response.contains("access-control-allow-origin: https://a.test");
    assert!(!granted(&serving.get()));
    files.file(&file_for(port, "https://a.test"));
    serving.until("is in force");
    assert!(granted(&serving.get()));
    files.file("listen = '127.0.0.1:0'\n");
    serving.until("error[routes-missing]");
    serving.until("what was in force stays in force");
    assert!(granted(&serving.get()));
    files.file(&file_for(port, "https://a.test").replace("127.0.0.1:0", "127.0.0.1:1"));
    serving.until("listen has changed, which takes a restart");
    assert!(granted(&serving.get()));
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    serving.until("it is no regular file");
    assert!(granted(&serving.get()));
    // As editors do it: a new file in the place of the old one.
    let new = files.0.join("new.toml");
    std::fs::write(&new, file_for(port, "https://c.test")).unwrap();
    std::fs::rename(&new, &path).unwrap();
    serving.until("is in force");
    assert!(!granted(&serving.get()));
    serving.signal("-HUP");
    serving.until("is in force");
    serving.signal("-INT");
    serving.ends_with(0);
}

#[test]
fn a_neighbour_that_changes_all_the_time_holds_up_no_change() {
    let files = Files::new("neighbour");
    let port = server(OK);
    let serving = Serving::start(&files.file(&file_for(port, "https://b.test")));
    let (neighbour, stop) = (files.0.join("neighbour.log"), Arc::new(AtomicBool::new(false)));
    let busy = {
        let stop = stop.clone();
        std::thread::spawn(move || {
            while !stop.load(SeqCst) {
                std::fs::write(&neighbour, "a line").unwrap();
                std::thread::sleep(Duration::from_millis(10));
            }
        })
    };
    files.file(&file_for(port, "https://a.test"));
    serving.until("is in force");
    serving.signal("-HUP");
    serving.until("is in force");
    stop.store(true, SeqCst);
    busy.join().unwrap();
}

#[test]
fn a_log_that_cannot_be_written_is_told_of() {
    let files = Files::new("full-log");
    let file = files.file(&format!("{}[log]\naccess = 'text'\n", file_for(server(OK), "https://a.test")));
    let mut command = crossing();
    command.args(["serve", &file]).stdout(std::fs::File::options().write(true).open("/dev/full").unwrap());
    let serving = Serving::by(command);
    let begun = std::time::Instant::now();
    // The line that finds out is not the one that is lost.
    while begun.elapsed() < PATIENCE {
        serving.get();
        if let Ok(line) = serving.lines.try_recv() {
            assert!(line.contains("the access log cannot be written; lines dropped: "), "{line}");
            return;
        }
    }
    panic!("nobody says that lines are lost");
}

#[test]
fn requests_in_flight_end_when_it_is_told_to_stop() {
    let files = Files::new("stop");
    let (asked, arrives) = mpsc::channel();
    let (respond, told) = mpsc::channel();
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = upstream.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = upstream.accept().unwrap();
        let mut piece = [0; 1000];
        let _ = stream.read(&mut piece).unwrap();
        asked.send(()).unwrap();
        told.recv().unwrap();
        stream.write_all(OK.as_bytes()).unwrap();
    });
    let serving = Serving::start(&files.file(&file_for(port, "https://a.test")));
    let mut client = serving.connect();
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\norigin: https://a.test\r\n\r\n").unwrap();
    arrives.recv_timeout(PATIENCE).unwrap();
    serving.signal("-TERM");
    serving.until("requests in flight may end");
    respond.send(()).unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("hi"), "{response}");
    // Whoever had connected before is let in first; that takes a moment.
    let until = std::time::Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", serving.port)).is_ok() {
        assert!(std::time::Instant::now() < until, "it still listens");
    }
    serving.ends_with(0);
}

#[test]
fn without_a_free_file_descriptor_it_waits_and_goes_on() {
    let files = Files::new("descriptors");
    let file = files.file(&file_for(server(OK), "https://a.test"));
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 40; exec \"$0\" serve \"$1\"", env!("CARGO_BIN_EXE_crossing")]).arg(&file);
    command.stdin(Stdio::null());
    let serving = Serving::by(command);
    let answered = |stream: &mut TcpStream| {
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\norigin: https://a.test\r\n\r\n")
            .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    };
    // More clients than it can have descriptors; the system holds the others until it accepts them.
    let mut clients: Vec<TcpStream> = (0..60).map(|_| serving.connect()).collect();
    serving.until("no connection can be accepted: Too many open files");
    // A client that was accepted is answered: with a 502 that the page may read, as no upstream can be connected to.
    let response = answered(&mut clients[0]);
    assert!(response.starts_with("HTTP/1.1 502 "), "{response}");
    assert!(response.contains("access-control-allow-origin: https://a.test"), "{response}");
    clients.truncate(10);
    let response = serving.get();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("hi"), "{response}");
    serving.signal("-TERM");
}

#[test]
fn after_kill_9_it_starts_again_on_the_same_port() {
    let files = Files::new("killed");
    let upstream = server(OK);
    let serving = Serving::start(&files.file(&file_for(upstream, "https://a.test")));
    let port = serving.port;
    // A client is connected, so that the port has connections that linger.
    let mut client = serving.connect();
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    serving.signal("-KILL");
    drop(serving);
    let mut end = Vec::new();
    let _ = client.read_to_end(&mut end);
    let file = file_for(upstream, "https://a.test").replace("127.0.0.1:0", &format!("127.0.0.1:{port}"));
    let serving = Serving::start(&files.file(&file));
    assert_eq!(serving.port, port);
    assert!(serving.get().ends_with("hi"));
}

#[test]
fn a_log_that_nobody_reads_holds_up_nothing() {
    let files = Files::new("stalled-log");
    let file = file_for(server(OK), "https://a.test");
    let file = files.file(&format!("{file}[log]\naccess = 'json'\n[admin]\nlisten = '127.0.0.1:0'\n"));
    let mut command = crossing();
    command.args(["serve", &file]).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Nobody reads standard output; of standard error, no more than where it listens.
    let mut child = command.spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut port_in_next_line = || {
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        line.trim().rsplit(':').next().unwrap().parse::<u16>().unwrap()
    };
    let (port, admin) = (port_in_next_line(), port_in_next_line());
    let (_tell, lines) = mpsc::channel();
    let serving = Serving { child, lines, port };
    // Far more than a pipe and the queue hold.
    let path = "x".repeat(30_000);
    let preflight = format!(
        "OPTIONS /{path} HTTP/1.1\r\nhost: a\r\norigin: https://a.test\r\naccess-control-request-method: GET\r\n\r\n"
    );
    let mut client = serving.connect();
    for _ in 0..300 {
        client.write_all(preflight.as_bytes()).unwrap();
        let mut head = [0; 1000];
        let length = client.read(&mut head).unwrap();
        assert!(head[..length].starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&head));
    }
    let mut admin = TcpStream::connect(("127.0.0.1", admin)).unwrap();
    admin.set_read_timeout(Some(PATIENCE)).unwrap();
    admin.write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    let mut metrics = String::new();
    admin.read_to_string(&mut metrics).unwrap();
    let dropped = metrics.lines().find_map(|line| line.strip_prefix("crossing_dropped_log_lines_total "));
    assert!(dropped.unwrap().parse::<u64>().unwrap() > 100, "{metrics}");
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("the access log is not read as fast as it comes; lines dropped: 1"), "{line}");
    serving.signal("-TERM");
    serving.ends_with(0);
}

#[test]
fn what_an_upstream_did_is_told_with_its_cause() {
    let files = Files::new("causes");
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem", "-out", "chain.pem"])
        .current_dir(&files.0)
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success(), "openssl; install it with: apt-get install openssl");
    let tls = "listen = '127.0.0.1:0'\n[[route]]\nroot = '.'\n[[tls.certificate]]\nchain = 'chain.pem'\nkey = 'key.pem'\n";
    std::fs::write(files.0.join("behind.toml"), tls).unwrap();
    let behind = Serving::start(files.0.join("behind.toml").to_str().unwrap());
    std::fs::write(files.0.join("index.html"), "hi").unwrap();
    let secure = file_for(1, "https://a.test")
        .replace("http://127.0.0.1:1'", &format!("https://localhost:{}'", behind.port));

    let serving = Serving::start(&files.file(&secure));
    assert!(serving.get().starts_with("HTTP/1.1 502 "));
    serving.until("the upstream does not show that it is who it should be: invalid peer certificate: ");
    drop(serving);

    // Within its response, too.
    let half = server("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello");
    files.file(&file_for(half, "https://a.test"));
    let serving = Serving::start(files.0.join("gateway.toml").to_str().unwrap());
    assert!(serving.get().ends_with("hello"));
    serving.until(&format!("crossing: http://127.0.0.1:{half}: the upstream went away"));
    drop(serving);

    // With the authority, and an upstream that comes with a reload.
    let mut command = crossing();
    command.args(["serve", &files.file(&file_for(1, "https://a.test"))]);
    command.env("SSL_CERT_FILE", files.0.join("chain.pem"));
    let serving = Serving::by(command);
    assert!(serving.get().starts_with("HTTP/1.1 502 "));
    serving.until(
        "http://127.0.0.1:1: the upstream cannot be reached: Connection refused (os error 111) (times: 1)",
    );
    files.file(&secure);
    serving.until("is in force");
    let response = serving.get();
    assert!(response.starts_with("HTTP/1.1 200 ") && response.ends_with("hi"), "{response}");
}
