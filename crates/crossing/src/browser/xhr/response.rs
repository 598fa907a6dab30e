//! What a script reads of the response.

use encoding_rs::{Encoding, UTF_8};

use super::{ResponseType, State, Xhr, XhrError};
use crate::browser::BodyAccess;
use crate::headers::{HeaderList, MimeType};

impl Xhr {
    /// [`status`](https://xhr.spec.whatwg.org/#the-status-attribute); 0 without a response.
    pub fn status(&self) -> u16 {
        self.response.as_ref().map_or(0, |response| response.status)
    }

    /// [`statusText`](https://xhr.spec.whatwg.org/#the-statustext-attribute), as bytes.
    pub fn status_text(&self) -> &[u8] {
        self.response.as_ref().map_or(&[], |response| &response.status_text)
    }

    /// [`responseURL`](https://xhr.spec.whatwg.org/#the-responseurl-attribute): without the fragment; empty without a response.
    pub fn response_url(&self) -> String {
        self.response.as_ref().and_then(|response| response.url()).map_or_else(String::new, String::from)
    }

    /// [`getResponseHeader()`](https://xhr.spec.whatwg.org/#the-getresponseheader()-method): `None` where there is no such
    /// header, or the script may not see it.
    pub fn response_header(&self, name: &str) -> Option<Vec<u8>> {
        let name = name.parse().ok()?;
        Some(self.response.as_ref()?.headers.get(&name)?.as_bytes().to_vec())
    }

    /// [`getAllResponseHeaders()`](https://xhr.spec.whatwg.org/#the-getallresponseheaders()-method): lower-case names, a
    /// line each, sorted as if they were upper-case.
    pub fn all_response_headers(&self) -> Vec<u8> {
        let Some(response) = &self.response else { return Vec::new() };
        let mut lines: Vec<_> = response.headers.sort_and_combine().into_iter().collect();
        lines.sort_by_key(|(name, _)| name.as_str().to_ascii_uppercase());
        let mut output = Vec::new();
        for (name, value) in lines {
            output.extend_from_slice(name.as_str().as_bytes());
            output.extend_from_slice(b": ");
            output.extend_from_slice(value.as_bytes());
            output.extend_from_slice(b"\r\n");
        }
        output
    }

    /// The bytes of the body that have come.
    pub fn received_bytes(&self) -> &[u8] {
        &self.received
    }

    /// [`responseText`](https://xhr.spec.whatwg.org/#the-responsetext-attribute), also of a body that is still coming.
    ///
    /// # Errors
    /// [`XhrError::InvalidState`] for another response type than text.
    pub fn response_text(&self) -> Result<String, XhrError> {
        if !matches!(self.response_type, ResponseType::Default | ResponseType::Text) {
            return Err(XhrError::InvalidState);
        }
        Ok(if matches!(self.state, State::Loading | State::Done) { self.text() } else { String::new() })
    }

    /// Whether [`response`](https://xhr.spec.whatwg.org/#the-response-attribute) has an object for a script: the body is
    /// complete, and there was one.
    pub fn has_response_object(&self) -> bool {
        self.state == State::Done && self.has_body()
    }

    /// The body for response type `json`: always decoded as UTF-8.
    pub fn json_text(&self) -> String {
        UTF_8.decode_with_bom_removal(&self.received).0.into_owned()
    }

    /// The [final MIME type](https://xhr.spec.whatwg.org/#final-mime-type), as a `Blob` has it.
    pub fn final_mime_type(&self) -> MimeType {
        self.override_mime.clone().unwrap_or_else(|| self.response_mime_type())
    }

    pub(super) fn has_body(&self) -> bool {
        self.response.as_ref().is_some_and(|response| response.body == BodyAccess::Readable)
    }

    /// [Get a response MIME type](https://xhr.spec.whatwg.org/#response-mime-type).
    fn response_mime_type(&self) -> MimeType {
        let empty = HeaderList::new();
        let headers = self.response.as_ref().map_or(&empty, |response| &response.headers);
        MimeType::extract(headers).unwrap_or_else(MimeType::text_xml)
    }

    /// [Get a text response](https://xhr.spec.whatwg.org/#text-response).
    fn text(&self) -> String {
        if !self.has_body() {
            return String::new();
        }
        let response = self.response_mime_type();
        let sniffed = || {
            let mime = self.override_mime.as_ref().unwrap_or(&response);
            let is_xml = self.response_type == ResponseType::Default && mime.is_xml();
            if is_xml { xml_encoding(&self.received) } else { None }
        };
        let encoding = self.final_encoding(&response).or_else(sniffed).unwrap_or(UTF_8);
        // A byte order mark has precedence over all labels.
        encoding.decode(&self.received).0.into_owned()
    }

    /// [Get a final encoding](https://xhr.spec.whatwg.org/#final-charset).
    fn final_encoding(&self, response: &MimeType) -> Option<&'static Encoding> {
        let overriding = self.override_mime.as_ref().and_then(|mime| mime.parameter("charset"));
        let label = overriding.or_else(|| response.parameter("charset"))?;
        Encoding::for_label(label.as_bytes())
    }
}

/// The encoding that an XML declaration names.
fn xml_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).take(1024).position(|two| two == b"?>")?;
    let text = std::str::from_utf8(&declaration[..end]).ok()?;
    let value = text.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Encoding::for_label(value[1..].split(quote).next()?.as_bytes())
}
