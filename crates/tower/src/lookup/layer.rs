use std::fmt;
use std::sync::Arc;

use crossing::server::PolicyHandle;
use tower_layer::Layer;

use super::memory::{LookupLimits, Memory};
use super::{LookupCors, OriginLookup};

/// Puts [`LookupCors`] around a service.
///
/// ```
/// use crossing_tower::{Grant, LookupLayer, OriginLookup, Policy, Question};
///
/// struct Tenants;
///
/// impl OriginLookup for Tenants {
///     type Error = std::io::Error;
///
///     async fn allows(&self, question: &Question) -> Result<bool, std::io::Error> {
///         // … ask the database whether this tenant has this origin.
/// #       let _ = question.origin();
///         Ok(question.header("x-tenant").is_some())
///     }
/// }
///
/// let policy = Policy::builder()
///     .grant(Grant::looked_up().allow_credentials(true))
///     .varies_on(["x-tenant"])
///     .build()?;
/// let layer = LookupLayer::new(policy, Tenants);
/// # let _ = layer;
/// # Ok::<(), crossing_tower::PolicyErrors>(())
/// ```
pub struct LookupLayer<L> {
    policy: PolicyHandle,
    memory: Arc<Memory<L>>,
}

impl<L: OriginLookup> LookupLayer<L> {
    /// Looks up the origins that the policy does not settle itself.
    pub fn new(policy: impl Into<PolicyHandle>, lookup: L) -> LookupLayer<L> {
        LookupLayer::with_limits(policy, lookup, LookupLimits::default())
    }

    /// The same with other limits.
    pub fn with_limits(policy: impl Into<PolicyHandle>, lookup: L, limits: LookupLimits) -> LookupLayer<L> {
        LookupLayer { policy: policy.into(), memory: Arc::new(Memory::new(lookup, limits)) }
    }
}

impl<S, L> Layer<S> for LookupLayer<L> {
    type Service = LookupCors<S, L>;

    fn layer(&self, inner: S) -> LookupCors<S, L> {
        LookupCors { inner, policy: self.policy.clone(), memory: self.memory.clone() }
    }
}

impl<L> Clone for LookupLayer<L> {
    fn clone(&self) -> Self {
        LookupLayer { policy: self.policy.clone(), memory: self.memory.clone() }
    }
}

impl<L> fmt::Debug for LookupLayer<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupLayer").field("policy", &self.policy).finish_non_exhaustive()
    }
}
