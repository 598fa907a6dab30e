//! Runs scripts with a browser's `fetch` and `XMLHttpRequest`, without a browser.
//!
//! The interfaces are a prelude script over the core's state machines. The core decides what a script may see of a response.
//!
//! ```
//! use axum::{Router, routing::get};
//! use crossing_agent::Agent;
//! use crossing_js::Runtime;
//!
//! let app = Router::new().route("/", get(|| async { ([("access-control-allow-origin", "*")], "hello") }));
//! let agent = Agent::in_process().host("api.example.com", app).build()?;
//!
//! let mut runtime = Runtime::builder().origin("https://app.example.com".parse()?).agent(agent).build()?;
//! runtime.run_script("page.js", "
//!     const xhr = new XMLHttpRequest();
//!     xhr.open('GET', 'https://api.example.com/');
//!     xhr.onload = () => { globalThis.seen = xhr.responseText; };
//!     xhr.send();
//! ")?;
//! runtime.run_until_idle()?;
//! assert_eq!(runtime.eval("seen")?, "'hello'");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod blob_store;
mod conversation;
mod encoding;
mod environment;
mod error;
mod execution;
mod fetch;
mod fetches;
mod hooks;
mod host;
mod limits;
mod listeners;
mod microtasks;
mod native_object;
mod natives;
mod network;
mod output;
mod page;
mod prelude;
mod proxy;
mod redact;
mod runtime;
mod runtime_handle;
mod timers;
mod url;
mod values;
mod watchdog;
mod xhr;

pub use conversation::{Conversation, ConversationEnd};
pub use error::{Error, ScriptError};
pub use limits::Limits;
pub use output::ConsoleLevel;
pub use page::{OpenError, OpenProblem, Opened, Page, open};
pub use runtime::{Runtime, RuntimeBuilder};
pub use runtime_handle::RuntimeHandle;
