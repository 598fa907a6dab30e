//! Which grant decides for an origin: one hash for an origin that the policy spells out, one walk from label to label,
//! right to left, for the rest. The cost does not grow with the number of origins.

use std::borrow::Borrow;
use std::collections::{HashMap, hash_map};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use bytes::Bytes;
use http::HeaderValue;

use super::pattern::{Label, Ports, Shape};
use super::view::PolicyText;
use super::wire::{self, Parts};
use crate::origin::default_port;

/// How many grants a policy may have: one bit each.
pub(super) const GRANT_LIMIT: usize = u64::BITS as usize;

/// A set of grants.
pub(super) type Grants = u64;

/// The grants that a look-up came upon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hits {
    pub(super) allow: Grants,
    pub(super) deny: Grants,
}

impl Hits {
    /// The first grant that allows and does not deny.
    pub(super) fn first(self) -> Option<u8> {
        let left = self.allow & !self.deny;
        (left != 0).then_some(left.trailing_zeros() as u8)
    }
}

/// Whether a pattern stands under `allow_origins` or `deny_origins`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Allow,
    Deny,
}

/// What the policy has to say about an origin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'p> {
    pub(super) grant: u8,
    /// The policy's own copy of the origin, when it spells it out, and whose memory it stands in.
    spelled: Option<(&'p HeaderValue, u8)>,
}

impl Found<'_> {
    /// By a pattern, or by a look-up.
    pub(super) const fn unspelled(grant: u8) -> Self {
        Found { grant, spelled: None }
    }
}

const NO_GRANT: u8 = u8::MAX;

/// What is known of an origin that is spelled out.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Which grant decides, or `NO_GRANT`.
    grant: u8,
    /// Which grant's memory the text stands in; no grant's, if it is only denied.
    home: u8,
}

/// All origins of a policy.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    /// Each origin that is spelled out, with the grant that decides for it, patterns considered.
    exact: HashMap<Key, Entry, BuildHasherDefault<OriginHasher>>,
    /// The memory of each grant's origins.
    homes: Vec<Bytes>,
    tree: Tree,
    /// Grants with `*`, on either side.
    any: Hits,
}

impl Matcher {
    pub(super) fn new(any: Hits, tree: Tree, homes: Vec<Bytes>, origins: usize) -> Matcher {
        let exact = HashMap::with_capacity_and_hasher(origins, Default::default());
        Matcher { exact, homes, tree: tree.shorten(), any }
    }

    /// Which grant decides for an origin, by the bytes of the request's header.
    #[inline]
    pub(super) fn find(&self, origin: &[u8]) -> Option<Found<'_>> {
        if let Some((key, entry)) = self.exact.get_key_value(origin) {
            let spelled = Some((&key.0, entry.home));
            return (entry.grant != NO_GRANT).then_some(Found { grant: entry.grant, spelled });
        }
        self.by_pattern(origin).first().map(Found::unspelled)
    }

    /// The policy's own copy of an origin that was found, if it has one.
    #[inline]
    pub(super) fn text_of<'p>(&'p self, found: Found<'p>) -> Option<PolicyText<'p>> {
        let (value, home) = found.spelled?;
        let backing = self.homes.get(usize::from(home))?;
        Some(PolicyText { value, backing, foreign: None })
    }

    /// The grants whose patterns name an origin.
    fn by_pattern(&self, origin: &[u8]) -> Hits {
        if self.tree.is_empty() {
            return self.any;
        }
        let Some(parts) = Parts::split(origin) else { return self.any };
        let mut hits = Hits::default();
        self.tree.find(&parts, &mut hits);
        if parts.host.len() > wire::HOST_LIMIT {
            return self.any;
        }
        Hits { allow: hits.allow | self.any.allow, deny: hits.deny | self.any.deny }
    }

    /// Adds an origin that is spelled out, and says which grant decides for it now, and which did before.
    pub(super) fn insert(
        &mut self,
        value: Bytes,
        home: Option<u8>,
        listed: Hits,
    ) -> (Option<u8>, Option<u8>) {
        let name = |grant: u8| (grant != NO_GRANT).then_some(grant);
        let hits = self.by_pattern(&value);
        let hits = Hits { allow: hits.allow | listed.allow, deny: hits.deny | listed.deny };
        let grant = hits.first().unwrap_or(NO_GRANT);
        let Ok(value) = HeaderValue::from_maybe_shared(value) else { return (None, None) };
        match self.exact.entry(Key(value)) {
            hash_map::Entry::Vacant(entry) => {
                entry.insert(Entry { grant, home: home.unwrap_or(NO_GRANT) });
                (name(grant), None)
            }
            hash_map::Entry::Occupied(mut entry) => {
                let entry = entry.get_mut();
                let before = entry.grant;
                entry.grant = before.min(grant);
                (name(entry.grant), name(before))
            }
        }
    }
}

