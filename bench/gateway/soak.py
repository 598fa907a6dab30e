#!/usr/bin/env python3
"""Whether a gateway keeps its memory under mixed load: bench/gateway/soak.py [--minutes N]

Ten minutes, unless told otherwise, of everything at once, on loopback: GETs and preflights (wrk), HTTP/2 (h2load), uploads, clients that
go away in the middle of a response, requests for an upstream that is dead, and the file written anew every second. The gateway's
resident memory is read every five seconds. It must not grow from the second quarter to the last by more than a tenth, and every
request of wrk and h2load must be answered. Needs wrk, h2load, nginx and `cargo build --release`.
"""
import argparse
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ORIGIN = "https://app.example.com"
FILE = """
listen = "127.0.0.1:{port}"
[[route]]
upstream = "http://127.0.0.1:{upstream}"
[[route.grant]]
allow_origins = ["{origin}"]
allow_methods = ["PUT"]
max_age = {age}
[[route]]
path = "/dead"
upstream = "http://127.0.0.1:{dead}"
[[route.grant]]
allow_origins = ["{origin}"]
"""
NGINX = """
worker_processes 1; daemon off; pid {dir}/pid; error_log {dir}/error.log error;
events {{ worker_connections 1024; }}
http {{ access_log off; client_body_temp_path {dir}/body; keepalive_requests 1000000000; client_max_body_size 0;
  server {{ listen 127.0.0.1:{port}; root {dir};
    location / {{ default_type text/plain; return 200 "{kilobyte}"; }}
    location /large {{ }} }} }}
"""


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def listens(port):
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"nobody listens on {port}")


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])


def rude(port, until, counts):
    """Clients that go away, and uploads that end early."""
    head = f"host: a\r\norigin: {ORIGIN}\r\n"
    requests = [f"GET /large HTTP/1.1\r\n{head}\r\n", f"POST / HTTP/1.1\r\n{head}content-length: 1000000\r\n\r\n" + "x" * 5000,
                f"GET /dead HTTP/1.1\r\n{head}\r\n", "GET / HTTP/1.1\r\nhost: a\r\n", "\x00\x01garbage\r\n\r\n"]
    while time.monotonic() < until:
        for request in requests:
            with socket.create_connection(("127.0.0.1", port), 10) as client:
                client.sendall(request.encode())
                if "HTTP/1.1\r\nhost: a\r\n\r\n" not in request and request.endswith("\r\n\r\n"):
                    client.recv(1000)
            counts["rude"] += 1
        time.sleep(0.01)


def polite(command, until, counts, failures):
    """Runs a load generator again and again."""
    while time.monotonic() < until:
        out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        if command[0] == "h2load":
            done, failed, errored = map(int, re.search(r"(\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored", out).groups())
            counts["h2"] += done
            if failed or errored:
                failures.append(out)
        else:
            counts[command[-1][-8:]] += int(re.search(r"(\d+) requests in", out)[1])
            if "Non-2xx" in out or "Socket errors" in out:
                failures.append(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args().minutes
    if not 0 < minutes <= 60:
        sys.exit("at most an hour")
    port, upstream, dead = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as directory:
        def write(name, text):
            path = os.path.join(directory, name)
            with open(path + ".new", "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(path + ".new", path)
            return path
        def gateway_file(age):
            return write("gateway.toml", FILE.format(port=port, upstream=upstream, dead=dead, origin=ORIGIN, age=age))
        write("large", "x" * 20_000_000)
        headers = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in
                          (("Origin", ORIGIN), ("Access-Control-Request-Method", "PUT")))
        preflight = write("preflight.lua", 'wrk.method = "OPTIONS"\n' + headers)
        running = [subprocess.Popen(["nginx", "-c", write("nginx.conf", NGINX.format(dir=directory, port=upstream, kilobyte="x" * 1024))])]
        os.chmod(directory, 0o755)
        listens(upstream)
        binary = os.environ.get("CROSSING", os.path.join(ROOT, "target/release/crossing"))
        log = open(os.path.join(directory, "log"), "w", encoding="utf-8")
        gateway = subprocess.Popen([binary, "serve", gateway_file(600)], stderr=log)
        running.append(gateway)
        try:
            listens(port)
            until = time.monotonic() + minutes * 60
            counts, failures, memory = {"rude": 0, "h2": 0, "get/load": 0, "pre/load": 0}, [], []
            url = f"http://127.0.0.1:{port}"
            loads = [["wrk", "-t1", "-c8", "-d5s", "-H", f"Origin: {ORIGIN}", f"{url}/get/load"],
                     ["wrk", "-t1", "-c8", "-d5s", "-s", preflight, f"{url}/pre/load"],
                     ["h2load", "-n", "2000", "-c", "4", "-m", "8", "-H", f"origin: {ORIGIN}", f"{url}/h2"]]
            threads = [threading.Thread(target=polite, args=(load, until, counts, failures)) for load in loads]
            threads.append(threading.Thread(target=rude, args=(port, until, counts)))
            for thread in threads:
                thread.start()
            reloads = 0
            while time.monotonic() < until:
                for _ in range(5):
                    time.sleep(1)
                    reloads += 1
                    gateway_file(600 + reloads % 7)
                memory.append(resident(gateway.pid))
            for thread in threads:
                thread.join()
            if gateway.poll() is not None:
                sys.exit("the gateway has ended")
        finally:
            for process in reversed(running):
                process.send_signal(signal.SIGTERM)
            codes = [process.wait(60) for process in reversed(running)]
    quarter = max(1, len(memory) // 4)
    second, last = statistics.mean(memory[quarter:2 * quarter] or memory), statistics.mean(memory[-quarter:])
    print(f"{minutes:g} minutes: {counts['get/load']} GETs, {counts['pre/load']} preflights, {counts['h2']} over HTTP/2, "
          f"{counts['rude']} rude clients, {reloads} reloads")
    print(f"resident memory: {second / 1024:.1f} MiB in the second quarter, {last / 1024:.1f} MiB in the last; most {max(memory) / 1024:.1f} MiB")
    for failure in failures[:3]:
        print(failure, file=sys.stderr)
    if failures or last > 1.1 * second or codes[0] != 0:
        sys.exit(f"failed: {len(failures)} runs with lost requests, exit status {codes[0]}")


main()
