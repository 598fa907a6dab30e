//! Deciding about a request, and carrying the decision out on a response.

use bytes::Bytes;

use super::compile::Ready;
use super::lists::{Asked, Expose, Extent, Text};
use super::policy::{Enforcement, Existing, Policy, PreflightStatus};
use super::vary;
use super::view::{FieldLine, FieldValue, RequestField, RequestView, ResponseField, ResponseHeaders};
use super::wire::WireOrigin;
use crate::headers;
use crate::reason::{Exchange, Reason};

/// What to do with a request.
#[derive(Clone, Debug)]
pub enum Decision<V = http::HeaderValue> {
    /// Answer it at once; the application does not see it.
    Answer(Answer<V>),
    /// Hand it to the application, and edit the headers of its response, whatever its status.
    Forward(Forward<V>),
}

/// What the policy says about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It has no `Origin`: CORS has no say.
    NotCors,
    /// It comes from the server's own origin; only enforcement finds that out.
    SameOrigin,
    /// A grant covers it.
    Granted {
        /// Which one, counted from 0.
        grant: usize,
    },
    /// No grant covers it.
    Refused(Reason),
}

/// An answer in the application's place: a preflight's, or a refusal. It has no body.
#[derive(Clone, Debug)]
pub struct Answer<V> {
    policy: Policy,
    exchange: Exchange,
    verdict: Verdict,
    private_network: bool,
    status: u16,
    fields: Fields<V>,
}

/// The edits to the application's response.
#[derive(Clone, Debug)]
pub struct Forward<V> {
    policy: Policy,
    verdict: Verdict,
    reported: Option<Reason>,
    options: bool,
    share: Option<(u8, V)>,
}

/// The headers of an answer, apart from `Vary` and `Content-Length`.
#[derive(Clone, Debug)]
enum Fields<V> {
    None,
    Preflight { grant: u8, origin: V, methods: List<V>, headers: List<V> },
}

/// A list as it is answered.
#[derive(Clone, Debug)]
enum List<V> {
    Policy,
    Echo(V),
    None,
}

impl Verdict {
    /// The word for it: `not-cors`, `same-origin`, `granted` or `refused`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::NotCors => "not-cors",
            Verdict::SameOrigin => "same-origin",
            Verdict::Granted { .. } => "granted",
            Verdict::Refused(_) => "refused",
        }
    }

    /// What it rests on, as a label: the number of the grant, or the code of the reason.
    pub fn basis(self) -> &'static str {
        match self {
            Verdict::NotCors | Verdict::SameOrigin => "",
            Verdict::Granted { grant } => NUMBERS.get(grant).copied().unwrap_or_default(),
            Verdict::Refused(reason) => reason.code(),
        }
    }
}

/// The numbers of the grants, of which a policy has at most 64.
#[rustfmt::skip]
const NUMBERS: [&str; 64] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
    "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40",
    "41", "42", "43", "44", "45", "46", "47", "48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59", "60",
    "61", "62", "63",
];

/// Whether the origin was looked up, and found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lookup {
    None,
    Found,
}

impl<V> Decision<V> {
    /// Why enforcement would have refused the request; only in report mode.
    pub fn reported(&self) -> Option<Reason> {
        match self {
            Decision::Answer(_) => None,
            Decision::Forward(forward) => forward.reported,
        }
    }

    /// Whether a preflight asked for access to a private network, which browsers no longer do.
    pub fn asks_private_network(&self) -> bool {
        matches!(self, Decision::Answer(answer) if answer.private_network)
    }

    /// What the policy says about the request.
    pub fn verdict(&self) -> Verdict {
        match self {
            Decision::Answer(answer) => answer.verdict,
            Decision::Forward(forward) => forward.verdict,
        }
    }

