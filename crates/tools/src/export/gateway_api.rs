//! Gateway API: an `HTTPRoute` with a CORS filter for each grant.

use super::Exported;
use super::line::CORS_NAMES;
use super::loss::{Loss, Weight, left_out};
use super::plan::{Entry, Expose, List, Origins, Plan};
use super::yaml::{Map, Node};

/// How many origins, headers or matches one list holds.
const MOST: usize = 64;
/// How many rules a route holds.
const MOST_RULES: usize = 16;
/// How many matches the rules of a route hold together.
const MOST_MATCHES: usize = 128;

/// The methods that `allowMethods` knows, of those that a script can ask for.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];

pub(super) fn export(plan: &Plan, source: &str) -> Exported {
    let mut losses = plan.losses.clone();
    losses.extend(plan.expose_all());
    for (code, message) in [
        (
            "existing",
            "What the application says of CORS itself may stay in a rule with the filter, where it is left to the gateway: have it say nothing.",
        ),
        (
            "preflight-status",
            "Which status a preflight is answered with, granted or refused, is left to the gateway.",
        ),
        (
            "vary",
            "Vary is added to the application's responses; whether the gateway's own answers have it is left to the gateway.",
        ),
    ] {
        losses.push(Loss::new(code, Weight::Differs, message));
    }
    let rules = Rules { plan, losses: &mut losses }.all();
    let comment = format!(
        "# CORS, written by `crossing export {source} --to gateway-api`. Edit the policy, not this file.\n\
         #\n\
         # For a gateway that supports HTTPRouteCORS. Set the names of your gateway and of your service.\n"
    );
    let spec = Map::default()
        .with("parentRefs", Node::List(vec![Map::default().with_text("name", "gateway").node()]))
        .with("rules", Node::List(rules));
    let document = Map::default()
        .with_text("apiVersion", "gateway.networking.k8s.io/v1")
        .with_text("kind", "HTTPRoute")
        .with("metadata", Map::default().with_text("name", "application").node())
        .with("spec", spec.node());
    Exported { config: format!("{comment}{}", document.node().document()), losses }
}

/// The rules of the route; the first whose headers match is taken.
struct Rules<'p> {
    plan: &'p Plan,
    losses: &'p mut Vec<Loss>,
}

