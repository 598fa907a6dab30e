//! `crossing audit` against servers that are wrong on purpose, one for each class, and against correct ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use support::scripted::{Answer, Asked, serve};
use support::{Run, Shape, run};

const OWN: &str = "https://app.example.com";
const ACAO: &str = "access-control-allow-origin";
const ACAC: &str = "access-control-allow-credentials";

/// An answer as it should be: `allowed` says who is granted, with credentials.
fn shared(asked: &Asked, allowed: impl Fn(&str) -> bool) -> Answer {
    let path = asked.target.split('?').next().unwrap_or_default();
    let answer = match (asked.is_preflight(), path) {
        (true, _) => Answer::new(204),
        (false, "/data") => Answer::new(200).body("data"),
        (false, _) => Answer::new(404).body("not here"),
    };
    let answer = answer.with("vary", "Origin");
    let Some(origin) = asked.get("origin").filter(|origin| allowed(origin)) else { return answer };
    let answer = answer.with(ACAO, origin).with(ACAC, "true");
    if !asked.is_preflight() {
        return answer;
    }
    answer
        .with("access-control-allow-methods", "PUT")
        .with("access-control-allow-headers", "content-type")
        .with("access-control-max-age", "600")
}

fn is_own(origin: &str) -> bool {
    origin == OWN
}

fn audit(port: u16, more: &[&str]) -> Run {
    let url = format!("http://127.0.0.1:{port}/data");
    run(["audit", &url, "--own", OWN, "--rate", "5000", "--json"].iter().chain(more))
}

fn codes(run: &Run) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let json = run.json();
    json["findings"].as_array().unwrap().iter().map(|f| (text(&f["code"]), text(&f["severity"]))).collect()
}

