//! `crossing demo`: every rule of CORS, in one case each, over real sockets.

use crossing_lab::demo;

use crate::args::DemoArgs;
use crate::output::{self, Exit};
use crate::terminal;

pub(crate) async fn run(args: &DemoArgs) -> Exit {
    let report = match demo::run(args.driver()).await {
        Ok(report) => report,
        Err(error) => return output::cannot_tell(&format!("the demo cannot be played: {error}")),
    };
    if args.json {
        output::print_json(&report);
    } else {
        output::print(report.text(terminal::width(), terminal::stdout_paint()).as_bytes());
    }
    if report.failed() == 0 { Exit::Yes } else { Exit::No }
}