impl Rules<'_> {
    fn all(mut self) -> Vec<Node> {
        let grants = &self.plan.grants;
        // One grant alone needs no telling apart: the filter knows its origins.
        let apart = grants.len() > 1 || grants.iter().any(|grant| !grant.deny.is_empty());
        let (mut rules, mut matches, mut fallback) = (Vec::new(), 0, false);
        for (nth, grant) in grants.iter().enumerate() {
            let denied = self.matches(nth, "deny_origins", &grant.deny, Weight::Loosens);
            if !denied.is_empty() && nth + 1 < grants.len() {
                self.lose("deny", Weight::Tightens, format!("grant[{nth}].deny_origins: an origin that is taken out of this grant belongs to no later one."));
            }
            let Some((origins, allowed)) = self.origins(nth, grant) else { continue };
            let wanted = match apart && !grant.everybody {
                true => self.matches(nth, "allow_origins", &allowed, left_out(nth, grants.len())),
                false => Vec::new(),
            };
            if rules.len() + 3 > MOST_RULES || matches + denied.len() + wanted.len() > MOST_MATCHES {
                self.lose(
                    "too-many",
                    Weight::Tightens,
                    format!(
                        "grant[{nth}]: a route has no room for it, and it is left out, with those after it."
                    ),
                );
                break;
            }
            matches += denied.len() + wanted.len();
            if !denied.is_empty() {
                rules.push(self.rule(None, Some(denied), format!("What grant {nth} does not cover.")));
            }
            fallback |= wanted.is_empty();
            let filter = self.cors(nth, grant, &origins);
            let wanted = (!wanted.is_empty()).then_some(wanted);
            rules.push(self.rule(Some((grant, filter)), wanted, format!("Grant {nth}.")));
        }
        if !fallback {
            rules.push(self.rule(None, None, "Everything else.".to_owned()));
        }
        rules
    }

    fn lose(&mut self, code: &'static str, weight: Weight, message: String) {
        self.losses.push(Loss::new(code, weight, message));
    }

    /// Headers that tell requests of these origins from others.
    fn matches(&mut self, nth: usize, key: &str, all: &[Origins], weight: Weight) -> Vec<Node> {
        if all.len() > MOST {
            self.lose(
                "too-many",
                weight,
                format!("grant[{nth}].{key}: a rule holds {MOST} matches, and the others are left out."),
            );
        }
        if all.iter().any(|origins| !origins.is_exact())
            && !self.losses.iter().any(|loss| loss.code == "matches")
        {
            self.lose("matches", Weight::Differs, format!("grant[{nth}].{key}: matching a header by a regular expression is left to the gateway; see that yours does it."));
        }
        let matches = all.iter().take(MOST).map(|origins| {
            let (kind, value) = match origins.is_exact() {
                true => ("Exact", &origins.pattern),
                false => ("RegularExpression", &origins.regex),
            };
            let header =
                Map::default().with_text("type", kind).with_text("name", "Origin").with_text("value", value);
            Map::default().with("headers", Node::List(vec![header.node()])).node()
        });
        matches.collect()
    }

    /// The grant's origins as the filter has them, and those lines of the grant that they come from; `None` without any.
    fn origins(&mut self, nth: usize, grant: &Entry) -> Option<(Vec<String>, Vec<Origins>)> {
        let (mut texts, mut lines) = (Vec::new(), Vec::new());
        let weight = left_out(nth, self.plan.grants.len());
        for origins in &grant.allow {
            let written = written(&origins.pattern);
            if written.is_empty() {
                self.lose(
                    "origin",
                    weight,
                    format!(
                        "grant[{nth}].allow_origins: a gateway has no word for {}, and it is left out.",
                        origins.pattern
                    ),
                );
            } else if texts.len() + written.len() > MOST {
                self.lose(
                    "too-many",
                    weight,
                    format!(
                        "grant[{nth}].allow_origins: a filter holds {MOST} origins, and {} is left out.",
                        origins.pattern
                    ),
                );
            } else {
                texts.extend(written);
                lines.push(origins.clone());
            }
        }
        (!texts.is_empty()).then_some((texts, lines))
    }

    /// The CORS filter.
    fn cors(&mut self, nth: usize, grant: &Entry, origins: &[String]) -> Node {
        let expose: Option<&[String]> = match &grant.expose {
            Expose::Nothing | Expose::RealNames => None,
            Expose::Names(names) => Some(names),
            Expose::Star => Some(&[]),
        };
        let max_age = grant.max_age.map(|seconds| {
            if seconds == 0 {
                self.lose(
                    "max-age",
                    Weight::Differs,
                    format!("grant[{nth}].max_age: the least is one second."),
                );
            }
            Node::Number(seconds.max(1))
        });
        let methods = self.methods(nth, grant);
        let headers = self.headers(nth, grant);
        let expose = expose.map(|names| match names {
            [] => Node::texts(["*"]),
            names => self.names(nth, "expose_headers", names),
        });
        let cors = Map::default()
            .with("allowOrigins", Node::texts(origins.iter().map(String::as_str)))
            .with_some("allowCredentials", grant.credentials.then_some(Node::Yes))
            .with_some("allowMethods", methods)
            .with_some("allowHeaders", headers)
            .with_some("exposeHeaders", expose)
            .with_some("maxAge", max_age);
        Map::default().with_text("type", "CORS").with("cors", cors.node()).node()
    }

    fn methods(&mut self, nth: usize, grant: &Entry) -> Option<Node> {
        if let List::Star { .. } = grant.methods {
            return Some(Node::texts(["*"]));
        }
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            grant.methods.names().iter().map(String::as_str).partition(|name| METHODS.contains(name));
        for method in unknown {
            self.lose(
                "method",
                Weight::Tightens,
                format!(
                    "grant[{nth}].allow_methods: a gateway has no word for {method}, and it is left out."
                ),
            );
        }
        (!known.is_empty()).then(|| Node::texts(known))
    }

    fn headers(&mut self, nth: usize, grant: &Entry) -> Option<Node> {
        match &grant.headers {
            List::None => None,
            List::Names(names) => Some(self.names(nth, "allow_headers", names)),
            List::Star { authorization } => {
                match (authorization, grant.credentials) {
                    (false, _) => self.lose("authorization", Weight::Loosens, format!("grant[{nth}].allow_headers: a gateway may answer * with every name that was asked for, Authorization included.")),
                    (true, false) => self.lose("authorization", Weight::Tightens, format!("grant[{nth}].allow_headers: a gateway may answer with * alone, which does not stand for Authorization.")),
                    (true, true) => {}
                }
                Some(Node::texts(["*"]))
            }
        }
    }

    fn names(&mut self, nth: usize, key: &str, names: &[String]) -> Node {
        if names.len() > MOST {
            self.lose(
                "too-many",
                Weight::Tightens,
                format!("grant[{nth}].{key}: a filter holds {MOST} names, and the others are left out."),
            );
        }
        Node::texts(names.iter().take(MOST).map(String::as_str))
    }

    fn rule(&mut self, grant: Option<(&Entry, Node)>, matches: Option<Vec<Node>>, comment: String) -> Node {
        let header =
            |name: &str, value: &str| Map::default().with_text("name", name).with_text("value", value).node();
        // A rule without matches is also for requests that belong to no grant.
        let embedding = match (&grant, &matches) {
            (Some((grant, _)), Some(_)) => grant.embedding,
            _ => self.plan.strictest,
        };
        let mut set: Vec<Node> =
            embedding.map(|it| header("Cross-Origin-Resource-Policy", it)).into_iter().collect();
        // Beside the filter, it would be left to the gateway which comes first.
        let remove = grant.is_none().then(|| Node::texts(CORS_NAMES));
        let mut filters = Vec::new();
        if let Some((grant, filter)) = grant {
            filters.push(filter);
            match (grant.timing, grant.everybody) {
                (true, true) => set.push(header("Timing-Allow-Origin", "*")),
                (true, false) => self.lose(
                    "timing",
                    Weight::Tightens,
                    "Timing-Allow-Origin cannot name the origin, and is left out.".to_owned(),
                ),
                (false, _) => {}
            }
        }
        // A gateway may name the origin even where it could say *.
        let modifier = Map::default()
            .with("add", Node::List(vec![header("Vary", "Origin")]))
            .with_some("set", (!set.is_empty()).then_some(Node::List(set)))
            .with_some("remove", remove);
        filters.push(
            Map::default()
                .with_text("type", "ResponseHeaderModifier")
                .with("responseHeaderModifier", modifier.node())
                .node(),
        );
        let backend = Map::default().with_text("name", "application").with("port", Node::Number(3000));
        let first = if matches.is_some() { "matches" } else { "filters" };
        let mut rule = Map::default();
        if let Some(matches) = matches {
            rule = rule.with(first, Node::List(matches)).said(&comment).with("filters", Node::List(filters));
        } else {
            rule = rule.with(first, Node::List(filters)).said(&comment);
        }
        rule.with("backendRefs", Node::List(vec![backend.node()])).node()
    }
}