type Server = Box<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// The class, how bad it is, and a server that has this fault alone.
fn wrong_servers() -> Vec<(&'static str, &'static str, Server)> {
    fn trusting(allowed: fn(&str) -> bool) -> Server {
        Box::new(move |asked| shared(asked, allowed))
    }
    fn changed(change: fn(&Asked, Answer) -> Answer) -> Server {
        Box::new(move |asked| change(asked, shared(asked, is_own)))
    }
    fn anonymous(allowed: fn(&str) -> bool) -> Server {
        Box::new(move |asked| shared(asked, allowed).without(ACAC))
    }
    let flips = AtomicU32::new(0);
    vec![
        ("reflect", "critical", trusting(|origin| origin != "null")),
        ("reflect-nc", "low", anonymous(|origin| origin != "null")),
        ("null", "high", trusting(|origin| is_own(origin) || origin == "null")),
        ("prefix", "high", trusting(|origin| origin.starts_with(OWN))),
        (
            "suffix",
            "high",
            trusting(|origin| {
                is_own(origin) || origin.starts_with("https://") && origin.ends_with("example.com")
            }),
        ),
        ("substr", "high", trusting(|origin| origin.contains("app.example.com"))),
        ("dot", "high", trusting(|origin| is_own(origin) || origin == "https://appxexample.com")),
        (
            "special",
            "high",
            trusting(|origin| is_own(origin) || origin.starts_with("https://app.example.com{")),
        ),
        (
            "subany",
            "medium",
            trusting(|origin| origin.starts_with("https://") && origin.ends_with(".example.com")),
        ),
        ("subhttp", "medium", trusting(|origin| is_own(origin) || origin == "http://app.example.com")),
        (
            "portany",
            "medium",
            trusting(|origin| is_own(origin) || origin.starts_with("https://app.example.com:")),
        ),
        ("localhost", "medium", trusting(|origin| is_own(origin) || origin == "http://localhost:3000")),
        ("thirdparty", "high", trusting(|origin| is_own(origin) || origin.ends_with(".github.io"))),
        ("ext", "medium", trusting(|origin| is_own(origin) || origin.starts_with("chrome-extension://"))),
        (
            "anchor-ml",
            "info",
            trusting(|origin| is_own(origin) || origin.ends_with(".example/app.example.com")),
        ),
        ("wild-cred", "medium", changed(|_, answer| answer.set(ACAO, "*").set(ACAC, "true"))),
        (
            "wild-sens",
            "medium",
            changed(|_, answer| answer.set(ACAO, "*").without(ACAC).with("set-cookie", "sid=1")),
        ),
        ("vary-missing", "medium", changed(|_, answer| answer.without("vary"))),
        (
            "vary-missing",
            "high",
            changed(|_, answer| answer.without("vary").with("cache-control", "s-maxage=60")),
        ),
        // To read what another page was granted is one thing; to read nothing, the other.
        (
            "vary-missing",
            "medium",
            changed(|_, answer| answer.without("vary").without(ACAC).with("cache-control", "s-maxage=60")),
        ),
        (
            "vary-missing",
            "info",
            changed(|_, answer| answer.without("vary").with("cache-control", "no-store")),
        ),
        (
            "vary-preflight",
            "low",
            changed(|asked, answer| match asked.get("access-control-request-headers") {
                Some(_) => answer.set("access-control-allow-headers", "x-a").with("cache-control", "public"),
                None if asked.is_preflight() => answer.with("cache-control", "public"),
                None => answer,
            }),
        ),
        (
            "cache-cred",
            "medium",
            changed(|asked, answer| match asked.is_preflight() {
                false => answer.with("cache-control", "public, max-age=60"),
                true => answer,
            }),
        ),
        (
            "header-inj",
            "high",
            changed(|asked, answer| match asked.get("origin").and_then(|o| o.split_once("%0d%0a")) {
                Some(_) => answer.with("x-crossing-audit", "1"),
                None => answer,
            }),
        ),
        ("multi-acao", "medium", changed(|_, answer| answer.with(ACAO, OWN))),
        ("multi-acao", "medium", changed(|_, answer| answer.set(ACAO, "https://*.example.com"))),
        ("multi-acao", "medium", changed(|_, answer| answer.set(ACAO, "app.example.com"))),
        ("case", "medium", changed(|_, answer| answer.set(ACAO, "https://APP.example.com"))),
        ("case", "medium", changed(|_, answer| answer.set(ACAO, "https://app.example.com/"))),
        ("acac-case", "medium", changed(|_, answer| answer.set(ACAC, "True"))),
        (
            "preflight-status",
            "medium",
            changed(|asked, answer| if asked.is_preflight() { Answer::new(405) } else { answer }),
        ),
        (
            "preflight-auth",
            "medium",
            changed(|asked, answer| if asked.is_preflight() { Answer::new(401) } else { answer }),
        ),
        (
            "preflight-redir",
            "medium",
            changed(|asked, answer| match asked.is_preflight() {
                true => Answer::new(301).with("location", "/data/"),
                false => answer,
            }),
        ),
        ("preflight-nocache", "info", changed(|_, answer| answer.without("access-control-max-age"))),
        (
            "acam-lower",
            "medium",
            changed(|_, answer| answer.set("access-control-allow-methods", "PUT, patch")),
        ),
        ("acah-auth", "medium", changed(|_, answer| answer.set("access-control-allow-headers", "*"))),
        (
            "acah-reflect",
            "low",
            changed(|asked, answer| match asked.get("access-control-request-headers") {
                Some(names) => answer.set("access-control-allow-headers", names),
                None => answer,
            }),
        ),
        (
            "aceh",
            "info",
            changed(|_, answer| answer.with("access-control-expose-headers", "X-Session-Token")),
        ),
        (
            "methods-dangerous",
            "low",
            changed(|_, answer| {
                answer.set(ACAO, "*").without(ACAC).set("access-control-allow-methods", "DELETE")
            }),
        ),
        (
            "err-nocors",
            "medium",
            changed(
                |_, answer| if answer.status == 404 { answer.without(ACAO).without(ACAC) } else { answer },
            ),
        ),
        (
            "redir-nocors",
            "medium",
            changed(|asked, answer| match asked.target.as_str() {
                "/data" if !asked.is_preflight() => Answer::new(302).with("location", "/login"),
                _ => answer,
            }),
        ),
        ("tao", "info", changed(|_, answer| answer.with("timing-allow-origin", "*"))),
        (
            "ws",
            "high",
            changed(|asked, answer| match asked.get("upgrade") {
                Some(_) => Answer::new(101).with("upgrade", "websocket").with("connection", "Upgrade"),
                None => answer,
            }),
        ),
        (
            "crossdomain",
            "low",
            changed(|asked, answer| match asked.target.as_str() {
                "/crossdomain.xml" => Answer::new(200)
                    .body("<cross-domain-policy><allow-access-from domain=\"*\"/></cross-domain-policy>"),
                _ => answer,
            }),
        ),
        (
            "jsonp",
            "low",
            changed(|asked, answer| match asked.target.split_once("callback=") {
                Some((_, name)) => {
                    let name = name.split('&').next().unwrap_or_default();
                    answer.body(&format!("{name}({{}})")).with("content-type", "text/javascript")
                }
                None => answer,
            }),
        ),
        ("own-refused", "medium", trusting(|origin| origin == "https://other.example")),
        (
            "origin-authz",
            "info",
            changed(|asked, answer| match asked.get("origin") {
                Some(origin) if !is_own(origin) => Answer::new(403).with("vary", "Origin"),
                _ => answer,
            }),
        ),
        (
            "inconsistent",
            "medium",
            changed(|asked, answer| if asked.is_preflight() { answer.without(ACAC) } else { answer }),
        ),
        (
            "inconsistent",
            "medium",
            // Two replicas, one of which has the old configuration.
            Box::new(move |asked| {
                let answer = shared(asked, is_own);
                let plain =
                    asked.target == "/data" && asked.method == "GET" && asked.get("origin") == Some(OWN);
                match plain && flips.fetch_add(1, Ordering::Relaxed) == 1 {
                    true => answer.without(ACAC),
                    false => answer,
                }
            }),
        ),
    ]
}

