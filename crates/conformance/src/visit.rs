//! A page in a real Chromium that uses an API: the last word on whatever stands between the two.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A page and an application. What is tested goes in front of the application, with the policy of
/// [`grant`](Visit::grant); then the page is [opened](Visit::open).
#[derive(Debug)]
pub struct Visit {
    site: TcpListener,
    origin: String,
    application: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visited {
    /// What the page saw, a line for each request.
    pub seen: Vec<String>,
    /// The requests that the application got, each with its cookie.
    pub asked: Vec<String>,
}

/// What the page does: it logs in and gets a cookie, writes with it, meets an error that is not the application's, and
/// tries what nobody granted.
const SCRIPT: &str = "
const seen = [];
const ask = async (what, path, init) => {
  try {
    const response = await fetch(API + path, { credentials: 'include', ...init });
    const exposed = [...response.headers.keys()].filter(name => name.startsWith('x-'));
    const body = response.ok ? ' ' + await response.text() : '';
    seen.push([`${what}: ${response.status}${body}`, ...exposed].join(' '));
  } catch (error) {
    seen.push(`${what}: ${error.name}`);
  }
};
(async () => {
  const init = { method: 'PUT', headers: { 'content-type': 'application/json', 'x-token': 't' }, body: '{}' };
  await ask('login', '/login');
  await ask('write', '/item', init);
  await ask('error', '/error', init);
  await ask('method', '/item', { method: 'PATCH' });
  await ask('header', '/item', { headers: { 'x-other': '1' } });
  await fetch('/seen', { method: 'POST', body: seen.join('\\n') });
})();
";

/// Longer than any of it takes.
const PATIENCE: Duration = Duration::from_secs(60);

impl Visit {
    /// Starts the application.
    ///
    /// # Errors
    /// When loopback has no port to give.
    pub fn start() -> std::io::Result<Visit> {
        let site = TcpListener::bind("127.0.0.1:0")?;
        let origin = format!("http://localhost:{}", site.local_addr()?.port());
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let application = listener.local_addr()?;
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let told = asked.clone();
        serve(listener, move |request| {
            lock(&told).push(format!("{} {}", request.line, request.field("cookie")));
            let cookie =
                if request.line == "GET /login" { "set-cookie: session=1; HttpOnly\r\n" } else { "" };
            format!("content-type: text/plain\r\nx-request-id: 7\r\nx-secret: 7\r\n{cookie}\r\ndone")
        });
        Ok(Visit { site, origin, application, asked })
    }

    /// Where the application is.
    pub fn application(&self) -> SocketAddr {
        self.application
    }

    /// A grant for the page, in TOML, without its heading.
    pub fn grant(&self) -> String {
        format!(
            "allow_origins = ['{}']\nallow_credentials = true\nallow_methods = ['PUT']\n\
             allow_headers = ['content-type', 'x-token']\nexpose_headers = ['x-request-id']\n",
            self.origin
        )
    }

    /// Opens the page, which asks at this port; `/error` there must not lead to the application.
    ///
    /// # Errors
    /// When Chromium cannot be started, or the page does not report.
    pub fn open(self, port: u16) -> std::io::Result<Visited> {
        let (done, report): (Sender<String>, Receiver<String>) = channel();
        let page = format!(
            "content-type: text/html\r\n\r\n<!doctype html><title>page</title>\
             <script>const API = 'http://localhost:{port}';{SCRIPT}</script>"
        );
        serve(self.site, move |request| {
            if request.line == "POST /seen" {
                // Nobody waits any more once the visit is over.
                let _ = done.send(request.body);
            }
            page.clone()
        });
        let chromium = Chromium::open(&self.origin)?;
        let seen = report.recv_timeout(PATIENCE).map_err(std::io::Error::other)?;
        drop(chromium);
        let asked = lock(&self.asked).clone();
        Ok(Visited { seen: seen.lines().map(str::to_owned).collect(), asked })
    }
}

impl Visited {
    /// What it must have come to, where `/error` is answered with this status.
    pub fn expected(error: u16) -> Visited {
        let seen = [
            "login: 200 done x-request-id".to_owned(),
            "write: 200 done x-request-id".to_owned(),
            format!("error: {error}"),
            "method: TypeError".to_owned(),
            "header: TypeError".to_owned(),
        ];
        let asked = ["GET /login ", "PUT /item session=1"].map(str::to_owned);
        Visited { seen: seen.into(), asked: asked.into() }
    }
}

/// A browser with a fresh profile, and all of its processes.
struct Chromium {
    child: Child,
    profile: PathBuf,
}

impl Chromium {
    fn open(url: &str) -> std::io::Result<Chromium> {
        let port = url.rsplit(':').next().unwrap_or_default();
        let profile = std::env::temp_dir().join(format!("crossing-visit-{}-{port}", std::process::id()));
        let child = Command::new("chromium")
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
            ])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-breakpad", "--disable-features=LocalNetworkAccessChecks"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| {
                std::io::Error::other(format!("chromium (of Debian's package) is needed: {error}"))
            })?;
        Ok(Chromium { child, profile })
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

struct Request {
    /// The method and the path.
    line: String,
    head: String,
    body: String,
}

impl Request {
    fn read(stream: &mut TcpStream) -> Option<Request> {
        let mut bytes = Vec::new();
        let head = loop {
            let mut piece = [0; 4096];
            let length = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
            bytes.extend_from_slice(&piece[..length]);
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break String::from_utf8_lossy(&bytes.drain(..at + 4).collect::<Vec<u8>>()).into_owned();
            }
        };
        let line = head.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let mut request = Request { line, head, body: String::new() };
        let mut rest =
            vec![
                0;
                request.field("content-length").parse::<usize>().unwrap_or(0).saturating_sub(bytes.len())
            ];
        stream.read_exact(&mut rest).ok()?;
        bytes.append(&mut rest);
        request.body = String::from_utf8_lossy(&bytes).into_owned();
        Some(request)
    }

    fn field(&self, name: &str) -> &str {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .next()
            .unwrap_or_default()
    }
}

/// Answers each request with 200 and what follows the first lines of a head, on a thread of its own for as long as the
/// tests run.
fn serve(listener: TcpListener, answer: impl Fn(Request) -> String + Clone + Send + 'static) {
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = answer.clone();
            // A browser opens connections in advance, and may never use them.
            thread::spawn(move || {
                if let Some(request) = Request::read(&mut stream) {
                    let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{}", answer(request));
                    // Whoever has gone does not mind.
                    let _ = stream.write_all(answer.as_bytes());
                }
            });
        }
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
