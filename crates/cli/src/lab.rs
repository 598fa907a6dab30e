//! `crossing lab`: a page for learning and debugging CORS, on loopback.

use crossing_lab::{BindError, Lab};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::LabArgs;
use crate::output::{self, Exit};

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    url: &'a str,
}

/// Serves the lab until a signal ends it.
pub(crate) async fn run(args: &LabArgs) -> Exit {
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let [Ok(mut interrupt), Ok(mut terminate)] = signals else {
        return output::cannot_tell("no signal can be waited for");
    };
    let lab = match Lab::bind(args.port).await {
        Ok(lab) => lab,
        Err(error @ BindError::PortInUse(_)) => {
            let hint = "take another with --port, or any that is free with --port 0";
            return output::cannot_tell(&format!("{error}; {hint}"));
        }
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    if args.json {
        output::print_json(&Document { url: lab.url() });
    } else {
        output::print(format!("crossing lab: {}\n", lab.url()).as_bytes());
    }
    let stopped = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    lab.serve(stopped).await;
    Exit::Yes
}
