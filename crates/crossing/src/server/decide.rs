//! Deciding about a request: [what a response says](https://fetch.spec.whatwg.org/#http-responses) so that it is shared, with the standard's advice
//! on [credentials](https://fetch.spec.whatwg.org/#cors-protocol-and-credentials) and on
//! [HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).

use bytes::Bytes;

use super::compile::CompiledGrant;
use super::decision::{AllowedOrigin, Answer, Decision, Fields, Forward, List, REFUSED, Verdict};
use super::lists::{Extent, HeadersMatch};
use super::matcher::Found;
use super::policy::{Enforcement, Policy, PreflightStatus};
use super::view::{FieldLine, FieldValue, RequestField, RequestView};
use super::wire::WireOrigin;
use crate::headers;
use crate::reason::{Exchange, Reason};

/// Whether the origin was looked up, and found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lookup {
    None,
    Found,
}

impl Policy {
    /// Decides about a request.
    ///
    /// A [preflight](https://fetch.spec.whatwg.org/#cors-preflight-request) is `OPTIONS` with `Origin` and
    /// `Access-Control-Request-Method`; it is answered here. Every other request goes to the application, unless the
    /// policy is enforced and refuses it.
    #[inline]
    pub fn decide<R: RequestView>(&self, request: &R) -> Decision<R::Value> {
        self.decide_with(request, Lookup::None)
    }

    /// Decides about a request whose origin was looked up, and found among those of the grant that is looked up.
    pub fn decide_looked_up<R: RequestView>(&self, request: &R) -> Decision<R::Value> {
        self.decide_with(request, Lookup::Found)
    }

