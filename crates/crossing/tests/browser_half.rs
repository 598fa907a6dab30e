//! The browser half, driven by hand: one conversation a test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use crossing::browser::{
    Client, CredentialsMode, Event, Fetch, Input, PreflightCache, Request, RequestBuilder, Response,
    Settings, Step, Tracing,
};
use crossing::{HeaderList, Origin, Reason, ResponseHead, Time, Value};

/// Answers each request in turn; says what went over the wire and how it ended.
struct Played {
    wire: Vec<String>,
    end: Result<Response, Reason>,
    trace: Vec<Event>,
}

fn head(status: u16, headers: &[(&str, &str)]) -> ResponseHead {
    let headers: HeaderList =
        headers.iter().map(|(n, v)| (n.parse().unwrap(), Value::new(v).unwrap())).collect();
    ResponseHead::new(status.try_into().unwrap(), headers)
}

fn play(request: RequestBuilder, answers: Vec<ResponseHead>, cache: &mut PreflightCache, now: u64) -> Played {
    let client = Arc::new(Client::new(Origin::parse("https://a.test").unwrap()));
    let settings = Arc::new(Settings { tracing: Tracing::On, ..Settings::default() });
    let mut fetch = Fetch::new(request.build().unwrap(), client, settings);
    let mut answers = answers.into_iter();
    let mut wire = Vec::new();
    let mut input = Input::Start;
    loop {
        input = match fetch.step(input, Time::from_secs(now), cache) {
            Step::Send(send) => {
                let origin = send.head.headers.get(&"origin".parse().unwrap());
                let origin = origin.map_or("-".into(), |o| o.to_text());
                wire.push(format!("{} {} {origin}", send.head.method, send.head.url));
                Input::Response(Box::new(answers.next().expect("an answer for each request")))
            }
            Step::FindCookies(_) => Input::Cookies(None),
            Step::FindAuthorization(_) => Input::Authorization(None),
            Step::StoreCookies(..) => Input::Done,
            Step::Deliver(response) => {
                return Played { wire, end: Ok(*response), trace: fetch.trace().to_vec() };
            }
            Step::Fail(failure) => {
                return Played { wire, end: Err(failure.reason), trace: fetch.trace().to_vec() };
            }
            other => panic!("unexpected {other:?}"),
        }
    }
}

fn get(url: &str) -> RequestBuilder {
    Request::builder(url.parse().unwrap())
}

#[test]
fn a_simple_get_carries_the_origin_and_needs_the_servers_consent() {
    let mut cache = PreflightCache::new();
    let played = play(get("https://b.test/x"), vec![head(200, &[])], &mut cache, 0);
    assert_eq!(played.wire, ["GET https://b.test/x https://a.test"]);
    assert_eq!(played.end, Err(Reason::AcaoMissing));
}

#[test]
fn a_put_asks_first_and_the_answer_is_remembered() {
    let mut cache = PreflightCache::new();
    let put = || get("https://b.test/x").method("put").header("X-A", "1");
    let granted = head(
        204,
        &[
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "PUT"),
            ("access-control-allow-headers", "X-a"),
            ("access-control-max-age", "10"),
        ],
    );
    let ok =
        || head(200, &[("access-control-allow-origin", "*"), ("x-b", "hidden"), ("content-type", "a/b")]);
    let first = play(put(), vec![granted, ok()], &mut cache, 0);
    assert_eq!(first.wire.len(), 2, "{:?}", first.wire);
    let headers = first.end.unwrap().headers;
    assert_eq!(headers.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["content-type"]);
    let second = play(put(), vec![ok()], &mut cache, 9);
    assert_eq!(second.wire, ["PUT https://b.test/x https://a.test"]);
    assert!(
        second
            .trace
            .iter()
            .any(|e| matches!(e, Event::MethodLookUp(_, found) if format!("{found:?}") == "Hit"))
    );
    let third = play(put(), vec![head(403, &[])], &mut cache, 10);
    assert_eq!(third.wire, ["OPTIONS https://b.test/x https://a.test"]);
    assert_eq!(third.end, Err(Reason::PreflightStatus));
}

#[test]
fn origin_becomes_null_after_another_origin_redirects_away() {
    let redirect = |to: &str| head(302, &[("access-control-allow-origin", "*"), ("location", to)]);
    for (chain, expected) in [
        (&["https://b.test/", "https://b.test/2"][..], &["https://a.test", "https://a.test"][..]),
        (&["https://b.test/", "https://c.test/"], &["https://a.test", "null"]),
        (&["https://b.test/", "https://a.test/"], &["https://a.test", "null"]),
        (&["https://a.test/", "https://a.test/2", "https://b.test/"], &["-", "-", "https://a.test"]),
        (
            &["https://a.test/", "https://b.test/", "https://a.test/2", "https://b.test/2"],
            &["-", "https://a.test", "null", "null"],
        ),
    ] {
        let mut answers: Vec<_> = chain[1..].iter().map(|to| redirect(to)).collect();
        answers.push(head(200, &[("access-control-allow-origin", "*")]));
        let played = play(get(chain[0]), answers, &mut PreflightCache::new(), 0);
        let origins: Vec<_> = played.wire.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
        assert_eq!(origins, expected, "{chain:?}");
        assert!(played.end.is_ok());
    }
}

#[test]
fn credentials_need_the_exact_origin_and_true() {
    for (acao, acac, expected) in [
        ("*", Some("true"), Some(Reason::AcaoWildcardCreds)),
        ("https://a.test", None, Some(Reason::AcacInvalid)),
        ("https://a.test", Some("true"), None),
    ] {
        let mut headers = vec![("access-control-allow-origin", acao)];
        headers.extend(acac.map(|v| ("access-control-allow-credentials", v)));
        let request = get("https://b.test/").credentials(CredentialsMode::Include);
        let played = play(request, vec![head(200, &headers)], &mut PreflightCache::new(), 0);
        assert_eq!(played.end.err(), expected);
    }
}

#[test]
fn an_input_that_answers_another_question_ends_the_fetch() {
    let client = Arc::new(Client::new(Origin::parse("https://a.test").unwrap()));
    let request = get("https://b.test/").build().unwrap();
    let mut fetch = Fetch::new(request, client, Arc::default());
    let step = fetch.step(Input::Done, Time::ZERO, &mut PreflightCache::new());
    assert!(matches!(step, Step::Fail(failure) if failure.reason == Reason::Misuse));
    assert!(fetch.is_over());
}