/// A pattern in the words of `allowOrigins`; nothing, if there are none for it.
fn written(pattern: &str) -> Vec<String> {
    if pattern == "*" {
        return vec!["*".to_owned()];
    }
    let Some((scheme, rest)) = pattern.split_once("://") else { return Vec::new() };
    let (host, ports) = match rest.split_once(':') {
        Some((host, ports)) => (host, ports_of(ports, scheme)),
        None => (rest, Some(vec![None])),
    };
    let name = host.strip_prefix("*.").unwrap_or(host);
    let plain =
        name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'));
    let (true, true, Some(ports)) = (matches!(scheme, "http" | "https"), plain, ports) else {
        return Vec::new();
    };
    let texts = ports.into_iter().map(|port| match port {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    });
    let texts: Vec<String> = texts.collect();
    if texts.iter().any(|text| text.len() > 253) { Vec::new() } else { texts }
}

/// The ports of a pattern, one by one; `None` for any port, and for more than a filter holds.
fn ports_of(text: &str, scheme: &str) -> Option<Vec<Option<u16>>> {
    let set = match text.strip_prefix('{') {
        Some(set) => set.strip_suffix('}')?,
        None => text,
    };
    let default = if scheme == "https" { 443 } else { 80 };
    let mut ports: Vec<Option<u16>> = Vec::new();
    for range in set.split(',') {
        let (from, to) = range.trim().split_once('-').unwrap_or((range.trim(), range.trim()));
        let (from, to): (u16, u16) = (from.parse().ok()?, to.parse().ok()?);
        if usize::from(to.saturating_sub(from)) >= MOST {
            return None;
        }
        for port in from..=to {
            let port = (port != default).then_some(port);
            if !ports.contains(&port) {
                ports.push(port);
            }
        }
    }
    Some(ports)
}
