//! What a page's [Content-Security-Policy](https://w3c.github.io/webappsec-csp/) says of connections
//! ([`connect-src`](https://w3c.github.io/webappsec-csp/#directive-connect-src)) and of scripts
//! ([`script-src`](https://w3c.github.io/webappsec-csp/#directive-script-src)).

use url::Url;

use crate::origin::{Origin, default_port};

/// One policy, as far as it says where a script may connect, and which scripts run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentSecurityPolicy {
    /// `None` when no directive speaks of connections.
    sources: Option<Vec<Source>>,
    /// `None` when no directive speaks of scripts.
    scripts: Option<ScriptSources>,
}

/// Which scripts of the markup run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ScriptSources {
    urls: Vec<Source>,
    nonces: Vec<String>,
    /// `'unsafe-inline'`, unless something narrower stands beside it.
    inline: Inline,
    /// `'strict-dynamic'`: what stands in the markup needs a nonce.
    trust: Trust,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Inline {
    #[default]
    Blocked,
    Allowed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Trust {
    #[default]
    ByUrl,
    ByNonce,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// `'self'`
    Own,
    /// `*`
    Any,
    /// `https:`
    Scheme(String),
    Host(HostSource),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct HostSource {
    scheme: Option<String>,
    host: HostPart,
    port: PortPart,
    path: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPart {
    Exact(String),
    /// `*.` and this suffix, which begins with its dot.
    Under(String),
    Any,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PortPart {
    Default,
    Any,
    Exact(u16),
}

impl ContentSecurityPolicy {
    /// Reads a header's value. Of several `connect-src` the first counts; without one `default-src` does. For scripts that is
    /// `script-src-elem`, then `script-src`, then `default-src`.
    pub fn parse(value: &str) -> ContentSecurityPolicy {
        let [mut default, mut connect, mut script, mut element] = [const { None::<Vec<&str>> }; 4];
        for directive in value.split(';') {
            let mut words = directive.split_ascii_whitespace();
            let Some(name) = words.next() else { continue };
            let slot = match name.to_ascii_lowercase().as_str() {
                "connect-src" => &mut connect,
                "default-src" => &mut default,
                "script-src" => &mut script,
                "script-src-elem" => &mut element,
                _ => continue,
            };
            slot.get_or_insert_with(|| words.collect());
        }
        let urls = |words: &Vec<&str>| words.iter().filter_map(|word| Source::parse(word)).collect();
        ContentSecurityPolicy {
            sources: connect.as_ref().or(default.as_ref()).map(urls),
            scripts: element.or(script).or(default).map(|words| ScriptSources::parse(&words)),
        }
    }

    /// [Whether the policy allows](https://w3c.github.io/webappsec-csp/#script-pre-request) a script of the markup that is
    /// fetched from this URL.
    pub(super) fn allows_script(&self, url: &Url, page: &Origin, redirects: u8, nonce: &str) -> bool {
        self.scripts.as_ref().is_none_or(|scripts| {
            scripts.knows(nonce)
                || (scripts.trust == Trust::ByUrl
                    && scripts.urls.iter().any(|source| source.matches(url, page, redirects)))
        })
    }

    /// [Whether the policy allows](https://w3c.github.io/webappsec-csp/#script-src-elem-inline) a script that stands in the
    /// markup itself. Hashes are not looked at: a script that only a hash allows is taken for a blocked one.
    pub fn allows_inline_script(&self, nonce: &str) -> bool {
        self.scripts.as_ref().is_none_or(|scripts| scripts.inline == Inline::Allowed || scripts.knows(nonce))
    }

    /// [Does the URL match the source list](https://w3c.github.io/webappsec-csp/#match-url-to-source-list)? After a
    /// redirect the path no longer counts.
    pub(super) fn allows(&self, url: &Url, page: &Origin, redirects: u8) -> bool {
        match &self.sources {
            None => true,
            Some(sources) => sources.iter().any(|source| source.matches(url, page, redirects)),
        }
    }
}

impl ScriptSources {
    fn parse(words: &[&str]) -> ScriptSources {
        let mut scripts = ScriptSources::default();
        let (mut unsafe_inline, mut narrower) = (false, false);
        for word in words {
            let lower = word.to_ascii_lowercase();
            let Some(quoted) = word.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) else {
                scripts.urls.extend(Source::parse(word));
                continue;
            };
            if lower.starts_with("'nonce-") {
                scripts.nonces.push(quoted["nonce-".len()..].to_owned());
            }
            match lower.as_str() {
                "'self'" => scripts.urls.push(Source::Own),
                "'unsafe-inline'" => unsafe_inline = true,
                "'strict-dynamic'" => scripts.trust = Trust::ByNonce,
                _ => {}
            }
            narrower |= lower == "'strict-dynamic'"
                || ["'nonce-", "'sha256-", "'sha384-", "'sha512-"].iter().any(|it| lower.starts_with(it));
        }
        // https://w3c.github.io/webappsec-csp/#allow-all-inline
        scripts.inline = if unsafe_inline && !narrower { Inline::Allowed } else { Inline::Blocked };
        scripts
    }

    fn knows(&self, nonce: &str) -> bool {
        !nonce.is_empty() && self.nonces.iter().any(|known| known == nonce)
    }
}

impl Source {
    fn parse(text: &str) -> Option<Source> {
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "'self'" => return Some(Source::Own),
            "*" => return Some(Source::Any),
            // Other keywords, nonces and hashes ('none' among them) match no URL.
            quoted if quoted.starts_with('\'') => return None,
            _ => {}
        }
        if let Some(scheme) = lower.strip_suffix(':').filter(|s| !s.contains('/')) {
            return Some(Source::Scheme(scheme.to_owned()));
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => {
                (&rest[..at], Some(rest[at..].split(['?', '#']).next().unwrap_or_default().to_owned()))
            }
            None => (rest, None),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, "*")) => (host, PortPart::Any),
            Some((host, port)) if !port.contains(']') => (host, PortPart::Exact(port.parse().ok()?)),
            _ => (authority, PortPart::Default),
        };
        let host = match host.to_ascii_lowercase() {
            any if any == "*" => HostPart::Any,
            host => match host.strip_prefix('*') {
                Some(suffix) if suffix.starts_with('.') => HostPart::Under(suffix.to_owned()),
                Some(_) => return None,
                None => HostPart::Exact(host),
            },
        };
        Some(Source::Host(HostSource { scheme, host, port, path }))
    }

    fn matches(&self, url: &Url, page: &Origin, redirects: u8) -> bool {
        match self {
            Source::Any => is_network_scheme(url.scheme()) || page_scheme(page) == Some(url.scheme()),
            Source::Own => own_matches(url, page),
            Source::Scheme(scheme) => scheme_part_matches(scheme, url.scheme()),
            Source::Host(host) => host.matches(url, page, redirects),
        }
    }
}

