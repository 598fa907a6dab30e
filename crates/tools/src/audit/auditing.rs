//! An audit, and its result.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crossing::origin::is_loopback_host;
use crossing_agent::BuildError;
use serde::{Serialize, Serializer};
use tokio::task::JoinSet;

use super::class::Class;
use super::draft::{self, Draft, DraftError};
use super::evidence::Evidence;
use super::findings::{Finding, Scene};
use super::judge::{self, location};
use super::options::{AuditError, AuditOptions, Settings};
use super::plan::Plan;
use super::probe::{Asker, Exchange, Probe, Shape};
use super::progress::{Listener, Progress};
use super::report::{self, AuditFinding, Audited};
use super::sarif;
use super::sender::{Pace, Sender, Unanswered, agent};
use super::severity::Severity;
use super::target::Target;
use crate::network::AddressSpace;
use crate::text::Paint;

/// How many redirects are followed, on the same host.
const MOST_HOPS: usize = 4;

/// How many probes may fail before a server counts as unreachable.
const MOST_FAILURES: u32 = 5;

/// An audit of some URLs, ready to be sent.
///
/// ```
/// use crossing_tools::audit::{Audit, AuditOptions, Severity};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
/// let url = format!("http://127.0.0.1:{port}/"); // no server listens here
/// let audit = Audit::new(&AuditOptions::new([url]))?;
/// println!("{}", audit.dry_run());
/// let report = audit.run(|_| {}).await?;
/// assert!(!report.is_complete() && report.worst() <= Some(Severity::Info));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct Audit {
    settings: Settings,
}

/// The findings of an [`Audit`].
///
/// `Display` lists them, 80 columns wide and without colour; `Serialize` writes the document that `crossing audit --json`
/// prints.
pub struct AuditReport {
    audited: Vec<Audited>,
}

/// The requests that an audit would send. `Display` lists them; `Serialize` writes the document of `--dry-run --json`.
pub struct DryRun {
    plans: Vec<Plan>,
    rate: f64,
    most: u32,
}

impl Audit {
    /// Parses the options.
    ///
    /// # Errors
    /// If a URL or an origin is wrong; the message says which.
    pub fn new(options: &AuditOptions) -> Result<Audit, AuditError> {
        Ok(Audit { settings: Settings::new(options)? })
    }

    /// The requests that [`run`](Audit::run) would send.
    pub fn dry_run(&self) -> DryRun {
        let Settings { targets, repeat, safety, rate, most, .. } = &self.settings;
        let plans = targets.iter().map(|target| Plan::new(target, *repeat, *safety)).collect();
        DryRun { plans, rate: *rate, most: *most }
    }

    /// Sends the requests, some URLs at a time, and judges the responses. `progress` is called at each step.
    ///
    /// # Errors
    /// If the agent cannot be set up. A server that does not respond is part of the result.
    pub async fn run(
        &self,
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<AuditReport, BuildError> {
        Ok(AuditReport { audited: all(&self.settings, Arc::new(progress)).await? })
    }

    /// Sends the requests that a draft needs, and writes the policy that the responses imply.
    ///
    /// # Errors
    /// If there is not exactly one URL, a request fails, or none of the origins is granted.
    pub async fn draft_policy(&self) -> Result<Draft, DraftError> {
        draft::write(&self.settings).await
    }

    /// The requests that [`draft_policy`](Audit::draft_policy) would send.
    ///
    /// # Errors
    /// If there is not exactly one URL.
    pub fn draft_dry_run(&self) -> Result<DryRun, DraftError> {
        let plans = vec![draft::plan(&self.settings)?];
        Ok(DryRun { plans, rate: self.settings.rate, most: self.settings.most })
    }
}

impl AuditReport {
    /// The findings, by URL, the worst first.
    pub fn findings(&self) -> impl Iterator<Item = AuditFinding> {
        report::findings(&self.audited)
    }

    /// The worst severity that was found; `None` without findings.
    pub fn worst(&self) -> Option<Severity> {
        self.audited.iter().flat_map(|one| &one.findings).map(|finding| finding.severity).max()
    }

    /// Whether every URL was judged completely.
    pub fn is_complete(&self) -> bool {
        self.audited.iter().all(|one| one.problem.is_none())
    }

    /// Why a URL was not judged completely, a text for each.
    pub fn problems(&self) -> impl Iterator<Item = String> {
        self.audited.iter().filter_map(Audited::complaint)
    }

    /// The findings for a terminal of this width.
    pub fn text(&self, width: usize, paint: Paint) -> String {
        report::tell(&self.audited, width, paint)
    }

    /// The findings as a SARIF 2.1.0 log.
    pub fn sarif(&self) -> serde_json::Value {
        sarif::log(&self.audited)
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(80, Paint::Plain))
    }
}

impl Serialize for AuditReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        report::document(&self.audited).serialize(serializer)
    }
}

impl fmt::Display for DryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&report::dry(&self.plans, self.rate, self.most))
    }
}

impl Serialize for DryRun {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        report::dry_document(&self.plans).serialize(serializer)
    }
}

/// Audits every target; the order is that of the targets.
async fn all(settings: &Settings, listener: Listener) -> Result<Vec<Audited>, BuildError> {
    let agent = agent(settings)?;
    let pace = Pace::new(settings.rate);
    let plans: Vec<Plan> =
        settings.targets.iter().map(|target| Plan::new(target, settings.repeat, settings.safety)).collect();
    let requests = plans.iter().map(|plan| plan.iter().count().min(settings.most as usize) as u64).sum();
    listener(Progress::Planned(requests));
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
                listener: listener.clone(),
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
    listener(Progress::Done);
    audited.sort_by_key(|(at, _)| *at);
    Ok(audited.into_iter().map(|(_, audited)| audited).collect())
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
            (sender.listener)(Progress::Fewer(probes.len() as u64));
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
        (sender.listener)(Progress::More(1));
        let probe = Probe::new(Shape::Hop, Asker::Own, origin, to);
        let Some(Ok(exchange)) = sender.send(&probe).await else { return };
        evidence.add(exchange.clone());
        last = Some(exchange);
    }
}