    /// The request's origin, when the decision hangs on a look-up: the policy has such a grant, and no earlier one
    /// covers the origin. If it is found, [`decide_looked_up`](Policy::decide_looked_up) has the decision; if it is not,
    /// or the look-up failed, [`decide`](Policy::decide) has it.
    pub fn lookup_needed<'r, R: RequestView>(&self, request: &'r R) -> Option<&'r str> {
        let grant = self.0.looked_up?;
        let mut origins = request.lines(RequestField::Origin);
        let origin = origins.next()?;
        WireOrigin::parse(origin.as_bytes())?;
        let earlier = self.0.matcher.find(origin.as_bytes()).is_some_and(|found| found.grant < grant);
        let alone = origins.next().is_none();
        if alone && !earlier { std::str::from_utf8(origin.as_bytes()).ok() } else { None }
    }

    #[inline]
    fn decide_with<R: RequestView>(&self, request: &R, lookup: Lookup) -> Decision<R::Value> {
        let options = request.method() == "OPTIONS";
        let mut origins = request.lines(RequestField::Origin);
        let Some(origin) = origins.next() else {
            return Decision::Forward(Forward {
                policy: self.clone(),
                verdict: Verdict::NotCors,
                reported: None,
                options,
                share: self.constant_share(),
            });
        };
        let granted = if origins.next().is_some() {
            Err(Reason::OriginRepeated)
        } else {
            self.grant_of(origin, lookup)
        };
        if options {
            let mut methods = request.lines(RequestField::RequestMethod);
            if let Some(method) = methods.next() {
                let method = if methods.next().is_some() { None } else { Some(method) };
                return Decision::Answer(self.preflight(request, origin, granted, method));
            }
        }
        self.decide_request(request, origin, granted, options)
    }

    /// Which grant decides for an origin.
    #[inline]
    fn grant_of<'r>(&self, origin: impl FieldLine<'r>, lookup: Lookup) -> Result<Found<'_>, Reason> {
        let compiled = &*self.0;
        // The first grant is for everybody.
        if compiled.constant {
            return Ok(Found::unspelled(0));
        }
        if let (Lookup::Found, Some(grant)) = (lookup, compiled.looked_up)
            && WireOrigin::parse(origin.as_bytes()).is_some()
            && compiled.matcher.find(origin.as_bytes()).is_none_or(|found| found.grant > grant)
        {
            return Ok(Found::unspelled(grant));
        }
        compiled.matcher.find(origin.as_bytes()).ok_or_else(|| match origin.as_bytes() {
            b"null" => Reason::NullNotGranted,
            _ => Reason::OriginNotGranted,
        })
    }

    /// How `Access-Control-Allow-Origin` answers an origin that was found. It costs something: only once it is answered.
    #[inline]
    fn name<'r, L: FieldLine<'r, Value: FieldValue>>(
        &self,
        found: Found<'_>,
        origin: L,
    ) -> AllowedOrigin<L::Value> {
        if self.0.compiled_grants[usize::from(found.grant)].star {
            return AllowedOrigin::Any;
        }
        AllowedOrigin::Origin(match self.0.matcher.text_of(found) {
            Some(text) => origin.to_value_of(text),
            None => origin.to_value(),
        })
    }

    /// The one answer for all, where the first grant is for everybody.
    #[inline]
    fn constant_share<V>(&self) -> Option<(u8, AllowedOrigin<V>)> {
        self.0.constant.then_some((0, AllowedOrigin::Any))
    }

    #[inline]
    fn decide_request<'r, R: RequestView>(
        &self,
        request: &R,
        origin: impl FieldLine<'r, Value = R::Value>,
        granted: Result<Found<'_>, Reason>,
        options: bool,
    ) -> Decision<R::Value> {
        let mut forward =
            Forward { policy: self.clone(), verdict: Verdict::NotCors, reported: None, options, share: None };
        let against = match granted {
            Ok(found) => {
                forward.verdict = Verdict::Granted { grant: usize::from(found.grant) };
                forward.share = Some((found.grant, self.name(found, origin)));
                None
            }
            Err(reason) => {
                forward.verdict = Verdict::Refused(reason);
                forward.share = self.constant_share();
                Some(reason)
            }
        };
        if self.0.settings.enforcement == Enforcement::Off {
            return Decision::Forward(forward);
        }
        self.enforce(request, forward, against)
    }

    /// Keeps a cross-origin request that is not granted from the application, or says that it would have.
    fn enforce<R: RequestView>(
        &self,
        request: &R,
        mut forward: Forward<R::Value>,
        against: Option<Reason>,
    ) -> Decision<R::Value> {
        if is_same_origin(request) {
            forward.verdict = Verdict::SameOrigin;
            return Decision::Forward(forward);
        }
        let against = against.or_else(|| {
            let (grant, _) = forward.share.as_ref()?;
            let method = request.method();
            // CONNECT is a WebSocket handshake over HTTP/2: no script can send it otherwise.
            let granted = method == "CONNECT"
                || self.0.compiled_grants[usize::from(*grant)].methods.allow(method.as_bytes());
            (!granted).then_some(Reason::MethodNotGranted)
        });
        match (against, self.0.settings.enforcement) {
            (Some(reason), Enforcement::On) => Decision::Answer(Answer {
                policy: forward.policy,
                exchange: Exchange::Request,
                verdict: Verdict::Refused(reason),
                status: REFUSED,
                fields: Fields::None,
            }),
            (against, _) => {
                forward.reported = against;
                Decision::Forward(forward)
            }
        }
    }

    /// Answers a [CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request).
    fn preflight<'r, R: RequestView>(
        &self,
        request: &R,
        origin: impl FieldLine<'r, Value = R::Value>,
        granted: Result<Found<'_>, Reason>,
        method: Option<impl FieldLine<'r, Value = R::Value>>,
    ) -> Answer<R::Value> {
        let ok = match self.0.settings.preflight_status {
            PreflightStatus::Ok => 200,
            PreflightStatus::NoContent => 204,
        };
        let answer = |verdict, status, fields| Answer {
            policy: self.clone(),
            exchange: Exchange::Preflight,
            verdict,
            status,
            fields,
        };
        // Who debugs is answered with what would have been granted.
        let debug = self.0.settings.debug;
        let refuse = |reason, fields: Option<_>| {
            let status = if fields.is_some() { ok } else { REFUSED };
            answer(Verdict::Refused(reason), status, fields.unwrap_or(Fields::None))
        };
        let found = match granted {
            Ok(found) => found,
            Err(reason) => return refuse(reason, debug.then_some(Fields::None)),
        };
        let grant = found.grant;
        let fields = |methods, headers| {
            let origin = self.name(found, origin).value(&self.0);
            Fields::Preflight { grant, origin, methods, headers }
        };
        let ready = &self.0.compiled_grants[usize::from(grant)];
        let judged =
            method.ok_or(Reason::RequestMethodMalformed).and_then(|method| ready.answer_methods(method));
        let methods = match judged {
            Ok(methods) => methods,
            Err(reason) => return refuse(reason, debug.then(|| fields(List::Policy, List::None))),
        };
        match ready.answer_headers(request) {
            Ok(headers) => {
                let verdict = Verdict::Granted { grant: usize::from(grant) };
                answer(verdict, ok, fields(methods, headers))
            }
            Err(reason) => refuse(reason, debug.then(|| fields(methods, List::Policy))),
        }
    }
}

