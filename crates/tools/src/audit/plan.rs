//! What is sent, in which order.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::origins::candidates;
use super::probe::{Asker, Probe, Shape, Special};
use super::target::Target;

/// Whether requests that may change something are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Safety {
    /// GET, HEAD and OPTIONS alone.
    SafeOnly,
    /// A POST as well.
    Post,
}

/// The probes of one target.
pub(crate) struct Plan {
    /// What every judgement needs.
    pub(crate) basis: Vec<Probe>,
    /// The look-alikes: needless where everybody is granted anyway.
    pub(crate) trust: Vec<Probe>,
    /// What stands apart.
    pub(crate) apart: Vec<Probe>,
}

impl Plan {
    pub(crate) fn new(target: &Target, repeat: u32, safety: Safety) -> Plan {
        let word = random_word();
        let missing = target.missing(&format!("crossing-audit-{word}"));
        Plan {
            basis: basis(target, &word, &missing, repeat),
            trust: trust(target, &word),
            apart: apart(target, &word, safety),
        }
    }

    /// Everything, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Probe> {
        self.basis.iter().chain(&self.trust).chain(&self.apart)
    }
}

fn basis(target: &Target, word: &str, missing: &url::Url, repeat: u32) -> Vec<Probe> {
    let own = || Some(target.page().to_owned());
    let stranger = |n: u8| Some(format!("https://{word}{n}.example"));
    let here = |shape, asker, origin| Probe::new(shape, asker, origin, target.url.clone());
    let gone = |asker, origin| Probe::new(Shape::Error, asker, origin, missing.clone());
    let mut all = vec![
        here(Shape::Actual, Asker::Nobody, None),
        here(Shape::Head, Asker::Own, own()),
        here(Shape::Actual, Asker::Stranger(1), stranger(1)),
        here(Shape::Actual, Asker::Stranger(2), stranger(2)),
        here(Shape::Actual, Asker::Null, Some("null".to_owned())),
        here(Shape::Preflight, Asker::Stranger(1), stranger(1)),
        here(Shape::Preflight, Asker::Stranger(2), stranger(2)),
        here(Shape::Preflight, Asker::Null, Some("null".to_owned())),
        gone(Asker::Nobody, None),
        gone(Asker::Own, own()),
        gone(Asker::Stranger(1), stranger(1)),
        gone(Asker::Stranger(2), stranger(2)),
        gone(Asker::Null, Some("null".to_owned())),
    ];
    let others = target.own.iter().skip(1).map(|own| Some(own.as_str().to_owned()));
    all.extend(others.map(|own| here(Shape::Actual, Asker::OtherOwn, own)));
    for _ in 0..repeat {
        all.push(here(Shape::Actual, Asker::Own, own()));
        all.push(here(Shape::Preflight, Asker::Own, own()));
    }
    all
}

fn trust(target: &Target, word: &str) -> Vec<Probe> {
    let of = |candidate: &super::origins::Candidate, shape| {
        let origin = Some(candidate.origin.clone());
        Probe::new(shape, Asker::Candidate(candidate.clone()), origin, target.url.clone())
    };
    // On preflights the look-alikes of the first stand for all: the list is the same, and requests are counted.
    let first = candidates(target.own.get(..1).unwrap_or_default(), word);
    let all = candidates(&target.own, word);
    let probes = all.iter().flat_map(|candidate| {
        let preflight = first.contains(candidate).then(|| of(candidate, Shape::Preflight));
        std::iter::once(of(candidate, Shape::Actual)).chain(preflight)
    });
    probes.collect()
}

fn apart(target: &Target, word: &str, safety: Safety) -> Vec<Probe> {
    let own = target.page().to_owned();
    let stranger = format!("https://{word}1.example");
    let here = |special, asker, origin: &str| {
        Probe::new(Shape::Special(special), asker, Some(origin.to_owned()), target.url.clone())
    };
    let at = |special, url| Probe::new(Shape::Special(special), Asker::Nobody, None, url);
    let injection = format!("https://{word}.example%0d%0ax-crossing-audit:%201");
    let mut asking = target.url.clone();
    asking.query_pairs_mut().append_pair("callback", &callback(word)).append_pair("jsonp", &callback(word));
    let mut all = vec![
        here(Special::UnknownAsk, Asker::Own, &own)
            .with("access-control-request-method", format!("X{}", word.to_uppercase()))
            .with("access-control-request-headers", format!("x-{word}")),
        here(Special::DeleteAsk, Asker::Stranger(1), &stranger)
            .with("access-control-request-method", "DELETE"),
        here(Special::Injection, Asker::Stranger(1), &injection),
        here(Special::WebSocket, Asker::Stranger(1), &stranger)
            .with("connection", "Upgrade")
            .with("upgrade", "websocket")
            .with("sec-websocket-version", "13")
            .with("sec-websocket-key", "Y3Jvc3NpbmctYXVkaXQtMQ=="),
        at(Special::Jsonp, asking),
        at(Special::Crossdomain, target.root("/crossdomain.xml")),
        at(Special::ClientAccess, target.root("/clientaccesspolicy.xml")),
    ];
    if safety == Safety::Post {
        let mut post = here(Special::Post, Asker::Stranger(1), &stranger).with("content-type", "text/plain");
        post.body = Some("crossing-audit");
        all.push(post);
    }
    all
}

/// The name of a function that a script would call.
pub(crate) fn callback(word: &str) -> String {
    format!("crossing_{word}")
}

/// A word that no list of origins holds: ten letters and digits.
pub(super) fn random_word() -> String {
    let mut bits = RandomState::new().build_hasher().finish();
    let letters = (0..9).map(|_| {
        let letter = char::from(b'a' + (bits % 26) as u8);
        bits /= 26;
        letter
    });
    std::iter::once('k').chain(letters).collect()
}
