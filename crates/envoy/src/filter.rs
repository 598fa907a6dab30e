//! The filter: what is done about a request and its response. All of it is safe code.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossing::server::{Answer, Decision, Forward};
use http::HeaderValue;

use crate::abi::LogLevel;
use crate::counters::Counters;
use crate::envoy::{self, Loading, Room, Stream};
use crate::source::Source;
use crate::view::{Request, Response};

/// The name that a filter of this module has.
pub(crate) const NAME: &str = "crossing";

/// A filter as it was configured.
#[derive(Debug)]
pub(crate) struct Config {
    /// `None` where only routes have a policy.
    source: Option<Source>,
    counters: Counters,
}

/// What a route says in the filter's place.
#[derive(Debug)]
pub(crate) struct RouteConfig(Source);

/// The filter of one stream.
#[derive(Debug)]
pub(crate) struct Filter {
    config: Arc<Config>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// No request has been seen.
    New,
    /// The response is to be edited.
    Asked(Forward<HeaderValue>),
    /// Nothing is left to do.
    Done,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Action {
    /// It goes on.
    Continue,
    /// It is answered.
    Answer(Answer<HeaderValue>),
}

impl Config {
    /// Reads a configuration; `None` when it is wrong, which Envoy's log then says.
    pub(crate) fn new(loading: &Loading, name: &[u8], config: &[u8]) -> Option<Config> {
        is_ours(name)?;
        let source = if config.is_empty() {
            envoy::log(
                LogLevel::Info,
                "crossing: the filter has no policy; routes that have one of their own are covered",
            );
            None
        } else {
            Some(Source::load(config)?)
        };
        Some(Config { source, counters: Counters::define(loading) })
    }
}

impl RouteConfig {
    /// Reads what a route says; `None` when it is wrong, which Envoy's log then says.
    pub(crate) fn new(name: &[u8], config: &[u8]) -> Option<RouteConfig> {
        is_ours(name)?;
        if config.is_empty() {
            envoy::log(
                LogLevel::Error,
                "crossing: a route's filter_config is empty. Give it a policy; to switch the filter off for a route, \
                 use envoy.config.route.v3.FilterConfig with disabled: true",
            );
            return None;
        }
        let source = Source::load(config)?;
        ROUTES.fetch_add(1, Ordering::Relaxed);
        Some(RouteConfig(source))
    }
}

/// How many routes say something, in all of this process.
static ROUTES: AtomicUsize = AtomicUsize::new(0);

impl Drop for RouteConfig {
    fn drop(&mut self) {
        ROUTES.fetch_sub(1, Ordering::Relaxed);
    }
}

fn is_ours(name: &[u8]) -> Option<()> {
    if name == NAME.as_bytes() {
        return Some(());
    }
    let name = String::from_utf8_lossy(name);
    envoy::log(
        LogLevel::Error,
        &format!("crossing: this module has no filter '{name}'. Its one filter is called '{NAME}'"),
    );
    None
}

impl Filter {
    pub(crate) fn new(config: Arc<Config>) -> Filter {
        Filter { config, state: State::New }
    }

    /// Decides about a request.
    pub(crate) fn on_request(&mut self, stream: &Stream<'_>) -> Action {
        let mut room = Room::new();
        let request = Request::of(stream, &mut room);
        let Some(decision) = self.decide(stream, &request) else {
            self.state = State::Done;
            return Action::Continue;
        };
        self.config.counters.decided(stream, &request, &decision);
        match decision {
            Decision::Answer(answer) => {
                self.state = State::Done;
                Action::Answer(answer)
            }
            Decision::Forward(forward) => {
                self.state = State::Asked(forward);
                Action::Continue
            }
        }
    }

    /// Edits a response, be it the application's or Envoy's own.
    pub(crate) fn on_response(&mut self, stream: &mut Stream<'_>) {
        let forward = match std::mem::replace(&mut self.state, State::Done) {
            State::Asked(forward) => forward,
            // A filter before this one has answered, and this one has not seen the request.
            State::New => match self.decide(stream, &Request::of(stream, &mut Room::new())) {
                Some(Decision::Forward(forward)) => forward,
                Some(Decision::Answer(_)) | None => return,
            },
            State::Done => return,
        };
        forward.apply(&mut Response(stream));
    }

    fn decide(&self, stream: &Stream<'_>, request: &Request<'_>) -> Option<Decision> {
        // Asking for what is not there would cost as much as deciding.
        let routes = ROUTES.load(Ordering::Relaxed) > 0;
        let route = if routes { stream.route_config::<RouteConfig>() } else { None };
        route.map(|route| &route.0).or(self.config.source.as_ref()).map(|source| source.decide(request))
    }
}
