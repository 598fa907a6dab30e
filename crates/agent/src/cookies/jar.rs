//! The cookie jar.

use std::collections::BTreeMap;

use crossing::browser::{CookieContext, Site};
use crossing::{Time, Value};
use url::Url;

use super::cookie::Cookie;
use super::error::CookieError;
use super::matching::{
    default_path, domain_key, domain_matches, is_name, is_public_suffix, is_secure, path_matches,
};
use super::refusal::CookieRefusal;
use super::same_site::SameSite;
use super::set_cookie;

/// How many cookies one registrable domain may have; Chromium has the same number.
const MAX_PER_DOMAIN: usize = 180;
/// How many cookies there may be.
const MAX_COOKIES: usize = 3000;

/// The way in which a cookie is read or written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    /// The server, by the headers of a request and its response.
    Server,
    /// A page's script, by `document.cookie`.
    Script,
}

/// The cookies that servers have set, by the rules of RFC 6265bis.
///
/// ```
/// use crossing::browser::{CookieContext, Site};
/// use crossing::{Time, Value};
/// use crossing_agent::{CookieJar, CookieRefusal};
///
/// let url = "https://api.example.com/login".parse()?;
/// let mut context = CookieContext { url, site: Site::Same, partition: "https://example.com".into() };
/// let mut jar = CookieJar::new();
///
/// assert_eq!(jar.store(&context, &[Value::new("id=1; HttpOnly")?], Time::ZERO), 1);
/// assert_eq!(jar.find(&context, Time::ZERO), Some(Value::new("id=1")?));
/// assert_eq!(jar.find_for_script(&context, Time::ZERO), "");
///
/// // For a page of another site, the cookie needs `SameSite=None; Secure`.
/// context.site = Site::Cross;
/// assert_eq!(jar.find(&context, Time::ZERO), None);
/// assert_eq!(jar.refusal(&context, &Value::new("id=2")?, Time::ZERO), Some(CookieRefusal::CrossSite));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Secure` cookies may be set by and sent to `http://localhost` and loopback addresses, as in Chromium and Firefox.
#[derive(Clone, Debug, Default)]
pub struct CookieJar {
    /// By registrable domain, so that a look-up sees few.
    by_domain: BTreeMap<String, Vec<Cookie>>,
    count: usize,
    /// Counts creations and uses.
    tick: u64,
}

impl CookieJar {
    /// An empty jar.
    pub const fn new() -> CookieJar {
        CookieJar { by_domain: BTreeMap::new(), count: 0, tick: 0 }
    }

    /// How many cookies there are. An expired cookie counts until it is removed.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Every cookie, domain by domain.
    pub fn iter(&self) -> impl Iterator<Item = &Cookie> {
        self.by_domain.values().flatten()
    }

    /// The value of `Cookie`: longer paths first, then older cookies.
    pub fn find(&mut self, context: &CookieContext, now: Time) -> Option<Value> {
        Value::new(self.cookie_string(context, Access::Server, now)?).ok()
    }

    /// What a page's script reads as [`document.cookie`](https://html.spec.whatwg.org/multipage/dom.html#dom-document-cookie):
    /// the cookies that are not `HttpOnly`.
    pub fn find_for_script(&mut self, context: &CookieContext, now: Time) -> String {
        let list = self.cookie_string(context, Access::Script, now).unwrap_or_default();
        String::from_utf8_lossy(&list).into_owned()
    }

    /// Stores a cookie that a page's script writes to `document.cookie`, where the rules allow it: a script neither sets nor
    /// replaces an `HttpOnly` cookie. Returns whether a cookie was stored or deleted.
    pub fn store_for_script(&mut self, context: &CookieContext, line: &str, now: Time) -> bool {
        self.store_line(context, line.as_bytes(), Access::Script, now).is_ok()
    }

