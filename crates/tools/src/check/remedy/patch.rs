//! What one address would have to say instead.

use crossing::headers::names;
use crossing::{Exchange, HeaderList, HeaderName, Origin, Reason, ResponseHead, Value};
use crossing_agent::WireExchange;
use http::{StatusCode, header};
use url::Url;

use crate::check::advice::{is_mended_by_headers, varies_on_origin};
use crate::check::replay::Recorded;
use crate::server::Server;

/// The changes to the answers of one address.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) url: Url,
    pub(crate) server: Server,
    /// Who shall be granted: the page, and who was granted before.
    pub(crate) origins: Vec<String>,
    /// What the page asks its preflight for.
    method: Option<String>,
    headers: Vec<String>,
    pub(crate) granted_by: GrantedBy,
    pub(crate) preflight: Changes,
    pub(crate) answer: Changes,
}

/// How the server decides whom it grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantedBy {
    /// By the header lines that are written to it.
    Lines,
    /// By a list of origins, on which the page's is not.
    List,
}

/// The changes to one kind of answer.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The status it shall have.
    pub(crate) status: Option<StatusCode>,
    pub(crate) set: Vec<Setting>,
    /// The CORS lines that are there and stay.
    pub(crate) kept: Vec<(HeaderName, String)>,
    /// The same of `Vary`.
    pub(crate) vary: Option<String>,
}

/// A header that shall be there, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) name: HeaderName,
    pub(crate) value: String,
    /// The lines that are there now.
    pub(crate) old: Vec<String>,
}

impl Part {
    /// For the address that failed; `None` if the request had no `Origin`.
    pub(crate) fn new(failed: &WireExchange, chosen: Option<Server>) -> Option<Part> {
        let origin = failed.request.headers.get(&header::ORIGIN)?.to_text();
        Some(Part {
            url: failed.request.url.clone(),
            server: chosen
                .unwrap_or_else(|| failed.response.as_ref().map_or(Server::Unknown, Server::recognise)),
            origins: vec![origin],
            method: None,
            headers: Vec::new(),
            granted_by: GrantedBy::Lines,
            preflight: Changes::default(),
            answer: Changes::default(),
        })
    }

    /// Whether the page's cookies are wanted.
    pub(crate) fn credentials(&self) -> bool {
        let yes = |changes: &Changes| {
            let set = changes.set.iter().map(|setting| &setting.name);
            let kept = changes.kept.iter().map(|(name, _)| name);
            set.chain(kept).any(|name| *name == names::ACCESS_CONTROL_ALLOW_CREDENTIALS)
        };
        yes(&self.preflight) || yes(&self.answer)
    }

    /// The methods that shall be granted.
    pub(crate) fn methods(&self) -> Vec<String> {
        self.members("access-control-allow-methods", self.method.as_slice())
    }

    /// The header names that shall be granted.
    pub(crate) fn headers(&self) -> Vec<String> {
        self.members("access-control-allow-headers", &self.headers)
    }

    fn members(&self, header: &str, more: &[String]) -> Vec<String> {
        let whole = self.preflight.whole();
        let lines = whole.iter().filter(|(name, _)| *name == header);
        let members = lines.flat_map(|(_, value)| value.split(',')).map(|member| member.trim().to_owned());
        let mut all: Vec<String> = members.filter(|member| !member.is_empty()).collect();
        for member in more {
            if !all.contains(member) {
                all.push(member.clone());
            }
        }
        all
    }

