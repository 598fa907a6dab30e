//! The TLS configurations for clients and for upstreams.

use std::collections::HashMap;
use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::config::{Config, Scheme, Target, TlsConfig};

/// The TLS configuration for clients; `None`: no TLS.
pub(super) fn server_config(config: &Config) -> Result<Option<Arc<rustls::ServerConfig>>, rustls::Error> {
    let Some(tls) = &config.tls else { return Ok(None) };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(CertificateResolver::new(tls)));
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(Arc::new(server)))
}

/// The TLS configuration for upstreams. The platform's roots are loaded only if a route has an `https` upstream.
pub(super) fn client_config(config: &Config) -> Result<Arc<rustls::ClientConfig>, rustls::Error> {
    let is_https = |target: &Target| matches!(target, Target::Upstream(up) if up.scheme == Scheme::Https);
    let mut roots = rustls::RootCertStore::empty();
    if config.routes.iter().any(|route| is_https(&route.target)) {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(client))
}

/// Finds the certificate for a server name.
#[derive(Debug)]
struct CertificateResolver {
    names: HashMap<String, Arc<CertifiedKey>>,
    default: Option<Arc<CertifiedKey>>,
}

impl CertificateResolver {
    fn new(tls: &TlsConfig) -> CertificateResolver {
        let mut names = HashMap::new();
        for (_, certificate) in &tls.certificates {
            for name in dns_names(certificate) {
                names.entry(name).or_insert_with(|| certificate.clone());
            }
        }
        CertificateResolver {
            names,
            default: tls.certificates.first().map(|(_, certificate)| certificate.clone()),
        }
    }

    fn find(&self, name: &str) -> Option<&Arc<CertifiedKey>> {
        let name = name.to_ascii_lowercase();
        self.names.get(&name).or_else(|| {
            let (_, parent) = name.split_once('.')?;
            self.names.get(&format!("*.{parent}"))
        })
    }
}

impl ResolvesServerCert for CertificateResolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        hello.server_name().and_then(|name| self.find(name)).or(self.default.as_ref()).cloned()
    }
}

fn dns_names(certificate: &CertifiedKey) -> Vec<String> {
    let own = certificate.cert.first().and_then(|der| webpki::EndEntityCert::try_from(der).ok());
    own.iter().flat_map(|own| own.valid_dns_names().map(str::to_ascii_lowercase)).collect()
}