/// An origin, compared and hashed by its bytes.
#[derive(Debug, PartialEq, Eq)]
struct Key(HeaderValue);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_bytes().hash(state);
    }
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A fast hash. Its keys are the policy's own, so that nobody outside can choose ones that collide.
#[derive(Default)]
struct OriginHasher(u64);

impl OriginHasher {
    #[inline]
    fn add(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product as u64) ^ ((product >> 64) as u64) ^ 0x2545_f491_4f6c_dd1d;
    }
}

impl Hasher for OriginHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in words.by_ref() {
            self.add(word.try_into().map(u64::from_le_bytes).unwrap_or_default());
        }
        let rest = words.remainder();
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.add(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.0 ^= number as u64;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// The patterns of a policy as a tree of labels, the top-level domain first.
#[derive(Debug, Default)]
pub(super) struct Tree {
    root: Node,
    patterns: usize,
}

#[derive(Debug, Default)]
struct Node {
    texts: Texts,
    wild: Vec<(Label, Node)>,
    /// Patterns whose host ends here.
    here: Vec<Leaf>,
    /// Patterns that want one or more labels further.
    deeper: Vec<Leaf>,
}

/// The nodes below one, by their label's text. Most nodes have one such child, which is found by a comparison.
#[derive(Debug, Default)]
struct Texts {
    /// In a tree that was shortened, the text may have several labels.
    few: Vec<(Box<str>, Node)>,
    many: HashMap<Box<str>, Node, BuildHasherDefault<OriginHasher>>,
}

/// How many children are compared one after another.
const FEW: usize = 4;

#[derive(Debug)]
struct Leaf {
    scheme: Box<str>,
    ports: Ports,
    grant: u8,
    side: Side,
}

impl Tree {
    pub(super) fn is_empty(&self) -> bool {
        self.patterns == 0
    }

    pub(super) fn insert(&mut self, shape: &Shape, grant: u8, side: Side) {
        let mut node = &mut self.root;
        for label in shape.labels.iter().rev() {
            node = node.child_mut(label);
        }
        let leaves = if shape.deep { &mut node.deeper } else { &mut node.here };
        leaves.push(Leaf { scheme: shape.scheme.clone(), ports: shape.ports.clone(), grant, side });
        self.patterns += 1;
    }

    #[inline]
    fn find(&self, origin: &Parts<'_>, hits: &mut Hits) {
        self.root.walk(Some(origin.host), origin, hits);
    }

    /// Joins the labels that follow one another without a choice, so that one comparison finds them all. A tree that
    /// was shortened takes no more patterns, and covers none.
    fn shorten(mut self) -> Tree {
        self.root.shorten();
        self
    }

    /// The grants that have one pattern that names every origin that this one names.
    pub(super) fn covering(&self, shape: &Shape) -> Grants {
        self.root.cover(&shape.labels, shape)
    }
}

impl Texts {
    /// The node below one label.
    fn get(&self, label: &str) -> Option<&Node> {
        self.few.iter().find(|(there, _)| **there == *label).map(|(_, node)| node).or(self.many.get(label))
    }

    /// The node whose text a host ends with, and what is left of the host.
    #[inline]
    fn step<'h>(&self, host: &'h [u8]) -> Option<(&Node, Option<&'h [u8]>)> {
        if self.many.is_empty() {
            return self.few.iter().find_map(|(text, node)| match host.strip_suffix(text.as_bytes())? {
                [] => Some((node, None)),
                [rest @ .., b'.'] => Some((node, Some(rest))),
                _ => None,
            });
        }
        let (rest, label) = split_label(host);
        self.many.get(std::str::from_utf8(label).ok()?).map(|node| (node, rest))
    }

    fn get_or_insert(&mut self, text: &str) -> &mut Node {
        let at = match self.few.iter().position(|(there, _)| **there == *text) {
            Some(at) => at,
            None if self.many.is_empty() && self.few.len() < FEW => {
                self.few.push((text.into(), Node::default()));
                self.few.len() - 1
            }
            None => {
                self.many.extend(self.few.drain(..));
                return self.many.entry(text.into()).or_default();
            }
        };
        &mut self.few[at].1
    }
}

/// The last label of a host, and what stands before its dot.
#[inline]
fn split_label(host: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match host.iter().rposition(|&byte| byte == b'.') {
        Some(dot) => (Some(&host[..dot]), &host[dot + 1..]),
        None => (None, host),
    }
}

