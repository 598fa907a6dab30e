//! The flags of `crossing demo`.

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing demo
  crossing demo --xhr
  crossing demo --json | jq '.cases[] | select(.ok | not)'";

/// How the demo's cases are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As requests of the core.
    Core,
    /// As scripts.
    Script,
}

impl DemoArgs {
    pub(crate) fn way(&self) -> Way {
        if self.xhr { Way::Script } else { Way::Core }
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
