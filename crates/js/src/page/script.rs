//! How a `<script>` runs: [prepare the script element](https://html.spec.whatwg.org/multipage/scripting.html#prepare-the-script-element).

use crossing::browser::{CredentialsMode, Destination, Mode, Referrer, Request, RequestError};
use crossing::headers::is_javascript;
use url::Url;

use super::markup::Element;

/// When an external script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timing {
    /// Where the element is: the parser waits for it.
    Blocking,
    /// When the whole page has been read.
    Deferred,
    /// When it has been loaded.
    Async,
}

/// How a script runs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ScriptAction {
    /// Its text runs where the element is.
    RunInline,
    /// The script at this URL is fetched.
    Fetch(Url, Timing),
    /// It is data for other scripts, or empty.
    Ignore,
    /// It does not run, and the user is notified of the reason.
    Refuse(String),
}

impl ScriptAction {
    pub(crate) fn for_element(script: &Element, text: &str, base: Option<&Url>) -> ScriptAction {
        match Kind::for_element(script) {
            Kind::Data => return ScriptAction::Ignore,
            Kind::Module => return ScriptAction::Refuse("a module script: modules are not run".to_owned()),
            Kind::Classic => {}
        }
        let Some(src) = script.attribute("src") else {
            return if text.is_empty() { ScriptAction::Ignore } else { ScriptAction::RunInline };
        };
        match Url::options().base_url(base).parse(src) {
            Ok(url) if !src.is_empty() => ScriptAction::Fetch(url, Timing::for_element(script)),
            _ => ScriptAction::Refuse(format!("its src '{src}' is no URL")),
        }
    }
}

impl Timing {
    fn for_element(script: &Element) -> Timing {
        match (script.attribute("async"), script.attribute("defer")) {
            (Some(_), _) => Timing::Async,
            (None, Some(_)) => Timing::Deferred,
            (None, None) => Timing::Blocking,
        }
    }
}

enum Kind {
    Classic,
    Module,
    Data,
}

impl Kind {
    /// By `type`, or in its place by `language`.
    fn for_element(script: &Element) -> Kind {
        let kind = match (script.attribute("type"), script.attribute("language")) {
            (Some(""), _) | (None, None | Some("")) => "text/javascript".to_owned(),
            (Some(kind), _) => kind.trim_matches([' ', '\t', '\n', '\x0c', '\r']).to_ascii_lowercase(),
            (None, Some(language)) => format!("text/{}", language.to_ascii_lowercase()),
        };
        match kind.as_str() {
            "module" => Kind::Module,
            kind if is_javascript(kind) => Kind::Classic,
            _ => Kind::Data,
        }
    }
}

/// The request for an external script: [fetch a classic script](https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-classic-script).
pub(crate) fn request(script: &Element, url: Url) -> Result<Request, RequestError> {
    let (mode, credentials) = match script.attribute("crossorigin") {
        None => (Mode::NoCors, CredentialsMode::Include),
        Some(word) if word.eq_ignore_ascii_case("use-credentials") => (Mode::Cors, CredentialsMode::Include),
        Some(_) => (Mode::Cors, CredentialsMode::SameOrigin),
    };
    let nonce = script.attribute("nonce").unwrap_or_default().to_owned();
    let mut builder = Request::builder(url)
        .mode(mode)
        .credentials(credentials)
        .referrer(Referrer::Client)
        .url_credentials()
        .integrity(script.attribute("integrity").unwrap_or_default())
        .destination(Destination::Script { nonce });
    let policy = script.attribute("referrerpolicy").map(str::to_ascii_lowercase);
    if let Some(policy) = policy.and_then(|keyword| keyword.parse().ok()) {
        builder = builder.referrer_policy(policy);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(attributes: &[(&str, &str)]) -> Element {
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Element { name: "script".to_owned(), attributes: attributes.collect(), text: String::new() }
    }

    #[test]
    fn type_and_language_say_what_is_a_classic_script() {
        for (attributes, runs) in [
            (&[][..], true),
            (&[("type", "")], true),
            (&[("type", " Text/JavaScript ")], true),
            (&[("type", "text/javascript; charset=utf-8")], false),
            (&[("type", "application/json")], false),
            (&[("language", "JavaScript1.5")], true),
            (&[("language", "vbscript")], false),
            (&[("type", "application/ecmascript"), ("language", "vbscript")], true),
        ] {
            assert_eq!(
                ScriptAction::for_element(&script(attributes), "1", None) == ScriptAction::RunInline,
                runs,
                "{attributes:?}"
            );
        }
        assert!(matches!(
            ScriptAction::for_element(&script(&[("type", "module")]), "1", None),
            ScriptAction::Refuse(_)
        ));
    }

    #[test]
    fn async_goes_before_defer_and_both_need_a_src() {
        let base: Url = "https://a.test/x/".parse().unwrap();
        for (attributes, timing) in [
            (&[("src", "y.js")][..], Timing::Blocking),
            (&[("src", "y.js"), ("defer", "")], Timing::Deferred),
            (&[("src", "y.js"), ("defer", ""), ("async", "")], Timing::Async),
        ] {
            let expected = ScriptAction::Fetch("https://a.test/x/y.js".parse().unwrap(), timing);
            assert_eq!(ScriptAction::for_element(&script(attributes), "", Some(&base)), expected);
        }
        assert_eq!(
            ScriptAction::for_element(&script(&[("defer", "")]), "1", Some(&base)),
            ScriptAction::RunInline
        );
        assert!(matches!(
            ScriptAction::for_element(&script(&[("src", "")]), "1", Some(&base)),
            ScriptAction::Refuse(_)
        ));
    }
}
