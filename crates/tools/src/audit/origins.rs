//! The origins that nobody meant to allow.

use crossing::TupleOrigin;
use crossing::origin::{is_loopback_host, registrable_domain};
use crossing_suffix::is_public_suffix;
use url::{Host, Url};

use super::class::Class;

/// An origin to try, and what it means if it is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) origin: String,
    pub(crate) class: Class,
}

/// What browsers take for a host's character, or other programs do.
const SPECIAL: &str = "_-\"{}+`!~;&'(),$=*^|% <>";

/// Names under which anybody can have a site.
const SHARED_HOSTS: &[&str] = &[
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "vercel.app",
    "netlify.app",
    "pages.dev",
    "workers.dev",
    "web.app",
    "firebaseapp.com",
    "s3.amazonaws.com",
    "cloudfront.net",
    "azurewebsites.net",
    "ngrok.io",
    "codepen.io",
];

/// What developers allow for themselves.
const DEVELOPERS: &[&str] =
    &["http://localhost", "http://localhost:3000", "http://127.0.0.1", "http://[::1]"];

/// Whether a browser can send this as `Origin`: the [URL parser](https://url.spec.whatwg.org/#concept-url-parser) takes it, and what comes out
/// is the same. Chromium writes `*` in a host as `%2A`; others leave it.
pub(crate) fn is_producible(origin: &str) -> bool {
    if origin == "null" {
        return true;
    }
    match Url::parse(origin) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url.origin().ascii_serialization() == origin,
        // Their pages have origins that the URL Standard knows nothing of.
        Ok(url) => matches!(url.scheme(), "chrome-extension" | "moz-extension" | "capacitor" | "app"),
        Err(_) => false,
    }
}

/// Every origin to try, for a service that is meant for these. `word` is a word that nobody allows.
pub(crate) fn candidates(own: &[TupleOrigin], word: &str) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    let mut add = |class: Class, origin: String| {
        let known = own.iter().any(|own| own.as_str() == origin) || all.iter().any(|c| c.origin == origin);
        if !known {
            let class = if is_producible(&origin) { class } else { Class::AnchorMl };
            all.push(Candidate { origin, class });
        }
    };
    for own in own {
        around(own, word, &mut add);
    }
    let developing = own.iter().any(|own| is_loopback_host(own.host()));
    if !developing {
        for origin in DEVELOPERS {
            add(Class::Localhost, (*origin).to_owned());
        }
        add(Class::Localhost, format!("http://{word}.local"));
    }
    add(Class::Prefix, format!("https://localhost.{word}.example"));
    for host in SHARED_HOSTS {
        add(Class::Thirdparty, format!("https://{word}.{host}"));
    }
    let letters: String = word.bytes().cycle().take(32).map(|b| char::from(b'a' + b % 16)).collect();
    add(Class::Ext, format!("chrome-extension://{letters}"));
    add(Class::Ext, "moz-extension://6f1c1a52-7d3e-4d3b-9c55-0d8f3f1f7a10".to_owned());
    add(Class::Ext, "capacitor://localhost".to_owned());
    add(Class::Ext, format!("app://{word}"));
    add(Class::Ext, "file://".to_owned());
    all
}

