//! What makes the requests of the demo.

/// What makes the requests of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// The agent.
    Core,
    /// Scripts: `XMLHttpRequest`, or `fetch()` where only `fetch()` can make the request.
    Script,
}
