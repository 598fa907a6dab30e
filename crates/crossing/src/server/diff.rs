//! What changes from one policy to another: decided on the sets of origins that the patterns name, not on their text.
//!
//! Both policies' patterns cut all origins into classes, within which no pattern tells one origin from another. One
//! origin of each class is found by walking the patterns label by label, and both policies are asked about it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use super::compile::CompiledGrant;
use super::grant::{CrossOriginResourcePolicy, Grant};
use super::lists::Extent;
use super::pattern::{Label, Pattern, Ports, Shape};
use super::policy::{Enforcement, Existing, Policy};
use crate::origin::default_port;

/// How many example origins a change carries.
const EXAMPLES: usize = 20;

/// What a new policy grants beyond an old one, and what it no longer grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// What is newly granted.
    pub widened: Vec<Change>,
    /// What is newly refused.
    pub narrowed: Vec<Change>,
}

/// One change, and whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What changes.
    pub kind: ChangeKind,
    /// An origin that it changes for.
    pub example: String,
    /// More of them, one for each class of origins that the patterns tell apart; at most twenty.
    pub origins: Vec<String>,
    /// How many classes of origins there are.
    pub classes: usize,
    /// The grant of the old policy that decides for them, counted from 0.
    pub old_grant: Option<usize>,
    /// The grant of the new policy that decides for them, counted from 0.
    pub new_grant: Option<usize>,
}

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeKind {
    /// Reading responses at all.
    Access,
    /// Credentials.
    Credentials,
    /// These methods; `*` for all.
    Methods(Vec<String>),
    /// These request headers; `*` for all but `Authorization`.
    RequestHeaders(Vec<String>),
    /// Reading these response headers; `*` for all.
    ExposedHeaders(Vec<String>),
    /// The resource's timing.
    Timing,
    /// Embedding without CORS, by `Cross-Origin-Resource-Policy`.
    Embedding,
    /// Reaching the application at all: enforcement.
    Enforcement,
    /// What the application itself grants: `existing`.
    Existing,
}

impl Diff {
    /// Compares two policies; where there is none, nothing is granted.
    pub fn between<'p>(old: impl Into<Option<&'p Policy>>, new: impl Into<Option<&'p Policy>>) -> Diff {
        let (old, new) = (old.into(), new.into());
        let grant_at =
            |policy: Option<&Policy>, origin: &str| policy.and_then(|policy| policy.grant_at(origin));
        // The origins that each pair of grants decides for.
        let mut pairs: BTreeMap<_, (Vec<String>, usize)> = BTreeMap::new();
        for origin in Classes::new(old, new).representatives() {
            let (origins, classes) =
                pairs.entry((grant_at(old, &origin), grant_at(new, &origin))).or_default();
            *classes += 1;
            if origins.len() < EXAMPLES {
                origins.push(origin);
            }
        }
        let mut diff = Diff::default();
        for ((a, b), (origins, classes)) in pairs {
            let ready =
                |policy: Option<&'p Policy>, grant| policy.and_then(|policy| policy.compiled_grant_at(grant));
            let (before, after) = (ready(old, a), ready(new, b));
            let change = |kind| Change {
                kind,
                example: origins.first().cloned().unwrap_or_default(),
                origins: origins.clone(),
                classes,
                old_grant: a,
                new_grant: b,
            };
            diff.widened.extend(gains(before, after).into_iter().map(change));
            diff.narrowed.extend(gains(after, before).into_iter().map(change));
        }
        if let (Some(old), Some(new)) = (old, new) {
            diff.settings(old, new);
        }
        diff
    }

    /// Whether both policies grant the same.
    pub fn is_empty(&self) -> bool {
        self.widened.is_empty() && self.narrowed.is_empty()
    }

    fn settings(&mut self, old: &Policy, new: &Policy) {
        let change = |kind| Change {
            kind,
            example: "https://elsewhere.example".to_owned(),
            origins: Vec::new(),
            classes: 0,
            old_grant: None,
            new_grant: None,
        };
        let (a, b) = (&old.0.settings, &new.0.settings);
        match (a.enforcement == Enforcement::On, b.enforcement == Enforcement::On) {
            (true, false) => self.widened.push(change(ChangeKind::Enforcement)),
            (false, true) => self.narrowed.push(change(ChangeKind::Enforcement)),
            _ => {}
        }
        match (a.existing, b.existing) {
            (Existing::Replace, Existing::Respect) => self.widened.push(change(ChangeKind::Existing)),
            (Existing::Respect, Existing::Replace) => self.narrowed.push(change(ChangeKind::Existing)),
            _ => {}
        }
    }
}

