//! Configurations, as every supported Envoy loads or refuses them, and what its log says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use serde_json::json;
use support::{Module, POLICY, Scratch, Setup, bare, for_route, validate, versions};

fn setup(policy: &str) -> Setup {
    Setup { policy: Some(policy.to_owned()), ..Setup::new(([127, 0, 0, 1], 9).into()) }
}

/// Every Envoy refuses it, and says all of this.
fn refused(setup: &Setup, told: &[&str]) {
    for version in versions() {
        let (right, log) = validate(version, setup);
        assert!(!right, "Envoy {version} takes it:\n{log}");
        for text in told {
            assert!(log.contains(text), "Envoy {version} does not say '{text}':\n{log}");
        }
    }
}

/// Every Envoy takes it; what it says.
fn taken(setup: &Setup) -> String {
    let logs = versions().iter().map(|version| {
        let (right, log) = validate(version, setup);
        assert!(right, "Envoy {version} refuses it:\n{log}");
        log
    });
    logs.collect()
}

#[test]
fn a_policy_in_the_configuration_is_taken() {
    let log = taken(&setup(POLICY));
    assert!(!log.contains("crossing:"), "{log}");
}

#[test]
fn a_policy_in_a_file_is_taken() {
    let scratch = Scratch::new();
    let path = scratch.write("policy.toml", POLICY);
    let log = taken(&setup(&format!("file:{}", path.display())));
    assert!(!log.contains("crossing:"), "{log}");
}

#[test]
fn what_is_no_regular_file_is_not_read() {
    let scratch = Scratch::new();
    let pipe = scratch.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.to_str().unwrap(), "/dev/zero"] {
        refused(&setup(&format!("file:{path}")), &["cannot be read: it is no regular file"]);
    }
}

#[test]
fn text_that_came_as_json_is_taken() {
    taken(&setup(&json!(POLICY).to_string()));
    refused(
        &setup(&json!("[[grant]]\nallow_origins = []\n").to_string()),
        &["crossing: filter_config: error["],
    );
    refused(
        &setup(&json!("file:/nowhere/policy.toml").to_string()),
        &["/nowhere/policy.toml cannot be read"],
    );
}

#[test]
fn the_module_may_be_named_by_its_path() {
    for version in versions() {
        let scratch = Scratch::new();
        Module::Crossing.put_into(&scratch);
        let mut setup = setup(POLICY);
        setup.filters = vec![json!({ "name": "crossing", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter",
            "dynamic_module_config": { "module": { "local": { "filename": scratch.path("libcrossing.so") } } },
            "filter_name": "crossing",
        } })];
        let (right, log) = validate(version, &setup);
        assert!(right, "Envoy {version} refuses it:\n{log}");
    }
}

#[test]
fn the_documented_configuration_is_taken() {
    for version in versions() {
        let scratch = Scratch::new();
        Module::Crossing.put_into(&scratch);
        let output = bare(version, &scratch)
            .args(["--mode", "validate", "-c", "../../docs/examples/envoy.yaml"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "Envoy {version} refuses it:\n{told}");
        assert!(!told.contains("[warning]") || version.starts_with("1.40"), "Envoy {version} warns:\n{told}");
    }
}

#[test]
fn a_filter_without_a_policy_leaves_it_to_the_routes() {
    let log = taken(&Setup { policy: None, ..setup("") });
    assert!(log.contains("crossing: the filter has no policy"), "{log}");
}

#[test]
fn warnings_are_told_and_refuse_nothing() {
    let log = taken(&setup(
        "[[grant]]\nallow_origins = ['*']\nallow_headers = ['authorization', 'Authorization']\n",
    ));
    assert!(log.contains("[warning][dynamic_modules]"), "{log}");
    assert!(log.contains("crossing: filter_config: warning["), "{log}");
}

#[test]
fn every_fault_is_told_with_its_line_and_its_mend() {
    let policy = "[[grant]]\nallow_origins = ['https://app.test/', 'https://b.test:443']\nmax_age = -1\n";
    let told = [
        "[error][dynamic_modules]",
        "crossing: filter_config: error[origin-trailing-slash] at 2:18 (grant[0].allow_origins[0])",
        "Try: https://app.test",
        "error[port-default] at 2:39",
        "error[max-age-negative] at 3:11",
    ];
    refused(&setup(policy), &told);
}

#[test]
fn a_fault_in_a_file_is_told_with_the_files_name() {
    let scratch = Scratch::new();
    let path = scratch.write("policy.toml", "[[grant]]\nallow_origin = ['https://app.test']\n");
    let place = format!("crossing: {}: error[unknown-key] at 2:1", path.display());
    refused(&setup(&format!("file:{}", path.display())), &[&place, "Try: allow_origins"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    refused(
        &setup("file:/nowhere/policy.toml"),
        &["crossing: /nowhere/policy.toml cannot be read: No such file"],
    );
}

#[test]
fn a_table_in_the_place_of_text_is_refused() {
    let mut setup = setup(POLICY);
    setup.filters = vec![json!({ "name": "crossing", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter",
        "dynamic_module_config": { "name": "crossing" },
        "filter_name": "crossing",
        "filter_config": { "@type": "type.googleapis.com/google.protobuf.Struct", "value": { "grant": [] } },
    } })];
    refused(&setup, &["crossing: filter_config is JSON other than a string. Make it text"]);
}

#[test]
fn another_name_is_refused() {
    let mut setup = setup(POLICY);
    setup.filters = vec![json!({ "name": "crossing", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter",
        "dynamic_module_config": { "name": "crossing" },
        "filter_name": "cors",
    } })];
    refused(&setup, &["crossing: this module has no filter 'cors'. Its one filter is called 'crossing'"]);
}

#[test]
fn a_routes_policy_is_checked_like_the_filters() {
    let route = |policy: &str| {
        let direct = json!({ "status": 200 });
        let own = for_route(policy);
        let route =
            json!({ "match": { "prefix": "/" }, "direct_response": direct, "typed_per_filter_config": own });
        Setup { routes: vec![route], ..setup(POLICY) }
    };
    taken(&route(POLICY));
    refused(
        &route("[[grant]]\nallow_origins = ['https://*']\n"),
        &["crossing: filter_config: error[", "at 2:18"],
    );
    refused(&route(""), &["crossing: a route's filter_config is empty", "disabled: true"]);
}

#[test]
fn a_panic_while_loading_refuses_the_configuration() {
    let panicking = |policy: &str| Setup { module: Module::Panicking, ..setup(policy) };
    taken(&panicking("calm"));
    refused(
        &panicking("panic"),
        &["asked to, while the filter is configured", "This is a bug; please report it"],
    );
    let mut setup = panicking("calm");
    setup.routes[0]["typed_per_filter_config"] = for_route("any");
    refused(&setup, &["asked to, while a route is configured"]);
}
