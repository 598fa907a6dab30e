use std::fmt;

use crossing::server::{Decision, Policy, PolicyHandle};
use http::Request;

/// Where the policy comes from that decides about a request.
pub trait PolicySource<B> {
    /// Lets the policy decide. `None` where there is no policy: then request and response pass as they are, and
    /// browsers share nothing that the application does not share itself.
    fn decide(&self, request: &Request<B>) -> Option<Decision>;
}

impl<B> PolicySource<B> for Policy {
    #[inline]
    fn decide(&self, request: &Request<B>) -> Option<Decision> {
        Some(Policy::decide(self, request))
    }
}

impl<B> PolicySource<B> for PolicyHandle {
    #[inline]
    fn decide(&self, request: &Request<B>) -> Option<Decision> {
        Some(PolicyHandle::decide(self, request))
    }
}

/// One policy or another, as the request has it: its path, its extensions, the route it matched.
///
/// Every method of one path should get one policy, for a preflight asks on behalf of another method. A choice that
/// hangs on a header of the request makes the responses vary on that header, and they must say so in `Vary`: prefer
/// the path.
///
/// ```
/// use crossing_tower::{CorsLayer, Grant, Policy, by_request};
/// # use http::Request;
///
/// let ours = Policy::builder().grant(Grant::new().allow_origins(["https://app.example.com"])).build()?;
/// let all = Policy::builder().grant(Grant::new().allow_origins(["*"])).build()?;
/// let layer = CorsLayer::new(by_request(move |request: &Request<()>| match request.uri().path() {
///     "/health" => None,
///     path if path.starts_with("/public/") => Some(all.clone()),
///     _ => Some(ours.clone()),
/// }));
/// # let _ = layer;
/// # Ok::<(), crossing_tower::PolicyErrors>(())
/// ```
pub const fn by_request<F>(choose: F) -> ByRequest<F> {
    ByRequest(choose)
}

/// The source that [`by_request`] makes.
#[derive(Clone, Copy)]
pub struct ByRequest<F>(F);

impl<B, F: Fn(&Request<B>) -> Option<Policy>> PolicySource<B> for ByRequest<F> {
    fn decide(&self, request: &Request<B>) -> Option<Decision> {
        (self.0)(request).map(|policy| policy.decide(request))
    }
}

impl<F> fmt::Debug for ByRequest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByRequest").finish_non_exhaustive()
    }
}