impl Policy {
    fn grant_at(&self, origin: &str) -> Option<usize> {
        self.0.matcher.find(origin.as_bytes()).map(|found| usize::from(found.grant))
    }

    fn compiled_grant_at(&self, grant: Option<usize>) -> Option<(&CompiledGrant, &Grant)> {
        grant.map(|at| (&self.0.compiled_grants[at], &self.0.grants[at]))
    }
}

/// What the second has beyond the first.
fn gains(a: Option<(&CompiledGrant, &Grant)>, b: Option<(&CompiledGrant, &Grant)>) -> Vec<ChangeKind> {
    let Some((b, b_grant)) = b else { return Vec::new() };
    let Some((a, a_grant)) = a else { return vec![ChangeKind::Access] };
    let mut found = Vec::new();
    if b.credentials && !a.credentials {
        found.push(ChangeKind::Credentials);
    }
    let star = |extent: Extent| extent != Extent::Listed;
    let methods = beyond(
        (star(a.methods.extent), a.methods.list().filter(|m| !crate::method::is_safelisted(m)).collect()),
        (star(b.methods.extent), b.methods.list().filter(|m| !crate::method::is_safelisted(m)).collect()),
        |_| true,
    );
    found.extend(methods.map(ChangeKind::Methods));
    let headers = beyond(
        (star(a.headers.extent), a.headers.names().collect()),
        (star(b.headers.extent), b.headers.names().collect()),
        |name| !crate::headers::request::is_non_wildcard(name),
    );
    found.extend(headers.map(ChangeKind::RequestHeaders));
    let exposed = beyond(exposed(a_grant), exposed(b_grant), |_| true);
    found.extend(exposed.map(ChangeKind::ExposedHeaders));
    if b.timing && !a.timing {
        found.push(ChangeKind::Timing);
    }
    let corp =
        |grant: &Grant| grant.cross_origin_resource_policy.unwrap_or(CrossOriginResourcePolicy::CrossOrigin);
    if corp(b_grant) > corp(a_grant) {
        found.push(ChangeKind::Embedding);
    }
    found
}

fn exposed(grant: &Grant) -> (bool, BTreeSet<&str>) {
    let star = grant.expose_headers.iter().any(|name| name == "*");
    (star, grant.expose_headers.iter().map(String::as_str).filter(|name| *name != "*").collect())
}

/// What a list names that another does not; `*` covers some names.
fn beyond(
    a: (bool, BTreeSet<&str>),
    b: (bool, BTreeSet<&str>),
    covered: impl Fn(&str) -> bool,
) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    if b.0 && !a.0 {
        names.push("*".to_owned());
    }
    let new = |name: &&&str| {
        !a.1.iter().any(|there| there.eq_ignore_ascii_case(name)) && !((a.0 || b.0) && covered(name))
    };
    names.extend(b.1.iter().filter(new).map(|name| (*name).to_owned()));
    (!names.is_empty()).then_some(names)
}

/// The patterns of two policies, as a tree of labels from the right.
#[derive(Default)]
struct Classes {
    exact: BTreeSet<String>,
    shapes: Vec<Shape>,
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    texts: BTreeMap<Box<str>, usize>,
    wild: Vec<(Label, usize)>,
    here: Vec<usize>,
    deeper: Vec<usize>,
}

/// Where a walk stands: some nodes of one depth, and the patterns that any further label satisfies.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    nodes: Vec<usize>,
    open: Vec<usize>,
}

impl Classes {
    fn new(old: Option<&Policy>, new: Option<&Policy>) -> Classes {
        let mut classes = Classes { nodes: vec![Node::default()], ..Classes::default() };
        for grant in old.into_iter().chain(new).flat_map(Policy::grants) {
            for text in grant.allow_origins.iter().chain(grant.deny_origins.iter()) {
                match Pattern::parse(text) {
                    Ok(Pattern::Exact(exact)) => {
                        classes.exact.insert(exact.text.to_owned());
                    }
                    Ok(Pattern::Shape(shape)) => classes.add(shape),
                    _ => {}
                }
            }
        }
        classes
    }