    /// Adds what mends a failure here; false if nothing does, or nothing more.
    pub(crate) fn extend(&mut self, reason: Reason, failed: &WireExchange) -> bool {
        let (Some(head), Some(origin)) = (&failed.response, failed.request.headers.get(&header::ORIGIN))
        else {
            return false;
        };
        let asked = |name| failed.request.headers.get(&name).map(|value| value.to_text());
        if failed.kind == Exchange::Preflight {
            self.method = asked(names::ACCESS_CONTROL_REQUEST_METHOD);
            let names = asked(names::ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
            self.headers = names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        }
        self.method.get_or_insert_with(|| failed.request.method.to_string());
        let origin = origin.to_text();
        if !is_mended_by_headers(reason, &origin, head) {
            return false;
        }
        if is_left_out_of_a_list(reason, head) {
            self.granted_by = GrantedBy::List;
            return true;
        }
        let (name, value) = match reason {
            Reason::AcaoMismatch => {
                self.remember(head);
                (names::ACCESS_CONTROL_ALLOW_ORIGIN, origin)
            }
            Reason::AcaoMissing | Reason::AcaoMultiple | Reason::AcaoInvalid | Reason::AcaoWildcardCreds => {
                (names::ACCESS_CONTROL_ALLOW_ORIGIN, origin)
            }
            Reason::AcacInvalid => (names::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true".to_owned()),
            Reason::MethodNotAllowed | Reason::PreflightAcamParse => {
                let method = self.method.clone();
                let name = names::ACCESS_CONTROL_ALLOW_METHODS;
                let value = joined(&head.headers, &name, &method.into_iter().collect::<Vec<_>>());
                (name, value)
            }
            Reason::HeaderNotAllowed | Reason::PreflightAcahParse => {
                let name = names::ACCESS_CONTROL_ALLOW_HEADERS;
                let value = joined(&head.headers, &name, &self.headers);
                (name, value)
            }
            Reason::PreflightStatus | Reason::PreflightRedirect => {
                let changes = self.changes(failed.kind);
                changes.keep(&head.headers);
                return changes.status.replace(StatusCode::NO_CONTENT).is_none();
            }
            _ => return false,
        };
        let changes = self.changes(failed.kind);
        changes.keep(&head.headers);
        let added = changes.set(&head.headers, name.clone(), value);
        if added && self.origins.len() > 1 {
            let changes = self.changes(failed.kind);
            let mut vary = head.headers.get(&header::VARY).map(|value| value.to_text()).unwrap_or_default();
            if !vary.to_ascii_lowercase().contains("origin") && vary != "*" {
                vary = if vary.is_empty() { "Origin".to_owned() } else { format!("{vary}, Origin") };
                changes.set(&head.headers, header::VARY, vary);
            }
        }
        added
    }

    /// Whoever is granted now stays so.
    fn remember(&mut self, head: &ResponseHead) {
        let value = head.headers.get(&names::ACCESS_CONTROL_ALLOW_ORIGIN).map(|value| value.to_text());
        if let Some(Ok(Origin::Tuple(origin))) = value.as_deref().map(Origin::parse)
            && !self.origins.iter().any(|known| known == origin.as_str())
        {
            self.origins.push(origin.as_str().to_owned());
        }
    }

    fn changes(&mut self, kind: Exchange) -> &mut Changes {
        match kind {
            Exchange::Preflight => &mut self.preflight,
            Exchange::Request => &mut self.answer,
        }
    }

    /// Changes a recorded answer of this address.
    pub(crate) fn apply(&self, recorded: &mut Recorded) {
        let changes = match recorded.kind {
            Exchange::Preflight => &self.preflight,
            Exchange::Request => &self.answer,
        };
        let head = &mut recorded.head;
        if let Some(status) = changes.status {
            head.status = status;
            head.headers.delete(&header::LOCATION);
        }
        for Setting { name, value, .. } in &changes.set {
            if let Ok(value) = Value::new(value) {
                head.headers.delete(name);
                head.headers.append(name.clone(), value);
            }
        }
    }
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.status.is_none()
    }

    /// Every line that the answer shall have for CORS: what stays, and what changes.
    pub(crate) fn whole(&self) -> Vec<(&str, &str)> {
        self.unchanged()
            .into_iter()
            .chain(self.set.iter().map(|setting| (setting.name.as_str(), setting.value.as_str())))
            .collect()
    }

    /// The lines that stay as they are.
    pub(crate) fn unchanged(&self) -> Vec<(&str, &str)> {
        let kept = self.kept.iter().map(|(name, value)| (name, value));
        let kept = kept.chain(self.vary.as_ref().map(|vary| (&header::VARY, vary)));
        let stays =
            |(name, _): &(&HeaderName, &String)| !self.set.iter().any(|setting| setting.name == **name);
        kept.filter(stays).map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn keep(&mut self, headers: &HeaderList) {
        // The first look is at what the server really said.
        if !self.kept.is_empty() || !self.is_empty() {
            return;
        }
        let cors = headers.iter().filter(|(name, _)| name.as_str().starts_with("access-control-"));
        self.kept = cors.map(|(name, value)| (name.clone(), value.to_text())).collect();
        self.vary = headers.get(&header::VARY).map(|value| value.to_text());
    }

    /// Sets a header; false if it is so already.
    fn set(&mut self, headers: &HeaderList, name: HeaderName, value: String) -> bool {
        if let Some(known) = self.set.iter_mut().find(|setting| setting.name == name) {
            let changed = known.value != value;
            known.value = value;
            return changed;
        }
        let old: Vec<String> = headers.lines(&name).map(Value::to_text).collect();
        if old == [value.as_str()] {
            return false;
        }
        self.set.push(Setting { name, value, old });
        true
    }
}

/// Whether the server compares `Origin` with a list: it says that its answer depends on it, and does not grant this one.
fn is_left_out_of_a_list(reason: Reason, head: &ResponseHead) -> bool {
    matches!(reason, Reason::AcaoMissing | Reason::AcaoMismatch) && varies_on_origin(head)
}

/// The members that are there, but for `*`, and these.
fn joined(headers: &HeaderList, name: &HeaderName, more: &[String]) -> String {
    let there = headers.get(name).map(|value| value.to_text()).unwrap_or_default();
    let token = |member: &&str| crossing::headers::grammar::is_token(member.as_bytes()) && *member != "*";
    let mut members: Vec<&str> = there.split(',').map(str::trim).filter(token).collect();
    for member in more {
        if !members.contains(&member.as_str()) {
            members.push(member);
        }
    }
    members.join(", ")
}

/// The answer to the request itself that nobody has seen: 200, with what its preflight said to the page.
pub(crate) fn guess(preflight: &WireExchange) -> Option<Recorded> {
    let head = preflight.response.as_ref()?;
    let method = preflight.request.headers.get(&names::ACCESS_CONTROL_REQUEST_METHOD)?.to_text();
    let told = [
        names::ACCESS_CONTROL_ALLOW_ORIGIN,
        names::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        names::ACCESS_CONTROL_EXPOSE_HEADERS,
    ];
    let mut headers = HeaderList::new();
    for (name, value) in head.headers.iter().filter(|(name, _)| told.contains(name)) {
        headers.append(name.clone(), value.clone());
    }
    Some(Recorded {
        kind: Exchange::Request,
        method,
        url: preflight.request.url.clone(),
        head: ResponseHead::new(StatusCode::OK, headers),
        length: 0,
    })
}
