//! The flags of `crossing demo`.

use clap::Args;
use crossing_lab::demo::Driver;

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing demo
  crossing demo --xhr
  crossing demo --json | jq '.cases[] | select(.ok | not)'";

impl DemoArgs {
    pub(crate) fn driver(&self) -> Driver {
        if self.xhr { Driver::Script } else { Driver::Core }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Ask with scripts: XMLHttpRequest, or fetch where only that can ask so
    #[arg(long)]
    xhr: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
