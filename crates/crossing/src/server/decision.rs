//! What a decision is, and carrying it out on a response.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use super::compile::Compiled;
use super::lists::{Expose, Text};
use super::policy::{Existing, Policy};
use super::vary;
use super::view::{FieldValue, ResponseField, ResponseHeaders};
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
    pub(super) policy: Policy,
    pub(super) exchange: Exchange,
    pub(super) verdict: Verdict,
    pub(super) status: u16,
    pub(super) fields: Fields<V>,
}

/// The edits to the application's response.
#[derive(Clone, Debug)]
pub struct Forward<V> {
    pub(super) policy: Policy,
    pub(super) verdict: Verdict,
    pub(super) reported: Option<Reason>,
    pub(super) options: bool,
    pub(super) share: Option<(u8, AllowedOrigin<V>)>,
}

/// Whom `Access-Control-Allow-Origin` names.
#[derive(Clone, Debug)]
pub(super) enum AllowedOrigin<V> {
    /// `*`
    Any,
    Origin(V),
}

impl<V: FieldValue> AllowedOrigin<V> {
    #[inline]
    pub(super) fn value(self, compiled: &Compiled) -> V {
        match self {
            AllowedOrigin::Any => V::from_policy(compiled.star.as_policy()),
            AllowedOrigin::Origin(origin) => origin,
        }
    }
}

/// The status of a refusal.
pub(super) const REFUSED: u16 = 403;

/// The headers of an answer, apart from `Vary` and `Content-Length`.
#[derive(Clone, Debug)]
pub(super) enum Fields<V> {
    None,
    Preflight { grant: u8, origin: V, methods: List<V>, headers: List<V> },
}

