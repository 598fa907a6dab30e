//! Reading the gateway's file, with a place for every finding.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crossing::server::{Policy, PolicyErrors, PolicyTable, Problem, Severity, TomlReader};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    AccessLog, CertificateFiles, Config, HostPattern, Limits, RouteConfig, Target, TlsConfig, Upstream,
};

use crate::path;

type Value<'i> = Spanned<DeValue<'i>>;

/// `directory`: where the paths of other files begin; without it they are not looked at.
pub(super) fn read(text: &str, directory: Option<&Path>) -> Result<Config, PolicyErrors> {
    let mut walk = TomlReader::new(text);
    let document = walk.parse();
    let mut reader = Reader { walk: &mut walk, text, directory, taken: Vec::new() };
    let mut config = reader.config(&document);
    let diagnostics = walk.finish(&document);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error) {
        return Err(PolicyErrors::from_diagnostics(diagnostics));
    }
    config.warnings = diagnostics;
    Ok(config)
}

struct Reader<'r, 'i> {
    walk: &'r mut TomlReader<'i>,
    text: &'i str,
    directory: Option<&'r Path>,
    /// Where it listens, as far as it was read.
    taken: Vec<SocketAddr>,
}

impl<'i> Reader<'_, 'i> {
    fn config(&mut self, document: &DeTable<'i>) -> Config {
        let mut config = Config {
            listen: Vec::new(),
            admin: None,
            routes: Vec::new(),
            tls: None,
            access_log: AccessLog::default(),
            limits: Limits::default(),
            warnings: Vec::new(),
        };
        for (key, value) in document {
            let path: &str = key.get_ref();
            match path {
                "listen" => config.listen = self.addresses(value, path),
                "route" => config.routes = self.routes(value, path),
                "tls" => config.tls = self.tls(value, path),
                "log" => config.access_log = self.log(value, path),
                "limits" => config.limits = self.limits(value, path),
                "admin" => config.admin = self.admin(value, path),
                _ => self.walk.unknown(path, key.span(), TOP_KEYS),
            }
        }
        if !document.contains_key("listen") {
            self.walk.note(Problem::ListenMissing, "", None, Some("listen = \"127.0.0.1:8080\"".to_owned()));
        }
        if !document.contains_key("route") {
            self.walk.note(Problem::RoutesMissing, "", None, Some("a table [[route]]".to_owned()));
        }
        config
    }

    fn addresses(&mut self, value: &Value<'i>, path: &str) -> Vec<SocketAddr> {
        if value.get_ref().as_array().is_none() {
            let text = self.walk.text(value, path);
            return text.and_then(|text| self.address(text, path)).into_iter().collect();
        }
        let texts = self.walk.texts(value, path);
        if texts.is_empty() {
            self.walk.note(Problem::ListenMissing, path, None, Some("\"127.0.0.1:8080\"".to_owned()));
        }
        let each = texts.into_iter().enumerate();
        each.filter_map(|(at, text)| self.address(text, &format!("{path}[{at}]"))).collect()
    }

    fn address(&mut self, text: &str, path: &str) -> Option<SocketAddr> {
        let address: Option<SocketAddr> = text.parse().ok();
        if let Some(address) = address {
            if self.taken.iter().any(|other| conflict(*other, address)) {
                self.walk.note(Problem::ListenTwice, path, Some(text), None);
            }
            self.taken.push(address);
        } else {
            let port = text.rsplit(':').next().filter(|port| port.parse::<u16>().is_ok()).unwrap_or("8080");
            let host = if text.starts_with("localhost:") { "127.0.0.1" } else { "0.0.0.0" };
            self.walk.note(Problem::AddressInvalid, path, Some(text), Some(format!("{host}:{port}")));
        }
        address
    }

    fn routes(&mut self, value: &Value<'i>, path: &str) -> Vec<RouteConfig> {
        let mut routes: Vec<RouteConfig> = Vec::new();
        for (at, item) in self.walk.array(value, path).into_iter().flatten().enumerate() {
            let at = format!("{path}[{at}]");
            let Some(table) = self.walk.table(item, &at) else { continue };
            let Some(route) = self.route(table, &at) else { continue };
            if routes.iter().any(|other| other.host == route.host && path::overlap(&other.path, &route.path))
            {
                let named = if table.contains_key("path") { format!("{at}.path") } else { at };
                self.walk.note(Problem::RouteTwice, &named, Some(&route.path), None);
            }
            routes.push(route);
        }
        routes
    }

    fn route(&mut self, table: &DeTable<'i>, at: &str) -> Option<RouteConfig> {
        let (mut host, mut prefix, mut forward_preflights) = (Some(None), Some("/".to_owned()), false);
        let (mut upstream, mut root) = (None, None);
        for (key, value) in table {
            let path = format!("{at}.{}", key.get_ref());
            match &**key.get_ref() {
                "host" => host = self.host(value, &path).map(Some),
                "path" => prefix = self.prefix(value, &path),
                "upstream" => upstream = self.upstream(value, &path),
                "root" => root = self.root(value, &path),
                "forward_preflights" => forward_preflights = self.walk.boolean(value, &path),
                _ => {} // the policy's, or unknown: the policy's reader says so
            }
        }
        let target = match (table.contains_key("upstream"), table.contains_key("root")) {
            (true, false) => upstream.map(Target::Upstream),
            (false, true) => root.map(Target::Root),
            _ => {
                let suggestion = Some("upstream = \"http://127.0.0.1:3000\"".to_owned());
                self.walk.note(Problem::RouteTarget, at, None, suggestion);
                None
            }
        };
        if forward_preflights && table.contains_key("root") {
            self.walk.note(Problem::ForwardWithRoot, &format!("{at}.forward_preflights"), None, None);
        }
        let policy = self.policy(table, at);
        Some(RouteConfig { host: host?, path: prefix?, target: target?, forward_preflights, policy })
    }

    /// A route that says nothing of a policy has none.
    fn policy(&mut self, table: &DeTable<'i>, at: &str) -> Option<Policy> {
        if table.keys().all(|key| ROUTE_KEYS.contains(&&**key.get_ref())) {
            return None;
        }
        let table = PolicyTable { text: self.text, table, path: at, other_keys: ROUTE_KEYS };
        match Policy::from_toml_table(table) {
            Ok(policy) => {
                self.walk.extend(policy.warnings().iter().cloned());
                Some(policy)
            }
            Err(errors) => {
                let mut diagnostics = errors.into_diagnostics();
                for diagnostic in &mut diagnostics {
                    if diagnostic.problem == Problem::GrantsMissing {
                        let suggestion = "add [[route.grant]], and say in it who may: allow_origins";
                        diagnostic.suggestion = Some(suggestion.to_owned());
                    }
                }
                self.walk.extend(diagnostics);
                None
            }
        }
    }

    fn host(&mut self, value: &Value<'i>, path: &str) -> Option<HostPattern> {
        let text = self.walk.text(value, path)?;
        let pattern = HostPattern::parse(text);
        if pattern.is_none() {
            let name = text.rsplit("://").next().unwrap_or(text);
            let name = name.split(['/', ':']).next().unwrap_or(name).to_ascii_lowercase();
            let better = HostPattern::parse(&name).map(|_| name);
            self.walk.note(Problem::RouteHost, path, Some(text), better);
        }
        pattern
    }

    fn prefix(&mut self, value: &Value<'i>, at: &str) -> Option<String> {
        let text = self.walk.text(value, at)?;
        let clear = |text: &str| {
            let plain =
                text.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\"<>\\^`{|};*".contains(&byte));
            text.starts_with('/') && plain && !text.contains("//") && path::normalize(text).is_ok()
        };
        if !clear(text) {
            let below = text.trim_end_matches('*');
            let better = format!("/{}", below.trim_start_matches('/'));
            let better = clear(&better).then_some(better);
            self.walk.note(Problem::RoutePath, at, Some(text), better);
            return None;
        }
        Some(text.to_owned())
    }

    fn upstream(&mut self, value: &Value<'i>, path: &str) -> Option<Upstream> {
        let text = self.walk.text(value, path)?;
        let upstream = Upstream::parse(text);
        if upstream.is_none() {
            let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
            let cut = with_scheme.split('/').take(3).collect::<Vec<_>>().join("/");
            let better = Upstream::parse(&cut).map(|_| cut);
            self.walk.note(Problem::UpstreamInvalid, path, Some(text), better);
        }
        upstream
    }

    fn root(&mut self, value: &Value<'i>, path: &str) -> Option<std::path::PathBuf> {
        let text = self.walk.text(value, path)?;
        let Some(directory) = self.directory else { return Some(text.into()) };
        let root = directory.join(text);
        if !root.is_dir() {
            self.walk.note(Problem::RootInvalid, path, Some(text), None);
            return None;
        }
        Some(root)
    }

    fn tls(&mut self, value: &Value<'i>, path: &str) -> Option<TlsConfig> {
        let table = self.walk.table(value, path)?;
        let mut certificates = Vec::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            let path = format!("{path}.{name}");
            match name {
                "certificate" => {
                    for (at, item) in self.walk.array(value, &path).into_iter().flatten().enumerate() {
                        certificates.extend(self.certificate(item, &format!("{path}[{at}]")));
                    }
                }
                _ => self.walk.unknown(&path, key.span(), &["certificate"]),
            }
        }
        if !table.contains_key("certificate") {
            let suggestion = Some("[[tls.certificate]] with chain and key".to_owned());
            self.walk.note(Problem::CertificateMissing, path, None, suggestion);
        }
        Some(TlsConfig { certificates })
    }

    fn certificate(
        &mut self,
        value: &Value<'i>,
        at: &str,
    ) -> Option<(CertificateFiles, Arc<rustls::sign::CertifiedKey>)> {
        let table = self.walk.table(value, at)?;
        let (mut chain, mut private) = (None, None);
        for (key, value) in table {
            let name: &str = key.get_ref();
            let path = format!("{at}.{name}");
            match name {
                "chain" => chain = self.walk.text(value, &path),
                "key" => private = self.walk.text(value, &path),
                _ => self.walk.unknown(&path, key.span(), &["chain", "key"]),
            }
        }
        let (Some(chain), Some(private)) = (chain, private) else {
            if !(table.contains_key("chain") && table.contains_key("key")) {
                let suggestion = Some("chain = \"fullchain.pem\" and key = \"privkey.pem\"".to_owned());
                self.walk.note(Problem::CertificateMissing, at, None, suggestion);
            }
            return None;
        };
        let directory = self.directory?;
        let files = CertificateFiles { chain: directory.join(chain), key: directory.join(private) };
        match files.load() {
            Ok(certificate) => Some((files, Arc::new(certificate))),
            Err(error) => {
                let key = if error.file == files.key { "key" } else { "chain" };
                let (path, said) = (format!("{at}.{key}"), error.to_string());
                self.walk.note(Problem::CertificateInvalid, &path, Some(&said), Some(error.fix));
                None
            }
        }
    }

    fn log(&mut self, value: &Value<'i>, path: &str) -> AccessLog {
        let mut access = AccessLog::default();
        for (key, value) in self.walk.table(value, path).into_iter().flatten() {
            let name: &str = key.get_ref();
            let path = format!("{path}.{name}");
            match name {
                "access" => {
                    let all = [("off", AccessLog::Off), ("text", AccessLog::Text), ("json", AccessLog::Json)];
                    if let Some(text) = self.walk.text(value, &path) {
                        access = self.walk.choice(text, &path, &all);
                    }
                }
                _ => self.walk.unknown(&path, key.span(), &["access"]),
            }
        }
        access
    }

    fn admin(&mut self, value: &Value<'i>, path: &str) -> Option<SocketAddr> {
        let table = self.walk.table(value, path)?;
        let mut listen = None;
        for (key, value) in table {
            let name: &str = key.get_ref();
            let path = format!("{path}.{name}");
            match name {
                "listen" => {
                    listen = self.walk.text(value, &path).and_then(|text| self.address(text, &path));
                }
                _ => self.walk.unknown(&path, key.span(), &["listen"]),
            }
        }
        if !table.contains_key("listen") {
            self.walk.note(
                Problem::ListenMissing,
                path,
                None,
                Some("listen = \"127.0.0.1:9090\"".to_owned()),
            );
        }
        listen
    }

    fn limits(&mut self, value: &Value<'i>, path: &str) -> Limits {
        let mut limits = Limits::default();
        for (key, value) in self.walk.table(value, path).into_iter().flatten() {
            let name: &str = key.get_ref();
            let path = format!("{path}.{name}");
            let timeout = match name {
                "header_timeout" => &mut limits.header_timeout,
                "connect_timeout" => &mut limits.connect_timeout,
                "response_timeout" => &mut limits.response_timeout,
                "stall_timeout" => &mut limits.stall_timeout,
                "shutdown_timeout" => &mut limits.shutdown_timeout,
                _ => {
                    match name {
                        "body_bytes" => limits.body_bytes = self.number(value, &path, 0, 1 << 53),
                        "header_bytes" => {
                            let bytes = self.number(value, &path, 8 << 10, 16 << 20);
                            limits.header_bytes = bytes.map_or(limits.header_bytes, |bytes| bytes as usize);
                        }
                        "connections" => {
                            let most = self.number(value, &path, 1, 1 << 20);
                            limits.connections = most.map_or(limits.connections, |most| most as usize);
                        }
                        _ => self.walk.unknown(&path, key.span(), LIMIT_KEYS),
                    }
                    continue;
                }
            };
            if let Some(seconds) = self.number(value, &path, 1, 86_400) {
                *timeout = Duration::from_secs(seconds);
            }
        }
        limits
    }

    fn number(&mut self, value: &Value<'i>, path: &str, least: u64, most: u64) -> Option<u64> {
        let number = self.walk.integer(value, path)?;
        let within = u64::try_from(number).ok().filter(|number| (least..=most).contains(number));
        if within.is_none() {
            let suggestion = format!("a number from {least} to {most}");
            self.walk.note(Problem::OutOfRange, path, Some(&number.to_string()), Some(suggestion));
        }
        within
    }
}

/// Whether only one of two addresses can be listened on. Port 0 means any free port.
fn conflict(one: SocketAddr, other: SocketAddr) -> bool {
    let all = |address: SocketAddr| address.ip().is_unspecified();
    let same = one.ip() == other.ip() || one.is_ipv4() == other.is_ipv4() && (all(one) || all(other));
    one.port() == other.port() && one.port() != 0 && same
}

const TOP_KEYS: &[&str] = &["listen", "route", "tls", "log", "limits", "admin"];
const ROUTE_KEYS: &[&str] = &["host", "path", "upstream", "root", "forward_preflights"];
const LIMIT_KEYS: &[&str] = &[
    "body_bytes",
    "header_bytes",
    "connections",
    "header_timeout",
    "connect_timeout",
    "response_timeout",
    "stall_timeout",
    "shutdown_timeout",
];
