"""Chromium, over the pipe of its DevTools protocol: what it says of a request that CORS stopped."""

import json
import os
import subprocess
import tempfile
import time


class Chromium:
    name = "chromium"

    def __init__(self, flags):
        self.profile = tempfile.TemporaryDirectory(prefix="crossing-", ignore_cleanup_errors=True)
        to_it, self.out = os.pipe()
        self.incoming, from_it = os.pipe()

        def place():  # it reads from 3 and writes to 4
            first, second = os.dup(to_it), os.dup(from_it)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe",
             f"--user-data-dir={self.profile.name}", *flags, "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=place)
        os.close(to_it)
        os.close(from_it)
        self.buffer, self.counter, self.events = b"", 0, []
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self.call("Page.enable")
        self.call("Network.enable")

    def message(self, until):
        while b"\0" not in self.buffer:
            import select
            if not select.select([self.incoming], [], [], max(0, until - time.monotonic()))[0]:
                return None
            read = os.read(self.incoming, 1 << 16)
            if not read:
                raise RuntimeError("Chromium has ended")
            self.buffer += read
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, parameters=None, seconds=30):
        self.counter += 1
        call = {"id": self.counter, "method": method, "params": parameters or {}}
        if getattr(self, "session", None):
            call["sessionId"] = self.session
        os.write(self.out, json.dumps(call).encode() + b"\0")
        until = time.monotonic() + seconds
        while (message := self.message(until)) is not None:
            if message.get("id") == self.counter:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)
        raise RuntimeError(f"{method}: no answer in {seconds} s")

    def cause(self, page, url, init, _preferences):
        """The name of the CORS error that stops this fetch; None where the browser names none."""
        self.call("Page.navigate", {"url": page})
        for _ in range(100):
            there = self.call("Runtime.evaluate", {"expression": "document.readyState + location.href"})
            if there["result"]["value"] == "complete" + page:
                break
            time.sleep(0.05)
        self.events.clear()
        script = f"fetch({json.dumps(url)}, {json.dumps(init)}).then(() => 'fetched', error => String(error))"
        told = self.call("Runtime.evaluate", {"expression": script, "awaitPromise": True})["result"]["value"]
        until = time.monotonic() + 0.3
        while (message := self.message(until)) is not None:
            self.events.append(message)
        for event in self.events:
            status = event.get("params", {}).get("corsErrorStatus")
            if event.get("method") == "Network.loadingFailed" and status:
                return status["corsError"]
        return "fetched" if told == "fetched" else None

    def close(self):
        self.process.kill()
        self.process.wait()
        self.profile.cleanup()
