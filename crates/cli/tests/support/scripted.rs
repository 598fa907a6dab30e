//! A server whose every answer is a function of the request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// A request as it came.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    headers: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_preflight(&self) -> bool {
        self.method == "OPTIONS" && self.get("access-control-request-method").is_some()
    }
}

/// An answer.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn new(status: u16) -> Answer {
        Answer { status, ..Answer::default() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Every line of this name goes, and this one comes.
    pub(crate) fn set(self, name: &str, value: &str) -> Answer {
        self.without(name).with(name, value)
    }

    pub(crate) fn without(mut self, name: &str) -> Answer {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn body(mut self, body: &str) -> Answer {
        self.body = body.to_owned();
        self
    }
}

/// Serves on loopback until the process ends; the port.
pub(crate) fn serve(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || converse(&socket, &*answer));
        }
    });
    port
}

fn converse(socket: &TcpStream, answer: &dyn Fn(&Asked) -> Answer) {
    let mut lines = BufReader::new(socket);
    while let Some(asked) = read(&mut lines) {
        let answer = answer(&asked);
        let mut text = format!("HTTP/1.1 {} Answer\r\n", answer.status);
        for (name, value) in &answer.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if answer.status != 101 && answer.status != 204 {
            text.push_str(&format!("content-length: {}\r\n", answer.body.len()));
        }
        text.push_str("\r\n");
        if asked.method != "HEAD" {
            text.push_str(&answer.body);
        }
        if (&mut &*socket).write_all(text.as_bytes()).is_err() || answer.status == 101 {
            return;
        }
    }
}

fn read(lines: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    lines.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut asked = Asked { method: words.next()?, target: words.next()?, headers: Vec::new() };
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        asked.headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = asked.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    lines.take(length).read_to_end(&mut Vec::new()).ok()?;
    Some(asked)
}