    /// The cookies, as `Cookie` has them; `None` for none.
    fn cookie_string(&mut self, context: &CookieContext, access: Access, now: Time) -> Option<Vec<u8>> {
        if self.is_empty() {
            return None;
        }
        let host = context.url.host_str()?;
        let named = is_name(&context.url);
        let secure = is_secure(&context.url);
        let cookies = self.by_domain.get_mut(domain_key(host))?;
        self.tick += 1;
        let mut found: Vec<&mut Cookie> = cookies
            .iter_mut()
            .filter(|cookie| {
                let for_host = if cookie.subdomains {
                    domain_matches(host, named, &cookie.domain)
                } else {
                    cookie.domain == host
                };
                for_host
                    && (access == Access::Server || !cookie.http_only)
                    && path_matches(context.url.path().as_bytes(), &cookie.path)
                    && (secure || !cookie.secure)
                    && (context.site == Site::Same || cookie.same_site == SameSite::None)
                    && cookie.partition.as_ref().is_none_or(|partition| *partition == context.partition)
                    && cookie.expires.is_none_or(|end| now < end)
            })
            .collect();
        found.sort_by_key(|cookie| (std::cmp::Reverse(cookie.path.len()), cookie.created));
        let mut text = Vec::new();
        for cookie in found {
            cookie.used = self.tick;
            if !text.is_empty() {
                text.extend_from_slice(b"; ");
            }
            if !cookie.name.is_empty() {
                text.extend_from_slice(&cookie.name);
                text.push(b'=');
            }
            text.extend_from_slice(&cookie.value);
        }
        if text.is_empty() { None } else { Some(text) }
    }

    /// Stores the cookies of these `Set-Cookie` lines, where the rules allow it. Returns how many were stored or deleted.
    pub fn store(&mut self, context: &CookieContext, lines: &[Value], now: Time) -> usize {
        let is_stored =
            |line: &&Value| self.store_line(context, line.as_bytes(), Access::Server, now).is_ok();
        lines.iter().filter(is_stored).count()
    }

    /// Puts a cookie in for the URL's host, to be sent with every request to it that includes credentials: as if set with
    /// `SameSite=None; Secure`, but over http as well.
    ///
    /// # Errors
    /// When `pair` is not `name=value`, or the URL has no host.
    pub fn add(&mut self, url: &Url, pair: &str) -> Result<(), CookieError> {
        let wrong = || CookieError(pair.split('=').next().unwrap_or_default().to_owned());
        let read = set_cookie::parse(pair.as_bytes(), Time::ZERO).ok_or_else(wrong)?;
        if read.name.is_empty() || pair.contains(';') {
            return Err(wrong());
        }
        let host = url.host_str().ok_or_else(wrong)?;
        let cookie = Cookie::from_set_cookie(&read, host, SameSite::None);
        self.insert(Cookie { path: b"/".to_vec(), ..cookie }, Time::ZERO);
        Ok(())
    }

    /// Removes all cookies.
    pub fn clear(&mut self) {
        *self = CookieJar::new();
    }

    /// Why the jar would not store the cookie of a `Set-Cookie` line; `None` if it would.
    pub fn refusal(&self, context: &CookieContext, line: &Value, now: Time) -> Option<CookieRefusal> {
        self.parse_cookie(context, line.as_bytes(), Access::Server, now).err()
    }

    /// [Parses and stores](https://fetch.spec.whatwg.org/#parse-and-store-response-set-cookie-headers) one `Set-Cookie` line.
    fn store_line(
        &mut self,
        context: &CookieContext,
        line: &[u8],
        access: Access,
        now: Time,
    ) -> Result<(), CookieRefusal> {
        let cookie = self.parse_cookie(context, line, access, now)?;
        self.insert(cookie, now);
        Ok(())
    }

