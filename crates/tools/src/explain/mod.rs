//! What a code or a line of a browser's console means, and how to fix it.

mod console;
mod paste;

use std::fmt;

use crossing::{Exchange, Reason};
use serde::{Serialize, Serializer};

use crate::report::ReasonDocument;
use crate::text::{Paint, shorten, visible, wrap};
use console::{Age, WORDINGS};
use paste::{Meaning, Paste};

/// Before the text of each line that has a word.
const MARGIN: usize = 12;

/// The reasons that a code or message can mean.
///
/// `Display` describes them, 80 columns wide and without colour; `Serialize` writes the document that `crossing explain --json`
/// prints.
///
/// ```
/// use crossing_tools::explain::Explanation;
///
/// let explanation = Explanation::of("CORSMissingAllowOrigin")?;
/// assert_eq!(explanation.reasons(), [crossing::Reason::AcaoMissing]);
/// println!("{explanation}");
/// # Ok::<(), crossing_tools::explain::NotExplained>(())
/// ```
#[derive(Clone, Debug)]
pub struct Explanation {
    reasons: Vec<Reason>,
    exchange: Exchange,
    form: Form,
}

/// How reasons are shown.
#[derive(Clone, Debug)]
enum Form {
    /// A line for each.
    List,
    /// Everything that is known of each, with the command that reproduces it.
    Full(Option<String>),
}

/// Why a text is not explained; `Display` says what to do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotExplained(String);

impl fmt::Display for NotExplained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotExplained {}

impl Explanation {
    /// Explains a code of this project, a name from Chromium or Firefox, or a pasted console line.
    ///
    /// # Errors
    /// If the text is not recognised, or is the message that scripts get for every failure.
    pub fn of(text: &str) -> Result<Explanation, NotExplained> {
        let paste = Paste::read(text);
        match &paste.meaning {
            Meaning::Reasons(reasons) => Ok(Explanation {
                reasons: reasons.clone(),
                exchange: paste.exchange,
                form: Form::Full(paste.check_command()),
            }),
            Meaning::Generic => Err(NotExplained(generic(&paste))),
            Meaning::Unknown(near) => Err(NotExplained(unknown(text, *near))),
        }
    }

    /// All reasons, as a list.
    pub fn all() -> Explanation {
        Explanation { reasons: Reason::ALL.to_vec(), exchange: Exchange::Request, form: Form::List }
    }

    /// The reasons, at least one.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The text for a terminal of this width.
    pub fn text(&self, width: usize, paint: Paint) -> String {
        match &self.form {
            Form::List => list(&self.reasons, width, paint),
            Form::Full(command) => tell(&self.reasons, self.exchange, command.as_deref(), width, paint),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(80, Paint::Plain))
    }
}

/// The document of `crossing explain --json`.
#[derive(Serialize)]
struct Document {
    reasons: Vec<ReasonDocument>,
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let reasons = self.reasons.iter().map(|reason| ReasonDocument::of(*reason, self.exchange));
        Document { reasons: reasons.collect() }.serialize(serializer)
    }
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

fn tell(reasons: &[Reason], exchange: Exchange, command: Option<&str>, width: usize, paint: Paint) -> String {
    let mut out = String::new();
    if reasons.len() > 1 {
        out.push_str(&format!(" The message stands for any of {} reasons.\n\n", reasons.len()));
    }
    for reason in reasons {
        out.push_str(&one(*reason, exchange, width, paint));
        out.push('\n');
    }
    match command {
        Some(command) if reasons.len() > 1 => {
            out.push_str(&format!(" Which of them it is, says: {}\n", visible(command)));
        }
        Some(command) => out.push_str(&format!(" To see it happen: {}\n", visible(command))),
        None => {}
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// One reason, with everything that is known of it.
fn one(reason: Reason, exchange: Exchange, width: usize, paint: Paint) -> String {
    let document = ReasonDocument::of(reason, exchange);
    let room = width.clamp(40, 100) - MARGIN - 4;
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
