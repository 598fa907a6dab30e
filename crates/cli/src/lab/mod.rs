//! `crossing lab`: a page for learning and debugging CORS, on loopback.

mod api;
mod assets;
mod comparison;
mod guard;
mod http_error;
mod http_server;
mod lessons;
mod live;
mod raw_response;
mod router;
mod script;
mod servers;
mod setup;
mod simulation;
mod state;
mod state_error;
mod steps;
mod translations;

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::LabArgs;
use crate::output::{self, Exit};
use guard::Guard;
use live::LiveOrigins;
use router::Router;

/// What `--json` prints.
#[derive(Serialize)]
struct Document {
    url: String,
}

/// Serves the lab until a signal ends it.
pub(crate) async fn run(args: &LabArgs) -> Exit {
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let [Ok(mut interrupt), Ok(mut terminate)] = signals else {
        return output::cannot_tell("no signal can be waited for");
    };
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await {
        Ok(listener) => listener,
        Err(error) => return output::cannot_tell(&cannot_listen(args.port, &error)),
    };
    let port = match listener.local_addr() {
        Ok(address) => address.port(),
        Err(error) => return output::cannot_tell(&cannot_listen(args.port, &error)),
    };
    let live = match LiveOrigins::open(&guard::origin(port)).await {
        Ok(live) => live,
        Err(error) => return output::cannot_tell(&format!("the live origins have no sockets: {error}")),
    };
    let url = format!("{}/", guard::origin(port));
    let router = Arc::new(Router { guard: Guard::new(port, &live), live });
    if args.json {
        output::print_json(&Document { url });
    } else {
        output::print(format!("crossing lab: {url}\n").as_bytes());
    }
    tokio::select! {
        () = http_server::serve(listener, move |request| router.clone().respond(request)) => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Exit::Yes
}

fn cannot_listen(port: u16, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => {
            format!("port {port} is in use; take another with --port, or any that is free with --port 0")
        }
        _ => format!("127.0.0.1:{port} cannot be listened on: {error}"),
    }
}
