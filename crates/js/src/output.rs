//! What a script says, and who hears it.

use crate::conversation::Conversation;
use crate::error::ScriptError;

/// How loud a line of the console is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Who hears what.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) console: Option<Box<Console>>,
    pub(crate) uncaught: Option<Box<Uncaught>>,
    pub(crate) notice: Option<Box<Notice>>,
    pub(crate) conversations: Option<Box<Conversations>>,
}

impl Output {
    pub(crate) fn console(&mut self, level: ConsoleLevel, text: &str) {
        if let Some(console) = &mut self.console {
            console(level, text);
        }
    }

    pub(crate) fn uncaught(&mut self, error: &ScriptError) {
        if let Some(uncaught) = &mut self.uncaught {
            uncaught(error);
        }
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
