//! What happens when a page requests a URL: the conversation, the verdict, the reason, the fix.
//!
//! [`Check`] sends the request and follows it as a browser would; [`Recording`] judges recorded traffic without sending
//! anything.

mod advice;
mod cause;
mod checked;
mod decided;
mod drawing;
mod fetching;
mod har_writer;
mod narration;
mod notes;
mod options;
pub mod pasted;
mod recording;
mod remedy;
mod replay;
mod report;
mod request;

pub use checked::{Check, Checked};
pub use fetching::SetupError;
pub use har_writer::Secrets;
pub use options::{CheckOptions, Patch, Profiles};
pub use recording::{Recording, RecordingError, read_har};
pub use request::CheckError;
