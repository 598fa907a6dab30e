//! The policy: what is granted, ready to decide.

use std::sync::Arc;

use super::compile::{self, Compiled};
use super::diagnostic::{Diagnostic, PolicyErrors};
use super::grant::Grant;

/// Which status a granted preflight is answered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PreflightStatus {
    /// 200 with `Content-Length: 0`; some old browsers want nothing else.
    #[default]
    Ok,
    /// 204
    NoContent,
}

/// What becomes of `Access-Control-…` headers that the application has set itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Existing {
    /// They go: this policy has the last word.
    #[default]
    Replace,
    /// A response that says whom it is shared with keeps all of them.
    Respect,
}

/// What becomes of a cross-origin request that the policy does not grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Enforcement {
    /// It goes to the application; the browser withholds the response.
    #[default]
    Off,
    /// It goes to the application, and the decision says that it would have been refused.
    Report,
    /// It is answered with 403, WebSocket handshakes included.
    On,
}

/// A policy. Cloning is cheap: clones share one memory.
#[derive(Clone, Debug)]
pub struct Policy(pub(super) Arc<Compiled>);

impl PartialEq for Policy {
    /// Two policies are equal when the same is wished for, in the same order.
    fn eq(&self, other: &Policy) -> bool {
        let (a, b) = (&*self.0, &*other.0);
        a.settings == b.settings && a.grants == b.grants && a.varies_on == b.varies_on
    }
}

impl Eq for Policy {}

/// What is said of the whole policy, apart from its grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) preflight_status: PreflightStatus,
    pub(super) existing: Existing,
    pub(super) enforcement: Enforcement,
    pub(super) debug: bool,
    pub(super) allow_null_origin: bool,
    pub(super) allow_insecure_origins: bool,
    pub(super) allow_public_suffixes: bool,
}

/// Puts a policy together; [`build`](PolicyBuilder::build) checks it.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct PolicyBuilder {
    pub(super) settings: Settings,
    pub(super) grants: Vec<Grant>,
    pub(super) varies_on: Vec<String>,
}

impl Policy {
    /// Starts a policy.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::default()
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once, each with its place.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Policy, PolicyErrors> {
        super::toml::read(text)
    }

    /// Reads a policy out of a table of a larger file; places and paths are those of the file.
    ///
    /// # Errors
    /// Everything that is wrong with the policy, at once.
    #[cfg(feature = "toml")]
    pub fn from_toml_table(table: super::PolicyTable<'_, '_>) -> Result<Policy, PolicyErrors> {
        super::toml::read_table(table, Vec::new())
    }

    /// Warnings and notes: the policy stands, and these are worth a look.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.0.warnings
    }

    /// The request headers that a look-up of origins reads besides `Origin`.
    pub fn varies_on(&self) -> impl Iterator<Item = &str> {
        self.0.varies_on.iter().map(String::as_str)
    }

    /// The grants, as they were wished for.
    pub fn grants(&self) -> &[Grant] {
        &self.0.grants
    }
}

impl PolicyBuilder {
    /// Adds a grant. The first one whose origins match decides.
    pub fn grant(mut self, grant: Grant) -> PolicyBuilder {
        self.grants.push(grant);
        self
    }

    /// Which status a granted preflight is answered with; 200 unless told otherwise.
    pub fn preflight_status(mut self, status: PreflightStatus) -> PolicyBuilder {
        self.settings.preflight_status = status;
        self
    }

    /// What becomes of CORS headers that the application sets itself; they are replaced unless told otherwise.
    pub fn existing(mut self, existing: Existing) -> PolicyBuilder {
        self.settings.existing = existing;
        self
    }

    /// Whether requests that are not granted are kept from the application; unless told otherwise they are not.
    pub fn enforcement(mut self, enforcement: Enforcement) -> PolicyBuilder {
        self.settings.enforcement = enforcement;
        self
    }

    /// Adds request headers that a look-up of origins reads besides `Origin`, for `Vary`.
    pub fn varies_on<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> PolicyBuilder {
        self.varies_on.extend(names.into_iter().map(|name| name.as_ref().to_owned()));
        self
    }

    /// Whether refused preflights are answered with just enough that the browser names the true cause.
    pub fn debug(mut self, debug: bool) -> PolicyBuilder {
        self.settings.debug = debug;
        self
    }

    /// Lets `null` stand among the origins: any page can send it, from a sandboxed frame.
    pub fn dangerously_allow_null_origin(mut self, allow: bool) -> PolicyBuilder {
        self.settings.allow_null_origin = allow;
        self
    }

    /// Lets origins other than https have credentials: whoever is on the network can act as them.
    pub fn dangerously_allow_insecure_origins(mut self, allow: bool) -> PolicyBuilder {
        self.settings.allow_insecure_origins = allow;
        self
    }

    /// Lets every name under a public suffix have credentials: anyone can register one.
    pub fn dangerously_allow_public_suffixes(mut self, allow: bool) -> PolicyBuilder {
        self.settings.allow_public_suffixes = allow;
        self
    }

    /// Checks everything, and makes the policy.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn build(self) -> Result<Policy, PolicyErrors> {
        compile::compile(self)
    }
}
