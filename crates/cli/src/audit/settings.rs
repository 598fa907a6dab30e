//! What was typed, understood.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crossing::{Origin, TupleOrigin};
use crossing_agent::ResolveOverride;

use super::plan::Safety;
use super::target::Target;
use crate::args::AuditArgs;
use crate::check::plan::{Certificates, resolve, url};
use crate::text::shorten;

/// How much of standard input is read, in bytes.
const LONGEST_LIST: u64 = 4 << 20;

/// An audit, ready to run.
pub(crate) struct Settings {
    pub(crate) targets: Vec<Target>,
    pub(crate) safety: Safety,
    pub(crate) rate: f64,
    pub(crate) most: u32,
    pub(crate) repeat: u32,
    pub(crate) jobs: usize,
    pub(crate) resolve: Vec<ResolveOverride>,
    /// The addresses that names were given, by host.
    pub(crate) addresses: BTreeMap<String, IpAddr>,
    pub(crate) certificates: Certificates,
    pub(crate) timeout: Duration,
}

impl Settings {
    pub(crate) fn new(args: &AuditArgs) -> Result<Settings, String> {
        let own = args.own.iter().map(|text| own(text)).collect::<Result<Vec<_>, _>>()?;
        let mut targets: Vec<Target> = Vec::new();
        for text in listed(&args.urls)? {
            let url = url(&text).map_err(|mistake| mistake.to_string())?;
            if !url.username().is_empty() || url.password().is_some() {
                return Err(format!(
                    "the URL on {} holds a user or a password; leave them out: an audit has no login",
                    url.host_str().unwrap_or_default()
                ));
            }
            let target = Target::new(url, &own);
            if !targets.iter().any(|known| known.url == target.url) {
                targets.push(target);
            }
        }
        if targets.is_empty() {
            return Err("standard input names no address".to_owned());
        }
        Ok(Settings {
            targets,
            safety: if args.post { Safety::Post } else { Safety::SafeOnly },
            rate: args.rate,
            most: args.max_requests,
            repeat: args.repeat,
            jobs: args.jobs as usize,
            resolve: (args.resolve.iter().map(|text| resolve(text)).collect::<Result<_, _>>())
                .map_err(|mistake| mistake.to_string())?,
            addresses: args.resolve.iter().filter_map(|text| address(text)).collect(),
            certificates: match &args.cacert {
                _ if args.insecure => Certificates::Any,
                Some(file) => Certificates::File(PathBuf::from(file)),
                None => Certificates::Platform,
            },
            timeout: Duration::from_secs_f64(args.timeout),
        })
    }
}

/// The addresses that were typed, and those of standard input where `-` stands.
fn listed(urls: &[String]) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for url in urls {
        if url != "-" {
            all.push(url.clone());
            continue;
        }
        let mut text = String::new();
        let read = io::stdin().lock().take(LONGEST_LIST).read_to_string(&mut text);
        read.map_err(|error| format!("standard input: {error}"))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        all.extend(lines.map(str::to_owned));
    }
    Ok(all)
}

fn own(text: &str) -> Result<TupleOrigin, String> {
    match Origin::parse(text) {
        Ok(Origin::Tuple(origin)) => Ok(origin),
        Ok(Origin::Opaque) => Err("--own null: an opaque origin is nobody's own".to_owned()),
        Err(error) => Err(format!("--own '{}': {error}", shorten(text))),
    }
}

/// Host and address of a `--resolve` that was read before.
fn address(text: &str) -> Option<(String, IpAddr)> {
    let (host, rest) = text.split_once(':')?;
    let (_, address) = rest.split_once(':')?;
    Some((host.to_ascii_lowercase(), address.trim_matches(['[', ']']).parse().ok()?))
}
