//! The [environment settings](https://html.spec.whatwg.org/multipage/webappapis.html#environment-settings-object) of a script.

use std::sync::Arc;

use crossing::browser::Client;
use crossing::browser::xhr::Global;
use crossing_agent::Agent;
use url::Url;

use crate::page::Document;

/// The page or worker for which a script runs, and the browser around it.
pub(crate) struct Environment {
    pub(crate) client: Arc<Client>,
    /// For cookies, which a script reads without a request.
    pub(crate) agent: Agent,
    /// The page, where the global is a window.
    pub(crate) document: Option<Document>,
}

impl Environment {
    /// The base of relative URLs.
    pub(crate) fn base(&self) -> Option<&Url> {
        self.document.as_ref().map_or(self.client.url.as_ref(), |document| document.base.as_ref())
    }

    pub(crate) fn global(&self) -> Global {
        if self.document.is_some() { Global::Window } else { Global::Worker }
    }
}
