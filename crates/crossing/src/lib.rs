//! CORS, both halves of it: what a server grants, what a browser enforces, and why.
#![forbid(unsafe_code)]

pub mod browser;
pub mod headers;
pub mod message;
pub mod method;
pub mod origin;
pub mod reason;
mod time;

pub use headers::{HeaderList, HeaderName, Value};
pub use message::{RequestHead, ResponseHead};
pub use origin::{Origin, OriginError, OriginProblem, TupleOrigin};
pub use reason::{Exchange, Fault, Reason};
pub use time::Time;
