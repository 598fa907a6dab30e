//! The servers of a play: one for each origin, answering as their roles say. The simulation and the live origins share
//! them.

use crossing::server::{Decision, Explanation};
use crossing::{HeaderList, Origin, Policy, ResponseHead, Value};
use http::{HeaderMap, HeaderName, Method, Request, StatusCode, header};

use super::raw::RawReply;
use crate::demo::servers::{HELLO, application};

/// What a server does.
pub(super) enum Role {
    /// The application, without a word of CORS.
    Bare,
    /// The application, with the server half around it.
    Policy(Policy),
    /// Word for word: to a preflight, and to anything else.
    Raw { preflight: RawReply, request: RawReply },
}

/// The servers, by origin.
pub(super) struct Stage {
    servers: Vec<(Origin, Role)>,
}

/// An answer, and what the policy has to say about it.
pub(super) struct Answered {
    pub(super) head: ResponseHead,
    pub(super) body: String,
    /// `None` where no policy decides.
    pub(super) explanation: Option<Explanation>,
}

impl Stage {
    /// A stage on which the page's own server is alone.
    pub(super) fn new(page: &Origin) -> Stage {
        let own = matches!(page, Origin::Tuple(_)).then(|| (page.clone(), Role::Bare));
        Stage { servers: own.into_iter().collect() }
    }

    /// Adds a server; one for the page's own origin takes the place of what is there.
    pub(super) fn add(&mut self, origin: Origin, role: Role) {
        self.servers.retain(|(there, _)| !there.same_origin(&origin));
        self.servers.push((origin, role));
    }

    /// Answers a request to this origin; `None` if no server has it.
    pub(super) fn answer(&self, origin: &Origin, request: &Request<()>) -> Option<Answered> {
        let (_, role) = self.servers.iter().find(|(there, _)| there.same_origin(origin))?;
        Some(role.answer(request))
    }
}

impl Role {
    fn answer(&self, request: &Request<()>) -> Answered {
        match self {
            Role::Bare => Answered::new(StatusCode::OK, application().headers(), HELLO, None),
            Role::Policy(policy) => {
                let explanation = Some(policy.explain(request));
                match policy.decide(request) {
                    Decision::Answer(decided) => {
                        let status = StatusCode::from_u16(decided.status()).unwrap_or(StatusCode::FORBIDDEN);
                        Answered::new(status, &decided.into_headers(), "", explanation)
                    }
                    Decision::Forward(decided) => {
                        let mut headers = application().headers().clone();
                        decided.apply(&mut headers);
                        Answered::new(StatusCode::OK, &headers, HELLO, explanation)
                    }
                }
            }
            Role::Raw { preflight, .. } if request.method() == Method::OPTIONS => preflight.answer(),
            Role::Raw { request, .. } => request.answer(),
        }
    }
}

impl Answered {
    fn new(status: StatusCode, from: &HeaderMap, body: &str, explanation: Option<Explanation>) -> Answered {
        let mut headers = HeaderList::new();
        for (name, value) in from {
            headers.append(name.clone(), Value::from(value.clone()));
        }
        Answered { head: ResponseHead::new(status, headers), body: body.to_owned(), explanation }
    }
}

/// What says how a message is sent. Whoever sends it writes these lines, and they would lie if anybody else did.
const CONNECTIONS_OWN: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

impl RawReply {
    fn answer(&self) -> Answered {
        let mut headers = HeaderList::new();
        for (name, value) in self.headers.iter().filter(|(name, _)| !CONNECTIONS_OWN.contains(name)) {
            headers.append(name.clone(), value.clone());
        }
        Answered { head: ResponseHead::new(self.status, headers), body: self.body.clone(), explanation: None }
    }
}
