//! Origin patterns: which origins a line of `allow_origins` or `deny_origins` names. The grammar stands in the
//! documentation of [`server`](super).

use std::fmt;

use super::problem::Problem;
use super::wire::{self, HostKind, WireOrigin};
use crate::origin::default_port;

/// One line of `allow_origins` or `deny_origins`, understood.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Pattern<'t> {
    /// `*`
    Any,
    /// `null`
    Null,
    /// One origin, as a browser serialises it.
    Exact(WireExact<'t>),
    /// Everything else.
    Shape(Shape),
}

/// One origin, borrowed from the text it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct WireExact<'t> {
    pub(super) text: &'t str,
    pub(super) scheme: &'t str,
    pub(super) host: &'t str,
}

/// A set of origins: one scheme, a host with wild places, some ports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub(super) scheme: Box<str>,
    /// Whether one or more further labels stand to the left.
    pub(super) deep: bool,
    /// From left to right.
    pub(super) labels: Box<[Label]>,
    pub(super) ports: Ports,
}

/// What one label of a host may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Label {
    Text(Box<str>),
    Any,
    Digits { before: Box<str>, after: Box<str> },
}

/// Which ports an origin may have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ports {
    /// This one; `None` is the scheme's default.
    One(Option<u16>),
    /// Any, also none.
    Any,
    /// One of these ranges, ends included; the scheme's default port counts as the absent one.
    Set(Box<[(u16, u16)]>),
}

impl Label {
    pub(super) fn matches(&self, label: &[u8]) -> bool {
        match self {
            Label::Text(text) => text.as_bytes() == label,
            Label::Any => true,
            Label::Digits { before, after } => label
                .strip_prefix(before.as_bytes())
                .and_then(|rest| rest.strip_suffix(after.as_bytes()))
                .is_some_and(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)),
        }
    }
}

impl Ports {
    pub(super) fn contains(&self, port: Option<u16>, scheme: &[u8]) -> bool {
        match self {
            Ports::One(one) => *one == port,
            Ports::Any => true,
            Ports::Set(ranges) => port
                .or_else(|| default_port(scheme))
                .is_some_and(|port| ranges.iter().any(|&(from, to)| (from..=to).contains(&port))),
        }
    }
}

impl Shape {
    /// Whether it names this origin, label by label: the definition that the matcher must agree with.
    pub(super) fn matches(&self, origin: &WireOrigin<'_>) -> bool {
        let mut labels = origin.host.rsplit('.');
        *self.scheme == *origin.scheme
            && self.ports.contains(origin.port, origin.scheme.as_bytes())
            && self
                .labels
                .iter()
                .rev()
                .all(|label| labels.next().is_some_and(|text| label.matches(text.as_bytes())))
            && labels.next().is_some() == self.deep
    }

    /// The literal labels at the right end: what is the same in every host that it names.
    pub(super) fn literal_suffix(&self) -> String {
        let literal = self.labels.iter().rev().map_while(|label| match label {
            Label::Text(text) => Some(&**text),
            _ => None,
        });
        let mut labels: Vec<&str> = literal.collect();
        labels.reverse();
        labels.join(".")
    }

    /// Whether every host is the same one.
    pub(super) fn has_one_host(&self) -> bool {
        !self.deep && self.labels.iter().all(|label| matches!(label, Label::Text(_)))
    }
}

