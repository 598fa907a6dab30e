//! The scripted servers of a scenario.

use crossing::{Decision, HeaderList, Origin, Policy, Reason, RequestHead, ResponseHead};
use http::StatusCode;

use crate::policy;
use crate::schema::{NetworkFailure, Server, Servers};
use crate::server_suite::{AnsweredBy, ServerReply, ServerScenario};
use crate::translate::{header_list, without_secrets};

/// The servers of a scenario, and how often each has answered.
#[derive(Clone, Debug, Default)]
pub struct Script {
    servers: Vec<Server>,
    used: Vec<u32>,
}

/// What a scripted server does.
#[derive(Clone, Debug)]
pub enum Answered {
    /// It answers with this head and body.
    With(Box<ResponseHead>, String),
    /// No answer comes.
    Failed(Reason),
}

impl Script {
    /// Servers that have not answered yet.
    pub fn new(servers: &Servers) -> Script {
        Script { servers: servers.0.clone(), used: vec![0; servers.0.len()] }
    }

    /// Answers a request.
    ///
    /// # Errors
    /// Nobody answers it, or the answer cannot be said.
    pub fn answer(&mut self, request: &RequestHead) -> Result<Answered, String> {
        let url = without_secrets(&request.url);
        let origin = Origin::from_url(&url);
        let fits = |(at, server): &(usize, &Server)| {
            server.at.as_ref().is_none_or(|there| there == url.as_str() || there == origin.as_str())
                && server.method.as_deref().is_none_or(|method| method == request.method.as_str())
                && server.times.is_none_or(|times| self.used[*at] < times)
        };
        let Some((at, server)) = self.servers.iter().enumerate().find(fits) else {
            return Err(format!("no server answers {} {url}", request.method));
        };
        self.used[at] += 1;
        if let Some(failure) = server.fails {
            return Ok(Answered::Failed(match failure {
                NetworkFailure::Dns => Reason::Dns,
                NetworkFailure::Connection => Reason::Connection,
                NetworkFailure::Tls => Reason::Tls,
                NetworkFailure::Timeout => Reason::Timeout,
                NetworkFailure::BrokenHttp => Reason::BrokenHttp,
            }));
        }
        let status = StatusCode::from_u16(server.status.unwrap_or(200)).map_err(|error| error.to_string())?;
        let application = ResponseHead::new(status, header_list(&server.headers)?);
        let head = match &server.policy {
            None => application,
            Some(policy) => behind(&policy::parse(policy)?, request, application).head,
        };
        Ok(Answered::With(Box::new(head), server.body.clone()))
    }
}

/// Plays a server scenario on the core: what comes out of a server whose application stands behind the policy.
pub fn play_on_core(scenario: &ServerScenario) -> ServerReply {
    behind(&scenario.policy, &scenario.request, scenario.application.clone())
}

fn behind(policy: &Policy, request: &RequestHead, mut application: ResponseHead) -> ServerReply {
    match policy.decide(request) {
        Decision::Answer(answer) => {
            let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut headers = HeaderList::new();
            answer.apply(&mut headers);
            ServerReply { by: AnsweredBy::Policy, head: ResponseHead::new(status, headers) }
        }
        Decision::Forward(forward) => {
            forward.apply(&mut application.headers);
            ServerReply { by: AnsweredBy::Application, head: application }
        }
    }
}
