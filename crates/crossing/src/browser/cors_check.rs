//! The [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check).

use super::request::CredentialsMode;
use crate::headers::{HeaderList, Value, names};
use crate::origin::Origin;
use crate::reason::Reason;

/// A failed check, and the value that failed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsFailure {
    /// Why.
    pub reason: Reason,
    /// What the deciding header said; `None` when it is missing.
    pub value: Option<Value>,
}

/// The [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check): does the response share itself with `origin`
/// (serialised) under these credentials?
///
/// # Errors
/// It does not; the reason tells the ways of failing apart, which the standard does not.
pub fn cors_check(
    origin: &str,
    credentials: CredentialsMode,
    headers: &HeaderList,
) -> Result<(), CorsFailure> {
    let Some(allowed) = headers.get(&names::ACCESS_CONTROL_ALLOW_ORIGIN) else {
        return Err(CorsFailure { reason: Reason::AcaoMissing, value: None });
    };
    if credentials != CredentialsMode::Include && allowed == *"*" {
        return Ok(());
    }
    if allowed != *origin {
        let reason = mismatch_reason(&allowed, headers);
        return Err(CorsFailure { reason, value: Some(allowed) });
    }
    if credentials != CredentialsMode::Include {
        return Ok(());
    }
    match headers.get(&names::ACCESS_CONTROL_ALLOW_CREDENTIALS) {
        Some(value) if value == *"true" => Ok(()),
        value => Err(CorsFailure { reason: Reason::AcacInvalid, value }),
    }
}

/// What is wrong with an `Access-Control-Allow-Origin` that does not name the origin.
fn mismatch_reason(allowed: &Value, headers: &HeaderList) -> Reason {
    let bytes = allowed.as_bytes();
    if headers.lines(&names::ACCESS_CONTROL_ALLOW_ORIGIN).count() > 1
        || bytes.contains(&b',')
        || bytes.contains(&b' ')
    {
        return Reason::AcaoMultiple;
    }
    match bytes {
        b"*" => Reason::AcaoWildcardCreds,
        b"null" => Reason::AcaoMismatch,
        // A * may stand in a URL's host, but here it is a pattern that somebody hoped would work.
        _ if bytes.contains(&b'*') => Reason::AcaoInvalid,
        _ if std::str::from_utf8(bytes).is_ok_and(|text| Origin::parse(text).is_ok()) => Reason::AcaoMismatch,
        _ => Reason::AcaoInvalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_or_not_and_why() {
        use CredentialsMode::{Include, Omit, SameOrigin};
        let origin = "https://a.test";
        for (credentials, acao, acac, expected) in [
            (SameOrigin, &[][..], &[][..], Err(Reason::AcaoMissing)),
            (SameOrigin, &["*"], &[], Ok(())),
            (Omit, &["https://a.test"], &[], Ok(())),
            (Omit, &["  https://a.test\t"], &[], Ok(())),
            (Omit, &["https://a.test/"], &[], Err(Reason::AcaoInvalid)),
            (Omit, &["https://A.test"], &[], Err(Reason::AcaoInvalid)),
            (Omit, &["*.a.test"], &[], Err(Reason::AcaoInvalid)),
            (Omit, &["https://*.test"], &[], Err(Reason::AcaoInvalid)),
            (Omit, &[""], &[], Err(Reason::AcaoInvalid)),
            (Omit, &["https://b.test"], &[], Err(Reason::AcaoMismatch)),
            (Omit, &["null"], &[], Err(Reason::AcaoMismatch)),
            (Omit, &["*", "*"], &[], Err(Reason::AcaoMultiple)),
            (Omit, &["https://a.test, https://b.test"], &[], Err(Reason::AcaoMultiple)),
            (Include, &["*"], &["true"], Err(Reason::AcaoWildcardCreds)),
            (Include, &["https://a.test"], &[], Err(Reason::AcacInvalid)),
            (Include, &["https://a.test"], &["True"], Err(Reason::AcacInvalid)),
            (Include, &["https://a.test"], &["true", "true"], Err(Reason::AcacInvalid)),
            (Include, &["https://a.test"], &["true"], Ok(())),
        ] {
            let lines = acao.iter().map(|v| (names::ACCESS_CONTROL_ALLOW_ORIGIN, Value::new(v).unwrap()));
            let more =
                acac.iter().map(|v: &&str| (names::ACCESS_CONTROL_ALLOW_CREDENTIALS, Value::new(v).unwrap()));
            let headers = lines.chain(more).collect();
            let got = cors_check(origin, credentials, &headers).map_err(|f| f.reason);
            assert_eq!(got, expected, "{credentials:?} {acao:?} {acac:?}");
        }
    }
}
