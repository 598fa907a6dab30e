//! The lab on its sockets.

use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::bind_error::BindError;
use crate::guard::{self, Guard};
use crate::http_server;
use crate::live::LiveOrigins;
use crate::router::Router;

/// A lab that listens on loopback. Dropping it ends its live origins.
pub struct Lab {
    listener: TcpListener,
    url: String,
    router: Arc<Router>,
    /// The tasks that serve the live origins. They are aborted when the lab is dropped.
    _live_tasks: JoinSet<()>,
}

impl Lab {
    /// Listens on this port of 127.0.0.1, and on free ports for the live origins. Port 0 takes any free port.
    ///
    /// # Errors
    ///
    /// If a port cannot be listened on.
    pub async fn bind(port: u16) -> Result<Lab, BindError> {
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::AddrInUse => BindError::PortInUse(port),
            _ => BindError::Port(port, error),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?.port();
        let origin = guard::origin(bound);
        let (live, live_tasks) = LiveOrigins::open(&origin).await.map_err(BindError::LiveOrigins)?;
        let url = format!("{origin}/");
        let router = Arc::new(Router { guard: Guard::new(bound, &live), live });
        Ok(Lab { listener, url, router, _live_tasks: live_tasks })
    }

    /// The URL of the page.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves the page until `shutdown` is ready. Connections that are open then may finish their request.
    pub async fn serve<F: Future>(self, shutdown: F) {
        let router = self.router.clone();
        tokio::select! {
            () = http_server::serve(self.listener, move |request| router.clone().respond(request)) => {}
            _ = shutdown => {}
        }
    }
}
