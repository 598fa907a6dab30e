#!/usr/bin/env python3
"""What one request costs Envoy, with its own CORS filter, with the module of crates/envoy, and with neither: processor time
of the process, by 32 connections over kept-alive HTTP/1.1 on loopback.

    bench/envoy/run.py [--everybody] [--starts N] [--rounds N] [--seconds N] [--envoy VERSION] [NAME…]

The policy has one origin, so that the module sends `Vary`, which Envoy's own filter never does; with --everybody it has `*`, and
both send the same headers.

Each Envoy has one worker and one core; wrk and the upstream (nginx, 1 KB of body) share another one. They take turns, and the
median of the rounds counts; the ratio is the median of each round's own. All of them are started anew, again and again, so that
what one process happens to get counts for a part only. "When quiet" is the ratio of the fastest quarters: what else the machine
does only ever adds.
Needs wrk, nginx and Python's pip, and `cargo build --release -p crossing-envoy`.
"""
import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "gateway"))
import run as gateway  # noqa: E402: the same load, the same upstream, the same way to measure

UPSTREAM = 18810
EXTENSIONS = "type.googleapis.com/envoy.extensions.filters"
POLICY = """[[grant]]
allow_origins = ["{origin}"]
allow_methods = ["PUT", "DELETE"]
allow_headers = ["content-type"]
max_age = 600
"""


def nanoseconds(pid):
    """Processor time of all threads, finer than the clock ticks of /proc/PID/stat."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total


gateway.ticks, gateway.TICKS = nanoseconds, 1e9


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def config(port, own_filter, per_route):
    """An Envoy that hands everything to the upstream, with one more filter."""
    route = {"match": {"prefix": "/"}, "route": {"cluster": "up"}}
    if per_route:
        route["typed_per_filter_config"] = per_route
    router = {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{EXTENSIONS}.http.router.v3.Router"}}
    manager = {
        "@type": f"{EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "main",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": own_filter + [router],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address(UPSTREAM)}}]}]
    cluster = {"name": "up", "connect_timeout": "5s", "load_assignment": {"cluster_name": "up", "endpoints": endpoints}}
    listener = {"name": "main", "address": address(port), "filter_chains": [chain]}
    return json.dumps({"static_resources": {"listeners": [listener], "clusters": [cluster]}})


def native(port, origin):
    policy = {
        "@type": f"{EXTENSIONS}.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"exact": origin}],
        "allow_methods": "PUT, DELETE",
        "allow_headers": "content-type",
        "max_age": "600",
    }
    cors = {"name": "envoy.filters.http.cors", "typed_config": {"@type": f"{EXTENSIONS}.http.cors.v3.Cors"}}
    return config(port, [cors], {"envoy.filters.http.cors": policy})


def module(port, origin):
    ours = {
        "@type": f"{EXTENSIONS}.http.dynamic_modules.v3.DynamicModuleFilter",
        "dynamic_module_config": {"name": "crossing", "metrics_namespace": "crossing"},
        "filter_name": "crossing",
        "filter_config": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": POLICY.format(origin=origin)},
    }
    return config(port, [{"name": "crossing", "typed_config": ours}], None)


def quiet(costs):
    """The cost below which a quarter of the rounds stay."""
    return sorted(costs)[len(costs) // 4]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--everybody", action="store_const", const="*", default=gateway.ORIGIN, dest="origin")
    parser.add_argument("--starts", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--envoy", default="1.40.0")
    parser.add_argument("names", nargs="*", help="native, module, neither")
    options = parser.parse_args()
    tool = os.path.join(gateway.ROOT, "tools/envoy")
    binary = subprocess.run([tool, options.envoy], capture_output=True, text=True, check=True).stdout.strip()
    built = os.environ.get("MODULE", os.path.join(gateway.ROOT, "target/release/libcrossing_envoy.so"))
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(built, os.path.join(directory, "libcrossing.so"))
        os.environ["ENVOY_DYNAMIC_MODULES_SEARCH_PATH"] = directory
        def envoy(name, text):
            path = gateway.write(directory, f"{name}.json", text)
            return [binary, "-c", path, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
        candidates = {
            "native": (18811, native(18811, options.origin)),
            "module": (18812, module(18812, options.origin)),
            "neither": (18813, config(18813, [], None)),
        }
        chosen = {name: it for name, it in candidates.items() if not options.names or name in options.names}
        body = gateway.UPSTREAM_BODY.replace("{kilobyte}", "x" * 1024).format(port=UPSTREAM)
        upstream = gateway.write(directory, "upstream.conf", gateway.NGINX.format(dir=directory, name="upstream", body=body))
        scripts = {
            "preflight": gateway.write(directory, "preflight.lua", gateway.PREFLIGHT),
            "GET": gateway.write(directory, "get.lua", gateway.GET),
        }
        cases = [(case, name) for case in scripts for name in chosen if (case, name) != ("preflight", "neither")]
        costs = {one: [] for one in cases}
        for _ in range(options.starts):
            running = [gateway.start(["nginx", "-c", upstream], UPSTREAM, 1)]
            try:
                servers = {}
                for name, (port, text) in chosen.items():
                    servers[name] = gateway.start(envoy(name, text), port, 0)
                    running.append(servers[name])
                    if name != "neither":
                        gateway.check(port)
                for nth in range(options.rounds):
                    # There and back, so that nobody always comes after the same one.
                    for case, name in cases if nth % 2 == 0 else reversed(cases):
                        port = candidates[name][0]
                        costs[case, name].append(gateway.measure(servers[name], port, scripts[case], options.seconds, 1))
            finally:
                for process in running:
                    process.send_signal(signal.SIGTERM)
                for process in running:
                    process.wait(10)
    for case, name in cases:
        own, base = costs[case, name], costs.get((case, "native"))
        median = statistics.median(own)
        spread = f"{min(own):.2f} to {max(own):.2f}"
        ratio = ""
        if base:
            ratio = f"{statistics.median(a / b for a, b in zip(own, base)):.3f} x native, {quiet(own) / quiet(base):.3f} when quiet"
        print(f"{case:10} {name:8} {median:7.2f} us  ({spread})  {ratio}")


main()
