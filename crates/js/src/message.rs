//! What a script says.

/// How loud it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `console.log()`
    Log,
    /// `console.info()`
    Info,
    /// `console.debug()`
    Debug,
    /// `console.warn()`
    Warn,
    /// `console.error()`
    Error,
    /// An error or a rejection that nobody caught.
    Uncaught,
}

impl Level {
    pub(crate) fn from_name(name: &str) -> Level {
        match name {
            "info" => Level::Info,
            "debug" => Level::Debug,
            "warn" => Level::Warn,
            "error" => Level::Error,
            _ => Level::Log,
        }
    }
}

/// A line of the console, or an error that nobody caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How loud.
    pub level: Level,
    /// What.
    pub text: String,
}
