use tower_layer::Layer;

use crate::Cors;

/// Puts [`Cors`] around a service.
#[derive(Clone, Copy, Debug)]
pub struct CorsLayer<P> {
    source: P,
}

impl<P> CorsLayer<P> {
    /// A layer that decides by a [`Policy`](crate::Policy), a [`PolicyHandle`](crate::PolicyHandle), or
    /// [`by_request`](crate::by_request).
    pub const fn new(source: P) -> CorsLayer<P> {
        CorsLayer { source }
    }
}

impl<S, P: Clone> Layer<S> for CorsLayer<P> {
    type Service = Cors<S, P>;

    fn layer(&self, inner: S) -> Cors<S, P> {
        Cors::new(inner, self.source.clone())
    }
}