impl Node {
    fn shorten(&mut self) {
        for (text, node) in &mut self.texts.few {
            while let Some((label, child)) = node.only_child() {
                *text = format!("{label}.{text}").into();
                *node = child;
            }
            node.shorten();
        }
        self.texts.many.values_mut().for_each(Node::shorten);
        self.wild.iter_mut().for_each(|(_, node)| node.shorten());
    }

    /// Takes the one child that this node is there for, if it is there for nothing else.
    fn only_child(&mut self) -> Option<(Box<str>, Node)> {
        let leaves = self.here.is_empty() && self.deeper.is_empty();
        let only = self.texts.few.len() == 1 && self.texts.many.is_empty() && self.wild.is_empty();
        if leaves && only { self.texts.few.pop() } else { None }
    }

    fn child_mut(&mut self, label: &Label) -> &mut Node {
        if let Label::Text(text) = label {
            return self.texts.get_or_insert(text);
        }
        let at = self.wild.iter().position(|(there, _)| there == label).unwrap_or_else(|| {
            self.wild.push((label.clone(), Node::default()));
            self.wild.len() - 1
        });
        &mut self.wild[at].1
    }

    /// What a pattern spells out is as it should be; only what it leaves open is looked at.
    ///
    /// Each node is reached by one way only, so that a walk visits none twice, and goes no deeper than the policy's
    /// longest pattern.
    fn walk(&self, host: Option<&[u8]>, origin: &Parts<'_>, hits: &mut Hits) {
        let (mut node, mut host) = (self, host);
        while let Some(left) = host {
            if !node.deeper.is_empty() && wire::is_labels(left) {
                Leaf::collect(&node.deeper, origin, hits);
            }
            if !node.wild.is_empty() {
                let (rest, label) = split_label(left);
                for (wild, child) in &node.wild {
                    if wild.matches(label) && wire::is_labels(label) {
                        child.walk(rest, origin, hits);
                    }
                }
            }
            let Some((child, rest)) = node.texts.step(left) else { return };
            (node, host) = (child, rest);
        }
        Leaf::collect(&node.here, origin, hits);
    }

    fn cover(&self, labels: &[Label], shape: &Shape) -> Grants {
        let covering = |leaves: &[Leaf]| {
            let leaves = leaves.iter().filter(|leaf| {
                leaf.side == Side::Allow
                    && leaf.scheme == shape.scheme
                    && leaf.ports.contains_all(&shape.ports, &shape.scheme)
            });
            leaves.fold(0, |grants, leaf| grants | 1 << leaf.grant)
        };
        let Some((label, rest)) = labels.split_last() else {
            return covering(if shape.deep { &self.deeper } else { &self.here });
        };
        let mut grants = covering(&self.deeper);
        if let Label::Text(text) = label
            && let Some(child) = self.texts.get(text)
        {
            grants |= child.cover(rest, shape);
        }
        for (wild, child) in &self.wild {
            if wild.contains_all(label) {
                grants |= child.cover(rest, shape);
            }
        }
        grants
    }
}

impl Leaf {
    #[inline]
    fn collect(leaves: &[Leaf], origin: &Parts<'_>, hits: &mut Hits) {
        for leaf in leaves {
            if leaf.scheme.as_bytes() == origin.scheme
                && origin.port().is_some_and(|port| leaf.ports.contains(port, origin.scheme))
            {
                match leaf.side {
                    Side::Allow => hits.allow |= 1 << leaf.grant,
                    Side::Deny => hits.deny |= 1 << leaf.grant,
                }
            }
        }
    }
}

impl Label {
    fn contains_all(&self, other: &Label) -> bool {
        match (self, other) {
            (Label::Any, _) => true,
            (_, Label::Text(text)) => self.matches(text.as_bytes()),
            (Label::Digits { before: b1, after: a1 }, Label::Digits { before: b2, after: a2 }) => {
                let digits = |text: Option<&str>| text.is_some_and(|t| t.bytes().all(|b| b.is_ascii_digit()));
                digits(b2.strip_prefix(&**b1)) && digits(a2.strip_suffix(&**a1))
            }
            _ => false,
        }
    }
}

impl Ports {
    fn contains_all(&self, other: &Ports, scheme: &str) -> bool {
        match (self, other) {
            (Ports::Any, _) => true,
            (_, Ports::One(port)) => self.contains(*port, scheme.as_bytes()),
            (Ports::Set(ours), Ports::Set(theirs)) => {
                theirs.iter().all(|t| ours.iter().any(|o| o.0 <= t.0 && t.1 <= o.1))
            }
            (Ports::Set(ours), Ports::Any) => **ours == [(1, u16::MAX)] && default_port(scheme).is_some(),
            (Ports::One(_), _) => false,
        }
    }
}
