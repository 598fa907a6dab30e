//! From a name to addresses: [resolve an origin](https://fetch.spec.whatwg.org/#resolve-an-origin).

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use crossing::Reason;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::error::{TransportError, innermost};

/// The platform's resolver, and [`localhost`](https://www.rfc-editor.org/rfc/rfc6761.html#section-6.3), which never
/// leaves the machine.
#[derive(Clone)]
pub(super) struct Resolver(GaiResolver);

impl Resolver {
    pub(super) fn new() -> Resolver {
        Resolver(GaiResolver::new())
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, TransportError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let host = name.as_str().trim_end_matches('.').to_ascii_lowercase();
        if host == "localhost" || host.ends_with(".localhost") {
            let both: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            let both: Vec<_> = both.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            return Box::pin(async { Ok(both.into_iter()) });
        }
        let looking = self.0.call(name);
        Box::pin(async move {
            match looking.await {
                Ok(found) => Ok(found.collect::<Vec<_>>().into_iter()),
                Err(error) => Err(TransportError::new(
                    Reason::Dns,
                    format!("the name {host} has no address: {}", innermost(&error)),
                )),
            }
        })
    }
}
