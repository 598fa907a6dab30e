//! Runs the audits, some at a time.

use std::net::IpAddr;
use std::sync::Arc;

use crossing::origin::is_loopback_host;
use crossing_agent::{Agent, BuildError, Limits};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

use super::class::Class;
use super::evidence::Evidence;
use super::findings::{Finding, Scene};
use super::judge::{self, location};
use super::plan::Plan;
use super::probe::{Asker, Exchange, Probe, Shape};
use super::report::Audited;
use super::sender::{LARGEST_BODY, Pace, Sender, Unanswered};
use super::settings::Settings;
use super::target::{AddressSpace, Target};
use crate::check::plan::Certificates;

/// How many redirects are followed, on the same host.
const MOST_HOPS: usize = 4;

/// How many probes may fail before a server counts as unreachable.
const MOST_FAILURES: u32 = 5;

/// Audits every target; the order is that of the targets.
pub(crate) async fn all(settings: &Settings) -> Result<Vec<Audited>, BuildError> {
    let agent = agent(settings)?;
    let pace = Pace::new(settings.rate);
    let plans: Vec<Plan> =
        settings.targets.iter().map(|target| Plan::new(target, settings.repeat, settings.safety)).collect();
    let bar = bar(&plans, settings.most);
    let addresses = Arc::new(settings.addresses.clone());
    let mut waiting = settings.targets.iter().cloned().zip(plans).enumerate();
    let mut running = JoinSet::new();
    let mut audited: Vec<(usize, Audited)> = Vec::new();
    loop {
        while running.len() < settings.jobs {
            let Some((at, (target, plan))) = waiting.next() else { break };
            let sender = Sender {
                agent: agent.clone(),
                pace: pace.clone(),
                left: settings.most,
                unsent: 0,
                bar: bar.clone(),
            };
            let addresses = addresses.clone();
            running.spawn(async move {
                let space = space_of(&target, |host| addresses.get(host).copied()).await;
                (at, one(target, space, plan, sender).await)
            });
        }
        match running.join_next().await {
            // An audit that panicked is a bug, and is not passed over in silence.
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Some(Err(_)) => {}
            Some(Ok(done)) => audited.push(done),
            None => break,
        }
    }
    bar.finish_and_clear();
    audited.sort_by_key(|(at, _)| *at);
    Ok(audited.into_iter().map(|(_, audited)| audited).collect())
}

/// What asks.
pub(super) fn agent(settings: &Settings) -> Result<Agent, BuildError> {
    let timeout = settings.timeout;
    let limits = Limits::default().connect(timeout).head(timeout).total(timeout).body(LARGEST_BODY);
    let mut builder = Agent::builder().limits(limits);
    for to in &settings.resolve {
        builder = builder.resolve(to.clone());
    }
    match &settings.certificates {
        Certificates::Platform => builder,
        Certificates::File(file) => builder.ca_file(file),
        Certificates::Any => builder.dangerously_accept_any_certificate(),
    }
    .build()
}

/// On a terminal; elsewhere nothing is drawn.
fn bar(plans: &[Plan], most: u32) -> ProgressBar {
    let requests = plans.iter().map(|plan| plan.iter().count().min(most as usize) as u64).sum();
    let style = ProgressStyle::with_template(" {bar:30} {pos}/{len} requests, {eta} left");
    ProgressBar::new(requests).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Where the target's address lies; public where nobody can say.
async fn space_of(target: &Target, given: impl Fn(&str) -> Option<IpAddr>) -> AddressSpace {
    let Some(host) = target.url.host_str() else { return AddressSpace::Public };
    if is_loopback_host(host) {
        return AddressSpace::Loopback;
    }
    let plain = host.trim_matches(['[', ']']);
    if let Some(address) = given(host).or_else(|| plain.parse().ok()) {
        return AddressSpace::of(address);
    }
    let port = target.url.port_or_known_default().unwrap_or(443);
    match tokio::net::lookup_host((plain, port)).await {
        Ok(found) => found.map(|to| AddressSpace::of(to.ip())).max().unwrap_or(AddressSpace::Public),
        Err(_) => AddressSpace::Public,
    }
}

async fn one(target: Target, space: AddressSpace, plan: Plan, mut sender: Sender) -> Audited {
    let mut evidence = Evidence::default();
    let mut problem = None;
    let mut failures = 0;
    let needless = |evidence: &Evidence| {
        [Shape::Actual, Shape::Preflight].iter().all(|shape| evidence.reflected(*shape).is_some())
    };
    let Plan { basis, trust, apart } = plan;
    'phases: for (phase, probes) in [basis, trust, apart].into_iter().enumerate() {
        if phase == 1 && needless(&evidence) {
            sender.bar.dec_length(probes.len() as u64);
            continue;
        }
        for probe in probes {
            match sender.send(&probe).await {
                None => {}
                Some(Ok(exchange)) => evidence.add(exchange),
                Some(Err(Unanswered::HeldOff(why))) => {
                    problem = Some(why);
                    break 'phases;
                }
                Some(Err(Unanswered::Failed(why))) => {
                    failures += 1;
                    // Some servers hang up on what they dislike; one that never answers is not there.
                    if evidence.iter().next().is_none() || failures > MOST_FAILURES {
                        problem = Some(why);
                        break 'phases;
                    }
                }
            }
        }
    }
    if problem.is_none() {
        follow(&target, &mut evidence, &mut sender).await;
    }
    let mut findings = judge::judge(&Scene { target: &target, space, evidence: &evidence });
    let unsent =
        (sender.unsent > 0).then(|| format!("{} probes not sent; --max-requests allows more", sender.unsent));
    let problem = problem.or(unsent).or_else(|| unseen(&evidence));
    if let Some(problem) = &problem {
        findings.push(Finding::new(Class::NotJudged, problem, &[]));
    }
    Audited { target, findings, problem }
}

/// Whether nothing but errors came back, and none of them with a word of CORS: what the address is for was not seen.
fn unseen(evidence: &Evidence) -> Option<String> {
    let failed = |exchange: &Exchange| {
        exchange.answer.status().is_client_error() || exchange.answer.status().is_server_error()
    };
    let silent = |exchange: &Exchange| exchange.answer.get("access-control-allow-origin").is_none();
    let first = evidence.shaped(Shape::Actual).next()?;
    (evidence.shaped(Shape::Actual).all(failed) && evidence.iter().all(silent)).then(|| {
        format!("every answer is an error ({}): what the address is for was not seen", first.answer.status())
    })
}

/// Follows the own page's redirects as a browser would, but never to another host: nobody asked to audit that.
async fn follow(target: &Target, evidence: &mut Evidence, sender: &mut Sender) {
    let mut last = evidence.of(Shape::Actual, &Asker::Own).cloned();
    for _ in 0..MOST_HOPS {
        let Some(to) = last.as_ref().and_then(location) else { return };
        if to.host() != target.url.host() {
            return;
        }
        // From one foreign origin to another, the page's origin becomes opaque.
        let from = last.as_ref().map(|exchange| (exchange.probe.url.origin(), exchange.probe.origin.clone()));
        let origin = match from {
            Some((origin, asker)) if origin == to.origin() => asker,
            _ => Some("null".to_owned()),
        };
        sender.bar.inc_length(1);
        let probe = Probe::new(Shape::Hop, Asker::Own, origin, to);
        let Some(Ok(exchange)) = sender.send(&probe).await else { return };
        evidence.add(exchange.clone());
        last = Some(exchange);
    }
}
