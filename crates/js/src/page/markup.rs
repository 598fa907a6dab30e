//! The parts of a page's markup: its scripts in order, its title, its base, its policies, and the elements with an id. It does
//! not build a tree.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// The parts of a page's markup.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    pub(crate) title: String,
    /// The first `<base href>`.
    pub(crate) base: Option<String>,
    /// `<meta http-equiv>`, its name in lower case, and its content.
    pub(crate) pragmas: Vec<(String, String)>,
    /// The content of each `<meta name=referrer>`.
    pub(crate) referrers: Vec<String>,
    /// The elements that have an id, and the scripts.
    pub(crate) elements: Vec<Element>,
    pub(crate) scripts: Vec<Script>,
}

/// An element, as far as it is known.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// The name, in lower case.
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// The text right behind its start tag.
    pub(crate) text: String,
}

/// A `<script>`.
#[derive(Debug)]
pub(crate) struct Script {
    /// Its number among the elements; those before it have been met when it runs.
    pub(crate) element: usize,
    /// The line on which its text begins.
    pub(crate) line: u64,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Markup {
    /// Reads a whole page.
    pub(crate) fn read(html: &str) -> Markup {
        let reader = TokenReader::default();
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(html));
        let tokenizer = Tokenizer::new(reader, TokenizerOpts::default());
        while !input.is_empty() {
            // It stops for nothing but an encoding, which the page's text has behind it.
            let _ = tokenizer.feed(&input);
        }
        tokenizer.end();
        tokenizer.sink.0.into_inner().markup
    }
}

/// Takes the tokens.
#[derive(Default)]
struct TokenReader(RefCell<MarkupReader>);

#[derive(Default)]
struct MarkupReader {
    markup: Markup,
    /// A script that has not been closed; it runs only when it is.
    script: Option<Script>,
    /// Where the next text belongs.
    target: TextTarget,
    /// How many `<template>` are open: what is in one is inert.
    templates: u32,
    /// Whether a title has been met.
    titled: bool,
}

#[derive(Default, PartialEq)]
enum TextTarget {
    #[default]
    Nothing,
    Title,
    Script,
    /// The last element that has an id.
    Element,
    /// Text that is not used.
    Other,
}

impl TokenSink for TokenReader {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return reader.start(&tag, line),
            Token::TagToken(tag) => reader.end(&tag),
            Token::CharacterTokens(text) => reader.text(&text),
            Token::NullCharacterToken => reader.text("\u{fffd}"),
            Token::DoctypeToken(_) | Token::CommentToken(_) | Token::EOFToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}

impl MarkupReader {
    fn start(&mut self, tag: &Tag, line: u64) -> TokenSinkResult<()> {
        let attributes: Vec<(String, String)> =
            tag.attrs.iter().map(|it| (it.name.local.to_string(), it.value.to_string())).collect();
        let element = Element { name: tag.name.to_string(), attributes, text: String::new() };
        let inert = self.templates > 0;
        self.target = TextTarget::Nothing;
        // In which state the text goes on: https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inhead
        let result = match &*tag.name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        };
        match &*tag.name {
            "template" => self.templates += 1,
            _ if inert => {}
            "title" if !self.titled => {
                self.titled = true;
                self.target = TextTarget::Title;
            }
            "base" if self.markup.base.is_none() => {
                self.markup.base = element.attribute("href").map(str::to_owned);
            }
            "meta" => self.meta(&element),
            "script" => {
                self.target = TextTarget::Script;
                let number = self.markup.elements.len();
                self.script = Some(Script { element: number, line, text: String::new() });
                self.markup.elements.push(element);
            }
            _ if element.attribute("id").is_some_and(|id| !id.is_empty()) => {
                self.target = TextTarget::Element;
                self.markup.elements.push(element);
            }
            _ => {}
        }
        if result != TokenSinkResult::Continue && self.target == TextTarget::Nothing {
            self.target = TextTarget::Other;
        }
        result
    }

    fn end(&mut self, tag: &Tag) {
        if &*tag.name == "template" {
            self.templates = self.templates.saturating_sub(1);
        }
        if &*tag.name == "script" {
            self.markup.scripts.extend(self.script.take());
        }
        self.target = TextTarget::Nothing;
    }

    fn text(&mut self, text: &str) {
        match self.target {
            TextTarget::Title => self.markup.title.push_str(text),
            TextTarget::Script => {
                if let Some(script) = &mut self.script {
                    script.text.push_str(text);
                }
            }
            TextTarget::Element => {
                if let Some(element) = self.markup.elements.last_mut() {
                    element.text.push_str(text);
                }
            }
            TextTarget::Nothing | TextTarget::Other => {}
        }
    }

    fn meta(&mut self, element: &Element) {
        let Some(content) = element.attribute("content") else { return };
        if let Some(name) = element.attribute("http-equiv") {
            self.markup.pragmas.push((name.to_ascii_lowercase(), content.to_owned()));
        }
        if element.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("referrer")) {
            self.markup.referrers.push(content.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_found_in_order_where_they_run() {
        let markup = Markup::read(
            "<!doctype html><title>A &amp; B</title><base href=/x/><base href=/y/>\n\
             <!-- <script>no</script> --><script>1 < 2 && '</scr' + 'ipt>'</script>\n\
             <textarea><script>no</script></textarea><noscript><script>no</script></noscript>\n\
             <template><script>no</script></template>\n\
             <p id=out>text<script src='a.js' async></script><script>never closed",
        );
        assert_eq!((markup.title.as_str(), markup.base.as_deref()), ("A & B", Some("/x/")));
        let texts: Vec<_> = markup.scripts.iter().map(|script| (script.line, script.text.as_str())).collect();
        assert_eq!(texts, [(2, "1 < 2 && '</scr' + 'ipt>'"), (5, "")]);
        let names: Vec<_> = markup.elements.iter().map(|element| element.name.as_str()).collect();
        assert_eq!(names, ["script", "p", "script", "script"]);
        assert_eq!(markup.elements[1].text, "text");
        assert_eq!(markup.elements[2].attribute("src"), Some("a.js"));
        assert_eq!(markup.elements[2].attribute("async"), Some(""));
    }

    #[test]
    fn metas_are_kept() {
        let markup = Markup::read(
            "<meta http-equiv=Content-Security-Policy content=\"script-src 'self'\"><meta name=Referrer content=origin><meta>",
        );
        let pragma = ("content-security-policy".to_owned(), "script-src 'self'".to_owned());
        assert_eq!((markup.pragmas, markup.referrers), (vec![pragma], vec!["origin".to_owned()]));
    }
}
