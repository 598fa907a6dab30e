//! Why the policy decides as it does: the rule that decided, or the one that came nearest.

use std::fmt;

use super::decision::{Decision, Verdict};
use super::grant::Grant;
use super::lists::Extent;
use super::origin_error::origin_error;
use super::pattern::{Label, Pattern, Ports, Shape};
use super::policy::Policy;
use super::view::{FieldLine, RequestField, RequestView};
use super::wire::WireOrigin;
use crate::headers::grammar::trim;
use crate::origin::Shortened;
use crate::reason::{Exchange, Reason};

/// Why the policy decides about a request as it does. Displays as a few sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What the policy says.
    pub verdict: Verdict,
    /// Whether the request is a preflight.
    pub exchange: Exchange,
    /// The line of the policy that named the origin.
    pub rule: Option<Rule>,
    /// What was not granted, and what came nearest to granting it.
    pub miss: Option<NearMiss>,
}

/// A line of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which grant, counted from 0.
    pub grant: usize,
    /// Where in the policy: `grant[0].allow_origins[2]`.
    pub path: String,
    /// What stands there.
    pub text: String,
}

/// What came nearest, and what is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// What the request has.
    pub asked: String,
    /// The nearest line of the policy, if anything is near.
    pub rule: Option<Rule>,
    /// What is different, in a sentence.
    pub difference: String,
}

impl Policy {
    /// Explains the decision about a request. Reads the whole policy; not for every request.
    pub fn explain<R: RequestView>(&self, request: &R) -> Explanation {
        let decision = self.decide(request);
        let (verdict, exchange) = (decision.verdict(), decision.exchange());
        let refused = match (&decision, verdict) {
            (_, Verdict::Refused(reason)) => Some(reason),
            (Decision::Forward(forward), _) => forward.reported(),
            _ => None,
        };
        let origin = request.lines(RequestField::Origin).next().map(|line| text_of(line.as_bytes()));
        let rule = origin.as_deref().and_then(|origin| self.rule_for(origin));
        let miss = refused.and_then(|reason| self.miss(request, reason, origin.as_deref(), rule.as_ref()));
        let rule = if matches!(refused, Some(Reason::OriginRepeated)) { None } else { rule };
        Explanation { verdict, exchange, rule, miss }
    }

    /// The line that makes a grant decide for an origin.
    fn rule_for(&self, origin: &str) -> Option<Rule> {
        let found = self.0.matcher.find(origin.as_bytes())?;
        let at = usize::from(found.grant);
        self.0.grants[at].rules(at).find(|rule| names(&rule.text, origin))
    }

    fn miss<R: RequestView>(
        &self,
        request: &R,
        reason: Reason,
        origin: Option<&str>,
        rule: Option<&Rule>,
    ) -> Option<NearMiss> {
        match reason {
            Reason::MethodNotGranted => self.method_miss(request, rule?.grant),
            Reason::HeadersNotGranted | Reason::AuthorizationNotGranted => {
                self.header_miss(request, rule?.grant)
            }
            Reason::OriginNotGranted | Reason::NullNotGranted => Some(self.origin_miss(origin?)),
            Reason::OriginRepeated | Reason::RequestMethodMalformed | Reason::HeadersOverBudget => {
                let difference = reason.message().to_owned();
                Some(NearMiss { asked: origin.unwrap_or_default().to_owned(), rule: None, difference })
            }
            _ => None,
        }
    }

    fn method_miss<R: RequestView>(&self, request: &R, grant: usize) -> Option<NearMiss> {
        let asked = match request.lines(RequestField::RequestMethod).next() {
            Some(line) if request.method() == "OPTIONS" => text_of(line.as_bytes()),
            _ => request.method().to_owned(),
        };
        let methods = &self.0.compiled_grants[grant].methods;
        let near = methods.list().find(|method| method.eq_ignore_ascii_case(&asked));
        let difference = match near {
            Some(near) => format!("{near} is granted, and methods are compared to the byte"),
            None => format!(
                "the grant has {}",
                listed(methods.list().collect(), "no methods beyond GET, HEAD and POST")
            ),
        };
        let rule = near.map(|near| Rule::new(grant, format!("grant[{grant}].allow_methods"), near));
        Some(NearMiss { asked, rule, difference })
    }

