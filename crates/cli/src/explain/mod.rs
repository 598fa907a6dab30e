//! `crossing explain`: what a code or a console's message means, and how to mend it.

mod console;
mod paste;

use crossing::{Exchange, Reason};
use serde::Serialize;

use crate::args::ExplainArgs;
use crate::document::ReasonDocument;
use crate::output::{self, Exit};
use crate::text::{Paint, shorten, visible, width, wrap};
use console::{Age, WORDINGS};
use paste::{Meaning, Paste};

/// Before the text of each line that has a word.
const MARGIN: usize = 12;

/// What `--json` prints.
#[derive(Serialize)]
struct Document {
    reasons: Vec<ReasonDocument>,
}

/// Finds the reasons, tells them, and says with which exit code to end.
pub(crate) fn run(args: &ExplainArgs) -> Exit {
    let (reasons, exchange, paste) = match &args.what {
        None => (Reason::ALL.to_vec(), Exchange::Request, None),
        Some(text) => {
            let paste = Paste::read(text);
            match &paste.meaning {
                Meaning::Reasons(reasons) => (reasons.clone(), paste.exchange, Some(paste)),
                Meaning::Generic => return output::cannot_tell(&generic(&paste)),
                Meaning::Unknown(near) => return output::cannot_tell(&unknown(text, *near)),
            }
        }
    };
    if args.json {
        let reasons = reasons.iter().map(|reason| ReasonDocument::of(*reason, exchange)).collect();
        output::print_json(&Document { reasons });
        return Exit::Yes;
    }
    let paint = Paint::for_stdout();
    let told = match &paste {
        None => list(&reasons, width(), paint),
        Some(paste) => tell(&reasons, paste, paint),
    };
    output::print(told.as_bytes());
    Exit::Yes
}

/// Every reason on a line; where there is little room, its code stands above.
fn list(reasons: &[Reason], width: usize, paint: Paint) -> String {
    let widest = reasons.iter().map(|reason| reason.code().len()).max().unwrap_or_default();
    let room = width.clamp(40, 120) - 4;
    let mut out = String::new();
    if room < widest + 40 {
        for reason in reasons {
            out.push_str(&format!(" {}\n", paint.bold(reason.code())));
            out.extend(wrap(reason.message(), room).iter().map(|line| format!("   {line}\n")));
        }
        return out;
    }
    let room = room - widest;
    for reason in reasons {
        for (at, line) in wrap(reason.message(), room).iter().enumerate() {
            let code = if at == 0 { reason.code() } else { "" };
            out.push_str(&format!(" {}  {line}\n", paint.bold(&format!("{code:<widest$}"))));
        }
    }
    out
}

fn tell(reasons: &[Reason], paste: &Paste<'_>, paint: Paint) -> String {
    let mut out = String::new();
    if reasons.len() > 1 {
        out.push_str(&format!(" The message stands for any of {} reasons.\n\n", reasons.len()));
    }
    for reason in reasons {
        out.push_str(&one(*reason, paste.exchange, paint));
        out.push('\n');
    }
    match paste.check_command() {
        Some(command) if reasons.len() > 1 => {
            out.push_str(&format!(" Which of them it is, says: {}\n", visible(&command)));
        }
        Some(command) => out.push_str(&format!(" To see it happen: {}\n", visible(&command))),
        None => {}
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// One reason, with everything that is known of it.
fn one(reason: Reason, exchange: Exchange, paint: Paint) -> String {
    let document = ReasonDocument::of(reason, exchange);
    let room = width().clamp(40, 100) - MARGIN - 4;
    let mut out = format!(" {}\n", paint.bold(reason.code()));
    let mut say = |word: &str, text: &str| {
        // An address stays whole, to be opened.
        let whole = text.starts_with("https://") && !text.contains(' ');
        let lines = if whole { vec![text.to_owned()] } else { wrap(text, room) };
        for (at, line) in lines.iter().enumerate() {
            let word = if at == 0 { word } else { "" };
            out.push_str(&format!("   {}{line}\n", paint.dim(&format!("{word:<MARGIN$}"))));
        }
    };
    say("what", reason.message());
    say("why", reason.cause());
    say("fix", reason.fix());
    say("whose", document.whose());
    say("rule", reason.rule());
    say("spec", reason.spec());
    let known = [("Chromium", document.chromium), ("Firefox", document.firefox)];
    let known: Vec<String> =
        known.iter().filter_map(|(browser, name)| name.map(|name| format!("{browser}: {name}"))).collect();
    if !known.is_empty() {
        say("known as", &known.join(", "));
    }
    for wording in
        WORDINGS.iter().filter(|wording| wording.age == Age::Current && wording.reasons.contains(&reason))
    {
        say(wording.console.name(), &wording.text.replace("{}", "…"));
    }
    out
}

/// The message that a script gets says nothing; the console does.
fn generic(paste: &Paste<'_>) -> String {
    let ask = paste.check_command().unwrap_or_else(|| "crossing check URL --from ORIGIN".to_owned());
    format!(
        "this is what a script is told of every network error, so that it learns nothing\n\
         The browser's console says more: paste its line. Or ask what the page would meet: {ask}"
    )
}

fn unknown(text: &str, near: Option<Reason>) -> String {
    let near = near.map(|reason| format!(" Did you mean {}?", reason.code())).unwrap_or_default();
    format!(
        "'{}' is no code of ours, of Chromium's or of Firefox's, and no message of a console that is known here.{near}\n\
         crossing explain --list names all codes.",
        shorten(text)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_as_wide_as_the_terminal() {
        for width in [40, 60, 80, 120] {
            let told = list(Reason::ALL, width, Paint::Plain);
            let widest = told.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= width, "{widest} of {width}");
        }
    }
}