#[test]
fn every_wrong_server_is_found_and_nothing_else_is() {
    // What comes along: the same fault, seen from another side.
    let along = |code: &str| match code {
        "prefix" | "substr" | "suffix" | "subany" => &["subhttp", "anchor-ml", "localhost"][..],
        "reflect" | "reflect-nc" | "wild-cred" | "wild-sens" | "methods-dangerous" => {
            &["methods-dangerous", "acah-auth"]
        }
        "preflight-redir" | "redir-nocors" => &["inconsistent"],
        // A constant with a slash at its end is, to the byte, what no browser sends.
        "case" => &["anchor-ml"],
        _ => &[],
    };
    let mut wrong = Vec::new();
    for (code, severity, server) in wrong_servers() {
        let run = audit(serve(server), &[]);
        let found = codes(&run);
        let expected = (code.to_owned(), severity.to_owned());
        let surprising =
            |(found, _): &&(String, String)| found != code && !along(code).contains(&found.as_str());
        let exit = Some(i32::from(found.iter().any(|(_, severity)| severity != "info")));
        if run.code != exit || !found.contains(&expected) || found.iter().any(|found| surprising(&found)) {
            wrong.push(format!("{code} {severity}: {found:?}"));
            continue;
        }
        let json = run.json();
        let finding = json["findings"].as_array().unwrap().iter().find(|f| f["code"] == code).unwrap();
        let proof = finding["proof"].as_str().unwrap();
        assert!(proof.starts_with("$ curl ") && proof.contains("\nHTTP "), "{proof}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The page about audits has every class (a unit test holds it to the table), so it says which servers there must be.
#[test]
fn there_is_a_wrong_server_for_every_class() {
    let page = include_str!("../../../docs/for-security-reviews.md");
    let servers = wrong_servers();
    let shown: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("| code | at worst |"))
        .skip(2)
        .map_while(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert!(shown.len() > 40, "{shown:?}");
    // Those have tests of their own: here, and in the unit tests for what loopback cannot show.
    let elsewhere = ["simple-csrf", "mixed", "lna", "intranet", "not-judged"];
    for code in shown {
        assert!(elsewhere.contains(&code) || servers.iter().any(|(known, ..)| *known == code), "{code}");
    }
}

#[test]
fn a_forged_post_is_tried_on_demand_only() {
    let posts = Arc::new(AtomicU32::new(0));
    let seen = posts.clone();
    let port = serve(move |asked| {
        assert!(["GET", "HEAD", "OPTIONS", "POST"].contains(&asked.method.as_str()));
        seen.fetch_add(u32::from(asked.method == "POST"), Ordering::Relaxed);
        shared(asked, is_own)
    });
    assert_eq!(codes(&audit(port, &[]).has_code(0)), []);
    assert_eq!(posts.load(Ordering::Relaxed), 0);
    let found = codes(&audit(port, &["--post"]).has_code(0));
    assert_eq!(found, [("simple-csrf".to_owned(), "info".to_owned())]);
    assert_eq!(posts.load(Ordering::Relaxed), 1);
}

#[test]
fn a_correct_server_has_no_finding() {
    let port = serve(|asked| shared(asked, is_own));
    assert_eq!(codes(&audit(port, &[]).has_code(0)), []);
    // One that knows nothing of CORS, and whose own origin nobody stated.
    let port = serve(|_| Answer::new(200).body("hello"));
    let bare = run(["audit", &format!("http://127.0.0.1:{port}/"), "--rate", "5000", "--json"]).has_code(0);
    assert_eq!(codes(&bare), []);
    // No browser looks at an answer to a request without Origin.
    let port = serve(|asked| match asked.get("origin") {
        Some(_) => shared(asked, is_own),
        None => shared(asked, is_own).with(ACAO, ""),
    });
    assert_eq!(codes(&audit(port, &[]).has_code(0)), []);
}

#[test]
fn every_own_origin_must_be_granted() {
    let port = serve(|asked| shared(asked, is_own));
    let both = audit(port, &["--own", "https://admin.other.example"]).has_code(1);
    assert_eq!(codes(&both), [("own-refused".to_owned(), "medium".to_owned())]);
    assert!(both.out.contains("https://admin.other.example"), "{}", both.out);
    let port = serve(|_| Answer::new(200).body("hello"));
    assert_eq!(codes(&audit(port, &[]).has_code(1)), [("own-refused".to_owned(), "medium".to_owned())]);
}

/// What is not known is not called good.
#[test]
fn what_was_not_judged_is_said_and_never_passes() {
    let held_off = || {
        let asked = AtomicU32::new(0);
        move |request: &Asked| match asked.fetch_add(1, Ordering::Relaxed) {
            0..12 => shared(request, is_own),
            _ => Answer::new(429),
        }
    };
    let servers: [(Server, &[&str], &str); 5] = [
        (Box::new(|_| Answer::new(502)), &[], "the application is down or slow"),
        (Box::new(held_off()), &[], "wants fewer requests (429"),
        (Box::new(|_| Answer::new(401)), &[], "every answer is an error (401"),
        (Box::new(|_| Answer::new(404)), &[], "every answer is an error (404"),
        (Box::new(|asked| shared(asked, is_own)), &["--max-requests", "1"], "probes not sent"),
    ];
    for (server, more, why) in servers {
        // Of no stated origin: where one is, a refused preflight is a finding.
        let url = format!("http://127.0.0.1:{}/data", serve(server));
        let run = run(["audit", &url, "--rate", "5000", "--json"].iter().chain(more)).has_code(2);
        assert_eq!(codes(&run), [("not-judged".to_owned(), "info".to_owned())]);
        assert!(run.out.contains(why) && run.err.contains(why), "{}\n{}", run.out, run.err);
    }
    let port = serve(|_| Answer::new(503));
    let url = format!("http://127.0.0.1:{port}/data");
    let told = run(["audit", &url]).has_code(2);
    assert!(told.out.contains("? 1 URL: 1 info; 1 not judged in full"), "{}", told.out);
    let sarif = run(["audit", &url, "--sarif"]).has_code(2).json();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert!(invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap().contains("503"));
    // A server that has had enough is left alone.
    let asked = Arc::new(AtomicU32::new(0));
    let seen = asked.clone();
    let port = serve(move |_| {
        seen.fetch_add(1, Ordering::Relaxed);
        Answer::new(429)
    });
    audit(port, &[]).has_code(2);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn documents_have_the_promised_keys() {
    let port = serve(|asked| shared(asked, |_| true));
    let found = audit(port, &[]).has_code(1).json();
    let finding = Shape::Object(vec![
        ("code", Shape::Text),
        ("severity", Shape::OneOf(&["critical", "high", "medium", "low", "info"])),
        ("title", Shape::Text),
        ("url", Shape::Text),
        ("proof", Shape::Text),
        ("advice", Shape::Text),
    ]);
    Shape::Object(vec![("findings", Shape::List(Box::new(finding)))]).check(&found, "audit");
    assert_eq!(found["findings"][0]["code"], "reflect");

    let url = format!("http://127.0.0.1:{port}/data");
    let sarif = run(["audit", &url, "--own", OWN, "--rate", "5000", "--sarif"]).has_code(1).json();
    assert_eq!(sarif["version"], "2.1.0");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"reflect".into(), &"error".into()));
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], "reflect");
}

