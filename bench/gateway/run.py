#!/usr/bin/env python3
"""What one request costs a gateway: processor time of its process, by 32 connections over kept-alive HTTP/1.1 on loopback.

    bench/gateway/run.py [--rounds N] [--seconds N] [NAME…]

Each server has one thread and one core; wrk and the upstream (nginx, 1 KB of body) share another one. The servers take turns,
and the median of the rounds counts. Needs wrk, nginx, haproxy, caddy, an Envoy (tools/envoy fetches one), `cargo build --release`, and
`cargo build --release --manifest-path bench/Cargo.toml -p crossing-bench-proxy`. Whoever is missing is named, and does not take part.
"""
import argparse
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UPSTREAM = 18800
ORIGIN = "https://app.example.com"
TICKS = os.sysconf("SC_CLK_TCK")

NGINX = """
worker_processes 1; daemon off; pid {dir}/{name}.pid; error_log {dir}/{name}.log error;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000; {body} }}
"""

UPSTREAM_BODY = """server {{ listen 127.0.0.1:{port}; location / {{ default_type text/plain; return 200 "{kilobyte}"; }} }}"""

NGINX_BODY = """
map $http_origin $cors {{ default ""; "{origin}" $http_origin; }}
map "$request_method:$http_access_control_request_method:$cors" $preflight {{ default 0; "~^OPTIONS:.+:https" 1; }}
upstream up {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000000; }}
server {{
  listen 127.0.0.1:{port};
  location / {{
    if ($preflight) {{
      add_header Access-Control-Allow-Origin $cors always;
      add_header Access-Control-Allow-Methods "PUT, DELETE" always;
      add_header Access-Control-Allow-Headers "content-type" always;
      add_header Access-Control-Max-Age 600 always;
      add_header Vary "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" always;
      return 200;
    }}
    add_header Access-Control-Allow-Origin $cors always;
    add_header Vary Origin always;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_pass http://up;
  }}
}}
"""

HAPROXY = """
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend in
  bind 127.0.0.1:{port}
  acl cors req.hdr(origin) -m str {origin}
  acl preflight method OPTIONS
  acl asks req.hdr(access-control-request-method) -m found
  http-request set-var(txn.origin) req.hdr(origin) if cors
  http-request set-header X-Forwarded-For %[src]
  http-request return status 200 hdr Access-Control-Allow-Origin "%[var(txn.origin)]" hdr Access-Control-Allow-Methods "PUT, DELETE" hdr Access-Control-Allow-Headers content-type hdr Access-Control-Max-Age 600 hdr Vary "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" if preflight asks cors
  http-response set-header Access-Control-Allow-Origin %[var(txn.origin)] if {{ var(txn.origin) -m found }}
  http-response set-header Vary Origin
  default_backend up
backend up
  server one 127.0.0.1:{upstream}
"""

CADDY = """
{{
  admin off
  auto_https off
  storage file_system {dir}/caddy
  log {{
    output discard
  }}
  servers {{
    protocols h1
  }}
}}
http://:{port} {{
  bind 127.0.0.1
  @cors header Origin {origin}
  @preflight {{
    method OPTIONS
    header Origin {origin}
    header Access-Control-Request-Method *
  }}
  header Vary Origin
  header @cors Access-Control-Allow-Origin {origin}
  handle @preflight {{
    header Access-Control-Allow-Methods "PUT, DELETE"
    header Access-Control-Allow-Headers content-type
    header Access-Control-Max-Age 600
    header Vary "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    respond 200
  }}
  handle {{
    reverse_proxy 127.0.0.1:{upstream} {{
      transport http {{
        keepalive_idle_conns_per_host 64
        compression off
      }}
    }}
  }}
}}
"""

ENVOY = """
static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              typed_per_filter_config:
                envoy.filters.http.cors:
                  "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy
                  allow_origin_string_match: [{{ exact: "{origin}" }}]
                  allow_methods: "PUT, DELETE"
                  allow_headers: content-type
                  max_age: "600"
              routes:
              - match: {{ prefix: / }}
                route: {{ cluster: up }}
          http_filters:
          - name: envoy.filters.http.cors
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors }}
          - name: envoy.filters.http.router
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }}
  clusters:
  - name: up
    type: STATIC
    circuit_breakers: {{ thresholds: [{{ max_connections: 1024 }}] }}
    load_assignment:
      cluster_name: up
      endpoints: [{{ lb_endpoints: [{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {upstream} }} }} }} }}] }}]
"""

CROSSING = """
listen = "127.0.0.1:{port}"
[[route]]
upstream = "http://127.0.0.1:{upstream}"
[[route.grant]]
allow_origins = ["{origin}"]
allow_methods = ["PUT", "DELETE"]
allow_headers = ["content-type"]
max_age = 600
"""

