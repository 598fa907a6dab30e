//! From a builder to a policy: checks everything, and lays out what deciding needs.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use http::HeaderMap;

use super::check::{self, Report};
use super::diagnostic::{Diagnostic, PolicyErrors};
use super::grant::{CrossOriginResourcePolicy, Grant};
use super::lists::{Expose, Methods, RequestHeaders, Text};
use super::matcher::{Grants, Hits, Matcher, Side, Tree};
use super::pattern::{Pattern, Shape};
use super::policy::{Policy, PolicyBuilder, Settings};
use super::problem::Problem;

/// A policy, ready to decide, and the options it was built from.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) settings: Settings,
    pub(super) grants: Vec<Grant>,
    pub(super) varies_on: Vec<String>,
    /// The grant whose origins are looked up.
    pub(super) looked_up: Option<u8>,
    pub(super) warnings: Vec<Diagnostic>,
    pub(super) matcher: Matcher,
    pub(super) compiled_grants: Vec<CompiledGrant>,
    /// The first grant is for everybody: one answer for all, to be sent always.
    pub(super) constant: bool,
    /// `None` when no answer varies.
    pub(super) vary: Option<Vary>,
    pub(super) star: Text,
    pub(super) true_text: Text,
    pub(super) zero: Text,
    /// What a refused preflight is answered with.
    pub(super) refused: OnceLock<HeaderMap>,
    /// For a response that belongs to no grant: the strictest that any grant names.
    pub(super) strictest: Option<Text>,
}

/// What the responses vary on.
#[derive(Debug)]
pub(super) struct Vary {
    pub(super) simple: Text,
    pub(super) options: Text,
}

impl Vary {
    fn on(more: &[String]) -> Option<Vary> {
        let simple = "Origin";
        let options = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
        if more.is_empty() {
            return Some(Vary { simple: Text::new(simple)?, options: Text::new(options)? });
        }
        let more = more.join(", ");
        Some(Vary {
            simple: Text::new(format!("{simple}, {more}"))?,
            options: Text::new(format!("{options}, {more}"))?,
        })
    }
}

/// A grant, laid out for deciding.
#[derive(Debug)]
pub(super) struct CompiledGrant {
    pub(super) star: bool,
    pub(super) credentials: bool,
    pub(super) methods: Methods,
    pub(super) headers: RequestHeaders,
    pub(super) expose: Expose,
    pub(super) max_age: Option<Text>,
    pub(super) timing: bool,
    pub(super) corp: Option<Text>,
    /// What a granted preflight is answered with; any origin stands in it.
    pub(super) granted: OnceLock<HeaderMap>,
}

impl CompiledGrant {
    fn from_grant(grant: &Grant) -> CompiledGrant {
        CompiledGrant {
            star: grant.allow_origins.iter().any(|origin| origin == "*"),
            credentials: grant.allow_credentials,
            methods: Methods::from_grant(grant),
            headers: RequestHeaders::from_grant(grant),
            expose: Expose::from_grant(grant),
            max_age: grant.max_age.and_then(|seconds| Text::new(seconds.to_string().into_bytes())),
            timing: grant.timing_allow_origin,
            corp: grant.cross_origin_resource_policy.and_then(corp_text),
            granted: OnceLock::new(),
        }
    }
}

fn corp_text(policy: CrossOriginResourcePolicy) -> Option<Text> {
    Text::new(policy.as_str())
}

pub(super) fn compile(builder: PolicyBuilder) -> Result<Policy, PolicyErrors> {
    let mut report = Report::default();
    let matcher = check::policy(&builder, &mut report);
    let PolicyBuilder { settings, grants, varies_on } = builder;
    if report.has_errors() {
        return Err(PolicyErrors::new(report.into_diagnostics()));
    }
    let compiled_grants: Vec<CompiledGrant> = grants.iter().map(CompiledGrant::from_grant).collect();
    let constant = compiled_grants.first().is_some_and(|first| first.star)
        && grants.first().is_some_and(|g| g.deny_origins.is_empty());
    let vary = if constant { None } else { Vary::on(&varies_on) };
    let strictest =
        grants.iter().filter_map(|grant| grant.cross_origin_resource_policy).min().and_then(corp_text);
    Ok(Policy(Arc::new(Compiled {
        settings,
        looked_up: grants.iter().position(|grant| grant.looked_up).and_then(|at| u8::try_from(at).ok()),
        grants,
        varies_on,
        warnings: report.into_diagnostics(),
        matcher,
        compiled_grants,
        constant,
        vary,
        star: Text::fixed("*"),
        true_text: Text::fixed("true"),
        zero: Text::fixed("0"),
        refused: OnceLock::new(),
        strictest,
    })))
}

/// The origins of all grants, understood.
#[derive(Default)]
pub(super) struct Origins {
    tree: Tree,
    any: Hits,
    denied: HashMap<String, Grants>,
    /// Where under `allow_origins` one origin is spelled out: grant and line.
    exact: Vec<(u8, u32)>,
}

impl Origins {
    /// Takes note of a pattern.
    pub(super) fn note(&mut self, pattern: &Pattern<'_>, grant: u8, nth: usize, side: Side) {
        match (pattern, side) {
            (Pattern::Any, Side::Allow) => self.any.allow |= 1 << grant,
            (Pattern::Any, Side::Deny) => self.any.deny |= 1 << grant,
            (Pattern::Shape(shape), _) => self.tree.insert(shape, grant, side),
            (Pattern::Exact(_) | Pattern::Null, Side::Allow) => {
                self.exact.extend(u32::try_from(nth).map(|nth| (grant, nth)));
            }
            (Pattern::Exact(_) | Pattern::Null, Side::Deny) => {
                let text = if let Pattern::Exact(exact) = pattern { exact.text } else { "null" };
                *self.denied.entry(text.to_owned()).or_default() |= 1 << grant;
            }
        }
    }

    /// The grants that have one pattern for everything that this shape names, or for all origins.
    pub(super) fn covering(&self, shape: Option<&Shape>) -> Grants {
        self.any.allow | shape.map_or(0, |shape| self.tree.covering(shape))
    }

    /// Lays out the origins that are spelled out, and reports those that are never reached.
    pub(super) fn matcher(self, grants: &[Grant], report: &mut Report) -> Matcher {
        let homes = grants.iter().map(|grant| grant.allow_origins.backing().clone()).collect();
        let mut matcher = Matcher::new(self.any, self.tree, homes, self.exact.len() + self.denied.len());
        for (grant, nth) in self.exact {
            let (at, nth) = (usize::from(grant), nth as usize);
            let texts = &grants[at].allow_origins;
            let text = texts.get(nth);
            let deny = self.denied.get(text).copied().unwrap_or(0);
            let value = texts.backing().slice_ref(text.as_bytes());
            match matcher.insert(value, Some(grant), Hits { allow: 1 << at, deny }) {
                (Some(now), _) if now < grant => {
                    report.origin(Problem::ShadowedOrigin, at, "allow_origins", nth, text);
                }
                (Some(now), Some(before)) if now == before => {
                    report.origin(Problem::Duplicate, at, "allow_origins", nth, text);
                }
                _ => {}
            }
        }
        for (text, deny) in self.denied {
            let value = bytes::Bytes::from(text.into_bytes());
            matcher.insert(value, None, Hits { allow: 0, deny });
        }
        matcher
    }
}
