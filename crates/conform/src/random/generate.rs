//! Invents cases: mostly sound conversations, in which some part is odd.

use super::case::{Answer, Ask, Case};
use super::dice::Dice;

const METHODS: &[&str] =
    &["POST", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "patch", "put", "X-ODD", "QUERY", "get"];
const TYPES: &[&str] = &[
    "text/plain",
    "text/plain;charset=UTF-8",
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "TEXT/plain",
    "text/plain; q=1",
    "text/plain, application/json",
    "text/html",
    "text/plain;a=\"b\"",
    "text",
    "",
];
const RANGES: &[&str] = &[
    "bytes=0-9",
    "bytes=5-",
    "bytes=-5",
    "bytes=9-5",
    "bytes=0-1,3-4",
    "bytes=0-9 ",
    "bytes = 0-1",
    "Bytes=00-01",
    "items=0-1",
];
const LANGUAGES: &[&str] = &["de", "de-DE,de;q=0.5", "de_DE", "*", "d\u{e9}", "de@x"];
const STATUSES: &[u16] = &[201, 202, 204, 206, 226, 299, 300, 304, 400, 401, 403, 404, 405, 418, 500, 503];
const REDIRECTS: &[u16] = &[301, 302, 303, 307, 308];
const POLICIES: &[&str] = &[
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

/// The pages that batches are played on.
pub(crate) const PAGES: &[&str] = &[
    "https://a.test",
    "https://a.test",
    "https://a.test/p/q?r=1",
    "http://a.test",
    "null",
    "https://a.test:8443",
];

/// Invents a case for this page.
pub(crate) fn case(dice: &mut Dice, page: &str) -> Case {
    let scheme = if page.starts_with("http:") { "http" } else { "https" };
    let hosts = ["a.test", "b.test", "c.test", "sub.a.test"];
    let somewhere = |dice: &mut Dice| {
        let host = if dice.once_in(6) { hosts[dice.below(4)] } else { "b.test" };
        let port = if dice.once_in(12) { ":8443" } else { "" };
        format!("{scheme}://{host}{port}")
    };
    let to = somewhere(dice);
    let steps = match dice.below(8) {
        0 => 2,
        1 => 3,
        _ => 1,
    };
    let first = ask(dice, &to);
    let mut asks = vec![first];
    for _ in 1..steps {
        // A sequence is about what is remembered: much the same again.
        let mut next = asks[0].clone();
        match dice.below(5) {
            0 => next = ask(dice, &to),
            1 => add_header(&mut next.headers, dice),
            2 => drop(next.headers.pop()),
            3 => next.options = options(dice),
            _ => {}
        }
        asks.push(next);
    }
    for ask in asks.iter_mut().filter(|ask| ask.options.contains(&("mode", "no-cors"))) {
        // What several lines say together under this mode, Firefox reads by a grammar of its own.
        let mut types = 0;
        ask.headers.retain(|(name, _)| {
            types += usize::from(name == "content-type");
            name != "content-type" || types == 1
        });
    }
    let mut answers = Vec::new();
    let origin = page_origin(page);
    let include = asks.iter().any(|ask| ask.options.contains(&("credentials", "include")));
    let hops = if dice.once_in(4) { 1 + dice.below(2) } else { 0 };
    let mut at = to;
    let places = ["x", "y", "z"];
    for hop in 0..=hops {
        let mut tainted = origin.clone();
        if hop > 0 && dice.once_in(2) {
            tainted = "null".to_owned();
        }
        let preflight = answer_to_preflight(dice, &asks, &tainted, include, places[hop], &at);
        answers.push(preflight);
        let mut actual = Answer { place: places[hop], at: at.clone(), status: 200, ..Answer::default() };
        actual.headers = shared(dice, &tainted, include);
        if hop < hops {
            let next = somewhere(dice);
            actual.status = REDIRECTS[dice.below(REDIRECTS.len())];
            actual.headers.push(("cache-control".to_owned(), "no-store".to_owned()));
            if dice.once_in(6) {
                actual.headers.push(("referrer-policy".to_owned(), dice.pick(POLICIES).to_owned()));
            }
            actual.location = Some(format!("{next}/{}", places[hop + 1]));
            at = next;
        } else {
            if dice.once_in(6) {
                actual.status = STATUSES[dice.below(STATUSES.len())];
                if actual.status == 401 {
                    actual.status = 403;
                }
                if actual.status == 300 {
                    // Chromium keeps it for good, as it does redirects; the HTTP cache is no part of this.
                    actual.headers.push(("cache-control".to_owned(), "no-store".to_owned()));
                }
            }
            actual.headers.extend(exposed(dice));
        }
        answers.push(actual);
    }
    Case { page: page.to_owned(), steps: asks, answers }
}

fn page_origin(page: &str) -> String {
    let end = page.match_indices('/').nth(2).map_or(page.len(), |(at, _)| at);
    page[..end].to_owned()
}

fn ask(dice: &mut Dice, to: &str) -> Ask {
    let mut ask = Ask { to: to.to_owned(), ..Ask::default() };
    if dice.once_in(2) {
        ask.method = Some(dice.pick(METHODS).to_owned());
    }
    let method = ask.method.as_deref().unwrap_or("GET");
    let bodiless = matches!(method, "GET" | "HEAD" | "get" | "head");
    if !bodiless && dice.once_in(2) {
        let kind = match dice.below(6) {
            0 => None,
            1 => Some("application/json".to_owned()),
            2 => Some("application/x-www-form-urlencoded;charset=UTF-8".to_owned()),
            _ => Some("text/plain;charset=UTF-8".to_owned()),
        };
        let text = if kind.as_deref().is_some_and(|kind| kind.contains("form")) { "k=v" } else { "{}" };
        ask.body = Some((text.to_owned(), kind));
    }
    for _ in 0..[0, 0, 1, 1, 2, 3][dice.below(6)] {
        add_header(&mut ask.headers, dice);
    }
    ask.options = options(dice);
    ask
}

fn options(dice: &mut Dice) -> Vec<(&'static str, &'static str)> {
    let mut out = Vec::new();
    match dice.below(5) {
        0 | 1 => out.push(("credentials", "include")),
        2 => out.push(("credentials", "omit")),
        _ => {}
    }
    match dice.below(14) {
        0 => out.push(("mode", "no-cors")),
        1 => out.push(("mode", "same-origin")),
        _ => {}
    }
    match dice.below(14) {
        0 => out.push(("redirect", "manual")),
        1 => out.push(("redirect", "error")),
        _ => {}
    }
    if dice.once_in(12) {
        out.push(("cache", dice.pick(&["no-store", "reload", "no-cache"])));
    }
    if dice.once_in(8) {
        out.push(("referrer_policy", dice.pick(POLICIES)));
    }
    out
}

fn add_header(headers: &mut Vec<(String, String)>, dice: &mut Dice) {
    headers.push(header(dice));
}

fn header(dice: &mut Dice) -> (String, String) {
    let long = |dice: &mut Dice| "a".repeat(120 + dice.below(16));
    let (name, value): (&str, String) = match dice.below(16) {
        0..=2 => ("x-a", "1".to_owned()),
        3 => ("X-B", String::new()),
        4 => ("accept", dice.pick(&["text/plain", "a/b;q=\"1\"", "x(y", "*/*", "\u{e9}"]).to_owned()),
        5 => ("Accept", long(dice)),
        6 => ("accept-language", dice.pick(LANGUAGES).to_owned()),
        7 => ("content-language", dice.pick(LANGUAGES).to_owned()),
        8 | 9 => ("content-type", dice.pick(TYPES).to_owned()),
        10 => ("range", dice.pick(RANGES).to_owned()),
        11 => ("authorization", "Bearer t".to_owned()),
        12 => ("x-http-method-override", dice.pick(&["PUT", "TRACE", "trace, x"]).to_owned()),
        13 => (dice.pick(&["cookie", "origin", "sec-x", "proxy-y", "te", "set-cookie"]), "q".to_owned()),
        14 => (
            dice.pick(&["dpr", "save-data", "downlink", "width", "viewport-width", "rtt", "ect"]),
            dice.pick(&["1", "1", "1.5", "", "on", "4g"]).to_owned(),
        ),
        _ => (
            dice.pick(&["if-none-match", "cache-control", "pragma", "x_y", "a", "x-requested-with"]),
            "v".to_owned(),
        ),
    };
    (name.to_owned(), value)
}

/// `Access-Control-Allow-Origin` and `-Credentials`: right, most of the time.
fn shared(dice: &mut Dice, origin: &str, include: bool) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut add = |name: &str, value: &str| out.push((name.to_owned(), value.to_owned()));
    let allow = "access-control-allow-origin";
    match dice.below(30) {
        0 => {}
        1 => add(allow, "https://c.test"),
        2 => add(allow, &format!("{origin}/")),
        3 => add(allow, &format!("{origin}, {origin}")),
        4 => {
            add(allow, origin);
            add(allow, origin);
        }
        5 => add(allow, &origin.to_ascii_uppercase()),
        6 => add(allow, "null"),
        7 => add(allow, &format!(" \t{origin} ")),
        8 => add(allow, ""),
        9 => add("Access-Control-Allow-Origin", origin),
        10 => add(allow, &format!("{origin}\u{a0}")),
        11 => add(allow, &format!("{origin}\u{c}")),
        12..=17 if !include => add(allow, "*"),
        12 => add(allow, "*"),
        _ => add(allow, origin),
    }
    let credentials = "access-control-allow-credentials";
    match dice.below(24) {
        0 => {}
        1 => add(credentials, "TRUE"),
        2 => add(credentials, "true, true"),
        3 => add(credentials, " true"),
        4 => add(credentials, "false"),
        5 => {
            add(credentials, "true");
            add(credentials, "true");
        }
        _ if include || dice.once_in(3) => add(credentials, "true"),
        _ => {}
    }
    out
}

