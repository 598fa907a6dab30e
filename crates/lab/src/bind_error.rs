//! Why the lab cannot listen.

use std::fmt;
use std::io;

/// Why the lab cannot listen.
#[derive(Debug)]
#[non_exhaustive]
pub enum BindError {
    /// Another program listens on this port.
    PortInUse(u16),
    /// The system refuses this port.
    Port(u16, io::Error),
    /// There is no free port for a live origin.
    LiveOrigins(io::Error),
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BindError::PortInUse(port) => write!(f, "port {port} is in use"),
            BindError::Port(port, error) => write!(f, "127.0.0.1:{port} cannot be listened on: {error}"),
            BindError::LiveOrigins(error) => write!(f, "the live origins have no sockets: {error}"),
        }
    }
}

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BindError::PortInUse(_) => None,
            BindError::Port(_, error) | BindError::LiveOrigins(error) => Some(error),
        }
    }
}