    fn add(&mut self, shape: Shape) {
        let mut at = 0;
        for label in shape.labels.iter().rev() {
            let next = self.nodes.len();
            let node = &mut self.nodes[at];
            let there = match label {
                Label::Text(text) => *node.texts.entry(text.clone()).or_insert(next),
                wild => match node.wild.iter().find(|(there, _)| there == wild) {
                    Some((_, there)) => *there,
                    None => {
                        node.wild.push((wild.clone(), next));
                        next
                    }
                },
            };
            if there == next {
                self.nodes.push(Node::default());
            }
            at = there;
        }
        let leaves = if shape.deep { &mut self.nodes[at].deeper } else { &mut self.nodes[at].here };
        leaves.push(self.shapes.len());
        self.shapes.push(shape);
    }

    /// One origin of each class.
    fn representatives(&self) -> Vec<String> {
        let fresh = Fresh::new(self);
        let mut found: BTreeSet<String> = self.exact.clone();
        found.insert("null".to_owned());
        found.insert(format!("https://{}.example", fresh.label));
        let mut seen = BTreeSet::new();
        let mut left = vec![(State { nodes: vec![0], open: Vec::new() }, String::new())];
        while let Some((state, host)) = left.pop() {
            self.origins_at(&state, &host, &fresh, &mut found);
            let mut labels: BTreeSet<String> = BTreeSet::new();
            for &node in &state.nodes {
                let node = &self.nodes[node];
                labels.extend(node.texts.keys().map(|text| text.to_string()));
                labels.extend(digit_labels(&node.wild, &fresh.digits));
            }
            // IP addresses have no subdomains, and no host is a placeholder alone.
            if !host.is_empty() {
                labels.insert(fresh.label.clone());
            }
            for label in labels {
                let next = self.step(&state, &label);
                if (next.nodes.is_empty() && next.open.is_empty()) || !seen.insert(next.clone()) {
                    continue;
                }
                let host = if host.is_empty() { label } else { format!("{label}.{host}") };
                left.push((next, host));
            }
        }
        found.into_iter().collect()
    }

    fn step(&self, state: &State, label: &str) -> State {
        let mut next = State { nodes: Vec::new(), open: state.open.clone() };
        for &at in &state.nodes {
            let node = &self.nodes[at];
            next.open.extend(&node.deeper);
            next.nodes.extend(node.texts.get(label));
            next.nodes.extend(
                node.wild.iter().filter(|(wild, _)| wild.matches(label.as_bytes())).map(|(_, child)| *child),
            );
        }
        next.open.sort_unstable();
        next.nodes.sort_unstable();
        next
    }

    /// The origins of a host: each scheme and each kind of port that its patterns tell apart.
    fn origins_at(&self, state: &State, host: &str, fresh: &Fresh, found: &mut BTreeSet<String>) {
        let here = state.nodes.iter().flat_map(|&node| &self.nodes[node].here);
        let shapes: Vec<&Shape> = here.chain(&state.open).map(|&shape| &self.shapes[shape]).collect();
        let schemes: BTreeSet<&str> = shapes.iter().map(|shape| &*shape.scheme).collect();
        for scheme in schemes {
            let mut ports = BTreeSet::from([None, Some(fresh.port)]);
            for shape in shapes.iter().filter(|shape| *shape.scheme == *scheme) {
                match &shape.ports {
                    Ports::Any => {}
                    Ports::One(port) => drop(ports.insert(*port)),
                    Ports::Set(ranges) => {
                        let edges = ranges
                            .iter()
                            .flat_map(|&(a, b)| [a.checked_sub(1), Some(a), Some(b), b.checked_add(1)]);
                        ports.extend(edges.flatten().filter(|port| *port != 0).map(Some));
                    }
                }
            }
            for port in ports {
                found.insert(match port {
                    Some(port) if default_port(scheme) != Some(port) => format!("{scheme}://{host}:{port}"),
                    _ => format!("{scheme}://{host}"),
                });
            }
        }
    }
}

