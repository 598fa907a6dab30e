//! The flags of `crossing demo`.

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing demo
  crossing demo --xhr
  crossing demo --json | jq '.cases[] | select(.ok | not)'";

/// What makes the requests of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    /// The agent.
    Core,
    /// Scripts.
    Script,
}

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
