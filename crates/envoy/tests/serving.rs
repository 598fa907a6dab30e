//! What clients get through Envoy: routes, Envoy's own answers, several workers, counters, panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use http::StatusCode;
use serde_json::json;
use support::{
    Envoy, Module, POLICY, Setup, block_on, fetch, field, for_route, greeter, newest, request, versions,
};

const ORIGIN: (&str, &str) = ("origin", "https://app.test");

#[test]
fn a_routes_policy_stands_in_the_place_of_the_filters() {
    let other = "[[grant]]\nallow_origins = ['https://other.test']\nallow_credentials = true\n";
    for version in versions() {
        let mut setup = Setup::new(greeter());
        let disabled = json!({ "crossing": {
            "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": true, "config": {},
        } });
        for (prefix, own) in [("/other", for_route(other)), ("/off", disabled)] {
            let route = json!({
                "match": { "prefix": prefix }, "route": { "cluster": "up" }, "typed_per_filter_config": own,
            });
            setup.routes.insert(0, route);
        }
        let envoy = Envoy::start(version, &setup);
        let origins = ["https://app.test", "https://other.test"].map(|origin| ("origin", origin));
        let shared = |path| {
            origins.map(|origin| {
                let response = envoy.ask(request("GET", path, &[origin]));
                assert_eq!(response.body(), "hello");
                field(&response, "access-control-allow-origin").to_owned()
            })
        };
        assert_eq!(shared("/"), ["https://app.test", ""], "Envoy {version}");
        assert_eq!(shared("/other"), ["", "https://other.test"], "Envoy {version}");
        assert_eq!(shared("/off"), ["", ""], "Envoy {version}");
        let response = envoy.ask(request("GET", "/other", &[origins[1]]));
        assert_eq!(field(&response, "access-control-allow-credentials"), "true");
        assert_eq!(field(&envoy.ask(request("GET", "/off", &[])), "vary"), "");
    }
}

#[test]
fn answers_of_envoys_own_are_shared_too() {
    for version in versions() {
        let mut setup = Setup::new(greeter());
        setup.routes = vec![
            json!({ "match": { "prefix": "/nobody" }, "route": { "cluster": "nobody" } }),
            json!({ "match": { "prefix": "/direct" }, "direct_response": { "status": 418 } }),
            json!({ "match": { "prefix": "/moved" }, "redirect": { "path_redirect": "/x" } }),
        ];
        let envoy = Envoy::start(version, &setup);
        for (path, status) in [("/nobody", 503), ("/direct", 418), ("/moved", 301), ("/nothing", 404)] {
            let response = envoy.ask(request("GET", path, &[ORIGIN]));
            assert_eq!(response.status(), status, "Envoy {version} {path}");
            assert_eq!(field(&response, "access-control-allow-origin"), ORIGIN.1, "Envoy {version} {path}");
            assert_eq!(field(&response, "vary"), "Origin", "Envoy {version} {path}");
            let preflight = [ORIGIN, ("access-control-request-method", "PUT")];
            assert_eq!(
                envoy.ask(request("OPTIONS", path, &preflight)).status(),
                200,
                "Envoy {version} {path}"
            );
        }
    }
}

#[test]
fn the_answer_of_a_filter_in_front_is_shared_too() {
    for version in versions() {
        let mut setup = Setup::new(greeter());
        let everybody = json!({ "permissions": [{ "any": true }], "principals": [{ "any": true }] });
        setup.filters = vec![json!({ "name": "envoy.filters.http.rbac", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
            "rules": { "action": "DENY", "policies": { "all": everybody } },
        } })];
        let envoy = Envoy::start(version, &setup);
        let response = envoy.ask(request("GET", "/", &[ORIGIN]));
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "Envoy {version}");
        assert_eq!(field(&response, "access-control-allow-origin"), ORIGIN.1, "Envoy {version}");
    }
}

#[test]
fn a_preflight_never_reaches_the_upstream() {
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = asked.clone();
    let upstream = support::serve(move |_| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        http::Response::default()
    });
    let envoy = Envoy::start(newest(), &Setup::new(upstream));
    for (method, status) in [("PUT", 200), ("PATCH", 403)] {
        let preflight = [ORIGIN, ("access-control-request-method", method)];
        assert_eq!(envoy.ask(request("OPTIONS", "/", &preflight)).status(), status);
    }
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert_eq!(envoy.ask(request("OPTIONS", "/", &[ORIGIN])).status(), 200);
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[test]
fn decisions_are_counted_with_their_reasons() {
    for version in versions() {
        let mut envoy = Envoy::start(version, &Setup::new(greeter()));
        let other = ("origin", "https://other.test");
        let put = ("access-control-request-method", "PUT");
        envoy.ask(request("GET", "/", &[]));
        envoy.ask(request("GET", "/", &[ORIGIN]));
        envoy.ask(request("GET", "/", &[other]));
        envoy.ask(request("OPTIONS", "/", &[ORIGIN, put]));
        envoy.ask(request("OPTIONS", "/", &[ORIGIN, ("access-control-request-method", "PATCH")]));
        envoy.ask(request("OPTIONS", "/", &[other, put, ("access-control-request-private-network", "true")]));
        for name in [
            "requests_not_cors",
            "requests_granted",
            "requests_refused.reason.origin-not-granted",
            "preflights_granted",
            "preflights_refused.reason.method-not-granted",
            "preflights_refused.reason.origin-not-granted",
            "preflights_for_private_network",
        ] {
            envoy.wait(name, |envoy| (envoy.stat(&format!("crossing.{name}"))? == 1).then_some(()));
        }
        assert_eq!(envoy.stat("crossing.requests_same_origin"), Some(0));
        let prometheus = envoy.admin("/stats/prometheus").unwrap();
        let line = "crossing_requests_refused{reason=\"origin-not-granted\"} 1";
        assert!(prometheus.contains(line), "Envoy {version}:\n{prometheus}");
    }
}

