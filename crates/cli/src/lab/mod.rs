//! `crossing lab`: a page for learning and debugging CORS, on loopback.

mod api;
mod assets;
mod code;
mod compare;
mod door;
mod lessons;
mod live;
mod mistake;
mod play;
mod raw;
mod stage;
mod state;
mod steps;
mod words;

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::LabArgs;
use crate::output::{self, Exit};

/// What `--json` prints.
#[derive(Serialize)]
struct Document {
    url: String,
}

/// Opens the lab, and serves it until somebody stops it.
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
    let lab = match door::Lab::new(port).await {
        Ok(lab) => Arc::new(lab),
        Err(error) => return output::cannot_tell(&format!("the live origins have no sockets: {error}")),
    };
    let url = format!("http://127.0.0.1:{port}/");
    if args.json {
        output::print_json(&Document { url });
    } else {
        output::print(format!("crossing lab: {url}\n").as_bytes());
    }
    tokio::select! {
        () = door::open(listener, lab) => {}
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
