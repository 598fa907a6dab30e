//! What a script is not told.

use crossing::browser::Event;
use crossing_agent::{NetworkError, WireExchange};

/// One fetch of a script's: what went over the wire, what was decided, and how it ended.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The method.
    pub method: String,
    /// The URL that the script asked for.
    pub url: String,
    /// What went over the wire; empty unless the agent records it.
    pub exchanges: Vec<WireExchange>,
    /// What was decided; empty unless the agent traces it.
    pub trace: Vec<Event>,
    /// Why the script got no response, if it got none.
    pub error: Option<NetworkError>,
}