fn answer_to_preflight(
    dice: &mut Dice,
    asks: &[Ask],
    origin: &str,
    include: bool,
    place: &'static str,
    at: &str,
) -> Answer {
    let mut answer =
        Answer { place, at: at.to_owned(), method: Some("OPTIONS"), status: 200, ..Answer::default() };
    if dice.once_in(14) {
        answer.status = STATUSES[dice.below(STATUSES.len())];
        if answer.status == 401 {
            answer.status = 400;
        }
    }
    answer.headers = shared(dice, origin, include);
    let mut add = |name: &str, value: String| answer.headers.push((name.to_owned(), value));
    let methods = "access-control-allow-methods";
    let asked: Vec<String> =
        asks.iter().map(|ask| ask.method.clone().unwrap_or_else(|| "GET".to_owned())).collect();
    match dice.below(20) {
        0 => {}
        1 => add(methods, "*".to_owned()),
        2 => add(methods, asked.join(" ")),
        3 => add(methods, asked.join(" ,, ")),
        4 => add(methods, asked.join(",").to_ascii_lowercase()),
        5 => add(methods, format!(",{}", asked.join(","))),
        6 => add(methods, format!("{}, a b", asked.join(","))),
        7 => add(methods, String::new()),
        8 => asked.iter().for_each(|method| add(methods, method.clone())),
        9 => add(methods, format!("\"{}\"", asked.join(","))),
        10 => add(methods, format!("*, {}", asked.join(","))),
        _ => add(methods, asked.join(", ").to_ascii_uppercase()),
    }
    let headers = "access-control-allow-headers";
    let mut names: Vec<String> =
        asks.iter().flat_map(|ask| &ask.headers).map(|(name, _)| name.clone()).collect();
    names.push("content-type".to_owned());
    names.sort();
    names.dedup();
    match dice.below(20) {
        0 => {}
        1 | 2 => add(headers, "*".to_owned()),
        3 => add(headers, names.join(" ")),
        4 => add(headers, names.join(" ,, ")),
        5 => add(headers, names.join(",").to_ascii_uppercase()),
        6 => {
            names.pop();
            add(headers, names.join(","));
        }
        7 => names.iter().for_each(|name| add(headers, name.clone())),
        8 => add(headers, format!("{}, x y", names.join(","))),
        9 => add(headers, format!("*, {}", names.join(","))),
        10 => add(headers, format!("{},\t", names.join(",\t"))),
        11 => add(headers, format!("{}, x@y", names.join(","))),
        _ => add(headers, names.join(", ")),
    }
    let age = "access-control-max-age";
    match dice.below(16) {
        0 => add(age, "0".to_owned()),
        1 => add(age, "60".to_owned()),
        2 => add(age, "-1".to_owned()),
        3 => add(age, "abc".to_owned()),
        4 => add(age, "99999999999999999999".to_owned()),
        5 => add(age, "5.5".to_owned()),
        6 => add(age, "+60".to_owned()),
        7 => add(age, "60, 60".to_owned()),
        8 => add(age, String::new()),
        _ => {}
    }
    answer
}

fn exposed(dice: &mut Dice) -> Vec<(String, String)> {
    let mut out = Vec::new();
    if dice.once_in(3) {
        let mut add = |name: &str, value: &str| out.push((name.to_owned(), value.to_owned()));
        add("x-r", "1");
        add("x-s", "2");
        if dice.once_in(3) {
            add("x-r", "3");
        }
        if dice.once_in(3) {
            add("set-cookie2", "q=1");
        }
        let name = "access-control-expose-headers";
        match dice.below(10) {
            0 => add(name, "*"),
            1 => add(name, "x-r"),
            2 => add(name, "X-R , x-s"),
            3 => add(name, "x-r x-s"),
            4 => add(name, "x-r,,x-s"),
            5 => add(name, "*, x-r"),
            6 => {
                add(name, "x-r");
                add(name, "x-s");
            }
            7 => add(name, "x-r, \"x-s\""),
            8 => add(name, ""),
            _ => {}
        }
    }
    out
}
