//! What a script knows of the bytes beforehand: [integrity metadata](https://fetch.spec.whatwg.org/#concept-request-integrity-metadata).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A hash function of [Subresource Integrity](https://w3c.github.io/webappsec-subresource-integrity/), the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hash {
    /// `sha256`
    Sha256,
    /// `sha384`
    Sha384,
    /// `sha512`
    Sha512,
}

/// The hashes of which a body must have one: those of the strongest function that is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Integrity {
    strongest: Option<Hash>,
    digests: Vec<Vec<u8>>,
}

impl Integrity {
    /// [Parses metadata](https://w3c.github.io/webappsec-subresource-integrity/#parse-metadata). What names no known function is
    /// left out; where nothing is left, everything is accepted.
    pub(crate) fn parse(metadata: &str) -> Integrity {
        let mut integrity = Integrity::default();
        for item in metadata.split_ascii_whitespace() {
            let expression = item.split('?').next().unwrap_or_default();
            let (name, digest) = expression.split_once('-').unwrap_or((expression, ""));
            let Some(hash) = named(name) else { continue };
            if integrity.strongest < Some(hash) {
                integrity.strongest = Some(hash);
                integrity.digests.clear();
            }
            if integrity.strongest == Some(hash) {
                // What is no digest matches none.
                integrity.digests.push(decode(digest).unwrap_or_default());
            }
        }
        integrity
    }

    /// The function whose digest is asked for, if there is anything to check.
    pub(crate) fn hash(&self) -> Option<Hash> {
        self.strongest
    }

    /// Whether [the bytes match](https://w3c.github.io/webappsec-subresource-integrity/#does-response-match-metadatalist), by
    /// their digest.
    pub(crate) fn accepts(&self, digest: &[u8]) -> bool {
        self.digests.iter().any(|it| it == digest)
    }
}

fn named(name: &str) -> Option<Hash> {
    [("sha256", Hash::Sha256), ("sha384", Hash::Sha384), ("sha512", Hash::Sha512)]
        .into_iter()
        .find(|(known, _)| name.eq_ignore_ascii_case(known))
        .map(|(_, hash)| hash)
}

/// Browsers take both alphabets of Base64, with and without padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    LENIENT.decode(text.replace('-', "+").replace('_', "/")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_strongest_function_counts() {
        for (metadata, hash, accepted) in [
            ("", None, false),
            ("md5-AQID", None, false),
            ("sha256-AQID", Some(Hash::Sha256), true),
            (" SHA256-AQID?option\n", Some(Hash::Sha256), true),
            ("sha256-AQI=", Some(Hash::Sha256), false),
            ("sha256-", Some(Hash::Sha256), false),
            ("sha256-%", Some(Hash::Sha256), false),
            ("sha384-AAAA sha384-AQID", Some(Hash::Sha384), true),
            ("sha512-AAAA sha384-AQID", Some(Hash::Sha512), false),
            ("sha384-AAAA sha512-AQID sha256-AAAA", Some(Hash::Sha512), true),
        ] {
            let integrity = Integrity::parse(metadata);
            assert_eq!(integrity.hash(), hash, "{metadata}");
            assert_eq!(integrity.accepts(&[1, 2, 3]), accepted, "{metadata}");
        }
    }

    #[test]
    fn a_digest_may_be_written_in_either_alphabet() {
        for metadata in ["sha256-+/8=", "sha256-+/8", "sha256--_8=", "sha256--_8"] {
            assert!(Integrity::parse(metadata).accepts(&[0xfb, 0xff]), "{metadata}");
        }
    }
}
