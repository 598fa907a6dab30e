//! The `SameSite` attribute.

/// Whether other sites may bring a cookie along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// Nothing was said; for what a script fetches it means `Lax`.
    #[default]
    Default,
    /// They may.
    None,
    /// By following a link only.
    Lax,
    /// Never.
    Strict,
}

impl SameSite {
    pub(super) fn parse(value: &[u8]) -> SameSite {
        match value.to_ascii_lowercase().as_slice() {
            b"none" => SameSite::None,
            b"lax" => SameSite::Lax,
            b"strict" => SameSite::Strict,
            _ => SameSite::Default,
        }
    }
}
