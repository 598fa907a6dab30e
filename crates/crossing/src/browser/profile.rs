//! Where browsers differ: a small table of named switches.

/// Which rules hold where the standard and the browsers differ.
///
/// Each switch is a question with two or more measured answers. [`Profile::consensus`], the default, has the answers on
/// which Chromium 156, Firefox ESR 153 and WebKitGTK 2.50 agree; where those three differ among themselves, it has the
/// standard's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// The profile's name, as it is written on the command line.
    pub name: &'static str,
    /// Does `Access-Control-Allow-Headers: *` grant `Authorization` without credentials?
    pub authorization_under_wildcard: AuthorizationUnderWildcard,
    /// How long does a preflight count whose `Access-Control-Max-Age` is negative?
    pub negative_max_age: NegativeMaxAge,
    /// The longest time for which a preflight counts, in seconds.
    pub max_age_cap: u64,
    /// Does a preflight carry `Accept-Language`?
    pub accept_language_on_preflight: AcceptLanguageOnPreflight,
}

/// Whether `*` grants `Authorization`, which the standard names as the one header that it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationUnderWildcard {
    /// It must be listed by name: the standard.
    Refused,
    /// `*` grants it, without credentials: every browser.
    Granted,
}

/// What becomes of `Access-Control-Max-Age: -1`, which is no number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NegativeMaxAge {
    /// It counts as absent, so for five seconds: the standard.
    FiveSeconds,
    /// The answer is not cached: every browser.
    NotCached,
}

/// Whether `Accept-Language` is among a preflight's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptLanguageOnPreflight {
    /// It is not: the standard.
    Absent,
    /// It is: every browser.
    Present,
}

impl Profile {
    /// The Fetch Standard, to the letter. It leaves the longest max-age to the browser: here a day.
    pub const fn standard() -> Profile {
        Profile {
            name: "standard",
            authorization_under_wildcard: AuthorizationUnderWildcard::Refused,
            negative_max_age: NegativeMaxAge::FiveSeconds,
            max_age_cap: 86_400,
            accept_language_on_preflight: AcceptLanguageOnPreflight::Absent,
        }
    }

    /// What all browsers agree on. The longest max-age is the shortest of theirs: what holds here, holds everywhere.
    pub const fn consensus() -> Profile {
        Profile {
            name: "consensus",
            authorization_under_wildcard: AuthorizationUnderWildcard::Granted,
            negative_max_age: NegativeMaxAge::NotCached,
            max_age_cap: 600,
            accept_language_on_preflight: AcceptLanguageOnPreflight::Present,
        }
    }

    /// Every profile.
    pub const ALL: &'static [Profile] = &[Profile::consensus(), Profile::standard()];

    /// The profile of this name.
    pub fn from_name(name: &str) -> Option<Profile> {
        Profile::ALL.iter().copied().find(|profile| profile.name == name)
    }
}

impl Default for Profile {
    fn default() -> Profile {
        Profile::consensus()
    }
}
