//! The native half of an `XMLHttpRequest`: the core's state machine, and the fetch under it.

mod cell;
mod dispatch;
mod native;
mod natives;

pub(crate) use natives::natives;
