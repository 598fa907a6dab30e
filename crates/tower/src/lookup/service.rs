use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use crossing::server::PolicyHandle;
use http::{Request, Response};
use tower_service::Service;

use super::memory::Memory;
use super::{LookupFuture, OriginLookup, Question};

/// [`Cors`](crate::Cors) with a policy whose origins are looked up while the server runs.
pub struct LookupCors<S, L> {
    pub(super) inner: S,
    pub(super) policy: PolicyHandle,
    pub(super) memory: Arc<Memory<L>>,
}

impl<S, L, ReqBody, ResBody> Service<Request<ReqBody>> for LookupCors<S, L>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    L: OriginLookup,
    ResBody: Default,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = LookupFuture<S, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let policy = self.policy.policy();
        let Some(origin) = policy.lookup_needed(&request) else {
            return LookupFuture::decided(policy.decide(&request), request, &mut self.inner);
        };
        let question = Question::new(&policy, origin, request.headers());
        match self.memory.known(&question) {
            Some(true) => LookupFuture::decided(policy.decide_looked_up(&request), request, &mut self.inner),
            Some(false) => LookupFuture::decided(policy.decide(&request), request, &mut self.inner),
            None => {
                let memory = self.memory.clone();
                let ask = Box::pin(async move { memory.ask(question).await });
                // The service that is ready goes along, and its clone stays.
                let clone = self.inner.clone();
                LookupFuture::asking(ask, policy, request, std::mem::replace(&mut self.inner, clone))
            }
        }
    }
}

impl<S: Clone, L> Clone for LookupCors<S, L> {
    fn clone(&self) -> Self {
        LookupCors { inner: self.inner.clone(), policy: self.policy.clone(), memory: self.memory.clone() }
    }
}

impl<S: fmt::Debug, L> fmt::Debug for LookupCors<S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupCors").field("inner", &self.inner).finish_non_exhaustive()
    }
}
