//! How the servers behind the gateway may read a path.
//!
//! A server may decode escapes, some of them repeatedly; read `\` as `/`, several slashes as one, and letters without their
//! case; and drop what follows a `;`. A server that does any of this places a path below a prefix only if a server that
//! does all of it does so, too. So a path is unambiguous if its normalized form and its literal form have the same route.

use std::borrow::Cow;

use http::Uri;

/// Why a path is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AmbiguousPath {
    /// `.` or `..`, also escaped.
    DotSegment,
    /// Some servers end the path at a NUL.
    Nul,
    /// The normalized path belongs to another route.
    OtherRoute,
}

impl AmbiguousPath {
    /// The text of the response.
    pub(crate) fn text(self) -> &'static str {
        match self {
            AmbiguousPath::DotSegment => "the path has a dot segment, which servers read differently",
            AmbiguousPath::Nul => "the path has a NUL, which servers read differently",
            AmbiguousPath::OtherRoute => {
                "servers read this path differently, and here they would not agree on its route"
            }
        }
    }
}

/// Applies everything that servers do to a path, except for the case of its letters. Most paths can be read in one way
/// only: for them this is one table lookup a byte, without a copy.
pub(crate) fn normalize(path: &str) -> Result<Cow<'_, [u8]>, AmbiguousPath> {
    if is_plain(path.as_bytes()) {
        return Ok(path.as_bytes().into());
    }
    let decoded = decode(path.as_bytes());
    if decoded.contains(&0) {
        return Err(AmbiguousPath::Nul);
    }
    let mut normalized = Vec::with_capacity(decoded.len());
    for (nth, segment) in decoded.split(|byte| matches!(byte, b'/' | b'\\')).enumerate() {
        if nth > 0 && !normalized.ends_with(b"/") {
            normalized.push(b'/');
        }
        match segment.split(|byte| *byte == b';').next().unwrap_or_default() {
            b"." | b".." => return Err(AmbiguousPath::DotSegment),
            name => normalized.extend_from_slice(name),
        }
    }
    Ok(normalized.into())
}

/// A request target without scheme and host. <https://httpwg.org/specs/rfc9112.html#origin-form>
pub(crate) fn origin_form(uri: Uri) -> Uri {
    if uri.authority().is_none() {
        return uri;
    }
    let mut parts = http::uri::Parts::default();
    parts.path_and_query = uri.into_parts().path_and_query;
    Uri::from_parts(parts).unwrap_or_default()
}

/// Whether a path is below a prefix, in any case of letters. A prefix that ends with a slash covers the paths that begin
/// with it; any other prefix covers itself and the paths below it.
pub(crate) fn is_below_in_any_case(prefix: &[u8], path: &[u8]) -> bool {
    path.split_at_checked(prefix.len()).is_some_and(|(start, rest)| {
        start.eq_ignore_ascii_case(prefix) && (prefix.ends_with(b"/") || matches!(rest, [] | [b'/', ..]))
    })
}

/// Whether some server treats two paths as the same.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    matches!((normalize(one), normalize(other)), (Ok(one), Ok(other)) if one.eq_ignore_ascii_case(&other))
}

fn is_plain(path: &[u8]) -> bool {
    let mut after_slash = false;
    path.iter().all(|byte| {
        let plain = match CLASSES[usize::from(*byte)] {
            ByteClass::Plain => true,
            ByteClass::AfterSlash => !after_slash,
            ByteClass::Ambiguous => false,
        };
        after_slash = *byte == b'/';
        plain
    })
}

/// How a byte affects the reading of a path.
#[derive(Clone, Copy)]
enum ByteClass {
    Plain,
    /// Ambiguous only after a slash.
    AfterSlash,
    Ambiguous,
}

const CLASSES: [ByteClass; 256] = {
    let mut classes = [ByteClass::Plain; 256];
    classes[b'/' as usize] = ByteClass::AfterSlash;
    classes[b'.' as usize] = ByteClass::AfterSlash;
    classes[b'%' as usize] = ByteClass::Ambiguous;
    classes[b'\\' as usize] = ByteClass::Ambiguous;
    classes[b';' as usize] = ByteClass::Ambiguous;
    classes
};

/// Decodes escapes, and the escapes that decoding produces.
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
        let dots = Err(AmbiguousPath::DotSegment);
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
            ("/a%00/b", Err(AmbiguousPath::Nul)),
            ("/a%2500", Err(AmbiguousPath::Nul)),
        ];
        for (path, expected) in cases {
            let read = normalize(path).map(|read| String::from_utf8(read.into_owned()).unwrap());
            assert_eq!(read, expected.map(str::to_owned), "{path}");
        }
    }

    #[test]
    fn a_path_that_is_plain_is_not_copied() {
        for path in ["/", "/api/v2/Users/7", "/a.b/c-d_e~f", "/\u{e9}", "/.well-known/x"] {
            let copied = matches!(normalize(path), Ok(Cow::Owned(_)));
            assert_eq!(copied, path.contains("/."), "{path}");
        }
    }
}
