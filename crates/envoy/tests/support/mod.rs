//! A real Envoy with the module in it, and servers behind it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// Longer than anything here takes, and shorter than anybody's patience.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The file that an Envoy watches.
const WATCHED: &str = "watched.json";

/// A policy with one origin.
pub(crate) const POLICY: &str = "\
[[grant]]
allow_origins = ['https://app.test']
allow_methods = ['PUT']
max_age = 600
";

/// The versions of Envoy that are supported, the oldest first.
pub(crate) fn versions() -> &'static [String] {
    static VERSIONS: OnceLock<Vec<String>> = OnceLock::new();
    VERSIONS.get_or_init(|| tool(&["--list"]).lines().map(str::to_owned).collect())
}

pub(crate) fn newest() -> &'static str {
    versions().last().unwrap()
}

fn binary(version: &str) -> PathBuf {
    PathBuf::from(tool(&[version]).trim_end())
}

/// Runs `tools/envoy`, which fetches what is not there yet.
fn tool(arguments: &[&str]) -> String {
    let output = Command::new(root().join("tools/envoy")).args(arguments).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tools/envoy {arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A module that was built for the tests.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Module {
    /// The real one.
    Crossing,
    /// The hooks of the real one around a filter that panics when it is asked to.
    Panicking,
}

impl Module {
    /// Puts the module into a directory, under the name that Envoy looks for.
    pub(crate) fn put_into(self, directory: &Scratch) {
        let tests = std::env::current_exe().unwrap();
        let deps = tests.parent().unwrap();
        let built = match self {
            Module::Crossing => deps.join("libcrossing_envoy.so"),
            Module::Panicking => deps.with_file_name("examples").join("libpanicking.so"),
        };
        fs::copy(&built, directory.path("libcrossing.so")).unwrap_or_else(|error| {
            panic!("{}: {error}. Build it: cargo build -p crossing-envoy --examples", built.display())
        });
    }
}

/// A directory of a test's own, gone when the test is over.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Scratch {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("crossing-envoy-{}-{nth}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Puts a file there, whole, as a deployment does.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let (fresh, path) = (self.path("fresh"), self.path(name));
        fs::write(&fresh, text).unwrap();
        fs::rename(&fresh, &path).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A configuration for Envoy: one listener, with the filter before the router.
pub(crate) struct Setup {
    pub(crate) module: Module,
    /// What `filter_config` holds; `None` leaves it out.
    pub(crate) policy: Option<String>,
    /// More filters, in front of ours.
    pub(crate) filters: Vec<Value>,
    pub(crate) routes: Vec<Value>,
    /// What the cluster `up` leads to.
    pub(crate) upstream: SocketAddr,
    pub(crate) workers: usize,
    pub(crate) changing: Changing,
}

/// Which part of a configuration Envoy takes from a file that it watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changing {
    Nothing,
    Listener,
    Routes,
}

impl Setup {
    /// Everything goes to one server.
    pub(crate) fn new(upstream: SocketAddr) -> Setup {
        Setup {
            module: Module::Crossing,
            policy: Some(POLICY.to_owned()),
            filters: Vec::new(),
            routes: vec![json!({ "match": { "prefix": "/" }, "route": { "cluster": "up" } })],
            upstream,
            workers: 1,
            changing: Changing::Nothing,
        }
    }

    fn listener(&self, port: u16, scratch: &Scratch) -> Value {
        let mut ours = json!({
            "@type": api("filters.http.dynamic_modules.v3.DynamicModuleFilter"),
            "dynamic_module_config": { "name": "crossing", "metrics_namespace": "crossing" },
            "filter_name": "crossing",
        });
        if let Some(policy) = &self.policy {
            ours["filter_config"] = string(policy);
        }
        let router = json!({ "@type": api("filters.http.router.v3.Router"), "suppress_envoy_headers": true });
        let mut filters = self.filters.clone();
        filters.push(json!({ "name": "crossing", "typed_config": ours }));
        filters.push(json!({ "name": "envoy.filters.http.router", "typed_config": router }));
        let mut manager = json!({
            "@type": api("filters.network.http_connection_manager.v3.HttpConnectionManager"),
            "stat_prefix": "main",
            "max_request_headers_kb": 96,
            "http_protocol_options": { "allow_custom_methods": true }, // for QUERY
            "http_filters": filters,
        });
        if self.changing == Changing::Routes {
            let source = json!({ "path_config_source": { "path": scratch.path(WATCHED) } });
            manager["rds"] = json!({ "route_config_name": "main", "config_source": source });
        } else {
            manager["route_config"] = self.route_config();
        }
        let chain = json!({
            "filters": [{ "name": "envoy.filters.network.http_connection_manager", "typed_config": manager }],
        });
        json!({ "name": "main", "address": loopback(port), "filter_chains": [chain] })
    }

    fn clusters(&self) -> Value {
        let endpoint = json!({ "endpoint": { "address": loopback(self.upstream.port()) } });
        let up = json!({ "cluster_name": "up", "endpoints": [{ "lb_endpoints": [endpoint] }] });
        json!([
            { "name": "up", "connect_timeout": "5s", "load_assignment": up },
            { "name": "nobody", "connect_timeout": "1s", "load_assignment": { "cluster_name": "nobody" } },
        ])
    }

    fn route_config(&self) -> Value {
        json!({ "name": "main", "virtual_hosts": [{ "name": "all", "domains": ["*"], "routes": self.routes }] })
    }

    /// All that Envoy needs to know, apart from what is in the file that it watches.
    fn bootstrap(&self, scratch: &Scratch) -> Value {
        let mut bootstrap = json!({
            "admin": { "address": loopback(0) },
            "node": { "id": "test", "cluster": "test" },
            "static_resources": { "clusters": self.clusters() },
        });
        if self.changing == Changing::Listener {
            let source = json!({ "path_config_source": { "path": scratch.path(WATCHED) } });
            bootstrap["dynamic_resources"] = json!({ "lds_config": source });
        } else {
            bootstrap["static_resources"]["listeners"] = json!([self.listener(0, scratch)]);
        }
        bootstrap
    }

    /// Writes the file that Envoy watches.
    fn write_watched(&self, port: u16, scratch: &Scratch) {
        let (mut resource, kind) = match self.changing {
            Changing::Nothing => return,
            Changing::Listener => (self.listener(port, scratch), "listener.v3.Listener"),
            Changing::Routes => (self.route_config(), "route.v3.RouteConfiguration"),
        };
        resource["@type"] = json!(format!("type.googleapis.com/envoy.config.{kind}"));
        scratch.write(WATCHED, &json!({ "resources": [resource] }).to_string());
    }
}

fn api(name: &str) -> String {
    format!("type.googleapis.com/envoy.extensions.{name}")
}

fn loopback(port: u16) -> Value {
    json!({ "socket_address": { "address": "127.0.0.1", "port_value": port } })
}

fn string(text: &str) -> Value {
    json!({ "@type": "type.googleapis.com/google.protobuf.StringValue", "value": text })
}

/// A policy for one route: the value of `typed_per_filter_config`.
pub(crate) fn for_route(policy: &str) -> Value {
    json!({ "crossing": {
        "@type": api("filters.http.dynamic_modules.v3.DynamicModuleFilterPerRoute"),
        "dynamic_module_config": { "name": "crossing" },
        "filter_name": "crossing",
        "filter_config": string(policy),
    } })
}

/// A running Envoy.
pub(crate) struct Envoy {
    child: Child,
    scratch: Scratch,
    pub(crate) admin: SocketAddr,
    pub(crate) address: SocketAddr,
}

impl Envoy {
    /// Starts one, and waits until it serves.
    pub(crate) fn start(version: &str, setup: &Setup) -> Envoy {
        let scratch = Scratch::new();
        let mut command = command(version, setup, &scratch);
        let admin_path = scratch.path("admin");
        command.arg("--admin-address-path").arg(&admin_path);
        command.args(["--concurrency", &setup.workers.to_string()]);
        command.stdout(Stdio::null()).stderr(File::create(scratch.path("log")).unwrap());
        let child = command.spawn().unwrap();
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut envoy = Envoy { child, scratch, admin: nowhere, address: nowhere };
        envoy.admin =
            envoy.wait("its admin address", |_| fs::read_to_string(&admin_path).ok()?.trim().parse().ok());
        envoy.address = envoy.wait("its listener", |envoy| {
            let document: Value = serde_json::from_str(&envoy.admin("/listeners?format=json")?).ok()?;
            let address = &document["listener_statuses"][0]["local_address"]["socket_address"];
            let port = u16::try_from(address["port_value"].as_u64()?).ok()?;
            (envoy.admin("/ready")?.trim() == "LIVE").then_some(SocketAddr::from(([127, 0, 0, 1], port)))
        });
        envoy
    }

    /// Changes what Envoy watches.
    pub(crate) fn change(&self, setup: &Setup) {
        setup.write_watched(self.address.port(), &self.scratch);
    }

    /// What Envoy has logged.
    pub(crate) fn log(&self) -> String {
        worth_reading(&fs::read_to_string(self.scratch.path("log")).unwrap())
    }

    /// Waits until something holds.
    pub(crate) fn wait<T>(&mut self, what: &str, mut there: impl FnMut(&Envoy) -> Option<T>) -> T {
        let begin = Instant::now();
        loop {
            if let Some(value) = there(self) {
                return value;
            }
            let ended = self.child.try_wait().unwrap();
            let log = self.log();
            assert!(ended.is_none(), "Envoy has ended, {}:\n{log}", ended.unwrap());
            assert!(begin.elapsed() < PATIENCE, "Envoy does not show {what}:\n{log}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether it still runs.
    pub(crate) fn lives(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What the admin interface answers.
    pub(crate) fn admin(&self, path: &str) -> Option<String> {
        let request = Request::get(path).header("host", "admin").body(Full::default()).unwrap();
        let body = block_on(fetch(self.admin, request)).ok()?.into_body();
        Some(String::from_utf8_lossy(&body).into_owned())
    }

    /// One number of its statistics.
    pub(crate) fn stat(&self, name: &str) -> Option<u64> {
        let stats = self.admin("/stats")?;
        let line = stats.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?;
        line.parse().ok()
    }

    /// Asks, and waits for the whole answer.
    pub(crate) fn ask(&self, request: Request<Full<Bytes>>) -> Response<Bytes> {
        let asked = format!("{request:?}");
        block_on(fetch(self.address, request))
            .unwrap_or_else(|error| panic!("{asked}: {error}\n{}", self.log()))
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(version: &str, setup: &Setup, scratch: &Scratch) -> Command {
    setup.module.put_into(scratch);
    setup.write_watched(free_port(), scratch);
    let config = scratch.write("envoy.json", &setup.bootstrap(scratch).to_string());
    let mut command = bare(version, scratch);
    command.args(["--log-level", "info", "--disable-hot-restart"]);
    command.arg("-c").arg(config);
    command
}

/// Envoy, which finds modules in the directory.
pub(crate) fn bare(version: &str, scratch: &Scratch) -> Command {
    let mut command = Command::new(binary(version));
    command.env("ENVOY_DYNAMIC_MODULES_SEARCH_PATH", &scratch.0);
    command
}

/// A port that nobody has. A listener that changes keeps its socket only while its address stays.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Without what Envoy always says of itself.
fn worth_reading(log: &str) -> String {
    let lines = log.lines().filter(|line| !line.contains("[info][main]"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Lets Envoy check a configuration: whether it is right, and all that it says.
pub(crate) fn validate(version: &str, setup: &Setup) -> (bool, String) {
    let scratch = Scratch::new();
    let output = command(version, setup, &scratch).args(["--mode", "validate"]).output().unwrap();
    let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), worth_reading(&told.concat()))
}

/// Asks over HTTP/1.1, on a connection of its own.
pub(crate) async fn fetch(
    server: SocketAddr,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, Box<dyn std::error::Error + Send + Sync>> {
    let io = TokioIo::new(tokio::time::timeout(PATIENCE, TcpStream::connect(server)).await??);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
    tokio::spawn(connection);
    let (head, body) = tokio::time::timeout(PATIENCE, sender.send_request(request)).await??.into_parts();
    let body = tokio::time::timeout(PATIENCE, body.collect()).await??.to_bytes();
    Ok(Response::from_parts(head, body))
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A server on a thread of its own, for as long as the tests run.
pub(crate) fn serve(
    answer: impl Fn(Request<Bytes>) -> Response<Full<Bytes>> + Clone + Send + Sync + 'static,
) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    thread::spawn(move || {
        block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answer.clone();
                let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
                    let answer = answer.clone();
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await?.to_bytes();
                        Ok::<_, hyper::Error>(answer(Request::from_parts(head, body)))
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
    });
    address
}

/// A server that says hello to everybody.
pub(crate) fn greeter() -> SocketAddr {
    serve(|_| Response::new(Full::from("hello")))
}

/// A request with a header or more.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(path).header("host", "api.test");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::default()).unwrap()
}

/// One header of a response; an empty text if it is not there.
pub(crate) fn field<'r, B>(response: &'r Response<B>, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}
