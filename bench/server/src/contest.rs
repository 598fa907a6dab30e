//! Who runs in which framework.

use crate::cases::Case;
use crate::{in_actix, in_core, in_tower};

/// One request, again and again, through one contestant.
pub trait Runner {
    /// Makes a request.
    fn prepare(&mut self);

    /// Runs it: it comes, and the response goes.
    fn run(&mut self);

    /// Makes a request, runs it, and looks at the response.
    fn answer(&mut self) -> Answer;
}

/// What came out, to see that contestants do the same work.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Sorted.
    pub headers: Vec<(String, String)>,
}

impl Answer {
    pub fn new<'h>(status: u16, headers: impl Iterator<Item = (&'h str, &'h [u8])>) -> Answer {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let mut headers: Vec<_> = headers.map(|(name, value)| (name.to_owned(), text(value))).collect();
        headers.sort();
        Answer { status, headers }
    }

    /// Whether a browser would share the response.
    pub fn shares(&self) -> bool {
        self.headers.iter().any(|(name, _)| name == "access-control-allow-origin")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// A decision carried out by hand, on the types of the `http` crate.
    Core,
    Tower,
    /// In an `App`.
    Actix,
    /// Around an `App`.
    AroundActix,
}

/// Whether peers run, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    Ours,
    Everyone,
}

/// Who runs in one case.
pub struct Contest {
    /// The application alone: what it costs is taken off the others.
    pub bare: Box<dyn Runner>,
    pub floor: Box<dyn Runner>,
    pub ours: Box<dyn Runner>,
    pub peer: Option<Box<dyn Runner>>,
}

impl Framework {
    pub const ALL: [Framework; 4] =
        [Framework::Core, Framework::Tower, Framework::Actix, Framework::AroundActix];

    pub const fn name(self) -> &'static str {
        match self {
            Framework::Core => "core",
            Framework::Tower => "tower",
            Framework::Actix => "actix",
            Framework::AroundActix => "actix, around the App",
        }
    }

    pub const fn peer(self) -> Option<&'static str> {
        match self {
            Framework::Core => None,
            Framework::Tower => Some("tower-http"),
            Framework::Actix | Framework::AroundActix => Some("actix-cors"),
        }
    }

    pub fn contest(self, case: &Case, whom: Whom) -> Contest {
        let mut contest = match self {
            Framework::Core => in_core::contest(case),
            Framework::Tower => in_tower::contest(case, whom),
            Framework::Actix => in_actix::within(case, whom),
            Framework::AroundActix => in_actix::around(case, whom),
        };
        let (floor, ours) = (contest.floor.answer(), contest.ours.answer());
        assert_eq!(floor, ours, "{}: {}: the floor answers otherwise", self.name(), case.name);
        contest
    }
}

impl Contest {
    /// In the order in which they are counted.
    pub fn runners(&mut self) -> Vec<&mut Box<dyn Runner>> {
        [&mut self.bare, &mut self.floor, &mut self.ours].into_iter().chain(&mut self.peer).collect()
    }

    /// Whether the peer grants and refuses as ours does.
    pub fn peer_agrees(&mut self) -> bool {
        let ours = self.ours.answer().shares();
        self.peer.as_mut().is_some_and(|peer| peer.answer().shares() == ours)
    }
}
