//! `crossing demo`: every rule of CORS, in one case each, over real sockets.

pub(crate) mod case;
pub(crate) mod cases;
mod demo_error;
mod observation;
mod report;
mod runner;
mod script;
pub(crate) mod servers;
mod table;

use crate::args::DemoArgs;
use crate::output::{self, Exit};
use crate::terminal::{stdout_paint, width};

pub(crate) async fn run(args: &DemoArgs) -> Exit {
    let report = match runner::run(args.driver()).await {
        Ok(report) => report,
        Err(error) => return output::cannot_tell(&format!("the demo cannot be played: {error}")),
    };
    let exit = if report.failed() == 0 { Exit::Yes } else { Exit::No };
    if args.json {
        output::print_json(&report.into_document());
    } else {
        output::print(table::draw(&report, width(), stdout_paint()).as_bytes());
    }
    exit
}
