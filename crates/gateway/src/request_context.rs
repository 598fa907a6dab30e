//! What handling one request needs.

use std::rc::Rc;

use crate::active_config::{ActiveConfig, Route};
use crate::client_connection::ClientConnection;
use crate::context::WorkerContext;
use crate::host::Host;
use crate::path::AmbiguousPath;

/// What handling one request needs, once its route is known.
#[derive(Clone, Copy)]
pub(crate) struct RequestContext<'a> {
    pub(crate) worker: &'a Rc<WorkerContext>,
    pub(crate) config: &'a ActiveConfig,
    pub(crate) route: &'a Route,
    /// Whether every server would choose this route.
    pub(crate) clarity: Result<(), AmbiguousPath>,
    pub(crate) client: &'a ClientConnection,
    pub(crate) host: &'a Host,
}
