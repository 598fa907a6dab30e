//! What a request costs the client: the agent beside bare hyper-util and reqwest, in one run.
//!
//! A server in a process of its own answers on loopback over kept-alive HTTP/1.1. Each client sends the same header
//! lines from 32 tasks on one thread, and reads each body. The thread's time on the processor is what counts.

use std::convert::Infallible;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use crossing::browser::{Client, Request};
use crossing_agent::{Agent, Recording, client};
use http::{HeaderMap, Uri};
use http_body_util::{BodyExt, Empty, Full};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::LocalSet;

const CONCURRENCY: usize = 32;
const ROUNDS: usize = 7;

type Problem = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match std::env::args().nth(1).as_deref() {
        Some("serve") => runtime.block_on(serve()),
        which => {
            let requests = std::env::args().nth(2).map_or(Ok(20_000), |count| count.parse())?;
            LocalSet::new().block_on(&runtime, compare(which, requests))
        }
    }
}

async fn serve() -> Result<(), Problem> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let answer = hyper::service::service_fn(|_| async {
            let response = http::Response::builder()
                .header("access-control-allow-origin", "*")
                .header("content-type", "text/plain")
                .body(Full::new(Bytes::from_static(b"Hello, world!")));
            response.map_err(|_| -> Infallible { unreachable!("the head is well formed") })
        });
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
        tokio::spawn(async move {
            let _ = connection.await;
        });
    }
}

/// Ends the server with the run.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn compare(which: Option<&str>, requests: usize) -> Result<(), Problem> {
    let mut server =
        Server(Command::new(std::env::current_exe()?).arg("serve").stdout(Stdio::piped()).spawn()?);
    let mut address = String::new();
    BufReader::new(server.0.stdout.take().ok_or("no output")?).read_line(&mut address)?;
    let url = format!("http://{}/", address.trim());
    let contenders: [Rc<dyn Contender>; 3] = [
        Rc::new(Bare {
            client: HyperClient::builder(TokioExecutor::new()).build({
                let mut connector = HttpConnector::new();
                connector.set_nodelay(true);
                connector
            }),
            uri: url.parse()?,
            headers: headers_of_the_agent(&url).await?,
        }),
        Rc::new(Reqwest {
            client: reqwest::Client::builder().no_proxy().build()?,
            url: url.parse()?,
            headers: headers_of_the_agent(&url).await?,
        }),
        Rc::new(Crossing {
            agent: Agent::builder().build()?,
            page: client("http://page.test")?,
            request: Request::builder(url.parse()?).build()?,
        }),
    ];
    let mut costs = vec![Vec::new(); contenders.len()];
    for round in 0..=ROUNDS {
        for (contender, costs) in contenders.iter().zip(&mut costs) {
            if which.is_some_and(|which| which != contender.name()) {
                continue;
            }
            let before = processor_time()?;
            run(contender.clone(), requests).await?;
            let cost = (processor_time()? - before) as f64 / requests as f64 / 1000.0;
            // The first round opens the connections.
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    let medians: Vec<Option<f64>> = costs.iter_mut().map(|costs| median(costs)).collect();
    println!("{requests} requests, {CONCURRENCY} at a time, median of {ROUNDS} rounds");
    for (contender, median) in contenders.iter().zip(&medians) {
        let Some(median) = median else { continue };
        let ratio = medians[0].map_or(String::new(), |bare| format!("{:5.2} x bare", median / bare));
        println!("{:<12}{median:7.2} µs of processor time a request   {ratio}", contender.name());
    }
    Ok(())
}

fn median(costs: &mut [f64]) -> Option<f64> {
    costs.sort_by(f64::total_cmp);
    costs.get(costs.len() / 2).copied()
}

async fn run(contender: Rc<dyn Contender>, requests: usize) -> Result<(), Problem> {
    let tasks: Vec<_> = (0..CONCURRENCY)
        .map(|_| {
            let contender = contender.clone();
            tokio::task::spawn_local(async move { contender.ask(requests / CONCURRENCY).await })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// The main thread's time on the processor, in nanoseconds.
fn processor_time() -> Result<u64, Problem> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    Ok(text.split(' ').next().ok_or("no time")?.parse()?)
}

/// What the agent puts on the wire, so that all say the same.
async fn headers_of_the_agent(url: &str) -> Result<HeaderMap, Problem> {
    let agent = Agent::builder().recording(Recording::On).build()?;
    let outcome = agent.fetch(&client("http://page.test")?, Request::builder(url.parse()?).build()?, ()).await;
    let exchange = outcome.exchanges.first().ok_or("nothing was sent")?;
    let lines = exchange.request.headers.iter();
    Ok(lines.filter_map(|(name, value)| Some((name.clone(), value.to_http()?))).collect())
}

trait Contender {
    fn name(&self) -> &'static str;
    fn ask(&self, times: usize) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Problem>> + '_>>;
}

fn is_whole(body: &[u8]) -> Result<(), Problem> {
    if body == b"Hello, world!" { Ok(()) } else { Err("another body".into()) }
}

struct Bare {
    client: HyperClient<HttpConnector, Empty<Bytes>>,
    uri: Uri,
    headers: HeaderMap,
}

impl Contender for Bare {
    fn name(&self) -> &'static str {
        "hyper-util"
    }

    fn ask(&self, times: usize) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Problem>> + '_>> {
        Box::pin(async move {
            for _ in 0..times {
                let mut request = http::Request::new(Empty::new());
                *request.uri_mut() = self.uri.clone();
                *request.headers_mut() = self.headers.clone();
                let response = self.client.request(request).await?;
                is_whole(&response.into_body().collect().await?.to_bytes())?;
            }
            Ok(())
        })
    }
}

struct Reqwest {
    client: reqwest::Client,
    url: reqwest::Url,
    headers: HeaderMap,
}

impl Contender for Reqwest {
    fn name(&self) -> &'static str {
        "reqwest"
    }

    fn ask(&self, times: usize) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Problem>> + '_>> {
        Box::pin(async move {
            for _ in 0..times {
                let request = self.client.get(self.url.clone()).headers(self.headers.clone());
                is_whole(&request.send().await?.bytes().await?)?;
            }
            Ok(())
        })
    }
}

struct Crossing {
    agent: Agent,
    page: Arc<Client>,
    request: Request,
}

impl Contender for Crossing {
    fn name(&self) -> &'static str {
        "crossing"
    }

    fn ask(&self, times: usize) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Problem>> + '_>> {
        Box::pin(async move {
            for _ in 0..times {
                let outcome = self.agent.fetch(&self.page, self.request.clone(), ()).await;
                is_whole(&outcome.result?.body.bytes().await?)?;
            }
            Ok(())
        })
    }
}