impl<'t> Pattern<'t> {
    /// Reads a pattern.
    pub(super) fn parse(text: &'t str) -> Result<Pattern<'t>, Problem> {
        match text {
            "*" => return Ok(Pattern::Any),
            "null" => return Ok(Pattern::Null),
            "" => return Err(Problem::OriginEmpty),
            _ => {}
        }
        if text.len() > wire::ORIGIN_LIMIT {
            return Err(Problem::OriginTooLong);
        }
        if let Some(origin) = WireOrigin::parse(text.as_bytes()) {
            check_name(origin.host, origin.kind)?;
            return Ok(Pattern::Exact(WireExact { text, scheme: origin.scheme, host: origin.host }));
        }
        parse_shape(text).map(Pattern::Shape)
    }
}

/// What a name must keep to beyond its bytes, to be one that a browser sends.
fn check_name(host: &str, kind: HostKind) -> Result<(), Problem> {
    if kind != HostKind::Name {
        return Ok(());
    }
    host.split('.').try_for_each(check_label)?;
    // The rules for text from right to left bind all labels together.
    let together = !host.contains("xn--") || is_read_as_it_stands(host);
    if together { Ok(()) } else { Err(Problem::HostPunycode) }
}

/// Whether the URL Standard's own reading leaves a host as it is: punycode that decodes to valid letters, bidirectional
/// rules included.
#[cfg(feature = "url")]
fn is_read_as_it_stands(host: &str) -> bool {
    matches!(url::Host::parse(host), Ok(url::Host::Domain(same)) if same == host)
}

/// Without the URL parser and its tables, punycode is accepted undecoded: a wrong name matches no browser's origin.
#[cfg(not(feature = "url"))]
fn is_read_as_it_stands(_: &str) -> bool {
    true
}

fn check_label(label: &str) -> Result<(), Problem> {
    if label.starts_with("xn--") {
        return if is_read_as_it_stands(label) { Ok(()) } else { Err(Problem::HostPunycode) };
    }
    let hyphens = label.starts_with('-') || label.ends_with('-') || label.get(2..4) == Some("--");
    if hyphens { Err(Problem::HostHyphens) } else { Ok(()) }
}

fn parse_shape(text: &str) -> Result<Shape, Problem> {
    let (scheme, rest) = text.split_once("://").ok_or(Problem::OriginNoScheme)?;
    check_scheme(scheme)?;
    if rest.contains('@') {
        return Err(Problem::OriginUserinfo);
    }
    if let Some(at) = rest.find(['/', '?', '#', '\\']) {
        let slash = rest.len() == at + 1 && rest.ends_with('/');
        return Err(if slash { Problem::OriginTrailingSlash } else { Problem::OriginPath });
    }
    let (host, port) = split_port(rest)?;
    let ports = match port {
        None => Ports::One(None),
        Some(port) => parse_ports(port, scheme)?,
    };
    let (deep, labels) = parse_host(host)?;
    Ok(Shape { scheme: scheme.into(), deep, labels, ports })
}

fn check_scheme(scheme: &str) -> Result<(), Problem> {
    let bytes = scheme.as_bytes();
    match scheme {
        "file" => Err(Problem::SchemeFile),
        "*" => Err(Problem::OriginWildcard),
        _ if bytes.len() > wire::SCHEME_LIMIT => Err(Problem::SchemeTooLong),
        _ if wire::is_scheme(bytes) => Ok(()),
        _ => Err(Problem::SchemeInvalid),
    }
}

/// Splits the port off; an IPv6 address keeps its brackets.
fn split_port(rest: &str) -> Result<(&str, Option<&str>), Problem> {
    if rest.starts_with('[') {
        let end = rest.find(']').ok_or(Problem::Ipv6Brackets)? + 1;
        return match rest[end..].strip_prefix(':') {
            Some(port) => Ok((&rest[..end], Some(port))),
            None if end == rest.len() => Ok((rest, None)),
            None => Err(Problem::Ipv6Brackets),
        };
    }
    if let Some(inner) = rest.strip_prefix("*.")
        && inner.starts_with('[')
    {
        return Err(Problem::WildcardIp);
    }
    let Some((host, port)) = rest.split_once(':') else {
        return if rest.contains(['[', ']']) { Err(Problem::Ipv6Brackets) } else { Ok((rest, None)) };
    };
    let loose_ipv6 = port.contains(':') && host.bytes().all(|b| b.is_ascii_hexdigit());
    if loose_ipv6 || rest.contains(['[', ']']) { Err(Problem::Ipv6Brackets) } else { Ok((host, Some(port))) }
}

fn parse_ports(text: &str, scheme: &str) -> Result<Ports, Problem> {
    if text == "*" {
        return Ok(Ports::Any);
    }
    if let Some(set) = text.strip_prefix('{') {
        let set = set.strip_suffix('}').ok_or(Problem::PortSet)?;
        let mut ranges: Vec<(u16, u16)> =
            set.split(',').map(parse_range).collect::<Option<_>>().ok_or(Problem::PortSet)?;
        ranges.sort_unstable();
        let mut joined: Vec<(u16, u16)> = Vec::new();
        for (from, to) in ranges {
            match joined.last_mut() {
                Some(last) if u32::from(from) <= u32::from(last.1) + 1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        return Ok(Ports::Set(joined.into()));
    }
    let port = wire::parse_port(text.as_bytes()).ok_or(Problem::PortInvalid)?;
    if default_port(scheme) == Some(port) { Err(Problem::PortDefault) } else { Ok(Ports::One(Some(port))) }
}

fn parse_range(text: &str) -> Option<(u16, u16)> {
    let text = text.trim_matches(' ');
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let range = (wire::parse_port(from.as_bytes())?, wire::parse_port(to.as_bytes())?);
    (range.0 <= range.1).then_some(range)
}

fn parse_host(host: &str) -> Result<(bool, Box<[Label]>), Problem> {
    if let Some(ip) = host.strip_prefix('[') {
        check_ipv6(ip.strip_suffix(']').ok_or(Problem::Ipv6Brackets)?)?;
        return Ok((false, [Label::Text(host.into())].into()));
    }
    let (deep, name) = match host.strip_prefix("*.") {
        Some(name) => (true, name),
        None => (false, host),
    };
    if name.is_empty() || name.bytes().all(|b| b == b'.') {
        return Err(Problem::HostEmpty);
    }
    if name.contains('*') {
        return Err(Problem::OriginWildcard);
    }
    if !name.is_ascii() {
        return Err(Problem::HostUnicode);
    }
    // `*.` stands for two bytes at least: a label of one byte and its dot.
    if name.len() + if deep { 2 } else { 0 } > wire::HOST_LIMIT {
        return Err(Problem::HostTooLong);
    }
    let labels: Box<[Label]> = name.split('.').map(parse_label).collect::<Result<_, _>>()?;
    let wild = deep || labels.iter().any(|label| !matches!(label, Label::Text(_)));
    match labels.last() {
        Some(Label::Text(last)) if last.starts_with(|c: char| c.is_ascii_digit()) => {
            match (wild, wire::is_canonical_ipv4(name.as_bytes())) {
                (true, true) => Err(Problem::WildcardIp),
                (false, true) => Ok((deep, labels)),
                (_, false) => Err(Problem::HostNumeric),
            }
        }
        Some(Label::Text(_)) => Ok((deep, labels)),
        _ => Err(Problem::PlaceholderLast),
    }
}

fn parse_label(label: &str) -> Result<Label, Problem> {
    if label.is_empty() {
        return Err(Problem::LabelEmpty);
    }
    if label == "{label}" {
        return Ok(Label::Any);
    }
    if let Some((before, after)) = label.split_once("{digits}") {
        if [before, after].iter().any(|text| text.contains(['{', '}'])) {
            return Err(Problem::Placeholder);
        }
        check_label_bytes(before)?;
        check_label_bytes(after)?;
        // The shortest label that fits must be one: a digit in the place.
        if before.len() + 1 + after.len() > wire::LABEL_LIMIT {
            return Err(Problem::LabelTooLong);
        }
        check_label(&format!("{before}0{after}"))?;
        return Ok(Label::Digits { before: before.into(), after: after.into() });
    }
    if label.contains(['{', '}']) {
        return Err(Problem::Placeholder);
    }
    check_label_bytes(label)?;
    if label.len() > wire::LABEL_LIMIT {
        return Err(Problem::LabelTooLong);
    }
    check_label(label)?;
    Ok(Label::Text(label.into()))
}

fn check_label_bytes(text: &str) -> Result<(), Problem> {
    if text.bytes().all(wire::is_label_byte) {
        Ok(())
    } else if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Err(Problem::HostUppercase)
    } else {
        Err(Problem::HostByte)
    }
}

fn check_ipv6(text: &str) -> Result<(), Problem> {
    if text.contains('%') {
        return Err(Problem::Ipv6Zone);
    }
    match text.parse::<std::net::Ipv6Addr>() {
        Err(_) => Err(Problem::Ipv6Invalid),
        Ok(ip) if ip.to_ipv4_mapped().is_some() => Err(Problem::Ipv4Mapped),
        Ok(_) if !wire::is_canonical_ipv6(text) => Err(Problem::Ipv6NotCanonical),
        Ok(_) => Ok(()),
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, if self.deep { "*." } else { "" })?;
        for (at, label) in self.labels.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            match label {
                Label::Text(text) => f.write_str(text)?,
                Label::Any => f.write_str("{label}")?,
                Label::Digits { before, after } => write!(f, "{before}{{digits}}{after}")?,
            }
        }
        match &self.ports {
            Ports::One(None) => Ok(()),
            Ports::One(Some(port)) => write!(f, ":{port}"),
            Ports::Any => f.write_str(":*"),
            Ports::Set(ranges) => {
                for (at, (from, to)) in ranges.iter().enumerate() {
                    f.write_str(if at == 0 { ":{" } else { "," })?;
                    if from == to { write!(f, "{from}")? } else { write!(f, "{from}-{to}")? }
                }
                f.write_str("}")
            }
        }
    }
}
