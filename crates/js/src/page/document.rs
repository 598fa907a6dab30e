//! The state of a page while it is loaded: how much of it has been read, and what has come of its scripts.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};

use crossing::browser::{Response, ResponseType};
use crossing::headers::{MimeType, isomorphic_decode};
use encoding_rs::Encoding;
use url::Url;

use super::Page;
use super::markup::{Element, Markup};
use super::script::{ScriptAction, Timing};
use crate::network::NetworkEvent;
use crate::redact::display_url;

/// A page that is being loaded, or has been.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) markup: Markup,
    pub(crate) base: Option<Url>,
    encoding: &'static Encoding,
    files: HashMap<Url, Vec<u8>>,
    /// Whether its loading has begun.
    pub(crate) begun: Cell<bool>,
    /// How many elements have been read.
    read: Cell<usize>,
    /// External scripts, by their numbers.
    external: RefCell<HashMap<usize, External>>,
    /// Asynchronous scripts that have been loaded and have not run, by their numbers.
    ready: RefCell<VecDeque<usize>>,
}

/// The state of an external script.
#[derive(Debug)]
enum External {
    Pending,
    Receiving(Box<Response>, Vec<u8>),
    Done(Result<Source, Option<String>>),
}

/// A script's text.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) errors: Errors,
}

/// Whether the errors of a script are reported to the page: the [muted errors](https://html.spec.whatwg.org/multipage/webappapis.html#muted-errors)
/// of another origin's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errors {
    Reported,
    Muted,
}

impl Document {
    pub(crate) fn new(page: Page) -> Document {
        Document {
            base: page.base(),
            markup: page.markup,
            encoding: page.encoding,
            files: page.files,
            begun: Cell::default(),
            read: Cell::default(),
            external: RefCell::default(),
            ready: RefCell::default(),
        }
    }

    /// How this script runs.
    pub(crate) fn action(&self, number: usize) -> ScriptAction {
        let script = &self.markup.scripts[number];
        ScriptAction::for_element(self.script(number), &script.text, self.base.as_ref())
    }

    /// The element of this script.
    pub(crate) fn script(&self, number: usize) -> &Element {
        &self.markup.elements[self.markup.scripts[number].element]
    }

    /// Reads on: up to this script, or to the end.
    pub(crate) fn read_to(&self, script: Option<usize>) {
        let script = script.and_then(|number| self.markup.scripts.get(number));
        self.read.set(script.map_or(self.markup.elements.len(), |script| script.element + 1));
    }

    /// The first element of this id that has been read, and its number.
    pub(crate) fn element(&self, id: &str) -> Option<usize> {
        let read = &self.markup.elements[..self.read.get()];
        read.iter().position(|element| element.attribute("id") == Some(id))
    }

    /// A script's text begins on its own line of the page.
    pub(crate) fn inline(&self, number: usize, name: String) -> Source {
        let script = &self.markup.scripts[number];
        let lines = usize::try_from(script.line.saturating_sub(1)).unwrap_or(0);
        Source { name, text: "\n".repeat(lines) + &script.text, errors: Errors::Reported }
    }

    /// Loads what the program has given for this URL.
    pub(crate) fn load_file(&self, number: usize, url: &Url) {
        let done = match self.files.get(url) {
            Some(bytes) => Ok(self.source(number, url.to_string(), bytes, None, Errors::Reported)),
            None => Err(Some(format!("{url}: no file beside the page"))),
        };
        self.external.borrow_mut().insert(number, External::Done(done));
    }

    pub(crate) fn await_script(&self, number: usize) {
        self.external.borrow_mut().insert(number, External::Pending);
    }

    pub(crate) fn is_loaded(&self, number: usize) -> bool {
        matches!(self.external.borrow().get(&number), None | Some(External::Done(_)))
    }

    /// Takes a script that was loaded; with an error, the notice for the user, unless the error was reported already.
    pub(crate) fn take_source(&self, number: usize) -> Result<Source, Option<String>> {
        match self.external.borrow_mut().remove(&number) {
            Some(External::Done(done)) => done,
            _ => Err(None),
        }
    }

    /// Takes an event of a script's fetch. After the last one an asynchronous script is ready to run.
    pub(crate) fn receive(&self, number: usize, event: NetworkEvent) {
        if self.is_last_event(number, event)
            && matches!(self.action(number), ScriptAction::Fetch(_, Timing::Async))
        {
            self.ready.borrow_mut().push_back(number);
        }
    }

    /// The next asynchronous script that is ready to run.
    pub(crate) fn take_ready(&self) -> Option<usize> {
        self.ready.borrow_mut().pop_front()
    }

    fn is_last_event(&self, number: usize, event: NetworkEvent) -> bool {
        let mut external = self.external.borrow_mut();
        let done = match (external.get_mut(&number), event) {
            (Some(state @ External::Pending), NetworkEvent::Head(response, ..)) => {
                *state = External::Receiving(response, Vec::new());
                return false;
            }
            (Some(External::Receiving(_, body)), NetworkEvent::Chunk(bytes)) => {
                body.extend_from_slice(&bytes);
                return false;
            }
            (Some(External::Receiving(response, body)), NetworkEvent::End) => {
                self.decode_response(number, response, body)
            }
            (_, NetworkEvent::Failed(_)) => Err(None),
            _ => return false,
        };
        external.insert(number, External::Done(done));
        true
    }

    fn decode_response(
        &self,
        number: usize,
        response: &Response,
        body: &[u8],
    ) -> Result<Source, Option<String>> {
        let Some(url) = response.url() else { return Err(None) };
        if !(200..300).contains(&response.status) {
            let text = isomorphic_decode(&response.status_text);
            return Err(Some(format!(
                "{}: the server answered {} {text}",
                display_url(&url),
                response.status
            )));
        }
        let mime = MimeType::extract(&response.headers);
        let charset = mime.as_ref().and_then(|mime| mime.parameter("charset"));
        let errors = if response.kind == ResponseType::Opaque { Errors::Muted } else { Errors::Reported };
        Ok(self.source(number, display_url(&url), body, charset, errors))
    }

    /// [Decodes](https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-classic-script): the server's word goes before the
    /// element's, and that before the page's.
    fn source(
        &self,
        number: usize,
        name: String,
        bytes: &[u8],
        charset: Option<&str>,
        errors: Errors,
    ) -> Source {
        let labels = [charset, self.script(number).attribute("charset")];
        let named = labels.into_iter().flatten().find_map(|label| Encoding::for_label(label.as_bytes()));
        let (text, _, _) = named.unwrap_or(self.encoding).decode(bytes);
        Source { name, text: text.into_owned(), errors }
    }
}
