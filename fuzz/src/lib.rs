//! Splits the fuzzer's bytes into what a target needs.

use crossing::headers::Value;
use crossing::{HeaderList, HeaderName};

/// The fuzzer's bytes, taken piece by piece.
#[derive(Clone, Copy, Debug)]
pub struct Pieces<'b>(&'b [u8]);

impl<'b> Pieces<'b> {
    /// All of it.
    pub const fn new(bytes: &'b [u8]) -> Pieces<'b> {
        Pieces(bytes)
    }

    /// One byte; 0 when there is none left.
    pub fn byte(&mut self) -> u8 {
        match self.0 {
            [first, rest @ ..] => {
                self.0 = rest;
                *first
            }
            [] => 0,
        }
    }

    /// One of a few.
    pub fn one_of<T: Copy, const N: usize>(&mut self, few: [T; N]) -> T {
        few[usize::from(self.byte()) % N]
    }

    /// The bytes up to a line feed.
    pub fn line(&mut self) -> &'b [u8] {
        match self.0.iter().position(|&byte| byte == b'\n') {
            Some(end) => {
                let line = &self.0[..end];
                self.0 = &self.0[end + 1..];
                line
            }
            None => std::mem::take(&mut self.0),
        }
    }

    /// A line as text.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.line()).into_owned()
    }

    /// Whether nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// At most `most` header lines, each with one of the names that matter or a name of its own, up to an empty line.
    pub fn headers(&mut self, names: &[&'static str], most: usize) -> HeaderList {
        let mut headers = HeaderList::new();
        while headers.len() < most && !self.is_empty() {
            let choice = usize::from(self.byte());
            let name = match names.get(choice) {
                Some(name) => HeaderName::from_static(name),
                None if choice == 255 => break,
                None => match HeaderName::from_bytes(self.line()) {
                    Ok(name) => name,
                    Err(_) => continue,
                },
            };
            if let Ok(value) = Value::new(self.line()) {
                headers.append(name, value);
            }
        }
        headers
    }
}
