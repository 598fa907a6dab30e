//! TLS: which certificates are trusted, and the text of a failed handshake.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossing::Reason;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::error::{BuildError, TransportError};

/// Whose certificates are trusted.
#[derive(Clone, Debug, Default)]
pub(crate) enum Trust {
    /// Those that the platform trusts.
    #[default]
    Platform,
    /// Those of this file only.
    File(PathBuf),
    /// Any.
    DangerouslyAny,
}

/// The configuration for the roots. It offers HTTP/2 and HTTP/1.1.
pub(super) fn config(trust: &Trust) -> Result<ClientConfig, BuildError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| BuildError::Tls(error.to_string()))?;
    let mut config = match trust {
        Trust::Platform => builder.with_root_certificates(platform()),
        Trust::File(file) => builder.with_root_certificates(from_file(file)?),
        Trust::DangerouslyAny => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAnyCertificate(provider)))
        }
    }
    .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Without roots on this machine, every handshake fails with an unknown issuer.
fn platform() -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    store
}

fn from_file(file: &Path) -> Result<RootCertStore, BuildError> {
    let wrong = |problem: String| BuildError::CaFile { file: file.to_owned(), problem };
    let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        store.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(wrong("it holds no certificate".to_owned()));
    }
    Ok(store)
}

/// The error of a failed handshake.
pub(super) fn failure(error: &std::io::Error, server: &str) -> TransportError {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let words = match cause {
        Some(rustls::Error::InvalidCertificate(certificate)) => match certificate {
            CertificateError::UnknownIssuer => {
                "the certificate is self-signed, or nobody trusted has issued it".to_owned()
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the certificate has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate is not valid yet".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for another name".to_owned()
            }
            // What webpki has for itself has no variant here.
            other if other.to_string().contains("CaUsedAsEndEntity") => {
                "the certificate is an authority's, and no server's: a self-signed one needs basicConstraints=CA:FALSE".to_owned()
            }
            other => format!("the certificate is not accepted: {other}"),
        },
        Some(rustls::Error::InvalidMessage(_)) => "the server does not speak TLS on this port".to_owned(),
        Some(other) => other.to_string(),
        None if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the server closed the connection during the handshake".to_owned()
        }
        None => error.to_string(),
    };
    TransportError::new(Reason::Tls, format!("{words} ({server})"))
}

/// Accepts every certificate, but checks that the server holds its key.
#[derive(Debug)]
struct AcceptAnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
