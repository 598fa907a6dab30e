"""The tests' own server, `wpt serve` of the checkout, on loopback."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HOST = "web-platform.test"
PORTS = {"http": [8000, 8001], "https": [8443, 8444]}
ELSEWHERE = ["ws", "wss", "h2", "http-public", "http-local", "http-private", "https-public", "https-local", "https-private"]


class Server:
    """Runs while the `with` block does; its certificates are new."""

    def __init__(self, checkout, scratch):
        self.checkout, self.scratch = checkout, Path(scratch)
        self.certificates = self.scratch / "certificates"

    def __enter__(self):
        self.certificates.mkdir(parents=True, exist_ok=True)
        config = self.scratch / "config.json"
        ports = PORTS | {kind: [] for kind in ELSEWHERE} | {"ws": [8666], "wss": [8667]}
        ssl = {"type": "openssl", "openssl": {"base_path": str(self.certificates)}}
        config.write_text(json.dumps({"server_host": "127.0.0.1", "check_subdomains": False, "bind_address": True,
                                      "ports": ports, "ssl": ssl}))
        self.log = open(self.scratch / "serve.log", "w")
        self.process = subprocess.Popen(
            [sys.executable, "wpt", "serve", "--no-h2", "--config", str(config)],
            cwd=self.checkout, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        for _ in range(300):
            if self.process.poll() is not None:
                break
            try:
                for port in [port for ports in PORTS.values() for port in ports]:
                    socket.create_connection(("127.0.0.1", port), 5).close()
                self.get("/resources/testharness.js")
                return self
            except OSError:
                time.sleep(0.2)
        self.__exit__()
        sys.exit(f"the tests' server does not start; {self.scratch / 'serve.log'} says why")

    def __exit__(self, *_):
        # With the processes that it has started: they are a group of their own.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)
        self.log.close()

    def get(self, path):
        """What the server gives for a path, with its substitutions made."""
        connection = http.client.HTTPConnection("127.0.0.1", PORTS["http"][0], timeout=30)
        try:
            connection.request("GET", path, headers={"Host": f"{HOST}:{PORTS['http'][0]}"})
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise OSError(f"{path}: {response.status}")
            return body
        finally:
            connection.close()

    @property
    def authority(self):
        return self.certificates / "cacert.pem"


def overrides():
    """The names of the tests, each on loopback; every other name stays unknown."""
    labels = ["", "www.", "www1.", "www2.", "xn--lve-6lad.", "xn--n8j6ds53lwwkrqhv28a.", "www1.www.", "www.www1."]
    hosts = [label + host for label in labels for host in (HOST, "not-" + HOST)]
    return [f"{host}:{port}:127.0.0.1" for host in hosts for ports in PORTS.values() for port in ports]
