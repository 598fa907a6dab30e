//! What cannot be had on loopback: addresses of private networks, and pages of public ones.

use crossing::{HeaderList, HeaderName, Origin, ResponseHead, Value};
use http::StatusCode;

use super::judge;
use crate::audit::evidence::Evidence;
use crate::audit::findings::Scene;
use crate::audit::probe::{Answer, Asker, Exchange, Probe, Shape};
use crate::audit::severity::Severity;
use crate::audit::target::Target;
use crate::network::AddressSpace;

fn target(url: &str, own: &str) -> Target {
    let Ok(Origin::Tuple(own)) = Origin::parse(own) else { panic!("{own}") };
    Target::new(url.parse().unwrap(), &[own])
}

fn answered(target: &Target, asker: Asker, origin: &str, headers: &[(&'static str, &str)]) -> Exchange {
    let mut list = HeaderList::new();
    for (name, value) in headers {
        list.append(HeaderName::from_static(name), Value::new(value).unwrap());
    }
    Exchange {
        probe: Probe::new(Shape::Actual, asker, Some(origin.to_owned()), target.url.clone()),
        answer: Answer { head: ResponseHead::new(StatusCode::OK, list), body: Vec::new() },
    }
}

fn found(target: &Target, space: AddressSpace, evidence: &Evidence) -> Vec<(&'static str, Severity)> {
    let findings = judge(&Scene { target, space, evidence });
    findings.iter().map(|finding| (finding.class.row().code, finding.severity)).collect()
}

/// Two strangers, who get their own origin back.
fn reflecting(target: &Target) -> Evidence {
    let mut evidence = Evidence::default();
    for (n, origin) in [(1, "https://k1.example"), (2, "https://k2.example")] {
        let headers = [("access-control-allow-origin", origin), ("vary", "Origin")];
        evidence.add(answered(target, Asker::Stranger(n), origin, &headers));
    }
    evidence
}

#[test]
fn an_https_page_cannot_ask_an_http_address_except_on_loopback() {
    let mixed = target("http://api.example.com/", "https://app.example.com");
    assert_eq!(found(&mixed, AddressSpace::Public, &Evidence::default()), [("mixed", Severity::Medium)]);
    let here = target("http://127.0.0.1:3000/", "https://app.example.com");
    assert_eq!(found(&here, AddressSpace::Loopback, &Evidence::default()), []);
}

#[test]
fn a_private_address_asked_by_a_public_page_needs_permission() {
    let printer = target("https://192.168.1.9/", "https://app.example.com");
    assert_eq!(found(&printer, AddressSpace::Private, &Evidence::default()), [("lna", Severity::Info)]);
    let same = target("https://192.168.1.9/", "https://192.168.1.2");
    assert_eq!(found(&same, AddressSpace::Private, &Evidence::default()), []);
}

#[test]
fn an_open_service_is_worse_on_a_private_network_and_loopback_is_none() {
    let wiki = target("https://wiki.corp.internal/", "https://wiki.corp.internal");
    let reflected = reflecting(&wiki);
    assert_eq!(
        found(&wiki, AddressSpace::Private, &reflected),
        [("reflect-nc", Severity::High), ("intranet", Severity::High)]
    );
    assert_eq!(found(&wiki, AddressSpace::Loopback, &reflected), [("reflect-nc", Severity::Low)]);
    let mut public = Evidence::default();
    let everybody = [("access-control-allow-origin", "*")];
    public.add(answered(&wiki, Asker::Stranger(1), "https://k1.example", &everybody));
    assert_eq!(found(&wiki, AddressSpace::Private, &public), [("intranet", Severity::High)]);
    assert_eq!(found(&wiki, AddressSpace::Public, &public), []);
}