/// A list as it is answered.
#[derive(Clone, Debug)]
pub(super) enum List<V> {
    Policy,
    /// Rare, and in a box so that every decision is small.
    Echo(Box<V>),
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

impl<V> Decision<V> {
    /// Why enforcement would have refused the request; only in report mode.
    pub fn reported(&self) -> Option<Reason> {
        match self {
            Decision::Answer(_) => None,
            Decision::Forward(forward) => forward.reported,
        }
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

    /// How many headers [`apply`](Answer::apply) sets: a map that is made for one more may take twice the memory.
    pub fn header_count(&self) -> usize {
        let compiled = &*self.policy.0;
        let fields = match &self.fields {
            Fields::None => 0,
            Fields::Preflight { grant, methods, headers, .. } => {
                let ready = &compiled.compiled_grants[usize::from(*grant)];
                let max_age = matches!(self.verdict, Verdict::Granted { .. }) && ready.max_age.is_some();
                1 + usize::from(ready.credentials)
                    + methods.count(&ready.methods.text)
                    + headers.count(&ready.headers.text)
                    + usize::from(max_age)
            }
        };
        fields + usize::from(compiled.vary.is_some()) + usize::from(self.status != 204)
    }

    /// Sets the headers of the answer, none of which may be there.
    pub fn apply<H: ResponseHeaders<Value = V>>(self, to: &mut H) {
        let compiled = &*self.policy.0;
        if let Fields::Preflight { grant, origin, methods, headers } = self.fields {
            let ready = &compiled.compiled_grants[usize::from(grant)];
            to.add(ResponseField::AllowOrigin, origin);
            if ready.credentials {
                to.add(ResponseField::AllowCredentials, V::from_policy(compiled.true_text.as_policy()));
            }
            methods.add(to, ResponseField::AllowMethods, &ready.methods.text);
            headers.add(to, ResponseField::AllowHeaders, &ready.headers.text);
            if matches!(self.verdict, Verdict::Granted { .. }) {
                add_text(to, ResponseField::MaxAge, &ready.max_age);
            }
        }
        if let Some(vary) = &compiled.vary {
            let text = if self.exchange == Exchange::Preflight { &vary.options } else { &vary.simple };
            to.add(ResponseField::Vary, V::from_policy(text.as_policy()));
        }
        if self.status != 204 {
            to.add(ResponseField::ContentLength, V::from_policy(compiled.zero.as_policy()));
        }
    }

    /// Lends the headers that [`apply`](Answer::apply) sets, for what copies them anyway.
    #[inline]
    pub fn lend<'a>(&'a self, mut to: impl FnMut(ResponseField, &'a [u8]))
    where
        V: AsRef<[u8]>,
    {
        let compiled = &*self.policy.0;
        if let Fields::Preflight { grant, origin, methods, headers } = &self.fields {
            let ready = &compiled.compiled_grants[usize::from(*grant)];
            to(ResponseField::AllowOrigin, origin.as_ref());
            if ready.credentials {
                to(ResponseField::AllowCredentials, compiled.true_text.as_bytes());
            }
            if let Some(list) = methods.lend(&ready.methods.text) {
                to(ResponseField::AllowMethods, list);
            }
            if let Some(list) = headers.lend(&ready.headers.text) {
                to(ResponseField::AllowHeaders, list);
            }
            if let (Verdict::Granted { .. }, Some(text)) = (self.verdict, &ready.max_age) {
                to(ResponseField::MaxAge, text.as_bytes());
            }
        }
        if let Some(vary) = &compiled.vary {
            let text = if self.exchange == Exchange::Preflight { &vary.options } else { &vary.simple };
            to(ResponseField::Vary, text.as_bytes());
        }
        if self.status != 204 {
            to(ResponseField::ContentLength, compiled.zero.as_bytes());
        }
    }
}

impl Answer<HeaderValue> {
    /// The headers of the answer, as a map of their own. What most answers have in common is put together once, and
    /// copied.
    pub fn into_headers(self) -> HeaderMap {
        let compiled = &*self.policy.0;
        let common = match (&self.fields, self.verdict, self.exchange) {
            (
                Fields::Preflight { grant, methods: List::Policy, headers: List::Policy, .. },
                Verdict::Granted { .. },
                Exchange::Preflight,
            ) => &compiled.compiled_grants[usize::from(*grant)].granted,
            (Fields::None, Verdict::Refused(_), Exchange::Preflight) if self.status == REFUSED => {
                &compiled.refused
            }
            _ => return self.collected(),
        };
        let mut headers = common.get_or_init(|| self.clone().common()).clone();
        if let Fields::Preflight { origin, .. } = self.fields
            && let Some(there) = allow_origin_of(&mut headers)
        {
            *there = origin;
        }
        headers
    }

    /// The headers, with room for an origin.
    fn common(self) -> HeaderMap {
        let mut headers = self.collected();
        if let Some(origin) = headers.get_mut(ResponseField::AllowOrigin.name()) {
            *origin = HeaderValue::from_static("");
        }
        headers
    }

    fn collected(self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(self.header_count());
        self.apply(&mut headers);
        headers
    }
}

/// It was set first, so that it mostly need not be looked for.
#[inline]
fn allow_origin_of(headers: &mut HeaderMap) -> Option<&mut HeaderValue> {
    let name = ResponseField::AllowOrigin.name();
    if headers.keys().next() == Some(name) { headers.values_mut().next() } else { headers.get_mut(name) }
}

impl<V: FieldValue> List<V> {
    fn count(&self, text: &Option<Text>) -> usize {
        match self {
            List::Policy => usize::from(text.is_some()),
            List::Echo(_) => 1,
            List::None => 0,
        }
    }

    #[inline]
    fn lend<'a>(&'a self, text: &'a Option<Text>) -> Option<&'a [u8]>
    where
        V: AsRef<[u8]>,
    {
        match self {
            List::Policy => text.as_ref().map(Text::as_bytes),
            List::Echo(value) => Some((**value).as_ref()),
            List::None => None,
        }
    }

    fn add<H: ResponseHeaders<Value = V>>(self, to: &mut H, field: ResponseField, text: &Option<Text>) {
        match self {
            List::Policy => add_text(to, field, text),
            List::Echo(value) => to.add(field, *value),
            List::None => {}
        }
    }
}

#[inline]
fn add_text<H: ResponseHeaders>(to: &mut H, field: ResponseField, text: &Option<Text>) {
    if let Some(text) = text {
        to.add(field, FieldValue::from_policy(text.as_policy()));
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
        let mut there = ExistingHeaders::from_headers(to);
        let keep = compiled.settings.existing == Existing::Respect && there.allow_origin;
        if there.access_control && compiled.settings.existing == Existing::Replace {
            for field in ResponseField::ACCESS_CONTROL {
                to.remove(field);
            }
            there.access_control = false;
        }
        let corp = match &self.share {
            Some((grant, _)) => &compiled.compiled_grants[usize::from(*grant)].corp,
            None => &compiled.strictest,
        };
        set_text(to, ResponseField::CrossOriginResourcePolicy, corp);
        if let (Some((grant, origin)), false) = (self.share, keep) {
            let ready = &compiled.compiled_grants[usize::from(grant)];
            let origin = origin.value(compiled);
            match &ready.expose {
                Expose::Nothing => {}
                Expose::Listed(text) => {
                    there.set_field(to, ResponseField::ExposeHeaders, V::from_policy(text.as_policy()));
                }
                Expose::RealNames => {
                    if let Some(names) = real_names(to) {
                        there.set_field(to, ResponseField::ExposeHeaders, names);
                    }
                }
            }
            if ready.timing {
                to.set(ResponseField::TimingAllowOrigin, origin.clone());
            }
            if ready.credentials {
                let value = V::from_policy(compiled.true_text.as_policy());
                there.set_field(to, ResponseField::AllowCredentials, value);
            }
            there.set_field(to, ResponseField::AllowOrigin, origin);
        }
        if let Some(vary) = &compiled.vary {
            let text = if self.options { &vary.options } else { &vary.simple };
            if there.vary {
                vary::merge(to, text);
            } else {
                to.add(ResponseField::Vary, V::from_policy(text.as_policy()));
            }
        }
    }
}

/// Which headers of interest a response has already.
#[derive(Default)]
struct ExistingHeaders {
    access_control: bool,
    allow_origin: bool,
    vary: bool,
}

impl ExistingHeaders {
    #[inline]
    fn from_headers<H: ResponseHeaders>(headers: &H) -> ExistingHeaders {
        let mut there = ExistingHeaders::default();
        for name in headers.names() {
            if name.len() == 4 {
                there.vary |= name == b"vary";
            } else if name.starts_with(b"access-control-") {
                there.access_control = true;
                there.allow_origin |= name == b"access-control-allow-origin";
            }
        }
        there
    }

    /// Sets an `Access-Control-…` header.
    #[inline]
    fn set_field<H: ResponseHeaders>(&self, to: &mut H, field: ResponseField, value: H::Value) {
        if self.access_control { to.set(field, value) } else { to.add(field, value) }
    }
}

/// The names of a response's headers, for a browser that takes `*` for a name.
fn real_names<H: ResponseHeaders>(headers: &H) -> Option<H::Value> {
    let mut names: Vec<&[u8]> = headers.names().filter(|name| is_worth_exposing(name)).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { None } else { FieldValue::from_text(Bytes::from(names.join(&b", "[..]))) }
}

fn is_worth_exposing(name: &[u8]) -> bool {
    !name.starts_with(b"access-control-")
        && headers::HeaderName::from_bytes(name).is_ok_and(|name| {
            !headers::response::is_forbidden(&name) && !headers::response::is_safelisted(&name)
        })
}
