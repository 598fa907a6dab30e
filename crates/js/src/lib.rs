//! Scripts with a browser's `fetch` and `XMLHttpRequest`, and no browser.
//!
//! A [`Runtime`] is one worker-like global scope with the page's origin, the Web APIs that go with fetching, and an agent
//! that behaves as a browser: it sends preflights, keeps cookies back, and shows the script only what the server shared.
//!
//! ```
//! use crossing_js::Runtime;
//!
//! let mut runtime = Runtime::builder("https://app.example/").build()?;
//! assert_eq!(runtime.evaluate("new URL('/x?y=1', location.href).searchParams.get('y')")?, "1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Give it an [`Agent`](crossing_agent::Agent) with services in process, and front-end code is tested against an
//! application without a port: see [`RuntimeBuilder::agent`].

mod builder;
mod conversation;
mod error;
mod host;
mod limits;
mod message;
mod network;
mod prelude;
mod runtime;

pub use builder::{BuildError, RuntimeBuilder};
pub use conversation::Conversation;
pub use error::ScriptError;
pub use limits::Limits;
pub use message::{Level, Message};
pub use runtime::Runtime;
