//! A fetch as steps: what the page, the browser and the servers do, in order, and the rule behind each decision of the
//! browser.
//!
//! Steps hold data and no sentences. `crossing check` prints them as a diagram, and the lab draws them on its page. Each
//! step is `Serialize`: the lab's page gets it as JSON. Secrets in headers are replaced by `(present)`.

mod builder;
mod decision;
mod header_line;
mod rule;
mod serialize;
mod step;

pub use builder::{StoryBuilder, steps};
pub use decision::{Decision, LookUp, PreflightCause};
pub use header_line::{HeaderLine, Relevance};
pub use rule::Rule;
pub use step::{DeliveredResponse, HiddenHeader, Step};
