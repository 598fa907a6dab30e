//! The certificates of a gateway, and loading them.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::read_file;

/// The certificates of a gateway. The first one is sent to clients that send no server name, or an unknown one.
#[derive(Clone, Debug)]
pub struct TlsConfig {
    /// The files of each certificate, and the certificate.
    pub certificates: Vec<(CertificateFiles, Arc<CertifiedKey>)>,
}

/// The files of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, in PEM, the server's own certificate first.
    pub chain: PathBuf,
    /// The private key, in PEM.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateError {
    /// The file with the error.
    pub file: PathBuf,
    /// What is wrong with it.
    pub problem: String,
    /// How to fix it.
    pub fix: String,
}

impl CertificateFiles {
    /// Loads the certificate and its key, and checks that they belong together.
    ///
    /// # Errors
    /// The file that cannot be used, why, and how to fix it.
    pub fn load(&self) -> Result<CertifiedKey, CertificateError> {
        let in_chain = |problem| CertificateError {
            file: self.chain.clone(),
            problem,
            fix: "a PEM file with the server's own certificate first, as the authority gives it".to_owned(),
        };
        let in_key = |problem| CertificateError {
            file: self.key.clone(),
            problem,
            fix: "a PEM file with the private key of that certificate, without a passphrase".to_owned(),
        };
        let text = read_file(&self.chain).map_err(|error| in_chain(error.to_string()))?;
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<_, _>>()
            .map_err(|error| in_chain(pem_problem(&error).to_owned()))?;
        if certificates.is_empty() {
            return Err(in_chain("there is no certificate in it".to_owned()));
        }
        let text = read_file(&self.key).map_err(|error| in_key(error.to_string()))?;
        if text.windows(ENCRYPTED.len()).any(|part| part == ENCRYPTED) {
            let (from, mut error) = (self.key.display(), in_key("the key is encrypted".to_owned()));
            error.fix = format!("openssl pkey -in {from} -out plain.key, and key = \"plain.key\"");
            return Err(error);
        }
        let key =
            PrivateKeyDer::from_pem_slice(&text).map_err(|error| in_key(pem_problem(&error).to_owned()))?;
        CertifiedKey::from_der(certificates, key, &rustls::crypto::ring::default_provider()).map_err(
            |error| match error {
                rustls::Error::InconsistentKeys(_) => {
                    in_key("it is not the key of the certificate in the chain".to_owned())
                }
                error => in_chain(error.to_string()),
            },
        )
    }
}

/// Both PEM forms of an encrypted key contain this word.
const ENCRYPTED: &[u8] = b"ENCRYPTED";

fn pem_problem(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::NoItemsFound => "there is nothing of the kind in it",
        pem::Error::Base64Decode(_) => "a line of it is no base64",
        _ => "a section of it has no proper begin or end",
    }
}

impl std::fmt::Display for CertificateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.problem)
    }
}

impl std::error::Error for CertificateError {}