impl CompiledGrant {
    fn answer_methods<'r, L: FieldLine<'r>>(&self, method: L) -> Result<List<L::Value>, Reason> {
        if !self.methods.allow(method.as_bytes()) {
            let token = headers::grammar::is_token(method.as_bytes());
            return Err(if token { Reason::MethodNotGranted } else { Reason::RequestMethodMalformed });
        }
        Ok(if self.methods.extent == Extent::Requested {
            List::Echo(Box::new(method.to_value()))
        } else {
            List::Policy
        })
    }

    fn answer_headers<R: RequestView>(&self, request: &R) -> Result<List<R::Value>, Reason> {
        let lines = || request.lines(RequestField::RequestHeaders);
        match self.headers.judge(lines().map(FieldLine::as_bytes)) {
            HeadersMatch::NotGranted => Err(Reason::HeadersNotGranted),
            HeadersMatch::Authorization => Err(Reason::AuthorizationNotGranted),
            HeadersMatch::OverBudget => Err(Reason::HeadersOverBudget),
            HeadersMatch::Granted { .. } if self.headers.extent != Extent::Requested => Ok(List::Policy),
            HeadersMatch::Granted { plain: true } => {
                Ok(lines().next().map_or(List::None, |line| List::Echo(Box::new(line.to_value()))))
            }
            HeadersMatch::Granted { plain: false } => Ok(join_names(lines().map(FieldLine::as_bytes))
                .map_or(List::None, |names| List::Echo(Box::new(names)))),
        }
    }
}

/// The names of several lines as one list.
fn join_names<'r, V: FieldValue>(lines: impl Iterator<Item = &'r [u8]>) -> Option<V> {
    let mut joined = Vec::new();
    for line in lines {
        for name in line.split(|&b| b == b',').map(headers::grammar::trim).filter(|name| !name.is_empty()) {
            if !joined.is_empty() {
                joined.extend_from_slice(b", ");
            }
            joined.extend_from_slice(name);
        }
    }
    if joined.is_empty() { None } else { V::from_text(Bytes::from(joined)) }
}

/// Whether a preflight asks for access to a private network, as browsers no longer do. No decision hangs on it; it is
/// there to be counted.
pub fn requests_private_network<R: RequestView>(preflight: &R) -> bool {
    preflight.lines(RequestField::RequestPrivateNetwork).next().is_some()
}

/// Whether a request with `Origin` comes from the server's own origin. The browser says so itself where it sends
/// `Sec-Fetch-Site`; else the authorities are compared, and the schemes where it is known that the client used `https`: a
/// server behind a proxy does not know its own scheme.
fn is_same_origin<R: RequestView>(request: &R) -> bool {
    if let Some(site) = request.lines(RequestField::SecFetchSite).next() {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = request.lines(RequestField::Origin).next() else { return false };
    let Some(at) = origin.as_bytes().windows(3).position(|three| three == b"://") else { return false };
    let (scheme, authority) = (&origin.as_bytes()[..at], &origin.as_bytes()[at + 3..]);
    if request.scheme() == Some("https") && !scheme.eq_ignore_ascii_case(b"https") {
        return false;
    }
    let host = match request.authority() {
        Some(host) => host.as_bytes(),
        None => match request.lines(RequestField::Host).next() {
            Some(host) => host.as_bytes(),
            None => return false,
        },
    };
    !host.is_empty() && host.eq_ignore_ascii_case(authority)
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
