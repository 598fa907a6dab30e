use std::fmt;

use actix_web::dev::{RequestHead, ServiceRequest};
use crossing::server::{Decision, Policy, PolicyHandle};

use crate::view::{Request, Value};

/// A request, on its way through the `App` or before it comes there.
pub trait Incoming {
    /// Its method, address and headers.
    fn head(&self) -> &RequestHead;
}

impl Incoming for ServiceRequest {
    #[inline]
    fn head(&self) -> &RequestHead {
        ServiceRequest::head(self)
    }
}

impl Incoming for actix_http::Request {
    #[inline]
    fn head(&self) -> &RequestHead {
        actix_http::Request::head(self)
    }
}

/// Where the policy comes from that decides about a request.
pub trait PolicySource<R = ServiceRequest> {
    /// Lets the policy decide. `None` where there is no policy: then request and response pass as they are, and
    /// browsers share nothing that the application does not share itself.
    fn decide(&self, request: &R) -> Option<Decision<Value>>;
}

impl<R: Incoming> PolicySource<R> for Policy {
    #[inline]
    fn decide(&self, request: &R) -> Option<Decision<Value>> {
        Some(Policy::decide(self, &Request(request.head())))
    }
}

impl<R: Incoming> PolicySource<R> for PolicyHandle {
    #[inline]
    fn decide(&self, request: &R) -> Option<Decision<Value>> {
        Some(PolicyHandle::decide(self, &Request(request.head())))
    }
}

/// One policy or another, as the request has it: its path, its extensions.
///
/// Every method of one path should get one policy, for a preflight asks on behalf of another method. A choice that
/// hangs on a header of the request makes the responses vary on that header, and they must say so in `Vary`: prefer
/// the path.
///
/// ```
/// use actix_web::dev::{RequestHead, ServiceRequest};
/// use crossing_actix::{Cors, Grant, Policy, by_request};
///
/// let ours = Policy::builder().grant(Grant::new().allow_origins(["https://app.example.com"])).build()?;
/// let all = Policy::builder().grant(Grant::new().allow_origins(["*"])).build()?;
/// let cors = Cors::new(by_request(move |request: &ServiceRequest| match request.path() {
///     "/health" => None,
///     path if path.starts_with("/public/") => Some(all.clone()),
///     _ => Some(ours.clone()),
/// }));
/// # let _ = cors;
/// # Ok::<(), crossing_actix::PolicyErrors>(())
/// ```
pub const fn by_request<F>(choose: F) -> ByRequest<F> {
    ByRequest(choose)
}

/// The source that [`by_request`] makes.
#[derive(Clone, Copy)]
pub struct ByRequest<F>(F);

impl<R: Incoming, F: Fn(&R) -> Option<Policy>> PolicySource<R> for ByRequest<F> {
    fn decide(&self, request: &R) -> Option<Decision<Value>> {
        (self.0)(request).map(|policy| policy.decide(&Request(request.head())))
    }
}

impl<F> fmt::Debug for ByRequest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByRequest").finish_non_exhaustive()
    }
}
