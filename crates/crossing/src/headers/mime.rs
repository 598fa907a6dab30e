//! [MIME types](https://mimesniff.spec.whatwg.org/#mime-type), as far as CORS and character sets need them.

use std::fmt;

use super::HeaderList;
use super::grammar::decode_and_split;

/// A parsed [MIME type](https://mimesniff.spec.whatwg.org/#mime-type).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MimeType {
    kind: String,
    subtype: String,
    parameters: Vec<(String, String)>,
}

impl MimeType {
    /// [Parse a MIME type](https://mimesniff.spec.whatwg.org/#parse-a-mime-type) from bytes, decoded one to one.
    /// `None` is the Standard's failure.
    pub fn parse(input: &[u8]) -> Option<MimeType> {
        let input: &[u8] = super::value::normalize(input);
        let slash = input.iter().position(|&b| b == b'/')?;
        let (kind, rest) = (&input[..slash], &input[slash + 1..]);
        let end = rest.iter().position(|&b| b == b';').unwrap_or(rest.len());
        let subtype = trim_end(&rest[..end]);
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let lower = |bytes: &[u8]| isomorphic_decode(bytes).to_ascii_lowercase();
        Some(MimeType { kind: lower(kind), subtype: lower(subtype), parameters: parameters(&rest[end..]) })
    }

    /// [Extracts a MIME type](https://fetch.spec.whatwg.org/#concept-header-extract-mime-type) from `Content-Type`, whose
    /// lines may disagree: the last that is one counts, and keeps the `charset` of an earlier one of the same essence.
    pub fn extract(headers: &HeaderList) -> Option<MimeType> {
        let mut found: Option<MimeType> = None;
        let mut charset: Option<String> = None;
        for value in decode_and_split(&headers.get(&http::header::CONTENT_TYPE)?) {
            let bytes: Vec<u8> = value.chars().map(|c| c as u8).collect();
            let Some(mut mime) = MimeType::parse(&bytes).filter(|mime| !mime.is("*/*")) else {
                continue;
            };
            let same = |earlier: &MimeType| earlier.kind == mime.kind && earlier.subtype == mime.subtype;
            if !found.as_ref().is_some_and(same) {
                charset = mime.parameter("charset").map(str::to_owned);
            } else if let (None, Some(charset)) = (mime.parameter("charset"), &charset) {
                mime.set_parameter("charset", charset);
            }
            found = Some(mime);
        }
        found
    }

    /// `text/xml`, for which `XMLHttpRequest` takes a response without a type.
    pub fn text_xml() -> MimeType {
        MimeType { kind: "text".to_owned(), subtype: "xml".to_owned(), parameters: Vec::new() }
    }

    /// An [XML MIME type](https://mimesniff.spec.whatwg.org/#xml-mime-type).
    pub fn is_xml(&self) -> bool {
        self.subtype.ends_with("+xml") || self.is("text/xml") || self.is("application/xml")
    }

    /// The [essence](https://mimesniff.spec.whatwg.org/#mime-type-essence): `text/html`.
    pub fn essence(&self) -> String {
        format!("{}/{}", self.kind, self.subtype)
    }

    /// Whether the essence is this one.
    pub fn is(&self, essence: &str) -> bool {
        essence.split_once('/').is_some_and(|(kind, subtype)| kind == self.kind && subtype == self.subtype)
    }

    /// A parameter's value, by its lower-case name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Sets a parameter, in its old place if it had one.
    pub fn set_parameter(&mut self, name: &str, value: &str) {
        match self.parameters.iter_mut().find(|(n, _)| n == name) {
            Some((_, there)) => *there = value.to_owned(),
            None => self.parameters.push((name.to_owned(), value.to_owned())),
        }
    }
}

impl fmt::Display for MimeType {
    /// [Serialize a MIME type](https://mimesniff.spec.whatwg.org/#serialize-a-mime-type).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.subtype)?;
        for (name, value) in &self.parameters {
            if !value.is_empty() && value.bytes().all(is_token_byte) {
                write!(f, ";{name}={value}")?;
            } else {
                write!(f, ";{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))?;
            }
        }
        Ok(())
    }
}

/// The parameters, from the first `;` on. The first of two with one name counts.
fn parameters(mut rest: &[u8]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    while let Some(after) = rest.strip_prefix(b";") {
        let after = trim_start(after);
        let name_end = after.iter().position(|b| matches!(b, b';' | b'=')).unwrap_or(after.len());
        let name = isomorphic_decode(&after[..name_end]).to_ascii_lowercase();
        rest = &after[name_end..];
        let Some(value) = rest.strip_prefix(b"=") else { continue };
        let parsed = match value.strip_prefix(b"\"") {
            Some(quoted) => {
                let (text, used) = quoted_string(quoted);
                let end = quoted[used..].iter().position(|&b| b == b';').unwrap_or(quoted.len() - used);
                rest = &quoted[used + end..];
                text
            }
            None => {
                let end = value.iter().position(|&b| b == b';').unwrap_or(value.len());
                rest = &value[end..];
                let value = trim_end(&value[..end]);
                if value.is_empty() {
                    continue;
                }
                isomorphic_decode(value)
            }
        };
        let name_is_token = !name.is_empty() && name.bytes().all(is_token_byte);
        let value_is_quotable =
            parsed.chars().all(|c| c == '\t' || matches!(c as u32, 0x20..=0x7e | 0x80..=0xff));
        if name_is_token && value_is_quotable && !found.iter().any(|(n, _)| *n == name) {
            found.push((name, parsed));
        }
    }
    found
}

