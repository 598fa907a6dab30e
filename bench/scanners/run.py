#!/usr/bin/env python3
"""`crossing audit` beside other scanners, against servers that are wrong on purpose: run.py CROSSING VENV

VENV is a virtual environment with the scanners:
    python3 -m venv VENV && VENV/bin/pip install cors==1.0.1 overreacher==1.0.2

A scanner has found a class if it reports anything at all of the server that has this fault alone; what it reports of a correct server
is a false finding. The servers are on loopback, at 127.77.0.1:80 (so this is run by root); the scanners reach app.example.com through
it as their proxy, `crossing` by --resolve.
"""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

import servers

ADDRESS = "127.77.0.1"
URL = "http://app.example.com/data"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        path = self.path.replace("http://app.example.com", "", 1) or "/"
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        self.server.asked += 1
        answer = self.server.current(servers.Asked(self.command, path, self.headers))
        self.send_response(answer.status)
        for name, value in answer.lines:
            self.send_header(name, value)
        body = answer.body.encode()
        if answer.status not in (101, 204):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = answer.status == 101

    do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    asked = 0
    current = None

    def handle_error(self, *_):
        """A scanner that hangs up is no error."""


def run(command, **variables):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120,
                          env={**os.environ, "NO_COLOR": "1", **variables})


def document(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def crossing(command, _scratch):
    said = run([command, "audit", URL, "--own", servers.OWN, "--resolve", f"app.example.com:80:{ADDRESS}", "--rate", "5000",
                "--json"]).stdout
    return [finding["code"] for finding in json.loads(said)["findings"]]


def corscanner(command, scratch):
    out = os.path.join(scratch, "corscanner.json")
    run([command, "-u", URL, "-p", f"http://{ADDRESS}", "-o", out])
    found = document(out)
    return list(found) if isinstance(found, dict) else found or []


def overreacher(command, scratch):
    out = os.path.join(scratch, "overreacher.json")
    run([command, "-u", URL, "-p", f"http=http://{ADDRESS}", "-o", out, "--no-color", "-r", "5000"], HOME=scratch)
    return (document(out) or {}).get("scan_res", [])


SCANNERS = {"crossing audit": crossing, "CORScanner 1.0.1": corscanner, "overreacher 1.0.2": overreacher}


def main():
    command, environment = sys.argv[1:3]
    wanted = sys.argv[3:] or [*servers.WRONG, *servers.RIGHT]
    programs = [command] + [os.path.join(environment, "bin", name) for name in ("cors", "overreacher")]
    server = Server((ADDRESS, 80), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found, false, sent = ({name: [] for name in SCANNERS} for _ in range(3))
    for case in wanted:
        server.current = servers.WRONG.get(case) or servers.RIGHT[case]
        for (name, scan), program in zip(SCANNERS.items(), programs):
            server.asked = 0
            with tempfile.TemporaryDirectory() as scratch:
                reported = scan(program, scratch)
            sent[name].append(server.asked)
            right = case in servers.RIGHT
            if right and reported:
                false[name].append(case)
            # Ours must name the class itself.
            if not right and (case in reported if scan is crossing else reported):
                found[name].append(case)
            print(f"{case}: {name}: {server.asked} requests: {str(reported)[:160]}", file=sys.stderr)
    classes = sum(case in servers.WRONG for case in wanted)
    print("| scanner | classes found | false findings on 3 correct servers | requests a server |")
    print("|---|---|---|---|")
    for name in SCANNERS:
        mean = sum(sent[name]) / len(sent[name])
        print(f"| {name} | {len(found[name])} of {classes} | {len(false[name])} | {mean:.0f} |")
    for name in SCANNERS:
        print(f"\n{name}: {', '.join(found[name])}" + (f"; false: {', '.join(false[name])}" if false[name] else ""))


main()
