//! A cookie jar that is just enough for the scenarios.

use std::collections::BTreeMap;

use crossing::Value;
use crossing::browser::{CookieContext, Site};

/// Cookies, as far as scenarios need them: by host, with `Secure` and `SameSite`.
#[derive(Debug, Default)]
pub(crate) struct Jar(BTreeMap<String, Vec<Cookie>>);

#[derive(Clone, Debug)]
struct Cookie {
    name: String,
    value: String,
    secure: bool,
    cross_site: bool,
}

impl Jar {
    pub(crate) fn with(cookies: &BTreeMap<String, String>) -> Jar {
        let cookie = |text: &str| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            Cookie { name: name.to_owned(), value: value.to_owned(), secure: true, cross_site: true }
        };
        Jar(cookies
            .iter()
            .map(|(host, list)| (host.clone(), list.split("; ").map(cookie).collect()))
            .collect())
    }

    pub(crate) fn find(&self, context: &CookieContext) -> Option<Value> {
        let fits = |cookie: &&Cookie| {
            (context.url.scheme() == "https" || !cookie.secure)
                && (context.site == Site::Same || cookie.cross_site)
        };
        let found: Vec<_> =
            self.0.get(context.url.host_str()?)?.iter().filter(fits).map(Cookie::pair).collect();
        if found.is_empty() { None } else { Value::new(found.join("; ")).ok() }
    }

    pub(crate) fn store(&mut self, context: &CookieContext, lines: &[Value]) {
        for line in lines {
            let text = line.to_text();
            let mut parts = text.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
            let has = |attribute: &str| attributes.iter().any(|a| a == attribute);
            let (secure, cross_site) = (has("secure"), has("samesite=none") && has("secure"));
            if context.site == Site::Cross && !cross_site {
                continue;
            }
            let host = context.url.host_str().unwrap_or_default();
            let cookies = self.0.entry(host.to_owned()).or_default();
            cookies.retain(|cookie| cookie.name != name);
            cookies.push(Cookie { name: name.to_owned(), value: value.to_owned(), secure, cross_site });
        }
    }

    pub(crate) fn by_host(&self) -> BTreeMap<String, String> {
        let joined = |cookies: &[Cookie]| cookies.iter().map(Cookie::pair).collect::<Vec<_>>().join("; ");
        self.0.iter().map(|(host, cookies)| (host.clone(), joined(cookies))).collect()
    }
}

impl Cookie {
    fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}