    fn header_miss<R: RequestView>(&self, request: &R, grant: usize) -> Option<NearMiss> {
        let headers = &self.0.compiled_grants[grant].headers;
        let lines: Vec<&[u8]> =
            request.lines(RequestField::RequestHeaders).map(FieldLine::as_bytes).collect();
        let names = lines.iter().flat_map(|line| line.split(|&b| b == b',')).map(trim);
        let asked = names.map(text_of).find(|name| {
            !name.is_empty()
                && headers.judge(std::iter::once(name.as_bytes())) != super::lists::HeadersMatch::PLAIN
        })?;
        let near = headers.names().find(|there| is_near(there, &asked.to_ascii_lowercase()));
        let difference = match near {
            _ if headers.extent != Extent::Listed => {
                "* does not cover Authorization; list it beside the *".to_owned()
            }
            Some(near) => format!("did you mean {near}?"),
            None => format!("the grant has {}", listed(headers.names().collect(), "no request headers")),
        };
        let rule = near.map(|near| Rule::new(grant, format!("grant[{grant}].allow_headers"), near));
        Some(NearMiss { asked, rule, difference })
    }

    fn origin_miss(&self, origin: &str) -> NearMiss {
        let asked = origin.to_owned();
        let rules = || self.0.grants.iter().enumerate().flat_map(|(at, grant)| grant.rules(at));
        if origin == "null" {
            let difference =
                "a sandboxed frame, a local file or a redirect across origins has made it null".to_owned();
            return NearMiss { asked, rule: None, difference };
        }
        let denied = |at: usize| self.0.grants[at].denials(at).find(|rule| names(&rule.text, origin));
        if let Some(rule) =
            rules().filter(|rule| names(&rule.text, origin)).find_map(|rule| denied(rule.grant))
        {
            return NearMiss {
                asked,
                rule: Some(rule),
                difference: "it is taken out of the grant that names it".to_owned(),
            };
        }
        let Some(parts) = WireOrigin::parse(origin.as_bytes()) else {
            let error = origin_error(origin);
            let difference = match &error {
                Some(error) => error.to_string(),
                None => "no browser would send this as an origin".to_owned(),
            };
            let mended = error.and_then(|error| error.mended);
            let rule = mended.and_then(|mended| self.rule_for(&mended));
            return NearMiss { asked, rule, difference };
        };
        let nearest = rules()
            .filter_map(|rule| difference(&rule.text, &parts).map(|(rank, text)| (rank, rule, text)))
            .min_by_key(|(rank, _, _)| *rank);
        match nearest {
            Some((_, rule, difference)) => NearMiss { asked, rule: Some(rule), difference },
            None => NearMiss { asked, rule: None, difference: "no line of the policy is near it".to_owned() },
        }
    }
}

impl Rule {
    fn new(grant: usize, path: String, text: &str) -> Rule {
        Rule { grant, path, text: text.to_owned() }
    }
}

impl Grant {
    fn rules(&self, at: usize) -> impl Iterator<Item = Rule> {
        let origins = self.allow_origins.iter().enumerate();
        origins.map(move |(nth, text)| Rule::new(at, format!("grant[{at}].allow_origins[{nth}]"), text))
    }

    fn denials(&self, at: usize) -> impl Iterator<Item = Rule> {
        let origins = self.deny_origins.iter().enumerate();
        origins.map(move |(nth, text)| Rule::new(at, format!("grant[{at}].deny_origins[{nth}]"), text))
    }
}

/// Whether a pattern names an origin: the definition, without the tree.
pub(super) fn names(pattern: &str, origin: &str) -> bool {
    match Pattern::parse(pattern) {
        Ok(Pattern::Any) => true,
        Ok(Pattern::Null) => origin == "null",
        Ok(Pattern::Exact(exact)) => exact.text == origin,
        Ok(Pattern::Shape(shape)) => {
            WireOrigin::parse(origin.as_bytes()).is_some_and(|origin| shape.matches(&origin))
        }
        Err(_) => false,
    }
}