#[test]
fn reported_refusals_are_counted_and_pass() {
    let mut setup = Setup::new(greeter());
    setup.policy = Some(format!("enforcement = 'report'\n{POLICY}"));
    let mut envoy = Envoy::start(newest(), &setup);
    let response = envoy.ask(request("GET", "/", &[("origin", "https://other.test")]));
    assert_eq!(response.body(), "hello");
    let name = "crossing.requests_reported.reason.origin-not-granted";
    envoy.wait(name, |envoy| (envoy.stat(name)? == 1).then_some(()));
}

#[test]
fn an_enforced_policy_keeps_requests_from_the_upstream() {
    for version in versions() {
        let upstream = support::serve(|_| panic!("asked"));
        let mut setup = Setup::new(upstream);
        setup.policy = Some(format!("enforcement = 'on'\n{POLICY}"));
        let envoy = Envoy::start(version, &setup);
        let other = ("origin", "https://other.test");
        let mut upload = request("POST", "/", &[other]);
        *upload.body_mut() = vec![b'x'; 4 << 20].into();
        assert_eq!(envoy.ask(upload).status(), StatusCode::FORBIDDEN, "Envoy {version}");
        // A gRPC client takes a 403 for PERMISSION_DENIED; Envoy's own way to refuse would say OK.
        let response = envoy.ask(request("POST", "/", &[other, ("content-type", "application/grpc")]));
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "Envoy {version}");
        assert_eq!(field(&response, "grpc-status"), "", "Envoy {version}");
        assert_eq!(field(&response, "vary"), "Origin", "Envoy {version}");
    }
}

#[test]
fn several_workers_decide_alike() {
    for version in versions() {
        let envoy = Envoy::start(version, &Setup { workers: 4, ..Setup::new(greeter()) });
        let address = envoy.address;
        block_on(async {
            let mut asked = tokio::task::JoinSet::new();
            for nth in 0..400 {
                asked.spawn(async move {
                    let origin = if nth % 2 == 0 { "https://app.test" } else { "https://other.test" };
                    let response = fetch(address, request("GET", "/", &[("origin", origin)])).await.unwrap();
                    let expected = if nth % 2 == 0 { origin } else { "" };
                    assert_eq!(field(&response, "access-control-allow-origin"), expected);
                });
                if nth % 20 == 19 {
                    while let Some(done) = asked.join_next().await {
                        done.unwrap();
                    }
                }
            }
        });
    }
}

#[test]
fn headers_without_number_are_looked_through() {
    let upstream = support::serve(|_| {
        let mut response = http::Response::new("hello".into());
        for nth in 0..80 {
            let name = http::HeaderName::from_bytes(format!("x-{nth}").as_bytes()).unwrap();
            response.headers_mut().append(name, http::HeaderValue::from_static("1"));
        }
        response.headers_mut().append("vary", http::HeaderValue::from_static("Accept"));
        response.headers_mut().append("access-control-allow-origin", http::HeaderValue::from_static("*"));
        response
    });
    let mut setup = Setup::new(upstream);
    setup.policy = Some(
        "[[grant]]\nallow_origins = ['https://app.test']\nallow_credentials = true\nexpose_headers = ['*']\n"
            .to_owned(),
    );
    let envoy = Envoy::start(newest(), &setup);
    let response = envoy.ask(request("GET", "/", &[ORIGIN]));
    assert_eq!(field(&response, "vary"), "Accept, Origin");
    assert_eq!(field(&response, "access-control-allow-origin"), ORIGIN.1);
    let exposed = field(&response, "access-control-expose-headers");
    assert!((0..80).all(|nth| exposed.split(", ").any(|name| name == format!("x-{nth}"))), "{exposed}");
}

#[test]
fn a_panic_refuses_one_request_and_envoy_lives() {
    for version in versions() {
        let setup = Setup {
            module: Module::Panicking,
            policy: Some("calm".to_owned()),
            workers: 2,
            ..Setup::new(greeter())
        };
        let mut envoy = Envoy::start(version, &setup);
        for _ in 0..20 {
            let response = envoy.ask(request("GET", "/", &[("panic", "request")]));
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "Envoy {version}");
            let response = envoy.ask(request("GET", "/", &[("panic", "response")]));
            assert_eq!(field(&response, "access-control-allow-origin"), "", "Envoy {version}");
            assert_eq!(envoy.ask(request("GET", "/", &[("panic", "end")])).status(), StatusCode::OK);
            let response = envoy.ask(request("GET", "/", &[]));
            assert_eq!(response.body(), "hello");
            assert_eq!(field(&response, "access-control-allow-origin"), ORIGIN.1);
        }
        assert!(envoy.lives());
        let log = envoy.log();
        assert!(log.contains("[error][dynamic_modules]"), "{log}");
        for told in ["asked to, in a request", "asked to, in a response", "asked to, at the end of a stream"]
        {
            assert!(log.contains(told), "Envoy {version}:\n{log}");
        }
    }
}

#[test]
fn a_stream_that_cannot_begin_is_refused() {
    for version in versions() {
        let setup = Setup {
            module: Module::Panicking,
            policy: Some("panic in new".to_owned()),
            ..Setup::new(greeter())
        };
        let mut envoy = Envoy::start(version, &setup);
        for _ in 0..3 {
            let response = envoy.ask(request("GET", "/", &[]));
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "Envoy {version}");
        }
        assert!(envoy.lives());
    }
}
