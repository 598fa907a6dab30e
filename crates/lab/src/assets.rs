//! The files of the page, embedded in the program.

/// A file of the page.
pub(super) struct Asset {
    pub(super) path: &'static str,
    pub(super) content_type: &'static str,
    pub(super) bytes: &'static [u8],
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! assets {
    ($( $path:literal $kind:ident $file:literal )+) => {
        &[ $( Asset { path: $path, content_type: $kind, bytes: include_bytes!(concat!("page/", $file)) } ),+ ]
    };
}

/// Every file of the page.
pub(super) const ASSETS: &[Asset] = assets! {
    "/" HTML "index.html"
    "/icon.svg" SVG "icon.svg"
    "/tokens.css" CSS "tokens.css"
    "/main.css" CSS "main.css"
    "/diagram.css" CSS "diagram.css"
    "/main.js" SCRIPT "main.js"
    "/api.js" SCRIPT "api.js"
    "/cache.js" SCRIPT "cache.js"
    "/code.js" SCRIPT "code.js"
    "/diagram.js" SCRIPT "diagram.js"
    "/dom.js" SCRIPT "dom.js"
    "/en.js" SCRIPT "en.js"
    "/i18n.js" SCRIPT "i18n.js"
    "/mistakes.js" SCRIPT "mistakes.js"
    "/player.js" SCRIPT "player.js"
    "/real.js" SCRIPT "real.js"
    "/request.js" SCRIPT "request.js"
    "/ru.js" SCRIPT "ru.js"
    "/server.js" SCRIPT "server.js"
    "/state.js" SCRIPT "state.js"
};

/// The file at a path.
pub(super) fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::state_error::StateErrorKind;

    fn text(path: &str) -> &'static str {
        std::str::from_utf8(find(path).unwrap().bytes).unwrap()
    }

    /// The keys of a language. Each is on its own line.
    fn keys(path: &str) -> Vec<&'static str> {
        let lines = text(path).lines().filter_map(|line| line.strip_prefix("  \"")?.split_once("\": "));
        lines.map(|(key, _)| key).collect()
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let (en, ru) = (keys("/en.js"), keys("/ru.js"));
        assert!(en.len() > 100);
        assert_eq!(en.iter().collect::<BTreeSet<_>>().len(), en.len(), "a key is listed twice");
        assert_eq!(en, ru);
    }

    #[test]
    fn every_key_that_is_used_has_a_text() {
        let known: BTreeSet<&str> = keys("/en.js").into_iter().collect();
        let mut used: Vec<String> =
            StateErrorKind::CODES.iter().map(|code| format!("mistake.{code}")).collect();
        for asset in ASSETS.iter().filter(|asset| asset.content_type == SCRIPT || asset.content_type == HTML)
        {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            for start in ["t(\"", "data-t=\"", "data-t-label=\""] {
                let found = text.split(start).skip(1).filter_map(|rest| rest.split_once('"'));
                used.extend(
                    found.map(|(key, _)| key.to_owned()).filter(|key| key.starts_with(char::is_lowercase)),
                );
            }
        }
        let missing: Vec<_> =
            used.iter().filter(|key| key.contains('.') && !known.contains(key.as_str())).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn the_page_loads_nothing_from_elsewhere() {
        for asset in ASSETS.iter().filter(|asset| asset.content_type != SVG) {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            for word in ["src=\"http", "url(http", "@import", "from \"http", "innerHTML", "eval(", "style=\""]
            {
                assert!(!text.contains(word), "{}: {word}", asset.path);
            }
        }
    }
}
