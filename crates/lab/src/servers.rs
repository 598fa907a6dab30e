//! The servers of a state, one for each origin. The simulation and the live origins share them.

use crossing::server::{Decision, Explanation};
use crossing::{HeaderList, Origin, Policy, ResponseHead, Value};
use http::{HeaderMap, HeaderName, Method, Request, StatusCode, header};

use super::raw_response::RawResponse;
use crate::demo::servers::{HELLO, application};

/// How a server responds.
pub(super) enum Responder {
    /// The application, without CORS.
    Bare,
    /// The application, with the server half around it.
    Policy(Policy),
    /// Fixed responses: to a preflight, and to any other request.
    Raw { preflight: RawResponse, request: RawResponse },
}

/// The servers, by origin.
pub(super) struct Servers {
    servers: Vec<(Origin, Responder)>,
}

/// A response, and how the policy explains it.
pub(super) struct ServerResponse {
    pub(super) head: ResponseHead,
    pub(super) body: String,
    /// `None` where no policy decides.
    pub(super) explanation: Option<Explanation>,
}

impl Servers {
    /// Only the server of the page's own origin.
    pub(super) fn new(page: &Origin) -> Servers {
        let own = matches!(page, Origin::Tuple(_)).then(|| (page.clone(), Responder::Bare));
        Servers { servers: own.into_iter().collect() }
    }

    /// Adds a server. It replaces the one that has the same origin.
    pub(super) fn add(&mut self, origin: Origin, responder: Responder) {
        self.servers.retain(|(there, _)| !there.same_origin(&origin));
        self.servers.push((origin, responder));
    }

    /// Responds to a request to this origin; `None` if no server has it.
    pub(super) fn respond(&self, origin: &Origin, request: &Request<()>) -> Option<ServerResponse> {
        let (_, responder) = self.servers.iter().find(|(there, _)| there.same_origin(origin))?;
        Some(responder.respond(request))
    }
}

impl Responder {
    fn respond(&self, request: &Request<()>) -> ServerResponse {
        match self {
            Responder::Bare => ServerResponse::new(StatusCode::OK, application().headers(), HELLO, None),
            Responder::Policy(policy) => {
                let explanation = Some(policy.explain(request));
                match policy.decide(request) {
                    Decision::Answer(decided) => {
                        let status = StatusCode::from_u16(decided.status()).unwrap_or(StatusCode::FORBIDDEN);
                        ServerResponse::new(status, &decided.into_headers(), "", explanation)
                    }
                    Decision::Forward(decided) => {
                        let mut headers = application().headers().clone();
                        decided.apply(&mut headers);
                        ServerResponse::new(StatusCode::OK, &headers, HELLO, explanation)
                    }
                }
            }
            Responder::Raw { preflight, .. } if request.method() == Method::OPTIONS => {
                preflight.to_response()
            }
            Responder::Raw { request, .. } => request.to_response(),
        }
    }
}

impl ServerResponse {
    fn new(
        status: StatusCode,
        from: &HeaderMap,
        body: &str,
        explanation: Option<Explanation>,
    ) -> ServerResponse {
        let mut headers = HeaderList::new();
        for (name, value) in from {
            headers.append(name.clone(), Value::from(value.clone()));
        }
        ServerResponse { head: ResponseHead::new(status, headers), body: body.to_owned(), explanation }
    }
}

/// Headers that describe how a message is sent. Only the HTTP server can write them correctly.
const FRAMING: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

impl RawResponse {
    fn to_response(&self) -> ServerResponse {
        let mut headers = HeaderList::new();
        for (name, value) in self.headers.iter().filter(|(name, _)| !FRAMING.contains(name)) {
            headers.append(name.clone(), value.clone());
        }
        ServerResponse {
            head: ResponseHead::new(self.status, headers),
            body: self.body.clone(),
            explanation: None,
        }
    }
}
