#!/usr/bin/env python3
"""What a large policy costs Envoy with the module of crates/envoy: memory by the number of exact origins, and how long a request
waits that comes when the policy file has changed.

    bench/envoy/origins.py [--envoy VERSION] [NUMBER…]

The memory is what Envoy takes beyond a policy of one origin, one worker, after a request has been answered. Needs Python's pip and
`cargo build --release -p crossing-envoy`.
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
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "gateway"))
import run as gateway  # noqa: E402: the same ways to start and to write

PORT = 18820


def policy(number, path):
    """A policy with so many origins of one customer each."""
    origins = "".join(f'  "https://customer-{nth:06}.example.com",\n' for nth in range(number))
    text = f"[[grant]]\nallow_origins = [\n{origins}]\nallow_credentials = true\nallow_methods = [\"PUT\"]\n"
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path + ".new", path)
    return len(text)


def config(path):
    extensions = "type.googleapis.com/envoy.extensions.filters"
    ours = {
        "@type": f"{extensions}.http.dynamic_modules.v3.DynamicModuleFilter",
        "dynamic_module_config": {"name": "crossing", "metrics_namespace": "crossing"},
        "filter_name": "crossing",
        "filter_config": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": f"file:{path}"},
    }
    router = {"@type": f"{extensions}.http.router.v3.Router"}
    routes = [{"match": {"prefix": "/"}, "direct_response": {"status": 200, "body": {"inline_string": "hello"}}}]
    manager = {
        "@type": f"{extensions}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "main",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [{"name": "crossing", "typed_config": ours}, {"name": "router", "typed_config": router}],
    }
    address = {"socket_address": {"address": "127.0.0.1", "port_value": PORT}}
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    return json.dumps({"static_resources": {"listeners": [{"name": "main", "address": address, "filter_chains": [chain]}]}})


def ask(nth):
    """One request of one customer's page, and how long it took."""
    origin = f"https://customer-{nth:06}.example.com"
    began = time.monotonic()
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{PORT}/", headers={"Origin": origin})) as answer:
        shared = answer.headers.get("access-control-allow-origin")
    return shared == origin, time.monotonic() - began


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def measure(binary, number, directory):
    path = os.path.join(directory, "policy.toml")
    size = policy(number, path)
    command = [binary, "-c", gateway.write(directory, "envoy.json", config(path)), "--concurrency", "1", "--disable-hot-restart",
               "--log-level", "error"]
    process = gateway.start(command, PORT, 0)
    try:
        if not ask(number - 1)[0]:
            sys.exit("the last origin is not granted")
        memory = resident(process.pid)
        waits = []
        for nth in range(3):
            policy(number + 1 + nth, path)
            deadline, longest = time.monotonic() + 30, 0
            while True:
                shared, took = ask(number + nth)
                longest = max(longest, took)
                if shared:
                    break
                if time.monotonic() > deadline:
                    sys.exit("the changed policy does not come")
                time.sleep(0.01)
            waits.append(longest)
        return size, memory, statistics.median(waits)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--envoy", default="1.40.0")
    parser.add_argument("numbers", nargs="*", type=int, default=[1, 1000, 10000, 100000])
    options = parser.parse_args()
    tool = os.path.join(gateway.ROOT, "tools/envoy")
    binary = subprocess.run([tool, options.envoy], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as directory:
        built = os.environ.get("MODULE", os.path.join(gateway.ROOT, "target/release/libcrossing_envoy.so"))
        shutil.copy(built, os.path.join(directory, "libcrossing.so"))
        os.environ["ENVOY_DYNAMIC_MODULES_SEARCH_PATH"] = directory
        base = measure(binary, 1, directory)[1]
        print("origins    file       memory     longest wait at a change")
        for number in options.numbers:
            size, memory, wait = measure(binary, number, directory)
            print(f"{number:7}  {size / 1024:7.0f} KiB  {(memory - base) / 1024:6.1f} MiB  {wait * 1000:6.0f} ms")


main()
