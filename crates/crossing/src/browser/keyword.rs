//! The keywords that the standards have for the values of an enumeration.

use std::fmt;

use crate::origin::Shortened;

/// A text that is not one of the keywords of an enumeration, such as a [`Mode`](super::Mode).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKeyword {
    pub(super) text: String,
    pub(super) known: &'static [&'static str],
}

impl UnknownKeyword {
    /// The text that was parsed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The keywords that it could have been.
    pub fn known(&self) -> &'static [&'static str] {
        self.known
    }
}

impl fmt::Display for UnknownKeyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown keyword '{}'; expected one of: {}", Shortened(&self.text), self.known.join(", "))
    }
}

impl std::error::Error for UnknownKeyword {}

/// From one list of variants and keywords: `KEYWORDS`, `as_str`, `Display` and `FromStr`.
macro_rules! keywords {
    ($enumeration:ident { $($variant:ident => $keyword:literal,)+ }) => {
        impl $enumeration {
            /// The keywords, in the order of the variants.
            pub const KEYWORDS: &'static [&'static str] = &[$($keyword),+];

            /// The keyword, as scripts and headers have it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($enumeration::$variant => $keyword,)+
                }
            }
        }

        impl ::std::fmt::Display for $enumeration {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $enumeration {
            type Err = $crate::browser::UnknownKeyword;

            /// Parses a keyword. Case counts, as it does in a script.
            fn from_str(text: &str) -> Result<$enumeration, $crate::browser::UnknownKeyword> {
                match text {
                    $($keyword => Ok($enumeration::$variant),)+
                    _ => Err($crate::browser::UnknownKeyword {
                        text: text.to_owned(),
                        known: $enumeration::KEYWORDS,
                    }),
                }
            }
        }
    };
}

pub(super) use keywords;

#[cfg(test)]
mod tests {
    use crate::browser::{CacheMode, CredentialsMode, EmbedderPolicy, Mode, RedirectMode, ReferrerPolicy};

    #[test]
    fn each_keyword_is_parsed_to_the_value_that_writes_it() {
        fn check<T: std::str::FromStr + std::fmt::Display>(keywords: &[&str]) {
            for keyword in keywords {
                let parsed = keyword.parse::<T>().ok().map(|value| value.to_string());
                assert_eq!(parsed.as_deref(), Some(*keyword));
            }
        }
        check::<Mode>(Mode::KEYWORDS);
        check::<CredentialsMode>(CredentialsMode::KEYWORDS);
        check::<RedirectMode>(RedirectMode::KEYWORDS);
        check::<CacheMode>(CacheMode::KEYWORDS);
        check::<ReferrerPolicy>(ReferrerPolicy::KEYWORDS);
        check::<EmbedderPolicy>(EmbedderPolicy::KEYWORDS);
    }

    #[test]
    fn an_unknown_keyword_lists_the_known_ones() {
        let error = "No-Cors".parse::<Mode>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown keyword 'No-Cors'; expected one of: cors, no-cors, same-origin"
        );
    }
}