    /// Whether the request is a preflight.
    pub fn exchange(&self) -> Exchange {
        match self {
            Decision::Answer(answer) => answer.exchange,
            Decision::Forward(_) => Exchange::Request,
        }
    }
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
                return Decision::Answer(self.preflight(request, granted, method));
            }
        }
        self.simple(request, granted, options)
    }

    /// Which grant decides for an origin, and how `Access-Control-Allow-Origin` answers it.
    #[inline]
    fn grant_of<'r, L>(&self, origin: L, lookup: Lookup) -> Result<(u8, L::Value), Reason>
    where
        L: FieldLine<'r, Value: FieldValue>,
    {
        let compiled = &*self.0;
        if let (Lookup::Found, Some(grant)) = (lookup, compiled.looked_up)
            && WireOrigin::parse(origin.as_bytes()).is_some()
            && compiled.matcher.find(origin.as_bytes()).is_none_or(|found| found.grant > grant)
        {
            return Ok((grant, origin.to_value()));
        }
        let Some(found) = compiled.matcher.find(origin.as_bytes()) else {
            return Err(if origin.as_bytes() == b"null" {
                Reason::NullNotGranted
            } else {
                Reason::OriginNotGranted
            });
        };
        let ready = &compiled.ready[usize::from(found.grant)];
        let value = match (&compiled.star, found.text) {
            (Some(star), _) if ready.star => L::Value::from_policy(star.as_policy()),
            (_, Some(text)) => L::Value::from_policy(text),
            (_, None) => origin.to_value(),
        };
        Ok((found.grant, value))
    }

    /// The one answer for all, where the first grant is for everybody.
    fn constant_share<V: FieldValue>(&self) -> Option<(u8, V)> {
        let star = self.0.star.as_ref()?;
        self.0.constant.then(|| (0, V::from_policy(star.as_policy())))
    }

    fn simple<R: RequestView>(
        &self,
        request: &R,
        granted: Result<(u8, R::Value), Reason>,
        options: bool,
    ) -> Decision<R::Value> {
        let mut forward =
            Forward { policy: self.clone(), verdict: Verdict::NotCors, reported: None, options, share: None };
        let against = match granted {
            Ok((grant, value)) => {
                forward.verdict = Verdict::Granted { grant: usize::from(grant) };
                forward.share = Some((grant, value));
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
            let granted =
                method == "CONNECT" || self.0.ready[usize::from(*grant)].methods.allow(method.as_bytes());
            (!granted).then_some(Reason::MethodNotGranted)
        });
        match (against, self.0.settings.enforcement) {
            (Some(reason), Enforcement::On) => Decision::Answer(Answer {
                policy: forward.policy,
                exchange: Exchange::Request,
                verdict: Verdict::Refused(reason),
                private_network: false,
                status: 403,
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
        granted: Result<(u8, R::Value), Reason>,
        method: Option<impl FieldLine<'r, Value = R::Value>>,
    ) -> Answer<R::Value> {
        let private_network = request.lines(RequestField::RequestPrivateNetwork).next().is_some();
        let ok = match self.0.settings.preflight_status {
            PreflightStatus::Ok => 200,
            PreflightStatus::NoContent => 204,
        };
        let answer = |verdict, status, fields| Answer {
            policy: self.clone(),
            exchange: Exchange::Preflight,
            verdict,
            private_network,
            status,
            fields,
        };
        let refuse = |reason, fields| {
            let verdict = Verdict::Refused(reason);
            if self.0.settings.debug {
                answer(verdict, ok, fields)
            } else {
                answer(verdict, 403, Fields::None)
            }
        };
        let (grant, origin) = match granted {
            Ok(granted) => granted,
            Err(reason) => return refuse(reason, Fields::None),
        };
        let ready = &self.0.ready[usize::from(grant)];
        let judged = method
            .filter(|method| headers::grammar::is_token(method.as_bytes()))
            .ok_or(Reason::RequestMethodMalformed)
            .and_then(|method| ready.answer_methods(method));
        let methods = match judged {
            Ok(methods) => methods,
            Err(reason) => {
                let fields = Fields::Preflight { grant, origin, methods: List::Policy, headers: List::None };
                return refuse(reason, fields);
            }
        };
        match ready.answer_headers(request) {
            Ok(headers) => {
                let verdict = Verdict::Granted { grant: usize::from(grant) };
                answer(verdict, ok, Fields::Preflight { grant, origin, methods, headers })
            }
            Err(reason) => {
                refuse(reason, Fields::Preflight { grant, origin, methods, headers: List::Policy })
            }
        }
    }
}

impl Ready {
    fn answer_methods<'r, L: FieldLine<'r>>(&self, method: L) -> Result<List<L::Value>, Reason> {
        if !self.methods.allow(method.as_bytes()) {
            return Err(Reason::MethodNotGranted);
        }
        Ok(if self.methods.extent == Extent::Asked { List::Echo(method.to_value()) } else { List::Policy })
    }

    fn answer_headers<R: RequestView>(&self, request: &R) -> Result<List<R::Value>, Reason> {
        let lines = || request.lines(RequestField::RequestHeaders);
        match self.headers.judge(lines().map(FieldLine::as_bytes)) {
            Asked::NotGranted => Err(Reason::HeadersNotGranted),
            Asked::Authorization => Err(Reason::AuthorizationNotGranted),
            Asked::OverBudget => Err(Reason::HeadersOverBudget),
            Asked::Granted { .. } if self.headers.extent != Extent::Asked => Ok(List::Policy),
            Asked::Granted { plain: true } => {
                Ok(lines().next().map_or(List::None, |line| List::Echo(line.to_value())))
            }
            Asked::Granted { plain: false } => {
                Ok(join_names(lines().map(FieldLine::as_bytes)).map_or(List::None, List::Echo))
            }
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

/// Whether a request with `Origin` comes from the server's own origin. The browser says so itself where it sends
/// `Sec-Fetch-Site`; else the authorities are compared, for a server behind a proxy does not know its own scheme.
fn is_same_origin<R: RequestView>(request: &R) -> bool {
    if let Some(site) = request.lines(RequestField::SecFetchSite).next() {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = request.lines(RequestField::Origin).next() else { return false };
    let Some(at) = origin.as_bytes().windows(3).position(|three| three == b"://") else { return false };
    let authority = &origin.as_bytes()[at + 3..];
    let host = match request.authority() {
        Some(host) => host.as_bytes(),
        None => match request.lines(RequestField::Host).next() {
            Some(host) => host.as_bytes(),
            None => return false,
        },
    };
    !host.is_empty() && host.eq_ignore_ascii_case(authority)
}

impl<V: FieldValue> Answer<V> {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// What the policy says about the request.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Whether a preflight is answered, or a request refused.
    pub fn exchange(&self) -> Exchange {
        self.exchange
    }

    /// Whether the preflight asked for access to a private network, which browsers no longer do.
    pub fn asks_private_network(&self) -> bool {
        self.private_network
    }

    /// At most how many headers [`apply`](Answer::apply) sets.
    pub fn header_count(&self) -> usize {
        match self.fields {
            Fields::None => 2,
            Fields::Preflight { .. } => 7,
        }
    }

    /// Sets the headers of the answer.
    pub fn apply<H: ResponseHeaders<Value = V>>(self, to: &mut H) {
        let compiled = &*self.policy.0;
        if let Fields::Preflight { grant, origin, methods, headers } = self.fields {
            let ready = &compiled.ready[usize::from(grant)];
            to.set(ResponseField::AllowOrigin, origin);
            if ready.credentials {
                set_text(to, ResponseField::AllowCredentials, &compiled.true_text);
            }
            methods.set(to, ResponseField::AllowMethods, &ready.methods.text);
            headers.set(to, ResponseField::AllowHeaders, &ready.headers.text);
            if matches!(self.verdict, Verdict::Granted { .. }) {
                set_text(to, ResponseField::MaxAge, &ready.max_age);
            }
        }
        if let Some(vary) = &compiled.vary {
            let text = if self.exchange == Exchange::Preflight { &vary.options } else { &vary.simple };
            to.set(ResponseField::Vary, V::from_policy(text.as_policy()));
        }
        if self.status != 204 {
            set_text(to, ResponseField::ContentLength, &compiled.zero);
        }
    }
}

impl<V: FieldValue> List<V> {
    fn set<H: ResponseHeaders<Value = V>>(self, to: &mut H, field: ResponseField, text: &Option<Text>) {
        match self {
            List::Policy => set_text(to, field, text),
            List::Echo(value) => to.set(field, value),
            List::None => {}
        }
    }
}

fn set_text<H: ResponseHeaders>(to: &mut H, field: ResponseField, text: &Option<Text>) {
    if let Some(text) = text {
        to.set(field, FieldValue::from_policy(text.as_policy()));
    }
}

impl<V: FieldValue> Forward<V> {
    /// What the policy says about the request.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Why enforcement would have refused the request; only in report mode.
    pub fn reported(&self) -> Option<Reason> {
        self.reported
    }

    /// Edits the headers of the application's response, be it a success or an error.
    #[inline]
    pub fn apply<H: ResponseHeaders<Value = V>>(self, to: &mut H) {
        let compiled = &*self.policy.0;
        let there = There::of(to);
        let keep = compiled.settings.existing == Existing::Respect && there.allow_origin;
        if there.access_control && !keep && compiled.settings.existing == Existing::Replace {
            for field in ResponseField::ACCESS_CONTROL {
                to.remove(field);
            }
        }
        let corp = match &self.share {
            Some((grant, _)) => &compiled.ready[usize::from(*grant)].corp,
            None => &compiled.strictest,
        };
        set_text(to, ResponseField::CrossOriginResourcePolicy, corp);
        if let (Some((grant, origin)), false) = (self.share, keep) {
            let ready = &compiled.ready[usize::from(grant)];
            match &ready.expose {
                Expose::Nothing => {}
                Expose::Listed(text) => {
                    to.set(ResponseField::ExposeHeaders, V::from_policy(text.as_policy()));
                }
                Expose::RealNames => {
                    if let Some(names) = real_names(to) {
                        to.set(ResponseField::ExposeHeaders, names);
                    }
                }
            }
            if ready.timing {
                to.set(ResponseField::TimingAllowOrigin, origin.clone());
            }
            if ready.credentials {
                set_text(to, ResponseField::AllowCredentials, &compiled.true_text);
            }
            to.set(ResponseField::AllowOrigin, origin);
        }
        if let Some(vary) = &compiled.vary {
            let text = if self.options { &vary.options } else { &vary.simple };
            if there.vary {
                vary::merge(to, text);
            } else {
                to.set(ResponseField::Vary, V::from_policy(text.as_policy()));
            }
        }
    }
}

/// Which headers of interest a response has already.
#[derive(Default)]
struct There {
    access_control: bool,
    allow_origin: bool,
    vary: bool,
}

impl There {
    #[inline]
    fn of<H: ResponseHeaders>(headers: &H) -> There {
        let mut there = There::default();
        for name in headers.names() {
            if name.len() == 4 {
                there.vary |= name == "vary";
            } else if name.starts_with("access-control-") {
                there.access_control = true;
                there.allow_origin |= name == "access-control-allow-origin";
            }
        }
        there
    }
}

/// The names of a response's headers, for a browser that takes `*` for a name.
fn real_names<H: ResponseHeaders>(headers: &H) -> Option<H::Value> {
    let mut names: Vec<&str> = headers.names().filter(|name| is_worth_exposing(name)).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { None } else { FieldValue::from_text(Bytes::from(names.join(", "))) }
}

fn is_worth_exposing(name: &str) -> bool {
    !name.starts_with("access-control-")
        && headers::HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| {
            !headers::response::is_forbidden(&name) && !headers::response::is_safelisted(&name)
        })
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