/// What the schema of SARIF 2.1.0 demands of the parts that are there, and what code scanning wants on top.
#[test]
fn sarif_holds_to_its_schema() {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned();
    let level = |value: &serde_json::Value| {
        assert!(["none", "note", "warning", "error"].contains(&text(value).as_str()), "{value}");
    };
    let is_uri = |value: &serde_json::Value| assert!(url::Url::parse(&text(value)).is_ok(), "{value}");
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port = serve(|asked| shared(asked, |_| true));
    let urls = [port, dead].map(|port| format!("http://127.0.0.1:{port}/data"));
    let flags = ["audit", "--own", OWN, "--rate", "5000", "--sarif"];
    let log = run(flags.iter().copied().chain(urls.iter().map(String::as_str))).has_code(1).json();
    assert_eq!(log["version"], "2.1.0");
    is_uri(&log["$schema"]);
    let runs = log["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    text(&driver["name"]);
    text(&driver["semanticVersion"]);
    is_uri(&driver["informationUri"]);
    // One URL did not answer: the run says so.
    assert_eq!(runs[0]["invocations"][0]["executionSuccessful"], false);
    let rules = driver["rules"].as_array().unwrap();
    let ids: std::collections::BTreeSet<String> = rules.iter().map(|rule| text(&rule["id"])).collect();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        text(&rule["shortDescription"]["text"]);
        text(&rule["help"]["text"]);
        is_uri(&rule["helpUri"]);
        level(&rule["defaultConfiguration"]["level"]);
        assert!(text(&rule["properties"]["security-severity"]).parse::<f32>().is_ok());
        assert!(rule["properties"]["tags"].as_array().unwrap().iter().all(serde_json::Value::is_string));
    }
    let results = runs[0]["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        level(&result["level"]);
        assert!(!text(&result["message"]["text"]).is_empty());
        // Code scanning takes no other location than a path; which address it is, stands beside it.
        let location = &result["locations"][0];
        let path = text(&location["physicalLocation"]["artifactLocation"]["uri"]);
        assert!(path.starts_with("127.0.0.1%3A") && path.ends_with("/data"), "{path}");
        let address = text(&location["logicalLocations"][0]["fullyQualifiedName"]);
        assert!(urls.contains(&address), "{address}");
        assert_eq!(address == urls[1], result["ruleId"] == "not-judged");
        let prints = result["partialFingerprints"].as_object().unwrap();
        assert!(!prints.is_empty() && prints.values().all(serde_json::Value::is_string));
    }
}

