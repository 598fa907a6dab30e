//! Runs the command, and looks at what it says.
#![allow(dead_code, reason = "each test file uses some of this")]

pub(crate) mod process;
pub(crate) mod scripted;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What a run of the command came to.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn crossing() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossing"));
    command.env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    let Output { status, stdout, stderr } = crossing().args(args).output().expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("the command writes UTF-8");
    let run = Run { code: status.code(), out: text(stdout), err: text(stderr) };
    assert!(!run.err.contains("panicked"), "{}", run.err);
    run
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error} in:\n{}\n{}", self.out, self.err))
    }

    pub(crate) fn has_code(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "standard output:\n{}\nstandard error:\n{}", self.out, self.err);
        self
    }
}

/// A server of one answer, given word for word to everybody; the thread ends with the test's process.
pub(crate) fn server(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && matches!(socket.read(&mut byte), Ok(1)) {
                head.push(byte[0]);
            }
            let _ = socket.write_all(answer.as_bytes());
        }
    });
    port
}

/// Serves an application on loopback until the test's process ends.
pub(crate) fn serve_application(application: axum::Router) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a server");
    listener.set_nonblocking(true).expect("a server");
    let port = listener.local_addr().expect("a server").port();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a server");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a server");
            axum::serve(listener, application).await.expect("a server");
        });
    });
    port
}

/// What a JSON value must look like.
pub(crate) enum Shape {
    Text,
    TextOrNull,
    OneOf(&'static [&'static str]),
    Number,
    NumberOrNull,
    Truth,
    Pairs,
    List(Box<Shape>),
    /// Exactly these keys.
    Object(Vec<(&'static str, Shape)>),
    OrNull(Box<Shape>),
}

impl Shape {
    pub(crate) fn check(&self, value: &Value, place: &str) {
        match self {
            Shape::Text => assert!(value.is_string(), "{place}: {value}"),
            Shape::TextOrNull => assert!(value.is_string() || value.is_null(), "{place}: {value}"),
            Shape::OneOf(words) => {
                assert!(value.as_str().is_some_and(|word| words.contains(&word)), "{place}: {value}");
            }
            Shape::Number => assert!(value.is_u64(), "{place}: {value}"),
            Shape::NumberOrNull => assert!(value.is_u64() || value.is_null(), "{place}: {value}"),
            Shape::Truth => assert!(value.is_boolean(), "{place}: {value}"),
            Shape::Pairs => {
                for pair in value.as_array().unwrap_or_else(|| panic!("{place}: {value}")) {
                    let texts =
                        pair.as_array().is_some_and(|p| p.len() == 2 && p.iter().all(Value::is_string));
                    assert!(texts, "{place}: {pair}");
                }
            }
            Shape::List(shape) => {
                for (at, item) in
                    value.as_array().unwrap_or_else(|| panic!("{place}: {value}")).iter().enumerate()
                {
                    shape.check(item, &format!("{place}[{at}]"));
                }
            }
            Shape::Object(keys) => {
                let object = value.as_object().unwrap_or_else(|| panic!("{place}: {value}"));
                let there: BTreeSet<&str> = object.keys().map(String::as_str).collect();
                let wanted: BTreeSet<&str> = keys.iter().map(|(key, _)| *key).collect();
                assert_eq!(there, wanted, "{place}");
                for (key, shape) in keys {
                    shape.check(&object[*key], &format!("{place}.{key}"));
                }
            }
            Shape::OrNull(shape) => {
                if !value.is_null() {
                    shape.check(value, place);
                }
            }
        }
    }
}

pub(crate) fn exchanges() -> Shape {
    Shape::List(Box::new(Shape::Object(vec![
        ("kind", Shape::OneOf(&["preflight", "request"])),
        ("method", Shape::Text),
        ("url", Shape::Text),
        ("request_headers", Shape::Pairs),
        ("status", Shape::NumberOrNull),
        ("response_headers", Shape::Pairs),
    ])))
}

/// The document of `check --json`.
pub(crate) fn document() -> Shape {
    Shape::Object(vec![
        ("verdict", Shape::OneOf(&["allowed", "blocked", "unreachable"])),
        (
            "reason",
            Shape::OrNull(Box::new(Shape::Object(vec![
                ("code", Shape::Text),
                ("fault", Shape::OneOf(&["page", "server", "network", "browser", "user"])),
                ("message", Shape::Text),
                ("fix", Shape::Text),
                ("spec", Shape::Text),
                ("chromium", Shape::TextOrNull),
                ("firefox", Shape::TextOrNull),
            ]))),
        ),
        ("exchanges", exchanges()),
        (
            "response",
            Shape::OrNull(Box::new(Shape::Object(vec![
                ("type", Shape::OneOf(&["basic", "cors", "opaque", "opaqueredirect"])),
                ("status", Shape::Number),
                ("headers", Shape::Pairs),
                ("body_bytes", Shape::Number),
            ]))),
        ),
    ])
}
