//! A gateway in this process, and servers behind it that say what they are told to.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossing_gateway::{Config, Gateway};

/// Longer than anything here takes, and shorter than anybody's patience.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const POLICY: &str = "\
[[route.grant]]
allow_origins = ['https://app.test']
allow_methods = ['PUT']
expose_headers = ['x-id']
";

/// A server that does with each connection what it is told.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    /// The heads that it got, in order, whichever connection they came over.
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
    /// How many connections it got.
    pub(crate) connections: Arc<Mutex<usize>>,
}

impl Upstream {
    /// Lets a function have each connection.
    pub(crate) fn raw(serve: impl Fn(&mut Peer) + Send + Sync + 'static) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heads, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (kept, counted, serve) = (heads.clone(), connections.clone(), Arc::new(serve));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                *counted.lock().unwrap() += 1;
                let (serve, heads) = (serve.clone(), kept.clone());
                std::thread::spawn(move || serve(&mut Peer { heads: Some(heads), ..Peer::new(stream) }));
            }
        });
        Upstream { address, heads, connections }
    }

    /// Answers each request with the same bytes, over kept-alive connections.
    pub(crate) fn fixed(response: &'static str) -> Upstream {
        Upstream::raw(move |peer| {
            while let Some(head) = peer.head() {
                let length = field(&head, "content-length").map_or(0, |length| length.parse().unwrap());
                peer.exactly(length);
                if !peer.send(response) {
                    return;
                }
            }
        })
    }

    /// Takes requests, and answers none.
    pub(crate) fn silent() -> Upstream {
        Upstream::raw(|peer| {
            peer.head();
            peer.rest();
        })
    }

    pub(crate) fn last_head(&self) -> String {
        self.heads.lock().unwrap().last().cloned().unwrap()
    }

    pub(crate) fn count(&self) -> usize {
        self.heads.lock().unwrap().len()
    }
}

/// One end of a connection.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
    heads: Option<Arc<Mutex<Vec<String>>>>,
}

impl Peer {
    pub(crate) fn new(stream: TcpStream) -> Peer {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Peer { stream, buffer: Vec::new(), heads: None }
    }

    pub(crate) fn to(address: SocketAddr) -> Peer {
        Peer::new(TcpStream::connect(address).unwrap())
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    fn more(&mut self) -> bool {
        let mut piece = [0; 16 << 10];
        match self.stream.read(&mut piece) {
            Ok(0) => false,
            Ok(length) => {
                self.buffer.extend_from_slice(&piece[..length]);
                true
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("nothing came for {PATIENCE:?}")
            }
            Err(_) => false,
        }
    }

    /// The next head, with the empty line; `None` at the end of the connection.
    pub(crate) fn head(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..at + 4).collect();
                let head = String::from_utf8_lossy(&head).into_owned();
                if let Some(heads) = &self.heads {
                    heads.lock().unwrap().push(head.clone());
                }
                return Some(head);
            }
            if !self.more() {
                return None;
            }
        }
    }

    pub(crate) fn exactly(&mut self, length: usize) -> Vec<u8> {
        while self.buffer.len() < length {
            assert!(self.more(), "the connection ended after {} of {length} bytes", self.buffer.len());
        }
        self.buffer.drain(..length).collect()
    }

    /// All that comes until the other side closes.
    pub(crate) fn rest(&mut self) -> String {
        while self.more() {}
        String::from_utf8_lossy(&std::mem::take(&mut self.buffer)).into_owned()
    }

    /// A response with a known length.
    pub(crate) fn response(&mut self) -> (String, String) {
        let head = self.head().expect("a response");
        let length = field(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        let body = self.exactly(length);
        (head, String::from_utf8_lossy(&body).into_owned())
    }
}

/// A gateway by a file; `UPSTREAM` in it stands for an upstream's address.
pub(crate) fn gateway(file: &str, upstream: Option<&Upstream>) -> Gateway {
    Gateway::start(&config(file, upstream)).unwrap()
}

pub(crate) fn config(file: &str, upstream: Option<&Upstream>) -> Config {
    let address = upstream.map_or_else(String::new, |upstream| upstream.address.to_string());
    let file = format!("listen = '127.0.0.1:0'\n{}", file.replace("UPSTREAM", &format!("http://{address}")));
    Config::from_toml(&file, Path::new("/")).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A gateway with one route to an upstream, and a policy.
pub(crate) fn in_front_of(upstream: &Upstream) -> Gateway {
    gateway(&format!("[[route]]\nupstream = 'UPSTREAM'\n{POLICY}"), Some(upstream))
}

/// Sends one request, and reads all until the other side closes.
pub(crate) fn ask(gateway: &Gateway, request: &str) -> String {
    let mut peer = Peer::to(gateway.addresses()[0]);
    peer.send(request);
    peer.rest()
}

/// A GET from the page that the policy grants; the connection closes after the response.
pub(crate) fn get(gateway: &Gateway, path: &str) -> String {
    ask(
        gateway,
        &format!(
            "GET {path} HTTP/1.1\r\nhost: api.test\r\norigin: https://app.test\r\nconnection: close\r\n\r\n"
        ),
    )
}

/// The value of a header line in a head.
pub(crate) fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).take_while(|line| !line.is_empty()).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

pub(crate) fn status(response: &str) -> u16 {
    response
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("no status: {response:?}"))
}