impl HostSource {
    fn matches(&self, url: &Url, page: &Origin, redirects: u8) -> bool {
        let Some(host) = url.host_str() else { return false };
        let scheme_fits = match (&self.scheme, page_scheme(page)) {
            (Some(scheme), _) => scheme_part_matches(scheme, url.scheme()),
            (None, Some(scheme)) => scheme_part_matches(scheme, url.scheme()),
            (None, None) => false,
        };
        let host_fits = match &self.host {
            HostPart::Any => true,
            HostPart::Exact(exact) => exact == host,
            HostPart::Under(suffix) => host.ends_with(suffix.as_str()) && host.len() > suffix.len(),
        };
        scheme_fits && host_fits && self.port_fits(url) && (redirects > 0 || self.path_fits(url.path()))
    }

    fn port_fits(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        match self.port {
            PortPart::Any => true,
            PortPart::Default => port == default_port(url.scheme()),
            // An upgrade from 80 to 443 goes with the upgrade of the scheme.
            PortPart::Exact(exact) => port == Some(exact) || (exact == 80 && port == Some(443)),
        }
    }

    fn path_fits(&self, path: &str) -> bool {
        match self.path.as_deref() {
            None | Some("/") => true,
            Some(prefix) if prefix.ends_with('/') => path.starts_with(prefix),
            Some(exact) => path == exact,
        }
    }
}

fn page_scheme(page: &Origin) -> Option<&str> {
    match page {
        Origin::Tuple(tuple) => Some(tuple.scheme()),
        Origin::Opaque => None,
    }
}