/// Over all URLs together, whatever runs at the same time.
#[test]
fn many_urls_share_the_pace_and_no_more_run_than_were_asked_for() {
    let (now, most, all) = (AtomicU32::new(0), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (seen, count) = (most.clone(), all.clone());
    let port = serve(move |asked| {
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        count.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(5));
        now.fetch_sub(1, Ordering::SeqCst);
        shared(asked, is_own)
    });
    let urls: Vec<String> = (0..6).map(|n| format!("http://127.0.0.1:{port}/data?{n}")).collect();
    let audit = |jobs: &str, rate: &str| {
        all.store(0, Ordering::SeqCst);
        most.store(0, Ordering::SeqCst);
        let flags = ["audit", "--own", OWN, "--json", "--max-requests", "5", "--jobs", jobs, "--rate", rate];
        let began = std::time::Instant::now();
        run(flags.into_iter().chain(urls.iter().map(String::as_str)));
        assert_eq!(all.load(Ordering::SeqCst), 30, "five for each of six URLs");
        (most.load(Ordering::SeqCst), began.elapsed())
    };
    for jobs in ["1", "2", "4"] {
        let (most, _) = audit(jobs, "5000");
        assert!(most <= jobs.parse().unwrap(), "{most} at the same time, of {jobs}");
    }
    let (_, took) = audit("6", "100");
    assert!(took.as_millis() >= 290, "29 gaps of a hundredth of a second: {took:?}");
}

