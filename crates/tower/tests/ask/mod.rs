//! One request over a socket, as plain text.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// An example that serves on a thread of its own, until the test is over.
pub(crate) struct Server {
    address: std::net::SocketAddr,
}

impl Server {
    pub(crate) async fn start<F>(serve: impl FnOnce(TcpListener) -> F + Send + 'static) -> Server
    where
        F: Future<Output = ()> + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = listener.into_std().unwrap();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { serve(TcpListener::from_std(listener).unwrap()).await });
        });
        Server { address }
    }

    pub(crate) async fn ask(&self, start: &str, lines: &[&str], body: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut request = format!("{start}\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for line in lines {
            request.push_str(line);
            request.push_str("\r\n");
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}
