//! What a person is told that the script is not.

use crossing_js::Conversation;
use url::Url;

use crate::check::{Sheet, story};
use crate::output;
use crate::text::{Paint, width};

/// Whoever looks on.
pub(crate) struct Watch {
    trace: bool,
    page: String,
}

impl Watch {
    pub(crate) fn new(trace: bool, page: &str) -> Watch {
        Watch { trace, page: page.to_owned() }
    }

    /// Tells of a fetch: all of it with `--trace`, else why it failed.
    pub(crate) fn tell(&self, conversation: &Conversation) {
        let paint = Paint::for_stderr();
        if self.trace
            && let Ok(url) = Url::parse(&conversation.url)
        {
            let asked = vec![
                story::Beat::Asks(format!("{} {}", conversation.method, url.path())),
                story::Beat::Pause,
            ];
            let told = story::tell(asked, &conversation.trace, &url);
            let server = url.origin().ascii_serialization();
            output::complain(&Sheet::new(width(), paint).draw(&self.page, &server, &told));
        }
        let Some(error) = &conversation.error else { return };
        let reason = error.failure.reason;
        let text = format!(
            "{} {} {}: {}\n  {}\n  fix: {}",
            paint.bad("blocked"),
            conversation.method,
            conversation.url,
            paint.bold(reason.code()),
            error,
            reason.fix()
        );
        output::complain(&text);
    }
}
