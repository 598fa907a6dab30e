//! TLS on both sides.

use std::collections::HashMap;
use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::config::{Config, Scheme, Target, TlsConfig};

/// What the gateway shows to clients.
pub(super) fn server(config: &Config) -> Result<Option<Arc<rustls::ServerConfig>>, rustls::Error> {
    let Some(tls) = &config.tls else { return Ok(None) };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ByName::new(tls)));
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(Arc::new(server)))
}

/// Whom the gateway trusts as an upstream. The platform's roots are read only where an upstream needs them.
pub(super) fn upstream(config: &Config) -> Result<Arc<rustls::ClientConfig>, rustls::Error> {
    let secure = |target: &Target| matches!(target, Target::Upstream(up) if up.scheme == Scheme::Https);
    let mut roots = rustls::RootCertStore::empty();
    if config.routes.iter().any(|route| secure(&route.target)) {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(client))
}

/// Finds the certificate for a name.
#[derive(Debug)]
struct ByName {
    names: HashMap<String, Arc<CertifiedKey>>,
    default: Option<Arc<CertifiedKey>>,
}

impl ByName {
    fn new(tls: &TlsConfig) -> ByName {
        let mut names = HashMap::new();
        for (_, certificate) in &tls.certificates {
            for name in names_in(certificate) {
                names.entry(name).or_insert_with(|| certificate.clone());
            }
        }
        ByName { names, default: tls.certificates.first().map(|(_, certificate)| certificate.clone()) }
    }

    fn find(&self, name: &str) -> Option<&Arc<CertifiedKey>> {
        let name = name.to_ascii_lowercase();
        self.names.get(&name).or_else(|| {
            let (_, parent) = name.split_once('.')?;
            self.names.get(&format!("*.{parent}"))
        })
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        hello.server_name().and_then(|name| self.find(name)).or(self.default.as_ref()).cloned()
    }
}

fn names_in(certificate: &CertifiedKey) -> Vec<String> {
    let own = certificate.cert.first().and_then(|der| webpki::EndEntityCert::try_from(der).ok());
    own.iter().flat_map(|own| own.valid_dns_names().map(str::to_ascii_lowercase)).collect()
}
