//! A page that asks, with a browser around it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crossing::browser::{
    Client, CredentialsMode, Fetch, Input, MixedContent, PreflightCache, Request, Response, Settings, Step,
    Stored,
};
use crossing::{Origin, Reason, RequestHead, ResponseHead, Time};

use crate::application;

/// What a page asks: a method, and header names.
pub(crate) type Ask = (&'static str, &'static [&'static str]);

/// What a script sees: the names of the headers, or nothing.
pub(crate) type Seen = Result<Vec<String>, Reason>;

/// Plays what a page asks, as a browser does.
pub(crate) fn play(
    origin: &Origin,
    ask: Ask,
    credentials: CredentialsMode,
    mut answer: impl FnMut(&RequestHead) -> ResponseHead,
) -> Seen {
    let mut builder =
        Request::builder("http://api.test/x".parse().unwrap()).method(ask.0).credentials(credentials);
    for name in ask.1 {
        builder = builder.header(name, if *name == "content-type" { "application/json" } else { "1" });
    }
    let settings = Settings { mixed_content: MixedContent::Permitted, ..Settings::default() };
    let client = Arc::new(Client::new(origin.clone()));
    let mut fetch = Fetch::new(builder.build().unwrap(), client, Arc::new(settings));
    let mut cache = PreflightCache::new();
    let mut input = Input::Start;
    loop {
        input = match fetch.step(input, Time::ZERO, &mut cache) {
            Step::Send(send) => Input::Response(Box::new(answer(&send.head))),
            Step::FindCookies(_) => Input::Cookies(None),
            Step::FindAuthorization(_) => Input::Authorization(None),
            Step::FindStored(_) => Input::Stored(Stored::Nothing),
            Step::StoreCookies(..) | Step::StoreAuthorization(..) => Input::Done,
            Step::Deliver(response) => return Ok(names(&response)),
            Step::Fail(failure) => return Err(failure.reason),
            other => panic!("{other:?}"),
        }
    }
}

/// The application's own headers, of those that a script may read.
fn names(response: &Response) -> Vec<String> {
    let names: BTreeSet<String> = response.headers.iter().map(|(name, _)| name.to_string()).collect();
    names.into_iter().filter(|name| application::sends(name)).collect()
}
