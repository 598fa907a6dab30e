//! What no verdict of CORS says, and the person would still stumble over: cookies that are not kept, addresses that are more private
//! than the page's.

use crossing::browser::{CookieContext, CredentialsMode, Site};
use crossing::origin::is_loopback_host;
use crossing::{Origin, Reason};
use crossing_agent::{Clock, CookieJar, SystemClock};
use http::header;
use url::Url;

use super::request::Plan;
use crate::conversation::FetchRecord;
use crate::network::{AddressSpace, is_public_name};
use crate::text::{shorten, visible};

/// So many remarks on cookies, and no more.
const MOST: usize = 4;

/// What is worth saying of one fetch, a text each.
pub(crate) fn of(told: &FetchRecord, plan: &Plan) -> Vec<String> {
    let mut notes = cookies(told, plan);
    notes.extend(told.assumed.iter().map(|url| {
        let place = shorten(&url[..url::Position::AfterPath]);
        format!("The preflight to {place} is not recorded. The request after it was answered, so it is taken for granted.")
    }));
    notes.extend(local_network(told, plan));
    notes
}

/// Cookies that the answers set, and that are not kept.
fn cookies(told: &FetchRecord, plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    let (jar, now) = (CookieJar::new(), SystemClock::new().now());
    for exchange in &told.exchanges {
        let Some(head) = &exchange.response else { continue };
        let url = &exchange.request.url;
        let there = Origin::from_url(url);
        let included = match plan.request.credentials() {
            CredentialsMode::Include => exchange.kind == crossing::Exchange::Request,
            CredentialsMode::SameOrigin => plan.page.same_origin(&there),
            CredentialsMode::Omit => false,
        };
        let site = if plan.page.same_site(&there) { Site::Same } else { Site::Cross };
        let context = CookieContext { url: url.clone(), site, partition: plan.page.site().into() };
        for line in head.headers.lines(&header::SET_COOKIE) {
            let text = line.to_text();
            let name = shorten(&visible(text.split(['=', ';']).next().unwrap_or_default().trim()));
            let why = match jar.refusal(&context, line, now).filter(|_| included) {
                Some(refusal) => refusal.to_string(),
                None if included => continue,
                None => "the request goes without credentials".to_owned(),
            };
            notes.push(format!("The cookie {name} is not kept: {why}."));
        }
    }
    let more = notes.len().saturating_sub(MOST);
    notes.truncate(MOST);
    if more > 0 {
        notes.push(format!("{more} more are not kept."));
    }
    notes
}

/// Pages of the internet that ask this machine, or a private network.
fn local_network(told: &FetchRecord, plan: &Plan) -> Option<String> {
    let Origin::Tuple(page) = &plan.page else { return None };
    if !is_public_name(page.host()) {
        return None;
    }
    // One thing after the other: what is blocked is to be mended first.
    if told.error().is_some() || told.exchanges.is_empty() {
        return None;
    }
    let (space, reason) = (space(plan.request.url())?, Reason::LocalNetworkInsecure);
    Some(match page.scheme() {
        "https" => format!(
            "Chromium asks the person first whether a page of the internet may reach {space}; if not, it ends with {}.",
            Reason::LocalNetworkRefused.code()
        ),
        _ => format!(
            "Chromium lets no http page of the internet reach {space}: it ends with {}.",
            reason.code()
        ),
    })
}

fn space(url: &Url) -> Option<&'static str> {
    let host = url.host_str()?;
    if is_loopback_host(host) {
        return Some("this machine");
    }
    match AddressSpace::of(host.trim_matches(['[', ']']).parse().ok()?) {
        AddressSpace::Loopback => Some("this machine"),
        AddressSpace::Private => Some("a private network"),
        AddressSpace::Public => None,
    }
}
