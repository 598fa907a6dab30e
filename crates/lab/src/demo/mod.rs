//! The demo: every rule of CORS, in one case each, over real sockets on loopback.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use crossing_lab::demo::{self, Driver};
//!
//! let report = demo::run(Driver::Core).await?;
//! assert_eq!(report.failed(), 0, "{report}");
//! # Ok(())
//! # }
//! ```

pub(crate) mod case;
pub(crate) mod cases;
mod demo_error;
mod driver;
mod observation;
mod report;
mod runner;
mod script;
pub(crate) mod servers;
mod table;

pub use demo_error::DemoError;
pub use driver::Driver;
pub use report::Report;
pub use runner::run;