#[test]
fn it_is_polite() {
    let asked = Arc::new(AtomicU32::new(0));
    let seen = asked.clone();
    let port = serve(move |request| {
        assert!(request.get("user-agent").is_some_and(|agent| agent.starts_with("crossing-audit/")));
        seen.fetch_add(1, Ordering::Relaxed);
        shared(request, is_own)
    });
    // A dry run sends nothing, and says everything.
    let url = format!("http://127.0.0.1:{port}/data");
    let dry = run(["audit", &url, "--own", OWN, "--dry-run"]).has_code(0);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert!(dry.out.lines().filter(|line| line.starts_with("OPTIONS ")).count() > 50, "{}", dry.out);
    assert!(dry.out.contains("nothing was sent"));
    let listed = run(["audit", &url, "--own", OWN, "--dry-run", "--json"]).has_code(0).json();
    let listed = listed["requests"].as_array().unwrap().len();
    assert!(listed <= 200, "{listed}");

    // A limit is a limit, and what it cut off is told.
    let cut = audit(port, &["--max-requests", "7"]);
    assert_eq!(asked.load(Ordering::Relaxed), 7);
    assert!(cut.err.contains("not sent; --max-requests"), "{}", cut.err);

    let began = std::time::Instant::now();
    run(["audit", &url, "--own", OWN, "--rate", "50", "--max-requests", "11", "--json"]);
    assert!(began.elapsed().as_millis() >= 200, "ten gaps of a fiftieth of a second");

    audit(port, &[]);
    assert_eq!(asked.load(Ordering::Relaxed) as usize, 7 + 11 + listed, "the dry run lists what is sent");
}

#[test]
fn many_urls_are_asked_and_the_dead_one_is_named() {
    let good = serve(|asked| shared(asked, is_own));
    let bad = serve(|asked| shared(asked, |_| true));
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let urls = [good, dead, bad].map(|port| format!("http://127.0.0.1:{port}/data"));
    let flags = ["audit", "--own", OWN, "--rate", "5000"];
    let both = run(flags.iter().copied().chain(urls.iter().map(String::as_str))).has_code(1);
    assert!(both.err.contains(&urls[1]), "{}", both.err);
    assert!(
        both.out.contains("critical reflect") && both.out.contains("1 not judged in full"),
        "{}",
        both.out
    );
    let alone = run(flags.iter().copied().chain([urls[1].as_str()])).has_code(2);
    assert!(alone.err.contains("refused"), "{}", alone.err);
}

#[test]
fn wrong_input_is_named() {
    for (args, told) in [
        (&["audit"][..], "URL"),
        (&["audit", "localhost:3000"], "no scheme"),
        (&["audit", "http://a.test/", "--own", "null"], "nobody's own"),
        (&["audit", "http://a.test/", "--own", "https://a.test/"], "did you mean"),
        (&["audit", "http://a.test/", "--rate", "0"], "number of requests"),
        (&["audit", "http://a.test/", "--json", "--sarif"], "cannot be used"),
        (&["audit", "http://a.test/", "--dry-run", "--sarif"], "cannot be used"),
        (&["audit", "http://u:secretpw@a.test/"], "holds a user or a password"),
        (&["audit", "-"], "names no address"),
    ] {
        let run = run(args).has_code(2);
        assert!(run.err.contains(told) && !run.err.contains("secretpw"), "{args:?}: {}", run.err);
    }
}
