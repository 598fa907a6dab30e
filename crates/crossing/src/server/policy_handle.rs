//! A policy that can be exchanged while requests run.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::decision::Decision;
use super::diagnostic::PolicyErrors;
use super::policy::Policy;
use super::view::RequestView;

/// Holds the policy in force. Clones hold the same one; each request is decided wholly by the policy that it found.
///
/// ```
/// use crossing::server::{Grant, Policy, PolicyHandle};
///
/// let policy = |origin| Policy::builder().grant(Grant::new().allow_origins([origin])).build();
/// let handle = PolicyHandle::new(policy("https://old.example")?);
///
/// assert!(handle.replace(policy("not an origin")).is_err()); // the old one stays
/// handle.replace(policy("https://new.example"))?;
/// # Ok::<(), crossing::server::PolicyErrors>(())
/// ```
#[derive(Clone, Debug)]
pub struct PolicyHandle(Arc<ArcSwap<Policy>>);

impl PolicyHandle {
    /// Puts a first policy in force.
    pub fn new(policy: Policy) -> PolicyHandle {
        PolicyHandle(Arc::new(ArcSwap::from_pointee(policy)))
    }

    /// The policy in force.
    pub fn policy(&self) -> Policy {
        Policy::clone(&self.0.load())
    }

    /// Puts another policy in force, for every request from now on. One that could not be made leaves the old one in
    /// force.
    ///
    /// # Errors
    /// Those that the policy could not be made for.
    pub fn replace(&self, policy: Result<Policy, PolicyErrors>) -> Result<(), PolicyErrors> {
        self.0.store(Arc::new(policy?));
        Ok(())
    }

    /// Decides about a request, by the policy in force.
    #[inline]
    pub fn decide<R: RequestView>(&self, request: &R) -> Decision<R::Value> {
        self.0.load().decide(request)
    }
}

impl From<Policy> for PolicyHandle {
    fn from(policy: Policy) -> PolicyHandle {
        PolicyHandle::new(policy)
    }
}
