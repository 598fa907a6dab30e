//! Why a text is not a serialised origin, and which origin was probably meant.

/// Why a text is not a serialised origin; `None` where it is one.
#[cfg(feature = "url")]
pub(super) fn origin_error(text: &str) -> Option<crate::OriginError> {
    crate::Origin::parse(text).err()
}

#[cfg(not(feature = "url"))]
pub(super) use plain::origin_error;

/// The same without a URL parser, for ASCII hosts of the schemes `http` and `https`.
#[cfg(any(not(feature = "url"), test))]
mod plain {
    use super::super::wire::{WireOrigin, parse_port};
    use crate::origin::{OriginError, OriginProblem, default_port};

    pub(in crate::server) fn origin_error(text: &str) -> Option<OriginError> {
        let mended = serialise(text);
        let problem = match text.split_once("://") {
            _ if text == "null" || mended.as_deref() == Some(text) => return None,
            None => OriginProblem::NoScheme,
            Some(("file", _)) => OriginProblem::FileScheme,
            Some((_, rest)) if rest.contains('@') => OriginProblem::Userinfo,
            Some((_, rest)) => match rest.find(['/', '?', '#', '\\']) {
                Some(0) => OriginProblem::NotAnOrigin,
                Some(at) if rest.len() == at + 1 && rest.ends_with('/') => OriginProblem::TrailingSlash,
                Some(_) => OriginProblem::Path,
                None if rest.is_empty() || rest.contains(char::is_whitespace) => OriginProblem::NotAnOrigin,
                None => OriginProblem::NotSerialised,
            },
        };
        Some(OriginError { text: text.to_owned(), problem, mended })
    }

    /// The origin of a URL, or of a host without a scheme; `None` where only a URL parser could say.
    pub(super) fn serialise(text: &str) -> Option<String> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(&*scheme, "http" | "https") {
            return None;
        }
        let authority = rest.split(['/', '?', '#', '\\']).next()?;
        let host_and_port =
            authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
        let (host, port) = match host_and_port.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (&*host_and_port, None),
        };
        let port = match port {
            None | Some("") => None,
            Some(port) => {
                Some(parse_port(port.as_bytes())?).filter(|&port| default_port(&scheme) != Some(port))
            }
        };
        let origin = match port {
            None => format!("{scheme}://{host}"),
            Some(port) => format!("{scheme}://{host}:{port}"),
        };
        WireOrigin::parse(origin.as_bytes()).is_some().then_some(origin)
    }
}

#[cfg(all(test, feature = "url"))]
mod tests {
    use proptest::prelude::*;

    use super::plain::{origin_error, serialise};
    use crate::Origin;

    #[test]
    fn problems_are_those_of_the_url_parser() {
        for text in [
            "null",
            "https://a.example",
            "http://127.0.0.1:8080",
            "http://[::1]:3000",
            "https://a.example/",
            "https://a.example/x",
            "https://a.example?x",
            "a.example",
            "https://A.example",
            "https://a.example:443",
            "https://u:p@a.example",
            "file:///x",
            "https://",
            "",
        ] {
            assert_eq!(origin_error(text), Origin::parse(text).err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn corrections_are_those_of_the_url_parser(
            scheme in "(https?://|HTTPS://|)",
            user in "([a-z:]{0,3}@){0,2}",
            host in "([a-zA-Z0-9_-]{1,3}\\.){0,2}[a-zA-Z0-9]{1,3}|\\[[0-9a-f:]{2,5}\\]|127\\.0\\.0\\.[0-9]{1,3}",
            port in "(:[0-9]{0,5})?",
            path in "([/?#\\\\][a-z/@:?#]{0,4})?",
        ) {
            let text = [scheme, user, host, port, path].concat();
            if let Some(origin) = serialise(&text) {
                let expected = Origin::parse(&text).map_or_else(|error| error.mended, |origin| Some(origin.to_string()));
                // The URL parser also checks punycode.
                prop_assert!(expected.as_deref() == Some(&origin) || text.contains("xn--"), "{text}: {expected:?}, {origin}");
            }
        }
    }
}
