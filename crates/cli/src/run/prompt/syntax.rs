//! What the text of a script shows without an engine: whether it is incomplete, its last word, and what it declares.

/// The keywords that declare a name that is not a property of the global.
const DECLARATIONS: [&str; 3] = ["let", "const", "class"];

/// Whether a bracket, a template or a comment is still open. An empty last line ends the input regardless.
pub(super) fn is_incomplete(text: &str) -> bool {
    if text.ends_with('\n') {
        return false;
    }
    let mut open = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '(' | '[' | '{' => open.push(c),
            ')' | ']' => drop(open.pop()),
            '`' | '}' => {
                // The `}` of `${` returns to the template.
                let in_template = c == '`' || open.pop() == Some('$');
                if in_template && skip_template(&mut chars, &mut open) {
                    return true;
                }
            }
            '\'' | '"' => skip_string(&mut chars, c),
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'*') => {
                let rest: String = chars.clone().skip(1).collect();
                let Some(end) = rest.find("*/") else { return true };
                for _ in 0..rest[..end].chars().count() + 3 {
                    chars.next();
                }
            }
            _ => {}
        }
    }
    !open.is_empty()
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Skips to the end of the template, or to its next `${`. Returns whether the text ends inside the template.
fn skip_template(chars: &mut Chars<'_>, open: &mut Vec<char>) -> bool {
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '`' => return false,
            '$' if chars.next_if_eq(&'{').is_some() => {
                open.push('$');
                return false;
            }
            _ => {}
        }
    }
    true
}

/// Skips to the end of the string, or of its line.
fn skip_string(chars: &mut Chars<'_>, quote: char) {
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '\n' => return,
            c if c == quote => return,
            _ => {}
        }
    }
}

/// The last word before the cursor: the chain of names before it, and its start. `None` after any other expression, whose
/// value is not known without running it.
pub(super) fn last_word(text: &str) -> Option<(&str, &str)> {
    let begin = text.rfind(|c: char| !is_name_char(c) && c != '.').map_or(0, |at| at + char_length(text, at));
    let word = &text[begin..];
    match word.rsplit_once('.') {
        None => Some(("", word)),
        Some((path, start)) => (!path.is_empty() && !path.starts_with('.')).then_some((path, start)),
    }
}

fn char_length(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The names that a text declares.
pub(super) fn declared(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(|c: char| !is_name_char(c)).filter(|word| !word.is_empty()).collect();
    let declares = |pair: &&[&str]| DECLARATIONS.contains(&pair[0]);
    words.windows(2).filter(declares).map(|pair| pair[1].to_owned()).collect()
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_input_is_incomplete() {
        for text in ["f(", "if (x) {", "[1,\n2", "`a", "`a ${b", "/* a", "x = {a: '}'", "`${`${1"] {
            assert!(is_incomplete(text), "{text}");
        }
        for text in [
            "",
            "1",
            "f(')')",
            "'('",
            "\"[\\\"(\"",
            "// (",
            "/* ( */ 1",
            "`(${f('`')}(`",
            "f(\n",
            ")",
            "'(\n1",
        ] {
            assert!(!is_incomplete(text), "{text}");
        }
    }

    #[test]
    fn the_last_word_is_a_chain_of_names() {
        for (text, path, start) in [
            ("", "", ""),
            ("fet", "", "fet"),
            ("1 + xhr.resp", "xhr", "resp"),
            ("f(a.b.", "a.b", ""),
            ("ä€a.b", "a", "b"),
            ("€é.b", "é", "b"),
        ] {
            assert_eq!(last_word(text), Some((path, start)), "{text}");
        }
        for text in ["'x'.le", "f().", "[1].x.y"] {
            assert_eq!(last_word(text), None, "{text}");
        }
    }

    #[test]
    fn declarations_are_found() {
        assert_eq!(declared("let a = 1; const b=2\nclass C {}; letter x"), ["a", "b", "C"]);
    }
}