/// Labels for every way in which some digit patterns can overlap, and for each alone.
fn digit_labels(wild: &[(Label, usize)], digits: &str) -> Vec<String> {
    let ends: Vec<(&str, &str)> = wild
        .iter()
        .filter_map(|(label, _)| match label {
            Label::Digits { before, after } => Some((&**before, &**after)),
            _ => None,
        })
        .collect();
    let mut labels = Vec::new();
    for (before, _) in &ends {
        for (_, after) in &ends {
            labels.push(format!("{before}{digits}{after}"));
            labels.push(format!("{before}0{after}"));
        }
    }
    labels
}

/// Texts that no pattern and no origin of the two policies holds.
struct Fresh {
    label: String,
    digits: String,
    port: u16,
}

impl Fresh {
    fn new(classes: &Classes) -> Fresh {
        let shapes: Vec<String> = classes.shapes.iter().map(Shape::to_string).collect();
        let texts: Vec<&str> =
            classes.exact.iter().map(String::as_str).chain(shapes.iter().map(String::as_str)).collect();
        let ports: HashSet<u16> =
            texts.iter().filter_map(|text| text.rsplit(':').next()?.parse().ok()).collect();
        let outside = |port: &u16| {
            let named = classes.shapes.iter().any(|shape| match &shape.ports {
                Ports::Set(ranges) => ranges.iter().any(|(a, b)| (a..=b).contains(&port)),
                _ => false,
            });
            !named && !ports.contains(port)
        };
        let digits = free_digits(&texts);
        let any = texts.iter().any(|text| text.contains("any"));
        Fresh {
            label: if any { format!("any{digits}") } else { "any".to_owned() },
            digits,
            port: (8443..=u16::MAX).chain(1..8443).find(outside).unwrap_or(8443),
        }
    }
}

/// A number whose digits stand nowhere in some texts: there are fewer texts than numbers of nine digits.
fn free_digits(texts: &[&str]) -> String {
    let free = |width: usize| {
        let windows = texts.iter().flat_map(|text| text.as_bytes().windows(width));
        let used: HashSet<&[u8]> = windows.filter(|part| part.iter().all(u8::is_ascii_digit)).collect();
        let least = 10_u32.pow(width as u32 - 1);
        let mut numbers = (least.max(7351)..10 * least).map(|number| number.to_string());
        numbers.find(|number| !used.contains(number.as_bytes()))
    };
    (4..=9).find_map(free).unwrap_or_default()
}

impl ChangeKind {
    /// The word for it: `access`, `request-headers`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            ChangeKind::Access => "access",
            ChangeKind::Credentials => "credentials",
            ChangeKind::Methods(_) => "methods",
            ChangeKind::RequestHeaders(_) => "request-headers",
            ChangeKind::ExposedHeaders(_) => "exposed-headers",
            ChangeKind::Timing => "timing",
            ChangeKind::Embedding => "embedding",
            ChangeKind::Enforcement => "enforcement",
            ChangeKind::Existing => "existing",
        }
    }

    /// Which methods or headers; empty for anything else.
    pub fn names(&self) -> &[String] {
        match self {
            ChangeKind::Methods(names)
            | ChangeKind::RequestHeaders(names)
            | ChangeKind::ExposedHeaders(names) => names,
            _ => &[],
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChangeKind::Access => f.write_str("access"),
            ChangeKind::Credentials => f.write_str("credentials"),
            ChangeKind::Methods(names) => write!(f, "methods {}", names.join(", ")),
            ChangeKind::RequestHeaders(names) => write!(f, "request headers {}", names.join(", ")),
            ChangeKind::ExposedHeaders(names) => write!(f, "exposed headers {}", names.join(", ")),
            ChangeKind::Timing => f.write_str("timing"),
            ChangeKind::Embedding => f.write_str("embedding without CORS"),
            ChangeKind::Enforcement => f.write_str("requests that no grant covers"),
            ChangeKind::Existing => f.write_str("what the application grants itself"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}", self.kind, self.example)?;
        if self.classes > 1 { write!(f, " and {} more", self.classes - 1) } else { Ok(()) }
    }
}
