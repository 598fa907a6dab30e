//! CORS in Envoy: a dynamic module, whose one filter is called `crossing`.
//!
//! ```text
//!   Envoy ──▶ hooks ──▶ Filter ──▶ Policy::decide ──┬─▶ Answer: send_response
//!               │          ▲                        └─▶ Forward: the response's headers, when it comes
//!               │          └ view: headers, lent by Envoy
//!               └ every panic ends here
//! ```
//!
//! `docs/envoy.md` has how to build and to load it. The interface is declared by hand in `abi`; `envoy` makes its calls
//! safe; nothing else but `hooks` has `unsafe` code.

mod abi;
mod counters;
mod envoy;
mod filter;
mod hooks;
mod source;
mod view;