/// How an origin differs from a pattern, if by little; the smaller the number, the nearer.
fn difference(pattern: &str, origin: &WireOrigin<'_>) -> Option<(u8, String)> {
    let shape = match Pattern::parse(pattern).ok()? {
        Pattern::Shape(shape) => shape,
        Pattern::Exact(exact) => {
            let parts = WireOrigin::parse(exact.text.as_bytes())?;
            Shape {
                scheme: parts.scheme.into(),
                deep: false,
                labels: parts.host.split('.').map(|label| Label::Text(label.into())).collect(),
                ports: Ports::One(parts.port),
            }
        }
        _ => return None,
    };
    let scheme = *shape.scheme == *origin.scheme;
    let port = shape.ports.contains(origin.port, origin.scheme.as_bytes());
    let host = shape.names_host(origin.host);
    let port_text =
        |port: Option<u16>| port.map_or("the default port".to_owned(), |port| format!("port {port}"));
    match (scheme, host, port) {
        (false, true, true) => {
            Some((0, format!("the scheme differs: {}, not {}", origin.scheme, shape.scheme)))
        }
        (true, true, false) => {
            let wanted = match &shape.ports {
                Ports::One(port) => port_text(*port),
                _ => "one of the pattern's ports".to_owned(),
            };
            Some((1, format!("the port differs: {}, not {wanted}", port_text(origin.port))))
        }
        (false, true, false) => {
            Some((2, format!("scheme and port differ: {} and {}", origin.scheme, port_text(origin.port))))
        }
        (true, false, true) => host_difference(&shape, origin.host),
        _ => None,
    }
}

fn host_difference(shape: &Shape, host: &str) -> Option<(u8, String)> {
    let shortest = Shape { deep: false, ..shape.clone() };
    if shape.deep && shortest.names_host(host) {
        return Some((3, "*. stands for one label or more, and here is none".to_owned()));
    }
    let deeper = Shape { deep: true, ..shape.clone() };
    if !shape.deep && deeper.names_host(host) {
        return Some((4, "it is a subdomain, and the pattern names none".to_owned()));
    }
    let wanted = shape.to_string();
    let wanted = wanted.split_once("://").map_or("", |(_, rest)| rest);
    let wanted = wanted.split(':').next().unwrap_or_default();
    is_near(wanted, host).then(|| (5, format!("the host differs: {host}, not {wanted}")))
}

impl Shape {
    fn names_host(&self, host: &str) -> bool {
        let origin = WireOrigin { scheme: &self.scheme, host, port: None, kind: super::wire::HostKind::Name };
        Shape { ports: Ports::Any, ..self.clone() }.matches(&origin)
    }
}

/// At most two letters apart, and not all of a short word.
fn is_near(a: &str, b: &str) -> bool {
    let far = a.len().abs_diff(b.len()) > 2 || a.len() > 253 || a == b;
    !far && super::distance::distance(a, b) <= 2.min(a.len() / 4)
}

fn listed(texts: Vec<&str>, none: &str) -> String {
    if texts.is_empty() { none.to_owned() } else { texts.join(", ") }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.verdict {
            Verdict::NotCors => f.write_str("The request has no Origin: CORS has no say.")?,
            Verdict::SameOrigin => f.write_str("The request comes from the server's own origin.")?,
            Verdict::Granted { grant } => write!(f, "Granted by grant[{grant}].")?,
            Verdict::Refused(reason) => write!(f, "Refused ({}): {}", reason.code(), reason.message())?,
        }
        if let Some(rule) = &self.rule {
            write!(f, " The origin is named by {} ('{}').", rule.path, Shortened(&rule.text))?;
        }
        if let Some(miss) = &self.miss {
            write!(f, " '{}': {}", Shortened(&miss.asked), miss.difference)?;
            match &miss.rule {
                Some(rule) => write!(f, " (nearest: {} '{}').", rule.path, Shortened(&rule.text))?,
                None => f.write_str(".")?,
            }
        }
        Ok(())
    }
}
