//! An authority of our own, and a certificate for each host that a browser asks for.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PublicKeyData, SerialNumber,
};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::{cipher_suite, default_provider, sign};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey};

/// The authority, and one key for all hosts.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
    issued: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Authority {
    /// A fresh one.
    pub(crate) fn new() -> io::Result<Authority> {
        let mut params = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "crossing conform");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(io::Error::other)?)
            .map_err(io::Error::other)?;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let der = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
        let signing = sign::any_supported_type(&der).map_err(io::Error::other)?;
        Ok(Authority { issuer, key, signing, issued: Mutex::default() })
    }

    /// Its certificate, in PEM.
    pub(crate) fn pem(&self) -> String {
        let text = base64(self.issuer.der());
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// SHA-256 of the hosts' public key, in base64: what Chromium is told to trust.
    pub(crate) fn pin(&self) -> String {
        let info = self.key.subject_public_key_info();
        let suite = cipher_suite::TLS13_AES_128_GCM_SHA256.tls13();
        suite.map_or_else(String::new, |suite| base64(suite.common.hash_provider.hash(&info).as_ref()))
    }

    /// The settings of a server that has a certificate for every name.
    pub(crate) fn server(self: &Arc<Authority>) -> io::Result<ServerConfig> {
        Ok(ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>))
    }

    fn issue(&self, host: &str) -> Option<Arc<CertifiedKey>> {
        let mut issued = self.issued.lock().ok()?;
        if let Some(known) = issued.get(host) {
            return Some(Arc::clone(known));
        }
        let mut params = CertificateParams::new(vec![host.to_owned()]).ok()?;
        // Firefox refuses two certificates of one authority with one number; from one key they would have it.
        params.serial_number = Some(SerialNumber::from(1 + issued.len() as u64));
        let certificate = params.signed_by(&self.key, &self.issuer).ok()?;
        let chain = vec![certificate.der().clone(), self.issuer.der().clone()];
        let key = Arc::new(CertifiedKey::new(chain, Arc::clone(&self.signing)));
        issued.insert(host.to_owned(), Arc::clone(&key));
        Some(key)
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // A browser names no host if it connects to an address.
        self.issue(hello.server_name().unwrap_or("127.0.0.1"))
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let word =
            three.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * at) & 63) as usize];
            out.push(if at > three.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        assert_eq!(base64(b"f"), "Zg==");
        assert_eq!(base64(b"fo"), "Zm8=");
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    }
}
