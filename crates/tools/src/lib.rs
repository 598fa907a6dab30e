//! What the command `crossing` does, as a library: check, explain, lint, diff, export and audit.
//!
//! Nothing here prints, reads flags or ends the process. Each result is a value with `Display` (the text that the command
//! prints) and `Serialize` (its JSON document).
//!
//! **Check a URL in a test.** What happens when a page requests it?
//!
//! ```
//! use crossing_tools::check::{Check, CheckOptions};
//! use crossing_tools::report::Verdict;
//!
//! # fn server() -> std::io::Result<String> {
//! #     use std::io::{Read, Write};
//! #     let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! #     let url = format!("http://{}/", listener.local_addr()?);
//! #     std::thread::spawn(move || for stream in listener.incoming().flatten() {
//! #         let mut stream = stream;
//! #         let _ = stream.read(&mut [0; 4096]);
//! #         let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
//! #     });
//! #     Ok(url)
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! # let url = server()?;
//! let mut options = CheckOptions::new(url); // a server that sends no CORS headers
//! options.from = Some("https://app.example.com".to_owned());
//! let checked = Check::new(&options)?.run().await?;
//! assert_eq!(checked.verdict(), Verdict::Blocked);
//! assert!(checked.to_string().contains("acao-missing")); // the conversation, the reason, the fix
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! **Export a policy from a build script.** The same policy for nginx, HAProxy, Caddy, Apache, Envoy or Gateway API:
//!
//! ```
//! use crossing::Policy;
//! use crossing_tools::export::{Export, Target};
//!
//! let policy = Policy::from_toml("[[grant]]\nallow_origins = [\"https://app.example.com\"]")?;
//! let export = Export::new(&policy, Target::Envoy, "policy.toml");
//! assert!(!export.loosens()); // it grants no more than the policy
//! std::fs::write(std::env::temp_dir().join("envoy-cors.yaml"), export.config)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Audit servers from a service.** Which origins does a server trust, and what breaks in a browser?
//!
//! ```
//! use crossing_tools::audit::{Audit, AuditOptions};
//!
//! # fn server() -> std::io::Result<String> {
//! #     use std::io::{Read, Write};
//! #     let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! #     let url = format!("http://{}/", listener.local_addr()?);
//! #     std::thread::spawn(move || for stream in listener.incoming().flatten() {
//! #         let mut stream = stream;
//! #         let _ = stream.read(&mut [0; 4096]);
//! #         let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
//! #     });
//! #     Ok(url)
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! # let url = server()?;
//! let mut options = AuditOptions::new([url]);
//! # options.rate = 1000.0;
//! options.own = vec!["https://app.example.com".to_owned()];
//! let report = Audit::new(&options)?.run(|_progress| {}).await?;
//! for finding in report.findings() {
//!     println!("{:?} {}: {}", finding.severity, finding.code, finding.advice);
//! }
//! assert!(report.findings().any(|finding| finding.code == "own-refused"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! **Explain a console message.** A code, a browser's name for it, or the whole line:
//!
//! ```
//! use crossing_tools::explain::Explanation;
//!
//! let line = "No 'Access-Control-Allow-Origin' header is present on the requested resource.";
//! let explanation = Explanation::of(line)?;
//! assert_eq!(explanation.reasons()[0].code(), "acao-missing");
//! println!("{explanation}");
//! # Ok::<(), crossing_tools::explain::NotExplained>(())
//! ```

#![forbid(unsafe_code)]

pub mod audit;
pub mod check;
pub mod conversation;
pub mod diff;
pub mod explain;
pub mod export;
pub mod har;
pub mod lint;
pub mod network;
pub mod policy_file;
pub mod report;
pub mod server;
pub mod story;
pub mod text;
