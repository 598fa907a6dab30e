//! Origins that are looked up while the server runs: asked for at most once in a while, with a limit on how long it
//! may take, and refused when anything fails.

mod future;
mod layer;
mod memory;
mod service;

pub use future::LookupFuture;
pub use layer::LookupLayer;
pub use memory::LookupLimits;
pub use service::LookupCors;

use std::sync::Arc;

use crossing::server::Policy;
use http::{HeaderMap, HeaderValue};

/// Knows the origins of the grant that is [looked up](crossing::server::Grant::looked_up).
pub trait OriginLookup: Send + Sync + 'static {
    /// What may go wrong; then the origin is refused.
    type Error: std::fmt::Display + Send;

    /// Whether the origin is one of them.
    ///
    /// The question holds all that the answer may hang on: the origin, and the headers that the policy declares by
    /// [`varies_on`](crossing::server::PolicyBuilder::varies_on), and so sends in `Vary`.
    fn allows(&self, question: &Question) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

/// What is asked of an [`OriginLookup`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    origin: Arc<str>,
    declared: Box<[(Box<str>, Option<HeaderValue>)]>,
}

impl Question {
    fn new(policy: &Policy, origin: &str, headers: &HeaderMap) -> Question {
        let declared = policy.varies_on().map(|name| (name.into(), headers.get(name).cloned())).collect();
        Question { origin: origin.into(), declared }
    }

    /// The origin, as browsers write it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The first line of a header that the policy declares; `None` for any other.
    pub fn header(&self, name: &str) -> Option<&HeaderValue> {
        let (_, value) = self.declared.iter().find(|(declared, _)| declared.eq_ignore_ascii_case(name))?;
        value.as_ref()
    }
}
