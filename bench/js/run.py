#!/usr/bin/env python3
"""What a request costs a script: `crossing run` beside Node, on loopback over kept-alive HTTP/1.1, in one run.

    bench/js/run.py [--rounds N] [--requests N] [--check]

The server is nginx. Each round runs every contender in a process of its own, in turn; processor time is the whole process's, its
start included, and the median of the rounds counts. With --check the exit code says whether the limits hold: a third of Node's
processor time, no slower, 15 ms and 20 MiB to the first line of an empty script. Needs nginx, node and `cargo build --release`.
"""
import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CROSSING = HERE.parents[1] / "target/release/crossing"
NGINX = """
worker_processes 1; daemon off; pid {dir}/nginx.pid; error_log {dir}/nginx.log error;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000;
  server {{ listen 127.0.0.1:{port}; location / {{
    default_type text/plain; add_header Access-Control-Allow-Origin *; return 200 "Hello, world!"; }} }} }}
"""


class Server:
    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory(prefix="crossing-bench-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        config = Path(self.dir.name) / "nginx.conf"
        config.write_text(NGINX.format(dir=self.dir.name, port=self.port))
        self.process = subprocess.Popen(["nginx", "-p", self.dir.name, "-c", config, "-e", f"{self.dir.name}/start.log"])
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        sys.exit("nginx does not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.dir.cleanup()


def measure(command):
    """Seconds of processor, seconds to the first line, seconds to the end, bytes at the most."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    first = time.perf_counter() - began
    rest = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    whole = time.perf_counter() - began
    process.stdout.close()
    process.stderr.close()
    if status != 0:
        sys.exit(f"{command[0]}: {rest.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime, first, whole, usage.ru_maxrss * 1024


def command(name, kind, text, scratch):
    script = scratch / f"{name.replace(' ', '-')}.js"
    script.write_text(text)
    if name.startswith("node"):
        return ["node", script]
    return [CROSSING, "run", "--origin", "http://page.test", script]


def medians(contenders, rounds):
    """Each contender's four numbers, the contenders in turn."""
    seen = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, command in contenders.items():
            seen[name].append(measure(command))
    return {name: [statistics.median(column) for column in zip(*rows)] for name, rows in seen.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--check", action="store_true", help="fail where a limit does not hold")
    options = parser.parse_args()
    for needed in ("nginx", "node"):
        if not shutil.which(needed):
            sys.exit(f"missing: {needed}")
    if not CROSSING.is_file():
        sys.exit(f"missing: {CROSSING}; run cargo build --release")
    broken = []
    with tempfile.TemporaryDirectory(prefix="crossing-bench-") as scratch, Server() as server:
        scratch = Path(scratch)
        for at_once in (1, 32):
            head = f"const COUNT = {options.requests}, AT_ONCE = {at_once}, TARGET = 'http://127.0.0.1:{server.port}/';\n"
            text = {kind: head + (HERE / f"{kind}.js").read_text() for kind in ("xhr", "fetch")}
            names = {"node fetch": "fetch", "crossing xhr": "xhr", "crossing fetch": "fetch"}
            contenders = {name: command(name, kind, text[kind], scratch) for name, kind in names.items()}
            result = medians(contenders, options.rounds)
            print(f"{options.requests} requests, {at_once} at once, median of {options.rounds} rounds")
            node = result["node fetch"]
            for name, (processor, _, whole, most) in result.items():
                each = 1e6 / options.requests
                print(f"  {name:<15}{processor * each:7.1f} us of processor ({processor / node[0]:4.2f} x node)"
                      f"{whole * each:8.1f} us of time ({whole / node[2]:4.2f} x node)  {most / 2**20:6.1f} MiB")
            mine = result["crossing xhr"]
            if mine[0] * 3 > node[0]:
                broken.append(f"{at_once} at once: more than a third of Node's processor time")
            if mine[2] > node[2]:
                broken.append(f"{at_once} at once: slower than Node")
        line = "console.log('ready');\n"
        contenders = {name: command(name, "", line, scratch) for name in ("node", "crossing")}
        result = medians(contenders, 4 * options.rounds + 1)
        print(f"start to the first line, median of {4 * options.rounds + 1} rounds")
        for name, (processor, first, _, most) in result.items():
            print(f"  {name:<15}{first * 1000:7.1f} ms {processor * 1000:9.1f} ms of processor  {most / 2**20:6.1f} MiB")
        if result["crossing"][1] > 0.015:
            broken.append("more than 15 ms to the first line")
        if result["crossing"][3] > 20 * 2**20:
            broken.append("more than 20 MiB")
    for limit in broken:
        print(f"over the limit: {limit}")
    return 1 if broken and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
