//! Another policy while requests run: from a policy file, from a watched listener, from watched routes. None is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use support::{
    Changing, Envoy, Scratch, Setup, block_on, field, for_route, greeter, newest, request, versions,
};
use tokio::net::TcpStream;

fn policy(origin: &str) -> String {
    format!("[[grant]]\nallow_origins = ['{origin}']\n")
}

const ORIGINS: [&str; 2] = ["https://app.test", "https://other.test"];

/// Whom a response to the first of the origins is shared with.
fn shared(envoy: &Envoy) -> String {
    let response = envoy.ask(request("GET", "/", &[("origin", ORIGINS[0])]));
    field(&response, "access-control-allow-origin").to_owned()
}

/// Clients on kept-alive connections, who count what is not answered.
struct Load {
    over: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
    thread: thread::JoinHandle<()>,
}

impl Load {
    fn start(server: SocketAddr) -> Load {
        let over: Arc<AtomicBool> = Arc::default();
        let (answered, lost): (Arc<AtomicUsize>, Arc<AtomicUsize>) = Default::default();
        let (until, good, bad) = (over.clone(), Arc::clone(&answered), Arc::clone(&lost));
        let thread = thread::spawn(move || {
            block_on(async move {
                let mut clients = tokio::task::JoinSet::new();
                for _ in 0..8 {
                    let (until, good, bad) = (until.clone(), good.clone(), bad.clone());
                    clients.spawn(async move {
                        while !until.load(Ordering::Relaxed) {
                            connection(server, &until, &good, &bad).await;
                        }
                    });
                }
                clients.join_all().await;
            });
        });
        Load { over, answered, lost, thread }
    }

    fn end(self) -> (usize, usize) {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        (self.answered.load(Ordering::Relaxed), self.lost.load(Ordering::Relaxed))
    }
}

/// Asks over one connection until Envoy says that it is the last time.
async fn connection(server: SocketAddr, until: &AtomicBool, good: &AtomicUsize, bad: &AtomicUsize) {
    let io = TokioIo::new(TcpStream::connect(server).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    tokio::spawn(connection);
    while !until.load(Ordering::Relaxed) {
        let answer = sender.send_request(request("GET", "/", &[("origin", ORIGINS[0])])).await;
        let Ok(response) = answer else {
            bad.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let last = field(&response, "connection") == "close";
        let shared = ["", ORIGINS[0]].contains(&field(&response, "access-control-allow-origin"));
        let body = response.into_body().collect().await;
        let well = shared && body.is_ok_and(|body| body.to_bytes() == "hello");
        if well { good } else { bad }.fetch_add(1, Ordering::Relaxed);
        if last {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Changes the policy to and fro under load, and waits each time until it is in force.
fn without_a_loss(mut envoy: Envoy, mut change: impl FnMut(&Envoy, &str)) {
    assert_eq!(shared(&envoy), ORIGINS[0]);
    let load = Load::start(envoy.address);
    for nth in 1..=4 {
        let origin = ORIGINS[nth % 2];
        change(&envoy, origin);
        let expected = if nth % 2 == 0 { ORIGINS[0] } else { "" };
        envoy.wait("the other policy", |envoy| (shared(envoy) == expected).then_some(()));
        let before = load.answered.load(Ordering::Relaxed);
        envoy.wait("answers", |_| (load.answered.load(Ordering::Relaxed) > before + 100).then_some(()));
    }
    let (answered, lost) = load.end();
    assert_eq!(lost, 0, "of {answered}:\n{}", envoy.log());
    eprintln!("{answered} requests, {lost} lost");
}

#[test]
fn a_changed_policy_file_is_in_force_within_seconds() {
    for version in versions() {
        let scratch = Scratch::new();
        let path = scratch.write("policy.toml", &policy(ORIGINS[0]));
        let policy_from = Some(format!("file:{}", path.display()));
        let envoy =
            Envoy::start(version, &Setup { policy: policy_from, workers: 2, ..Setup::new(greeter()) });
        without_a_loss(envoy, |_, origin| {
            scratch.write("policy.toml", &policy(origin));
        });
    }
}

#[test]
fn a_changed_listener_brings_its_policy() {
    for version in versions() {
        let setup = |origin: &str, upstream| Setup {
            policy: Some(policy(origin)),
            workers: 2,
            changing: Changing::Listener,
            ..Setup::new(upstream)
        };
        let upstream = greeter();
        let envoy = Envoy::start(version, &setup(ORIGINS[0], upstream));
        without_a_loss(envoy, |envoy, origin| envoy.change(&setup(origin, upstream)));
    }
}

#[test]
fn changed_routes_bring_their_policies() {
    for version in versions() {
        let setup = |origin: &str, upstream| {
            let mut setup =
                Setup { policy: None, workers: 2, changing: Changing::Routes, ..Setup::new(upstream) };
            setup.routes[0]["typed_per_filter_config"] = for_route(&policy(origin));
            setup
        };
        let upstream = greeter();
        let envoy = Envoy::start(version, &setup(ORIGINS[0], upstream));
        without_a_loss(envoy, |envoy, origin| envoy.change(&setup(origin, upstream)));
    }
}

#[test]
fn a_wrong_file_changes_nothing_and_is_told_once() {
    let scratch = Scratch::new();
    let path = scratch.write("policy.toml", &policy(ORIGINS[0]));
    let policy_from = Some(format!("file:{}", path.display()));
    let mut envoy = Envoy::start(newest(), &Setup { policy: policy_from, ..Setup::new(greeter()) });
    let told = |envoy: &Envoy, text: &str| envoy.log().matches(text).count();

    scratch.write("policy.toml", &policy("https://app.test/"));
    let stays = "has changed, but is wrong: the policy from before stays in force";
    envoy.wait("the fault", |envoy| {
        assert_eq!(shared(envoy), ORIGINS[0]);
        (told(envoy, stays) == 1).then_some(())
    });
    assert_eq!(told(&envoy, "error[origin-trailing-slash] at 2:18"), 1);

    std::fs::remove_file(&path).unwrap();
    envoy.wait("that the file is gone", |envoy| {
        assert_eq!(shared(envoy), ORIGINS[0]);
        (told(envoy, "cannot be read: No such file") == 1).then_some(())
    });

    scratch.write("policy.toml", &policy(ORIGINS[1]));
    envoy.wait("the mended policy", |envoy| (shared(envoy).is_empty()).then_some(()));
    assert_eq!((told(&envoy, stays), told(&envoy, "has changed, and is in force")), (2, 1));
}

#[test]
fn a_wrong_listener_leaves_the_old_one_in_force() {
    let upstream = greeter();
    let setup = |origin: &str| Setup {
        policy: Some(policy(origin)),
        changing: Changing::Listener,
        ..Setup::new(upstream)
    };
    let mut envoy = Envoy::start(newest(), &setup(ORIGINS[0]));
    envoy.change(&setup("https://app.test/"));
    envoy.wait("the fault", |envoy| {
        envoy.log().contains("error[origin-trailing-slash] at 2:18").then_some(())
    });
    assert_eq!(shared(&envoy), ORIGINS[0]);
    envoy.change(&setup(ORIGINS[1]));
    envoy.wait("the mended policy", |envoy| (shared(envoy).is_empty()).then_some(()));
}
