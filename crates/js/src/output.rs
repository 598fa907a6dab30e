//! What a script prints and reports, and the functions of the program that receive it.

use crate::conversation::Conversation;
use crate::error::ScriptError;

/// The level of a line of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConsoleLevel {
    /// `console.log`, `console.info` and `console.debug`.
    Log,
    /// `console.warn`.
    Warning,
    /// `console.error`.
    Error,
}

type Console = dyn FnMut(ConsoleLevel, &str);
type Uncaught = dyn FnMut(&ScriptError);
type Notice = dyn FnMut(&str);
type Conversations = dyn FnMut(Conversation);

/// The functions that receive the output.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) console: Option<Box<Console>>,
    pub(crate) uncaught: Option<Box<Uncaught>>,
    pub(crate) notice: Option<Box<Notice>>,
    pub(crate) conversations: Option<Box<Conversations>>,
    errors: Vec<ScriptError>,
}

impl Output {
    pub(crate) fn console(&mut self, level: ConsoleLevel, text: &str) {
        if let Some(console) = &mut self.console {
            console(level, text);
        }
    }

    /// Reports and stores an exception that was not caught.
    pub(crate) fn uncaught(&mut self, text: String) {
        let error = ScriptError { text };
        if let Some(uncaught) = &mut self.uncaught {
            uncaught(&error);
        }
        self.errors.push(error);
    }

    /// The exceptions that were not caught since the last call.
    pub(crate) fn take_errors(&mut self) -> Vec<ScriptError> {
        std::mem::take(&mut self.errors)
    }

    pub(crate) fn notice(&mut self, text: &str) {
        if let Some(notice) = &mut self.notice {
            notice(text);
        }
    }

    pub(crate) fn conversation(&mut self, conversation: Conversation) {
        if let Some(conversations) = &mut self.conversations {
            conversations(conversation);
        }
    }
}
