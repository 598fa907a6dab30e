//! Plays scenarios on the core, in memory: no socket, no clock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossing::browser::{
    self, Fetch, Input, PreflightCache, Profile, Prompts, UserPassword, basic_authorization,
};
use crossing::{HeaderList, Origin, Reason, RequestHead, ResponseHead, Time, Value};
use http::StatusCode;

use crate::http_cache::HttpCache;
use crate::jar::Jar;
use crate::observed::{Ended, Observed, Played, Sent};
use crate::schema::{Outcome, Scenario};
use crate::script::{Answered, Script};
use crate::translate::{client, delivered, request, settings, without_secrets};

/// Plays scenarios on the core's browser half, in memory; its server half answers where a scenario has a `policy`.
#[derive(Clone, Copy, Debug)]
pub struct CoreRunner {
    profile: Profile,
}

/// What outlives one step.
struct World {
    now: Time,
    preflights: PreflightCache,
    http_cache: HttpCache,
    jar: Jar,
    auth: BTreeMap<String, Value>,
    script: Script,
}

impl CoreRunner {
    /// A runner with this profile.
    pub fn new(profile: Profile) -> CoreRunner {
        CoreRunner { profile }
    }

    /// Plays a scenario.
    ///
    /// # Errors
    /// The scenario says something that cannot be: a URL or a header that is none, a request that nobody answers.
    pub fn play(&self, scenario: &Scenario) -> Result<Played, String> {
        let mut world = World {
            now: Time::from_secs(1_000_000),
            preflights: PreflightCache::new(),
            http_cache: HttpCache::default(),
            jar: Jar::with(&scenario.cookies),
            auth: BTreeMap::new(),
            script: Script::new(&scenario.server),
        };
        for (origin, login) in &scenario.auth {
            world.auth.insert(origin.clone(), basic_authorization(&login.user, &login.password));
        }
        let settings = Arc::new(settings(&scenario.settings, self.profile)?);
        let mut seen = Vec::new();
        for (at, step) in scenario.steps().into_iter().enumerate() {
            world.now = world.now + Duration::from_secs(step.after);
            if let Some(servers) = &step.server {
                world.script = Script::new(servers);
            }
            let page = step.page.as_ref().unwrap_or(&scenario.page);
            let prompts = if scenario.person.is_some() { Prompts::Interactive } else { Prompts::Unavailable };
            let mut client = client(page, prompts)?;
            client.document = if scenario.one_page { 0 } else { at as u64 };
            let request = request(&step.request, &client)?;
            let observed = match request.build() {
                Err(error) => Observed {
                    end: Ended::without_response(Outcome::Refused, Some(error.to_string())),
                    wire: Some(Vec::new()),
                    cookies: Some(world.jar.by_host()),
                },
                Ok(request) => {
                    let partition = client.partition();
                    let fetch = Fetch::new(request, Arc::new(client), settings.clone());
                    let body = step.request.body.as_ref().map_or("", |body| body.text());
                    drive(fetch, scenario, &partition, body, &mut world)?
                }
            };
            seen.push(observed);
        }
        Ok(Played::Seen(seen))
    }
}

/// Runs one fetch to its end.
fn drive(
    mut fetch: Fetch,
    scenario: &Scenario,
    partition: &str,
    body: &str,
    world: &mut World,
) -> Result<Observed, String> {
    let mut wire = Vec::new();
    let mut last = None;
    let mut input = Input::Start;
    let end = loop {
        input = match fetch.step(input, world.now, &mut world.preflights) {
            browser::Step::Send(send) => {
                let with_body = send.body == browser::SendBody::Request;
                wire.push(sent(&send.head, if with_body { body } else { "" }));
                let answered = world.script.answer(&send.head)?;
                if let (browser::CacheUse::Store, Answered::With(head, _)) = (send.cache, &answered) {
                    world.http_cache.store(partition, &send.head, head, world.now);
                }
                last = Some(send.head);
                match answered {
                    Answered::With(head, _) => Input::Response(head),
                    Answered::Failed(reason) => Input::Failed(reason),
                }
            }
            browser::Step::FindCookies(context) => Input::Cookies(world.jar.find(&context)),
            browser::Step::StoreCookies(context, lines) => {
                world.jar.store(&context, &lines);
                Input::Done
            }
            browser::Step::FindAuthorization(url) => {
                Input::Authorization(world.auth.get(Origin::from_url(&url).as_str()).cloned())
            }
            browser::Step::StoreAuthorization(url, value) => {
                world.auth.insert(Origin::from_url(&url).as_str().to_owned(), value);
                Input::Done
            }
            browser::Step::Prompt(_) => {
                let types = scenario.person.as_ref().and_then(|person| person.types.clone());
                Input::Credentials(types.map(|it| UserPassword { user: it.user, password: it.password }))
            }
            browser::Step::FindStored(query) => Input::Stored(world.http_cache.find(&query, world.now)),
            browser::Step::Freshen(head) => {
                let request = last.take().ok_or("a 304 without a request")?;
                match world.http_cache.freshen(partition, &request, &head, world.now) {
                    Some(head) => Input::Freshened(Box::new(head)),
                    None => return Err("a 304 without a stored response".to_owned()),
                }
            }
            browser::Step::Local(url) if url.scheme() == "data" => {
                Input::Response(Box::new(ResponseHead::new(StatusCode::OK, HeaderList::new())))
            }
            browser::Step::Local(_) => Input::Failed(Reason::Scheme),
            browser::Step::Digest(_) => return Err("no scenario has integrity metadata".to_owned()),
            browser::Step::Deliver(response) => break delivered(&response),
            browser::Step::Fail(failure) => {
                break Ended::without_response(Outcome::Fail, Some(failure.reason.code().to_owned()));
            }
        };
    };
    Ok(Observed { end, wire: Some(wire), cookies: Some(world.jar.by_host()) })
}

fn sent(head: &RequestHead, body: &str) -> Sent {
    let headers =
        head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.to_text())).collect();
    let url = without_secrets(&head.url);
    Sent { method: head.method.to_string(), url: url.to_string(), headers, body: Some(body.to_owned()) }
}