PREFLIGHT = """
wrk.method = "OPTIONS"
wrk.headers["Origin"] = "%s"
wrk.headers["Access-Control-Request-Method"] = "PUT"
wrk.headers["Access-Control-Request-Headers"] = "content-type"
""" % ORIGIN
GET = 'wrk.headers["Origin"] = "%s"\n' % ORIGIN


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def start(command, port, core):
    """Starts a server on one core, and waits until it listens."""
    process = subprocess.Popen(["taskset", "-c", str(core)] + command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        if process.poll() is not None:
            sys.exit(f"{command[0]} does not start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.02)
    sys.exit(f"{command[0]} does not listen on {port}")


def family(pid):
    """A process and its children."""
    found = [pid]
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        for child in file.read().split():
            found += family(int(child))
    return found


def ticks(pid):
    total = 0
    for one in family(pid):
        with open(f"/proc/{one}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total


def measure(process, port, script, seconds, core):
    before = ticks(process.pid)
    out = subprocess.run(["taskset", "-c", str(core), "wrk", "-t1", "-c32", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}/x"],
                         capture_output=True, text=True, check=True).stdout
    spent = ticks(process.pid) - before
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"port {port}: not every request was answered well:\n{out}")
    requests = int(re.search(r"(\d+) requests in", out)[1])
    return spent / TICKS / requests * 1e6


def envoy_binary():
    """The Envoy that is installed, else the one that tools/envoy fetches."""
    if found := os.environ.get("ENVOY") or shutil.which("envoy"):
        return found
    fetched = subprocess.run([os.path.join(ROOT, "tools/envoy"), "1.40.0"], capture_output=True, text=True, check=False)
    return fetched.stdout.strip() or "envoy"


def check(port):
    """That each server does the same work."""
    def ask(text):
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.sendall(text.encode())
            got = b""
            while piece := client.recv(65536):
                got += piece
        return got.decode().lower()
    head = f"host: a\r\norigin: {ORIGIN}\r\nconnection: close\r\n"
    preflight = ask(f"OPTIONS /x HTTP/1.1\r\n{head}access-control-request-method: PUT\r\naccess-control-request-headers: content-type\r\n\r\n")
    get = ask(f"GET /x HTTP/1.1\r\n{head}\r\n")
    for what, answer in (("preflight", preflight), ("GET", get)):
        shared = any(f"access-control-allow-origin: {named}\r" in answer for named in (ORIGIN, "*"))
        if " 200 " not in answer or not shared:
            sys.exit(f"port {port}: the {what} is not granted:\n{answer[:500]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    binary = os.environ.get("CROSSING", os.path.join(ROOT, "target/release/crossing"))
    plain = os.path.join(ROOT, "bench/target/release/crossing-bench-proxy")
    with tempfile.TemporaryDirectory() as directory:
        values = {"upstream": UPSTREAM, "origin": ORIGIN}
        def nginx(name, body, port):
            return ["nginx", "-c", write(directory, f"{name}.conf", NGINX.format(dir=directory, name=name, body=body.format(port=port, **values)))]
        upstream = nginx("upstream", UPSTREAM_BODY.replace("{kilobyte}", "x" * 1024), UPSTREAM)
        candidates = {
            "nginx": nginx("nginx", NGINX_BODY, 18801),
            "crossing": [binary, "serve", write(directory, "gateway.toml", CROSSING.format(port=18802, **values))],
            "haproxy": ["haproxy", "-f", write(directory, "haproxy.cfg", HAPROXY.format(port=18803, **values))],
            "caddy": ["caddy", "run", "--adapter", "caddyfile", "--config", write(directory, "Caddyfile", CADDY.format(port=18805, dir=directory, **values))],
            "envoy": [envoy_binary(), "--concurrency", "1", "--disable-hot-restart", "--log-level", "error",
                      "-c", write(directory, "envoy.yaml", ENVOY.format(port=18806, **values))],
            "axum": [plain, "18804", str(UPSTREAM), ORIGIN],
        }
        ports = {"nginx": 18801, "crossing": 18802, "haproxy": 18803, "axum": 18804, "caddy": 18805, "envoy": 18806}
        chosen = {name: command for name, command in candidates.items() if not options.names or name in options.names}
        for name in [name for name, command in chosen.items() if not shutil.which(command[0])]:
            print(f"{name} is not installed, and does not take part", file=sys.stderr)
            del chosen[name]
        scripts = {"preflight": write(directory, "preflight.lua", PREFLIGHT), "GET": write(directory, "get.lua", GET)}
        running = [start(upstream, UPSTREAM, 1)]
        try:
            servers = {}
            for name, command in chosen.items():
                servers[name] = start(command, ports[name], 0)
                running.append(servers[name])
                check(ports[name])
            costs = {(name, case): [] for name in servers for case in scripts}
            for _ in range(options.rounds):
                for case, script in scripts.items():
                    for name, process in servers.items():
                        costs[name, case].append(measure(process, ports[name], script, options.seconds, 1))
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait(10)
    for case in scripts:
        base = statistics.median(costs["nginx", case]) if "nginx" in servers else None
        for name in servers:
            median = statistics.median(costs[name, case])
            spread = f"{min(costs[name, case]):.2f} to {max(costs[name, case]):.2f}"
            ratio = f"{median / base:.2f} x nginx" if base else ""
            print(f"{case:10} {name:10} {median:7.2f} us  ({spread})  {ratio}")


if __name__ == "__main__":
    main()
