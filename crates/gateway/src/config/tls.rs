//! Which certificates a gateway shows, and reading them.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::read_file;

/// The certificates of a gateway. The first one answers clients that name no host, or none of those covered.
#[derive(Clone, Debug)]
pub struct TlsConfig {
    /// What each certificate covers, and the certificate.
    pub certificates: Vec<(CertificateFiles, Arc<CertifiedKey>)>,
}

/// Where a certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, in PEM, the server's own certificate first.
    pub chain: PathBuf,
    /// The private key, in PEM.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Reads the certificate and its key, and checks that they belong together.
    ///
    /// # Errors
    /// What is wrong, in a sentence that names the file.
    pub fn load(&self) -> Result<CertifiedKey, String> {
        let chain = self.chain.display();
        let text = read_file(&self.chain).map_err(|error| format!("{chain}: {error}"))?;
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<_, _>>()
            .map_err(|error| format!("{chain}: {}", plain(&error)))?;
        if certificates.is_empty() {
            return Err(format!("{chain}: there is no certificate in it"));
        }
        let place = self.key.display();
        let text = read_file(&self.key).map_err(|error| format!("{place}: {error}"))?;
        let key =
            PrivateKeyDer::from_pem_slice(&text).map_err(|error| format!("{place}: {}", plain(&error)))?;
        CertifiedKey::from_der(certificates, key, &rustls::crypto::ring::default_provider())
            .map_err(|error| format!("{chain}: {error}"))
    }
}

fn plain(error: &rustls::pki_types::pem::Error) -> String {
    match error {
        rustls::pki_types::pem::Error::NoItemsFound => "there is nothing of the kind in it".to_owned(),
        other => format!("{other:?}"),
    }
}