fn is_network_scheme(scheme: &str) -> bool {
    matches!(scheme, "http" | "https" | "ws" | "wss")
}

/// [A scheme matches itself and its secure form](https://w3c.github.io/webappsec-csp/#match-schemes).
fn scheme_part_matches(wanted: &str, scheme: &str) -> bool {
    wanted == scheme
        || matches!((wanted, scheme), ("http", "https") | ("ws", "wss" | "http" | "https") | ("wss", "https"))
}

/// `'self'`: the page's origin, or its secure form on the default ports.
fn own_matches(url: &Url, page: &Origin) -> bool {
    let Origin::Tuple(own) = page else { return false };
    let Origin::Tuple(other) = Origin::from_url(url) else { return false };
    let default_ports = own.port().is_none() && other.port().is_none();
    *own == other
        || (own.host() == other.host()
            && (own.port() == other.port() || default_ports)
            && scheme_part_matches(own.scheme(), other.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts() {
        let page = Origin::parse("https://a.test").unwrap();
        // The policy, the nonce; whether an inline script runs, and whether https://b.test/x.js does.
        for (policy, nonce, inline, external) in [
            ("connect-src 'none'", "", true, true),
            ("default-src 'self'", "", false, false),
            ("default-src 'none'; script-src b.test", "", false, true),
            ("script-src 'none'; script-src-elem b.test 'unsafe-inline'", "", true, true),
            ("script-src 'unsafe-inline'", "", true, false),
            ("script-src 'nonce-Abc' 'unsafe-inline'", "", false, false),
            ("script-src 'nonce-Abc'", "Abc", true, true),
            ("script-src 'NONCE-Abc'", "Abc", true, true),
            ("script-src 'nonce-Abc'", "abc", false, false),
            ("script-src 'nonce-'", "", false, false),
            ("script-src 'strict-dynamic' 'unsafe-inline' https:", "", false, false),
            ("script-src 'strict-dynamic' 'nonce-n' https:", "n", true, true),
            ("script-src https: 'sha256-AAAA' 'unsafe-inline'", "", false, true),
        ] {
            let csp = ContentSecurityPolicy::parse(policy);
            let url = "https://b.test/x.js".parse().unwrap();
            assert_eq!(csp.allows_inline_script(nonce), inline, "{policy}");
            assert_eq!(csp.allows_script(&url, &page, 0, nonce), external, "{policy}");
        }
    }

    #[test]
    fn source_lists() {
        let page = Origin::parse("https://a.test").unwrap();
        for (policy, url, redirects, allowed) in [
            ("img-src x.test", "https://b.test/", 0, true),
            ("connect-src 'none'", "https://a.test/", 0, false),
            ("connect-src", "https://a.test/", 0, false),
            ("connect-src 'self'", "https://a.test/x", 0, true),
            ("connect-src 'self'", "https://b.test/x", 0, false),
            ("default-src 'self'", "https://b.test/x", 0, false),
            ("default-src 'self'; connect-src *", "https://b.test/x", 0, true),
            ("connect-src b.test", "https://b.test/x", 0, true),
            ("connect-src b.test", "http://b.test/x", 0, false),
            ("connect-src http://b.test", "https://b.test/x", 0, true),
            ("connect-src b.test:8443", "https://b.test:8443/", 0, true),
            ("connect-src b.test", "https://b.test:8443/", 0, false),
            ("connect-src b.test:*", "https://b.test:8443/", 0, true),
            ("connect-src *.b.test", "https://x.b.test/", 0, true),
            ("connect-src *.b.test", "https://b.test/", 0, false),
            ("connect-src b.test/api/", "https://b.test/api/x", 0, true),
            ("connect-src b.test/api/", "https://b.test/other", 0, false),
            ("connect-src b.test/api/", "https://b.test/other", 1, true),
            ("connect-src https:", "https://c.test/", 0, true),
            ("connect-src https:", "http://c.test/", 0, false),
        ] {
            let csp = ContentSecurityPolicy::parse(policy);
            assert_eq!(csp.allows(&url.parse().unwrap(), &page, redirects), allowed, "{policy} -> {url}");
        }
    }
}
