//! What a path means to the servers behind the gateway.
//!
//! A server may decode escapes, some of them again and again; take `\` for `/`, several slashes for one, a capital for a
//! small letter; and drop what follows a `;`. Whatever it does of this, it finds itself below a prefix only if one that
//! does all of it finds itself there, too. So a path is clear if the route by that reading is the route by the letter.

use std::borrow::Cow;

/// Why a path is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unclear {
    /// `.` or `..`, however it is spelt.
    DotSegment,
    /// Some take a NUL for the end.
    Nul,
    /// Read in another way, it is another route's.
    OtherRoute,
}

impl Unclear {
    /// What the client is told.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Unclear::DotSegment => "the path has a dot segment, which servers read differently",
            Unclear::Nul => "the path has a NUL, which servers read differently",
            Unclear::OtherRoute => {
                "servers read this path differently, and here they would not agree on its route"
            }
        }
    }
}

/// A path as those read it that do everything that servers do, apart from the case of its letters. Most paths can be
/// read in one way alone, and pay for one look at each byte.
pub(crate) fn loosest(path: &str) -> Result<Cow<'_, [u8]>, Unclear> {
    if is_plain(path.as_bytes()) {
        return Ok(path.as_bytes().into());
    }
    let decoded = decode(path.as_bytes());
    if decoded.contains(&0) {
        return Err(Unclear::Nul);
    }
    let mut loosest = Vec::with_capacity(decoded.len());
    for (nth, segment) in decoded.split(|byte| matches!(byte, b'/' | b'\\')).enumerate() {
        if nth > 0 && !loosest.ends_with(b"/") {
            loosest.push(b'/');
        }
        match segment.split(|byte| *byte == b';').next().unwrap_or_default() {
            b"." | b".." => return Err(Unclear::DotSegment),
            name => loosest.extend_from_slice(name),
        }
    }
    Ok(loosest.into())
}

/// Whether a path is a prefix's, in whatever case. A prefix that ends with a slash stands for what begins with it;
/// another one for itself and what is below it.
pub(crate) fn is_loosely_below(prefix: &[u8], path: &[u8]) -> bool {
    path.split_at_checked(prefix.len()).is_some_and(|(start, rest)| {
        start.eq_ignore_ascii_case(prefix) && (prefix.ends_with(b"/") || matches!(rest, [] | [b'/', ..]))
    })
}

/// Whether there are servers for which two paths are one.
pub(crate) fn are_one(one: &str, other: &str) -> bool {
    matches!((loosest(one), loosest(other)), (Ok(one), Ok(other)) if one.eq_ignore_ascii_case(&other))
}

fn is_plain(path: &[u8]) -> bool {
    let mut after_slash = false;
    path.iter().all(|byte| {
        let plain = match CLASSES[usize::from(*byte)] {
            Class::Plain => true,
            Class::AfterSlash => !after_slash,
            Class::Odd => false,
        };
        after_slash = *byte == b'/';
        plain
    })
}

/// What a byte does to a path.
#[derive(Clone, Copy)]
enum Class {
    Plain,
    /// It may be read differently where it follows a slash.
    AfterSlash,
    Odd,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    classes[b'/' as usize] = Class::AfterSlash;
    classes[b'.' as usize] = Class::AfterSlash;
    classes[b'%' as usize] = Class::Odd;
    classes[b'\\' as usize] = Class::Odd;
    classes[b';' as usize] = Class::Odd;
    classes
};

/// Decodes escapes, and those that come of it.
fn decode(path: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(path.len());
    for byte in path {
        decoded.push(*byte);
        while let [.., b'%', high, low] = decoded[..]
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            decoded.truncate(decoded.len() - 3);
            decoded.push(high << 4 | low);
        }
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_those_do_that_do_everything() {
        let dots = Err(Unclear::DotSegment);
        let cases = [
            ("/", Ok("/")),
            ("*", Ok("*")),
            ("", Ok("")),
            ("/a.b/.c/..d/e../...", Ok("/a.b/.c/..d/e../...")),
            ("/A/b", Ok("/A/b")),
            ("/%61dmin", Ok("/admin")),
            ("/%2561dmin", Ok("/admin")),
            ("/%25%36%31dmin", Ok("/admin")),
            ("/%2%35%36%31dmin", Ok("/admin")),
            ("/a%2Fb", Ok("/a/b")),
            ("/a%5cb", Ok("/a/b")),
            ("/a\\b", Ok("/a/b")),
            ("//a///b//", Ok("/a/b/")),
            ("/a/%2f/b", Ok("/a/b")),
            ("/a;x=1/b;y", Ok("/a/b")),
            ("/a%3bx/;/b", Ok("/a/b")),
            ("/a/;x", Ok("/a/")),
            ("/%zz/%2/%", Ok("/%zz/%2/%")),
            ("/a%20b", Ok("/a b")),
            ("/.", dots),
            ("/..", dots),
            ("/a/../b", dots),
            ("/a/%2e%2E/b", dots),
            ("/a/.%2e", dots),
            ("/a/%2e", dots),
            ("/a/%252e%252e/b", dots),
            ("/a\\..\\b", dots),
            ("/a/..%5cb", dots),
            ("/a/x%2f..%2fb", dots),
            ("/a/..;/b", dots),
            ("/a/..;x=1", dots),
            ("/a/.%3b.;/b", dots),
            ("/a;%2f..%2fb/c", dots),
            ("/a%00/b", Err(Unclear::Nul)),
            ("/a%2500", Err(Unclear::Nul)),
        ];
        for (path, expected) in cases {
            let read = loosest(path).map(|read| String::from_utf8(read.into_owned()).unwrap());
            assert_eq!(read, expected.map(str::to_owned), "{path}");
        }
    }

    #[test]
    fn a_path_that_is_plain_is_not_copied() {
        for path in ["/", "/api/v2/Users/7", "/a.b/c-d_e~f", "/\u{e9}", "/.well-known/x"] {
            let copied = matches!(loosest(path), Ok(Cow::Owned(_)));
            assert_eq!(copied, path.contains("/."), "{path}");
        }
    }
}