    /// The cookie of a line, if the [storage model](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-5.7) keeps it.
    fn parse_cookie(
        &self,
        context: &CookieContext,
        line: &[u8],
        access: Access,
        now: Time,
    ) -> Result<Cookie, CookieRefusal> {
        let read = set_cookie::parse(line, now).ok_or(CookieRefusal::Malformed)?;
        let url = &context.url;
        let host = url.host_str().ok_or(CookieRefusal::Domain)?;
        let (named, secure) = (is_name(url), is_secure(url));
        let mut cookie = Cookie::from_set_cookie(&read, host, read.same_site);
        if !read.domain.is_empty() {
            let domain = std::str::from_utf8(&read.domain).ok().filter(|domain| domain.is_ascii());
            let domain = domain.ok_or(CookieRefusal::Domain)?;
            let foreign = is_public_suffix(domain) && domain != host;
            if foreign || !domain_matches(host, named, domain) {
                return Err(CookieRefusal::Domain);
            }
            cookie.subdomains = named && !is_public_suffix(domain);
            cookie.domain = domain.to_owned();
        }
        cookie.path = match read.path {
            Some(path) if path.starts_with(b"/") => path.to_vec(),
            _ => default_path(url.path()).into(),
        };
        if read.partitioned {
            cookie.partition = Some(context.partition.clone());
        }
        if cookie.secure && !secure {
            Err(CookieRefusal::SecureOverHttp)
        } else if context.site == Site::Cross && cookie.same_site != SameSite::None {
            Err(CookieRefusal::CrossSite)
        } else if cookie.same_site == SameSite::None && !cookie.secure {
            Err(CookieRefusal::NoneWithoutSecure)
        } else if read.partitioned && !cookie.secure {
            Err(CookieRefusal::PartitionedWithoutSecure)
        } else if cookie.violates_prefix(read.path) {
            Err(CookieRefusal::Prefix)
        } else if access == Access::Script && (cookie.http_only || self.replaces_http_only(&cookie)) {
            Err(CookieRefusal::HttpOnly)
        } else if !secure && self.shadows_secure_cookie(&cookie, domain_key(host)) {
            Err(CookieRefusal::Shadow)
        } else {
            Ok(cookie)
        }
    }

    /// Whether an insecure connection would hide or replace what a secure one has set.
    fn shadows_secure_cookie(&self, new: &Cookie, domain: &str) -> bool {
        self.by_domain.get(domain).into_iter().flatten().any(|old| {
            let related = domain_matches(&old.domain, true, &new.domain)
                || domain_matches(&new.domain, true, &old.domain);
            old.secure && old.name == new.name && related && path_matches(&new.path, &old.path)
        })
    }

    fn replaces_http_only(&self, new: &Cookie) -> bool {
        let cookies = self.by_domain.get(domain_key(&new.domain));
        cookies.into_iter().flatten().any(|old| old.http_only && old.is_replaced_by(new))
    }

    /// Takes the place of the cookie of the same name, domain and path. One that is over only removes it.
    fn insert(&mut self, mut cookie: Cookie, now: Time) {
        self.tick += 1;
        (cookie.created, cookie.used) = (self.tick, self.tick);
        let cookies = self.by_domain.entry(domain_key(&cookie.domain).to_owned()).or_default();
        let before = cookies.len();
        if let Some(at) = cookies.iter().position(|old| old.is_replaced_by(&cookie)) {
            cookie.created = cookies.remove(at).created;
        }
        if cookie.expires.is_none_or(|end| now < end) {
            cookies.push(cookie);
        }
        if cookies.len() > MAX_PER_DOMAIN {
            cookies.retain(|cookie| cookie.expires.is_none_or(|end| now < end));
            remove_least_used(cookies, MAX_PER_DOMAIN);
        }
        self.count = self.count + cookies.len() - before;
        if self.count > MAX_COOKIES {
            self.evict(now);
        }
    }

    /// Makes room: expired cookies go first, then the domain that has not been used for longest.
    fn evict(&mut self, now: Time) {
        for cookies in self.by_domain.values_mut() {
            cookies.retain(|cookie| cookie.expires.is_none_or(|end| now < end));
        }
        self.by_domain.retain(|_, cookies| !cookies.is_empty());
        self.count = self.by_domain.values().map(Vec::len).sum();
        while self.count > MAX_COOKIES {
            let last_use = |cookies: &[Cookie]| cookies.iter().map(|cookie| cookie.used).max();
            let Some(oldest) = self
                .by_domain
                .iter()
                .min_by_key(|(_, cookies)| last_use(cookies))
                .map(|(name, _)| name.clone())
            else {
                return;
            };
            self.count -= self.by_domain.remove(&oldest).map_or(0, |cookies| cookies.len());
        }
    }
}

fn remove_least_used(cookies: &mut Vec<Cookie>, most: usize) {
    while cookies.len() > most {
        // Those that need no secure connection go first, as RFC 6265bis asks.
        let Some(at) = (0..cookies.len()).min_by_key(|&at| (cookies[at].secure, cookies[at].used)) else {
            return;
        };
        cookies.remove(at);
    }
}