/// The origins that look like one of the own ones.
fn around(own: &TupleOrigin, word: &str, add: &mut impl FnMut(Class, String)) {
    let (scheme, host, whole) = (own.scheme(), own.host(), own.as_str());
    let name = match Url::parse(whole).ok().and_then(|url| url.host().map(|host| host.to_owned())) {
        Some(Host::Domain(_)) => Some(host),
        _ => None,
    };
    let site = name.and_then(registrable_domain);

    add(Class::Prefix, format!("{scheme}://{host}.{word}.example"));
    if name.is_some() {
        add(Class::Prefix, format!("{scheme}://{host}{word}.example"));
    }
    add(Class::Substr, format!("{scheme}://x.{host}.{word}.example"));
    add(Class::AnchorMl, format!("{scheme}://{word}.example/{host}"));
    add(Class::AnchorMl, format!("{scheme}://{host}@{word}.example"));
    add(Class::AnchorMl, format!("{whole}/"));
    add(Class::AnchorMl, format!("{whole},https://{word}.example"));
    add(Class::AnchorMl, format!("https://{word}.example {whole}"));
    if let Some(site) = site {
        add(Class::Suffix, format!("{scheme}://{word}{site}"));
        add(Class::Substr, format!("{scheme}://x.{site}.{word}.example"));
        add(Class::Subany, format!("{scheme}://{word}.{site}"));
        if scheme == "https" {
            add(Class::Subhttp, format!("http://{word}.{site}"));
        }
        if host != site {
            add(Class::Subany, format!("{scheme}://{word}.{host}"));
        }
        for (at, _) in host.match_indices('.') {
            let look_alike = format!("{}x{}", &host[..at], &host[at + 1..]);
            let top = look_alike.rsplit('.').next().unwrap_or_default();
            if look_alike.contains('.') && is_public_suffix(top) {
                add(Class::Dot, format!("{scheme}://{look_alike}"));
            }
        }
    }
    if scheme == "https" {
        add(Class::Subhttp, whole.replacen("https://", "http://", 1));
    }
    let port = if own.port() == Some(1337) { 1338 } else { 1337 };
    add(Class::Portany, format!("{scheme}://{host}:{port}"));
    if name.is_some() {
        for special in SPECIAL.chars() {
            add(Class::Special, format!("{scheme}://{host}{special}.{word}.example"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossing::Origin;

    fn own(text: &str) -> Vec<TupleOrigin> {
        match Origin::parse(text).unwrap() {
            Origin::Tuple(origin) => vec![origin],
            Origin::Opaque => panic!("{text}"),
        }
    }

    fn of(class: Class, text: &str) -> Vec<String> {
        let all = candidates(&own(text), "evil");
        all.into_iter().filter(|c| c.class == class).map(|c| c.origin).collect()
    }

    #[test]
    fn what_no_browser_can_send_is_discounted() {
        for (origin, producible) in [
            ("https://a.test_.evil.example", true),
            ("https://a.test`.evil.example", true),
            ("https://a.test{.evil.example", true),
            ("https://a.test%.evil.example", false),
            ("https://a.test<.evil.example", false),
            ("https://a.test^.evil.example", false),
            ("https://a.test|.evil.example", false),
            ("https://a.test .evil.example", false),
            ("https://a.test/", false),
            ("https://evil.example/a.test", false),
            ("https://a.test@evil.example", false),
            ("https://A.test", false),
            ("https://a.test:443", false),
            ("file://", false),
            ("null", true),
            ("chrome-extension://abc", true),
        ] {
            assert_eq!(is_producible(origin), producible, "{origin}");
        }
    }

    #[test]
    fn dots_are_replaced_where_a_domain_remains() {
        assert_eq!(of(Class::Dot, "https://app.example.com"), ["https://appxexample.com"]);
        assert_eq!(
            of(Class::Dot, "https://app.example.co.uk"),
            ["https://appxexample.co.uk", "https://app.examplexco.uk"]
        );
        assert!(of(Class::Dot, "https://example.com").is_empty());
    }

    #[test]
    fn look_alikes_surround_the_own_origin() {
        let app = "https://app.example.com";
        assert_eq!(of(Class::Suffix, app), ["https://evilexample.com"]);
        assert_eq!(of(Class::Subany, app), ["https://evil.example.com", "https://evil.app.example.com"]);
        assert_eq!(of(Class::Subhttp, app), ["http://evil.example.com", "http://app.example.com"]);
        assert!(of(Class::Prefix, app).contains(&"https://app.example.comevil.example".to_owned()));
        assert!(of(Class::Localhost, "http://localhost:5173").is_empty());
        assert!(of(Class::Suffix, "http://192.168.0.1").is_empty());
    }

    #[test]
    fn no_candidate_is_tried_twice_or_is_an_own_one() {
        let own = own("https://app.example.com");
        let all = candidates(&own, "evil");
        let unique: std::collections::BTreeSet<_> = all.iter().map(|c| &c.origin).collect();
        assert_eq!(unique.len(), all.len());
        assert!(all.len() < 85, "{}", all.len());
    }
}