/// The text of an [HTTP quoted string](https://fetch.spec.whatwg.org/#collect-an-http-quoted-string), after its opening
/// quote, and how many bytes it took.
pub(super) fn quoted_string(input: &[u8]) -> (String, usize) {
    let mut text = String::new();
    let mut at = 0;
    while at < input.len() {
        match input[at] {
            b'"' => return (text, at + 1),
            b'\\' if at + 1 < input.len() => {
                at += 1;
                text.push(input[at] as char);
            }
            byte => text.push(byte as char),
        }
        at += 1;
    }
    (text, at)
}

/// Whether this is a [JavaScript MIME type](https://mimesniff.spec.whatwg.org/#javascript-mime-type)'s essence, in lower
/// case.
pub fn is_javascript(essence: &str) -> bool {
    let Some((kind, name)) = essence.split_once('/') else { return false };
    match kind {
        "text" => matches!(
            name,
            "ecmascript"
                | "javascript"
                | "javascript1.0"
                | "javascript1.1"
                | "javascript1.2"
                | "javascript1.3"
                | "javascript1.4"
                | "javascript1.5"
                | "jscript"
                | "livescript"
                | "x-ecmascript"
                | "x-javascript"
        ),
        "application" => matches!(name, "ecmascript" | "javascript" | "x-ecmascript" | "x-javascript"),
        _ => false,
    }
}

/// [Isomorphic decode](https://infra.spec.whatwg.org/#isomorphic-decode): each byte is one code point.
pub fn isomorphic_decode(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| b as char).collect()
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|b| !matches!(b, b'\t' | b'\n' | b'\r' | b' ')).unwrap_or(bytes.len());
    &bytes[start..]
}

fn trim_end(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| !matches!(b, b'\t' | b'\n' | b'\r' | b' ')).map_or(0, |at| at + 1);
    &bytes[..end]
}

fn is_token(bytes: &[u8]) -> bool {
    super::grammar::is_token(bytes)
}

fn is_token_byte(byte: u8) -> bool {
    super::grammar::is_token_byte(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn essence_and_parameters() {
        let mime = MimeType::parse(b" Text/HTML ; Charset=\"utf\\-8\" ; charset=x;a = b").unwrap();
        assert_eq!(mime.essence(), "text/html");
        assert_eq!(mime.parameter("charset"), Some("utf-8"));
        assert_eq!(mime.to_string(), "text/html;charset=utf-8");
    }

    #[test]
    fn of_several_lines_the_last_counts() {
        let extract = |lines: &[&str]| {
            let line = |l: &&str| (http::header::CONTENT_TYPE, crate::headers::Value::new(l).unwrap());
            MimeType::extract(&lines.iter().map(line).collect()).map(|mime| mime.to_string())
        };
        assert_eq!(extract(&[]), None);
        assert_eq!(extract(&["*/*"]), None);
        assert_eq!(extract(&["text/plain;charset=gbk, text/html"]).as_deref(), Some("text/html"));
        let kept = extract(&["text/html;charset=gbk;a=b", "text/html;x=y"]);
        assert_eq!(kept.as_deref(), Some("text/html;x=y;charset=gbk"));
        assert_eq!(
            extract(&["text/html;charset=gbk", "x/x", "text/html;x=y"]).as_deref(),
            Some("text/html;x=y")
        );
        assert_eq!(extract(&["text/html", "cannot-parse"]).as_deref(), Some("text/html"));
    }

    #[test]
    fn failures() {
        for input in
            ["", "text", "text/", "/plain", "te xt/plain", "text/pl ain", "text/plain, text/html", "text/é"]
        {
            assert_eq!(MimeType::parse(input.as_bytes()), None, "{input}");
        }
    }

    #[test]
    fn odd_parameters_are_skipped() {
        for (input, output) in [
            ("text/plain;", "text/plain"),
            ("text/plain;a", "text/plain"),
            ("text/plain;a=", "text/plain"),
            ("text/plain;=b", "text/plain"),
            ("text/plain;a=\"\"", "text/plain;a=\"\""),
            ("text/plain;a=\"b\"c;d=e", "text/plain;a=b;d=e"),
            ("text/plain;a=\"b", "text/plain;a=b"),
            ("text/plain;a=b c", "text/plain;a=\"b c\""),
        ] {
            assert_eq!(MimeType::parse(input.as_bytes()).unwrap().to_string(), output, "{input}");
        }
    }
}
